"""The figure itself: HoloViews elements of the layers, ranges that keep their ratio, tools, no plot furniture."""

from __future__ import annotations

from typing import Any

import holoviews as hv
from bokeh.document import Document
from bokeh.models import CustomJS, GlyphRenderer, PanTool, WheelZoomTool
from bokeh.plotting import figure

from console.map.layer import Layer
from console.map.mercator import Viewport
from console.map.scene import Scene
from console.map.tips import hover_tool

# Keeps one pixel as many metres high as wide when the pane changes size: the first layout contains the range
# asked for, later ones keep the scale and the centre. A range the server reckoned for half a resize (the new width
# with the old height) may still come after: once all is quiet the ratio is put right. Also drives the scale bar.
KEEP_RATIO = """
export default (args) => {
  const {fig, xr, yr} = args
  let w = 0, h = 0
  try { w = fig.inner_width; h = fig.inner_height } catch (unset) { return }
  if (!(w > 1) || !(h > 1)) return
  const state = fig.__tongzhou ?? (fig.__tongzhou = {w: 0, h: 0})
  if (state.w !== w || state.h !== h) {
    const mpp = state.w ? (xr.end - xr.start) / state.w : Math.max((xr.end - xr.start) / w, (yr.end - yr.start) / h)
    const cx = (xr.start + xr.end) / 2, cy = (yr.start + yr.end) / 2
    state.w = w; state.h = h
    xr.setv({start: cx - mpp * w / 2, end: cx + mpp * w / 2})
    yr.setv({start: cy - mpp * h / 2, end: cy + mpp * h / 2})
  }
  clearTimeout(state.settling)
  state.settling = setTimeout(() => {
    const wide = (xr.end - xr.start) / state.w, high = (yr.end - yr.start) / state.h
    if (Math.abs(wide / high - 1) < 1e-6) return
    const mpp = Math.max(wide, high)
    const cx = (xr.start + xr.end) / 2, cy = (yr.start + yr.end) / 2
    xr.setv({start: cx - mpp * state.w / 2, end: cx + mpp * state.w / 2})
    yr.setv({start: cy - mpp * state.h / 2, end: cy + mpp * state.h / 2})
  }, 120)
  if (window.PTMAP) {
    const lat = Math.atan(Math.sinh((yr.start + yr.end) / 2 / 6378137))
    window.PTMAP.scale((xr.end - xr.start) * Math.cos(lat) / w)
  }
}
"""
HOVERED = ("incidents", "units", "sites", "links")
CANVAS_CSS = ".bk-Canvas{--highlight-color:transparent!important;--outline-width:0px!important}"


def build_chart(layers: tuple[Layer, ...], scene: Scene) -> figure:
    """Return the figure with every layer in it, bottom first, not yet filled."""
    start: Viewport = scene.viewport
    elements = [(layer, element) for layer in layers if (element := layer.element(scene)) is not None]
    overlay = hv.Overlay([element for _, element in elements]).opts(
        hv.opts.Overlay(
            xlim=start.x_range, ylim=start.y_range, xaxis=None, yaxis=None, toolbar=None, border=0, padding=0
        ),
        hv.opts.Points(default_tools=[], tools=[], apply_ranges=False),
    )
    plot = hv.renderer("bokeh").get_plot(overlay)
    plot.document = Document()  # HoloViews entered it in the server's one global document, which would keep it for ever
    chart = plot.state
    chart.tools = []
    made: list[GlyphRenderer] = list(chart.renderers)
    owners = {id(layer): renderer for (layer, _), renderer in zip(elements, made, strict=True)}
    for layer in layers:
        if found := owners.get(id(layer)):
            layer.adopt(found, chart)
        layer.attach(chart)
    chart.renderers = [renderer for layer in layers for renderer in layer.renderers]
    _undress(chart)
    _add_tools(chart, layers)
    keep = CustomJS(args={"fig": chart, "xr": chart.x_range, "yr": chart.y_range}, code=KEEP_RATIO)
    chart.js_on_change("inner_width", keep)
    chart.js_on_change("inner_height", keep)
    for edges in (chart.x_range, chart.y_range):
        edges.js_on_change("start", keep)
        edges.js_on_change("end", keep)
    return chart


def _undress(chart: Any) -> None:
    """Take away all that makes a plot of a map: axes, grid, borders, focus outline, logo."""
    chart.update(
        sizing_mode="stretch_both",
        width=None,
        height=None,
        min_border=0,
        outline_line_color=None,
        toolbar_location=None,
        title=None,
        output_backend="canvas",
        stylesheets=[CANVAS_CSS],
    )
    for axis in chart.axis:
        axis.visible = False
    for grid in chart.grid:
        grid.visible = False
    chart.toolbar.logo = None


def _add_tools(chart: Any, layers: tuple[Layer, ...]) -> None:
    by_id = {layer.id: layer for layer in layers}
    hovered = [
        renderer
        for name in HOVERED
        if name in by_id
        for renderer in by_id[name].renderers
        if "tip_title" in renderer.data_source.column_names
    ]
    pan, wheel = PanTool(), WheelZoomTool(zoom_on_axis=False)
    hover = hover_tool(hovered)
    chart.add_tools(pan, wheel, hover)
    chart.toolbar.update(active_drag=pan, active_scroll=wheel, active_inspect=hover)


def paint_ground(chart: Any, tokens: Any) -> None:
    """Colour what lies under all layers."""
    chart.update(background_fill_color=tokens["sea"], border_fill_color=tokens["sea"])
