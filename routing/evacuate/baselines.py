"""What other ways of doing it reach on the same problem, and what holds the plan back: honest comparisons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import numpy as np

from data.evacuation import Bottleneck, EvacuationBaseline
from data.evacuation_ask import AskedPier, EvacuationAsk
from data.geography import Pier
from data.situation import Situation
from data.text import Text
from routing.evacuate.problem import (
    UNREACHABLE,
    EvacuationProblem,
    EvacuationSolution,
    EvacuationTiming,
    SolveOptions,
    Trip,
)
from routing.evacuate.search import LocalSearch
from routing.evacuate.situation import Compiled, compile_evacuation
from routing.evacuate.solve import solve_evacuation

# How hard a comparison is looked at: changes, not seconds, so that it is the same for a seed.
TRIES = 3_000
# A berth taken this share of its loading span is called nearly always busy; a gain below so many minutes is none.
BUSY_SHARE = 0.75
# With one craft or berth more, deadlines are tried from this share of the bound on.
GAIN_FLOOR = 0.7
GAIN_MIN = 3


def nearest_first(problem: EvacuationProblem) -> tuple[tuple[Trip, ...], EvacuationTiming]:
    """Return what a dispatcher reaches who calls the nearest boats until their seats suffice, each to its nearest drop.

    Boats go to and fro full until nobody is left; one that would find its dock shut is not called. Nobody looks at
    berths or at who waits how long.
    """
    arrive = np.where(problem.haul_min.min(axis=2) < UNREACHABLE, problem.first_min, UNREACHABLE)
    arrive = problem.start_min[:, None] + arrive
    near = sorted(range(problem.num_vessels), key=lambda v: (int(arrive[v].min()), v))
    lists: list[list[int]] = [[] for _ in range(problem.num_vessels)]
    seats = 0
    for v in near:
        docks = [
            int(p) for p in np.argsort(arrive[v], kind="stable") if _finds_open(problem, v, int(p), int(arrive[v, p]))
        ]
        if not docks or seats >= problem.total:
            continue
        seats += int(problem.seats[v])
        codes = []
        for place in dict.fromkeys(int(problem.dock_location[p]) for p in docks):
            p = next(one for one in docks if problem.dock_location[one] == place)
            q = int(problem.haul_min[v, p].argmin())
            codes.append((p * problem.num_drops + q) * 8)
        lists[v] = codes * (1 + problem.total // int(problem.seats[v]))
    search = LocalSearch(problem, 1)
    most = search.tables.most_trips
    return search.sailed([one[:most] for one in lists], problem.horizon_min)


def _finds_open(problem: EvacuationProblem, v: int, p: int, minute: int) -> bool:
    return minute < UNREACHABLE and not any(a <= minute < b for a, b in problem.closed_docks.get((v, p), ()))


def baselines(compiled: Compiled, solution: EvacuationSolution) -> tuple[EvacuationBaseline, ...]:
    """Return the ways a plan is set beside: the nearest boats first, and waiting for the shut piers to open again."""
    trips, timing = nearest_first(compiled.problem)
    near = _baseline(
        compiled,
        solution,
        "nearest_first",
        Text("就近派船", "nearest boats first"),
        trips,
        timing,
        Text(
            "按距离依次派船直到座位够，各去最近下客点",
            "boats by distance until the seats suffice, each to its nearest drop",
        ),
    )
    waits = _wait_for_pier(compiled, solution)
    return (near,) if waits is None else (near, waits)


def _wait_for_pier(compiled: Compiled, solution: EvacuationSolution) -> EvacuationBaseline | None:
    """Return what waiting for the island's piers that are shut now reaches; None where none is, or nobody leaves."""
    used = {compiled.docks[trip.dock].place.id for trip in solution.trips}
    island = compiled.asked.ask.island_id
    others = [
        one
        for one in compiled.region.piers.values()
        if one.island_id == island and one.id not in used and _is_shut(compiled, one)
    ]
    if not others or not used:
        return None
    ask = EvacuationAsk(
        island_id=island,
        groups=compiled.asked.ask.groups,
        musters=compiled.asked.ask.musters,
        piers=tuple(AskedPier(pier_id=one.id) for one in others),
        drops=compiled.asked.ask.drops,
        craft_ids=tuple(state.craft.id for state in compiled.craft),
        boarding_s=compiled.asked.boarding_s,
        landing_s=compiled.asked.landing_s,
        notice_min=compiled.asked.notice_min,
    )
    situation = _lifted(compiled.situation, {one.id for one in others}, ask)
    names_zh, names_en = "、".join(one.name.zh for one in others), ", ".join(one.name.en for one in others)
    later = compile_evacuation(situation, compiled.travel.network, compiled.travel.book, island)
    found = solve_evacuation(later.problem, SolveOptions(iterations=TRIES))
    closed = any(one.target_id in {pier.id for pier in others} for one in compiled.situation.closures)
    text = Text(f"等{names_zh}按预报重新开放", f"waits until {names_en} opens again by the forecast")
    if closed:
        text = Text(f"{text.zh}；人为封闭按届时解除计", f"{text.en}; closures by people are taken to be lifted then")
    lost = sum(group.persons for group, _ in later.unserved)
    timing = replace(found.timing, remaining=found.timing.remaining + lost)
    name = Text("等码头重新开放", "wait until the pier reopens")
    return _baseline(compiled, solution, "wait_for_pier", name, found.trips, timing, text)


def _is_shut(compiled: Compiled, pier: Pier) -> bool:
    """Say whether a pier is shut now to every class of the craft there are."""
    now = compiled.travel.network.conditions(compiled.situation.forecast, compiled.situation.closures)
    return all(any(shut.holds(compiled.situation.at) for shut in now.pier_shuts(pier, one)) for one in compiled.classes)


def _lifted(situation: Situation, pier_ids: set[str], ask: EvacuationAsk) -> Situation:
    return msgspec.structs.replace(
        situation,
        closures=tuple(one for one in situation.closures if one.target_id not in pier_ids),
        evacuations=(ask,),
    )


def _baseline(
    compiled: Compiled,
    solution: EvacuationSolution,
    kind: str,
    name: Text,
    trips: Sequence[Trip],
    timing: EvacuationTiming,
    text: Text,
) -> EvacuationBaseline:
    at = compiled.situation.at
    done = timing.remaining == 0 and bool(trips)
    plan_done = solution.timing.remaining == 0 and not compiled.unserved
    midnight = _midnight(at, compiled.region.timezone)
    today = sum(trip.persons for trip in trips if at + timedelta(minutes=trip.unload_to_min) <= midnight)
    return EvacuationBaseline(
        kind="nearest_first" if kind == "nearest_first" else "wait_for_pier",
        name=name,
        complete_at=at + timedelta(minutes=timing.complete_min) if done else None,
        later_min=timing.complete_min - solution.timing.complete_min if done and plan_done else None,
        persons=sum(trip.persons for trip in trips),
        persons_today=today,
        text=text,
    )


def _midnight(at: datetime, timezone: str) -> datetime:
    local = at.astimezone(ZoneInfo(timezone))
    return local.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)


def bottlenecks(compiled: Compiled, solution: EvacuationSolution) -> tuple[Bottleneck, ...]:
    """Return the berths nearly always taken while people board, and what one more berth or one more craft gains."""
    found: list[Bottleneck] = []
    trips = solution.trips
    if not trips or solution.timing.remaining:
        return ()
    start, end = min(t.load_from_min for t in trips), max(t.load_to_min for t in trips)
    more_craft = _gain(solution, _one_more_craft(compiled, solution))
    for p, dock in enumerate(compiled.docks):
        own = [trip for trip in trips if trip.dock == p]
        if not own:
            continue
        first, last = min(t.load_from_min for t in own), max(t.load_to_min for t in own)
        share = sum(t.load_to_min - t.load_from_min for t in own) / max(1, (end - start) * len(dock.names))
        within = sum(t.load_to_min - t.load_from_min for t in own) / max(1, (last - first) * len(dock.names))
        if len(own) < 2 or within < BUSY_SHARE:
            continue
        berths = compiled.problem.dock_berths.copy()
        berths[p] += 1
        gain = _gain(solution, replace(compiled.problem, dock_berths=berths))
        name, berth = dock.place.name, "/".join(dock.names)
        craft_zh = f"多 1 艘客船可提前 {more_craft} 分钟" if more_craft >= GAIN_MIN else "再加 1 艘客船不提前完成"
        craft_en = (
            f"one more ferry finishes {more_craft} min earlier"
            if more_craft >= GAIN_MIN
            else "one more ferry does not finish earlier"
        )
        berth_zh = f"多 1 个泊位可提前 {gain} 分钟" if gain >= GAIN_MIN else "多 1 个泊位亦不提前"
        berth_en = f"one more berth finishes {gain} min earlier" if gain >= GAIN_MIN else "nor does one more berth"
        if more_craft >= GAIN_MIN and gain < GAIN_MIN:
            berth_en = "one more berth does not"
        found.append(
            Bottleneck(
                kind="berth",
                pier_id=dock.place.id,
                berth=berth,
                busy_share=round(max(share, within), 2),
                gain_min=gain,
                text=Text(
                    f"{name.zh}泊位 {berth} 近乎连续占用：{craft_zh}，{berth_zh}",
                    f"{name.en} berth {berth} is nearly always busy: {craft_en}, {berth_en}",
                ),
            )
        )
    if not found:
        found.append(_craft_or_way(compiled, solution, more_craft))
    return tuple(found)


def _craft_or_way(compiled: Compiled, solution: EvacuationSolution, gain_min: int) -> Bottleneck:
    """Return what holds a plan back that waits for no berth: craft, or the longest crossing it has to make."""
    last = max(solution.trips, key=lambda trip: trip.unload_to_min)
    name = compiled.craft[last.vessel].craft.call_sign
    sails = last.arrive_min - last.depart_min
    text = (
        Text(
            f"船是瓶颈：多 1 艘同最大船可提前 {gain_min} 分钟",
            f"craft hold it back: one more of the largest used finishes {gain_min} min earlier",
        )
        if gain_min >= GAIN_MIN
        else Text(
            f"再加 1 艘最大的船不提前完成：末程{name.zh}航行 {sails} 分钟",
            f"one more of the largest craft does not finish earlier: the last crossing, {name.en}, takes {sails} min",
        )
    )
    return Bottleneck(kind="craft", pier_id=None, berth=None, busy_share=None, gain_min=gain_min, text=text)


def _gain(solution: EvacuationSolution, problem: EvacuationProblem) -> int:
    """Return how many minutes earlier everybody is ashore in a changed problem, looked at as long as each other."""
    search = LocalSearch(problem, solution.seed)
    search.offer_sooner(int(solution.bound_min * GAIN_FLOOR))
    search.run(TRIES)
    remaining, complete, _ = search.score
    return max(0, solution.timing.complete_min - complete) if remaining == 0 else 0


def _one_more_craft(compiled: Compiled, solution: EvacuationSolution) -> EvacuationProblem:
    """Return the problem with the largest vessel the plan uses there a second time."""
    problem = compiled.problem
    v = max({trip.vessel for trip in solution.trips}, key=lambda one: (int(problem.seats[one]), -one))
    again: dict[str, Any] = {
        name: np.concatenate((getattr(problem, name), getattr(problem, name)[v : v + 1]))
        for name in (
            "seats", "start_min", "first_min", "haul_min", "return_min", "load_min", "load_s", "unload_min", "unload_s",
        )
    }  # fmt: skip
    shut: dict[str, Any] = {
        name: {
            **getattr(problem, name),
            **{(problem.num_vessels, *key[1:]): spans for key, spans in getattr(problem, name).items() if key[0] == v},
        }
        for name in ("closed_docks", "closed_drops", "closed_firsts", "closed_hauls", "closed_returns")
    }
    return replace(problem, **again, **shut)
