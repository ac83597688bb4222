"""Holding an island until relief: the state of its teams, the tasks, and the plan of who does what until whom.

The JSON form of ``HoldPlan`` is a public format. People are counts: a person is a team and a number within it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from data.geography import Place
from data.local_teams import CrewNeed, LocalTeam, TaskKind
from data.text import Text

HOLD_FORMAT = "tongzhou-hold/1"
CallState = Literal["not_called", "called", "acknowledged", "on_the_way", "on_task", "resting"]
CALL_WORDS: dict[CallState, Text] = {
    "not_called": Text("未呼叫", "not called"),
    "called": Text("已呼叫", "called"),
    "acknowledged": Text("已应答", "acknowledged"),
    "on_the_way": Text("在途", "on the way"),
    "on_task": Text("在岗", "on task"),
    "resting": Text("休息", "resting"),
}
TaskOrigin = Literal["case", "evacuation", "officer"]
HoldStatus = Literal["optimal", "feasible", "nobody", "nothing_to_do"]
WalkMode = Literal["foot", "road", "none"]
EventKind = Literal["arrival", "loss", "new_task"]
# The rule most people fail on first, from the window of the task itself to those who are busy elsewhere.
UnmetCode = Literal["window", "skill", "travel", "shift", "precedence", "busy", "rest"]
ChangeKind = Literal["new_task", "dropped", "served_now", "unserved_now", "retimed", "recrewed"]


class LocalTeamState(msgspec.Struct, frozen=True, kw_only=True):
    """A local team as it is now: how many can be counted on, where, and until when.

    ``people`` are those who can be counted on; ``lost`` have dropped out for good and are not among them.
    ``acknowledged`` are how many of them have answered the call. ``ready_at`` is when they can start to move,
    ``shift_end_at`` when they must be released; ``worked_min`` is the work already done since the last rest.
    """

    team: LocalTeam
    status: CallState
    people: int
    acknowledged: int
    place: Place
    ready_at: datetime
    shift_end_at: datetime
    called_at: datetime | None = None
    worked_min: int = 0
    lost: int = 0
    note: Text | None = None


class HoldTask(msgspec.Struct, frozen=True, kw_only=True):
    """One task on an island: where, when, by whom.

    It starts from ``earliest_at`` to ``latest_at`` and takes ``duration_min``; None lasts until relief. A standing post
    is held by rotation in slots of ``slot_min``, each worth ``value`` on its own; ``slot_min`` None is done in one go.
    ``after`` are ids of tasks that must be done first. ``origin_id`` is the incident or evacuation plan it comes from.
    """

    id: str
    template_id: str | None
    kind: TaskKind
    name: Text
    island_id: str
    place: Place
    earliest_at: datetime
    latest_at: datetime
    duration_min: int | None
    slot_min: int | None
    crew: tuple[CrewNeed, ...]
    after: frozenset[str]
    value: int
    origin: TaskOrigin
    origin_id: str | None
    note: str = ""

    @property
    def people(self) -> int:
        """Return how many people the task takes at a time."""
        return sum(need.people for need in self.crew)


class HoldEvent(msgspec.Struct, frozen=True, kw_only=True):
    """Something that makes an island plan again: people come ashore, people drop out, or a task comes up.

    An arrival names a roster group and the place where it lands; a loss a local team and how many of it.
    """

    at: datetime
    kind: EventKind
    island_id: str
    unit_id: str | None = None
    people: int = 0
    place: Place | None = None
    task: HoldTask | None = None
    reason: Text | None = None


class HoldRow(msgspec.Struct, frozen=True, kw_only=True):
    """One person's piece of the timeline: the way to a task, and the work at it.

    ``ordinal`` counts from 1 within the team; nobody is named. ``slot`` counts from 0 within a standing post.
    ``skill`` is the need this person fills, None where anybody would do.
    """

    team_id: str
    ordinal: int
    task_id: str
    slot: int
    skill: str | None
    from_place: Place
    place: Place
    depart_at: datetime
    arrive_at: datetime
    from_at: datetime
    to_at: datetime
    travel_min: int
    travel_mode: WalkMode
    begun: bool = False


class HoldService(msgspec.Struct, frozen=True, kw_only=True):
    """One task, or one turn of a standing post, as planned: whether it is done, when, and how late.

    ``asked_from`` to ``asked_to`` is the turn's span; for work in one go, its earliest to its latest begin.
    """

    task_id: str
    slot: int
    value: int
    people: int
    asked_from: datetime
    asked_to: datetime
    served: bool
    from_at: datetime | None
    to_at: datetime | None
    late_min: int


class HandOver(msgspec.Struct, frozen=True, kw_only=True):
    """A task still open when relief takes over: who leaves it, who of the relief takes it, and how many are missing."""

    task_id: str
    at: datetime
    from_people: int
    from_team_ids: tuple[str, ...]
    to_unit_ids: tuple[str, ...]
    to_people: int
    needed: int
    short: int
    text: Text


class ReliefLanding(msgspec.Struct, frozen=True, kw_only=True):
    """Relief coming ashore: when, where, which groups, and how many people are ashore in all from then on."""

    at: datetime
    place: Place
    unit_ids: tuple[str, ...]
    people: int
    ashore: int


class HoldUnmet(msgspec.Struct, frozen=True, kw_only=True):
    """A task or slot nobody does: how many people are short, why, and the least change that would help."""

    task_id: str
    slot: int
    code: UnmetCode
    short: int
    skill: str | None
    text: Text
    least_change: Text | None = None


class HoldChange(msgspec.Struct, frozen=True, kw_only=True):
    """What differs from the plan before, for one task."""

    kind: ChangeKind
    task_id: str
    slot: int
    text: Text


class HoldPlan(msgspec.Struct, frozen=True, kw_only=True):
    """Who on an island does what until relief has taken over, checked, with its bound.

    ``value`` is the worth of what is done, ``value_asked`` of all that is asked, ``bound`` the most any plan could
    reach under ``bound_assumes``; ``gap`` = (bound - value) / bound, 0..1. Ten of these points are one of a task's
    value; a short turn of a post has its share of it. ``late_min`` is how late tasks begin after their earliest, on
    average by value. ``relief_at`` is when relief is strong enough to take over, None where none is planned:
    then the plan runs to ``until_at`` all the same.
    """

    format: str = HOLD_FORMAT
    island_id: str
    at: datetime
    until_at: datetime
    relief_at: datetime | None
    status: HoldStatus
    teams: tuple[LocalTeamState, ...]
    tasks: tuple[HoldTask, ...]
    rows: tuple[HoldRow, ...]
    services: tuple[HoldService, ...]
    relief: tuple[ReliefLanding, ...]
    hand_over: tuple[HandOver, ...]
    unmet: tuple[HoldUnmet, ...]
    value: int
    value_asked: int
    bound: float
    gap: float
    bound_assumes: tuple[Text, ...]
    late_min: float
    assumptions: tuple[Text, ...]
    changes: tuple[HoldChange, ...] = ()
    seed: int
    solve_s: float
    situation_hash: str


def read_hold_plan(document: bytes) -> HoldPlan:
    """Decode a hold plan; raises msgspec.ValidationError naming the field and what is wrong."""
    return msgspec.json.decode(document, type=HoldPlan)
