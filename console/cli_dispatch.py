"""The nearest suitable units of an incident and why not others; with several incidents, who shares whom."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

from console.cli_situation import check_writable, clock, forecast_words, networks, read_asked, write_out
from console.cli_tables import MODES
from console.cli_words import err, out, said, say
from data.errors import UnknownNameError
from data.geography import Region
from data.incidents import Incident
from data.situation import Situation

if TYPE_CHECKING:
    from routing.dispatch.callout import Callout, Kind
    from routing.dispatch.joint import JointDispatch
    from routing.dispatch.losses import Loss
    from routing.dispatch.nearest import NearestUnits

FORMAT = "tongzhou-dispatch/1"
# How many of the nearer units that do not go are named; the others are counted.
PASSED_SHOWN = 8


def run_dispatch(
    folder: Path,
    name: str,
    incident: str | None,
    top: int,
    kind: Kind,
    skills: Sequence[str],
    reach_min: float | None,
    needed: int | None,
    json_file: Path | None,
) -> int:
    """Print who is nearest and why not others, or who shares whom; 1 where nobody can go."""
    from data.region_reader import read_region
    from routing.dispatch.callout import call_out

    if json_file is not None and str(json_file) != "-":
        check_writable(json_file)
    region = read_region(folder)
    asked = read_asked(name, folder, region)
    situation = asked.situation
    chosen = [_find(situation, incident)] if incident else list(situation.incidents)
    _check_skills(situation, region, skills)
    network, book = networks(region)
    called = call_out(
        situation,
        network,
        book,
        kind,
        incident_ids=[one.id for one in chosen],
        skills=skills or None,
        reach_min=float("inf") if reach_min is None else reach_min,
        needed=needed,
    )
    head = {
        "format": FORMAT,
        "at": situation.at.isoformat(),
        "region": region.id,
        "kind": kind,
        "forecast": situation.forecast.id if situation.forecast else None,
        "assumes": [{"zh": zh, "en": en} for zh, en in ASSUMED],
    }
    if json_file is None or str(json_file) != "-":
        out().print(f"[bold]{asked.title}[/bold]  {clock(situation.at, region)}")
    if len(called.incidents) == 1:
        return _one(called, top, region, situation, head, json_file)
    return _many(called, region, situation, head, json_file)


ASSUMED = (
    (
        "用时自下令起：准备、前往上客点、装载、航行、卸载、末段；每个单位单独计算，不计与他人争用船艇",
        "minutes count from the order: notice, way to the pickup, loading, crossing, unloading, last mile; "
        "each unit is timed alone, as if nobody else wanted its craft",
    ),
    (
        "陆路长度为估算（直线×曲折系数）；海况、封闭取此刻，不看到达时",
        "road lengths are estimates (straight line x circuity); sea state and closures are those of now",
    ),
)


def _find(situation: Situation, name: str) -> Incident:
    for incident in situation.incidents:
        if name in (incident.id, incident.number):
            return incident
    ids = [incident.id for incident in situation.incidents]
    raise UnknownNameError("incident", name, get_close_matches(name, ids, n=3, cutoff=0.5), known=ids)


def _check_skills(situation: Situation, region: Region, skills: Sequence[str]) -> None:
    known = {skill for state in situation.groups for skill in state.group.skills}
    known |= {echelon.skill for case in region.case_types.values() for echelon in case.echelons if echelon.skill}
    for skill in skills:
        if skill not in known:
            raise UnknownNameError("skill", skill, get_close_matches(skill, known, n=3), known=sorted(known))


def _one(
    called: Callout, top: int, region: Region, situation: Situation, head: dict[str, Any], json_file: Path | None
) -> int:
    from routing.dispatch.nearest import nearest_units

    found = nearest_units(called.problem, 0, top)
    document = head | {"incident": called.incidents[0].id, **_nearest_document(called, found)}
    if json_file is not None:
        write_out(document, json_file)
    if json_file is None or str(json_file) != "-":
        _print_incident(called, 0, region)
        _print_nearest(called, found, document["units"])
        _print_passed(called, found, document["passed"])
        _print_foot(situation, region)
    return 0 if len(found.units) else 1


def _nearest_document(called: Callout, found: NearestUnits) -> dict[str, Any]:
    """Return who can go and who cannot, as written to a file."""
    passed = [
        {**_unit(called, unit), "minutes": _minutes(seconds), "block": block.name.lower(),
         "reason": _both(called.why_blocked(found.incident, unit, block))}
        for unit, seconds, block in found.nearest_passed(len(found.passed) or 1)
    ]  # fmt: skip
    units = [unit_document(called, found.incident, unit) for unit in found.units.tolist()]
    return {"asked": found.asked, "units": units, "passed": passed}


def unit_document(called: Callout, incident: int, unit: int) -> dict[str, Any]:
    """Return how one unit comes, with what it costs and what limits it."""
    from routing.dispatch.callout import unit_id

    carrier = called.carrier(incident, unit)
    pickup = called.site(int(called.comings.pickup[unit, incident]))
    landing = called.site(int(called.comings.landing[unit, incident]))
    cover, limit = called.cover_after(incident, unit), called.limit_on(incident, unit)
    return {
        **_unit(called, unit),
        "minutes": _minutes(int(called.problem.travel_s[incident, unit])),
        "way": called.comings.way_of(unit, incident),
        "craft": unit_id(carrier) if carrier else None,
        "pickup": pickup.id if pickup else None,
        "landing": landing.id if landing else None,
        "own_patch": bool(called.own_patch[incident, unit]),
        "cover": None if cover is None else {"free": cover[0], "after": cover[1], "keep": cover[2]},
        "limit": _both(limit) if limit is not None else None,
    }


def _unit(called: Callout, unit: int) -> dict[str, Any]:
    from routing.dispatch.callout import call_sign, strength_of, unit_id

    one = called.units[unit]
    persons = "strength" if called.kind == "groups" else "seats"
    strength = strength_of(one, called.crossings.region)
    return {"id": unit_id(one), "call_sign": _both(call_sign(one)), persons: strength}


def _both(text: Any) -> dict[str, str]:
    return {"zh": text.zh, "en": text.en}


def _minutes(seconds: int) -> float | None:
    from routing.dispatch.problem import NO_WAY_S

    return None if seconds >= NO_WAY_S else round(seconds / 60, 1)


def _print_incident(called: Callout, n: int, region: Region) -> None:
    incident = called.incidents[n]
    island = said(region.islands[incident.island_id].name)
    out().print(f"{incident.number} {said(incident.title)}  {island}  ({incident.id})", markup=False)
    skills = sorted(called.problem.skills_needed[n])
    needs = say("需技能 ", "skills asked for: ") + ", ".join(skills) if skills else say("不限技能", "any skill")
    if called.kind == "groups" and incident.echelons:
        first, persons, groups = incident.echelons[0], called.persons_of_nearest(n), called.problem.needed[n]
        needs += say(
            f"；首个梯次 {first.persons} 人，最近 {groups} 组共 {persons} 人",
            f"; first echelon {first.persons} persons, the nearest {groups} groups have {persons}",
        )
    out().print(needs, style="dim", markup=False)


def _print_nearest(called: Callout, found: NearestUnits, rows: Sequence[dict[str, Any]]) -> None:
    from rich.table import Table

    if not rows:
        out().print(say("没有可派的力量：", "Nobody can go: ") + said(called.wording.why_short(found)), markup=False)
        return
    many = say("人", "persons") if called.kind == "groups" else say("客位", "seats")
    table = Table(box=None, header_style="bold", pad_edge=False)
    headings = ("#", say("呼号", "call sign"), many, say("分钟", "min"), say("方式", "way"), say("途径", "by"),
                say("留守", "cover"), say("限制", "limit"))  # fmt: skip
    for heading in headings:
        table.add_column(heading, justify="right" if heading in ("#", many, headings[3]) else "left")
    for n, row in enumerate(rows, 1):
        table.add_row(
            str(n),
            row["call_sign"][_key()],
            str(row.get("strength", row.get("seats"))),
            f"{row['minutes']:.1f}",
            say(*MODES[row["way"]]),
            _via(called, row),
            _cover_words(row),
            row["limit"][_key()] if row["limit"] else "",
        )
    out().print(table)
    if found.is_short:
        out().print(said(called.wording.why_short(found)), style="yellow", markup=False)


def _via(called: Callout, row: dict[str, Any]) -> str:
    region = called.crossings.region
    parts = [row["craft"]] if row["craft"] else []
    parts += [said(region.place(row[end]).name) for end in ("pickup", "landing") if row[end]]
    if row["way"] == "air" and not row["landing"]:
        parts.append(say("现场野降", "a field at the scene"))
    return " > ".join(parts)


def _cover_words(row: dict[str, Any]) -> str:
    cover = row["cover"]
    if row["own_patch"]:
        return say("本辖区", "own patch")
    if cover is None:
        return "-"
    return say(
        f"{cover['free']}→{cover['after']}（留 {cover['keep']}）",
        f"{cover['free']} to {cover['after']} (keeps {cover['keep']})",
    )


def _print_passed(called: Callout, found: NearestUnits, rows: Sequence[dict[str, Any]]) -> None:
    if not rows:
        return
    title = (
        say("其余不能去：", "The others cannot go:")
        if found.is_short
        else say("更近但不能去：", "Nearer, but cannot go:")
    )
    out().print(title, style="bold")
    for row in rows[:PASSED_SHOWN]:
        minutes = "" if row["minutes"] is None else f" ({row['minutes']:.1f} min)"
        out().print(f"  {row['call_sign'][_key()]}{minutes}: {row['reason'][_key()]}", markup=False)
    more = len(rows) - PASSED_SHOWN
    if more > 0:
        out().print(say(f"  另 {more} 个（--json 全列）", f"  and {more} more (--json lists all)"), style="dim")


def _key() -> str:
    return say("zh", "en")


def _print_foot(situation: Situation, region: Region) -> None:
    out().print(forecast_words(situation, region), style="dim", markup=False)
    for zh, en in ASSUMED:
        out().print(say(zh, en), style="dim", markup=False)


def _many(called: Callout, region: Region, situation: Situation, head: dict[str, Any], json_file: Path | None) -> int:
    """Share the units out among all incidents, checked without the solver."""
    from routing.dispatch.check import check_dispatch
    from routing.dispatch.joint import assign_units
    from routing.dispatch.losses import find_losses

    found = assign_units(called.problem)
    faults = check_dispatch(found)
    losses = find_losses(found)
    document = head | _joint_document(called, found, losses)
    document["faults"] = [_both(fault) for fault in faults]
    shared = _shared_craft(called, found)
    document["shared_craft"] = shared
    if json_file is not None:
        write_out(document, json_file)
    if json_file is None or str(json_file) != "-":
        _print_joint(called, found, losses, region)
        for craft_id, names in shared.items():
            out().print(
                say(
                    f"{craft_id} 被 {len(names)} 组同时计入（{'、'.join(names)}）：谁先用由 tongzhou deploy 的方案定",
                    f"{craft_id} is counted on by {len(names)} groups ({', '.join(names)}): "
                    "'tongzhou deploy' plans who gets it",
                ),
                style="yellow",
                markup=False,
            )
        checked = say("核查：未发现错误", "checked without the solver: no fault found")
        out().print(checked if not faults else "; ".join(said(one) for one in faults), style="dim", markup=False)
        _print_foot(situation, region)
    if faults:
        err().print(say("结论未通过核查，请勿使用。", "The answer fails its check. Do not use it."))
    return 1 if faults or found.status == "infeasible" else 0


def _shared_craft(called: Callout, found: JointDispatch) -> dict[str, list[str]]:
    """Return the craft that the times of several groups sent count on, with those groups."""
    from routing.dispatch.callout import unit_id

    users: dict[str, list[str]] = {}
    for n, going in enumerate(found.units):
        for unit in going:
            if (craft := called.carrier(n, unit)) is not None:
                users.setdefault(unit_id(craft), []).append(unit_id(called.units[unit]))
    return {craft_id: names for craft_id, names in users.items() if len(names) > 1}


def _joint_document(called: Callout, found: JointDispatch, losses: Sequence[Loss]) -> dict[str, Any]:
    rows = []
    for n, (incident, going, loss) in enumerate(zip(called.incidents, found.units, losses, strict=True)):
        rows.append(
            {
                "incident": incident.id,
                "asked": int(called.problem.needed[n]),
                "unmet": found.unmet[n],
                "units": [unit_document(called, n, unit) for unit in going],
                "lost_min": round(loss.lost_s / 60, 1),
                "lost_units": loss.lost_units,
                "loss": _both(called.wording.loss(found, loss)),
            }
        )
    return {"status": found.status, "gap": found.gap, "seconds": round(found.seconds, 4), "incidents": rows}


def _print_joint(called: Callout, found: JointDispatch, losses: Sequence[Loss], region: Region) -> None:
    from rich.table import Table

    table = Table(box=None, header_style="bold", pad_edge=False)
    for heading in (
        say("警情", "incident"),
        say("岛", "island"),
        say("需/缺", "asks/lacks"),
        say("派出（分钟）", "sent (min)"),
    ):
        table.add_column(heading)
    for n, (incident, going) in enumerate(zip(called.incidents, found.units, strict=True)):
        sent = [unit_document(called, n, unit) for unit in going]
        words = ", ".join(f"{one['call_sign'][_key()]} {one['minutes']:.1f} {say(*MODES[one['way']])}" for one in sent)
        asks = f"{called.problem.needed[n]}/{found.unmet[n]}"
        island = said(region.islands[incident.island_id].name)
        table.add_row(f"{incident.number} {said(incident.title)}", island, asks, words or "-")
    out().print(table)
    out().print(say("共同派遣中各处的得失：", "What each loses by sharing:"), style="bold")
    for loss in losses:
        out().print("  " + said(called.wording.loss(found, loss)), markup=False)
    proof = say("已证明最优", "proven optimal") if found.status == "optimal" else f"gap {found.gap:.1%}"
    out().print(f"{proof}, {1000 * found.seconds:.1f} ms", style="dim")
