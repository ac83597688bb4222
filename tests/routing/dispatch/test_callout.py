"""Calling the shipped region's units out: times worked out again one by one, and a reason for each who cannot go."""

from __future__ import annotations

from datetime import timedelta
from math import inf

import msgspec
import numpy as np
import pytest

from data.array_cache import ArrayCache
from data.forces import FREE, CraftState, GroupState
from data.geography import Region, scene_place
from data.scenario import read_scenario
from data.situation import Situation
from data.text import Text
from data.weather import Closure
from routing.deploy.lane_book import LaneBook
from routing.deploy.ways import can_berth
from routing.dispatch.callout import Callout, call_out, unit_id
from routing.dispatch.crossings import Crossings
from routing.dispatch.nearest import nearest_units
from routing.dispatch.problem import Block, DispatchFaultError
from routing.handling import load_minutes, unload_minutes
from routing.network.network import Network


@pytest.fixture(scope="module")
def book(zhoushan_network: Network, network_cache: ArrayCache) -> LaneBook:
    return LaneBook.build(zhoushan_network, network_cache)


@pytest.fixture(scope="module")
def june(zhoushan: Region) -> Situation:
    return read_scenario("june-major-case", zhoushan).situation()


@pytest.fixture(scope="module")
def called(june: Situation, zhoushan_network: Network, book: LaneBook) -> Callout:
    return call_out(june, zhoushan_network, book)


def _row(called: Callout, name: str) -> int:
    return next(n for n, unit in enumerate(called.units) if unit_id(unit) == name)


def _by_boat_s(group: GroupState, june: Situation, crossings: Crossings) -> float:
    """The quickest way by water, one craft, pickup and landing at a time."""
    region, best = crossings.region, inf
    scene = scene_place(june.incidents[0])
    piers = [region.place(name) for name in region.piers]
    access_s = crossings.road_s([region.place(group.site_id or "")], piers)[0]
    last_s = crossings.road_s(piers, [scene])[:, 0]
    for state in june.craft:
        craft_class = region.craft_classes[state.craft.class_id]
        if craft_class.mode != "sea" or group.group.strength > craft_class.seats:
            continue
        usable = [
            n for n, p in enumerate(piers) if can_berth(craft_class, p, region) and crossings.is_open(craft_class, p)
        ]
        hop_s = crossings.hop_s(craft_class, piers, piers)
        home = [pier.id for pier in piers].index(state.site_id or "")
        if home not in usable:
            continue
        for pickup in usable:
            at_s = max(60 * group.ready_in_min + access_s[pickup], 60 * state.ready_in_min + hop_s[home, pickup])
            for landing in usable:
                if landing != pickup and last_s[landing] <= 3600:
                    handling_s = 60.0 * (load_minutes(craft_class) + unload_minutes(craft_class))
                    best = min(best, at_s + handling_s + hop_s[pickup, landing] + last_s[landing])
    return best


@pytest.mark.parametrize("name", ["police-gaoting-1", "volunteers-qingbang", "riot-hq"])
def test_a_group_fetched_by_boat_is_timed_as_one_by_one(
    called: Callout, june: Situation, zhoushan_network: Network, book: LaneBook, name: str
) -> None:
    flightless = msgspec.structs.replace(
        june, craft=tuple(one for one in june.craft if "heli" not in one.craft.class_id)
    )
    by_sea = call_out(flightless, zhoushan_network, book)
    row = _row(by_sea, name)
    crossings = Crossings(zhoushan_network, book, june.at, june.forecast, june.closures)
    group = by_sea.units[row]
    assert isinstance(group, GroupState)
    assert by_sea.comings.seconds[row, 0] == pytest.approx(_by_boat_s(group, june, crossings))
    assert by_sea.comings.way_of(row, 0) == "sea"
    carrier = by_sea.carrier(0, row)
    assert carrier is not None
    assert zhoushan_network.region.craft_classes[carrier.craft.class_id].seats >= group.group.strength


def test_who_is_on_the_island_drives_and_takes_nothing_from_cover(called: Callout) -> None:
    row = _row(called, "police-dongji-1")
    assert called.comings.way_of(row, 0) == "road"
    assert called.carrier(0, row) is None
    assert called.own_patch[0, row]
    assert called.cover_after(0, row) is None
    away = _row(called, "police-shenjiamen-1")
    free, after, keep = called.cover_after(0, away) or (0, 0, 0)
    assert (free - after, keep) == (1, zhoushan_keep(called, away))


def zhoushan_keep(called: Callout, row: int) -> int:
    unit = called.units[row]
    assert isinstance(unit, GroupState)
    return called.crossings.region.stations[unit.group.home_site_id].keep_groups


def test_where_the_roads_are_shut_people_walk(june: Situation, zhoushan_network: Network, book: LaneBook) -> None:
    shut = Closure(
        id="c1", target_kind="road", target_id="miaozihu", from_at=june.at - timedelta(hours=1), until_at=None,
        reason=Text("塌方", "landslide"), author="1",
    )  # fmt: skip
    walked = call_out(msgspec.structs.replace(june, closures=(shut,)), zhoushan_network, book)
    row = _row(walked, "volunteers-miaozihu")
    assert walked.comings.way_of(row, 0) == "foot"
    driven = call_out(june, zhoushan_network, book)
    assert walked.comings.seconds[row, 0] > driven.comings.seconds[row, 0]


def test_each_who_cannot_go_has_its_reason(june: Situation, zhoushan_network: Network, book: LaneBook) -> None:
    groups = [
        msgspec.structs.replace(one, status="on_scene") if one.group.id == "township-miaozihu" else one
        for one in june.groups
    ]
    situation = msgspec.structs.replace(
        june, groups=tuple(groups), forbidden={"volunteers-miaozihu": Text("正在休整", "resting")}
    )
    called = call_out(situation, zhoushan_network, book, skills={"armed"})
    found = nearest_units(called.problem, 0, 10)
    why = {unit_id(called.units[u]): (b, called.why_blocked(0, u, b).en) for u, _, b in found.nearest_passed(200)}
    assert why["township-miaozihu"] == (Block.BUSY, "on scene")
    assert why["volunteers-miaozihu"] == (Block.UNSUITABLE, "resting")
    assert why["police-dongji-1"] == (Block.NO_SKILL, "lacks armed")
    near = call_out(situation, zhoushan_network, book, reach_min=5)
    assert near.why_blocked(0, _row(near, "volunteers-qingbang"), Block.OUT_OF_REACH).en == "beyond 5 min"


def test_a_boat_held_by_the_sea_says_the_limit(zhoushan: Region, zhoushan_network: Network, book: LaneBook) -> None:
    swell = read_scenario("may-swell-miaozihu", zhoushan).situation()
    called = call_out(swell, zhoushan_network, book, "craft")
    row = _row(called, "assault-05")
    assert called.problem.blocks[0, row] == Block.NO_WAY
    assert "waves" in called.why_blocked(0, row, Block.NO_WAY).en
    far = _row(called, "assault-01")
    assert called.why_blocked(0, far, Block.NO_WAY).en.startswith("at the scene: waves")


def test_a_boat_under_way_is_timed_from_where_it_is(june: Situation, zhoushan_network: Network, book: LaneBook) -> None:
    def at_sea(one: CraftState) -> CraftState:
        return msgspec.structs.replace(one, site_id=None, status="returning", lon_deg=122.55, lat_deg=30.15)

    moved = tuple(at_sea(one) if one.craft.id == "patrol-01" else one for one in june.craft)
    before = call_out(june, zhoushan_network, book, "craft")
    after = call_out(msgspec.structs.replace(june, craft=moved), zhoushan_network, book, "craft")
    row = _row(after, "patrol-01")
    assert np.isfinite(after.comings.seconds[row, 0])
    assert after.comings.seconds[row, 0] < before.comings.seconds[row, 0]
    others = np.arange(len(after.units)) != row
    assert np.array_equal(before.comings.seconds[others], after.comings.seconds[others])


def test_as_many_groups_are_asked_for_as_make_up_the_first_echelon(called: Callout, june: Situation) -> None:
    count = int(called.problem.needed[0])
    persons = june.incidents[0].echelons[0].persons
    assert called.persons_of_nearest(0) >= persons
    units = nearest_units(called.problem, 0, count).units.tolist()
    last = called.units[units[-1]]
    assert isinstance(last, GroupState)
    assert called.persons_of_nearest(0) - last.group.strength < persons


def test_a_situation_without_incident_or_unit_is_refused(
    june: Situation, zhoushan_network: Network, book: LaneBook
) -> None:
    with pytest.raises(DispatchFaultError, match="incidents"):
        call_out(msgspec.structs.replace(june, incidents=()), zhoushan_network, book)
    with pytest.raises(DispatchFaultError, match="units"):
        call_out(msgspec.structs.replace(june, groups=()), zhoushan_network, book)
    with pytest.raises(DispatchFaultError, match="wizardry"):
        call_out(june, zhoushan_network, book, skills={"wizardry"})
    assert all(one.status in FREE for one in june.groups)
