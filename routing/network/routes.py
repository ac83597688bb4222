"""A way from one place to another by one mode, with its length, time and what it passes."""

from __future__ import annotations

from typing import Literal

import msgspec

RouteMode = Literal["sea", "air", "road"]


class ZoneSpan(msgspec.Struct, frozen=True, array_like=True):
    """Seconds after departure during which a route lies in one sea zone."""

    zone_id: str
    from_s: float
    to_s: float


class Route(msgspec.Struct, frozen=True, kw_only=True):
    """One way between two places; ``path`` is lon, lat in order of travel.

    ``estimate`` marks a length from assumed roads. ``zone_ids``, ``bridge_ids`` and ``island_ids`` name
    what it passes, each once, in order; ``zone_spans`` says when, and repeats a zone entered twice.
    """

    mode: RouteMode
    from_site: str
    to_site: str
    length_m: float
    time_s: float
    path: tuple[tuple[float, float], ...]
    estimate: bool
    zone_ids: tuple[str, ...] = ()
    bridge_ids: tuple[str, ...] = ()
    island_ids: tuple[str, ...] = ()
    zone_spans: tuple[ZoneSpan, ...] = ()
