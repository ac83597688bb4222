"""State what is asked when a plan in force must change: the plan, the minute, and what happened."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TypeVar

import numpy as np

from data.errors import worded
from routing.deploy.evaluate import in_sequence
from routing.deploy.faults import find_faults
from routing.deploy.problem import DeployProblem, Direct, Trip
from routing.deploy.problem_input import ODDITIES
from routing.replan.events import (
    CraftLost,
    EchelonAdded,
    EchelonChanged,
    Event,
    ForbidCraft,
    ForbidGroup,
    ForbidPair,
    GroupAt,
    GroupDelayed,
    GroupLost,
    PinGroup,
    PinTrip,
    ReplanFaultError,
    check_event,
)

# Points for each group whose orders change: one weighted minute, so that nobody is redirected for less.
DEFAULT_CHANGE_POINTS = 100

Kind = TypeVar("Kind")


@dataclass(frozen=True)
class ReplanRequest:
    """A plan in force at a minute of its own clock, with the events to answer.

    ``standing`` are events of earlier re-plannings that still hold; trips under way have felt them already.
    ``change_points`` is the price of one group whose craft, pickup or incident is another than in the plan in force.
    ``now`` is the problem with the closures and crossings known by the minute, row for row the same: what begins from
    then on keeps to it, what has begun to ``problem``; None where nothing else is known.
    Raises ReplanFaultError naming what contradicts the problem or the plan, and the remedy.
    """

    problem: DeployProblem
    trips: tuple[Trip, ...]
    directs: tuple[Direct, ...]
    at_min: int
    events: tuple[Event, ...]
    standing: tuple[Event, ...] = ()
    change_points: int = DEFAULT_CHANGE_POINTS
    now: DeployProblem | None = None
    is_rougher: bool = False

    def __post_init__(self) -> None:
        if not 0 <= self.at_min <= self.problem.horizon_min:
            raise worded(
                ReplanFaultError(
                    f"at_min: must lie in 0..{self.problem.horizon_min}, not {self.at_min}; plan anew after that"
                ),
                zh=f"at_min：应在 0 至 {self.problem.horizon_min} 之间，现为 {self.at_min}；此后请重新制定方案。",
            )
        if self.change_points < 0:
            raise worded(
                ReplanFaultError(f"change_points: may not be negative, it is {self.change_points}"),
                zh=f"change_points：不能为负数，现为 {self.change_points}。",
            )
        if faults := find_faults(self.as_it_was, self.trips, self.directs):
            raise worded(
                ReplanFaultError(f"the plan in force breaks its own rules ({len(faults)}): {faults[0]}"),
                zh=f"现行方案本身违反 {len(faults)} 条规则：{faults[0]}",
            )
        for event in self.all_events:
            check_event(self.problem, event)
        self.asked  # noqa: B018  # raises where an echelon asks for what the problem does not know
        self._check_groups_have_not_boarded()
        self._check_pins()

    def _check_groups_have_not_boarded(self) -> None:
        begun = {g: t for t in self.trips if t.begin_min <= self.at_min for g in t.groups}
        arrived = {d.group for d in self.directs if d.arrive_min <= self.at_min}
        for event in self.events:
            if isinstance(event, GroupDelayed | GroupLost | GroupAt) and event.group in begun | dict.fromkeys(arrived):
                raise worded(
                    ReplanFaultError(
                        f"{type(event).__name__}: group {event.group} has boarded or arrived; report its craft lost, "
                        "or the echelon larger by its persons"
                    ),
                    zh=f"{type(event).__name__}：第 {event.group} 组已登船或已到达；请改报船艇失效，或增加所需人数。",
                )

    def _check_pins(self) -> None:
        unusable_craft = {e.craft for e in self.of(CraftLost)} | {e.craft for e in self.of(ForbidCraft)}
        unusable_groups = {e.group for e in self.of(GroupLost)} | {e.group for e in self.of(ForbidGroup)}
        pairs = {(e.group, e.craft) for e in self.of(ForbidPair)}
        for pin in self.of(PinTrip):
            if pin.trip not in self.trips:
                raise worded(
                    ReplanFaultError("PinTrip: the trip is not of the plan in force; name one of its trips as it is"),
                    zh="PinTrip：该航次不在现行方案中；请指明现行方案的航次。",
                )
        wanted = [(e.group, e.craft) for e in self.of(PinGroup)]
        wanted += [(g, e.trip.craft) for e in self.of(PinTrip) if e.trip.begin_min > self.at_min for g in e.trip.groups]
        craft_of = dict(wanted)
        for group, craft in wanted:
            if (
                craft in unusable_craft
                or group in unusable_groups
                or (group, craft) in pairs
                or craft_of[group] != craft
            ):
                raise worded(
                    ReplanFaultError(
                        f"group {group} is pinned to craft {craft}, and one of them is lost, forbidden or pinned "
                        "elsewhere; take the pin or the ban back"
                    ),
                    zh=f"第 {group} 组被指定乘第 {craft} 艇，但其中之一已失效、被禁用或另有指定；请撤回其中一项。",
                )

    def of(self, kind: type[Kind]) -> tuple[Kind, ...]:
        """Return the events of one kind, standing ones first."""
        return tuple(event for event in self.all_events if isinstance(event, kind))

    @cached_property
    def as_it_was(self) -> DeployProblem:
        """The problem the plan in force is judged by: at its quickest and without closures where more is known by now.

        Trips begun under an earlier forecast would break a later one.
        """
        if self.now is None:
            return self.problem
        ways = ("haul_min", "return_min", "position_min", "shift_min", "access_min", "direct_min")
        quickest = {name: np.minimum(getattr(self.problem, name), getattr(self.now, name)) for name in ways}
        for t in self.trips:  # under a calmer forecast between then and now it may have been quicker still
            link = t.craft, t.pickup, t.landing
            took = t.land_min - t.depart_min - int(self.problem.unload_min[t.craft])
            quickest["haul_min"][link] = min(int(quickest["haul_min"][link]), took)
        return replace(
            self.problem, **quickest, closed_hauls={}, closed_positions={}, closed_returns={}, closed_shifts={}
        )

    @cached_property
    def from_now_on(self) -> DeployProblem:
        """The problem that what begins after the minute keeps to, events aside."""
        return self.problem if self.now is None else self.now

    def is_held_up(self, trip: Trip) -> bool:
        """Say whether the sea of now holds up a trip that is at sea."""
        link = trip.craft, trip.pickup, trip.landing
        return self.is_rougher and bool(self.from_now_on.haul_min[link] > self.problem.haul_min[link])

    @cached_property
    def all_events(self) -> tuple[Event, ...]:
        """The standing events, then the new ones."""
        return (*self.standing, *self.events)

    @cached_property
    def asked(self) -> DeployProblem:
        """The problem with its echelons as the events leave them, added ones last.

        What events cut off or make alike is no fault of the problem. Raises ProblemFaultError for an echelon that asks
        for what the problem does not know.
        """
        needs = list(self.problem.echelons)
        for event in self.of(EchelonChanged):
            needs[event.echelon] = replace(needs[event.echelon], persons=event.persons)
        needs += [event.need for event in self.of(EchelonAdded)]
        return replace(self.problem, echelons=tuple(needs), tolerates=ODDITIES)

    @cached_property
    def in_sequence(self) -> tuple[Trip, ...]:
        """The trips in force by craft and time."""
        return tuple(trip for _, trip in in_sequence(self.trips))

    @cached_property
    def lost_craft(self) -> frozenset[int]:
        """Craft that go nowhere any more."""
        return frozenset(e.craft for e in self.of(CraftLost))

    @cached_property
    def idle_craft(self) -> frozenset[int]:
        """Craft that may begin no further trip: lost ones and forbidden ones."""
        return self.lost_craft | {e.craft for e in self.of(ForbidCraft)}

    @cached_property
    def forbidden_pairs(self) -> frozenset[tuple[int, int]]:
        """Groups and the craft they may not ride."""
        return frozenset((e.group, e.craft) for e in self.of(ForbidPair))
