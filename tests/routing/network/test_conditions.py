"""States of links under a forecast and closures, and how long they last."""

from __future__ import annotations

from datetime import timedelta

import pytest

from data.errors import OutsideForecastError
from routing.network.conditions import Conditions
from tests.routing.network.skies import START, closure, forecast, hour
from tests.routing.network.small_region import BOAT, HELICOPTER, bridge, pad, pier, small_region, square

LAND = {"a": square(0, 0, 1000)}


def conditions(*hours, closures=(), piers=(), hours_long=12.0) -> Conditions:
    return Conditions(small_region(LAND, piers), forecast(*hours, hours_long=hours_long) if hours else None, closures)


def test_words_name_value_bound_and_local_time_of_the_end() -> None:
    now = conditions(hour(wind_mps=17.0), hour(hours_on=3 + 1 / 3, wind_mps=5.0))
    state = now.state(now.craft_shuts(BOAT, "west"), START)
    assert state.status == "closed"
    assert state.text is not None
    assert state.text.en == "wind 17.0 m/s over its limit 13.8 until 13:20"
    assert state.text.zh == "风速 17.0 m/s 超过限值 13.8,至 13:20"
    assert state.until_at == START + timedelta(hours=3, minutes=20)


def test_an_end_on_another_day_carries_its_date() -> None:
    now = conditions(hour(wind_mps=17.0), hour(hours_on=20, wind_mps=5.0), hours_long=30)
    state = now.state(now.craft_shuts(BOAT, "west"), START)
    assert state.text is not None
    assert state.text.en.endswith("until 06-02 06:00")


def test_until_looks_through_hours_that_stay_over_the_limit() -> None:
    now = conditions(hour(wind_mps=17.0), hour(hours_on=1, wind_mps=19.0), hour(hours_on=2, wind_mps=5.0))
    state = now.state(now.craft_shuts(BOAT, "west"), START)
    assert (state.value, state.until_at) == (17.0, START + timedelta(hours=2))
    later = now.state(now.craft_shuts(BOAT, "west"), START + timedelta(minutes=90))
    assert later.value == 19.0


def test_of_two_rules_broken_the_one_that_lifts_last_is_told() -> None:
    now = conditions(hour(wind_mps=17.0, hs_m=3.0), hour(hours_on=1, hs_m=3.0), hour(hours_on=2, hs_m=0.5))
    assert now.state(now.craft_shuts(BOAT, "west"), START).limit == "waves"


def test_until_looks_through_a_rule_that_follows_on_another() -> None:
    quay = pier("north", 0, 1000, (300, 60))
    turning = [hour(hs_m=1.6), hour(hours_on=1, hs_m=2.4, wave_from_deg=180.0), hour(hours_on=2)]
    now = conditions(*turning, piers=[quay])  # shut by the swell at the berth, then by the sea outside
    shuts = now.pier_shuts(quay, BOAT)
    first, then = now.state(shuts, START), now.state(shuts, START + timedelta(hours=1))
    assert (first.limit, then.limit) == ("berth_waves", "waves")
    assert first.until_at == then.until_at == START + timedelta(hours=2)
    assert first.text is not None
    assert first.text.en.endswith("until 12:00")


def test_a_limit_to_the_end_of_the_forecast_has_no_end() -> None:
    now = conditions(hour(wind_mps=17.0))
    state = now.state(now.craft_shuts(BOAT, "west"), START)
    assert state.until_at is None
    assert state.text is not None
    assert state.text.en == "wind 17.0 m/s over its limit 13.8"


def test_outside_the_forecast_the_nearest_hour_is_assumed_and_said() -> None:
    now = conditions(hour(), hour(hours_on=1, wind_mps=17.0), hours_long=2)
    shuts = now.craft_shuts(BOAT, "west")
    assert now.state(shuts, START - timedelta(hours=1), "west").status == "limited"
    assert now.state(shuts, START + timedelta(hours=9), "west").status == "closed"


def test_a_zone_the_forecast_leaves_out_is_an_error_that_names_it() -> None:
    now = conditions(hour("west"))
    with pytest.raises(OutsideForecastError, match="east"):
        now.craft_shuts(BOAT, "east")


def test_no_forecast_means_no_weather_limits() -> None:
    now = conditions()
    assert now.state(now.craft_shuts(BOAT, "west"), START).status == "open"


@pytest.mark.parametrize(("kind", "target"), [("pier", "p"), ("island", "a"), ("zone", "west")])
def test_a_closed_pier_island_or_zone_shuts_the_pier(kind, target) -> None:
    quay = pier("p", 1000, 0)
    now = conditions(closures=[closure(kind, target, 0, 60)], piers=[quay])
    state = now.state(now.pier_shuts(quay, BOAT), START)
    assert state.status == "closed"
    assert state.text is not None
    assert state.text.en == "closed: exercise until 11:00"
    assert now.state(now.pier_shuts(quay, BOAT), START + timedelta(hours=1)).status == "open"


def test_a_closure_of_another_thing_does_not_shut_the_pier() -> None:
    quay = pier("p", 1000, 0)
    now = conditions(closures=[closure("pier", "q"), closure("island", "b"), closure("zone", "east")], piers=[quay])
    assert now.state(now.pier_shuts(quay, BOAT), START).status == "open"


def test_swell_shuts_the_exposed_pier_and_leaves_the_lee_one_open() -> None:
    north, south = pier("north", 0, 1000, (300, 60)), pier("south", 0, -1000, (120, 240))
    now = conditions(hour(hs_m=1.6, wave_from_deg=10.0), piers=[north, south])
    assert now.state(now.pier_shuts(north, BOAT), START).limit == "berth_waves"
    assert now.state(now.pier_shuts(south, BOAT), START).status == "open"


def test_a_pad_is_shut_by_night_unless_approved() -> None:
    midnight = START + timedelta(hours=14)
    dark, lit = pad("dark", 0, 0, night=False), pad("lit", 0, 0, night=True)
    now = conditions()
    state = now.state(now.pad_shuts(dark, "west", HELICOPTER, START), midnight)
    assert state.limit == "daylight"
    assert state.until_at is not None
    assert timedelta(0) < state.until_at - midnight < timedelta(hours=7)
    assert now.state(now.pad_shuts(lit, "west", HELICOPTER, START), midnight).status == "open"
    assert now.state(now.pad_shuts(dark, "west", HELICOPTER, START), START).status == "open"


def test_the_third_night_shuts_a_pad_too() -> None:
    dark = pad("dark", 0, 0, night=False)
    state = conditions().state(
        conditions().pad_shuts(dark, "west", HELICOPTER, START), START + timedelta(hours=14 + 2 * 24)
    )
    assert state.limit == "daylight"


def test_gusts_and_fog_shut_a_pad() -> None:
    lit = pad("lit", 0, 0, night=True)
    now = conditions(hour(gust_mps=20.8), hour(hours_on=1, visibility_m=2_900), hour(hours_on=2))
    shuts = now.pad_shuts(lit, "west", HELICOPTER, START)
    found = [now.state(shuts, START + timedelta(hours=hours)) for hours in range(3)]
    assert [state.limit for state in found] == ["gust", "visibility", None]
    assert {state.until_at for state in found[:2]} == {START + timedelta(hours=2)}  # one follows on the other


def test_people_shut_bridges_pads_and_roads() -> None:
    span, lit = bridge("b", ("a", "b"), (0, 0), (0, 100)), pad("lit", 0, 0, night=True)
    now = conditions(closures=[closure("bridge", "b"), closure("helipad", "lit"), closure("road", "a", until_min=30)])
    assert now.state(now.bridge_shuts(span), START).limit == "closure"
    assert now.state(now.pad_shuts(lit, "west", HELICOPTER, START), START).limit == "closure"
    road = now.state(now.road_shuts("a"), START)
    assert road.text is not None
    assert road.text.en == "closed: exercise until 10:30"
    assert now.state(now.road_shuts("a"), START + timedelta(minutes=30)).status == "open"


def test_wind_shuts_a_bridge() -> None:
    span = bridge("b", ("a", "b"), (0, 0), (0, 100))
    now = conditions(hour(wind_mps=26.0), hour(hours_on=1))
    assert now.state(now.bridge_shuts(span), START).limit == "wind"
    assert now.state(now.bridge_shuts(span), START + timedelta(hours=1)).status == "open"
