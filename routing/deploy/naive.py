"""Plan as a nearest-first dispatcher would: the baseline every plan is shown against."""

from __future__ import annotations

from collections.abc import Iterator

from routing.deploy.draft import Candidate, DraftTables, PlanDraft
from routing.deploy.evaluate import Stop, score
from routing.deploy.problem import UNREACHABLE, DeployProblem, Trip

# How long a dispatcher lets a craft lie before ringing the next one (assumed).
PATIENCE_MIN = 30


def dispatch_nearest_first(problem: DeployProblem, tables: DraftTables | None = None) -> Candidate:
    """Send whoever is nearest: road groups by arrival, then the craft that is first at a pier with useful groups.

    The craft fills nearest-first and takes the nearest landing it need not wait long for; how long the crossing lasts
    plays no part in the choice of craft, as it does not for a dispatcher who rings the nearest boat.
    """
    draft = PlanDraft(problem, tables or DraftTables(problem))
    send_nearest_by_road(draft)
    while send_first_craft(draft):
        pass
    trips = tuple(sorted(draft.trips, key=lambda t: (t.craft, t.begin_min)))
    directs = tuple(draft.directs)
    return score(problem, trips, directs), trips, directs


def send_nearest_by_road(draft: PlanDraft) -> None:
    """Send groups that can drive or walk to an incident, nearest first, while they help."""
    horizon = draft.problem.horizon_min
    rides = sorted(
        (minute, g, i) for g, row in enumerate(draft.tables.direct) for i, minute in enumerate(row) if minute <= horizon
    )
    for _, g, i in rides:
        if draft.may_go(g) and draft.helps(g, i, draft.needed):
            draft.send_direct(g, i)


def send_first_craft(draft: PlanDraft) -> bool:
    """Send the craft that reaches a pickup with useful groups first; say whether there was one.

    One that would lie waiting longer than ``PATIENCE_MIN`` for its crossing to open, or for a berth, is passed over
    for the next; only if each would wait, the one ashore first goes.
    """
    problem = draft.problem
    wanted = [i for i, needs in enumerate(draft.tables.needs_at) if any(draft.needed[e] > 0 for e in needs)]
    useful = [
        [g for g in order if draft.may_go(g) and any(draft.helps(g, i, draft.needed) for i in wanted)]
        for order in draft.tables.by_pickup
    ]
    choices = sorted(
        (draft.alongside(c, p), c, p) for p, groups in enumerate(useful) if groups for c in range(problem.num_craft)
    )
    waiting: list[tuple[int, int, Trip]] = []
    for minute, c, p in choices:
        if minute > problem.horizon_min:
            break
        for stop in _stops_nearest_first(draft, c, p, useful[p]):
            trip = draft.timed(c, stop)
            arrive = trip.land_min + draft.tables.last_mile[trip.landing][trip.incident]
            if arrive > problem.horizon_min:
                continue
            if trip.board_min - max(minute, *(draft.tables.at_pickup[g][p] for g in stop.groups)) <= PATIENCE_MIN:
                draft.send(trip)
                return True
            waiting.append((arrive, len(waiting), trip))
    if not waiting:
        return False
    draft.send(min(waiting)[2])
    return True


def _stops_nearest_first(draft: PlanDraft, craft: int, pickup: int, useful: list[int]) -> Iterator[Stop]:
    """Yield the craft's trip to each landing, nearest first, filled with the groups that are there first."""
    tables = draft.tables
    crossings = sorted(
        (haul + tables.last_mile[landing][i], landing, i)
        for landing, haul in enumerate(tables.haul[craft][pickup])
        for i in range(draft.problem.num_incidents)
        if haul + tables.last_mile[landing][i] < UNREACHABLE
    )
    for _, landing, incident in crossings:
        groups: list[int] = []
        needed, spare = list(draft.needed), list(draft.spare)
        seats, deck = tables.seats[craft], tables.deck[craft]
        for g in useful:
            station = tables.station[g]
            if tables.strength[g] > seats or tables.slots[g] > deck or (station >= 0 and spare[station] <= 0):
                continue
            if draft.helps(g, incident, needed):
                groups.append(g)
                seats -= tables.strength[g]
                deck -= tables.slots[g]
                draft.reduce(needed, g, incident)
                if station >= 0:
                    spare[station] -= 1
        if groups:
            yield Stop(pickup, landing, incident, tuple(groups))
