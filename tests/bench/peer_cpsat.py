"""Ask CP-SAT for the whole model cold: no plan to begin from, no hint, no window narrower than the horizon."""

from __future__ import annotations

from dataclasses import dataclass
from time import perf_counter

from ortools.sat.python import cp_model

from routing.deploy.cpsat import plan_in
from routing.deploy.cpsat_model import Variables, make_variables
from routing.deploy.cpsat_rules import RULES, price_of_the_plan
from routing.deploy.draft import Candidate, retimed
from routing.deploy.problem import DeployProblem
from routing.deploy.reach import Reach
from routing.deploy.windows import EchelonWindow, Usefulness

WORKERS, SEED = 2, 1


@dataclass(frozen=True, slots=True)
class ColdAnswer:
    """What came of it; ``bound`` holds for plans of ``trips`` trips a craft, ``build_s`` is part of ``seconds``."""

    candidate: Candidate | None
    bound: float | None
    build_s: float
    seconds: float
    num_variables: int
    trips: int


def ask_cpsat(problem: DeployProblem, seconds: float, trips: int) -> ColdAnswer:
    """Return the solver's plan after so many seconds, building the model included; a craft has ``trips`` at most."""
    started = perf_counter()
    whole = tuple(EchelonWindow(0, problem.horizon_min, True) for _ in problem.echelons)
    useful = Usefulness(problem, Reach(problem), whole)
    model = cp_model.CpModel()
    slots_of = [min(trips, useful.trips_needed(c)) for c in range(problem.num_craft)]
    v = make_variables(model, problem, useful, slots_of)
    for rule in RULES:
        rule(model, problem, v)
    model.minimize(price_of_the_plan(problem, v))
    build_s, num_variables = perf_counter() - started, len(model.proto.variables)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = WORKERS
    solver.parameters.random_seed = SEED
    solver.parameters.max_time_in_seconds = max(0.01, seconds - build_s)
    status = solver.solve(model)
    found = status in (cp_model.OPTIMAL, cp_model.FEASIBLE)
    return ColdAnswer(
        candidate=_plan(problem, v, solver) if found else None,
        bound=solver.best_objective_bound if found else None,
        build_s=build_s,
        seconds=perf_counter() - started,
        num_variables=num_variables,
        trips=max(slots_of),
    )


def _plan(problem: DeployProblem, v: Variables, solver: cp_model.CpSolver) -> Candidate:
    trips, directs = plan_in(problem, v, solver.value)
    return retimed(problem, list(trips), list(directs))
