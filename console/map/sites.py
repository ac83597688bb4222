"""Piers, helipads and stations, by state, with a tip that says why and for how long."""

from __future__ import annotations

from functools import lru_cache

from bokeh.core.property.vectorization import value
from bokeh.models import ColumnDataSource, Scatter
from bokeh.plotting import figure

from console.map.land import grounds
from console.map.layer import Layer, PxBox, add_glyph, marker, put
from console.map.mercator import to_mercator
from console.map.placement import Candidate, text_width_px
from console.map.scene import Scene
from console.map.states import State
from console.panels.figures import day_clock
from console.panels.tides import pier_tide_lines
from data.geography import Place, Region

SIZES = {"pier": 12.0, "helipad": 15.0, "station": 14.0, "township": 12.0}
# Ground metres in a pixel below which a kind of site is drawn, when it is neither abnormal nor of the plan.
DRAWN_BELOW = {"pier": 220.0, "helipad": 120.0, "station": 120.0, "township": 60.0}
ABNORMAL_BELOW = 110.0
NAMED_BELOW = {"pier": 70.0, "helipad": 45.0, "station": 30.0, "township": 15.0}


@lru_cache(maxsize=8)
def _site_points(region_hash: str, key: tuple[tuple[str, float, float], ...]) -> tuple[tuple[float, float], ...]:
    if not key:
        return ()
    x, y = to_mercator([row[1] for row in key], [row[2] for row in key])
    return tuple(zip(x.tolist(), y.tolist(), strict=True))


def site_points(region: Region) -> dict[str, tuple[float, float]]:
    """Return x and y in EPSG:3857 of every pier, helipad and station by id."""
    key = tuple((place.id, place.lon_deg, place.lat_deg) for place in region.places())
    return dict(zip((row[0] for row in key), _site_points(region.content_hash, key), strict=True))


# How the words of a limit go on to its end (routing/network/limits.py).
REASON_ENDS = (" until ", ",至 ")


def state_line(scene: Scene, state: State) -> str:
    """Return a state's word, reason and end as one line."""
    parts = [scene.say(state.status)]
    if state.text is not None:
        parts.append(scene.words(state.text))
    if state.status != "open" and state.until_at is not None and state.text is None:
        parts.append(scene.say("until", time=scene.clock(state.until_at)))
    return " · ".join(parts)


def drawn_sites(scene: Scene) -> list[Place]:
    """Return the sites worth drawing at this scale: all near, only the abnormal and the plan's from afar."""
    scale, plan = scene.viewport.ground_m_per_px, scene.plan_site_ids()
    return [
        place
        for place in scene.region.places()
        if scale < DRAWN_BELOW.get(place.kind, 60.0) or place.id in plan or scene.states.site(place.id).status != "open"
    ]


class SitesLayer(Layer):
    """One marker a site; its name goes to the labels."""

    id = "sites"
    switch = True

    def attach(self, figure: figure) -> None:
        self.source = ColumnDataSource({"x": [], "y": [], "id": [], "size": [], "tip_title": [], "tip_text": []})
        renderer = add_glyph(figure, self.source, Scatter(x="x", y="y", size="size"))
        renderer.glyph.update(defs=marker("site", self.source), marker=value("@site"))
        self.renderers.append(renderer)

    def key(self, scene: Scene) -> object:
        drawn = tuple(place.id for place in drawn_sites(scene))
        return drawn, id(scene.states), scene.theme, scene.language

    def draw(self, scene: Scene) -> None:
        points, rows = site_points(scene.region), drawn_sites(scene)
        put(
            self.source,
            {
                "x": [points[place.id][0] for place in rows],
                "y": [points[place.id][1] for place in rows],
                "id": [place.id for place in rows],
                "site_kind": ["station" if place.kind == "township" else place.kind for place in rows],
                "state": [scene.states.site(place.id).status for place in rows],
                "size": [SIZES.get(place.kind, 12.0) for place in rows],
                "ground": grounds(scene.region, *_columns([points[place.id] for place in rows])),
                "tip_title": [_title(scene, place) for place in rows],
                "tip_text": [_tip(scene, place) for place in rows],
            },
        )

    def blocked(self, scene: Scene) -> list[PxBox]:
        if self.id not in scene.shown:
            return []
        x, y = scene.viewport.to_px(self.source.data["x"], self.source.data["y"])
        return [
            (a - size / 2, b - size / 2, a + size / 2, b + size / 2)
            for a, b, size in zip(x.tolist(), y.tolist(), self.source.data["size"], strict=True)
        ]


def name_candidate(scene: Scene, place: Place, point: tuple[float, float]) -> tuple[Candidate, str, str] | None:
    """Return the label a site wants, its words and its token; None when it wants none at this scale."""
    state, in_plan = scene.states.site(place.id), place.id in scene.plan_site_ids()
    scale = scene.viewport.ground_m_per_px
    declared = any(one.target_id == place.id for one in scene.picture.closures.values())
    # A pad shut by the night is a marker from afar; what a person closed is always said.
    farthest = NAMED_BELOW.get(place.kind, 15.0) if state.status == "open" else ABNORMAL_BELOW
    if not in_plan and not declared and scale > farthest:
        return None
    words, token, size = scene.words(place.name), "text2", 11.5
    if state.status != "open":
        words, token = f"{words} {status_words(scene, state)}", "red" if state.status == "closed" else "amber"
        if state.text is not None and scene.viewport.ground_m_per_px < 160.0:
            words += "\n" + shortened(reason_words(scene, state), 34)
    x, y = scene.viewport.to_px(point[0], point[1])
    lines = words.split("\n")
    width = max(text_width_px(line, size) for line in lines)
    rank = 20 if state.status == "closed" else 30 if in_plan else 35 if state.status == "limited" else 60
    candidate = Candidate(f"site:{place.id}", float(x), float(y), width, 15.0 * len(lines), rank, gap_px=10.0)
    return candidate, words, token


def status_words(scene: Scene, state: State) -> str:
    """Return a state's word and when it ends, which no cutting of the reason takes away."""
    if state.status == "open" or state.until_at is None:
        return scene.say(state.status)
    end = day_clock(state.until_at, scene.now, scene.region.timezone)
    return f"{scene.say(state.status)} {scene.say('until', time=end)}"


def reason_words(scene: Scene, state: State) -> str:
    """Return the reason without its end, which stands beside the status."""
    words = scene.words(state.text) if state.text is not None else ""
    if state.until_at is None:
        return words
    return next((before for end in REASON_ENDS if (before := words.rpartition(end)[0])), words)


def shortened(words: str, most: int) -> str:
    """Return the words cut to a number of characters with an ellipsis."""
    return words if len(words) <= most else words[: most - 1] + "…"


def _columns(points: list[tuple[float, float]]) -> tuple[list[float], list[float]]:
    return [x for x, _ in points], [y for _, y in points]


def _title(scene: Scene, place: Place) -> str:
    return f"{scene.say(place.kind)} · {scene.words(place.name)}"


def _tip(scene: Scene, place: Place) -> str:
    lines = [state_line(scene, scene.states.site(place.id))]
    if pier := scene.region.piers.get(place.id):
        lines.append(scene.say("berths", n=pier.berths))
        lines += pier_tide_lines(pier, scene.region, scene.picture.forecast, scene.now, scene.language)
        source, confidence = pier.source, pier.confidence
    elif pad := scene.region.helipads.get(place.id):
        lines.append(f"{scene.say('pads', n=pad.pads)} · {scene.say('night_yes' if pad.night else 'night_no')}")
        source, confidence = pad.source, pad.confidence
    else:
        station = scene.region.stations[place.id]
        if station.keep_groups:
            lines.append(scene.say("keep", n=station.keep_groups))
        source, confidence = station.source, station.confidence
    lines.append(scene.say("source", source=f"{source} ({confidence})"))
    return "\n".join(lines)
