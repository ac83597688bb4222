"""Hold everything a re-planning decides on: what stays, what is left open, and the whole the result is scored by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from data.errors import worded
from routing.deploy.books import Ride, home_ride
from routing.deploy.draft import Candidate
from routing.deploy.evaluate import Stop, home_way_min, score, stops_of
from routing.deploy.problem import DeployProblem, Direct, IntArray, Score, Spans, Trip
from routing.replan.apart import Apart, set_apart
from routing.replan.berths import HeldBerths, rides_out, time_answer
from routing.replan.events import PierClosed, PinGroup, PinTrip, ReplanFaultError
from routing.replan.moment import at_the_moment, coming, settle
from routing.replan.pins import pinned_stops
from routing.replan.request import ReplanRequest
from routing.replan.under_way import UnderWay, find_under_way
from routing.replan.world_ahead import world_ahead

Stops = tuple[tuple[Stop, ...], ...]


@dataclass(frozen=True)
class Draft:
    """One answer: the trips and drives begun after the minute, pins among them, and the points of the whole plan.

    ``total`` counts only what is still open: it differs from the whole plan's by what has been spent already.
    """

    stops: Stops
    trips: tuple[Trip, ...]
    directs: tuple[Direct, ...]
    total: int


@dataclass(frozen=True)
class Ahead:
    """The problem left at a request's minute.

    ``left`` is the problem with everything free that has not begun; ``open`` the same with the pinned trips settled.
    """

    request: ReplanRequest
    under_way: UnderWay
    world: DeployProblem
    left: DeployProblem
    pinned: tuple[Trip, ...]
    open: DeployProblem
    held: HeldBerths

    @classmethod
    def of(cls, request: ReplanRequest) -> Ahead:
        """Build it; raises ReplanFaultError where a pin cannot be kept."""
        under_way = find_under_way(request)
        world = world_ahead(request, under_way)
        left = at_the_moment(request, under_way, world)
        rides = rides_out(request.problem, under_way.trips, under_way.directs)
        held = HeldBerths(left, under_way.trips, request.of(PierClosed), rides)
        pinned: tuple[Trip, ...] = ()
        if any(isinstance(event, PinTrip | PinGroup) for event in request.all_events):
            pinned = pinned_stops(request, under_way, left, held)
        ahead = cls(request, under_way, world, left, pinned, settle(left, pinned, ()), held.with_trips(pinned))
        if not ahead.held.with_rides(ahead._rides_of_the_away((), ())).vehicles_suffice():
            raise worded(
                ReplanFaultError(
                    "the station of a pinned group has no vehicle free to take it elsewhere; take the pin back"
                ),
                zh="被指定的警组改道时其驻地无车可用；请撤回该指定。",
            )
        return ahead

    @cached_property
    def coming(self) -> tuple[Direct, ...]:
        """The arrivals of what has begun or is pinned, as drives of the open problem."""
        problem = self.request.problem
        trips = (*self.under_way.trips, *self.pinned)
        return tuple(Direct(g, i, minute) for g, i, minute in coming(problem, trips, self.under_way.directs))

    @cached_property
    def settled_groups(self) -> frozenset[int]:
        """Groups about whom nothing is left to decide."""
        return frozenset(d.group for d in self.coming)

    def draft(self, stops: Sequence[Sequence[Stop]], directs: Sequence[Direct]) -> Draft | None:
        """Time and score an answer at the berths that are left; None where a link is missing.

        Drives of settled groups are left out of ``directs``: they come in any case.
        """
        roads = tuple((d.group, d.incident) for d in directs if d.group not in self.settled_groups)
        held = self.held.with_rides(self._rides_of_the_away(stops, roads))
        timed = time_answer(self.open, stops, roads, held) if held.vehicles_suffice() else None
        if timed is None:
            return None
        trips, own = timed
        found = score(self.open, trips, (*own, *self.coming))
        return Draft(tuple(tuple(row) for row in stops), trips, own, found.total)

    def _rides_of_the_away(
        self, stops: Sequence[Sequence[Stop]], roads: Sequence[tuple[int, int]]
    ) -> tuple[tuple[Ride, int], ...]:
        """Return the vehicles that groups away from home have with them, and those they take once more."""
        was = self.request.problem
        if not was.has_pools or not self.away:
            return ()
        found: dict[tuple[int, int], Ride | None] = {}
        for trip in self.request.trips:
            for g in trip.groups:
                if g in self.away:
                    p = trip.pickup_of(g)
                    found[g, self._set_out(g, p)] = home_ride(was, g, int(was.access_min[g, p]))
        boards = [(g, stop.pickup) for row in stops for stop in row for g in stop.groups]
        boards += [(g, trip.pickup_of(g)) for trip in self.pinned for g in trip.groups]
        for g, p in boards:
            if g in self.away:
                found[g, self._set_out(g, p)] = home_ride(was, g, int(was.access_min[g, p]))
        for g, i in roads:
            if g in self.away:
                ride = home_ride(was, g, int(was.direct_min[g, i]))
                found[g, int(self.left.direct_min[g, i]) - (0 if ride is None else ride.there_min)] = ride
        return tuple((ride, start) for (_, start), ride in found.items() if ride is not None)

    @cached_property
    def _planned(self) -> dict[tuple[int, int], int]:
        """When groups of the plan in force leave for the pickup they were to board at."""
        return {
            (g, t.pickup_of(g)): minute
            for t in self.request.trips
            for g, minute in zip(t.groups, t.set_out_min, strict=False)
        }

    def _set_out(self, group: int, pickup: int) -> int:
        """Return when a group away from home could have left it to be at a pickup as late as it is."""
        if (planned := self._planned.get((group, pickup))) is not None:
            return planned
        was = self.request.problem
        return int(self.left.access_min[group, pickup]) - home_way_min(was, group, int(was.access_min[group, pickup]))

    @cached_property
    def apart(self) -> Apart:
        """The open problem for solvers, which know no banned pairs."""
        pairs = self.request.forbidden_pairs
        return set_apart(self.open, pairs) if pairs else Apart(self.open, tuple(range(self.open.num_pickups)))

    def drafted(self, trips: Sequence[Trip], directs: Sequence[Direct]) -> Draft | None:
        """Return a solver's answer timed anew at the berths that are left."""
        return self.draft(stops_of(self.open, self.apart.of_one_pier(trips)), directs)

    def as_a_start(self, draft: Draft) -> Candidate:
        """Return an answer as a plan of the problem for solvers, to start from."""
        problem = self.apart.problem
        trips, directs = self.apart.at_own_piers(draft.trips), (*draft.directs, *self.coming)
        return score(problem, trips, directs), trips, directs

    def whole_plan(self, draft: Draft) -> tuple[tuple[Trip, ...], tuple[Direct, ...]]:
        """Return what has begun and what an answer adds, as one plan."""
        new = (self._from_home(t) for t in (*self.pinned, *draft.trips))
        trips = sorted((*self.under_way.trips, *new), key=lambda t: (t.craft, t.begin_min))
        drives = (self._drive_from_home(d) for d in draft.directs)
        directs = sorted((*self.under_way.directs, *drives), key=lambda d: d.group)
        return tuple(trips), tuple(directs)

    @cached_property
    def away(self) -> frozenset[int]:
        """Groups away from home, whose ways are counted from the plan's start in the problem left."""
        was, now = self.world, self.left
        moved = (was.access_min != now.access_min).any(axis=1) | (was.direct_min != now.direct_min).any(axis=1)
        return frozenset(np.flatnonzero(moved).tolist()) - self.under_way.groups

    def _from_home(self, trip: Trip) -> Trip:
        """Return a new trip with the minute at which groups away from home could have set out to be there as late."""
        was = self.request.problem
        if was.has_pools and not trip.set_out_min:  # none is scarce among what is left
            start = tuple(int(self.left.ready_min[g]) for g in trip.groups)
            trip = replace(trip, set_out_min=start, onward_min=(trip.land_min,) * len(trip.groups))
        set_out = [
            self._set_out(g, trip.pickup_of(g)) if g in self.away else minute
            for g, minute in zip(trip.groups, trip.set_out_min, strict=False)
        ]
        return replace(trip, set_out_min=tuple(set_out))

    def _drive_from_home(self, direct: Direct) -> Direct:
        was = self.request.problem
        if was.has_pools and direct.set_out_min is None:
            direct = replace(direct, set_out_min=int(self.left.ready_min[direct.group]))
        if direct.set_out_min is None or direct.group not in self.away:
            return direct
        way_min = home_way_min(was, direct.group, int(was.direct_min[direct.group, direct.incident]))
        return replace(direct, set_out_min=direct.arrive_min - way_min)

    def directs_in_whole_problem(self, directs: Sequence[Direct]) -> tuple[Direct, ...]:
        """Return the drives of a whole plan with those of groups away from home counted from the plan's start."""
        return tuple(replace(d, set_out_min=0) if d.set_out_min and d.group in self.away else d for d in directs)

    @cached_property
    def whole_problem(self) -> DeployProblem:
        """The problem that the whole plan is one of, so that the reference evaluator and every rule speak of it.

        A craft with trips under way is two craft here: one that makes those trips in the world as it was, and one
        that is free at its last landing in the world as it is now.
        """
        was, now, split = self.request.as_it_was, self.left, self.split_craft

        def stacked(name: str) -> IntArray:
            return np.concatenate([getattr(now, name), getattr(was, name)[list(split)]])

        def closed(name: str) -> dict[Any, Spans]:
            rows = {c: now.num_craft + n for n, c in enumerate(split)}
            past = {(rows[k[0]], *k[1:]): v for k, v in getattr(was, name).items() if k[0] in rows}
            return {**getattr(now, name), **past}

        groups = sorted(self.under_way.groups)

        def grouped(name: str) -> IntArray:
            rows = np.array(getattr(now, name))
            rows[groups] = getattr(was, name)[groups]
            return rows

        return replace(
            now,
            seats=stacked("seats"),
            craft_slots=stacked("craft_slots"),
            craft_ready_min=stacked("craft_ready_min"),
            load_min=stacked("load_min"),
            unload_min=stacked("unload_min"),
            position_min=stacked("position_min"),
            haul_min=stacked("haul_min"),
            return_min=stacked("return_min"),
            shift_min=stacked("shift_min"),
            closed_hauls=closed("closed_hauls"),
            closed_positions=closed("closed_positions"),
            closed_returns=closed("closed_returns"),
            closed_shifts=closed("closed_shifts"),
            ready_min=grouped("ready_min"),
            access_min=grouped("access_min"),
            direct_min=grouped("direct_min"),
            pool_home=grouped("pool_home"),
            station=self.world.station,
            counts_for_cover=was.counts_for_cover,
        )

    @cached_property
    def split_craft(self) -> tuple[int, ...]:
        """Craft with trips under way or landed."""
        return tuple(sorted({t.craft for t in self.under_way.trips}))

    def in_whole_problem(self, trips: Sequence[Trip]) -> tuple[Trip, ...]:
        """Return the trips of a whole plan with those under way made by their second craft."""
        row = {c: self.request.problem.num_craft + n for n, c in enumerate(self.split_craft)}
        begun = set(self.under_way.trips)
        return tuple(replace(t, craft=row[t.craft]) if t in begun else self._from_start(t) for t in trips)

    def _from_start(self, trip: Trip) -> Trip:
        out = zip(trip.groups, trip.set_out_min, strict=False)
        return replace(trip, set_out_min=tuple(0 if g in self.away else minute for g, minute in out))

    def score(self, trips: Sequence[Trip], directs: Sequence[Direct]) -> Score:
        """Return the points of a whole plan by the reference evaluator."""
        return score(self.whole_problem, self.in_whole_problem(trips), self.directs_in_whole_problem(directs))

    @cached_property
    def spent(self) -> int:
        """The points of the whole plan that no answer changes: craft-minutes and cover of what stays."""
        nothing = score(self.open, (), self.coming).total
        trips, directs = self.whole_plan(Draft((), (), (), nothing))
        return self.score(trips, directs).total - nothing
