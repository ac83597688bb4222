"""Judge an evacuation without a solver: every rule anew from the matrices, and what the plan reaches.

Shares no code with the search; a plan is shown only if nothing is found here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise

from data.text import Text
from routing.evacuate.problem import NO_LIMIT, UNREACHABLE, EvacuationProblem, EvacuationTiming, Spans, Trip


def check_evacuation(
    problem: EvacuationProblem, trips: Sequence[Trip], timing: EvacuationTiming, bound_min: float = 0.0
) -> tuple[Text, ...]:
    """Return every fault of a plan in words, none where it is sound and reaches what it says."""
    faults: list[Text] = []
    for n, trip in enumerate(trips):
        faults += _trip_faults(problem, n, trip)
    if not all(_is_known(problem, trip) for trip in trips):
        return tuple(faults)
    faults += _sequence_faults(problem, trips)
    faults += _berth_faults(problem, trips)
    faults += _people_faults(problem, trips)
    faults += _order_faults(problem, trips)
    faults += _total_faults(problem, trips, timing, bound_min)
    return tuple(faults)


def _trip_faults(problem: EvacuationProblem, n: int, trip: Trip) -> Iterator[Text]:
    """A trip is possible for its vessel, takes the minutes it must, and lies and sails only while that is open."""
    v, p, q = trip.vessel, trip.dock, trip.drop
    if not _is_known(problem, trip):
        yield _fault(n, "没有这样的船或泊位点", "no such vessel, dock or drop")
        return
    haul = int(problem.haul_min[v, p, q])
    if haul >= UNREACHABLE:
        yield _fault(n, f"船 {v} 不能从 {p} 到 {q}", f"vessel {v} does not suit dock {p} and drop {q}")
        return
    persons = sum(load.persons for load in trip.loads)
    if persons > problem.seats[v]:
        yield _fault(n, f"{persons} 人超过 {problem.seats[v]} 座", f"{persons} aboard, {problem.seats[v]} seats")
    if persons <= 0:
        yield _fault(n, "无人上船", "nobody aboard")
    load = int(problem.load_min[v]) + (int(problem.load_s[v]) * persons + 59) // 60
    unload = int(problem.unload_min[v]) + (int(problem.unload_s[v]) * persons + 59) // 60
    for zh, en, took, least in (
        ("装载", "loading", trip.load_to_min - trip.load_from_min, load),
        ("卸客", "unloading", trip.unload_to_min - trip.unload_from_min, unload),
        ("航行", "the crossing", trip.arrive_min - trip.depart_min, haul),
    ):
        if took < least:
            yield _fault(n, f"{zh}只用 {took} 分钟，须 {least}", f"{en} takes {took} min, needs {least}")
    if trip.depart_min < trip.load_to_min or trip.unload_from_min < trip.arrive_min:
        yield _fault(n, "时刻先后颠倒", "departs before it has loaded, or unloads before it arrives")
    for zh, en, waits in (
        ("装载后候航", "before departing", trip.depart_min - trip.load_to_min),
        ("靠泊前候泊", "off the drop", trip.unload_from_min - trip.arrive_min),
    ):
        if waits > problem.patience_min:
            yield _fault(n, f"{zh} {waits} 分钟，过久", f"people wait aboard {waits} min {en}")
    for zh, en, spans, start, end in (
        ("上客点", "dock", problem.closed_docks.get((v, p), ()), trip.load_from_min, trip.load_to_min),
        ("下客点", "drop", problem.closed_drops.get((v, q), ()), trip.unload_from_min, trip.unload_to_min),
        ("航段", "crossing", problem.closed_hauls.get((v, p, q), ()), trip.depart_min, trip.depart_min + 1),
    ):
        if span := _meets(spans, start, max(end, start + 1)):
            yield _fault(n, f"{zh}在 {span} 分钟封闭", f"the {en} is closed in minutes {span}")
    if trip.unload_to_min > problem.horizon_min:
        yield _fault(n, "超出时限", f"ends after the horizon of {problem.horizon_min} min")


def _is_known(problem: EvacuationProblem, trip: Trip) -> bool:
    sizes = (problem.num_vessels, problem.num_docks, problem.num_drops)
    return all(0 <= at < size for at, size in zip((trip.vessel, trip.dock, trip.drop), sizes, strict=True))


def _sequence_faults(problem: EvacuationProblem, trips: Sequence[Trip]) -> Iterator[Text]:
    """A vessel makes one trip at a time and has the way between them."""
    own: dict[int, list[tuple[int, Trip]]] = defaultdict(list)
    for n, trip in enumerate(trips):
        own[trip.vessel].append((n, trip))
    for v, some in own.items():
        some.sort(key=lambda one: one[1].load_from_min)
        n, first = some[0]
        yield from _leg_fault(
            n, first, int(problem.start_min[v]), int(problem.first_min[v, first.dock]),
            problem.closed_firsts.get((v, first.dock), ()),
        )  # fmt: skip
        for (_, before), (n, after) in pairwise(some):
            yield from _leg_fault(
                n, after, before.unload_to_min, int(problem.return_min[v, before.drop, after.dock]),
                problem.closed_returns.get((v, before.drop, after.dock), ()),
            )  # fmt: skip


def _leg_fault(n: int, trip: Trip, free_min: int, leg_min: int, closed: Spans) -> Iterator[Text]:
    if trip.leave_min < free_min:
        yield _fault(n, "船尚未空出就离开", f"leaves at {trip.leave_min}, free at {free_min} only")
    if leg_min >= UNREACHABLE or trip.leave_min + leg_min > trip.load_from_min:
        yield _fault(n, "来不及到达上客点", f"cannot be at the dock by {trip.load_from_min}")
    if span := _meets(closed, trip.leave_min, trip.leave_min + 1):
        yield _fault(n, f"离开时航段封闭 {span}", f"leaves while its way is closed in minutes {span}")


def _berth_faults(problem: EvacuationProblem, trips: Sequence[Trip]) -> Iterator[Text]:
    """No berth holds two craft at a time, and no dock has more craft than berths."""
    lying: dict[tuple[str, int, int], list[tuple[int, int, int]]] = defaultdict(list)
    for n, trip in enumerate(trips):
        for kind, at, berth, berths, start, end in (
            ("dock", trip.dock, trip.dock_berth, problem.dock_berths, trip.load_from_min, trip.load_to_min),
            ("drop", trip.drop, trip.drop_berth, problem.drop_berths, trip.unload_from_min, trip.unload_to_min),
        ):
            if berths[at] >= NO_LIMIT:
                continue
            if berth is None or not 0 <= berth < berths[at]:
                yield _fault(n, f"没有泊位 {berth}", f"there is no berth {berth} at {kind} {at}")
            else:
                lying[kind, at, berth].append((start, end, n))
    for (kind, at, berth), some in lying.items():
        some.sort()
        for (_, end, _), (start, _, n) in pairwise(some):
            if start < end:
                yield _fault(n, f"泊位 {berth} 被占用", f"berth {berth} of {kind} {at} is taken until {end}")


def _people_faults(problem: EvacuationProblem, trips: Sequence[Trip]) -> Iterator[Text]:
    """People board where they are, once they are there, no more than there are, groups whole, shelters not over."""
    taken: dict[int, int] = defaultdict(int)
    trips_of: dict[int, set[int]] = defaultdict(set)
    landed: dict[int, int] = defaultdict(int)
    for n, trip in enumerate(trips):
        for load in trip.loads:
            if not 0 <= load.group < problem.num_groups or load.persons <= 0:
                yield _fault(n, "没有这样的人群", f"no such group {load.group}")
                continue
            if problem.location[load.group] != problem.dock_location[trip.dock]:
                yield _fault(n, f"人群 {load.group} 不在此处", f"group {load.group} is not at that pick-up")
            if problem.ready_min[load.group] > trip.load_from_min:
                yield _fault(
                    n, f"人群 {load.group} 尚未到达",
                    f"group {load.group} is there at {problem.ready_min[load.group]} only",
                )  # fmt: skip
            taken[load.group] += load.persons
            trips_of[load.group].add(n)
            landed[trip.drop] += load.persons
    for g, persons in taken.items():
        if persons > problem.persons[g]:
            yield Text(
                f"人群 {g} 运走 {persons} 人，多于 {problem.persons[g]}", f"group {g}: {persons} taken, too many"
            )
        if problem.together[g] and (len(trips_of[g]) > 1 or persons != problem.persons[g]):
            yield Text(f"人群 {g} 须同行却被分开", f"group {g} stays together but is split")
    for q, persons in landed.items():
        if persons > problem.drop_capacity[q]:
            yield Text(
                f"下客点 {q} 收容 {persons} 人，超过上限", f"drop {q} receives {persons}, more than it can shelter"
            )


def _order_faults(problem: EvacuationProblem, trips: Sequence[Trip]) -> Iterator[Text]:
    """Nobody boards while somebody of an earlier class who stood there and fitted is left on the pier."""
    left = {g: int(problem.persons[g]) for g in range(problem.num_groups)}
    for n, trip in sorted(enumerate(trips), key=lambda one: (one[1].load_from_min, one[0])):
        for load in trip.loads:
            left[load.group] = left.get(load.group, 0) - load.persons
        later = [load.group for load in trip.loads if 0 <= load.group < problem.num_groups]
        place = problem.dock_location[trip.dock]
        for g in range(problem.num_groups):
            waits = left[g] > 0 and problem.location[g] == place and problem.ready_min[g] <= trip.load_from_min
            if waits and not problem.together[g]:
                passed = [one for one in later if problem.priority[one] > problem.priority[g]]
                if passed:
                    yield _fault(n, f"人群 {passed[0]} 先于 {g} 上船", f"group {passed[0]} boards before group {g}")
                    break


def _total_faults(
    problem: EvacuationProblem, trips: Sequence[Trip], timing: EvacuationTiming, bound_min: float
) -> Iterator[Text]:
    """What the plan says it reaches is what its trips reach, and no bound lies above it."""
    ashore = sum(load.persons for trip in trips for load in trip.loads)
    waiting = sum(load.persons * trip.load_to_min for trip in trips for load in trip.loads)
    complete = max((trip.unload_to_min for trip in trips), default=0)
    for zh, en, said, found in (
        ("剩余人数", "people who remain", timing.remaining, int(problem.persons.sum()) - ashore),
        ("完成时刻", "completion", timing.complete_min, complete),
        ("等候人分钟", "person-minutes of waiting", timing.waiting_person_min, waiting),
    ):
        if said != found:
            yield Text(f"{zh}报 {said}，实为 {found}", f"{en}: {said} is said, {found} is found")
    if timing.remaining == 0 and trips and bound_min > complete + 1e-6:
        yield Text(
            f"下界 {bound_min:g} 高于方案 {complete}", f"the bound {bound_min:g} lies above the plan's {complete}"
        )


def _meets(spans: Spans, start: int, end: int) -> tuple[int, int] | None:
    return next(((a, b) for a, b in spans if start < b and end > a), None)


def _fault(n: int, zh: str, en: str) -> Text:
    return Text(f"航次 {n + 1}：{zh}", f"trip {n + 1}: {en}")
