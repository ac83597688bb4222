"""What the map is asked to show besides the picture, by the page that fills the middle of the screen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

LonLat = tuple[float, float]


@dataclass(frozen=True)
class BoardMark:
    """An island of the isolation board: its place in the order, and until when in a few words.

    ``due`` is a move that must start soon, ``cut`` an island that is cut off already.
    """

    island_id: str
    lon_deg: float
    lat_deg: float
    number: int
    name: str
    until: str
    due: bool = False
    cut: bool = False


@dataclass(frozen=True)
class HeadMark:
    """So many people at one place."""

    lon_deg: float
    lat_deg: float
    number: str
    words: str


@dataclass(frozen=True)
class Way:
    """A line people take: on foot, or over water."""

    kind: Literal["walk", "crossing"]
    path: tuple[LonLat, ...]


@dataclass(frozen=True)
class Edge:
    """The edge of what is reached on foot in one minute (self-help) or three (mutual help)."""

    kind: Literal["self_help", "mutual_help"]
    path: tuple[LonLat, ...]


@dataclass(frozen=True)
class PointMark:
    """A point of interest that is held or not, or a post that would close gaps."""

    lon_deg: float
    lat_deg: float
    name: str
    state: Literal["gap", "held", "post"]


@dataclass(frozen=True)
class Focus:
    """What one page wants of the map. ``frame`` are the points to be seen; () is the region as it is shown first."""

    view: str
    frame: tuple[LonLat, ...] = ()
    marks: tuple[BoardMark, ...] = ()
    heads: tuple[HeadMark, ...] = ()
    ways: tuple[Way, ...] = ()
    edges: tuple[Edge, ...] = ()
    points: tuple[PointMark, ...] = ()
    selected_island_id: str | None = None
