"""Judge a sharing out without a solver: every rule, and the objective worked out again."""

from __future__ import annotations

from collections import Counter
from math import isfinite

from data.text import Text
from routing.dispatch.joint import JointDispatch
from routing.dispatch.problem import NO_STATION, DispatchProblem


def check_dispatch(found: JointDispatch) -> list[Text]:
    """Return every fault of an answer in words, none if it is sound. Shares no code with the solver's side."""
    problem = found.problem
    faults: list[Text] = []
    if len(found.units) != problem.num_incidents or len(found.unmet) != problem.num_incidents:
        return [Text("答案的警情数不符", "the answer is about another number of incidents")]
    sent = Counter(unit for going in found.units for unit in going)
    faults += [
        Text(f"力量 {unit} 被派往 {times} 处", f"unit {unit} is sent {times} times")
        for unit, times in sorted(sent.items())
        if times > 1
    ]
    for incident, going in enumerate(found.units):
        if len(going) + found.unmet[incident] != int(problem.needed[incident]) or found.unmet[incident] < 0:
            faults.append(
                Text(
                    f"警情 {incident}：派出 {len(going)}，缺 {found.unmet[incident]}，应为 {problem.needed[incident]}",
                    f"incident {incident}: {len(going)} sent and {found.unmet[incident]} unmet "
                    f"of {problem.needed[incident]}",
                )
            )
        faults += [fault for unit in going for fault in _may_go(problem, incident, unit)]
    faults += _cover(problem, set(sent))
    total = sum(
        int(problem.weight[n]) * (sum(int(problem.travel_s[n, u]) for u in going) + problem.unmet_s * found.unmet[n])
        for n, going in enumerate(found.units)
    )
    if total != found.objective:
        faults.append(
            Text(f"目标值应为 {total}，写为 {found.objective}", f"objective is {total}, not {found.objective}")
        )
    if found.bound > total:
        faults.append(Text(f"下界 {found.bound} 高于目标值 {total}", f"bound {found.bound} lies above {total}"))
    if found.status == "optimal" and found.bound != total:
        faults.append(Text("称为最优但下界不等于目标值", "called optimal, but the bound is below the objective"))
    return faults


def _may_go(problem: DispatchProblem, incident: int, unit: int) -> list[Text]:
    minutes = float(problem.travel_min[incident, unit])
    broken = [
        (bool(problem.busy[unit]), "正忙", "is busy"),
        (not problem.suitable[incident, unit], "不适用", "is not suitable"),
        (not problem.skills_needed[incident] <= problem.skills[unit], "缺技能", "lacks a skill"),
        (not isfinite(minutes), "无路可达", "has no way there"),
        (isfinite(minutes) and minutes > problem.reach_min, "超出范围", "is out of reach"),
    ]
    return [
        Text(f"力量 {unit} 派往警情 {incident}，但它{zh}", f"unit {unit} is sent to incident {incident} but {en}")
        for is_broken, zh, en in broken
        if is_broken
    ]


def _cover(problem: DispatchProblem, sent: set[int]) -> list[Text]:
    at_home: Counter[int] = Counter()
    free: Counter[int] = Counter()
    for unit, station in enumerate(problem.station.tolist()):
        if station != NO_STATION and not problem.busy[unit]:
            free[station] += 1
            at_home[station] += unit not in sent
    return [
        Text(f"站点 {s} 只留 {at_home[s]}，应留 {keep}", f"station {s} keeps {at_home[s]} of {keep}")
        for s, keep in enumerate(problem.keep_units.tolist())
        if at_home[s] < min(keep, free[s])
    ]
