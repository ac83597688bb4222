"""What every layer of the map is: how it enters the figure, is filled, and gives way to labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from bokeh.core.property.vectorization import value
from bokeh.models import ColumnDataSource, CustomJS, Glyph, GlyphRenderer
from bokeh.plotting import figure

from console.map.placement import Candidate
from console.map.scene import Scene

if TYPE_CHECKING:
    import holoviews as hv

FONT = value("Noto Sans CJK SC, Microsoft YaHei, sans-serif")
PxBox = tuple[float, float, float, float]
Columns = Mapping[str, Sequence[Any]]


class Layer:
    """One layer. Subclasses set ``id`` and override what they need; the base draws nothing.

    ``switch`` layers have a switch on the map, ``initially`` says whether it starts on. The order of the
    list in ``layers.py`` is the order from bottom to top.
    """

    id: str = ""
    switch: bool = False
    initially: bool = True

    def __init__(self) -> None:
        self.renderers: list[GlyphRenderer] = []

    def element(self, scene: Scene) -> hv.Element | None:
        """Return the HoloViews element that the layer starts from, if it has one."""
        return None

    def adopt(self, renderer: GlyphRenderer, figure: figure) -> None:
        """Take over the glyph that HoloViews made of the element."""
        self.renderers.append(renderer)

    def attach(self, figure: figure) -> None:
        """Add the layer's own glyphs to the figure, bottom first."""

    def key(self, scene: Scene) -> object:
        """Return what the drawing depends on, equal for scenes that draw the same; None to draw each time."""
        return None

    def draw(self, scene: Scene) -> None:
        """Fill the sources and colours from a scene."""

    def blocked(self, scene: Scene) -> list[PxBox]:
        """Return the boxes in pixels that labels must leave free."""
        return []

    def candidates(self, scene: Scene) -> list[Candidate]:
        """Return what the layer wants a place for."""
        return []

    def settle(self, scene: Scene, placed: Mapping[str, tuple[float, float]]) -> None:
        """Draw what was given a place; offsets in pixels of the top left corner from the anchor."""

    def show(self, visible: bool) -> None:
        """Switch the whole layer on or off."""
        for renderer in self.renderers:
            renderer.visible = visible


def add_glyph(chart: figure, source: ColumnDataSource, glyph: Glyph) -> GlyphRenderer:
    """Add one glyph and nothing else: the figure's own methods make five models of each, 4 ms apiece."""
    renderer = GlyphRenderer(
        data_source=source, glyph=glyph, selection_glyph=None, nonselection_glyph=None, muted_glyph=None
    )
    chart.renderers.append(renderer)
    return renderer


def enter_below(chart: figure, layer: Layer, above: Layer) -> None:
    """Move a layer's glyphs, which entered the figure late, under those of another."""
    own = {id(renderer) for renderer in layer.renderers}
    others = [renderer for renderer in chart.renderers if id(renderer) not in own]
    first = next((k for k, one in enumerate(others) if above.renderers and one is above.renderers[0]), len(others))
    chart.renderers = [*others[:first], *layer.renderers, *others[first:]]


def put(source: ColumnDataSource, columns: Columns) -> bool:
    """Replace a source's columns if they differ; tell whether they did (an equal set sends nothing)."""
    new = {name: list(column) for name, column in columns.items()}
    if dict(source.data) == new:
        return False
    source.data = new
    return True


def marker(name: str, source: ColumnDataSource) -> dict[str, CustomJS]:
    """Return the definition of a marker drawn by the page's symbol script, as ``Scatter.defs`` wants it."""
    # "export default" must start its line, or the whole page fails to load.
    code = (
        "export default (args, obj, {ctx, i, r}) => "
        f"{{ if (window.PTSYM) window.PTSYM.mark('{name}', ctx, args.src, i, r) }}"
    )
    return {f"@{name}": CustomJS(code=code, args={"src": source})}


def wear_marker(renderer: GlyphRenderer, name: str, size: float | str, angle: bool = False) -> None:
    """Give every glyph state of a HoloViews point renderer one of the page's markers."""
    definition = marker(name, renderer.data_source)
    for glyph in (
        renderer.glyph,
        renderer.nonselection_glyph,
        renderer.selection_glyph,
        renderer.muted_glyph,
        renderer.hover_glyph,
    ):
        if glyph is None or isinstance(glyph, str):
            continue
        glyph.update(defs=definition, marker=value(f"@{name}"), size=size)
        glyph.update(fill_alpha=1.0, line_alpha=1.0)
        if angle:
            glyph.update(angle="angle", angle_units="deg")
