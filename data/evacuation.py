"""An evacuation plan: who is called when, which craft takes how many from where to where, the queues, bound and gap.

The JSON form of ``EvacuationPlan`` is what ``tongzhou evacuate --json`` writes.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from data.holding import HoldTask
from data.text import Text

EVACUATION_FORMAT = "tongzhou-evacuation/1"
EvacuationPriority = Literal["injured", "children", "elderly", "others"]
# Who boards first; the order is the triage of maritime evacuation: the injured, then who cannot help themselves.
PRIORITIES_IN_ORDER: tuple[EvacuationPriority, ...] = ("injured", "children", "elderly", "others")
EvacuationStatus = Literal["optimal", "feasible", "partial", "none"]
BaselineKind = Literal["nearest_first", "wait_for_pier"]


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """A count of persons that holds from ``at`` until the next step."""

    at: datetime
    persons: int


class Boarding(msgspec.Struct, frozen=True, kw_only=True):
    """So many persons of one group on one trip, and when they are called to walk to the pier."""

    group_id: str
    persons: int
    call_at: datetime


class EvacuationTrip(msgspec.Struct, frozen=True, kw_only=True):
    """One crossing with people: alongside and loading, under way, alongside and unloading.

    ``from_berth`` and ``to_berth`` name the berth at either end; None where berths are not limited. ``path`` is lon,
    lat of the crossing with people aboard; empty for a problem without geography. ``leave_at`` is when the craft left
    for this pick-up.
    """

    id: str
    craft_id: str
    craft_name: Text
    craft_class: str | None
    from_pier: str
    from_name: Text
    from_berth: str | None
    to_pier: str
    to_name: Text
    to_berth: str | None
    leave_at: datetime
    load_from: datetime
    load_to: datetime
    depart_at: datetime
    arrive_at: datetime
    unload_from: datetime
    unload_to: datetime
    persons: int
    seats: int
    boardings: tuple[Boarding, ...]
    length_m: float | None = None
    speed_kn: float | None = None
    path: tuple[tuple[float, float], ...] = ()


class EvacuationGroup(msgspec.Struct, frozen=True, kw_only=True):
    """A group in boarding order: how many, when called, which trips take it, when it is ashore.

    ``order`` is its place in the boarding order, from 1. ``together`` groups ride on one trip. ``remaining`` are those
    no trip takes. ``ashore_at`` is when its last person is ashore, None while some remain.
    """

    id: str
    name: Text
    order: int
    priority: EvacuationPriority
    persons: int
    together: bool
    muster_id: str | None
    pier_id: str | None
    walk_min: int
    called_at: datetime | None
    aboard_at: datetime | None
    ashore_at: datetime | None
    trip_ids: tuple[str, ...]
    remaining: int


class MusterPoint(msgspec.Struct, frozen=True, kw_only=True):
    """Where people gather before they are called; ``waiting`` is how many are there over time.

    ``capacity`` is how many it shelters, None where nobody has said. ``walk_path`` is lon, lat to the pick-up pier.
    """

    id: str
    name: Text
    lon_deg: float | None
    lat_deg: float | None
    capacity: int | None
    persons: int
    peak: int
    walk_min: int
    pier_id: str | None
    waiting: tuple[Step, ...]
    walk_path: tuple[tuple[float, float], ...] = ()


class PierUse(msgspec.Struct, frozen=True, kw_only=True):
    """A pick-up or drop over the evacuation: its queue or people received, its limit, and whether it is open.

    For a pick-up ``steps`` is the queue standing at the pier and ``capacity`` its limit; for a drop, people received
    and how many it can take. ``closed_text`` says why it is shut, and until when, where it is.
    """

    pier_id: str
    name: Text
    role: Literal["pick_up", "drop"]
    lon_deg: float | None
    lat_deg: float | None
    open: bool
    closed_text: Text | None
    closes_at: datetime | None
    opens_at: datetime | None
    capacity: int | None
    persons: int
    peak: int
    steps: tuple[Step, ...]


class BerthSpan(msgspec.Struct, frozen=True, kw_only=True):
    """One craft alongside one berth."""

    pier_id: str
    berth: str
    craft_id: str
    trip_id: str
    from_at: datetime
    to_at: datetime


class Bottleneck(msgspec.Struct, frozen=True, kw_only=True):
    """What holds the evacuation back, measured by solving it again without: ``gain_min`` earlier with one more.

    ``busy_share`` is how much of the loading span a berth was taken, 0..1; None where the bottleneck is no berth.
    """

    kind: Literal["berth", "craft", "walk", "window", "seats"]
    pier_id: str | None
    berth: str | None
    busy_share: float | None
    gain_min: int | None
    text: Text


class EvacuationBaseline(msgspec.Struct, frozen=True, kw_only=True):
    """What another way of doing it reaches: all ashore at ``complete_at`` (None: never within the horizon).

    ``persons_today`` are those ashore before midnight where the island is, ``persons`` those ashore at all.
    """

    kind: BaselineKind
    name: Text
    complete_at: datetime | None
    later_min: int | None
    persons: int
    persons_today: int
    text: Text


class Remaining(msgspec.Struct, frozen=True, kw_only=True):
    """How many the plan leaves behind and why: never a silent guess."""

    group_id: str | None
    persons: int
    text: Text


class EvacuationScenario(msgspec.Struct, frozen=True, kw_only=True):
    """How one plan fares under one forecast; ``broken`` says which trips cannot go there, in words."""

    id: str
    name: Text
    probability: float | None
    holds: bool
    complete_at: datetime | None
    ashore: int
    remaining: int
    broken: tuple[Text, ...]
    bound_at: datetime | None = None


class ActTonight(msgspec.Struct, frozen=True, kw_only=True):
    """The value of acting before the forecast is certain: expected people left and completion for each way.

    ``wait_and_see`` starts only when the forecast is certain; ``act_tonight`` starts now and adapts then;
    ``here_and_now`` starts now and never adapts; ``perfect`` knows the forecast already, the bound of them all.
    """

    decide_at: datetime
    known_at: datetime
    wait_and_see_remaining: float
    act_tonight_remaining: float
    here_and_now_remaining: float
    perfect_remaining: float
    wait_and_see_min: float
    act_tonight_min: float
    here_and_now_min: float
    perfect_min: float
    first_trip_ids: tuple[str, ...]
    text: Text


class RobustEvacuation(msgspec.Struct, frozen=True, kw_only=True):
    """One plan under several forecasts: worst and expected completion and people left, the worth of acting tonight."""

    scenarios: tuple[EvacuationScenario, ...]
    worst_complete_at: datetime | None
    expected_complete_min: float
    worst_remaining: int
    expected_remaining: float
    bound_text: Text
    tonight: ActTonight | None


class EvacuationPlan(msgspec.Struct, frozen=True, kw_only=True):
    """A checked plan that takes people off one or more islands, with its bound.

    ``complete_at`` is when the last person of the plan is ashore, ``last_departure_at`` when the last leaves the
    island; ``margin_min`` is from there to the closing of the pick-up pier. ``bound_at`` is the earliest anybody could
    have all ashore, ``gap`` = (completion - bound) / completion with both in minutes from ``at``.
    ``waiting_person_min`` sums over all persons the minutes from ``at`` until their craft has loaded. ``status`` is
    "optimal" only if the gap is proven to be nil and "partial" if somebody remains: then the gap is that of the
    people left, against ``least_remaining``, the fewest any plan could leave behind.
    """

    format: str = EVACUATION_FORMAT
    id: str
    island_ids: tuple[str, ...]
    at: datetime
    status: EvacuationStatus
    persons: int
    ashore: int
    complete_at: datetime | None
    complete_min: int | None
    last_departure_at: datetime | None
    margin_min: int | None
    waiting_person_min: int
    bound_at: datetime | None
    bound_min: float
    gap: float
    bound_relaxes: tuple[Text, ...]
    solve_s: float
    seed: int
    trips: tuple[EvacuationTrip, ...]
    groups: tuple[EvacuationGroup, ...]
    musters: tuple[MusterPoint, ...]
    piers: tuple[PierUse, ...]
    berths: tuple[BerthSpan, ...]
    to_board: tuple[Step, ...]
    ashore_over_time: tuple[Step, ...]
    baselines: tuple[EvacuationBaseline, ...]
    bottlenecks: tuple[Bottleneck, ...]
    unmet: tuple[Remaining, ...]
    posts: tuple[HoldTask, ...]
    assumptions: tuple[Text, ...]
    version: str
    early_at: datetime | None = None
    late_at: datetime | None = None
    least_remaining: int = 0
    robust: RobustEvacuation | None = None
