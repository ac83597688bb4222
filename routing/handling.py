"""Rules of handling that plans and their check share: loading, unloading, own patch, how late a leg may be."""

from __future__ import annotations

from math import ceil

from data.forces import CraftClass
from data.plans import LegMode

# A station this near by road to an incident on its own island answers on its own patch: sending its groups
# there takes nothing from its standing cover (island self-defence). Assumed.
OWN_PATCH_MIN = 20
# Part of a range that is never planned on. Assumed: one tenth, the usual reserve for small craft.
FUEL_RESERVE = 0.1
METRES_A_MILE = 1852.0

# How much of a leg's travel time it may be early or late by. Assumed: sea and air by sea state and wind;
# roads more, because their lengths are estimates.
EARLY_SHARE: dict[LegMode, float] = {"sea": 0.05, "air": 0.05, "road": 0.10, "foot": 0.10}
LATE_SHARE: dict[LegMode, float] = {"sea": 0.10, "air": 0.10, "road": 0.25, "foot": 0.25}


def whole_minutes(seconds: float) -> int:
    """Return seconds as whole minutes, rounded up; a hair over a whole minute is float noise, not a minute."""
    return max(0, ceil(seconds / 60.0 - 1e-6))


def load_minutes(craft_class: CraftClass) -> int:
    """Return the minutes to load a craft: half its turn-round, rounded up, one at least."""
    return max(1, ceil(craft_class.turnaround_min / 2))


def unload_minutes(craft_class: CraftClass) -> int:
    """Return the minutes to unload a craft: the other half of its turn-round, one at least."""
    return max(1, craft_class.turnaround_min - load_minutes(craft_class))


def usable_range_m(craft_class: CraftClass) -> float:
    """Return how far a craft may go between its start and its way home, infinite where no range is known."""
    if craft_class.range_nm is None:
        return float("inf")
    return craft_class.range_nm * METRES_A_MILE * (1.0 - FUEL_RESERVE)


# From a helicopter in a field beside an incident to the incident. Assumed.
FIELD_WALK_MIN = 2


def vehicles_for(strength: int, deck_slots: int, vehicle_seats: int) -> int:
    """Return the vans a group needs on the road: none if it brings its own vehicle."""
    return 0 if deck_slots > 0 else ceil(strength / vehicle_seats)
