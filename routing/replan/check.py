"""Check a re-planned deployment without a solver, from the request and the whole plan alone.

Nothing is shared with the building of the answer: each rule reads the problem, the plan in force and the events anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from routing.deploy.evaluate import in_sequence, score
from routing.deploy.faults import find_faults
from routing.deploy.problem import UNREACHABLE, DeployProblem, Direct, EchelonNeed, Score, Trip
from routing.deploy.problem_input import ODDITIES
from routing.replan.events import (
    CraftLost,
    EchelonAdded,
    EchelonChanged,
    ForbidCraft,
    ForbidGroup,
    ForbidLink,
    ForbidPair,
    GroupDelayed,
    GroupLost,
    LinkClosed,
    LinkSlower,
    PierClosed,
    PinGroup,
    PinTrip,
    meets,
)
from routing.replan.request import ReplanRequest

Rule = Callable[[ReplanRequest, Sequence[Trip], Sequence[Direct]], Iterator[str]]


def begun_trips_stay(request: ReplanRequest, trips: Sequence[Trip], directs: Sequence[Direct]) -> Iterator[str]:
    """What loaded, sailed or landed by now is as it was, unless an event met it; then it is only later or elsewhere."""
    now = {(t.craft, t.begin_min): t for t in trips}
    for was in request.trips:
        if was.begin_min > request.at_min:
            continue
        found = now.get((was.craft, was.begin_min))
        touching = [e for e in request.events if _touches(request, e, was)]
        if found is None:
            is_shut = was.depart_min > request.at_min and _is_shut_by_now(request, was)
            broken_off = any(isinstance(e, CraftLost) or was.depart_min > request.at_min for e in touching)
            if not is_shut and not broken_off:
                yield f"craft {was.craft}'s trip of minute {was.begin_min} has begun and is gone"
        elif found != was:
            onward = tuple(minute + found.land_min - was.land_min for minute in was.onward_min)
            late = replace(was, land_min=found.land_min, onward_min=onward)
            turned = replace(late, landing=found.landing)
            is_sound = found == late if was.landing == found.landing else found == turned
            is_met = bool(touching) or request.is_held_up(was)
            if not is_met or was.land_min <= request.at_min or not is_sound:
                yield f"craft {was.craft}'s trip of minute {was.begin_min} has begun and is changed"
            elif found.landing == was.landing and found.land_min < was.land_min:
                yield f"craft {was.craft}'s trip of minute {was.begin_min} lands sooner than it did"
    for direct in request.directs:
        if _leaves(request, direct) <= request.at_min and direct not in directs:
            late_by = _late(request, direct.group)
            is_late = replace(direct, arrive_min=direct.arrive_min + late_by) in directs
            is_lost = GroupLost(direct.group) in request.events
            if not (is_lost or (late_by and direct.arrive_min > request.at_min and is_late)):
                yield f"group {direct.group} has set out by road and its arrival is changed"


def _leaves(request: ReplanRequest, direct: Direct) -> int:
    return int(request.problem.ready_min[direct.group]) if direct.set_out_min is None else direct.set_out_min


def _is_shut_by_now(request: ReplanRequest, trip: Trip) -> bool:
    spans = request.from_now_on.closed_hauls.get((trip.craft, trip.pickup, trip.landing), ())
    return request.now is not None and any(start <= trip.depart_min < end for start, end in spans)


def _touches(request: ReplanRequest, event: object, trip: Trip) -> bool:
    if isinstance(event, CraftLost):
        return event.craft == trip.craft
    if isinstance(event, PierClosed):
        return (event.side, event.site) in (("landing", trip.landing), ("pickup", trip.pickup))
    if isinstance(event, LinkClosed | LinkSlower):
        return meets(event, trip.craft, trip.pickup, trip.landing)
    return False


def _late(request: ReplanRequest, group: int) -> int:
    return sum(e.minutes for e in request.events if isinstance(e, GroupDelayed) and e.group == group)


def _new(request: ReplanRequest, trips: Sequence[Trip]) -> list[tuple[Trip | None, Trip]]:
    """Return the trips that had not begun, each with the one its craft makes before it."""
    begun = {(t.craft, t.begin_min) for t in request.trips if t.begin_min <= request.at_min}
    return [(before, t) for before, t in in_sequence(trips) if (t.craft, t.begin_min) not in begun]


def nothing_new_begins_in_the_past(
    request: ReplanRequest, trips: Sequence[Trip], directs: Sequence[Direct]
) -> Iterator[str]:
    """What is decided now is done from now on; who had no orders has their whole notice from now on."""
    problem, now = request.problem, request.at_min
    used = {t.craft for t in request.trips}
    sent = {g for t in request.trips for g in t.groups} | {d.group for d in request.directs}
    for before, t in _new(request, trips):
        if t.board_min <= now:
            yield f"craft {t.craft} loads at {t.board_min}, not after minute {now}"
        notice = int(problem.craft_ready_min[t.craft] + problem.position_min[t.craft, t.pickup])
        if t.craft not in used and before is None and t.board_min < now + notice:
            yield f"craft {t.craft} had no orders and loads at {t.board_min}, sooner than its notice allows"
        for g in t.groups:
            late = int(problem.group_at_pickup_min[g, t.pickup]) + _late(request, g) + (0 if g in sent else now)
            if t.board_min < late and not _stood_there(request, g, t):
                yield f"group {g} boards at {t.board_min} and is at pickup {t.pickup} at {late}"
    was = set(request.directs)
    for d in directs:
        if d not in was and d.group not in sent and d.arrive_min < now + problem.group_direct_min[d.group, d.incident]:
            yield f"group {d.group} had no orders and arrives by road at {d.arrive_min}, sooner than it can"


def _stood_there(request: ReplanRequest, group: int, trip: Trip) -> bool:
    """Say whether a group has stepped back ashore at the pickup where it boards again."""
    begun = [t for t in request.trips if t.begin_min <= request.at_min and group in t.groups]
    return any(trip.pickup in (t.pickup, t.first_pickup) for t in begun)


def lost_and_banned_units_stay(
    request: ReplanRequest, trips: Sequence[Trip], directs: Sequence[Direct]
) -> Iterator[str]:
    """Lost and forbidden craft begin nothing; lost and forbidden groups are not sent; banned pairs do not ride."""
    idle = {e.craft for e in request.all_events if isinstance(e, CraftLost | ForbidCraft)}
    home = {e.group for e in request.all_events if isinstance(e, GroupLost | ForbidGroup)}
    pairs = {(e.group, e.craft) for e in request.of(ForbidPair)}
    for _, t in _new(request, trips):
        if t.craft in idle:
            yield f"craft {t.craft} is lost or forbidden and loads at {t.board_min}"
        for g in t.groups:
            if g in home:
                yield f"group {g} is lost or forbidden and boards at {t.board_min}"
            if (g, t.craft) in pairs:
                yield f"group {g} may not ride craft {t.craft}"
        for e in request.of(ForbidLink):
            if meets(e, t.craft, t.pickup, t.landing):
                yield f"craft {t.craft} crosses from pickup {t.pickup} to landing {t.landing}, which is forbidden"
    on_the_road = {d.group for d in request.directs if _leaves(request, d) <= request.at_min}
    for d in directs:
        if d.group in home - on_the_road:
            yield f"group {d.group} is lost or forbidden and drives"


def closures_hold(request: ReplanRequest, trips: Sequence[Trip], directs: Sequence[Direct]) -> Iterator[str]:
    """Nobody begins handling at a pier while it is closed, nor departs on a closed or too quick crossing."""
    problem, now = request.problem, request.at_min
    new = {t for _, t in _new(request, trips)}
    for t in trips:
        unload = int(problem.unload_min[t.craft])
        for e in request.of(PierClosed):
            at, start, end = (
                (t.pickup, t.board_min, t.board_min + int(problem.load_min[t.craft]))
                if e.side == "pickup"
                else (t.landing, t.land_min - unload, t.land_min)
            )
            if e.side == "pickup":
                start, end = t.depart_min - int(problem.load_min[t.craft]), t.depart_min
            meets_it = start < e.end_min and max(end, start + 1) > e.start_min
            if at == e.site and meets_it and start > now:
                yield f"craft {t.craft} is handled at {e.side} {at} at {start}, while it is closed"
        if t not in new:
            continue
        spans = request.from_now_on.closed_hauls.get((t.craft, t.pickup, t.landing), ())
        if any(start <= t.depart_min < end for start, end in spans):
            yield f"craft {t.craft} departs at {t.depart_min} on a crossing that is shut by now"
        for shut in request.of(LinkClosed):
            is_shut = shut.start_min <= t.depart_min < shut.end_min
            if is_shut and meets(shut, t.craft, t.pickup, t.landing):
                yield f"craft {t.craft} departs at {t.depart_min} on a closed crossing"
        if t.land_min < t.depart_min + _haul(request, t) + unload:
            yield f"craft {t.craft} has landed at {t.land_min}, sooner than the slower crossing allows"


def _haul(request: ReplanRequest, trip: Trip) -> int:
    return _slowed(request, trip.craft, trip.pickup, trip.landing, _at(request.from_now_on.haul_min, trip))


def _at(hauls: object, trip: Trip) -> int:
    return int(hauls[trip.craft, trip.pickup, trip.landing])  # type: ignore[index]


def _slowed(request: ReplanRequest, craft: int, pickup: int, landing: int, minutes: int) -> int:
    percent = max([100, *(e.percent for e in request.of(LinkSlower) if meets(e, craft, pickup, landing))])
    return minutes if minutes >= UNREACHABLE else -(-minutes * percent // 100)


def pins_are_kept(request: ReplanRequest, trips: Sequence[Trip], directs: Sequence[Direct]) -> Iterator[str]:
    """A pinned group rides its craft; a pinned trip is made by the same craft on the same way with the same groups."""
    aboard = {g: t.craft for t in trips for g in t.groups}
    begun = {g for t in request.trips if t.begin_min <= request.at_min for g in t.groups}
    for pin in request.of(PinGroup):
        if pin.group not in begun and aboard.get(pin.group) != pin.craft:
            yield f"group {pin.group} is pinned to craft {pin.craft} and does not ride it"
    made = {(t.craft, t.pickup, t.landing, t.incident, frozenset(t.groups)) for t in trips}
    taken = {pin.group for pin in request.of(PinGroup)}
    for one in request.of(PinTrip):
        t = one.trip
        groups = frozenset(t.groups)
        is_made = any(m[:4] == (t.craft, t.pickup, t.landing, t.incident) and groups - m[4] <= taken for m in made)
        if t.begin_min > request.at_min and not is_made:
            yield f"craft {t.craft}'s trip of minute {t.board_min} is pinned and not made"


def old_rules_hold(request: ReplanRequest, trips: Sequence[Trip], directs: Sequence[Direct]) -> Iterator[str]:
    """Every rule of the plan's first problem holds for the whole plan: seats, berths, cover, each group once."""
    yield from find_faults(request.as_it_was, trips, directs)


RULES: tuple[Rule, ...] = (
    old_rules_hold,
    begun_trips_stay,
    nothing_new_begins_in_the_past,
    lost_and_banned_units_stay,
    closures_hold,
    pins_are_kept,
)


def recomputed_score(request: ReplanRequest, trips: Sequence[Trip], directs: Sequence[Direct]) -> Score:
    """Return the points of a whole plan: arrivals by the first problem's reference, ways at the pace of each trip."""
    problem: DeployProblem = replace(request.problem, echelons=_echelons(request), tolerates=ODDITIES)
    found = score(problem, trips, directs)
    begun = {id(t) for t in trips} - {id(t) for _, t in _new(request, trips)}
    minutes = 0
    for before, t in in_sequence(trips):
        c, old = t.craft, id(t) in begun
        ways = request.as_it_was if old else request.from_now_on
        if before is None:
            way = int(ways.position_min[c, t.first_pickup])
        else:
            way = int(ways.return_min[c, before.landing, t.first_pickup])
            way = way if old else _slowed(request, c, t.pickup, before.landing, way)
        if t.call is not None:
            way += int(problem.load_min[c] + problem.shift_min[c, t.call.pickup, t.pickup])
        minutes += (
            way
            + int(problem.load_min[c] + problem.unload_min[c])
            + (_at(ways.haul_min, t) if old else _haul(request, t))
        )
    return replace(found, craft_minutes=problem.weights.craft_minute * minutes)


def _echelons(request: ReplanRequest) -> tuple[EchelonNeed, ...]:
    changed = {e.echelon: e.persons for e in request.of(EchelonChanged)}
    asked = [replace(need, persons=changed.get(n, need.persons)) for n, need in enumerate(request.problem.echelons)]
    return (*asked, *(e.need for e in request.of(EchelonAdded)))


def find_replan_faults(
    request: ReplanRequest, trips: Sequence[Trip], directs: Sequence[Direct], objective: Score
) -> list[str]:
    """Return every broken rule in words, and a wrong score; empty for a sound answer."""
    faults = [fault for rule in RULES for fault in rule(request, trips, directs)]
    true = recomputed_score(request, trips, directs)
    if true != objective:
        faults.append(f"the answer claims {objective.total} points and costs {true.total}")
    return faults
