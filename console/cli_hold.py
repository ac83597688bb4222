"""Hold an island: who does what when, what nobody does and why, and who of the relief takes it over."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import msgspec

from console.cli_situation import check_writable, clock, read_asked, write_out
from console.cli_words import err, out, said, say
from data.errors import TongzhouError, worded
from data.geography import Region

if TYPE_CHECKING:
    from data.holding import HoldEvent, HoldPlan, HoldRow, HoldTask
    from data.plans import Plan
    from data.situation import Situation


class HoldAskedError(ValueError, TongzhouError):
    """A question about holding an island that names no island, no time or no plan that can be used."""


def run_hold(
    folder: Path,
    asked_name: str,
    island: str | None,
    plan_file: Path | None,
    evacuation_file: Path | None,
    relief: str | None,
    at: str | None,
    seconds: float,
    seed: int,
    iterations: int | None,
    json_file: Path | None,
) -> int:
    """Print how an island is held; 1 where somebody is missing for something, or nobody is there at all."""
    from data.region_reader import read_region
    from routing.hold.changes import hold_changes
    from routing.hold.island import HoldQuestion, after_events, hold_island
    from routing.hold.problem import HoldOptions

    if json_file is not None and str(json_file) != "-":
        check_writable(json_file)
    region = read_region(folder)
    asked = read_asked(asked_name, folder, region)
    situation = asked.situation
    if evacuation_file is not None:
        posts = _read_posts(evacuation_file)
        situation = msgspec.structs.replace(situation, tasks=(*situation.tasks, *posts))
    island_id = island or _only_island(situation, region)
    question = HoldQuestion(
        region=region,
        island_id=island_id,
        plan=_read_plan(plan_file, region) if plan_file is not None else None,
        relief_at=_moment(relief, situation, region, "--relief") if relief is not None else None,
        options=HoldOptions(seconds=seconds, seed=seed, iterations=iterations),
    )
    until = _moment(at, situation, region, "--at") if at is not None else None
    events = _events(asked_name, folder, region, island_id)
    with err().status(say("正在求解", "Working")):
        plan = first = hold_island(question, situation)
        for moment in _moments(events, until):
            situation = after_events(situation, plan, [one for one in events if one.at <= moment], region, moment)
            plan = hold_island(question, situation, before=plan)
        if plan is not first:
            changes = hold_changes(first, plan, ZoneInfo(region.timezone))
            plan = msgspec.structs.replace(plan, changes=changes)
    if json_file is not None:
        write_out(msgspec.to_builtins(plan), json_file)
    if json_file is None or str(json_file) != "-":
        _print(plan, asked.title, region)
        later = [one for one in events if until is None or one.at > until]
        if later and until is None:
            words = say(
                f"想定中另有 {len(later)} 件后续情况（抵岛、减员、新任务）；用 --at HH:MM 重排",
                f"{len(later)} more things happen in this scenario (arrivals, losses, new tasks); "
                "plan again with --at HH:MM",
            )
            out().print(words, style="dim", markup=False)
    return 1 if plan.unmet or plan.status == "nobody" else 0


def _only_island(situation: Situation, region: Region) -> str:
    """Return the one island that has open cases or tasks; raises HoldAskedError where there are none or several."""
    from data.incidents import OPEN_STATUSES

    found = [one.island_id for one in situation.incidents if one.status in OPEN_STATUSES]
    found += [task.island_id for task in situation.tasks]
    islands = [island for island in dict.fromkeys(found) if island in region.islands]
    if len(islands) == 1:
        return islands[0]
    if not islands:
        raise worded(
            HoldAskedError("no island has an open case or a task; name one with --island ID"),
            zh="没有岛屿有在办警情或任务；请用 --island 指明",
        )
    raise worded(
        HoldAskedError(f"several islands have cases: {', '.join(islands)}; name one with --island ID"),
        zh=f"多座岛屿有警情：{'、'.join(islands)}；请用 --island 指明一座",
    )


def _moment(given: str, situation: Situation, region: Region, option: str) -> datetime:
    """Return a time of day after the start as a moment; raises HoldAskedError for what is no time."""
    zone = ZoneInfo(region.timezone)
    start = situation.at.astimezone(zone)
    try:
        moment = datetime.fromisoformat(given) if "T" in given else None
        of_day = time.fromisoformat(given) if moment is None else None
    except ValueError:
        raise worded(
            HoldAskedError(f"{option} '{given}' is no time; write e.g. 14:30, in local time"),
            zh=f"{option} “{given}”不是时刻；请写当地时间，如 14:30",
        ) from None
    if moment is not None:
        return moment if moment.tzinfo is not None else moment.replace(tzinfo=zone)
    assert of_day is not None
    today = datetime.combine(start.date(), of_day, zone)
    return today if today > start else today + timedelta(days=1)


def _read_plan(file: Path, region: Region) -> Plan:
    from data.plans import read_plan

    try:
        plan = read_plan(file.read_bytes())
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise worded(
            HoldAskedError(f"{file} is no deployment plan: {error}. Give one written by 'tongzhou deploy --json'."),
            zh=f"{file} 不是增援方案：{error}。请用 tongzhou deploy --json 导出。",
        ) from None
    if plan.situation is not None and plan.situation.region_id != region.id:
        raise worded(
            HoldAskedError(f"{file} is of the region '{plan.situation.region_id}', not '{region.id}'"),
            zh=f"{file} 属于区域“{plan.situation.region_id}”，而不是“{region.id}”",
        )
    return plan


def _read_posts(file: Path) -> tuple[HoldTask, ...]:
    """Return the posts an evacuation needs; raises HoldAskedError naming the file and what is wrong with it."""
    from data.evacuation import EvacuationPlan

    try:
        return msgspec.json.decode(file.read_bytes(), type=EvacuationPlan).posts
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise worded(
            HoldAskedError(f"{file} is no evacuation plan: {error}. Give one written by 'tongzhou evacuate --json'."),
            zh=f"{file} 不是撤离方案：{error}。请用 tongzhou evacuate --json 导出。",
        ) from None


def _events(name: str, folder: Path, region: Region, island_id: str) -> list[HoldEvent]:
    """Return what a scenario says happens later on the island; nothing for a situation file."""
    from data.roster import read_forces
    from data.scenario import find_scenario, read_scenario

    if Path(name).suffix == ".json":
        return []
    scenario = read_scenario(find_scenario(name), region, read_forces(folder, region))
    return [one for one in scenario.hold.events if one.island_id == island_id]


def _moments(events: list[HoldEvent], until: datetime | None) -> list[datetime]:
    """Return when the plan is made again: at each thing that happens, and at the time asked for."""
    if until is None:
        return []
    return sorted({*(one.at for one in events if one.at <= until), until})


def _print(plan: HoldPlan, title: str, region: Region) -> None:
    island = said(region.islands[plan.island_id].name)
    people = sum(state.people for state in plan.teams)
    until = clock(plan.relief_at or plan.until_at, region)
    what = say("增援接管", "relief at") if plan.relief_at else say("坚守至（假定）", "held until (assumed)")
    out().print(f"[bold]{island}[/bold]  {title}")
    out().print(
        f"{clock(plan.at, region)}  {what} {until}  "
        + say(f"岛上 {len(plan.teams)} 队 {people} 人", f"{len(plan.teams)} teams, {people} people")
    )
    if plan.status == "nobody":
        out().print(say("岛上没有可用人员。", "Nobody on the island can be counted on."), style="yellow")
    elif plan.status == "nothing_to_do":
        out().print(say("岛上没有任务。", "The island is asked for nothing."))
        return
    else:
        proof = say("已证明最优", "proven optimal") if plan.status == "optimal" else say("差距", "gap")
        gap = "" if plan.status == "optimal" else f" {plan.gap:.1%}"
        out().print(
            say(
                f"完成价值 {plan.value}/{plan.value_asked}，上界 {plan.bound:.0f}，{proof}{gap}，平均晚 "
                f"{plan.late_min:.1f} 分钟，{plan.solve_s:.1f} s，种子 {plan.seed}",
                f"value held {plan.value} of {plan.value_asked}, bound {plan.bound:.0f}, {proof}{gap}, "
                f"{plan.late_min:.1f} min late on average, {plan.solve_s:.1f} s, seed {plan.seed}",
            )
        )
    _print_changes(plan, region)
    _print_tasks(plan, region)
    _print_people(plan, region)
    _print_unmet(plan, region)
    _print_hand_over(plan, region)
    for text in (*plan.assumptions, *plan.bound_assumes):
        out().print(said(text), style="dim", markup=False)
    out().print(say("核查：未发现错误", "checked without the solver: no fault found"), style="dim")


def _print_changes(plan: HoldPlan, region: Region) -> None:
    services = {(one.task_id, one.slot): one for one in plan.services}
    if plan.changes:
        out().print(f"[bold]{say('与最初方案相比', 'Changes against the first plan')}[/bold]")
        for change in plan.changes:
            service = services.get((change.task_id, change.slot))
            when = f"{_of_day(service.from_at or service.asked_from, region)} " if service is not None else ""
            out().print(f"  {when}{said(change.text)}", markup=False)


def _print_tasks(plan: HoldPlan, region: Region) -> None:
    """Print each task in time order: when, where, who from which team."""
    from rich.table import Table

    names = {state.team.id: said(state.team.name) for state in plan.teams}
    tasks = {task.id: task for task in plan.tasks}
    slots: dict[str, list[int]] = {}
    for service in plan.services:
        slots.setdefault(service.task_id, []).append(service.slot)
    crews: dict[tuple[str, int], list[HoldRow]] = {}
    for row in plan.rows:
        crews.setdefault((row.task_id, row.slot), []).append(row)
    table = Table(box=None, header_style="bold", pad_edge=False)
    for heading in (
        say("时间", "time"),
        say("任务", "task"),
        say("地点", "place"),
        say("人", "people"),
        say("谁", "who"),
    ):
        table.add_column(heading)
    for (task_id, slot), rows in sorted(crews.items(), key=lambda item: (item[1][0].from_at, item[0])):
        task = tasks.get(task_id)
        who: dict[str, int] = {}
        for row in rows:
            who[row.team_id] = who.get(row.team_id, 0) + 1
        turn = f" {sorted(slots[task_id]).index(slot) + 1}/{len(slots[task_id])}" if len(slots[task_id]) > 1 else ""
        mark = say("已开始 ", "begun ") if rows[0].begun else ""
        table.add_row(
            f"{_of_day(rows[0].from_at, region)}-{_of_day(rows[0].to_at, region)}",
            (said(task.name) if task is not None else task_id) + turn,
            said(rows[0].place.name),
            str(len(rows)),
            mark + say("、", ", ").join(f"{names.get(team, team)} {count}" for team, count in who.items()),
        )
    if crews:
        out().print(table)


def _print_people(plan: HoldPlan, region: Region) -> None:
    """Print each team: how many of it are used, from when to when, and until when their shift is."""
    from rich.table import Table

    from data.holding import CALL_WORDS

    table = Table(box=None, header_style="bold", pad_edge=False)
    headings = (say("队伍", "team"), say("可用", "there"), say("用到", "used"), say("最早出发", "first leaves"),
                say("最晚结束", "last ends"), say("班次至", "shift until"), say("呼叫", "call"))  # fmt: skip
    for n, heading in enumerate(headings):
        table.add_column(heading, justify="right" if n in (1, 2) else "left")
    for state in plan.teams:
        rows = [row for row in plan.rows if row.team_id == state.team.id]
        used = len({row.ordinal for row in rows})
        table.add_row(
            said(state.team.name), str(state.people), str(used),
            _of_day(min(row.depart_at for row in rows), region) if rows else "-",
            _of_day(max(row.to_at for row in rows), region) if rows else "-",
            _of_day(state.shift_end_at, region), said(CALL_WORDS[state.status]),
        )  # fmt: skip
    if plan.teams:
        out().print(table)


def _print_unmet(plan: HoldPlan, region: Region) -> None:
    if not plan.unmet:
        return
    tasks = {task.id: task for task in plan.tasks}
    services = {(one.task_id, one.slot): one for one in plan.services}
    out().print(f"[bold]{say(f'无人承担 {len(plan.unmet)} 项', f'{len(plan.unmet)} not done by anybody')}[/bold]")
    for one in plan.unmet:
        task, service = tasks.get(one.task_id), services.get((one.task_id, one.slot))
        name = said(task.name) if task is not None else one.task_id
        when = f" {_of_day(service.asked_from, region)}-{_of_day(service.asked_to, region)}" if service else ""
        short = say(f"缺 {one.short} 人；", f"{one.short} short; ") if one.short else ""
        change = f" → {said(one.least_change)}" if one.least_change is not None else ""
        out().print(f"  {name}{when}: {short}{said(one.text)}{change}", style="yellow", markup=False)


def _print_hand_over(plan: HoldPlan, region: Region) -> None:
    if not plan.relief:
        return
    tasks = {task.id: task for task in plan.tasks}
    out().print(f"[bold]{say('与增援交接', 'Hand-over to the relief')}[/bold]")
    for landing in plan.relief:
        place, people = said(landing.place.name), landing.people
        words = say(
            f"{place} 上岛 {people} 人，累计 {landing.ashore} 人", f"{people} land at {place}, {landing.ashore} in all"
        )
        out().print(f"  {_of_day(landing.at, region)} {words}", style="dim", markup=False)
    for row in plan.hand_over:
        task = tasks.get(row.task_id)
        name = said(task.name) if task is not None else row.task_id
        out().print(
            f"  {_of_day(row.at, region)} {name}: {said(row.text)}", style="yellow" if row.short else None, markup=False
        )


def _of_day(moment: datetime, region: Region) -> str:
    return f"{moment.astimezone(ZoneInfo(region.timezone)):%H:%M}"
