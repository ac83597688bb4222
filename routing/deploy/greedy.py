"""Build a good plan in milliseconds: always the trip or drive worth most, worth falling with its arrival."""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from math import exp

from routing.deploy.draft import Candidate, DraftTables, PlanDraft, retimed, trimmed
from routing.deploy.evaluate import Stop
from routing.deploy.problem import UNREACHABLE, DeployProblem, Trip, next_open

# Minutes in which a person's worth falls by a factor e. Several are tried: small ones chase the first echelon, large
# ones the last (values of the prototype's measurements). The first two together are rarely beaten by the others.
DECAYS_MIN = (12.0, 25.0, 8.0, 18.0, 40.0)
FIRST_DECAYS_MIN = DECAYS_MIN[:2]
# Landings looked at for each pickup, the quickest first.
LANDINGS_TRIED = 4


@dataclass(frozen=True, slots=True)
class _Load:
    """The first groups aboard when loading starts at ``board_min``, and what they are worth on arrival at minute 0."""

    board_min: int
    worth: float
    groups: tuple[int, ...]


class _Shared:
    """What every run looks up: worth per person, ways across, and loads while nothing is decided yet."""

    def __init__(self, problem: DeployProblem, tables: DraftTables) -> None:
        self.factors = [
            [(e, problem.echelons[e].weight / problem.echelons[e].persons) for e in at] for at in tables.needs_at
        ]
        self.shares = [
            [[(e, counts[e], factor) for e, factor in at if counts[e] > 0] for counts in tables.counts]
            for at in self.factors
        ]
        self.crossings: dict[tuple[int, int, int], list[tuple[int, int]]] = {}
        self.opening: dict[tuple[int, int, int], list[_Load]] = {}


def plan_greedily(
    problem: DeployProblem, tables: DraftTables | None = None, decays_min: tuple[float, ...] = DECAYS_MIN
) -> Candidate:
    """Return the best of one lazy greedy run for each decay."""
    found: Candidate | None = None
    tables = tables or DraftTables(problem)
    shared = _Shared(problem, tables)
    for decay_min in decays_min:
        run = _GreedyRun(problem, tables, decay_min, shared)
        run.build()
        candidate = trimmed(problem, retimed(problem, run.draft.trips, run.draft.directs))
        if found is None or candidate[0].total < found[0].total:
            found = candidate
    assert found is not None
    return found


def complete_greedily(
    problem: DeployProblem,
    candidate: Candidate,
    tables: DraftTables | None = None,
    decays_min: tuple[float, ...] = DECAYS_MIN,
) -> Candidate:
    """Return a plan with what it lacks added by craft and groups left over; the best of one run for each decay."""
    best = candidate
    tables = tables or DraftTables(problem)
    shared = _Shared(problem, tables)
    for decay_min in decays_min:
        run = _GreedyRun(problem, tables, decay_min, shared)
        for direct in candidate[2]:
            run.draft.keep_direct(direct)
        for trip in sorted(candidate[1], key=lambda t: (t.begin_min, t.craft)):
            run.draft.send(trip)
        run.build()
        found = trimmed(problem, retimed(problem, run.draft.trips, run.draft.directs))
        if found[0].total < best[0].total:
            best = found
    return best


class _GreedyRun:
    """One run: a heap of choices whose worth can only be stale upwards, looked at again before it is taken."""

    def __init__(
        self,
        problem: DeployProblem,
        tables: DraftTables,
        decay_min: float,
        shared: _Shared,
    ) -> None:
        self.problem, self.tables, self.decay_min = problem, tables, decay_min
        self.draft = PlanDraft(problem, tables)
        self.shared = shared
        self.version = [0] * problem.num_craft
        # Entries: (-worth, kind, version, craft or group, pickup, incident); kind 0 a drive, 1 a trip.
        self.heap: list[tuple[float, int, int, int, int, int]] = []

    def build(self) -> None:
        """Decide trips and drives until none is worth anything."""
        self._offer_drives()
        for craft in range(self.problem.num_craft):
            self._offer_craft(craft)
        while self.heap:
            least, kind, version, unit, pickup, incident = heapq.heappop(self.heap)
            if kind == 0:
                self._take_drive(unit, incident)
            elif version == self.version[unit]:
                ceiling = min(-least, self._ceiling(unit, pickup, incident, self.draft.alongside(unit, pickup)))
                if self.heap and ceiling < -self.heap[0][0]:
                    self._push(ceiling, 1, version, unit, pickup, incident)
                else:
                    self._take_trip(unit, pickup, incident)

    def _offer_drives(self) -> None:
        for g, row in enumerate(self.tables.direct):
            for i, minute in enumerate(row):
                if minute <= self.problem.horizon_min:
                    self._push(self._drive_worth(g, i), 0, 0, g, 0, i)

    def _drive_worth(self, group: int, incident: int) -> float:
        if not self.draft.may_go(group):
            return 0.0
        return self._worth(group, incident, self.draft.needed) * exp(
            -self.tables.direct[group][incident] / self.decay_min
        )

    def _take_drive(self, group: int, incident: int) -> None:
        worth = self._drive_worth(group, incident)
        if worth > 0 and (not self.heap or worth >= -self.heap[0][0]):
            self.draft.send_direct(group, incident)
        else:
            self._push(worth, 0, 0, group, 0, incident)

    def _offer_craft(self, craft: int) -> None:
        for pickup in range(self.problem.num_pickups):
            alongside = self.draft.alongside(craft, pickup)
            if alongside < self.problem.horizon_min:
                for incident in range(self.problem.num_incidents):
                    ceiling = self._ceiling(craft, pickup, incident, alongside)
                    self._push(ceiling, 1, self.version[craft], craft, pickup, incident)

    def _ceiling(self, craft: int, pickup: int, incident: int, alongside_min: int) -> float:
        """Return more than any trip can be worth: every seat filled with whoever counts most, nobody waited for."""
        order, crossings = self.tables.by_pickup[pickup], self._crossings(craft, pickup, incident)
        if not order or not crossings:
            return 0.0
        board = max(alongside_min, self.tables.at_pickup[order[0]][pickup])
        arrive = board + self.tables.load[craft] + crossings[0][0] + self.tables.unload[craft]
        if arrive > self.problem.horizon_min:
            return 0.0
        seats, needed = self.tables.seats[craft], self.draft.needed
        worth = sum(factor * min(seats, needed[e]) for e, factor in self.shared.factors[incident])
        return worth * exp(-arrive / self.decay_min)

    def _crossings(self, craft: int, pickup: int, incident: int) -> list[tuple[int, int]]:
        """Return the quickest ways across, (minutes to the incident without handling, landing)."""
        key = (craft, pickup, incident)
        found = self.shared.crossings.get(key)
        if found is None:
            last_mile = self.tables.last_mile
            found = sorted(
                (haul + last_mile[landing][incident], landing)
                for landing, haul in enumerate(self.tables.haul[craft][pickup])
                if haul + last_mile[landing][incident] < UNREACHABLE
            )[:LANDINGS_TRIED]
            self.shared.crossings[key] = found
        return found

    def _take_trip(self, craft: int, pickup: int, incident: int) -> None:
        worth, trip = self._best_trip(craft, pickup, incident)
        if trip is None:
            return
        if self.heap and worth < -self.heap[0][0]:
            self._push(worth, 1, self.version[craft], craft, pickup, incident)
            return
        self.draft.send(trip)
        self.version[craft] += 1
        self._offer_craft(craft)

    def _push(self, worth: float, kind: int, version: int, unit: int, pickup: int, incident: int) -> None:
        if worth > 0:
            heapq.heappush(self.heap, (-worth, kind, version, unit, pickup, incident))

    def _worth(self, group: int, incident: int, needed: list[int]) -> float:
        worth = 0.0
        for e, persons, factor in self.shared.shares[incident][group]:
            if needed[e] > 0:
                worth += factor * min(persons, needed[e])
        return worth

    def _best_trip(self, craft: int, pickup: int, incident: int) -> tuple[float, Trip | None]:
        """Return the best load and landing for a craft at a pickup, berths counted, with its worth on arrival."""
        tables, draft, problem = self.tables, self.draft, self.problem
        crossings = self._crossings(craft, pickup, incident)
        if not crossings:
            return 0.0, None
        load, unload = tables.load[craft], tables.unload[craft]
        best: tuple[float, _Load, int] | None = None
        loads = self._loads(craft, pickup, incident)
        for travel, landing in crossings:
            spans = problem.closed_hauls.get((craft, pickup, landing), ())
            for aboard in loads:
                arrive = next_open(aboard.board_min + load, spans) + travel + unload
                worth = aboard.worth * exp(-arrive / self.decay_min)
                if arrive <= problem.horizon_min and (best is None or worth > best[0]):
                    best = (worth, aboard, landing)
        if best is None:
            return 0.0, None
        _, aboard, landing = best
        trip = draft.timed(craft, Stop(pickup, landing, incident, aboard.groups))
        arrive = trip.land_min + tables.last_mile[landing][incident]
        return (aboard.worth * exp(-arrive / self.decay_min), trip) if arrive <= problem.horizon_min else (0.0, None)

    def _loads(self, craft: int, pickup: int, incident: int) -> list[_Load]:
        """Return the loads a craft can take: nearest groups first, and those of a skill still asked for first."""
        is_opening = not self.draft.trips and not self.draft.directs
        key = (craft, pickup, incident)
        if is_opening and key in self.shared.opening:
            return self.shared.opening[key]
        order = [g for g in self.tables.by_pickup[pickup] if not self.draft.is_used[g]]
        loads = self._filled(craft, pickup, incident, order)
        for e in self.tables.needs_at[incident]:
            if self.problem.echelons[e].skill is not None and self.draft.needed[e] > 0:
                skilled = sorted(order, key=lambda g, e=e: self.tables.counts[g][e] == 0)  # type: ignore[misc]
                loads += self._filled(craft, pickup, incident, skilled)
        if is_opening:
            self.shared.opening[key] = loads
        return loads

    def _filled(self, craft: int, pickup: int, incident: int, order: list[int]) -> list[_Load]:
        tables, draft = self.tables, self.draft
        seats, deck = tables.seats[craft], tables.deck[craft]
        board_min = draft.alongside(craft, pickup)
        needed, spare = list(draft.needed), list(draft.spare)
        groups: list[int] = []
        loads: list[_Load] = []
        total = 0.0
        strength, slots, at_pickup, stations = tables.strength, tables.slots, tables.at_pickup, tables.station
        shares = self.shared.shares[incident]
        for g in order:
            station = stations[g]
            if strength[g] > seats or slots[g] > deck or (station >= 0 and spare[station] <= 0):
                continue
            worth = 0.0
            for e, persons, factor in shares[g]:
                if needed[e] > 0:
                    worth += factor * min(persons, needed[e])
                    needed[e] -= persons
            if worth <= 0:
                continue
            groups.append(g)
            total += worth
            seats -= strength[g]
            deck -= slots[g]
            if station >= 0:
                spare[station] -= 1
            board_min = max(board_min, at_pickup[g][pickup])
            loads.append(_Load(board_min, total, tuple(groups)))
            if seats <= 0 or all(needed[e] <= 0 for e in tables.needs_at[incident]):
                break
        return loads
