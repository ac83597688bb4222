"""An island's evacuation under the mild, likely and severe outlook of its forecast, and the worth of acting tonight."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import msgspec

from data.evacuation import ActTonight, EvacuationScenario, RobustEvacuation
from data.forecast_spread import outlooks
from data.text import Text
from routing.deploy.lane_book import LaneBook
from routing.evacuate.problem import EvacuationSolution, SolveOptions
from routing.evacuate.robust import Expected, RobustSolution, Tonight, solve_robust, value_of_acting
from routing.evacuate.situation import Compiled, compile_evacuation
from routing.evacuate.solve import solve_evacuation
from routing.network.network import Network

# Changes tried for each plan weighed: the same comparison for a seed, in a few seconds for an island.
TRIES = 6_000
# Assumed: the likely outlook holds every other time, the mild and the severe every fourth.
WEIGHTS = (0.25, 0.5, 0.25)
NAMES = (Text("偏轻", "mild"), Text("最可能", "likely"), Text("偏重", "severe"))
# Assumed: forecasts are issued every six hours, and the next one settles which outlook holds.
NEXT_FORECAST_H = 6
MOST_WORDS = 6
# An expected number below this is nobody.
SOMEBODY = 0.5


def robust_plan(
    compiled: Compiled, found: EvacuationSolution, network: Network, book: LaneBook, island_id: str
) -> tuple[Compiled, EvacuationSolution, RobustEvacuation]:
    """Return the plan that holds under most outlooks, the question it was timed for, and how it fares in each."""
    situation = compiled.situation
    assert situation.forecast is not None
    three = outlooks(situation.forecast)
    cases = [
        compile_evacuation(
            msgspec.structs.replace(situation, forecast=one), network, book, island_id, like=compiled
        )
        for one in (three.mild, three.likely, three.severe)
    ]  # fmt: skip
    problems = [case.problem for case in cases]
    options = SolveOptions(iterations=TRIES, seed=found.seed)
    own = [found if n == 1 else solve_evacuation(problem, options) for n, problem in enumerate(problems)]
    robust = solve_robust(problems, options, own)
    known_at = situation.forecast.issued_at + timedelta(hours=NEXT_FORECAST_H)
    while known_at <= situation.at:
        known_at += timedelta(hours=NEXT_FORECAST_H)
    known_min = round((known_at - situation.at) / timedelta(minutes=1))
    tonight = value_of_acting(problems, WEIGHTS, known_min, options, own, robust)
    told = _told(compiled, own, robust, tonight, known_at)
    notes = [*compiled.assumptions, *three.assumptions, WEIGHED, Text(
        f"{NEXT_FORECAST_H} 小时后的下一次预报定情形（假定）",
        f"the next forecast, {NEXT_FORECAST_H} h after the last, settles which outlook holds (assumed)",
    )]  # fmt: skip
    chosen = compiled if robust.problem is problems[1] else _with(compiled, robust)
    chosen.assumptions = notes
    return chosen, robust.solution, told


WEIGHED = Text(
    "最可能情形概率一半，偏轻、偏重各四分之一（假定）", "the likely outlook weighs half, the others a quarter (assumed)"
)


def _with(compiled: Compiled, robust: RobustSolution) -> Compiled:
    return replace(compiled, problem=robust.problem)


def _told(
    compiled: Compiled,
    own: list[EvacuationSolution],
    robust: RobustSolution,
    tonight: Tonight,
    known_at: datetime,
) -> RobustEvacuation:
    at = compiled.situation.at
    lost = sum(group.persons for group, _ in compiled.unserved)
    total = compiled.problem.total + lost

    def moment(minute: float) -> datetime:
        return at + timedelta(minutes=round(minute))

    scenarios = tuple(
        EvacuationScenario(
            id=("mild", "likely", "severe")[n],
            name=NAMES[n],
            probability=WEIGHTS[n],
            holds=fare.holds and not lost,
            complete_at=None if fare.remaining or lost else moment(fare.complete_min),
            ashore=total - fare.remaining - lost,
            remaining=fare.remaining + lost,
            broken=fare.faults[:MOST_WORDS],
            bound_at=moment(own[n].bound_min) if own[n].least_remaining == 0 else None,
        )
        for n, fare in enumerate(robust.fares)
    )
    done = [one.complete_at for one in scenarios]
    known = [one for one in done if one is not None]
    left = [one.remaining for one in scenarios]
    horizon = compiled.problem.horizon_min
    minutes = [horizon if fare.remaining else fare.complete_min for fare in robust.fares]
    bound = (
        Text(
            f"在三种情形下都成立的方案，最早 {robust.bound_min:g} 分钟完成",
            f"no plan timed to hold under all three outlooks is complete before {robust.bound_min:g} min",
        )
        if robust.bound_min
        else Text(
            "没有方案在三种情形下都能全部撤离；取最坏情形剩余最少者",
            "no plan was found that takes everybody off under all three; this one leaves fewest at worst",
        )
    )
    return RobustEvacuation(
        scenarios=scenarios,
        worst_complete_at=max(known) if len(known) == len(done) else None,
        expected_complete_min=round(sum(w * m for w, m in zip(WEIGHTS, minutes, strict=True)), 1),
        worst_remaining=max(left),
        expected_remaining=round(sum(w * n for w, n in zip(WEIGHTS, left, strict=True)), 1),
        bound_text=bound,
        tonight=_tonight(compiled, tonight, robust, known_at, lost),
    )


def _tonight(compiled: Compiled, tonight: Tonight, robust: RobustSolution, known_at: datetime, lost: int) -> ActTonight:
    first = sum(map(len, tonight.first))
    known_min = round((known_at - compiled.situation.at) / timedelta(minutes=1))
    ids = tuple(f"trip-{n + 1}" for n, trip in enumerate(robust.solution.trips) if first and trip.leave_min < known_min)
    waits, acts = tonight.wait_and_see, tonight.act_tonight
    return ActTonight(
        decide_at=compiled.situation.at,
        known_at=known_at,
        wait_and_see_remaining=round(waits.remaining + lost, 1),
        act_tonight_remaining=round(acts.remaining + lost, 1),
        here_and_now_remaining=round(tonight.here_and_now.remaining + lost, 1),
        perfect_remaining=round(tonight.perfect.remaining + lost, 1),
        wait_and_see_min=round(waits.complete_min, 1),
        act_tonight_min=round(acts.complete_min, 1),
        here_and_now_min=round(tonight.here_and_now.complete_min, 1),
        perfect_min=round(tonight.perfect.complete_min, 1),
        first_trip_ids=ids,
        text=_worth(tonight, first, lost),
    )


def _worth(tonight: Tonight, first: int, lost: int) -> Text:
    """Say what acting tonight is worth beside waiting, and what no foresight could better."""
    waits, acts, bound = tonight.wait_and_see, tonight.act_tonight, tonight.bound

    def reaches(one: Expected) -> Text:
        left = one.remaining + lost
        if left >= SOMEBODY:
            return Text(f"期望剩余 {left:.0f} 人", f"{left:.0f} expected to remain")
        return Text(
            f"全部上岸，期望 {one.complete_min:.0f} 分钟", f"all ashore, expected after {one.complete_min:.0f} min"
        )

    now, later, best = reaches(acts), reaches(waits), reaches(bound)
    saved = waits.remaining - acts.remaining
    gain = Text(f"多撤 {saved:.0f} 人", f"takes off {saved:.0f} more")
    if saved < SOMEBODY:
        sooner = waits.complete_min - acts.complete_min
        gain = Text(f"早 {sooner:.0f} 分钟", f"ends {sooner:.0f} min earlier")
    return Text(
        f"现在行动（先发 {first} 航次）：{now.zh}；等下一次预报再动：{later.zh}。现在行动{gain.zh}；"
        f"即使事先全知，至多做到：{best.zh}",
        f"acting now ({first} trips first): {now.en}; waiting for the next forecast: {later.en}. Acting now {gain.en}; "
        f"even with full foresight no plan does better than: {best.en}",
    )
