"""Prove a plan, or better it, with OR-Tools CP-SAT on the trips that can still count."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from math import ceil
from queue import SimpleQueue

from ortools.sat.python import cp_model

from routing.deploy.cpsat_model import SlotVariables, Variables, make_variables
from routing.deploy.cpsat_rules import RULES, price_of_the_plan
from routing.deploy.draft import Candidate, timed_anew
from routing.deploy.evaluate import in_sequence, score
from routing.deploy.problem import Call, DeployProblem, Direct, Trip
from routing.deploy.windows import Usefulness

# More slots a craft than this make the model slow for no plan ever seen to need them; when the cap binds, the
# solver's own bound is not used.
MAX_SLOTS = 8
# The incumbent is good by the time of the proof, so the solver's threads all raise the bound; on real piers this
# proves several times as much in the same time as its default mix.
PROVERS = ("core", "objective_lb_search", "reduced_costs")
# The solver's bound is a float; integer points allow rounding up once this much is forgiven.
_BOUND_SLACK = 1e-3
_POLL_S = 0.02

Told = SimpleQueue[Callable[[], None]]


@dataclass(frozen=True, slots=True)
class Proof:
    """What the solver came back with: ``bound`` holds only for plans no dearer than the incumbent.

    ``is_capped`` says that some craft could use more trips than the model gives it; ``bound`` is then None.
    """

    candidate: Candidate | None
    bound: int | None
    is_capped: bool
    num_literals: int


@dataclass(frozen=True, slots=True)
class ProofLimits:
    """When to stop: seconds of the wall clock, or deterministic time with one worker, which repeats exactly."""

    seconds: float
    workers: int
    seed: int
    deterministic: float | None = None


def prove(
    problem: DeployProblem,
    useful: Usefulness,
    incumbent: Candidate,
    limits: ProofLimits,
    on_candidate: Callable[[Candidate], None] | None = None,
    on_bound: Callable[[int], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Proof:
    """Search every plan no dearer than the incumbent within the windows of ``useful``."""
    needed = [useful.trips_needed(c) for c in range(problem.num_craft)]
    is_capped = max(needed, default=0) > MAX_SLOTS
    model = cp_model.CpModel()
    v = make_variables(model, problem, useful, [min(n, MAX_SLOTS) for n in needed])
    for rule in RULES:
        rule(model, problem, v)
    price = price_of_the_plan(problem, v)
    model.add(price <= incumbent[0].total)
    model.minimize(price)
    _hint(model, problem, v, incumbent)
    solver = cp_model.CpSolver()
    solver.parameters.random_seed = limits.seed
    solver.parameters.catch_sigint_signal = False  # Ctrl-C is for whoever asked, who says so by `cancelled`
    if limits.deterministic is None:
        solver.parameters.max_time_in_seconds = max(0.01, limits.seconds)
        solver.parameters.num_workers = limits.workers
        if limits.workers > 1:
            solver.parameters.subsolvers.extend(PROVERS)
            solver.parameters.num_workers = max(limits.workers, len(PROVERS))
    else:
        solver.parameters.max_deterministic_time = limits.deterministic
        solver.parameters.num_workers = 1
    told: Told = SimpleQueue()
    if on_bound is not None and not is_capped:
        solver.best_bound_callback = lambda bound: told.put(partial(on_bound, _rounded(bound, incumbent)))
    watch = _Watch(problem, v, lambda candidate: told.put(partial(on_candidate, candidate)) if on_candidate else None)
    with _Attendant(solver, told, cancelled):
        status = solver.solve(model, watch)
    num_literals = len(model.proto.variables)
    if status == cp_model.MODEL_INVALID:
        raise AssertionError(f"the trip-slot model is invalid: {model.validate()}")
    if status == cp_model.INFEASIBLE:
        # No plan is as cheap as the incumbent within the windows, except the incumbent itself.
        return Proof(watch.best, None if is_capped else incumbent[0].total, is_capped, num_literals)
    bound = None if is_capped else _rounded(solver.best_objective_bound, incumbent)
    return Proof(watch.best, bound, is_capped, num_literals)


def _rounded(bound: float, incumbent: Candidate) -> int:
    return min(ceil(bound - _BOUND_SLACK), incumbent[0].total)


class _Attendant:
    """Beside the running solver: tell of its plans and bounds, and stop it when ``cancelled`` says so.

    They are told by this thread, never by the solver's own. Those are made outside Python, each call of
    theirs gets a thread state that dies with it, and pyproj 3.7 keeps a freed PROJ context for such a thread:
    the next projection there is a segmentation fault (pyproj issue 1622).
    """

    def __init__(
        self,
        solver: cp_model.CpSolver,
        told: Told,
        cancelled: Callable[[], bool] | None,
    ) -> None:
        self._solver, self._told, self._cancelled = solver, told, cancelled
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._attend, daemon=True)

    def _attend(self) -> None:
        while not self._over.wait(_POLL_S):
            self._tell()
            # Asked again and again: the solver does not hear it before its search has begun.
            if self._cancelled is not None and self._cancelled():
                self._solver.stop_search()
        self._tell()

    def _tell(self) -> None:
        while not self._told.empty():
            self._told.get()()

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()


class _Watch(cp_model.CpSolverSolutionCallback):
    """Read every plan the solver finds, time it both ways, and keep the best."""

    def __init__(self, problem: DeployProblem, v: Variables, on_candidate: Callable[[Candidate], None]) -> None:
        super().__init__()
        self._problem, self._v, self._on_candidate = problem, v, on_candidate
        self.best: Candidate | None = None

    def on_solution_callback(self) -> None:
        """Called by the solver for each better plan."""
        trips, directs = plan_in(self._problem, self._v, self.value)
        candidate = timed_anew(self._problem, trips, directs)
        if not self._problem.has_pools:  # the model's own minutes know no vehicles
            own = (score(self._problem, trips, directs), trips, directs)
            candidate = own if candidate is None or own[0].total < candidate[0].total else candidate
        if candidate is None:
            return
        if self.best is None or candidate[0].total < self.best[0].total:
            self.best = candidate
            self._on_candidate(candidate)


def plan_in(
    problem: DeployProblem, v: Variables, value: Callable[[cp_model.IntVar], int]
) -> tuple[tuple[Trip, ...], tuple[Direct, ...]]:
    """Return the trips and directs of a solution of the model, by what its variables are worth."""
    trips = tuple(_trip_in(problem, slot, value) for slot in v.all_slots() if value(slot.is_used))
    directs = tuple(
        Direct(g, i, int(problem.group_direct_min[g, i])) for (g, i), literal in v.directs.items() if value(literal)
    )
    return trips, directs


def _trip_in(problem: DeployProblem, slot: SlotVariables, value: Callable[[cp_model.IntVar], int]) -> Trip:
    pickup, landing, incident = next(link for link, y in slot.by_link.items() if value(y))
    board, load = value(slot.board_min), int(problem.load_min[slot.craft])
    call = next((a for a, y in slot.call_at.items() if value(y)), None)
    early = tuple(g for g, y in slot.boards_early.items() if value(y))
    at_call = value(slot.call_min)
    return Trip(
        craft=slot.craft,
        incident=incident,
        pickup=pickup,
        landing=landing,
        groups=tuple(g for g, rides in slot.riders.items() if value(rides)),
        board_min=board,
        depart_min=board + load,
        land_min=value(slot.moored_min) + int(problem.unload_min[slot.craft]),
        call=None if call is None else Call(call, early, at_call, at_call + load),
    )


def _hint(model: cp_model.CpModel, problem: DeployProblem, v: Variables, incumbent: Candidate) -> None:
    """Hint every choice and time of the incumbent."""
    found, trips, directs = incumbent
    made: dict[tuple[int, int], Trip] = {}
    count: dict[int, int] = {}
    for _, trip in in_sequence(trips):
        made[trip.craft, count.get(trip.craft, 0)] = trip
        count[trip.craft] = count.get(trip.craft, 0) + 1
    for slot in v.all_slots():
        _hint_slot(model, problem, slot, made.get((slot.craft, slot.position)), found.complete_min)
    driving = {(d.group, d.incident) for d in directs}
    for key, literal in v.directs.items():
        model.add_hint(literal, key in driving)
    for (g, e), literal in v.direct_counted.items():
        incident, complete = problem.echelons[e].incident, found.complete_min[e]
        is_in_time = complete is None or problem.group_direct_min[g, incident] <= complete
        model.add_hint(literal, bool((g, incident) in driving and is_in_time))
    for e, echelon in enumerate(v.echelons):
        complete = found.complete_min[e]
        model.add_hint(echelon.complete_min, problem.horizon_min if complete is None else complete)
        if echelon.fails is not None and echelon.missing is not None:
            model.add_hint(echelon.fails, complete is None)
            lacking = max(0, problem.echelons[e].persons - found.arrived[e])
            model.add_hint(echelon.missing, lacking if complete is None else 0)


def _hint_slot(
    model: cp_model.CpModel,
    problem: DeployProblem,
    slot: SlotVariables,
    trip: Trip | None,
    complete_min: tuple[int | None, ...],
) -> None:
    link = None if trip is None else (trip.pickup, trip.landing, trip.incident)
    model.add_hint(slot.is_used, trip is not None)
    for other, y in slot.by_link.items():
        model.add_hint(y, other == link)
    for part, literals in enumerate((slot.at_pickup, slot.at_landing, slot.for_incident)):
        for place, literal in literals.items():
            model.add_hint(literal, link is not None and link[part] == place)
    for g, rides in slot.riders.items():
        model.add_hint(rides, trip is not None and g in trip.groups)
    call = None if trip is None else trip.call
    if slot.calls:
        model.add_hint(slot.has_call, call is not None)
        model.add_hint(slot.call_min, 0 if call is None else call.board_min)
    for (a, p), y in slot.calls.items():
        model.add_hint(y, trip is not None and call is not None and (call.pickup, trip.pickup) == (a, p))
    for a, y in slot.call_at.items():
        model.add_hint(y, call is not None and call.pickup == a)
    for g, early in slot.boards_early.items():
        model.add_hint(early, call is not None and g in call.groups)
    moored = 0 if trip is None else trip.land_min - int(problem.unload_min[slot.craft])
    arrive = 0 if trip is None else trip.land_min + int(problem.last_mile_min[trip.landing, trip.incident])
    model.add_hint(slot.board_min, 0 if trip is None else trip.board_min)
    model.add_hint(slot.moored_min, moored)
    model.add_hint(slot.arrive_min, arrive)
    for e, (persons, counts) in slot.counted.items():
        need, complete = problem.echelons[e], complete_min[e]
        is_counted = trip is not None and trip.incident == need.incident and (complete is None or arrive <= complete)
        aboard = sum(int(problem.counts_for[g, e]) for g in trip.groups) if trip is not None and is_counted else 0
        model.add_hint(counts, is_counted and aboard > 0)
        model.add_hint(persons, min(aboard, need.persons, int(problem.seats[slot.craft])))
