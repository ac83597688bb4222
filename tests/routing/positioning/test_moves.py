"""Moves towards a posture: they add up to it, none is idle, and who stands well stays."""

from __future__ import annotations

import numpy as np
import pytest

from data.array_cache import ArrayCache
from data.geography import Place, Region
from data.scenario import Scenario, read_scenario
from data.text import Text
from routing.deploy.lane_book import LaneBook
from routing.network.network import Network
from routing.positioning.evaluate import objective, price_posture
from routing.positioning.moves import Present, reposition, standing_now
from routing.positioning.problem import Measure, PositionProblem
from routing.positioning.region import STAY_AT_HOME, DemandPoint, Kind, Outlook, Positions, Posts
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


def _site(name: str, lon_deg: float) -> Place:
    return Place(id=name, kind="pier", name=Text(name, name), island_id="a", lon_deg=lon_deg, lat_deg=30.0)


def test_two_craft_that_change_places_do_so_both_or_not_at_all() -> None:
    minutes = np.full((2, 2, 2), 90)  # craft, sites, points
    minutes[0, 1, 0] = minutes[1, 0, 1] = 5
    problem = PositionProblem.plain(minutes, [10, 20], np.array([1, 1]), reach_min=10)
    sites = (_site("east", 122.1), _site("west", 122.0))
    kinds = tuple(Kind(Text("艇", "boat"), 5, (name,)) for name in ("a", "b"))
    points = tuple(DemandPoint(site, 10) for site in sites)
    positions = Positions(problem, kinds, sites, points, ())
    present = Present(np.array([[1, 0], [0, 1]]), {"a": 0, "b": 1})
    best = np.array([[0, 1], [1, 0]])
    one = reposition(positions, present, best, "mclp", "expected", 1)
    assert one.moves == ()  # either alone would lie two to a berth
    assert one.left_out == 2
    both = reposition(positions, present, best, "mclp", "expected")
    assert {(move.unit_id, move.to_site.id) for move in both.moves} == {("a", "west"), ("b", "east")}
    assert both.after[0].covered == 30


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
