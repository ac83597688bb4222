"""One seat's map: builds the figure, fills the layers from the picture, moves units, and tells of taps."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import holoviews as hv
from bokeh.events import RangesUpdate, Tap

from console.map import furniture
from console.map.background import KeptAnswers
from console.map.callouts import CalloutsLayer
from console.map.chart import build_chart, paint_ground
from console.map.focus import Focus
from console.map.hit import act_for, find_hit
from console.map.labels import LabelsLayer
from console.map.lanes import usual_lanes
from console.map.layers import INITIALLY, build_layers
from console.map.mercator import Box, Viewport, bounds_around, point_to_mercator
from console.map.placement import place
from console.map.reach import reach_of
from console.map.rings import ring_lines, standing_of
from console.map.scene import Reach, RingLines, Scene
from console.map.states import ALL_OPEN, LinkStates, read_states
from console.map.units import UnitsLayer
from console.theme import TOKENS, Theme
from data.geography import Region
from data.plans import Plan
from data.text import Language

FIRST_SIZE_PX = (1116, 647)  # until the browser has laid the pane out
CLOSE_M_PER_PX = 9.0  # scale a row click zooms to, metres of EPSG:3857 in a pixel
REPLACE_EVERY = 5  # moves between two placements of names beside moving units
REACH_KEPT = 12  # contours remembered per process
# What is drawn where a page wants something else of the map than the whole picture.
SHOWN_IN: dict[str, frozenset[str]] = {
    "isolation": frozenset(),
    "evacuation": frozenset({"sites", "units", "labels"}),
    "island": frozenset({"sites", "links", "units", "labels"}),
}
_reach_kept = KeptAnswers(REACH_KEPT)
_rings_kept = KeptAnswers(REACH_KEPT)
_lanes_kept = KeptAnswers(4)


class MapView:
    """The map of one seat; ``chart`` is the root of the page. Methods are called in the document's lock.

    ``on_tap`` receives ``{"act": "select-incident" | "select-unit" | "map-click", ...}``.
    """

    def __init__(self, seat: Any, world: Any, *, in_background: bool = True) -> None:
        if hv.Store.current_backend != "bokeh":
            hv.extension("bokeh", logo=False)
        self.world, self.in_background = world, in_background
        self.chart: Any = None
        self.on_tap: Callable[[dict[str, Any]], Any] = lambda message: None
        self._look_for(seat)
        self._states_key: tuple[Any, ...] | None = None
        self._states: LinkStates = ALL_OPEN
        self._before_goto: Viewport | None = None
        self._focus: Focus | None = None
        self._before_focus: tuple[Viewport, bool] | None = None
        self._viewport = Viewport.containing(self._work(), *FIRST_SIZE_PX)
        self._moves = 0
        self._drawn: dict[str, Any] = {}
        self.layers = build_layers()
        self.scene = self._scene()
        self.chart = build_chart(self.layers, self.scene)
        self._fill()
        self.chart.on_event(RangesUpdate, self._moved_by_user)
        self.chart.on_event(Tap, self._tapped)
        self.chart.on_change("inner_width", self._laid_out)
        self.chart.on_change("inner_height", self._laid_out)

    def _look_for(self, seat: Any) -> None:
        """Take what a seat looks at and how."""
        self.seat = seat
        self._theme: Theme = seat.theme
        self._language: Language = seat.language
        self._plan: Plan | None = getattr(seat, "shown_plan", None)
        self._incident_id: str | None = seat.selected_incident_id
        self._unit_id: str | None = seat.selected_unit_id

    def give_to(self, seat: Any) -> MapView:
        """Hand a map that was built ahead, and is on no page yet, to the seat that came; returns itself."""
        self._look_for(seat)
        self._show(Viewport.containing(self._work(), *FIRST_SIZE_PX))
        return self

    # ---- what the page asks ----

    def refresh(self) -> None:
        """Draw the picture anew after it, the layers switched on or the replayed moment changed."""
        self._fill()

    def move(self, fixes: Any = None) -> None:
        """Follow the units' positions; cheap enough for each second."""
        units = next(layer for layer in self.layers if isinstance(layer, UnitsLayer))
        self.scene = self._scene()
        if not units.move(self.scene):
            self._fill()
            return
        self._moves += 1
        if self._moves % REPLACE_EVERY == 0:
            self._fill()
        else:
            next(layer for layer in self.layers if isinstance(layer, LabelsLayer)).follow(self.scene)

    def set_plan(self, plan: Plan | None) -> None:
        """Show another plan's legs; None for none. A view nobody has moved goes to the plan's extent."""
        if plan is self._plan:
            return
        fresh = plan is not None and (self._plan is None or self._plan.incident_ids != plan.incident_ids)
        self._plan = plan
        self._fill()
        if fresh and not self._locked:
            self._go(self._work())

    def select(self, incident_id: str | None, unit_id: str | None = None) -> None:
        """Ring an incident and a unit; contours follow the incident."""
        if (incident_id, unit_id) == (self._incident_id, self._unit_id):
            return
        self._incident_id, self._unit_id = incident_id, unit_id
        self._fill()

    def set_focus(self, focus: Focus | None) -> None:
        """Show what a page wants of the map; None for the picture as it was looked at before."""
        if focus == self._focus:
            return
        before, self._focus = self._focus, focus
        if before is None:
            self._before_focus = (self._viewport, self._locked)
        if focus is None and self._before_focus is not None:
            (view, locked), self._before_focus = self._before_focus, None
            self.seat.view_locked = locked
            if locked:
                now = self._viewport
                self._show(Viewport(view.centre_x, view.centre_y, view.metres_per_px, now.width_px, now.height_px))
            else:
                self._go(self._work())
            return
        if before is None or focus is None or (before.view, before.frame) != (focus.view, focus.frame):
            self.seat.view_locked = False
            self._go(self._work())
        else:
            self._fill()

    def restyle(self, theme: Theme) -> None:
        """Change to a theme's colours without a reload."""
        self._theme = theme
        self._fill()

    def relabel(self, language: Language) -> None:
        """Change to a language's words and place the labels for their widths."""
        self._language = language
        self._fill()

    def refit(self) -> None:
        """Show the work again: the plan and its incident, or the whole region."""
        self._before_goto = None
        self.seat.view_locked = False
        self._go(self._work())

    def goto(self, lon_deg: float, lat_deg: float, metres_per_px: float = CLOSE_M_PER_PX) -> None:
        """Show a place close up."""
        x, y = point_to_mercator(lon_deg, lat_deg)
        view = self._viewport
        self._show(Viewport(x, y, metres_per_px, view.width_px, view.height_px))

    def toggle_goto(self, lon_deg: float, lat_deg: float) -> None:
        """Show a place close up; when it is already so, return to the view before."""
        x, y = point_to_mercator(lon_deg, lat_deg)
        view = self._viewport
        near = abs(view.centre_x - x) + abs(view.centre_y - y) < 4 * view.metres_per_px
        if near and self._before_goto is not None:
            back, self._before_goto = self._before_goto, None
            self._show(Viewport(back.centre_x, back.centre_y, back.metres_per_px, view.width_px, view.height_px))
            return
        self._before_goto = view
        self.goto(lon_deg, lat_deg)

    # ---- the scene ----

    @property
    def _locked(self) -> bool:
        return bool(getattr(self.seat, "view_locked", False))

    def _shown(self) -> frozenset[str]:
        if self._focus is not None:
            return SHOWN_IN[self._focus.view]
        chosen = getattr(self.seat, "layers", None)
        if chosen is None:
            return INITIALLY
        names = {name for name, shown in chosen.items() if shown} if isinstance(chosen, dict) else set(chosen)
        return frozenset(names)

    def _scene(self) -> Scene:
        seat, world = self.seat, self.world
        picture, now, region = seat.picture, seat.now, world.region
        shown = self._shown()
        return Scene(
            region=region,
            picture=picture,
            now=now,
            language=self._language,
            tokens=TOKENS[self._theme],
            viewport=self._viewport,
            theme=self._theme,
            states=self._link_states(picture, now, region),
            plan=self._plan,
            accepted=tuple(picture.accepted.values()),
            lanes=self._lanes(region) if "links" in shown else (),
            reach=self._contours(picture, now) if "reach" in shown else None,
            rings=self._ring_lines(picture, now) if "rings" in shown else None,
            selected_incident_id=self._incident_id,
            selected_unit_id=self._unit_id,
            focus=self._focus,
            shown=shown,
        )

    def _lanes(self, region: Region) -> tuple[Any, ...]:
        network = self.world.network
        if network is None:
            return ()
        found = _lanes_kept.get(region.content_hash, lambda: usual_lanes(network, region), self._when_done())
        return found or ()

    def _when_done(self) -> Callable[[], None] | None:
        """What to call when slow work is done: a redraw in the page's lock; None to wait for it."""
        return self._redraw_soon if self.in_background else None

    def _redraw_soon(self) -> None:
        doc = self.chart.document if self.chart is not None else None
        if doc is not None and doc.session_context is not None:
            doc.add_next_tick_callback(self._fill)

    def _link_states(self, picture: Any, now: datetime, region: Region) -> LinkStates:
        """States change only with the forecast, the closures and the minute."""
        forecast = picture.forecast
        minute = now.replace(second=0, microsecond=0)
        key = (forecast.id if forecast else None, tuple(picture.closures), minute)
        if key != self._states_key and self.world.network is not None:
            self._states_key, self._states = key, read_states(self.world.network, region, picture, now)
        return self._states

    def _contours(self, picture: Any, now: datetime) -> Reach | None:
        """Reach of the class of boat the plan leans on, from the incident's shore, at this hour's weather."""
        incident = picture.incidents.get(self._incident_id or "")
        network = self.world.network
        boats = [craft for craft in self.world.region.craft_classes.values() if craft.mode == "sea"]
        if incident is None or network is None or not boats:
            return None
        craft = max(boats, key=lambda one: (one.symbol == "patrol_boat", one.cruise_mps))
        forecast = picture.forecast
        weather = forecast.id if forecast else ""
        key = (incident.lon_deg, incident.lat_deg, craft.id, weather, f"{now:%Y%m%d%H}")
        found: Reach | None = _reach_kept.get(
            key, lambda: reach_of(network, self.world.region, incident, craft, forecast, now), self._when_done()
        )
        return found

    def _ring_lines(self, picture: Any, now: datetime) -> RingLines | None:
        """Rings about the selected unit where it stands, else about the incident, as open and lit as at this hour."""
        network, region = self.world.network, self.world.region
        unit, incident = picture.units.get(self._unit_id or ""), picture.incidents.get(self._incident_id or "")
        about = unit or incident
        if network is None or about is None:
            return None
        subject_id = unit.unit_id if unit is not None else incident.id
        weather = picture.forecast.id if picture.forecast else ""
        # A tenth of a minute of arc: a moving unit's rings follow it in steps of about 200 m.
        spot = (round(about.lon_deg * 600), round(about.lat_deg * 600))
        key = (region.content_hash, subject_id, *spot, weather, tuple(picture.closures), f"{now:%Y%m%d%H}")

        def work() -> RingLines:
            on_island = network.island_at(about.lon_deg, about.lat_deg) or ""
            return ring_lines(network, subject_id, standing_of(region, unit, incident, on_island), picture, now)

        found: RingLines | None = _rings_kept.get(key, work, self._when_done())
        return found

    def _fill(self) -> None:
        """Draw every layer from the present scene, then place labels, flags and callouts together."""
        self.scene = self._scene()
        paint_ground(self.chart, self.scene.tokens)
        for layer in self.layers:
            key = layer.key(self.scene)
            if key is None or key != self._drawn.get(layer.id):
                layer.draw(self.scene)
                self._drawn[layer.id] = key
            if layer.switch:
                layer.show(layer.id in self.scene.shown)
            elif layer.id in ("flags", "callouts"):
                layer.show(("legs" if layer.id == "flags" else "units") in self.scene.shown)
            elif layer.id == "incidents":
                layer.show(not self.scene.is_board)
        self._settle()

    def _settle(self) -> None:
        scene = self.scene
        blocked = [box for layer in self.layers for box in layer.blocked(scene)]
        view = scene.viewport
        candidates = [
            one
            for layer in self.layers
            for one in layer.candidates(scene)
            if 0 <= one.x_px <= view.width_px and 0 <= one.y_px <= view.height_px
        ]
        placed = place(candidates, [*blocked, *furniture.boxes(view.width_px, view.height_px)])
        for key in [key for key in placed if key.startswith("callout:")]:
            site_id = key.partition(":")[2]  # its callout names the site and its forces
            placed.pop(f"site:{site_id}", None)
            placed.pop(f"stack:{site_id}", None)
        for layer in self.layers:
            layer.settle(scene, placed)

    # ---- the view ----

    def _whole(self) -> Box:
        """What the region's own settings say is shown first."""
        west, south, east, north = self.world.region.view_deg or self.world.region.bounds_deg
        return bounds_around([(west, south), (east, north)], margin=0.0)

    def _work(self) -> Box:
        """What the page wants to be seen; else the plan's legs and incidents; the region where there is no plan."""
        if self._focus is not None:
            return bounds_around(self._focus.frame) if self._focus.frame else self._whole()
        if self._plan is None or not self._plan.legs:
            return self._whole()
        points = [point for leg in self._plan.legs for point in leg.path]
        points += [
            (incident.lon_deg, incident.lat_deg)
            for incident_id in self._plan.incident_ids
            if (incident := self.seat.picture.incidents.get(incident_id))
        ]
        return bounds_around(points) if points else self._whole()

    def _go(self, box: Box) -> None:
        self._show(Viewport.containing(box, self._viewport.width_px, self._viewport.height_px))

    def _show(self, view: Viewport) -> None:
        self._viewport = view
        self.chart.x_range.update(start=view.x_range[0], end=view.x_range[1])
        self.chart.y_range.update(start=view.y_range[0], end=view.y_range[1])
        self._fill()

    def _read_viewport(self) -> Viewport:
        chart = self.chart
        try:
            width, height = int(chart.inner_width), int(chart.inner_height)
        except Exception:  # unset until the first layout
            width, height = self._viewport.width_px, self._viewport.height_px
        return Viewport.from_ranges(
            chart.x_range.start, chart.x_range.end, chart.y_range.start, chart.y_range.end, width or 1, height or 1
        )

    def _moved_by_user(self, event: RangesUpdate) -> None:
        self.seat.view_locked = True
        self._viewport_changed()

    def _laid_out(self, attr: str, old: Any, new: Any) -> None:
        if not new:
            return
        before, self._viewport = self._viewport, self._read_viewport()
        resized = (before.width_px, before.height_px) != (self._viewport.width_px, self._viewport.height_px)
        if resized and not self._locked:
            self._go(self._work())  # a view nobody has moved holds the work in any size of pane
        else:
            self._fill()

    def _viewport_changed(self) -> None:
        self._viewport = self._read_viewport()
        self._fill()

    def _tapped(self, event: Tap) -> None:
        if event.x is None or event.y is None:
            return
        self._viewport = self._read_viewport()
        scene = self.scene = self._scene()
        hit = find_hit(scene, self.layers, event.x, event.y)
        self.on_tap(act_for(hit, scene, event.x, event.y))

    @property
    def callouts(self) -> CalloutsLayer:
        """The layer of callouts, for tests and taps."""
        return next(layer for layer in self.layers if isinstance(layer, CalloutsLayer))
