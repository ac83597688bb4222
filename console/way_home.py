"""The way back of a unit whose work is done: the way it came, turned round."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise

import msgspec

from data.journal.picture import Picture
from data.journal.views import UnitView
from data.plans import Leg, Plan
from routing.movement import Track, distance_m, unit_track, units_of


def track_home(unit: UnitView, picture: Picture) -> Track | None:
    """Return the track from where a returning unit turned to its home, or to where its last plan found it.

    None where no accepted plan ever moved it: it stays where it is, free for orders. Its groups are taken
    to find a lift back the way they came (assumed).
    """
    plans = [plan for plan in picture.accepted.values() if unit.unit_id in units_of(plan)]
    if not plans:
        return None
    legs = _turned_legs(plans[-1], unit, unit.status_at)
    if not legs:
        return None
    return unit_track(msgspec.structs.replace(plans[-1], legs=tuple(legs)), unit.unit_id)


def _turned_legs(plan: Plan, unit: UnitView, turned_at: datetime) -> list[Leg]:
    """Return the legs begun by ``turned_at``, last first, each from its end to its start."""
    depart_at = turned_at
    turned: list[Leg] = []
    for leg in reversed(unit_track(plan, unit.unit_id).legs):
        if leg.depart_at >= turned_at:
            continue
        done = min(turned_at, leg.arrive_at) - leg.depart_at
        whole = leg.arrive_at - leg.depart_at
        path = travelled(leg.path, done / whole if whole else 1.0)
        turned.append(
            msgspec.structs.replace(
                leg,
                from_site=leg.to_site,
                to_site=leg.from_site,
                from_name=leg.to_name,
                to_name=leg.from_name,
                depart_at=depart_at,
                arrive_at=depart_at + done,
                board_at=None,
                unloaded_at=None,
                path=tuple(reversed(path)),
            )
        )
        depart_at += done
        if leg.from_site == unit.home_site_id:
            break
    return turned


def travelled(path: Sequence[tuple[float, float]], share: float) -> tuple[tuple[float, float], ...]:
    """Return the first ``share`` (0..1, by distance) of a path in lon, lat."""
    steps = [distance_m(*a, *b) for a, b in pairwise(path)]
    left_m = share * sum(steps)
    done = [path[0]]
    for (a, b), step_m in zip(pairwise(path), steps, strict=True):
        if step_m >= left_m:
            part = left_m / step_m if step_m else 0.0
            done.append((a[0] + part * (b[0] - a[0]), a[1] + part * (b[1] - a[1])))
            break
        done.append(b)
        left_m -= step_m
    return tuple(done)
