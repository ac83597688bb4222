"""A solved evacuation as a plan people can read: trips with ways and berths, calls, queues, piers, what remains."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from importlib.metadata import version

import msgspec

from data.evacuation import (
    BerthSpan,
    Boarding,
    EvacuationGroup,
    EvacuationPlan,
    EvacuationTrip,
    MusterPoint,
    PierUse,
    Remaining,
    Step,
)
from data.evacuation_ask import AskedGroup
from data.forces import KNOT_MPS
from data.geography import Place
from data.text import Text
from routing.evacuate.problem import NO_LIMIT, EvacuationSolution, Trip
from routing.evacuate.queue import Portion, call_people, queue_steps, running
from routing.evacuate.situation import Compiled, muster_place
from routing.handling import EARLY_SHARE, LATE_SHARE
from routing.network.conditions import Shut


class Assembly:
    """One solution of one compiled question, put into words and moments."""

    def __init__(self, compiled: Compiled, solution: EvacuationSolution) -> None:
        self.compiled, self.solution = compiled, solution
        self.problem, self.at = compiled.problem, compiled.situation.at
        self.portions = call_people(self.problem, solution.trips, compiled.walk_min)

    def moment(self, minute: float) -> datetime:
        """Return the moment of a minute of the plan."""
        return self.at + timedelta(minutes=minute)

    def plan(self) -> EvacuationPlan:
        """Return the plan; baselines, bottlenecks and posts are added by ``evacuate.py``."""
        found, compiled, timing = self.solution, self.compiled, self.solution.timing
        trips = tuple(self._trip(n, trip) for n, trip in enumerate(found.trips))
        unserved = sum(group.persons for group, _ in compiled.unserved)
        ashore = self.problem.total - timing.remaining
        remaining = timing.remaining + unserved
        last = max((trip.depart_at for trip in trips), default=None)
        complete = self.moment(timing.complete_min) if trips and not remaining else None
        status = "partial" if remaining and trips else ("none" if remaining or not trips else found.status)
        piers = (*self._pick_ups(), *self._drops())
        margin = self._margin_min()
        island = compiled.asked.ask.island_id
        early, late = self._spread_min()
        return EvacuationPlan(
            id=f"evacuation-{island}-{self.at:%Y%m%dT%H%M}",
            island_ids=(island,),
            at=self.at,
            status=status,
            persons=self.problem.total + unserved,
            ashore=ashore,
            complete_at=complete,
            complete_min=timing.complete_min if complete is not None else None,
            last_departure_at=last,
            margin_min=margin,
            waiting_person_min=timing.waiting_person_min,
            bound_at=self.moment(found.bound_min) if complete is not None else None,
            bound_min=found.bound_min,
            gap=found.gap,
            bound_relaxes=found.relaxes,
            solve_s=round(found.seconds, 2),
            seed=found.seed,
            trips=trips,
            groups=self._groups(),
            musters=self._musters(),
            piers=piers,
            berths=tuple(self._berths(trips)),
            to_board=self._steps(
                [
                    (0, self.problem.total),
                    *_falling(self.problem.total, ((p.board_min, p.persons) for p in self.portions)),
                ]
            ),
            ashore_over_time=self._steps(
                [(0, 0), *running(_sums((trip.unload_to_min, trip.persons) for trip in found.trips))]
            ),
            baselines=(),
            bottlenecks=(),
            unmet=self._unmet(),
            posts=(),
            assumptions=tuple(dict.fromkeys(compiled.assumptions)),
            version=version("tongzhou"),
            early_at=self.moment(timing.complete_min - early) if complete is not None else None,
            least_remaining=found.least_remaining + unserved,
            late_at=self.moment(timing.complete_min + late) if complete is not None else None,
        )

    def _steps(self, pairs: Iterable[tuple[int, int]]) -> tuple[Step, ...]:
        return tuple(Step(at=self.moment(minute), persons=persons) for minute, persons in pairs)

    def _trip(self, n: int, trip: Trip) -> EvacuationTrip:
        compiled = self.compiled
        state, kind = compiled.craft[trip.vessel], compiled.classes[trip.vessel]
        dock, drop = compiled.docks[trip.dock], compiled.drops[trip.drop]
        lane = compiled.travel.book.lane(dock.place, drop)
        sailing_s = 60.0 * max(1, trip.arrive_min - trip.depart_min)
        calls: dict[int, list[Portion]] = defaultdict(list)
        for portion in self.portions:
            if portion.trip == n:
                calls[portion.group].append(portion)
        return EvacuationTrip(
            id=f"trip-{n + 1}",
            craft_id=state.craft.id,
            craft_name=state.craft.call_sign,
            craft_class=kind.id,
            from_pier=dock.place.id,
            from_name=dock.place.name,
            from_berth=dock.names[trip.dock_berth or 0],
            to_pier=drop.id,
            to_name=drop.name,
            to_berth=None if trip.drop_berth is None else f"{trip.drop_berth + 1}",
            leave_at=self.moment(trip.leave_min),
            load_from=self.moment(trip.load_from_min),
            load_to=self.moment(trip.load_to_min),
            depart_at=self.moment(trip.depart_min),
            arrive_at=self.moment(trip.arrive_min),
            unload_from=self.moment(trip.unload_from_min),
            unload_to=self.moment(trip.unload_to_min),
            persons=trip.persons,
            seats=int(self.problem.seats[trip.vessel]),
            boardings=tuple(
                Boarding(
                    group_id=compiled.groups[group].id,
                    persons=sum(one.persons for one in some),
                    call_at=self.moment(min(one.call_min for one in some)),
                )
                for group, some in calls.items()
            ),
            length_m=None if lane is None else round(lane.length_m),
            speed_kn=None if lane is None else round(lane.length_m / sailing_s / KNOT_MPS, 1),
            path=() if lane is None else lane.path,
        )

    def _groups(self) -> tuple[EvacuationGroup, ...]:
        found = []
        trips = self.solution.trips
        for g, group in enumerate(self.compiled.groups):
            own = [one for one in self.portions if one.group == g]
            rides = [n for n, trip in enumerate(trips) if any(load.group == g for load in trip.loads)]
            taken = sum(one.persons for one in own)
            left = group.persons - taken
            place = self.compiled.pick_ups[int(self.problem.location[g])]
            found.append(
                self._group(
                    group,
                    place,
                    self.compiled.walk_min[g],
                    left,
                    tuple(f"trip-{n + 1}" for n in rides),
                    min((one.call_min for one in own), default=None),
                    max((trips[n].load_to_min for n in rides), default=None),
                    max((trips[n].unload_to_min for n in rides), default=None),
                )
            )
        found += [
            self._group(group, None, 0, group.persons, (), None, None, None) for group, _ in self.compiled.unserved
        ]
        found.sort(key=lambda one: (one.called_at is None, one.called_at or self.at, one.order))
        return tuple(_numbered(found))

    def _group(
        self,
        group: AskedGroup,
        place: Place | None,
        walk_min: int,
        left: int,
        trip_ids: tuple[str, ...],
        called: int | None,
        aboard: int | None,
        ashore: int | None,
    ) -> EvacuationGroup:
        return EvacuationGroup(
            id=group.id,
            name=group.name,
            order=0,
            priority=group.priority,
            persons=group.persons,
            together=group.together,
            muster_id=group.muster_id,
            pier_id=place.id if place is not None else None,
            walk_min=walk_min,
            called_at=None if called is None else self.moment(called),
            aboard_at=None if aboard is None or left else self.moment(aboard),
            ashore_at=None if ashore is None or left else self.moment(ashore),
            trip_ids=trip_ids,
            remaining=left,
        )

    def _musters(self) -> tuple[MusterPoint, ...]:
        found = []
        for muster in self.compiled.asked.ask.musters:
            own = [g for g, group in enumerate(self.compiled.groups) if group.muster_id == muster.id]
            persons = sum(self.compiled.groups[g].persons for g in own)
            stuck = sum(group.persons for group, _ in self.compiled.unserved if group.muster_id == muster.id)
            calls = [(one.call_min, one.persons) for one in self.portions if one.group in own]
            place = self.compiled.pick_ups[int(self.problem.location[own[0]])] if own else None
            here = muster_place(muster, self.compiled.asked.ask.island_id)
            found.append(
                MusterPoint(
                    id=muster.id,
                    name=muster.name,
                    lon_deg=muster.lon_deg,
                    lat_deg=muster.lat_deg,
                    capacity=muster.capacity,
                    persons=persons + stuck,
                    peak=persons + stuck,
                    walk_min=self.compiled.walk_min[own[0]] if own else 0,
                    pier_id=place.id if place is not None else None,
                    waiting=self._steps([(0, persons + stuck), *_falling(persons + stuck, calls)]),
                    walk_path=((here.lon_deg, here.lat_deg), (place.lon_deg, place.lat_deg)) if place else (),
                )
            )
        return tuple(found)

    def _pick_ups(self) -> Iterable[PierUse]:
        for n, place in enumerate(self.compiled.pick_ups):
            own = [one for one in self.portions if self.problem.location[one.group] == n]
            steps = [(0, 0), *queue_steps(own)]
            limit = int(self.problem.queue_capacity[n])
            yield self._pier(place, "pick_up", limit, sum(one.persons for one in own), steps)
        piers = [
            one for one in self.compiled.region.piers.values() if one.island_id == self.compiled.asked.ask.island_id
        ]
        for pier in piers:
            if all(pier.id != place.id for place in self.compiled.pick_ups):
                yield self._pier(self.compiled.region.place(pier.id), "pick_up", NO_LIMIT, 0, [(0, 0)])

    def _drops(self) -> Iterable[PierUse]:
        for n, place in enumerate(self.compiled.drops):
            landed = [(trip.unload_to_min, trip.persons) for trip in self.solution.trips if trip.drop == n]
            steps = [(0, 0), *running(_sums(landed))]
            limit = int(self.problem.drop_capacity[n])
            yield self._pier(place, "drop", limit, sum(persons for _, persons in landed), steps)

    def _pier(self, place: Place, role: str, limit: int, persons: int, steps: list[tuple[int, int]]) -> PierUse:
        """Return a pier's use; it counts as open where any class of the plan, or of the craft there are, may berth."""
        state, closes, opens = self._standing(place)
        return PierUse(
            pier_id=place.id,
            name=place.name,
            role="drop" if role == "drop" else "pick_up",
            lon_deg=place.lon_deg,
            lat_deg=place.lat_deg,
            open=state is None,
            closed_text=state,
            closes_at=closes,
            opens_at=opens,
            capacity=None if limit >= NO_LIMIT else limit,
            persons=persons,
            peak=max(count for _, count in steps),
            steps=self._steps(steps),
        )

    def _standing(self, place: Place) -> tuple[Text | None, datetime | None, datetime | None]:
        """Return why a pier is shut to every class now (None: open to one), when it closes, when it opens."""
        now = self.compiled.travel.network.conditions(
            self.compiled.situation.forecast, self.compiled.situation.closures
        )
        used = {self.compiled.classes[trip.vessel].id for trip in self.solution.trips}
        boats = [one for one in self.compiled.region.craft_classes.values() if one.mode == "sea" and one.seats]
        classes = list({kind.id: kind for kind in self.compiled.classes}.values()) or boats
        classes = [one for one in classes if one.id in used] or classes
        pier = self.compiled.region.piers[place.id]
        by_class: list[list[Shut]] = [now.pier_shuts(pier, kind) for kind in classes]
        holding = [[shut for shut in shuts if shut.holds(self.at)] for shuts in by_class]
        if not by_class:
            return None, None, None
        if all(holding):
            never = datetime.max.replace(tzinfo=self.at.tzinfo)
            lasting = [max(some, key=lambda shut: shut.lifts_at or never) for some in holding]
            first = min(lasting, key=lambda shut: shut.lifts_at or never)
            return first.breach.text, None, first.lifts_at
        closes = [
            min((shut.from_at for shut in shuts if shut.from_at is not None and shut.from_at > self.at), default=None)
            for shuts, some in zip(by_class, holding, strict=True)
            if not some
        ]
        known = [one for one in closes if one is not None]
        return None, max(known) if known and len(known) == len(closes) else None, None

    def _margin_min(self) -> int | None:
        """Return the least minutes from a trip's loading to its berth's closing; None where none closes."""
        margins = []
        for trip in self.solution.trips:
            for start, _ in self.problem.closed_docks.get((trip.vessel, trip.dock), ()):
                if start >= trip.load_to_min:
                    margins.append(start - trip.load_to_min)
                    break
        return min(margins, default=None)

    def _spread_min(self) -> tuple[float, float]:
        """Return how much earlier or later the end may be by the crossing that ends last."""
        last = max(self.solution.trips, key=lambda trip: trip.unload_to_min, default=None)
        sailing = 0 if last is None else last.arrive_min - last.depart_min
        return round(sailing * EARLY_SHARE["sea"]), round(sailing * LATE_SHARE["sea"])

    def _berths(self, trips: Sequence[EvacuationTrip]) -> Iterable[BerthSpan]:
        for trip in trips:
            for pier, berth, start, end in (
                (trip.from_pier, trip.from_berth, trip.load_from, trip.load_to),
                (trip.to_pier, trip.to_berth, trip.unload_from, trip.unload_to),
            ):
                if berth is not None:
                    yield BerthSpan(
                        pier_id=pier, berth=berth, craft_id=trip.craft_id, trip_id=trip.id, from_at=start, to_at=end
                    )

    def _unmet(self) -> tuple[Remaining, ...]:
        found = [Remaining(group_id=group.id, persons=group.persons, text=why) for group, why in self.compiled.unserved]
        hours = self.problem.horizon_min // 60
        for g, group in enumerate(self.compiled.groups):
            left = group.persons - sum(one.persons for one in self.portions if one.group == g)
            if left:
                found.append(
                    Remaining(
                        group_id=group.id,
                        persons=left,
                        text=Text(
                            f"{group.name.zh}剩 {left} 人：{hours} 小时内船位或开放时段不足",
                            f"{group.name.en}: {left} remain, too few seats while piers are open within {hours} h",
                        ),
                    )
                )
        for muster in self.compiled.asked.ask.musters:
            persons = sum(
                one.persons
                for one in (*self.compiled.groups, *(group for group, _ in self.compiled.unserved))
                if one.muster_id == muster.id
            )
            if muster.capacity is not None and persons > muster.capacity:
                over = persons - muster.capacity
                found.append(
                    Remaining(
                        group_id=None,
                        persons=over,
                        text=Text(
                            f"{muster.name.zh}容 {muster.capacity} 人，超出 {over} 人无遮蔽",
                            f"{muster.name.en} shelters {muster.capacity}: {over} wait without shelter",
                        ),
                    )
                )
        return tuple(found)


def _sums(pairs: Iterable[tuple[int, int]]) -> dict[int, int]:
    found: dict[int, int] = defaultdict(int)
    for minute, persons in pairs:
        found[minute] += persons
    return found


def _falling(total: int, pairs: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return a number that falls by what leaves at each minute."""
    return running({minute: -persons for minute, persons in _sums(pairs).items()}, total)


def _numbered(groups: list[EvacuationGroup]) -> Iterable[EvacuationGroup]:
    for n, group in enumerate(groups, start=1):
        yield msgspec.structs.replace(group, order=n)
