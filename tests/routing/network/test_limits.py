"""Each rule of limits alone, on both sides of its bound."""

from __future__ import annotations

import msgspec
import pytest

from data.geography import Pier
from routing.network import limits
from tests.routing.network.skies import hour
from tests.routing.network.small_region import BOAT, HELICOPTER, bridge, pad, pier


def test_wind_limit_is_the_top_of_the_beaufort_number() -> None:
    assert limits.wind_limit(BOAT, hour(wind_mps=13.8)) is None
    found = limits.wind_limit(BOAT, hour(wind_mps=17.0))
    assert found is not None
    assert (found.value, found.bound, found.unit) == (17.0, 13.8, "m/s")
    assert found.text.en == "wind 17.0 m/s over its limit 13.8"
    assert found.text.zh == "风速 17.0 m/s 超过限值 13.8"


def test_force_twelve_has_no_upper_bound() -> None:
    assert limits.wind_limit(msgspec.structs.replace(BOAT, max_wind_bft=12), hour(wind_mps=60.0)) is None


@pytest.mark.parametrize(("craft", "bound"), [(BOAT, 17.1), (HELICOPTER, 20.7)])
def test_gust_limit_is_one_beaufort_up_for_boats_and_the_number_itself_for_aircraft(craft, bound) -> None:
    assert limits.gust_limit(craft, hour(gust_mps=bound)) is None
    found = limits.gust_limit(craft, hour(gust_mps=bound + 0.1))
    assert found is not None
    assert found.bound == bound


def test_wave_limit_binds_boats_only() -> None:
    assert limits.wave_limit(BOAT, hour(hs_m=2.0)) is None
    assert limits.wave_limit(BOAT, hour(hs_m=2.1)) is not None
    assert limits.wave_limit(HELICOPTER, hour(hs_m=9.0)) is None


def test_visibility_limit() -> None:
    assert limits.visibility_limit(BOAT, hour(visibility_m=500)) is None
    found = limits.visibility_limit(BOAT, hour(visibility_m=499))
    assert found is not None
    assert found.text.en == "visibility 499 m under its limit 500"


@pytest.mark.parametrize(
    ("exposure", "wave_from_deg", "exposed"),
    [
        ((300, 60), 0, True),
        ((300, 60), 300, True),
        ((300, 60), 60, True),
        ((300, 60), 61, False),
        ((300, 60), 180, False),
        ((90, 180), 89, False),
        ((90, 180), 450, True),
        ((0, 360), 200, True),
        (None, 0, False),
    ],
)
def test_exposure_sector_runs_clockwise_through_north(exposure, wave_from_deg, exposed) -> None:
    assert limits.is_exposed(pier("p", 0, 0, exposure), wave_from_deg) is exposed


def test_an_exposed_berth_shuts_at_half_the_passage_limit() -> None:
    quay = pier("p", 0, 0, (300, 60))
    assert limits.berth_wave_limit(BOAT, quay, hour(hs_m=1.0)) is None
    found = limits.berth_wave_limit(BOAT, quay, hour(hs_m=1.4, wave_from_deg=10))
    assert found is not None
    assert (found.value, found.bound) == (1.4, 1.0)
    assert found.text.en == "waves 1.4 m from N at the berth over its limit 1.0"


def test_a_lee_berth_sees_less_of_the_same_sea() -> None:
    quay = pier("p", 0, 0, (300, 60))
    assert limits.berth_wave_limit(BOAT, quay, hour(hs_m=3.3, wave_from_deg=180)) is None
    assert limits.berth_wave_limit(BOAT, quay, hour(hs_m=3.4, wave_from_deg=180)) is not None


def test_a_berth_nobody_has_looked_at_counts_as_open_and_says_so() -> None:
    unknown = msgspec.structs.replace(pier("p", 0, 0), exposure_known=False)
    assert all(limits.is_exposed(unknown, deg) for deg in (0.0, 90.0, 180.0, 359.0))
    found = limits.berth_wave_limit(BOAT, unknown, hour(hs_m=1.6, wave_from_deg=90.0))
    assert found is not None
    assert found.text.en == "waves 1.6 m from E at the berth (exposure not known, taken as open) over its limit 1.0"
    assert "按敞开计" in found.text.zh
    assumed = limits.exposure_unknown(unknown)
    assert assumed is not None
    assert assumed.en.startswith("p pier: its exposure is not known")
    assert limits.exposure_unknown(pier("p", 0, 0)) is None
    assert limits.berth_wave_limit(BOAT, pier("p", 0, 0), hour(hs_m=1.6, wave_from_deg=90.0)) is None


def test_berthing_limit_asks_for_a_common_way_of_berthing() -> None:
    assert limits.berthing_limit(BOAT, pier("p", 0, 0)) is None
    beaching = msgspec.structs.replace(BOAT, berthing=frozenset({"beach"}))
    found = limits.berthing_limit(beaching, pier("p", 0, 0))
    assert found is not None
    assert found.text.en == "Patrol boat cannot berth at p pier"
    assert limits.berthing_limit(HELICOPTER, pad("h", 0, 0, night=False)) is None
    assert limits.berthing_limit(BOAT, pad("h", 0, 0, night=False)) is not None


def test_daylight_limit_lets_night_flights_land_on_night_pads_only() -> None:
    dark, lit = pad("dark", 0, 0, night=False), pad("lit", 0, 0, night=True)
    assert limits.daylight_limit(HELICOPTER, lit, is_night=True) is None
    assert limits.daylight_limit(HELICOPTER, dark, is_night=True) is not None
    assert limits.daylight_limit(HELICOPTER, None, is_night=True) is not None
    assert limits.daylight_limit(HELICOPTER, None, is_night=False) is None
    assert limits.daylight_limit(BOAT, None, is_night=True) is None


def test_bridge_wind_limit() -> None:
    span = bridge("b", ("a", "b"), (0, 0), (0, 100))
    assert limits.bridge_wind_limit(span, hour(wind_mps=24.4)) is None
    assert limits.bridge_wind_limit(span, hour(wind_mps=24.5)) is not None


@pytest.mark.parametrize(("from_deg", "said"), [(0, "N"), (350, "N"), (44, "NE"), (270, "W"), (338, "N")])
def test_compass_point(from_deg, said) -> None:
    assert limits.compass_point(from_deg).en == said


def beach(low_m: float | None = 1.2, high_m: float | None = 3.4) -> Pier:
    return msgspec.structs.replace(pier("b", 0, 0), tide_from_m=low_m, tide_to_m=high_m)


@pytest.mark.parametrize("tide_m", [1.2, 2.0, 3.4])
def test_a_tide_at_its_bounds_or_between_them_breaks_nothing(tide_m) -> None:
    assert limits.tide_limit(beach(), tide_m) is None


@pytest.mark.parametrize(
    ("tide_m", "shown", "bound", "words"),
    [
        (0.42, 0.4, 1.2, "tide 0.4 m under its limit 1.2 m"),
        (1.19, 1.1, 1.2, "tide 1.1 m under its limit 1.2 m"),
        (-0.05, -0.1, 1.2, "tide -0.1 m under its limit 1.2 m"),
        (3.41, 3.5, 3.4, "tide 3.5 m over its limit 3.4 m"),
    ],
)
def test_a_tide_out_of_bounds_is_never_shown_as_if_it_were_at_them(tide_m, shown, bound, words) -> None:
    found = limits.tide_limit(beach(), tide_m)
    assert found is not None
    assert (found.limit, found.value, found.bound, found.unit) == ("tide", shown, bound, "m")
    assert found.text.en == words


def test_one_bound_of_the_tide_may_be_left_open() -> None:
    assert limits.tide_limit(beach(high_m=None), 9.0) is None
    assert limits.tide_limit(beach(low_m=None), -1.0) is None
    assert limits.tide_limit(beach(low_m=None), 3.5) is not None


@pytest.mark.parametrize(
    ("low_m", "high_m", "en", "zh"),
    [
        (1.2, 3.4, "tide not known (usable from 1.2 to 3.4 m)", "潮位未知(可用潮位 1.2 至 3.4 m)"),
        (1.2, None, "tide not known (usable from 1.2 m)", "潮位未知(可用潮位 1.2 m 以上)"),
        (None, 3.4, "tide not known (usable up to 3.4 m)", "潮位未知(可用潮位 3.4 m 以下)"),
    ],
)
def test_a_tide_nobody_knows_shuts_a_beach_but_no_pier(low_m, high_m, en, zh) -> None:
    found = limits.tide_limit(beach(low_m, high_m), None)
    assert found is not None
    assert (found.text.en, found.text.zh) == (en, zh)
    assert limits.tide_limit(pier("p", 0, 0), None) is None
