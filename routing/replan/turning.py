"""The path of who turns round on the way: out as far as they are, back to the start, and on from there."""

from __future__ import annotations

from datetime import datetime
from itertools import pairwise

from data.plans import Leg
from routing.movement import distance_m

Path = tuple[tuple[float, float], ...]


def turned_back(leg: Leg, at: datetime, onward: Path) -> tuple[Path, float]:
    """Return the path of a leg that turns at a moment and goes on by another way, and the metres out and back.

    Units run at an even speed along a leg. ``onward`` begins where the leg does.
    """
    took_s = (leg.arrive_at - leg.depart_at).total_seconds()
    share = min(1.0, max(0.0, (at - leg.depart_at).total_seconds() / took_s)) if took_s else 0.0
    out = _first_part(leg.path, share)
    return (*out, *reversed(out[:-1]), *onward[1:]), 2.0 * share * leg.length_m


def _first_part(path: Path, share: float) -> Path:
    steps_m = [distance_m(*a, *b) for a, b in pairwise(path)]
    left_m = share * sum(steps_m)
    out = [path[0]]
    for (start, end), step_m in zip(pairwise(path), steps_m, strict=True):
        if step_m >= left_m:
            part = left_m / step_m if step_m else 0.0
            out.append((start[0] + part * (end[0] - start[0]), start[1] + part * (end[1] - start[1])))
            return tuple(out)
        out.append(end)
        left_m -= step_m
    return tuple(out)
