"""Posting before islands are cut off: against brute force on tiny cases, its check, and the typhoon's own question."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from random import Random
from typing import Any

import numpy as np
import pytest

from data.isolation import IsolationReport
from routing.isolate.two_stage import Posting, PostingFaultError, PostingProblem, check_posting, shortfalls
from routing.isolate.two_stage_solve import solve_posting


def tiny(seed: int) -> PostingProblem:
    """Return a question of two craft, two kinds of groups, two islands and two forecasts."""
    draw = Random(seed)

    def flags(*shape: int) -> Any:
        return np.array([draw.random() < 0.6 for _ in range(int(np.prod(shape)))]).reshape(shape)

    return PostingProblem(
        weights=np.array([60, 40]), strength=np.array([4, 6]), count=np.array([1, 1]),
        has=flags(2, 2), station=np.array([0, 0]), spare=np.array([draw.choice([1, 2])]),
        seats=np.array([draw.choice([4, 10]), 6]), rides=flags(2, 2), now=flags(2, 2), later=flags(2, 2, 2),
        need=np.array([draw.randrange(0, 8) for _ in range(8)]).reshape(2, 2, 2),
        boats=np.array([draw.randrange(0, 2) for _ in range(4)]).reshape(2, 2),
        hours=np.array([draw.choice([0.0, 3.5, 10.0]) for _ in range(4)]).reshape(2, 2),
    )  # fmt: skip


def stage_choices(problem: PostingProblem) -> list[tuple[Any, Any]]:
    """Return every way of sending or not sending each craft with any groups to either island."""
    found = []
    for trips in product((None, 0, 1), repeat=2):
        for riders in product((None, 0, 1), repeat=2):  # by group: the craft it rides
            craft, groups = np.zeros((2, 2), bool), np.zeros((2, 2, 2), np.int64)
            for c, island in enumerate(trips):
                if island is not None:
                    craft[c, island] = True
            if any(c is not None and trips[c] is None for c in riders):
                continue
            for g, c in enumerate(riders):
                if c is not None:
                    groups[g, c, trips[c]] = 1
            found.append((groups, craft))
    return found


def by_brute_force(problem: PostingProblem, act_now: bool) -> float:
    """Return the least expected shortfall over every first stage and, for each forecast, every second one."""
    best = float("inf")
    nothing = (np.zeros((2, 2, 2), np.int64), np.zeros((2, 2), bool))
    for now, craft_now in stage_choices(problem) if act_now else [nothing]:
        expected = 0.0
        for s in range(2):
            least = float("inf")
            for later, craft_later in stage_choices(problem):
                posting = Posting.nothing(problem)
                posting = Posting(now, craft_now, posting.later, posting.craft_later)
                posting.later[s], posting.craft_later[s] = later, craft_later
                if not check_posting(problem, posting):
                    least = min(least, shortfalls(problem, posting)[s])
            expected += int(problem.weights[s]) / 100 * least
        best = min(best, expected)
    return best


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("act_now", [True, False])
def test_no_posting_is_better_than_the_solvers(seed: int, act_now: bool) -> None:
    problem = tiny(seed)
    found = solve_posting(problem, act_now=act_now)
    assert check_posting(problem, found.posting) == ()
    assert found.is_optimal
    assert found.expected == pytest.approx(by_brute_force(problem, act_now))
    assert found.bound == pytest.approx(found.expected)
    again = solve_posting(problem, act_now=act_now).posting
    assert (again.now == found.posting.now).all()
    assert (again.craft_later == found.posting.craft_later).all()


def test_acting_is_never_worth_less_than_waiting_and_sometimes_more() -> None:
    pairs = [(solve_posting(tiny(n)).expected, solve_posting(tiny(n), act_now=False).expected) for n in range(6)]
    assert all(act <= wait for act, wait in pairs)
    assert any(act < wait for act, wait in pairs)


def test_a_posting_that_breaks_a_rule_is_found() -> None:
    problem = replace(tiny(1), now=np.zeros((2, 2), bool), rides=np.zeros((2, 2), bool), seats=np.array([3, 3]))
    posting = Posting.nothing(problem)
    posting.craft_now[0] = True
    posting.now[1, 0, 0] = 2
    broken = check_posting(problem, posting)
    assert {"a craft is used twice", "seats", "a window is shut", "more groups than there are"} <= set(broken)
    assert "a group cannot be at the pickup" in broken


def test_what_does_not_fit_together_is_refused_in_both_languages() -> None:
    with pytest.raises(PostingFaultError, match="add up to 100"):
        replace(tiny(1), weights=np.array([50, 40]))
    with pytest.raises(PostingFaultError, match="boats: shape"):
        replace(tiny(1), boats=np.zeros((1, 2), np.int64))


def test_the_typhoon_is_worth_acting_on_tonight(report: IsolationReport) -> None:
    value = report.tonight
    assert value is not None
    assert report.faults == ()
    assert value.act_expected < value.wait_expected
    assert value.act_worst < value.wait_worst
    assert value.bound <= value.act_expected
    assert value.gap < 0.05
    assert value.moves
