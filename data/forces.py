"""Forces: craft classes with their limits, single craft, and groups that travel whole."""

from __future__ import annotations

from typing import Literal

import msgspec

from data.text import Text

Mode = Literal["sea", "air", "road"]
GroupKind = Literal[
    "police", "ptu", "swat", "riot", "auxiliary", "volunteers", "township", "guards", "medical", "motorcycle"
]
# The map symbol of a class or a group; the drawing is the console's.
Symbol = Literal[
    "group", "vehicle", "motorcycle", "assault_boat", "patrol_boat", "landing_craft", "ferry", "helicopter", "drone"
]
KNOT_MPS = 1852.0 / 3600.0

# Status words of a unit, in the order a deployment goes through them.
UnitStatus = Literal["available", "accepted", "en_route", "on_scene", "returning", "out_of_service"]
UNIT_TRANSITIONS: dict[str, frozenset[str]] = {
    "available": frozenset({"accepted", "en_route", "on_scene", "out_of_service"}),
    "accepted": frozenset({"en_route", "on_scene", "available", "out_of_service"}),
    "en_route": frozenset({"on_scene", "available", "returning", "out_of_service"}),
    "on_scene": frozenset({"available", "en_route", "returning", "out_of_service"}),
    "returning": frozenset({"available", "accepted", "en_route", "out_of_service"}),
    "out_of_service": frozenset({"available"}),
}
FREE: frozenset[str] = frozenset({"available", "returning"})


class CraftClass(msgspec.Struct, frozen=True, kw_only=True):
    """A class of boat, helicopter or vehicle and the limits it may work in.

    ``None`` for a limit means the class has none. Speeds are over ground in still water or air.
    """

    id: str
    name: Text
    mode: Mode
    seats: int
    deck_slots: int
    cruise_mps: float
    range_nm: float | None
    crew: int
    max_wind_bft: int
    max_hs_m: float | None
    min_visibility_m: float
    night: Literal["yes", "limited"]
    berthing: frozenset[str]
    turnaround_min: int
    symbol: Symbol
    confidence: str
    source: str


class Craft(msgspec.Struct, frozen=True, kw_only=True):
    """One boat, helicopter or vehicle; ``notice_min`` is the time from order to cast-off."""

    id: str
    call_sign: Text
    class_id: str
    home_site_id: str
    notice_min: int
    source: str


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """A squad that travels whole: a head count and skills, never names.

    ``deck_slots`` is the vehicle space it needs aboard; ``notice_min`` the time from order to moving.
    """

    id: str
    call_sign: Text
    kind: GroupKind
    home_site_id: str
    strength: int
    skills: frozenset[str]
    deck_slots: int
    notice_min: int
    source: str


class CraftState(msgspec.Struct, frozen=True, kw_only=True):
    """A craft as the picture has it now; ``site_id`` is None while under way."""

    craft: Craft
    status: UnitStatus
    lon_deg: float
    lat_deg: float
    site_id: str | None
    ready_in_min: int
    excluded: Text | None = None


class GroupState(msgspec.Struct, frozen=True, kw_only=True):
    """A group as the picture has it now; ``excluded`` says why it may not be recommended."""

    group: Group
    status: UnitStatus
    lon_deg: float
    lat_deg: float
    site_id: str | None
    ready_in_min: int
    excluded: Text | None = None
