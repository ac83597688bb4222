"""Put a plan together from a solution: legs, echelon times, cover, baseline, and the reasons."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import timedelta
from importlib.metadata import PackageNotFoundError, version
from math import ceil

import msgspec

from data.plans import Alternative, Baseline, Cover, EchelonTime, Leg, Objective, Plan, Reason
from routing.deploy.compile import Compiled
from routing.deploy.explain import explain
from routing.deploy.legs import LegMaker
from routing.deploy.problem import Score, Solution


def assemble_plan(
    compiled: Compiled, solution: Solution, alternative: Alternative, advice: tuple[Reason, ...] = ()
) -> Plan:
    """Return the plan of a solution, with its situation inside so that a file of it can be checked alone.

    ``advice`` stands after what is wrong with the echelons, before piers, craft and groups.
    Its id is drawn from its content: the same plan has the same id.
    """
    situation, candidates = compiled.situation, compiled.candidates
    legs = LegMaker(compiled).make(solution.trips, solution.directs)
    used = [g for trip in solution.trips for g in trip.groups] + [direct.group for direct in solution.directs]
    total = solution.objective.total
    bound = min(float(solution.bound), float(total))
    plan = Plan(
        id="",
        mode=situation.mode,
        alternative=alternative,
        status=solution.status,
        start_at=compiled.start_at,
        incident_ids=tuple(one.id for one in compiled.incidents),
        legs=legs,
        echelons=echelon_times(compiled, solution.objective, legs),
        objective=_objective(solution.objective),
        bound=bound,
        gap=(total - bound) / total if total else 0.0,
        bound_assumes=tuple(solution.bound_assumes) + compiled.bound_assumes,
        baseline=_baseline(compiled, solution.baseline),
        reasons=_advised(explain(compiled, solution), advice),
        cover=cover_of(compiled, used),
        persons=sum(candidates.groups[g].group.strength for g in used),
        craft_used=len({trip.craft for trip in solution.trips}),
        seed=solution.seed,
        solve_s=solution.seconds,
        version=product_version(),
        region_hash=compiled.region.content_hash,
        situation_hash=situation.content_hash(),
        situation=situation,
    )
    return msgspec.structs.replace(plan, id=plan_id(plan))


def _advised(reasons: Sequence[Reason], advice: Sequence[Reason]) -> tuple[Reason, ...]:
    of_plan = sum(1 for reason in reasons if reason.subject_kind in ("plan", "echelon"))
    return (*reasons[:of_plan], *advice, *reasons[of_plan:])


def plan_id(plan: Plan) -> str:
    """Return an id drawn from what the plan says, not from when or how fast it was found."""
    said = msgspec.structs.replace(plan, id="", solve_s=0.0, situation=None, bound=0.0, gap=0.0, status="feasible")
    digest = hashlib.sha256(msgspec.json.encode(said, order="deterministic")).hexdigest()
    return f"plan-{digest[:12]}"


def product_version() -> str:
    """Return the product's version, '0' where it runs uninstalled."""
    try:
        return version("tongzhou")
    except PackageNotFoundError:
        return "0"


def echelon_times(compiled: Compiled, score: Score, legs: Sequence[Leg] = ()) -> tuple[EchelonTime, ...]:
    """Return each echelon's completion; with legs, the band within which it may fall."""
    rows = []
    n = 0
    for incident in compiled.incidents:
        for need in incident.echelons:
            complete = score.complete_min[n]
            early, late = _band(compiled, legs, incident.id, need.skill, need.persons) if legs else (None, None)
            rows.append(
                EchelonTime(
                    incident_id=incident.id,
                    echelon_id=need.id,
                    name=need.name,
                    persons=need.persons,
                    skill=need.skill,
                    weight=need.weight,
                    due_min=need.due_min,
                    complete_min=complete,
                    complete_at=None if complete is None else compiled.start_at + timedelta(minutes=complete),
                    arrived=score.arrived[n],
                    early_min=None if complete is None else early,
                    late_min=None if complete is None else late,
                )
            )
            n += 1
    return tuple(rows)


def _band(
    compiled: Compiled, legs: Sequence[Leg], incident_id: str, skill: str | None, persons: int
) -> tuple[int | None, int | None]:
    """Return the minutes at which an echelon is complete if everything runs early, and if everything runs late."""
    groups = {state.group.id: state.group for state in compiled.candidates.groups}
    last: dict[str, Leg] = {}
    for leg in sorted(legs, key=lambda leg: leg.depart_at):
        for group_id in leg.group_ids:
            last[group_id] = leg
    found: list[int | None] = []
    for at_end in ("arrive_early_at", "arrive_late_at"):
        came = sorted(
            ((getattr(leg, at_end) - compiled.start_at) / timedelta(minutes=1), groups[g].strength)
            for g, leg in last.items()
            if leg.incident_id == incident_id and (skill is None or skill in groups[g].skills)
        )
        here, when = 0, None
        for minute, strength in came:
            here += strength
            if here >= persons:
                when = ceil(minute - 1e-6)
                break
        found.append(when)
    return found[0], found[1]


def _objective(score: Score) -> Objective:
    return Objective(
        unmet=score.unmet,
        echelon_time=score.echelon_time,
        cover_lost=score.cover_lost,
        craft_minutes=score.craft_minutes,
        craft_used=score.craft_used,
        total=score.total,
    )


def _baseline(compiled: Compiled, solution: Solution | None) -> Baseline | None:
    if solution is None:
        return None
    used = [g for trip in solution.trips for g in trip.groups] + [direct.group for direct in solution.directs]
    return Baseline(
        objective=_objective(solution.objective),
        echelons=echelon_times(compiled, solution.objective),
        persons=sum(compiled.candidates.groups[g].group.strength for g in used),
        craft=len({trip.craft for trip in solution.trips}),
    )


def cover_of(compiled: Compiled, used: Sequence[int]) -> tuple[Cover, ...]:
    """Return what stays at each station that sends somebody, counted over all groups at home."""
    sent: dict[str, int] = {}
    for g in used:
        number = int(compiled.problem.station[g])
        if number >= 0:
            station = compiled.stations[number]
            sent[station] = sent.get(station, 0) + 1
    before = compiled.groups_at_home
    return tuple(
        Cover(
            station_id=station,
            groups_before=before[station],
            groups_left=before[station] - count,
            keep=compiled.region.stations[station].keep_groups,
        )
        for station, count in sorted(sent.items())
    )
