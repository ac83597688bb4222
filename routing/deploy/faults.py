"""Find every rule a timed plan breaks, each rule read straight off the problem."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from routing.deploy.evaluate import in_sequence
from routing.deploy.problem import UNREACHABLE, DeployProblem, Direct, Trip, next_open

Rule = Callable[[DeployProblem, Sequence[Trip], Sequence[Direct]], Iterator[str]]


def one_task_a_group(problem: DeployProblem, trips: Sequence[Trip], directs: Sequence[Direct]) -> Iterator[str]:
    """No group rides twice, or rides and drives."""
    used = [g for t in trips for g in t.groups] + [d.group for d in directs]
    for group in sorted(set(used)):
        if used.count(group) > 1:
            yield f"group {group} is used {used.count(group)} times"


def seats_suffice(problem: DeployProblem, trips: Sequence[Trip], directs: Sequence[Direct]) -> Iterator[str]:
    """Nobody stands: persons aboard fit the seats."""
    for t in trips:
        persons = sum(int(problem.strength[g]) for g in t.groups)
        if persons > problem.seats[t.craft]:
            yield f"craft {t.craft} carries {persons} persons on {problem.seats[t.craft]} seats"


def deck_suffices(problem: DeployProblem, trips: Sequence[Trip], directs: Sequence[Direct]) -> Iterator[str]:
    """Vehicles aboard fit the deck."""
    for t in trips:
        slots = sum(int(problem.group_slots[g]) for g in t.groups)
        if slots > problem.craft_slots[t.craft]:
            yield f"craft {t.craft} carries {slots} deck slots of vehicles on {problem.craft_slots[t.craft]}"


def groups_are_there(problem: DeployProblem, trips: Sequence[Trip], directs: Sequence[Direct]) -> Iterator[str]:
    """Loading starts when every group has reached the pickup; a trip carries somebody."""
    for t in trips:
        if not t.groups:
            yield f"craft {t.craft} crosses empty at {t.board_min}"
        for g in t.groups:
            if problem.group_at_pickup_min[g, t.pickup] > t.board_min:
                yield f"group {g} boards at {t.board_min} before it reaches pickup {t.pickup}"


def craft_are_there(problem: DeployProblem, trips: Sequence[Trip], directs: Sequence[Direct]) -> Iterator[str]:
    """Loading starts when the craft has come from its start or from its trip before, leaving in an open minute."""
    for before, t in in_sequence(trips):
        if before is None:
            off = next_open(
                int(problem.craft_ready_min[t.craft]), problem.closed_positions.get((t.craft, t.pickup), ())
            )
            alongside = off + int(problem.position_min[t.craft, t.pickup])
        else:
            spans = problem.closed_returns.get((t.craft, before.landing, t.pickup), ())
            off = next_open(before.land_min, spans)
            alongside = off + int(problem.return_min[t.craft, before.landing, t.pickup])
        if t.board_min < alongside:
            yield f"craft {t.craft} loads at {t.board_min} but is alongside at {alongside}"


def crossings_take_their_time(
    problem: DeployProblem, trips: Sequence[Trip], directs: Sequence[Direct]
) -> Iterator[str]:
    """Loading, crossing and unloading last at least as long as they must, over a link that exists."""
    for t in trips:
        haul = int(problem.haul_min[t.craft, t.pickup, t.landing])
        if haul >= UNREACHABLE or problem.last_mile_min[t.landing, t.incident] >= UNREACHABLE:
            yield f"craft {t.craft} has no way from pickup {t.pickup} by landing {t.landing} to incident {t.incident}"
        if t.depart_min < t.board_min + problem.load_min[t.craft]:
            yield f"craft {t.craft} departs at {t.depart_min} before it is loaded"
        if t.land_min < t.depart_min + haul + problem.unload_min[t.craft]:
            yield f"craft {t.craft} has landed at {t.land_min} sooner than it can"


def departures_are_open(problem: DeployProblem, trips: Sequence[Trip], directs: Sequence[Direct]) -> Iterator[str]:
    """No crossing departs in a closed minute."""
    for t in trips:
        spans = problem.closed_hauls.get((t.craft, t.pickup, t.landing), ())
        if next_open(t.depart_min, spans) != t.depart_min:
            yield f"craft {t.craft} departs at {t.depart_min} in a closed span"


def berths_suffice(problem: DeployProblem, trips: Sequence[Trip], directs: Sequence[Direct]) -> Iterator[str]:
    """No more craft load or unload at a site at once than it has berths."""
    loading: dict[int, list[tuple[int, int]]] = {}
    unloading: dict[int, list[tuple[int, int]]] = {}
    for t in trips:
        loading.setdefault(t.pickup, []).append((t.depart_min - int(problem.load_min[t.craft]), t.depart_min))
        unloading.setdefault(t.landing, []).append((t.land_min - int(problem.unload_min[t.craft]), t.land_min))
    for name, held, berths in (
        ("pickup", loading, problem.pickup_berths),
        ("landing", unloading, problem.landing_berths),
    ):
        for site, spans in held.items():
            for minute in {start for start, _ in spans}:
                craft = sum(1 for start, end in spans if start <= minute < end)
                if craft > berths[site]:
                    yield f"{name} {site} has {craft} craft on {berths[site]} berths at {minute}"


def standing_cover_is_kept(problem: DeployProblem, trips: Sequence[Trip], directs: Sequence[Direct]) -> Iterator[str]:
    """Each station keeps its floor of groups."""
    used = [g for t in trips for g in t.groups] + [d.group for d in directs]
    for station, spare in enumerate(problem.spare_groups.tolist()):
        sent = sum(1 for g in used if problem.station[g] == station)
        if sent > spare:
            yield f"station {station} sends {sent} groups and may send {spare}"


def directs_take_their_time(problem: DeployProblem, trips: Sequence[Trip], directs: Sequence[Direct]) -> Iterator[str]:
    """A group by road arrives when the road lets it."""
    for d in directs:
        if d.arrive_min < problem.group_direct_min[d.group, d.incident] or d.arrive_min >= UNREACHABLE:
            yield f"group {d.group} arrives by road at {d.arrive_min} sooner than it can"


RULES: tuple[Rule, ...] = (
    one_task_a_group,
    seats_suffice,
    deck_suffices,
    groups_are_there,
    craft_are_there,
    crossings_take_their_time,
    departures_are_open,
    berths_suffice,
    standing_cover_is_kept,
    directs_take_their_time,
)


def find_faults(problem: DeployProblem, trips: Sequence[Trip], directs: Sequence[Direct]) -> list[str]:
    """Return every broken rule in words; empty for a plan that can be carried out."""
    return [fault for rule in RULES for fault in rule(problem, trips, directs)]
