"""Re-plan a stored plan under way: the answer as a checked plan that says what it changes and at what price."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import msgspec

from data.errors import worded
from data.plans import Leg, Objective, Plan, Reason
from data.revision import KnownUntil, PlanChange, Revision
from data.situation import Situation
from data.text import Text
from routing.check import PlanFault, check_plan
from routing.deploy.assemble import cover_of, echelon_times, plan_id, product_version
from routing.deploy.compile import Compiled
from routing.deploy.deployment import Planner, UnsoundPlanError
from routing.deploy.explain import explain
from routing.deploy.nearest import groups_at_home
from routing.deploy.problem import Score, Solution, SolveOptions
from routing.deploy.travel import Travel
from routing.replan.difference import Change, Names
from routing.replan.events import Event, ForbidCraft, ForbidGroup, ReplanFaultError
from routing.replan.known import Reports
from routing.replan.legs import ReplannedLegs
from routing.replan.plans import Rows, names_of
from routing.replan.replan import Cancelled, Replanned, Replanning
from routing.replan.request import DEFAULT_CHANGE_POINTS
from routing.replan.stored import PlanUnderWay, put_under_way

OnPlan = Callable[[Plan], None]

# What the problem left does not know: turning back may take a craft beyond its range, and a group sent on from a pickup
# takes vehicles once more. So many times those are left out and it is tried again.
_TRIES = 4
_LEFT_OUT = {
    "range": Text("折返后航程不足", "turning back would take it beyond its range"),
    "vehicles": Text("驻地无车可供改道", "its station has no vehicle free to take it elsewhere"),
}


def replan_plan(
    planner: Planner,
    plan: Plan,
    at: datetime,
    reports: Reports,
    newer: Situation | None = None,
    options: SolveOptions | None = None,
    on_repaired: OnPlan | None = None,
    cancelled: Cancelled | None = None,
    change_points: int = DEFAULT_CHANGE_POINTS,
) -> Plan:
    """Return the whole plan of a stored one from a moment on, checked; ``on_repaired`` hears of the first repair.

    With ``options.iterations`` 0 the repaired plan is the answer. Raises ReplanFaultError naming what does not fit
    and the remedy, UnknownNameError for a unit that does not exist, UnsoundPlanError where the check refuses the plan.
    """
    under_way = put_under_way(planner, plan, at, reports, newer, change_points)
    options = options or SolveOptions(seconds=1.5)
    for _ in range(_TRIES):
        names = names_by_row(under_way)
        try:
            work = Replanning(under_way.request, names)
            answer = work.repair()
            if options.iterations != 0:
                if on_repaired is not None:
                    first = _assembled(under_way, work, answer)
                    if not _faults(planner, first):
                        on_repaired(first)
                answer = work.reoptimise(options, cancelled)
        except ReplanFaultError as error:
            raise named_fault(error, names) from error
        found = _assembled(under_way, work, answer)
        faults = _faults(planner, found)
        if not faults:
            return found
        if any(fault.code not in _LEFT_OUT for fault in faults):
            break
        under_way = _without(under_way, {fault.subject_id: _LEFT_OUT[fault.code] for fault in faults})
    said = "; ".join(fault.text.en for fault in faults[:3])
    raise worded(
        UnsoundPlanError(f"The new plan was refused by its own check ({len(faults)} faults): {said}"),
        zh=f"新方案未通过自身核查（{len(faults)} 处）：{'；'.join(fault.text.zh for fault in faults[:3])}",
    )


def _faults(planner: Planner, plan: Plan) -> list[PlanFault]:
    assert plan.situation is not None
    return check_plan(plan, plan.situation, planner.region, planner.network)


def _without(under_way: PlanUnderWay, units: Mapping[str, Text]) -> PlanUnderWay:
    """Return the same with nothing more begun with some units, each with its reason."""
    rows, known = Rows.of(under_way.before), under_way.known
    more: list[Event] = [ForbidCraft(rows.craft[one]) for one in units if one in rows.craft]
    more += [ForbidGroup(rows.groups[one]) for one in units if one in rows.groups]
    return replace(
        under_way,
        known=replace(known, unusable={**units, **known.unusable}),
        request=replace(under_way.request, events=(*under_way.request.events, *more)),
    )


def names_by_row(under_way: PlanUnderWay) -> Names:
    """Return what things are called, the echelons in the order of the request."""
    needs = {
        (one.id, need.id): Text(f"{one.title.zh}·{need.name.zh}", f"{one.title.en}, {need.name.en}")
        for one in under_way.now.incidents
        for need in one.echelons
    }
    return replace(names_of(under_way.before), echelons=tuple(needs[key] for key in under_way.echelons))


def named_fault(error: ReplanFaultError, names: Names) -> ReplanFaultError:
    """Return the error with units by their call signs instead of their rows."""
    en, zh = str(error), error.said("zh")
    for what, pattern_en, pattern_zh in (
        ("groups", r"\bgroup (\d+)\b", r"第 (\d+) 组"),
        ("craft", r"\bcraft (\d+)\b", r"第 (\d+) 艇"),
        ("pickups", r"\bpickup (\d+)\b", r"上船点 (\d+)"),
    ):
        en = re.sub(pattern_en, lambda found, what=what: names.of(what, int(found[1])).en, en)  # type: ignore[misc]
        zh = re.sub(pattern_zh, lambda found, what=what: names.of(what, int(found[1])).zh, zh)  # type: ignore[misc]
    return worded(ReplanFaultError(en), zh=zh)


def _assembled(under_way: PlanUnderWay, work: Replanning, answer: Replanned) -> Plan:
    """Return the plan of an answer; the minutes of its craft are those of its legs, ways back included."""
    plan, situation = under_way.plan, under_way.known.now
    legs = ReplannedLegs(under_way, work.ahead).make(answer.trips, answer.directs)
    view, score = _view(under_way, work, answer)
    solution = Solution("feasible", answer.trips, answer.directs, score, answer.bound, answer.bound_assumes)
    used = [g for trip in answer.trips for g in trip.groups] + [direct.group for direct in answer.directs]
    minutes = work.request.problem.weights.craft_minute * _craft_minutes(legs, under_way.before)
    objective = _objective(answer.objective, minutes)
    bound = min(float(answer.bound), float(objective.total))
    is_best = objective.total - bound < 1e-6
    found = Plan(
        id="",
        mode=plan.mode,
        alternative=plan.alternative,
        status="infeasible" if not legs else "optimal" if is_best else "feasible",
        start_at=plan.start_at,
        incident_ids=tuple(one.id for one in under_way.now.incidents),
        legs=legs,
        echelons=echelon_times(view, score, legs),
        objective=objective,
        bound=bound,
        gap=(objective.total - bound) / objective.total if objective.total else 0.0,
        bound_assumes=tuple(answer.bound_assumes) + under_way.before.bound_assumes,
        baseline=None,
        reasons=_reasons(under_way, view, solution),
        cover=cover_of(replace(view, problem=work.ahead.world), used),
        persons=sum(under_way.before.candidates.groups[g].group.strength for g in used),
        craft_used=len({leg.craft_id for leg in legs if leg.craft_id is not None}),
        seed=answer.seed,
        solve_s=answer.seconds,
        version=product_version(),
        region_hash=under_way.before.region.content_hash,
        situation_hash=situation.content_hash(),
        situation=situation,
        revision=_revision(under_way, answer),
    )
    return msgspec.structs.replace(found, id=plan_id(found))


def _view(under_way: PlanUnderWay, work: Replanning, answer: Replanned) -> tuple[Compiled, Score]:
    """Return the problem left and the score with echelons in the order of the incidents, to be told of."""
    incidents = tuple(
        next(one for one in under_way.known.now.incidents if one.id == known.id) for known in under_way.before.incidents
    )
    order = [under_way.echelons.index((one.id, need.id)) for one in incidents for need in one.echelons]
    asked = work.request.asked.echelons
    problem = replace(work.ahead.left, echelons=tuple(asked[n] for n in order))
    before, situation = under_way.before, under_way.known.now
    travel = before.travel
    view = replace(
        before,
        problem=problem,
        situation=situation,
        travel=Travel(travel.network, travel.book, situation, travel.horizon_min),
        incidents=incidents,
        groups_at_home=groups_at_home(situation.groups, before.region),
    )
    score = replace(
        answer.objective,
        complete_min=tuple(answer.objective.complete_min[n] for n in order),
        arrived=tuple(answer.objective.arrived[n] for n in order),
    )
    return view, score


def _craft_minutes(legs: Sequence[Leg], compiled: Compiled) -> int:
    """Return the minutes craft are at work by the legs of a plan: on the way, loading and unloading."""
    rows = {state.craft.id: n for n, state in enumerate(compiled.candidates.craft)}
    total = 0
    for leg in legs:
        if leg.craft_id is None:
            continue
        c = rows[leg.craft_id]
        total += round((leg.arrive_at - leg.depart_at) / timedelta(minutes=1))
        total += int(compiled.problem.load_min[c]) if leg.purpose in ("call", "carry") else 0
        total += int(compiled.problem.unload_min[c]) if leg.purpose == "carry" else 0
    return total


def _objective(score: Score, craft_minutes: int) -> Objective:
    return Objective(
        unmet=score.unmet,
        echelon_time=score.echelon_time,
        cover_lost=score.cover_lost,
        craft_minutes=craft_minutes,
        craft_used=score.craft_used,
        total=score.total - score.craft_minutes + craft_minutes,
    )


def _reasons(under_way: PlanUnderWay, view: Compiled, solution: Solution) -> tuple[Reason, ...]:
    """Return why, from what is left; a unit lost or forbidden since is told of as that."""
    unusable = under_way.known.unusable
    reasons = []
    for reason in explain(view, solution):
        if (why := unusable.get(reason.subject_id)) is not None and reason.subject_kind in ("craft", "group"):
            text = Text(f"不再使用：{why.zh}", f"not used any more: {why.en}")
            reason = msgspec.structs.replace(
                reason, code="lost" if reason.subject_id in under_way.known.lost else "forbidden", text=text
            )
        reasons.append(reason)
    return tuple(reasons)


def _revision(under_way: PlanUnderWay, answer: Replanned) -> Revision:
    situation, last = under_way.known.before, under_way.plan.revision
    known = KnownUntil(until=under_way.at, forecast=situation.forecast, closures=situation.closures)
    return Revision(
        parent_id=under_way.plan.id,
        at=under_way.at,
        happened=under_way.known.happened,
        changes=tuple(_change(under_way, change) for change in answer.changes),
        groups_changed=len(answer.changed_groups),
        change_points=answer.change_points,
        total_before=under_way.plan.objective.total,
        known_before=(*(() if last is None else last.known_before), known),
    )


def _change(under_way: PlanUnderWay, change: Change) -> PlanChange:
    candidates = under_way.before.candidates
    if change.kind == "echelon":
        subject = under_way.echelons[change.index][1]
    elif change.kind == "craft":
        subject = candidates.craft[change.index].craft.id
    else:
        subject = candidates.groups[change.index].group.id
    return PlanChange(of=change.kind, how=change.how, subject_id=subject, minutes=change.minutes, text=change.text)
