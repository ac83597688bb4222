"""Matrices from geography: lanes, closed departures, sites, floors and bands, each against the plain way."""

from __future__ import annotations

import random

import msgspec
import numpy as np
import pytest

from data.geography import Region
from data.scenario import read_scenario
from data.situation import Situation
from routing.deploy.candidates import FIELD, find_candidates
from routing.deploy.compile import HORIZON_MIN, Compiled, minutes
from routing.deploy.deployment import Planner
from routing.deploy.problem import NO_STATION, UNREACHABLE
from routing.deploy.travel import Travel, join_spans
from routing.handling import load_minutes, unload_minutes, usable_range_m, whole_minutes
from routing.network.network import Network


def situation_of(name: str, region: Region) -> Situation:
    return read_scenario(name, region).situation()


@pytest.fixture(scope="module")
def swell(zhoushan: Region) -> Situation:
    return situation_of("may-swell-miaozihu", zhoushan)


@pytest.fixture(scope="module")
def compiled(planner: Planner, zhoushan: Region) -> Compiled:
    return planner.compiled(situation_of("june-major-case", zhoushan))


def test_lanes_are_the_shortest_ways(planner: Planner, zhoushan: Region, zhoushan_network: Network) -> None:
    piers = [zhoushan.place(pier) for pier in zhoushan.piers]
    lengths_m = planner.book.zone_metres(piers, piers).sum(axis=2)
    np.testing.assert_allclose(lengths_m, zhoushan_network.sea_lengths_m(piers), rtol=1e-9, atol=1e-6)
    for a, b in random.Random(1).sample([(a, b) for a in piers for b in piers if a != b], 12):
        lane, route = planner.book.lane(a, b), zhoushan_network.sea_route(a, b)
        assert lane is not None
        assert lane.length_m == pytest.approx(route.length_m, abs=0.01)
        assert [zhoushan_network.lanes.zones.ids[z] for z in lane.zones] == [s.zone_id for s in route.zone_spans]


@pytest.mark.parametrize("name", ["may-swell-miaozihu", "quiet-night"])
def test_closed_departures_are_those_of_the_network(
    planner: Planner, zhoushan: Region, zhoushan_network: Network, name: str
) -> None:
    """The quick arithmetic of the compile against the worded one, link by link."""
    situation = situation_of(name, zhoushan)
    travel = Travel(zhoushan_network, planner.book, situation, HORIZON_MIN)
    shuffled = random.Random(7)
    closed = 0
    for craft_class in zhoushan.craft_classes.values():
        if craft_class.mode == "road":
            continue
        sites = list(zhoushan.piers) if craft_class.mode == "sea" else list(zhoushan.helipads)
        for _ in range(12):
            a, b = (zhoushan.place(site) for site in shuffled.sample(sites, 2))
            worded = travel.worded_spans(craft_class, a, b)
            expected = join_spans([(s.from_min, min(s.to_min, HORIZON_MIN + 1)) for s in worded])
            assert travel.closed_spans(craft_class, a, b) == expected, (craft_class.id, a.id, b.id)
            closed += bool(expected)
    assert closed > 10


def test_a_problem_holds_only_links_a_class_can_use(compiled: Compiled, zhoushan: Region) -> None:
    haul = compiled.problem.haul_min
    for c in range(compiled.problem.num_craft):
        craft_class = compiled.class_of(c)
        for p, pickup in enumerate(compiled.sites.pickups):
            for n, landing in enumerate(compiled.sites.landings):
                if haul[c, p, n] < UNREACHABLE and landing.id in zhoushan.piers:
                    assert craft_class.berthing & zhoushan.piers[landing.id].berthing
                    assert craft_class.berthing & zhoushan.piers[pickup.id].berthing
                if haul[c, p, n] < UNREACHABLE and landing.id.startswith(FIELD):
                    assert "field" in craft_class.berthing


def test_groups_near_their_own_incident_cost_no_cover(compiled: Compiled) -> None:
    island = compiled.scenes[0].island_id
    stations = compiled.own_patch
    assert stations
    assert all(compiled.region.stations[s].island_id == island for s in stations)
    for g, state in enumerate(compiled.candidates.groups):
        if state.group.home_site_id in stations:
            assert compiled.problem.station[g] == NO_STATION


def test_floors_count_the_groups_left_out(compiled: Compiled, zhoushan: Region) -> None:
    """Kept groups a station may send, plus those left out at home, never exceed what its floor allows."""
    problem = compiled.problem
    for n, station in enumerate(compiled.stations):
        kept = int((problem.station == n).sum())
        if kept:
            at_home = compiled.groups_at_home[station]
            assert problem.spare_groups[n] <= max(0, at_home - zhoushan.stations[station].keep_groups)


def test_a_pier_used_both_ways_shares_its_berths(planner: Planner, zhoushan: Region) -> None:
    compiled = planner.compiled(situation_of("quiet-night", zhoushan))
    sites = compiled.sites
    boarding = dict(zip((p.id for p in sites.pickups), sites.pickup_berths, strict=True))
    landing = dict(zip((p.id for p in sites.landings), sites.landing_berths, strict=True))
    both = set(boarding) & set(landing) & set(zhoushan.piers)
    assert both, "the scenario has incidents on several islands"
    for pier in both:
        assert boarding[pier] + landing[pier] <= zhoushan.piers[pier].berths


def test_by_night_no_helicopter_lands_in_a_field(planner: Planner, zhoushan: Region) -> None:
    situation = situation_of("quiet-night", zhoushan)
    travel = planner.compiled(situation).travel
    flyer = next(c for c in zhoushan.craft_classes.values() if "field" in c.berthing and c.seats > 0)
    pad = zhoushan.place(next(iter(zhoushan.helipads)))
    scene = planner.compiled(situation).scenes[0]
    field = msgspec.structs.replace(scene, id=FIELD + scene.id, kind="field")
    spans = travel.closed_spans(flyer, pad, field)
    assert spans, "the night starts dark"
    assert spans[0][0] == 0


def test_a_craft_off_its_pier_still_gets_its_lane(planner: Planner, zhoushan: Region) -> None:
    """A boat out on the water starts from where it is."""
    situation = situation_of("june-major-case", zhoushan)
    boat = next(s for s in situation.craft if zhoushan.craft_classes[s.craft.class_id].mode == "sea")
    afloat = msgspec.structs.replace(boat, site_id=None, lon_deg=122.42, lat_deg=30.02, status="returning")
    craft = tuple(afloat if s is boat else s for s in situation.craft)
    compiled = planner.compiled(msgspec.structs.replace(situation, craft=craft))
    starts = {s.craft.id: p for s, p in zip(compiled.candidates.craft, compiled.candidates.craft_at, strict=True)}
    if boat.craft.id in starts:
        row = [s.craft.id for s in compiled.candidates.craft].index(boat.craft.id)
        assert starts[boat.craft.id].id == f"at:{boat.craft.id}"
        assert compiled.problem.position_min[row].min() < UNREACHABLE


def test_a_group_at_sea_cannot_board(zhoushan: Region, zhoushan_network: Network) -> None:
    situation = situation_of("june-major-case", zhoushan)
    group = msgspec.structs.replace(situation.groups[0], site_id=None, lon_deg=122.9, lat_deg=30.5)
    found = find_candidates(
        msgspec.structs.replace(situation, groups=(group, *situation.groups[1:])), zhoushan, zhoushan_network
    )
    assert found.left_out[group.group.id].code == "at-sea"


def test_handling_is_half_the_turn_round_each_way(zhoushan: Region) -> None:
    for craft_class in zhoushan.craft_classes.values():
        assert load_minutes(craft_class) >= 1
        assert unload_minutes(craft_class) >= 1
        if craft_class.turnaround_min >= 2:
            assert load_minutes(craft_class) + unload_minutes(craft_class) == craft_class.turnaround_min


def test_range_keeps_a_reserve(zhoushan: Region) -> None:
    craft_class = zhoushan.craft_classes["rhib-8m"]
    assert usable_range_m(craft_class) == pytest.approx(200 * 1852 * 0.9)
    assert usable_range_m(msgspec.structs.replace(craft_class, range_nm=None)) == float("inf")


def test_seconds_become_whole_minutes_rounded_up() -> None:
    assert [whole_minutes(s) for s in (0.0, 1.0, 60.0, 60.0000001, 61.0)] == [0, 1, 1, 1, 2]
    assert minutes(np.array([0.0, 59.0, 61.0, np.inf, 60.0 * (HORIZON_MIN + 1)])).tolist() == [
        0, 1, 2, UNREACHABLE, UNREACHABLE,
    ]  # fmt: skip


def test_spans_that_touch_are_joined() -> None:
    assert join_spans([(5, 9), (0, 3), (3, 4), (8, 12)]) == ((0, 4), (5, 12))
