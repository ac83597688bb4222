"""Moves towards a posture: they add up to it, none is idle, and who stands well stays."""

from __future__ import annotations

import numpy as np
import pytest

from data.array_cache import ArrayCache
from data.geography import Region
from data.scenario import Scenario, read_scenario
from routing.deploy.lane_book import LaneBook
from routing.network.network import Network
from routing.positioning.evaluate import objective, price_posture
from routing.positioning.moves import reposition, standing_now
from routing.positioning.problem import Measure
from routing.positioning.region import STAY_AT_HOME, Outlook, Positions, Posts
from routing.positioning.solve import solve_positions


@pytest.fixture(scope="module")
def night(zhoushan: Region) -> Scenario:
    return read_scenario("quiet-night", zhoushan)


@pytest.fixture(scope="module")
def positions(night: Scenario, zhoushan_network: Network, network_cache: ArrayCache) -> Positions:
    posts = Posts(zhoushan_network, LaneBook.build(zhoushan_network, network_cache))
    return posts.craft_positions(night.craft, [Outlook(night.title, night.start_at, night.forecast)], 30)


@pytest.mark.parametrize("measure", ["mclp", "mexclp"])
def test_the_gains_add_up_from_now_to_what_the_moves_make(
    positions: Positions, night: Scenario, measure: Measure
) -> None:
    problem = positions.problem
    best = solve_positions(problem, measure, seconds=5)
    assert best.stand is not None
    present = standing_now(positions, night.craft)
    made = reposition(positions, present, best.stand, measure, "expected")
    now = objective(problem, made.now, measure, "expected")
    after = objective(problem, made.after, measure, "expected")
    assert after - now == sum(move.gain for move in made.moves)
    assert made.moves[-1].gain > 0
    assert after >= (best.objective or 0)
    assert made.left_out == 0
    assert made.after == price_posture(problem, made.stand)
    few = reposition(positions, present, best.stand, measure, "expected", 3)
    assert few.moves == made.moves[: len(few.moves)]
    assert 0 < len(few.moves) <= 3
    assert few.left_out > 0
    assert (made.stand.sum(axis=1) == present.stand.sum(axis=1)).all()
    names = [move.unit_id for move in made.moves]
    assert len(set(names)) == len(names)


def test_no_list_of_moves_however_short_overfills_a_berth(positions: Positions, night: Scenario) -> None:
    problem = positions.problem
    best = solve_positions(problem, "p-median", seconds=2)
    assert best.stand is not None
    present = standing_now(positions, night.craft)
    whole = reposition(positions, present, best.stand, "p-median", "expected")
    for most in range(1, len(whole.moves), 3):
        made = reposition(positions, present, best.stand, "p-median", "expected", most)
        placed, before = made.stand.sum(axis=0), present.stand.sum(axis=0)
        assert not ((placed > problem.berths) & (placed > before)).any()


def test_from_the_best_posture_nobody_moves(positions: Positions, night: Scenario) -> None:
    present = standing_now(positions, night.craft)
    assert reposition(positions, present, present.stand, "mclp", "expected").moves == ()
    assert int(present.stand.sum()) == sum(site >= 0 for site in present.site_of.values())


def test_groups_that_belong_to_their_place_stay_there(
    night: Scenario, zhoushan_network: Network, network_cache: ArrayCache
) -> None:
    posts = Posts(zhoushan_network, LaneBook.build(zhoushan_network, network_cache))
    positions = posts.group_positions(night.groups, [Outlook(night.title, night.start_at, night.forecast)], 15)
    kinds = {state.group.id: state.group for state in night.groups}
    for k, kind in enumerate(positions.kinds):
        local = {kinds[name].home_site_id for name in kind.unit_ids if kinds[name].kind in STAY_AT_HOME}
        where = {positions.sites[s].id for s in np.flatnonzero(positions.problem.may_stand[k])}
        assert where == (local or {site.id for site in positions.sites})
