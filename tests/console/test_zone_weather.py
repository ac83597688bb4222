"""An officer's value for a zone: typed, decided, laid over the forecast, shown with its author, and taken back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import msgspec
import pytest
from bokeh.plotting import figure

from console.actions import handle
from console.alarm_rules import Watch, manual_weather_ends
from console.command_words import NotUnderstoodError, build_vocabulary
from console.commands import IssueForecast, LiftZoneWeather, SetZoneWeather
from console.map.manual import ManualLayer
from console.map.placement import place
from console.map.scene import Scene
from console.map.zones import weather_words
from console.outlooks import Outlooks
from console.panels.weather import weather_band_html
from console.panels.weather_marks import warning_words
from console.seat import Seat
from console.weather_line import ClearWeather, SetWeather, end_of, read_weather
from console.world import World
from data.geography import Region
from data.journal.events import AlarmRaised
from data.journal.picture import picture_from
from data.scenario import Scenario, read_scenario
from data.text import Text
from data.weather import ZoneHour
from tests.console.seat_samples import FakeDesk, toasts


@pytest.fixture(scope="module")
def story(zhoushan: Region) -> Scenario:
    return read_scenario("typhoon-approach", zhoushan)


@pytest.fixture
def world(zhoushan: Region, story: Scenario, tmp_path: Path) -> Iterator[World]:
    opened = World.open(tmp_path, zhoushan, None, story, speed=0.0)
    yield opened
    opened.close()


def hour_now(world: World, zone_id: str) -> ZoneHour:
    assert world.picture.forecast is not None
    return world.picture.forecast.at(zone_id, world.now)


def order(world: World, hours: float = 2.0, zone_id: str = "dongji", **given: Any) -> Any:
    command = SetZoneWeather(
        zone_id=zone_id, until_at=world.now + timedelta(hours=hours), reason=Text("码头目测", "from the pier"), **given
    )
    return world.execute(command, "duty officer")


def test_a_scenarios_value_stands_beside_the_forecast_as_issued(world: World) -> None:
    picture = world.picture
    assert list(picture.manual_weather) == ["manual-qushan-1341"]
    assert hour_now(world, "qushan").hs_m == 1.4
    assert picture.grid is not None
    assert picture.grid.at("qushan", world.now).hs_m != 1.4
    assert picture.situation(world.now).forecast == picture.forecast


def test_a_value_outranks_the_forecast_and_its_taking_back_restores_it(world: World) -> None:
    before = world.picture.forecast
    assert before is not None
    assert order(world, hs_m=2.9, visibility_m=900.0).ok
    hour = hour_now(world, "dongji")
    assert (hour.hs_m, hour.visibility_m) == (2.9, 900.0)
    assert hour.mark is not None
    assert (hour.mark.author, hour.mark.issued_at) == ("duty officer", world.now)
    assert world.picture.forecast is not None
    assert world.picture.forecast.id != before.id  # what is kept by the forecast's id is worked out anew
    assert world.picture.forecast.at("dongji", world.now + timedelta(hours=2)).mark is None
    assert world.execute(LiftZoneWeather(zone_id="dongji"), "duty officer").ok
    assert world.picture.forecast == before
    lines = [one.text for one in world.picture.log[-2:]]
    assert lines[0].en == "Manual value for dongji: waves 2.9 m, visibility 900 m (from the pier)"
    assert "人工值 dongji:浪高 2.9 m、能见度 900 m(码头目测)" in lines[0].zh
    assert "taken back" in lines[1].en


def test_a_newer_forecast_comes_under_the_value_and_a_restart_folds_the_same(world: World) -> None:
    assert order(world, hs_m=2.9).ok
    grid = world.picture.grid
    assert grid is not None
    newer = msgspec.structs.replace(
        grid,
        id="newer",
        issued_at=world.now,
        hours=tuple(msgspec.structs.replace(one, hs_m=0.3) for one in grid.hours if one.zone_id != "jintang"),
    )
    assert world.execute(IssueForecast(forecast=newer), "forecaster").ok
    assert hour_now(world, "dongji").hs_m == 2.9
    assert hour_now(world, "putuo").hs_m == 0.3
    mark = hour_now(world, "jintang").mark  # left out by the newer one: assumed, marked
    assert mark is not None
    assert mark.kind == "assumed"
    again = picture_from(world.journal.read(), world.region)
    assert again.forecast == world.picture.forecast
    assert again.manual_weather == world.picture.manual_weather


@pytest.mark.parametrize(
    ("change", "en", "zh"),
    [
        ({"zone_id": "dongj"}, "Did you mean dongji", "是否为:dongji"),
        ({"hs_m": 99.0}, "out of range; give 0 to 25 m", "超出 0 至 25 m"),
        ({"hs_m": None}, "gives no value", "未给任何要素"),
        ({"wind_mps": 9.0, "gust_mps": 3.0}, "below the mean wind", "阵风不得小于"),
        ({"hours": 0.0}, "lies in the past", "已过"),
        ({"hours": 25.0}, "24 hours at most", "最长 24 小时"),
    ],
)
def test_a_value_that_cannot_be_is_refused_in_both_languages(
    world: World, change: dict[str, Any], en: str, zh: str
) -> None:
    outcome = order(world, **{"hs_m": 1.0, **change})
    assert outcome.refusal is not None
    assert en in outcome.refusal.en
    assert zh in outcome.refusal.zh


def test_without_a_reason_a_forecast_or_a_standing_value_it_is_refused(world: World, story: Scenario) -> None:
    end = world.now + timedelta(hours=1)
    unsaid = world.execute(SetZoneWeather(zone_id="dongji", until_at=end, reason=Text("", ""), hs_m=1.0), "o")
    assert unsaid.refusal is not None
    assert "rests on" in unsaid.refusal.en
    gone = world.execute(LiftZoneWeather(zone_id="putuo"), "o")
    assert gone.refusal is not None
    assert "No manual value of 'putuo'" in gone.refusal.en
    calm = msgspec.structs.replace(story, forecast=None, manual_weather=())
    world.restart(calm)
    bare = order(world, hs_m=1.0)
    assert bare.refusal is not None
    assert "Issue a forecast first" in bare.refusal.en


def test_the_band_and_the_map_say_whose_value_it_is(world: World) -> None:
    picture, region = world.picture, world.region
    html = str(weather_band_html(picture, region, "qushan", None, world.now, "en"))
    assert "manual" in html
    assert "duty officer 13:41" in html
    assert "waves 1.4 m (seen higher than the grid from Daozha pier, waiting for the buoy)" in html
    assert "set by duty officer at 13:41, until 17:00" in html
    assert "orange typhoon warning" in html
    assert "人工值" in str(weather_band_html(picture, region, "qushan", None, world.now, "zh"))
    assert "manual" not in str(weather_band_html(picture, region, "putuo", None, world.now, "en"))
    scene = cast(Scene, SimpleNamespace(region=region, picture=picture, now=world.now, language="en"))
    cast(Any, scene).words = lambda text: text.en
    assert weather_words(scene, "qushan").endswith("\nmanual, duty officer 13:41")
    assert "manual" not in weather_words(scene, "putuo")


def test_an_officers_value_that_ends_soon_calls_for_another_look(world: World) -> None:
    def due(minutes: float) -> list[AlarmRaised]:
        return list(manual_weather_ends(Watch(world.picture, world.region, world.now + timedelta(minutes=minutes))))

    assert due(137) == []  # of 168 until 17:00
    (alarm,) = due(138)
    assert alarm.cause.en == "Qushan waters: waves 1.4 m (manual) until 17:00"
    assert "复测" in alarm.action.zh
    assert alarm.deadline_at == datetime(2026, 9, 12, 9, 0, tzinfo=UTC)
    assert due(168) == []


def test_the_map_marks_every_zone_under_an_officers_value(world: World) -> None:
    layer = ManualLayer()
    layer.attach(figure())
    scene = cast(Any, SimpleNamespace(region=world.region, picture=world.picture, now=world.now, language="zh"))
    scene.tokens, scene.is_board = {"text2": "#ffffff", "sea": "#000000"}, False
    scene.viewport = SimpleNamespace(to_px=lambda x, y: (x / 1000, y / 1000))

    def shown() -> list[str]:
        layer.draw(scene)
        layer.settle(scene, place(layer.candidates(scene)))
        return list(layer.source.data["text"])

    assert shown() == ["衢山水域 浪高 1.4 m\n人工值 duty officer 13:41"]
    order(world, hs_m=2.0)
    assert len(shown()) == 2
    scene.now = world.now + timedelta(hours=6)
    assert shown() == []


def test_a_warning_to_come_says_from_when_and_the_gravest_in_force_goes_first(world: World) -> None:
    picture, region = world.picture, world.region
    now = str(weather_band_html(picture, region, "dongji", None, world.now, "en"))
    assert "orange typhoon warning" in now
    assert "red wave warning: Significant wave height 4 to 7 m off Dongji" in now  # in the tip: it begins at 18:00
    later = str(weather_band_html(picture, region, "dongji", None, world.now + timedelta(hours=5), "zh"))
    assert later.index("海浪红色预警") < later.index("台风橙色预警")
    assert picture.forecast is not None
    said = warning_words(picture.forecast.warnings[1], region, "en", world.now)
    assert said.endswith("(Zhoushan marine forecasting station, issued 13:30, 18:00 to 09-13 14:00)")
    assert "and 1 more" in now
    assert "forecast 14:00, to 09-15 14:00" in now


@pytest.fixture
def seat(world: World) -> Seat:
    made = Seat(world, FakeDesk(world), language="en")
    made.outlooks, made.scenarios = Outlooks(world), ()
    made.said = []
    made.send = made.said.append
    return made


def test_a_typed_line_sets_and_clears_a_zone(seat: Seat, world: World) -> None:
    handle(seat, world, {"act": "command", "value": "/weather dongji hs 2.2 vis 800 until 17:00 from the pier"})
    assert "holds now" in toasts(seat)[-1]
    hour = hour_now(world, "dongji")
    assert (hour.hs_m, hour.visibility_m) == (2.2, 800.0)
    value = list(world.picture.manual_weather.values())[-1]
    assert value.until_at == datetime(2026, 9, 12, 9, 0, tzinfo=UTC)
    handle(seat, world, {"act": "command", "value": "/天气 东极 撤回"})
    assert hour_now(world, "dongji").mark is None


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        (
            "东极 浪高 1.6m 风向 东北 至 17:00 码头目测",
            SetWeather(zone_id="dongji", given={"hs_m": 1.6, "wind_from_deg": 45.0}, until=(17, 0), reason="码头目测"),
        ),
        (
            "eastern shengsi wind 12m/s gust 18 tide -0.4 until 9:05 buoy 3 says so",
            SetWeather(
                zone_id="shengsi-east",
                given={"wind_mps": 12.0, "gust_mps": 18.0, "tide_offset_m": -0.4},
                until=(9, 5),
                reason="buoy 3 says so",
            ),
        ),
        ("dongji clear", ClearWeather(zone_id="dongji")),
    ],
)
def test_the_words_after_the_verb_are_read(zhoushan: Region, world: World, line: str, wanted: object) -> None:
    assert read_weather(line, build_vocabulary(world.picture, zhoushan).zones) == wanted


@pytest.mark.parametrize(
    ("line", "en", "zh"),
    [
        ("", "The zone is missing", "还缺海区"),
        ("atlantis hs 1", "No zone 'atlantis'", "没有海区“atlantis”"),
        ("dongji", "A value is missing", "还缺要素"),
        ("dongji until 17:00 seen", "A value is missing", "还缺要素"),
        ("dongji swell 2 until 17:00 seen", "No value is called 'swell'", "没有要素“swell”"),
        ("dongji hs high until 17:00 seen", "'high' is no value", "“high”不是数值"),
        ("dongji hs", "'hs' is no value", "“hs”不是数值"),
        ("dongji hs 1.6", "The end is missing", "还缺结束时间"),
        ("dongji hs 1.6 until 25:00 seen", "The end is missing", "还缺结束时间"),
        ("dongji hs 1.6 until 17:00", "rests on is missing", "还缺依据"),
        ("dongji clear now", "'now' is left over", "多出“now”"),
    ],
)
def test_what_cannot_be_read_is_said(zhoushan: Region, world: World, line: str, en: str, zh: str) -> None:
    with pytest.raises(NotUnderstoodError) as caught:
        read_weather(line, build_vocabulary(world.picture, zhoushan).zones)
    assert en in caught.value.text.en
    assert zh in caught.value.text.zh


def test_a_clock_that_has_passed_is_tomorrows() -> None:
    now = datetime(2026, 9, 12, 6, 12, tzinfo=UTC)  # 14:12 in Shanghai
    assert end_of((17, 0), now, "Asia/Shanghai") == datetime(2026, 9, 12, 9, 0, tzinfo=UTC)
    assert end_of((14, 12), now, "Asia/Shanghai") == datetime(2026, 9, 13, 6, 12, tzinfo=UTC)
