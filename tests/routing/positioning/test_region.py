"""Positions on the shipped region: who may stand where, what the forecast takes away, and answers that check."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import numpy as np
import pytest

from data.array_cache import ArrayCache
from data.geography import Region
from data.scenario import Scenario, read_scenario
from data.text import Text
from data.weather import Closure
from routing.deploy.lane_book import LaneBook
from routing.network.network import Network
from routing.positioning.problem import PositionFaultError
from routing.positioning.region import UNCOUNTED_RESIDENTS, Outlook, Posts, demand_points, stands_of, uncovered
from routing.positioning.solve import check_posture, solve_positions


@pytest.fixture(scope="module")
def posts(zhoushan_network: Network, network_cache: ArrayCache) -> Posts:
    return Posts(zhoushan_network, LaneBook.build(zhoushan_network, network_cache))


@pytest.fixture(scope="module")
def night(zhoushan: Region) -> Scenario:
    return read_scenario("quiet-night", zhoushan)


def _outlook(scenario: Scenario, *closures: Closure) -> Outlook:
    return Outlook(scenario.title, scenario.start_at, scenario.forecast, closures)


def test_every_resident_is_counted_once(zhoushan: Region) -> None:
    points = demand_points(zhoushan)
    counted = [UNCOUNTED_RESIDENTS if one.residents is None else one.residents for one in zhoushan.islands.values()]
    assert sum(point.residents for point in points) == sum(counted)
    assert {point.place.island_id for point in points} == {
        one.id for one, count in zip(zhoushan.islands.values(), counted, strict=True) if count
    }
    some = demand_points(zhoushan, dict.fromkeys(zhoushan.islands, 0) | {"miaozihu": 7})
    assert sum(point.residents for point in some) == 7
    with pytest.raises(PositionFaultError, match="atlantis"):
        demand_points(zhoushan, {"atlantis": 1})


def test_craft_stand_within_berths_and_the_posture_checks(posts: Posts, night: Scenario, zhoushan: Region) -> None:
    calm = Outlook(Text("晴好", "Calm"), night.start_at + timedelta(hours=8), None, (), 3)
    positions = posts.craft_positions(night.craft, [_outlook(night), calm], 30)
    found = solve_positions(positions.problem, "mclp", "worst", seconds=5)
    assert check_posture(positions.problem, found) == []
    assert found.stand is not None
    placed: dict[str, int] = {}
    for kind, site, count in stands_of(positions, found.stand):
        assert count <= len(kind.unit_ids)
        placed[site.id] = placed.get(site.id, 0) + count
    berths = {pier.id: pier.berths for pier in zhoushan.piers.values()}
    berths |= {pad.id: pad.pads for pad in zhoushan.helipads.values()}
    assert all(count <= berths[name] for name, count in placed.items())
    left = uncovered(positions, np.zeros(len(positions.points), np.bool_))
    assert left[0].residents == max(point.residents for point in positions.points)


def test_a_closed_pier_and_a_gale_take_craft_away(posts: Posts, night: Scenario) -> None:
    shut = Closure(
        id="c",
        target_kind="pier",
        target_id="miaozihu",
        from_at=night.start_at,
        until_at=None,
        reason=Text("演习", "exercise"),
        author="t",
    )
    assert night.forecast is not None
    gale_hours = tuple(
        msgspec.structs.replace(hour, wind_mps=40.0, gust_mps=50.0, hs_m=9.0) for hour in night.forecast.hours
    )
    gale = msgspec.structs.replace(night.forecast, hours=gale_hours)
    outlooks = [
        Outlook(Text("晴", "Calm"), night.start_at, None),
        Outlook(Text("封", "Shut"), night.start_at, None, (shut,)),
        Outlook(Text("风", "Gale"), night.start_at, gale),
    ]
    positions = posts.craft_positions(night.craft, outlooks, 30)
    minutes = positions.problem.minutes
    island = [n for n, point in enumerate(positions.points) if point.place.island_id == "miaozihu"]
    site = [place.id for place in positions.sites].index("miaozihu")
    boats = np.flatnonzero(positions.problem.may_stand[:, site])
    everywhere = minutes.min(axis=(1, 2))
    assert (everywhere[0, island] < 60).all()
    assert (minutes[1][boats][:, site] == 1_000_000).all()
    assert (minutes[0][boats][:, site].min(axis=1) < 60).all()
    assert (minutes[2] == 1_000_000).all()
    assert (minutes[1] >= minutes[0]).all()


def test_groups_keep_standing_cover_and_never_cross_water(posts: Posts, night: Scenario, zhoushan: Region) -> None:
    positions = posts.group_positions(night.groups, [_outlook(night)], 20)
    found = solve_positions(positions.problem, "mclp", seconds=5)
    assert check_posture(positions.problem, found) == []
    assert found.stand is not None
    standing = found.stand.sum(axis=0)
    for count, station in zip(standing, zhoushan.stations.values(), strict=True):
        assert count >= station.keep_groups
    for s, site in enumerate(positions.sites):
        for d, point in enumerate(positions.points):
            if {site.island_id, point.place.island_id} == {"zhoushan", "miaozihu"}:
                assert positions.problem.minutes[0, 0, s, d] == 1_000_000


def test_nothing_to_place_or_to_look_at(posts: Posts, night: Scenario) -> None:
    with pytest.raises(PositionFaultError, match="outlooks"):
        posts.craft_positions(night.craft, [], 30)
    with pytest.raises(PositionFaultError, match="craft"):
        posts.craft_positions([], [_outlook(night)], 30)
    with pytest.raises(PositionFaultError, match="groups"):
        posts.group_positions([], [_outlook(night)], 30)
