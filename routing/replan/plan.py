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
from routing.deploy.explain import explain, minute_clock
from routing.deploy.nearest import groups_at_home
from routing.deploy.problem import Score, Solution, SolveOptions
from routing.deploy.travel import Travel
from routing.replan.difference import Change
from routing.replan.events import Event, ForbidCraft, ForbidGroup, ReplanFaultError
from routing.replan.known import Reports
from routing.replan.legs import ReplannedLegs
from routing.replan.plans import Rows, named_fault
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
        try:
            work = Replanning(under_way.request, under_way.names)
            answer = work.repair()
            if options.iterations != 0:
                if on_repaired is not None:
                    first = _assembled(under_way, work, answer)
                    if not _faults(planner, first):
                        on_repaired(first)
                answer = work.reoptimise(options, cancelled)
        except ReplanFaultError as error:
            raise named_fault(error, under_way.names) from error
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


def _assembled(under_way: PlanUnderWay, work: Replanning, answer: Replanned) -> Plan:
    """Return the plan of an answer; the minutes of its craft are those of its legs, ways back included."""
    plan, aboard = under_way.plan, _lost_aboard(under_way, work)
    situation = under_way.known.now
    situation = msgspec.structs.replace(situation, forbidden={**situation.forbidden, **aboard})
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
        reasons=_reasons(under_way, view, solution, aboard),
        cover=cover_of(replace(view, problem=work.ahead.world), used),
        persons=sum(under_way.before.candidates.groups[g].group.strength for g in used),
        craft_used=len({leg.craft_id for leg in legs if leg.craft_id is not None}),
        seed=answer.seed,
        solve_s=answer.seconds,
        version=product_version(),
        region_hash=under_way.before.region.content_hash,
        situation_hash=situation.content_hash(),
        situation=situation,
        revision=_revision(under_way, answer, aboard),
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


def _lost_aboard(under_way: PlanUnderWay, work: Replanning) -> dict[str, Text]:
    """Return the groups that were at sea aboard a craft that is lost, by their ids, in words."""
    names = under_way.names
    found = {}
    for trip in work.ahead.under_way.broken_off:
        for g in trip.groups:
            if g in work.ahead.under_way.lost_groups:
                craft = names.of("craft", trip.craft)
                found[under_way.before.candidates.groups[g].group.id] = Text(
                    f"在已失效的{craft.zh}上，不会到达；请组织搜救",
                    f"aboard {craft.en}, which is lost at sea: they do not arrive; see to their rescue",
                )
    return found


def _reasons(
    under_way: PlanUnderWay, view: Compiled, solution: Solution, aboard: Mapping[str, Text]
) -> tuple[Reason, ...]:
    """Return why, from what is left; a unit lost or forbidden since is told of as that."""
    unusable = {**under_way.known.unusable, **aboard}
    reasons = []
    for reason in explain(view, solution):
        if (why := unusable.get(reason.subject_id)) is not None and reason.subject_kind in ("craft", "group"):
            text = Text(f"不再使用：{why.zh}", f"not used any more: {why.en}")
            reason = msgspec.structs.replace(
                reason,
                code="forbidden" if reason.subject_id not in under_way.known.lost | aboard.keys() else "lost",
                text=text,
            )
        reasons.append(reason)
    return tuple(reasons)


def _revision(under_way: PlanUnderWay, answer: Replanned, aboard: Mapping[str, Text]) -> Revision:
    situation, last = under_way.known.before, under_way.plan.revision
    known = KnownUntil(until=under_way.at, forecast=situation.forecast, closures=situation.closures)
    return Revision(
        parent_id=under_way.plan.id,
        at=under_way.at,
        happened=under_way.known.happened + tuple(_by_name(under_way, group, why) for group, why in aboard.items()),
        changes=tuple(_change(under_way, change) for change in answer.changes),
        groups_changed=len(answer.changed_groups),
        change_points=answer.change_points,
        total_before=under_way.plan.objective.total,
        known_before=(*(() if last is None else last.known_before), known),
    )


def _by_name(under_way: PlanUnderWay, group: str, why: Text) -> Text:
    name = under_way.names.of("groups", Rows.of(under_way.before).groups[group])
    return Text(f"{name.zh}：{why.zh}", f"{name.en}: {why.en}")


def _change(under_way: PlanUnderWay, change: Change) -> PlanChange:
    candidates = under_way.before.candidates
    if change.kind == "echelon":
        subject = under_way.echelons[change.index][1]
    elif change.kind == "craft":
        subject = candidates.craft[change.index].craft.id
    else:
        subject = candidates.groups[change.index].group.id
    text = by_clock(change.text, under_way.before)
    return PlanChange(of=change.kind, how=change.how, subject_id=subject, minutes=change.minutes, text=text)


def by_clock(text: Text, compiled: Compiled) -> Text:
    """Return a text with minutes from the plan's start as local time of day."""

    def clock(found: re.Match[str]) -> str:
        return re.sub(r"\d+", lambda minute: minute_clock(compiled, int(minute[0])), found[1])

    return Text(
        zh=re.sub(r"第 (\d+(?: → \d+)?) 分钟", clock, text.zh), en=re.sub(r"minute (\d+(?: -> \d+)?)", clock, text.en)
    )
