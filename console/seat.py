"""One browser's state: what it looks at, in which language and theme; it never holds facts of the world."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

import param

from console.panels.alternatives import ALTERNATIVES, looked_at
from console.panels.approvals import approval_for
from console.panels.queue import queue_rows
from console.permits import Needed, changes
from console.service import Service
from data.roles import Principal
from data.text import Language, Text

if TYPE_CHECKING:
    from console.presence import Presence
    from console.world import World
    from data.incidents import Incident
    from data.journal.picture import Picture
    from data.journal.shared import SeatSeen
    from data.journal.views import Approval
    from data.plans import Plan

LAYERS = ("legs", "sites", "links", "reach", "rings", "units", "zones", "labels")
SEAT_VIEWS = ("operate", "isolation", "evacuation", "island")
# What a seat finds again after a reload.
REMEMBERED = ("language", "theme", "selected_incident_id", "view", "island_id")


class Seat(param.Parameterized):
    """The view state of one seat; views watch its params and write to the world only by commands.

    ``forbidden`` maps an incident id to the units the officer keeps out of its plans, each with the reason.
    ``draft`` holds what a form was given by the map: a picked point. ``replay_at`` None means now.
    ``principal`` is who sits here; ``actor`` is the name the journal records. ``service`` does what it asks for.
    """

    language: Language = param.Selector(default="zh", objects=["zh", "en"])
    theme = param.Selector(default="dark", objects=["dark", "light"])
    actor: str = param.String(default="seat-1")
    selected_incident_id: str | None = param.String(default=None, allow_None=True)
    selected_unit_id: str | None = param.String(default=None, allow_None=True)
    view = param.Selector(default="operate", objects=list(SEAT_VIEWS), doc="which page fills the middle")
    island_id: str | None = param.String(default=None, allow_None=True)
    alternative = param.Selector(default="balanced", objects=list(ALTERNATIVES))
    replay_at: datetime | None = param.Parameter(default=None)
    layers: dict[str, bool] = param.Dict(default={name: name != "zones" for name in LAYERS})
    forbidden: dict[str, dict[str, Text]] = param.Dict(default={})
    drawer: str = param.String(default="")
    draft: dict[str, Any] = param.Dict(default={})
    picking = param.Boolean(default=False, doc="the next tap on the map gives a place to the open form")
    playing = param.Boolean(default=False, doc="the replayed moment moves on by itself")
    view_locked = param.Boolean(default=False, doc="the user has moved the map; nothing may move it back")
    completion: str = param.String(default="")
    unit_search: str = param.String(default="")
    studies_seen = param.Integer(default=0, doc="counts the news of studies that have come for this seat")
    nearest_seen = param.Integer(default=0, doc="counts the lists of nearest units that have come for this seat")

    def __init__(
        self,
        world: World,
        desk: Any = None,
        principal: Principal | None = None,
        service: Service | None = None,
        **params: Any,
    ) -> None:
        self.principal = principal or Principal(name=params.get("actor", "seat-1"), role="supervisor")
        super().__init__(**{"actor": self.principal.name, **params})
        self.world, self.desk = world, desk
        self.service = service or Service(world, desk)
        self.send: Callable[[dict[str, Any]], None] = lambda message: None
        self.map: Any = None
        self.outlooks: Any = None
        self.scenarios: tuple[Any, ...] = ()
        self.restart: Callable[[str], None] = lambda scenario_id: None
        self.vocabulary: Any = None
        self.has_account = False
        self.seat_id = ""
        self.presence: Presence | None = None
        self._replayed: tuple[Any, Picture] | None = None
        if self.incident is None:
            self.select_worst()

    def select_worst(self) -> None:
        """Look at the first incident of the queue, if there is one: its facts are what a duty officer wants first."""
        worst = next(iter(queue_rows(self.picture)), None)
        self.selected_incident_id = worst.id if worst is not None else None

    @property
    def now(self) -> datetime:
        """The moment the seat shows: the world's clock, or the replayed moment."""
        return self.replay_at or self.world.now

    @property
    def picture(self) -> Picture:
        """The picture the seat shows: the world's, or what was known at the replayed moment."""
        if self.replay_at is None:
            return self.world.picture
        key = (self.replay_at, getattr(self.world, "generation", 0))
        if self._replayed is None or self._replayed[0] != key:
            self._replayed = (key, self.world.picture_at(self.replay_at))
        return self._replayed[1]

    @property
    def can_act(self) -> bool:
        """Whether this seat may give orders: never in a replay."""
        return self.replay_at is None

    @property
    def seats_on(self) -> tuple[SeatSeen, ...]:
        """The seats that are on, at every console; in a replay too, for it is the present that is asked."""
        return self.presence.seats if self.presence is not None else ()

    def may(self, needed: Needed) -> bool:
        """Tell whether whoever sits here may give a command of this type, or ask this query, now."""
        return self.bar(needed) is None

    def bar(self, needed: Needed) -> Text | None:
        """Return why whoever sits here may not now, in words: the role, or a store that takes nothing; else None."""
        barred = self.service.bar(self.principal, needed)
        health = self.world.health
        if barred is None and changes(needed) and not health.may_try:
            return health.standing
        return barred

    @property
    def incident(self) -> Incident | None:
        """The selected incident, if the picture still holds it."""
        return self.picture.incidents.get(self.selected_incident_id or "")

    @property
    def job(self) -> Any:
        """The planning job of the selected incident; one that was answered by an acceptance is over."""
        if self.desk is None or self.selected_incident_id is None or not self.can_act:
            return None
        job, accepted = self.desk.job(self.selected_incident_id), self.accepted_plan
        if job is None or accepted is None or self.picture.accepted_at[accepted.id] < job.started_at:
            return job
        return None

    @property
    def accepted_plan(self) -> Plan | None:
        """The plan in force for the selected incident."""
        return self.picture.plan_for(self.selected_incident_id) if self.selected_incident_id else None

    @property
    def approval(self) -> Approval | None:
        """What waits for a second person to send to the selected incident."""
        return approval_for(self.picture, self.selected_incident_id, self.now)

    @property
    def shown_plan(self) -> Plan | None:
        """The plan on the map and in the dock: what waits for approval, the chosen alternative, or the one in force."""
        if (approval := self.approval) is not None:
            return approval.plan
        job = self.job
        chosen = job.alternatives.get(looked_at(job, self.alternative)) if job is not None else None
        return chosen or self.accepted_plan

    def say(self, text: Text, *, kind: str = "info", undo_id: str | None = None, undo_s: float = 0.0) -> None:
        """Show a line at this seat for a few seconds: info, done or refused; with undo where there is one."""
        words = text.said(self.language)
        self.send({"type": "toast", "text": words, "kind": kind, "undo": undo_id, "undo_s": undo_s})

    def memory(self) -> dict[str, str | None]:
        """Return what the seat should find again after a reload."""
        return {name: getattr(self, name) for name in REMEMBERED}
