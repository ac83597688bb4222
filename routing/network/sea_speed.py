"""How much of its cruise speed a class keeps in a seaway, and what a metre then costs in each zone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import numpy as np

from data.forces import KNOT_MPS, CraftClass
from routing.network.conditions import Conditions
from routing.network.projection import Floats

# Assumed: full speed up to 0.3 of the class's wave limit, then falling evenly to 0.6 of it at the limit. Small fast
# craft slow down by choice in a seaway; no published curve for these classes was found.
FULL_SPEED_SHARE_OF_HS = 0.3
SPEED_SHARE_AT_LIMIT = 0.6
# Pace used when no class is named: that of a slow craft, so that a time never flatters.
REFERENCE_SPEED_MPS = 10 * KNOT_MPS


def speed_factor(hs_m: float, max_hs_m: float | None) -> float:
    """Return the share of cruise speed kept at a wave height; 1 for a class without a wave limit."""
    if max_hs_m is None:
        return 1.0
    over = (hs_m / max_hs_m - FULL_SPEED_SHARE_OF_HS) / (1.0 - FULL_SPEED_SHARE_OF_HS)
    return 1.0 - (1.0 - SPEED_SHARE_AT_LIMIT) * min(1.0, max(0.0, over))


def paces_s_per_m(
    craft_class: CraftClass | None, zone_ids: Sequence[str], conditions: Conditions, at: datetime | None
) -> Floats:
    """Return seconds a metre in each zone (zones,) for a class at a moment."""
    if craft_class is None:
        return np.full(max(1, len(zone_ids)), 1.0 / REFERENCE_SPEED_MPS)
    paces = np.full(max(1, len(zone_ids)), 1.0 / craft_class.cruise_mps)
    if at is not None and conditions.forecast is not None:
        for number, zone_id in enumerate(zone_ids):
            hour = conditions.hour_at(zone_id, at)
            if hour is not None:
                paces[number] /= speed_factor(hour.hs_m, craft_class.max_hs_m)
    return paces
