"""From the solver's answer to a plan people can read: one timeline of who does what until whom."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import msgspec

from data.holding import HandOver, HoldPlan, HoldRow, HoldService, HoldStatus, HoldUnmet, WalkMode
from routing.hold.least_change import least_change, why_unmet
from routing.hold.plan import Assignment, HoldResult
from routing.hold.relief import hand_over_row, take_over
from routing.hold.situation import CompiledHold
from routing.hold.units import LEAST_TURN_MIN


def assemble_hold(compiled: CompiledHold, result: HoldResult, before: HoldPlan | None = None) -> HoldPlan:
    """Return the plan of a solved self-defence problem; what of the plan before is over and done stays listed."""
    rows = tuple(
        sorted(_rows(compiled, result, before), key=lambda row: (row.from_at, row.task_id, row.team_id, row.ordinal))
    )
    services = tuple(_services(compiled, result))
    past_rows, past = _past(compiled, before)
    value = result.score.value + sum(one.value for one in past if one.served)
    done_before = value - result.score.value
    bound = max(float(result.bound_value + done_before), float(value))
    return HoldPlan(
        island_id=compiled.island_id,
        at=compiled.at,
        until_at=compiled.until_at,
        relief_at=compiled.relief_at,
        status=_status(compiled, value, bound),
        teams=compiled.teams,
        tasks=compiled.tasks,
        rows=(*past_rows, *rows),
        services=(*past, *services),
        relief=compiled.relief.landings,
        hand_over=_hand_over(compiled, rows),
        unmet=tuple(_unmet(compiled, result)),
        value=value,
        value_asked=sum(one.value for one in (*past, *services)),
        bound=bound,
        gap=(bound - value) / bound if bound > 0 else 0.0,
        bound_assumes=result.bound_relaxes,
        late_min=sum(one.value * one.late_min for one in (*past, *services) if one.served) / value if value else 0.0,
        assumptions=compiled.assumptions,
        seed=result.seed,
        solve_s=result.seconds,
        situation_hash=compiled.situation.content_hash(),
    )


def _status(compiled: CompiledHold, value: int, bound: float) -> HoldStatus:
    if not compiled.units:
        return "nothing_to_do"
    if not compiled.persons:
        return "nobody"
    return "optimal" if value >= bound else "feasible"


def _rows(compiled: CompiledHold, result: HoldResult, before: HoldPlan | None) -> Iterator[HoldRow]:
    fixed = {one.task for one in compiled.problem.fixed}
    was = {(row.task_id, row.slot, row.team_id, row.ordinal): row for row in before.rows} if before is not None else {}
    for one in result.assignments:
        unit, person = compiled.units[one.task], compiled.persons[one.person]
        state = compiled.teams[person.team]
        if one.task in fixed:
            row = was[unit.task.id, unit.slot, state.team.id, person.ordinal]
            yield msgspec.structs.replace(row, to_at=unit.to_at, begun=True)
            continue
        start = compiled.moment(one.start_min)
        yield HoldRow(
            team_id=state.team.id,
            ordinal=person.ordinal,
            task_id=unit.task.id,
            slot=unit.slot,
            skill=compiled.problem.tasks[one.task].crew[one.need].skill,
            from_place=compiled.places[one.from_place],
            place=unit.task.place,
            depart_at=start - timedelta(minutes=one.travel_min),
            arrive_at=start,
            from_at=start,
            to_at=compiled.moment(one.end_min),
            travel_min=one.travel_min,
            travel_mode=_means(compiled, one),
        )


def _means(compiled: CompiledHold, one: Assignment) -> WalkMode:
    mode = compiled.problem.people[one.person].mode
    return compiled.ways.means(mode, one.from_place, compiled.problem.tasks[one.task].place)


def _services(compiled: CompiledHold, result: HoldResult) -> Iterator[HoldService]:
    starts = result.starts()
    fixed = {one.task for one in compiled.problem.fixed}
    for number, (unit, task) in enumerate(zip(compiled.units, compiled.problem.tasks, strict=True)):
        start = starts.get(number)
        span = (None, None) if start is None else (compiled.moment(start), compiled.moment(start + task.duration_min))
        if number in fixed:
            span = unit.from_at, unit.to_at
        yield HoldService(
            task_id=unit.task.id,
            slot=unit.slot,
            value=task.value,
            people=task.persons,
            asked_from=unit.from_at,
            asked_to=unit.to_at,
            served=start is not None,
            from_at=span[0],
            to_at=span[1],
            late_min=0 if start is None else max(0, start - max(0, task.earliest_min)),
        )


def _past(compiled: CompiledHold, before: HoldPlan | None) -> tuple[tuple[HoldRow, ...], tuple[HoldService, ...]]:
    """Return what the plan before had done, or left undone, that is no part of the problem any more."""
    if before is None:
        return (), ()
    asked = {(unit.task.id, unit.slot) for unit in compiled.units}
    at = compiled.at
    services = tuple(
        one
        for one in before.services
        if (one.task_id, one.slot) not in asked
        and (one.to_at or one.asked_to) <= at + timedelta(minutes=LEAST_TURN_MIN)
    )
    kept = {(one.task_id, one.slot) for one in services if one.served}
    rows = tuple(msgspec.structs.replace(row, begun=True) for row in before.rows if (row.task_id, row.slot) in kept)
    return rows, services


def _unmet(compiled: CompiledHold, result: HoldResult) -> Iterator[HoldUnmet]:
    for one in result.unmet:
        unit = compiled.units[one.task]
        yield HoldUnmet(
            task_id=unit.task.id,
            slot=unit.slot,
            code=one.code,
            short=max(0, one.needed - one.available),
            skill=one.skill,
            text=why_unmet(compiled, one),
            least_change=least_change(compiled, one),
        )


def _hand_over(compiled: CompiledHold, rows: tuple[HoldRow, ...]) -> tuple[HandOver, ...]:
    """Return the hand-over of what is still held, or still to do, when relief lands; empty without landings."""
    relieved = compiled.relief_at
    if relieved is None or not compiled.relief.landings:
        return ()
    served = {row.task_id for row in rows}
    undone = [
        task
        for task in compiled.tasks
        if task.id not in compiled.takers and task.id not in served and task.latest_at >= relieved
    ]
    left = dict(compiled.relief_left)
    takers = {**compiled.takers, **take_over(undone, compiled.minutes_to, compiled.relief, relieved, left)}
    found = []
    for task in compiled.tasks:
        if task.id in takers:
            end = compiled.post_end.get(task.id, relieved)
            last = [row for row in rows if row.task_id == task.id and row.from_at < end <= row.to_at]
            teams = tuple(sorted({row.team_id for row in last}))
            found.append(hand_over_row(task, takers[task.id], len(last), teams, compiled.relief, end))
    return tuple(sorted(found, key=lambda row: (row.at, row.task_id)))
