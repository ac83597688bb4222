"""Which classes take people off an island, and under which kind of craft the board shows them."""

from __future__ import annotations

from collections.abc import Iterable

from data.forces import KNOT_MPS, CraftClass, CraftState
from data.geography import Region
from data.isolation import CRAFT_KINDS, CraftKind

# Assumed: a passenger boat this fast is run, and stopped, as a high-speed service.
FAST_FERRY_MPS = 18 * KNOT_MPS
KIND_BY_SYMBOL: dict[str, CraftKind] = {
    "patrol_boat": "patrol_boat",
    "helicopter": "helicopter",
    "assault_boat": "fast_boat",
    "landing_craft": "landing_craft",
}


def kind_of(craft_class: CraftClass) -> CraftKind | None:
    """Return the kind of a class by its symbol and speed; None for what carries nobody over water."""
    if craft_class.mode == "road" or craft_class.seats <= 0:
        return None
    if craft_class.symbol == "ferry":
        return "fast_ferry" if craft_class.cruise_mps >= FAST_FERRY_MPS else "ferry"
    return KIND_BY_SYMBOL.get(craft_class.symbol)


def is_in_service(state: CraftState) -> bool:
    """Say whether a craft can be counted on at all."""
    return state.status != "out_of_service" and state.excluded is None


def classes_at_hand(region: Region, craft: Iterable[CraftState]) -> dict[CraftKind, tuple[CraftClass, ...]]:
    """Return, by kind in the board's order, the classes of which a craft is in service; all of them if no craft is."""
    having = {state.craft.class_id for state in craft if is_in_service(state)}
    carrying = [one for one in region.craft_classes.values() if kind_of(one) is not None]
    wanted = [one for one in carrying if one.id in having] or carrying
    found = {kind: tuple(one for one in wanted if kind_of(one) == kind) for kind in CRAFT_KINDS}
    return {kind: classes for kind, classes in found.items() if classes}
