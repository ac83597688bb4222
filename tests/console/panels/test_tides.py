"""The tide in the weather band and in the tip of a beach: height, unit, way it runs, datum and source."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from console.panels.outlook import Outlook
from console.panels.tides import pier_tide_lines, tide_words
from console.panels.weather import weather_band_html
from data.geography import Pier, Region
from data.weather import Forecast
from tests.console.panels.samples import NOW, Night

QUIET = Outlook(now=(), following=None)


@pytest.fixture
def tidal(night: Night) -> Forecast:
    """The night's forecast with a tide that rises 0.6 m an hour in every zone."""
    assert night.picture.forecast is not None
    start = NOW.replace(minute=0, second=0) - timedelta(hours=1)
    first = {hour.zone_id: hour for hour in reversed(night.picture.forecast.hours)}
    hours = tuple(
        msgspec.structs.replace(hour, valid_from=start + timedelta(hours=n), tide_m=1.0 + 0.6 * n)
        for hour in first.values()
        for n in range(4)
    )
    return msgspec.structs.replace(night.picture.forecast, hours=hours)


def beach(region: Region, low_m: float | None, high_m: float | None) -> Pier:
    pier = next(iter(region.piers.values()))
    return msgspec.structs.replace(pier, tide_from_m=low_m, tide_to_m=high_m, zone_id=next(iter(region.zones)))


def test_the_band_shows_height_way_datum_and_source(night: Night, tidal: Forecast) -> None:
    night.picture.forecast = tidal
    zone = next(iter(night.region.zones))
    html = weather_band_html(night.picture, night.region, zone, QUIET, NOW, "en")
    assert "Tide <b>1.7 m</b> rising" in html
    assert f"tide above chart datum; source: {tidal.source}" in html
    chinese = weather_band_html(night.picture, night.region, zone, QUIET, NOW, "zh")
    assert "潮 <b>1.7 m</b> 涨" in chinese
    assert "高于理论最低潮面" in chinese


def test_a_narrow_band_keeps_the_tide_where_a_landing_needs_it(night: Night, tidal: Forecast) -> None:
    night.picture.forecast = tidal
    needing = {pier.zone_id for pier in night.region.piers.values() if pier.is_tidal}
    assert needing
    for zone in night.region.zones:
        html = weather_band_html(night.picture, night.region, zone, QUIET, NOW, "en")
        (tide,) = [part for part in html.split("<span") if part.endswith(" rising</span>") or ">Tide <b>" in part]
        assert ('class="figure wide"' in tide) is (zone not in needing)


def test_a_tide_the_forecast_leaves_out_is_said_to_be_unknown(night: Night) -> None:
    zone = next(iter(night.region.zones))
    html = weather_band_html(night.picture, night.region, zone, QUIET, NOW, "en")
    assert "Tide <b>not known</b>" in html
    assert "beaches that need a tide count as shut" in html


@pytest.mark.parametrize(
    ("low_m", "high_m", "words"),
    [
        (1.2, 3.4, "usable at tide 1.2 to 3.4 m · now 1.7 m rising"),
        (1.2, None, "usable at tide 1.2 m and over · now 1.7 m rising"),
        (None, 3.4, "usable at tide 3.4 m and under · now 1.7 m rising"),
    ],
)
def test_a_beach_says_what_it_needs_and_what_there_is(
    night: Night, tidal: Forecast, low_m: float | None, high_m: float | None, words: str
) -> None:
    lines = pier_tide_lines(beach(night.region, low_m, high_m), night.region, tidal, NOW, "en")
    assert lines == [words, f"tide above chart datum; source: {tidal.source}"]


def test_a_quay_says_nothing_of_the_tide_and_a_beach_without_one_says_so(night: Night) -> None:
    assert pier_tide_lines(beach(night.region, None, None), night.region, None, NOW, "en") == []
    needs, unknown = pier_tide_lines(beach(night.region, 1.2, 3.4), night.region, None, NOW, "en")
    assert needs == "usable at tide 1.2 to 3.4 m"
    assert "count as shut" in unknown


def test_slack_water_has_no_way_and_an_unknown_zone_no_tide(night: Night, tidal: Forecast) -> None:
    still = msgspec.structs.replace(
        tidal, hours=tuple(msgspec.structs.replace(hour, tide_m=2.0) for hour in tidal.hours)
    )
    zone = next(iter(night.region.zones))
    assert tide_words(still, zone, NOW, "en") == ("2.0 m", "")
    assert tide_words(still, "nowhere", NOW, "en") is None
