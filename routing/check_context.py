"""What the check of a plan looks things up in, and how it words a fault."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import msgspec

from data.errors import UnknownNameError
from data.forces import CraftClass, CraftState, GroupState
from data.geography import Place, Region
from data.incidents import Incident
from data.plans import Leg, Plan
from data.situation import Situation
from data.text import Text

if TYPE_CHECKING:
    from routing.network.network import Network

FIELD = "field:"
AFLOAT = "at:"


class PlanFault(msgspec.Struct, frozen=True, kw_only=True):
    """One rule a plan breaks: which leg or unit, and what to do, in words."""

    code: str
    leg_id: str | None
    subject_id: str
    text: Text


@dataclass(frozen=True)
class CheckContext:
    """A plan beside the situation, region and networks it must fit."""

    plan: Plan
    situation: Situation
    region: Region
    network: Network

    @cached_property
    def craft(self) -> dict[str, CraftState]:
        """Every craft of the situation by id."""
        return {state.craft.id: state for state in self.situation.craft}

    @cached_property
    def groups(self) -> dict[str, GroupState]:
        """Every group of the situation by id."""
        return {state.group.id: state for state in self.situation.groups}

    @cached_property
    def incidents(self) -> dict[str, Incident]:
        """Every incident the plan answers by id."""
        wanted = set(self.plan.incident_ids)
        return {one.id: one for one in self.situation.incidents if one.id in wanted}

    @cached_property
    def legs_of(self) -> dict[str, list[Leg]]:
        """The legs of each unit in time order."""
        legs: dict[str, list[Leg]] = {}
        for leg in sorted(self.plan.legs, key=lambda leg: (leg.depart_at, leg.arrive_at)):
            for unit in ((leg.craft_id,) if leg.craft_id else ()) + leg.group_ids:
                legs.setdefault(unit, []).append(leg)
        return legs

    @cached_property
    def carries(self) -> list[Leg]:
        """The legs that carry groups on a craft, in time order."""
        return sorted((leg for leg in self.plan.legs if leg.purpose == "carry"), key=lambda leg: leg.depart_at)

    @cached_property
    def calls(self) -> list[Leg]:
        """The legs from an earlier pickup to the next one of the same trip, in time order."""
        return sorted((leg for leg in self.plan.legs if leg.purpose == "call"), key=lambda leg: leg.depart_at)

    @cached_property
    def _timezone(self) -> ZoneInfo:
        return ZoneInfo(self.region.timezone)

    def was_under_way(self, leg: Leg) -> bool:
        """Say whether a leg had departed when the plan was re-planned."""
        revision = self.plan.revision
        return revision is not None and leg.depart_at <= revision.at

    def has_begun(self, leg: Leg) -> bool:
        """Say whether a leg is part of what had begun when the plan was re-planned: it was loading, or its way is done.

        People aboard or ashore by then go on to their incident.
        """
        revision = self.plan.revision
        if revision is None:
            return False
        return (leg.board_at or leg.depart_at) <= revision.at or (leg.purpose == "last_mile" and self._had_boarded(leg))

    def _had_boarded(self, leg: Leg) -> bool:
        return all(
            any(
                other.purpose in ("call", "carry") and other.board_at is not None and self.has_begun(other)
                for other in self.legs_of[group_id]
            )
            for group_id in leg.group_ids
        )

    def as_known(self, leg: Leg) -> CheckContext:
        """Return the plan beside what was known when a leg departed."""
        revision = self.plan.revision
        for n, known in enumerate(revision.known_before if revision is not None else ()):
            if leg.depart_at <= known.until:
                return self._before[n]
        return self

    @cached_property
    def _before(self) -> tuple[CheckContext, ...]:
        revision = self.plan.revision
        situations = [
            msgspec.structs.replace(self.situation, forecast=known.forecast, closures=known.closures)
            for known in (revision.known_before if revision is not None else ())
        ]
        return tuple(CheckContext(self.plan, one, self.region, self.network) for one in situations)

    @cached_property
    def decided_at(self) -> tuple[datetime, ...]:
        """The moments at which legs of the plan were decided: its start and each re-planning."""
        revision = self.plan.revision
        return (self.plan.start_at, *(known.until for known in (revision.known_before if revision else ())))

    def class_of(self, craft_id: str | None) -> CraftClass | None:
        """Return a craft's class, None where the craft or its class is unknown (another rule says so)."""
        state = self.craft.get(craft_id or "")
        return self.region.craft_classes.get(state.craft.class_id) if state else None

    @cached_property
    def _shut_zones(self) -> dict[str, frozenset[str]]:
        return {}

    def zones_shut_to(self, craft_class: CraftClass) -> frozenset[str]:
        """Return the zones a class may not be in at some hour of the plan."""
        if craft_class.id not in self._shut_zones:
            last = max((leg.arrive_at for leg in self.plan.legs), default=self.plan.start_at)
            here = self.situation
            marks = [hour.valid_from for hour in (here.forecast.hours if here.forecast else ())]
            marks += [closure.from_at for closure in here.closures if closure.target_kind == "zone"]
            moments = {self.plan.start_at, last, *(m for m in marks if self.plan.start_at <= m <= last)}
            self._shut_zones[craft_class.id] = frozenset(
                zone_id
                for zone_id in self.region.zones
                for moment in moments
                if self.network.craft_state(craft_class, zone_id, here.forecast, moment, here.closures).status
                == "closed"
            )
        return self._shut_zones[craft_class.id]

    def place(self, site_id: str) -> Place | None:
        """Return the place a leg names: a site, an incident, a field, or where a unit was; None if unknown."""
        bare = site_id.removeprefix(FIELD)
        if incident := self.incidents.get(bare):
            return Place(
                id=site_id,
                kind="field" if site_id.startswith(FIELD) else "incident",
                name=incident.title,
                island_id=incident.island_id,
                lon_deg=incident.lon_deg,
                lat_deg=incident.lat_deg,
            )
        try:
            return self.region.place(site_id)
        except UnknownNameError:
            return self._start_place(site_id)

    def start_site(self, state: CraftState | GroupState) -> str:
        """Return the site id a unit's first leg must start from."""
        unit = state.craft.id if isinstance(state, CraftState) else state.group.id
        return state.site_id or AFLOAT + unit

    def _start_place(self, site_id: str) -> Place | None:
        """Return where a unit stands that is at no site of the region (an earlier incident, under way)."""
        states: list[CraftState | GroupState] = [*self.situation.craft, *self.situation.groups]
        for state in states:
            if self.start_site(state) == site_id:
                unit = state.craft if isinstance(state, CraftState) else state.group
                return Place(
                    id=site_id,
                    kind="field",
                    name=unit.call_sign,
                    island_id=self.network.island_at(state.lon_deg, state.lat_deg) or "",
                    lon_deg=state.lon_deg,
                    lat_deg=state.lat_deg,
                )
        return None

    def minute(self, moment: datetime) -> float:
        """Return minutes after the plan's start."""
        return (moment - self.plan.start_at).total_seconds() / 60.0

    def clock(self, moment: datetime) -> str:
        """Return a moment as the region's local time."""
        return f"{moment.astimezone(self._timezone):%H:%M}"

    def unit_name(self, unit_id: str) -> Text:
        """Return a unit's call sign, or its id where it is unknown."""
        if state := self.craft.get(unit_id):
            return state.craft.call_sign
        if found := self.groups.get(unit_id):
            return found.group.call_sign
        return Text(zh=unit_id, en=unit_id)

    def unit_names(self, unit_ids: Iterable[str]) -> Text:
        """Return several call signs joined."""
        names = [self.unit_name(unit) for unit in unit_ids]
        return Text(zh="、".join(name.zh for name in names), en=", ".join(name.en for name in names))

    def fault(self, code: str, subject_id: str, zh: str, en: str) -> PlanFault:
        """Word a fault that lies in no single leg."""
        return PlanFault(code=code, leg_id=None, subject_id=subject_id, text=Text(zh=zh, en=en))

    def leg_fault(self, code: str, leg: Leg, zh: str, en: str) -> PlanFault:
        """Word a fault of one leg, naming it."""
        who = self.unit_name(leg.craft_id) if leg.craft_id else self.unit_names(leg.group_ids)
        return PlanFault(
            code=code,
            leg_id=leg.id,
            subject_id=leg.craft_id or (leg.group_ids[0] if leg.group_ids else leg.id),
            text=Text(
                zh=f"行程 {leg.id}（{who.zh}，{leg.from_name.zh}→{leg.to_name.zh}）：{zh}",
                en=f"Leg {leg.id} ({who.en}, {leg.from_name.en} to {leg.to_name.en}): {en}",
            ),
        )
