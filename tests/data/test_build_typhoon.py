"""The typhoon's weather hangs together and tells the scenario's story; the shipped table is what the script builds."""

from __future__ import annotations

from datetime import datetime, timedelta
from math import cos, hypot, radians

from data.build_typhoon import CENTRE_AT, FILE, KM_A_DEG, LOCAL, ZONES, build, centre, skies
from data.geography import Region
from data.scenario import read_scenario
from data.weather import beaufort
from routing.network.closed_now import closed_now

MIAOZIHU = (122.682, 30.196)


def local(day: int, clock_h: int) -> datetime:
    return datetime(2026, 9, day, clock_h, tzinfo=LOCAL)


def test_the_shipped_table_is_what_the_script_builds(zhoushan: Region) -> None:
    assert build(zhoushan) == FILE.read_text(encoding="utf-8")


def test_the_centre_is_300_km_off_and_moves_north_west() -> None:
    lon, lat = centre(CENTRE_AT)
    east_km = (MIAOZIHU[0] - lon) * KM_A_DEG * cos(radians(lat))
    assert 290 < hypot(east_km, (MIAOZIHU[1] - lat) * KM_A_DEG) < 310
    later = centre(CENTRE_AT + timedelta(hours=6))
    assert later[0] < lon
    assert later[1] > lat


def test_winds_turn_round_a_centre_as_they_do_north_of_the_equator() -> None:
    north, south = skies(ZONES["dongji"], [local(12, 23), local(13, 12)])
    assert 30 < north.wind_from_deg < 110  # the centre lies to the south: an easterly
    assert 150 < south.wind_from_deg < 210  # it has gone by to the north-west: a southerly


def test_the_story_overnight_and_the_evening_after(zhoushan: Region) -> None:
    situation = read_scenario("typhoon-approach", zhoushan).situation()
    forecast = situation.forecast
    assert forecast is not None
    assert beaufort(forecast.at("dongji", situation.at).wind_mps) in (5, 6)
    night = [forecast.at("dongji", local(13, clock_h)).wind_mps for clock_h in range(6)]
    assert 10 <= max(beaufort(wind) for wind in night) <= 11
    assert all(hour.gust_mps >= hour.wind_mps for hour in forecast.hours)
    assert forecast.valid_to - situation.at > timedelta(hours=71)

    def shut(at: datetime) -> dict[str, str]:
        return {one.id: one.status for one in closed_now(zhoushan, forecast, situation.closures, at)}

    afternoon, midnight, evening = shut(situation.at), shut(local(13, 3)), shut(local(13, 21))
    outer = ("miaozihu", "beiao", "qingbang", "dongfushan", "miaozihu-pad")
    assert any(afternoon[name] != "closed" for name in outer)
    assert all(midnight[name] == "closed" for name in outer)
    assert midnight["zhoudai-bridge"] == "closed"
    assert sum(state == "closed" for state in evening.values()) < sum(state == "closed" for state in midnight.values())
    assert evening["dongfushan"] != "closed"
    # The same sea: in the afternoon's north-easterly the north landing is the worse one, next day's southerly turns it.
    worse = {at: shut(at) for at in (local(12, 19), local(13, 10))}
    assert [worse[local(12, 19)][name] for name in ("miaozihu", "beiao")] == ["limited", "closed"]
    assert [worse[local(13, 10)][name] for name in ("miaozihu", "beiao")] == ["closed", "limited"]
