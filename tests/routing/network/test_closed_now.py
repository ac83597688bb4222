"""What is closed at a moment: by class at piers, whole for bridges and roads, with reason and end."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from data.errors import OutsideForecastError
from data.geography import Region
from routing.network.closed_now import PlaceState, closed_now
from tests.routing.network.skies import START, closure, forecast, hour


def found(region: Region, *args, at=START) -> dict[tuple[str, str], PlaceState]:
    return {(one.kind, one.id): one for one in closed_now(region, *args, at)}


def whole(zhoushan: Region, **values):
    return forecast(*(hour(zone_id, hours_on, **values) for zone_id in zhoushan.zones for hours_on in (0, 1)))


def test_everything_is_open_in_calm_weather_by_day(zhoushan: Region) -> None:
    states = found(zhoushan, None, ())
    unbuilt = {name for name, bridge in zhoushan.bridges.items() if not bridge.usable}
    tidal = {name for name, pier in zhoushan.piers.items() if pier.is_tidal}  # nobody says how high the tide is
    assert {one.id for one in states.values() if one.status != "open"} == unbuilt | tidal
    assert len(states) == len(zhoushan.piers) + len(zhoushan.helipads) + len(zhoushan.bridges)


def test_the_same_swell_shuts_the_exposed_pier_and_leaves_the_lee_one(zhoushan: Region) -> None:
    states = found(zhoushan, whole(zhoushan, hs_m=1.6, wave_from_deg=180.0), ())
    exposed, lee = states["pier", "miaozihu"], states["pier", "beiao"]
    assert exposed.status == "limited"  # a cutter still berths
    shut = {name: one.state for one in exposed.states for name in one.class_ids}
    assert shut["patrol-26m"].limit == "berth_waves"
    assert shut["fast-ferry"].limit == "berth_waves"
    assert "patrol-26m" not in {name for one in lee.states for name in one.class_ids}
    together = [one.class_ids for one in exposed.states if "patrol-20m" in one.class_ids]
    assert together == [("patrol-20m", "patrol-26m")]  # shut by the same rule until the same time


def test_gusts_shut_pads_and_wind_shuts_bridges_with_their_end(zhoushan: Region) -> None:
    rows = [hour(zone_id, 0, wind_mps=25.0, gust_mps=33.0) for zone_id in zhoushan.zones]
    rows += [hour(zone_id, 1) for zone_id in zhoushan.zones]
    states = found(zhoushan, forecast(*rows), ())
    bridge, pad = states["bridge", "zhoudai-bridge"], states["helipad", "miaozihu-pad"]
    assert (bridge.status, pad.status) == ("closed", "closed")
    for place in (bridge, pad):
        (only,) = place.states
        assert only.state.until_at == START + timedelta(hours=1)
        assert only.state.text is not None
        assert only.state.text.en.endswith("until 11:00")
    assert bridge.states[0].class_ids == ()
    later = found(zhoushan, forecast(*rows), (), at=START + timedelta(hours=1))
    assert later["bridge", "zhoudai-bridge"].status == "open"


def test_wind_keeps_coaches_off_a_bridge_that_is_open_to_others(zhoushan: Region) -> None:
    bridge = found(zhoushan, whole(zhoushan, wind_mps=21.0, gust_mps=22.0), ())["bridge", "zhoudai-bridge"]
    assert bridge.status == "limited"
    (only,) = bridge.states
    assert set(only.class_ids) == {
        name for name, one in zhoushan.craft_classes.items() if one.mode == "road" and one.max_wind_bft == 8
    }
    assert "bus" in only.class_ids
    assert only.state.limit == "wind"


def test_what_people_close_is_told_by_their_word(zhoushan: Region) -> None:
    closures = [closure("road", "putuoshan"), closure("island", "miaozihu"), closure("zone", "dongji")]
    states = found(zhoushan, None, closures)
    assert states["road", "putuoshan"].status == "closed"
    assert states["island", "miaozihu"].status == "closed"
    assert states["zone", "dongji"].status == "closed"
    assert states["pier", "beiao"].status == "closed"
    assert states["helipad", "miaozihu-pad"].status == "closed"
    words = states["pier", "beiao"].states[0].state.text
    assert words is not None
    assert "exercise" in words.en


def test_an_unknown_exposure_is_told_and_a_zone_left_out_is_an_error(zhoushan: Region) -> None:
    piers = {**zhoushan.piers, "gaoting": msgspec.structs.replace(zhoushan.piers["gaoting"], exposure_known=False)}
    region = type(zhoushan)(**{**vars(zhoushan), "piers": piers})
    states = found(region, whole(zhoushan, hs_m=1.6), ())
    assert states["pier", "gaoting"].assumed is not None
    assert states["pier", "gaoting"].states
    assert found(zhoushan, whole(zhoushan, hs_m=1.6), ())["pier", "gaoting"].assumed is None
    with pytest.raises(OutsideForecastError, match="says nothing about zone"):
        closed_now(zhoushan, forecast(hour("dongji")), (), START)
