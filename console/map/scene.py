"""What the layers draw from: one frozen view of the picture, the plan and the seat at one moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from console.i18n import say
from console.map.focus import Focus
from console.map.mercator import Viewport
from console.map.states import LinkStates
from data.forces import Symbol
from data.geography import Region
from data.incidents import Incident
from data.plans import Leg, Plan
from data.text import Language, Text

STALE_AFTER_S = 300.0  # ten intervals of AIS class B (30 s, ITU-R M.1371); units at a site send no fixes
Lines = list[tuple[list[float], list[float]]]
MOVING = frozenset({"en_route", "returning"})


@dataclass(frozen=True)
class Reach:
    """Reach contours to draw, lines in EPSG:3857 by minutes, and the incident they are for."""

    incident_id: str
    contours: Mapping[int, Lines]


@dataclass(frozen=True)
class RingLines:
    """The edges of what is reached in so many minutes from a unit or incident, lines in EPSG:3857 by minutes."""

    subject_id: str
    edges: Mapping[int, Lines]


@dataclass(frozen=True)
class Scene:
    """Everything a layer may look at.

    ``tokens`` are the colours of ``theme`` by name without dashes. ``plan`` is the alternative on show,
    ``accepted`` the plans under way. ``focus`` is what the page wants besides, None for the whole picture. ``shown``
    are the ids of the layers switched on.
    """

    region: Region
    picture: Any
    now: datetime
    language: Language
    tokens: Mapping[str, str]
    viewport: Viewport
    theme: str
    states: LinkStates
    plan: Plan | None = None
    accepted: tuple[Plan, ...] = ()
    lanes: tuple[Any, ...] = ()
    reach: Reach | None = None
    rings: RingLines | None = None
    selected_incident_id: str | None = None
    selected_unit_id: str | None = None
    focus: Focus | None = None
    shown: frozenset[str] = field(default_factory=frozenset)

    @property
    def is_board(self) -> bool:
        """Whether nothing but the order of the islands is drawn."""
        return self.focus is not None and self.focus.view == "isolation"

    def say(self, key: str, **values: Any) -> str:
        """Return one of the map's phrases in the scene's language."""
        return say(f"map.{key}", self.language, **values)

    def words(self, text: Text) -> str:
        """Return a bilingual phrase in the scene's language."""
        return text.said(self.language)

    def clock(self, moment: datetime) -> str:
        """Return a moment as local hours and minutes."""
        return moment.astimezone(ZoneInfo(self.region.timezone)).strftime("%H:%M")

    def age(self, moment: datetime) -> str:
        """Return how long ago a moment was, in its largest whole unit."""
        seconds = max(0, int((self.now - moment).total_seconds()))
        if seconds < 120:
            return self.say("seconds", n=seconds)
        if seconds < 7200:
            return self.say("minutes", n=seconds // 60)
        return self.say("hours", n=seconds // 3600)

    def selected_incident(self) -> Incident | None:
        """Return the selected incident if the picture still holds it."""
        found: Incident | None = self.picture.incidents.get(self.selected_incident_id)
        return found

    def plan_unit_ids(self) -> frozenset[str]:
        """Return the craft and groups of the plan on show."""
        if self.plan is None:
            return frozenset()
        craft = {leg.craft_id for leg in self.plan.legs if leg.craft_id}
        return frozenset(craft | {group for leg in self.plan.legs for group in leg.group_ids})

    def plan_site_ids(self) -> frozenset[str]:
        """Return the piers, pads and stations the plan on show uses."""
        if self.plan is None:
            return frozenset()
        return frozenset({leg.from_site for leg in self.plan.legs} | {leg.to_site for leg in self.plan.legs})

    def leg_symbol(self, leg: Leg) -> Symbol:
        """Return the symbol of what makes a leg."""
        if leg.craft_class and (found := self.region.craft_classes.get(leg.craft_class)):
            return found.symbol
        return "helicopter" if leg.mode == "air" else "patrol_boat" if leg.mode == "sea" else "vehicle"


def form_of(unit: Any, now: datetime) -> str:
    """Return the drawn form of a unit: its status word, or ``stale`` for a moving unit's old fix."""
    if unit.site_id is None and unit.status in MOVING and (now - unit.fix_at).total_seconds() > STALE_AFTER_S:
        return "stale"
    return str(unit.status)
