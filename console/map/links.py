"""Links not in use: quiet lanes and roads; bridges; closed ones dotted red with a cross, limited ones amber."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bokeh.core.property.vectorization import value
from bokeh.models import ColumnDataSource, MultiLine, Scatter
from bokeh.plotting import figure

from console.map.layer import Layer, add_glyph, marker, put
from console.map.mercator import point_to_mercator, to_mercator
from console.map.placement import Candidate, text_width_px
from console.map.scene import Scene
from console.map.sites import reason_words, shortened, state_line, status_words
from console.map.states import State, worse
from data.forces import KNOT_MPS
from data.geography import Bridge

NM_M = KNOT_MPS * 3600.0
STYLES: Mapping[str, tuple[str, float, str, float]] = {  # token, width, dash, alpha
    "lane": ("text3", 1.0, "solid", 0.5),
    "road": ("text3", 1.2, "2 4", 0.6),
    "bridge": ("text3", 2.2, "solid", 0.7),
    "unusable": ("text3", 1.6, "2 4", 0.6),
    "limited": ("amber", 2.2, "9 5", 1.0),
    "closed": ("red", 3.0, "3 3", 1.0),
}

ALWAYS = frozenset({"bridge", "limited", "closed"})
# In a storm that shuts most bridges, reasons from afar would cover one another: their tips have them.
REASONS_AFAR, REASONS_BELOW = 4, 160.0


@dataclass(frozen=True)
class Link:
    """One drawn link: style, points in EPSG:3857, tip."""

    style: str
    x: tuple[float, ...]
    y: tuple[float, ...]
    title: str
    tip: str


def bridge_link(scene: Scene, bridge: Bridge) -> Link:
    """Return a bridge as a link styled by its state."""
    state = scene.states.bridge(bridge.id)
    style = "unusable" if not bridge.usable else "bridge" if state.status == "open" else state.status
    x, y = to_mercator((bridge.from_lon_deg, bridge.to_lon_deg), (bridge.from_lat_deg, bridge.to_lat_deg))
    said = scene.say("unusable") if not bridge.usable else state_line(scene, state)
    tip = f"{said}\n{bridge.length_km:.1f} km\n{scene.say('source', source=f'{bridge.source} ({bridge.confidence})')}"
    return Link(style, tuple(x.tolist()), tuple(y.tolist()), scene.words(bridge.name), tip)


class LinksLayer(Layer):
    """Usual links, with the abnormal drawn so that nobody misses them."""

    id = "links"
    switch = True

    def attach(self, figure: figure) -> None:
        columns = ("xs", "ys", "width", "alpha", "color", "dash", "tip_title", "tip_text")
        self.source = ColumnDataSource({name: [] for name in columns})
        line = add_glyph(
            figure,
            self.source,
            MultiLine(xs="xs", ys="ys", line_width="width", line_alpha="alpha", line_color="color", line_dash="dash"),
        )
        self.crosses = ColumnDataSource({"x": [], "y": []})
        cross = add_glyph(figure, self.crosses, Scatter(x="x", y="y", size=17))
        cross.level = "guide"  # a plan's legs must not hide it
        cross.glyph.update(defs=marker("cross", self.crosses), marker=value("@cross"))
        self.renderers += [line, cross]

    def links(self, scene: Scene) -> list[Link]:
        """Return every link to draw in a scene."""
        found = [bridge_link(scene, bridge) for bridge in scene.region.bridges.values()]
        for lane in scene.lanes:
            x, y = to_mercator(*zip(*lane.path, strict=True))
            state = State("open")
            if lane.mode == "sea":
                state = worse(scene.states.site(lane.from_site), scene.states.site(lane.to_site))
            ends = f"{_name(scene, lane.from_site)} – {_name(scene, lane.to_site)}"
            length = scene.say("length", nm=f"{lane.length_m / NM_M:.1f}", km=f"{lane.length_m / 1000:.1f}")
            tip = [length] if lane.mode == "road" else [length, state_line(scene, state)]
            if lane.estimate:
                tip.append(scene.say("estimate"))
            found.append(
                Link(
                    "road" if lane.mode == "road" else "lane",
                    tuple(x.tolist()),
                    tuple(y.tolist()),
                    f"{scene.say('road' if lane.mode == 'road' else 'lane')} {ends}",
                    "\n".join(tip),
                )
            )
        return found

    def key(self, scene: Scene) -> object:
        return id(scene.states), id(scene.lanes), scene.theme, scene.language, self.id in scene.shown

    def draw(self, scene: Scene) -> None:
        # Switched off, only the quiet links go: a closed or limited one is always drawn.
        rows = [link for link in self.links(scene) if self.id in scene.shown or link.style in ALWAYS]
        rows.sort(key=lambda link: list(STYLES).index(link.style))
        put(
            self.source,
            {
                "xs": [list(link.x) for link in rows],
                "ys": [list(link.y) for link in rows],
                "width": [STYLES[link.style][1] for link in rows],
                "alpha": [STYLES[link.style][3] for link in rows],
                "color": [scene.tokens[STYLES[link.style][0]] for link in rows],
                "dash": [STYLES[link.style][2] for link in rows],
                "tip_title": [link.title for link in rows],
                "tip_text": [link.tip for link in rows],
            },
        )
        closed = [link for link in rows if link.style == "closed"]
        put(
            self.crosses,
            {"x": [sum(link.x) / len(link.x) for link in closed], "y": [sum(link.y) / len(link.y) for link in closed]},
        )

    def show(self, visible: bool) -> None:
        """Stay visible: ``draw`` leaves out what is switched off."""

    def blocked(self, scene: Scene) -> list[tuple[float, float, float, float]]:
        x, y = scene.viewport.to_px(self.crosses.data["x"], self.crosses.data["y"])
        return [(a - 9, b - 9, a + 9, b + 9) for a, b in zip(x.tolist(), y.tolist(), strict=True)]


def bridge_label(scene: Scene, bridge: Bridge) -> tuple[Candidate, str, str, tuple[float, float]] | None:
    """Return the label of a bridge that is closed or limited; None for an open one."""
    state = scene.states.bridge(bridge.id)
    if not bridge.usable or state.status == "open":
        return None
    middle = point_to_mercator(
        (bridge.from_lon_deg + bridge.to_lon_deg) / 2, (bridge.from_lat_deg + bridge.to_lat_deg) / 2
    )
    words = f"{scene.words(bridge.name)} {status_words(scene, state)}"
    many = sum(one.status != "open" for one in scene.states.bridges.values()) > REASONS_AFAR
    if state.text is not None and not (many and scene.viewport.ground_m_per_px >= REASONS_BELOW):
        words += "\n" + shortened(reason_words(scene, state), 36)
    x, y = scene.viewport.to_px(*middle)
    lines = words.split("\n")
    width = max(text_width_px(line, 11.5) for line in lines)
    candidate = Candidate(
        f"bridge:{bridge.id}", float(x), float(y), width, 15.0 * len(lines), 10, gap_px=13.0, required=True
    )
    return candidate, words, "red" if state.status == "closed" else "amber", middle


def _name(scene: Scene, site_id: str) -> str:
    return scene.words(scene.region.place(site_id).name)
