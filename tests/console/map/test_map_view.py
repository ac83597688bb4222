"""The map of a story: what is drawn, how it follows the seat, and what a tap means."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec
import pytest
from bokeh.io import curdoc

from console.map import furniture
from console.map.callouts import ROW_PX, TITLE_PX
from console.map.hit import find_hit
from console.map.layers import INITIALLY, SWITCHES, build_layers
from console.map.legs import WIDTHS, strokes
from console.map.mercator import from_mercator, point_to_mercator
from console.map.scene import form_of
from console.map.units import vector
from console.map.view import MapView
from console.theme import TOKENS
from tests.console.map.story import NOW, FakeSeat


def layer(view: MapView, name: str) -> Any:
    return next(one for one in view.layers if one.id == name)


def texts(view: MapView) -> list[str]:
    return list(layer(view, "labels").source.data["text"])


def taps(view: MapView) -> list[dict[str, Any]]:
    told: list[dict[str, Any]] = []
    view.on_tap = told.append
    return told


def tap(view: MapView, x_m: float, y_m: float) -> None:
    class Event:
        x, y = x_m, y_m

    view._tapped(Event())  # type: ignore[arg-type]


def test_every_layer_has_its_place_and_every_switch_a_layer() -> None:
    names = [one.id for one in build_layers()]
    assert len(set(names)) == len(names)
    assert set(SWITCHES) <= set(names)
    assert (
        names.index("reach") < names.index("land") < names.index("legs") < names.index("units") < names.index("labels")
    )


def test_the_figure_draws_layers_from_bottom_to_top(view: MapView) -> None:
    expected = [renderer.id for one in view.layers for renderer in one.renderers]
    assert [renderer.id for renderer in view.chart.renderers] == expected


def test_a_map_is_kept_by_nobody_but_its_page(view: MapView) -> None:
    """The server's one global document lives for ever, and so would every seat's map that it knows."""
    kept = [method.__self__.state for method in curdoc().callbacks._session_destroyed_callbacks]
    assert view.chart not in kept


def test_no_axes_no_toolbar_no_border(view: MapView) -> None:
    assert not any(axis.visible for axis in view.chart.axis)
    assert view.chart.toolbar_location is None
    assert view.chart.outline_line_color is None


def test_the_coast_is_one_joined_patch(view: MapView) -> None:
    data = layer(view, "land").source.data
    assert len(data["x"]) > 10_000


def test_all_four_incidents_the_selected_one_on_top(view: MapView) -> None:
    data = layer(view, "incidents").source.data
    assert sorted(data["id"]) == ["i-11", "i-18", "i-21", "i-30"]
    assert data["id"][-1] == "i-21"
    assert data["selected"][-1] is True


def test_a_closed_incident_leaves_the_map_unless_selected(view: MapView, told: tuple[FakeSeat, Any]) -> None:
    picture = told[0].picture
    for name in ("i-18", "i-21"):
        picture.incidents[name] = msgspec.structs.replace(picture.incidents[name], status="closed")
    view.refresh()
    data = layer(view, "incidents").source.data
    assert "i-18" not in data["id"]
    assert data["closed"][data["id"].index("i-21")] is True


def test_only_units_away_from_sites_are_drawn_alone(view: MapView, told: tuple[FakeSeat, Any]) -> None:
    loose = {unit.unit_id for unit in told[0].picture.units.values() if unit.site_id is None}
    assert set(layer(view, "units").source.data["id"]) == loose
    assert len(loose) == 3


def test_a_unit_at_a_site_of_the_plan_has_a_callout_row(view: MapView) -> None:
    looks = layer(view, "callouts").source.data["look"]
    assert "callout" in looks
    assert "stack" in looks


def test_a_moving_unit_is_patched_not_redrawn(view: MapView, told: tuple[FakeSeat, Any]) -> None:
    units = layer(view, "units")
    before, row = units.source.data, units.source.data["id"][0]
    x = before["x"][0]
    unit = told[0].picture.units[row]
    told[0].picture.units[row] = msgspec.structs.replace(unit, lon_deg=unit.lon_deg + 0.01, heading_deg=90.0)
    view.move()
    assert units.source.data is before  # the same table, three cells of it new
    assert units.source.data["x"][0] == pytest.approx(x + 0.01 * 111319.49, rel=1e-9)
    assert units.source.data["angle"][0] == -90.0


def test_a_unit_that_lands_leaves_the_loose_ones(view: MapView, told: tuple[FakeSeat, Any]) -> None:
    row = layer(view, "units").source.data["id"][0]
    unit = told[0].picture.units[row]
    told[0].picture.units[row] = msgspec.structs.replace(unit, site_id="gaoting")
    view.move()
    assert row not in layer(view, "units").source.data["id"]


def test_a_moving_unit_with_an_old_fix_is_stale(told: tuple[FakeSeat, Any]) -> None:
    unit = next(one for one in told[0].picture.units.values() if one.status == "en_route")
    assert form_of(unit, NOW) == "en_route"
    assert form_of(unit, NOW + timedelta(seconds=301)) == "stale"


def test_a_unit_at_a_site_is_never_stale(told: tuple[FakeSeat, Any]) -> None:
    unit = next(one for one in told[0].picture.units.values() if one.site_id is not None)
    assert form_of(unit, NOW + timedelta(hours=5)) == "available"


def test_the_vector_reaches_six_minutes_ahead(told: tuple[FakeSeat, Any]) -> None:
    unit = next(one for one in told[0].picture.units.values() if one.status == "en_route")
    unit = msgspec.structs.replace(unit, heading_deg=0.0, speed_mps=10.0)
    x0, y0, x1, y1 = vector(unit)
    assert x1 == pytest.approx(x0)
    lat = (from_mercator(x0, y0)[1], from_mercator(x1, y1)[1])
    assert (lat[1] - lat[0]) * 111_195 == pytest.approx(3600, rel=0.01)


def test_legs_are_drawn_by_mode(view: MapView) -> None:
    lines = {line.style: line for line in layer(view, "legs").lines}
    assert {"road", "landing_craft", "patrol_boat", "assault_boat", "air"} <= set(lines)
    dashes = {style: [stroke.dash for stroke in strokes(line)] for style, line in lines.items()}
    assert dashes["air"] == ["solid", "11 4 2 4"]
    assert dashes["landing_craft"] == ["solid", "solid", "2 3"]
    assert [stroke.token for stroke in strokes(lines["road"])] == ["sea", "plan", "sea"]
    assert WIDTHS["assault_boat"] < WIDTHS["patrol_boat"] < WIDTHS["landing_craft"] < WIDTHS["road"]


def test_legs_over_the_same_water_run_side_by_side(view: MapView) -> None:
    sea = [line for line in layer(view, "legs").lines if line.style not in ("road", "air", "foot")]
    ends: dict[tuple[str, ...], set[int]] = {}
    for line in sea:
        leg = line.legs[0]
        lanes = ends.setdefault((leg.from_site, leg.to_site), set())
        assert line.lane not in lanes
        lanes.add(line.lane)
    assert max(len(lanes) for lanes in ends.values()) > 1


def test_each_loaded_leg_has_a_flag_with_arrival_and_band(view: MapView) -> None:
    words = layer(view, "flags").source.data["text"]
    assert words
    assert all("±" in one for one in words)
    assert any(one.startswith("直升机") for one in words)


def test_without_a_plan_there_are_no_legs(view: MapView) -> None:
    view.set_plan(None)
    assert not layer(view, "legs").source.data["xs"]
    assert not layer(view, "flags").source.data["text"]


def test_a_closed_bridge_is_red_crossed_and_said_with_its_reason(view: MapView) -> None:
    links = layer(view, "links")
    closed = [k for k, dash in enumerate(links.source.data["dash"]) if dash == "3 3"]
    assert [links.source.data["color"][k] for k in closed] == [TOKENS["dark"]["red"]]
    assert len(links.crosses.data["x"]) == 1
    assert any("封闭" in one and "多车事故" in one for one in texts(view))


def test_a_closed_link_stays_when_links_are_switched_off(view: MapView, told: tuple[FakeSeat, Any]) -> None:
    told[0].layers = dict.fromkeys(SWITCHES, False)
    view.refresh()
    links = layer(view, "links")
    assert "3 3" in links.source.data["dash"]
    assert not any(title.startswith("航线") for title in links.source.data["tip_title"])
    assert any("封闭" in one for one in texts(view))


@pytest.mark.parametrize("name", ["sites", "units", "legs", "reach"])
def test_a_layer_switched_off_is_not_visible(view: MapView, told: tuple[FakeSeat, Any], name: str) -> None:
    told[0].layers = {**told[0].layers, name: False}
    view.refresh()
    assert not any(renderer.visible for renderer in layer(view, name).renderers)


def test_a_limited_pier_is_half_and_its_tip_says_why(view: MapView) -> None:
    data = layer(view, "sites").source.data
    k = data["id"].index("beiao")
    assert data["state"][k] == "limited"
    assert "登陆艇可用至 05:40" in data["tip_text"][k]
    assert "来源" in data["tip_text"][k]


def test_the_other_language_reaches_every_text(view: MapView) -> None:
    view.relabel("en")
    assert any("CLOSED" in one and "multi-vehicle crash" in one for one in texts(view))
    everything = "".join(
        [*texts(view), *layer(view, "flags").source.data["text"], *layer(view, "sites").source.data["tip_title"]]
    )
    assert not any("一" <= letter <= "鿿" for letter in everything)
    assert "Plan legs" in furniture.switches_html("en", INITIALLY, "drill")
    assert "OpenStreetMap contributors" in furniture.foot_html("en", view.world.region)


def test_the_other_theme_leaves_no_colour_of_the_first(view: MapView) -> None:
    view.restyle("light")
    light = set(TOKENS["light"].values())
    assert view.chart.background_fill_color == TOKENS["light"]["sea"]
    for name in ("legs", "links"):
        assert set(layer(view, name).source.data["color"]) <= light
    assert set(layer(view, "labels").source.data["halo"]) <= light
    assert layer(view, "land").renderers[0].glyph.fill_color == TOKENS["light"]["land"]


def test_a_first_plan_is_brought_into_view_unless_the_view_is_locked(view: MapView, told: tuple[FakeSeat, Any]) -> None:
    seat, plan = told[0], told[0].shown_plan
    view.set_plan(None)
    view.goto(122.0, 30.0)
    seat.view_locked = True
    view.set_plan(plan)
    assert view._viewport.centre_x == pytest.approx(point_to_mercator(122.0, 30.0)[0])
    view.set_plan(None)
    seat.view_locked = False
    view.set_plan(plan)
    assert view._viewport.centre_x != pytest.approx(point_to_mercator(122.0, 30.0)[0])


def test_a_pan_locks_the_view_and_refit_frees_it(view: MapView, told: tuple[FakeSeat, Any]) -> None:
    view._moved_by_user(None)  # type: ignore[arg-type]
    assert told[0].view_locked is True
    view.refit()
    assert told[0].view_locked is False


def test_a_row_click_goes_there_and_again_returns(view: MapView) -> None:
    before = view._viewport
    view.toggle_goto(122.68, 30.2)
    assert view._viewport.metres_per_px < before.metres_per_px
    view.toggle_goto(122.68, 30.2)
    assert view._viewport.metres_per_px == pytest.approx(before.metres_per_px)
    assert view._viewport.centre_x == pytest.approx(before.centre_x)


def test_every_move_keeps_the_ratio(view: MapView) -> None:
    for go in (lambda: view.goto(122.68, 30.2), view.refit):
        go()
        chart, at = view.chart, view._viewport
        wide = (chart.x_range.end - chart.x_range.start) / at.width_px
        high = (chart.y_range.end - chart.y_range.start) / at.height_px
        assert wide == pytest.approx(high, rel=1e-9)


def test_a_tap_on_an_incident_selects_it(view: MapView) -> None:
    told = taps(view)
    data = layer(view, "incidents").source.data
    k = data["id"].index("i-18")
    tap(view, data["x"][k], data["y"][k])
    assert told == [{"act": "select-incident", "id": "i-18"}]


def test_a_tap_on_a_unit_selects_it(view: MapView) -> None:
    told = taps(view)
    data = layer(view, "units").source.data
    tap(view, data["x"][0], data["y"][0])
    assert told == [{"act": "select-unit", "id": data["id"][0]}]


def test_a_tap_on_a_callout_row_selects_its_unit(view: MapView) -> None:
    callouts = layer(view, "callouts")
    data = callouts.source.data
    k = data["look"].index("callout")
    found = next(one for one, _, _, _ in callouts.wanted if one.site_id == data["site"][k])
    per_px = view._viewport.metres_per_px
    x = data["x"][k] + (data["dx"][k] + 20) * per_px
    y = data["y"][k] - (data["dy"][k] + TITLE_PX + ROW_PX / 2) * per_px
    assert find_hit(view.scene, view.layers, x, y) == ("unit", found.units[0].unit_id)


def test_a_tap_on_open_water_tells_where(view: MapView) -> None:
    told = taps(view)
    tap(view, *point_to_mercator(122.95, 29.99))
    assert told[0]["act"] == "map-click"
    assert (told[0]["lon"], told[0]["lat"]) == pytest.approx((122.95, 29.99))


def test_an_empty_picture_is_a_map_all_the_same(told: tuple[FakeSeat, Any]) -> None:
    seat, world = told
    seat.picture.units, seat.picture.incidents, seat.picture.closures = {}, {}, {}
    seat.shown_plan, seat.selected_incident_id = None, None
    view = MapView(seat, world, in_background=False)
    assert any("舟山" in one for one in texts(view))


def test_without_a_network_everything_counts_as_open(told: tuple[FakeSeat, Any]) -> None:
    seat, world = told
    world.network = None
    view = MapView(seat, world, in_background=False)
    assert not layer(view, "links").crosses.data["x"]
