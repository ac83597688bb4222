"""List the different kinds of load that craft offer, so that craft alike share the work of pricing them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from routing.deploy.problem import UNREACHABLE
from routing.deploy.reach import Reach
from routing.deploy.search_tables import Int32Array, SearchTables


class LoadKinds(NamedTuple):
    """Each different (pickup, incident, deck slots, minutes from loading to the scene, seats) that some craft offers.

    Sorted by pickup, incident and deck, then the longest first; ``first`` is where each (pickup, incident, deck)
    starts and, last, the number of kinds.
    """

    pickup: Int32Array
    incident: Int32Array
    deck: Int32Array
    minutes: Int32Array
    seats: Int32Array
    first_board: Int32Array  # the first minute at which a craft of this kind can begin to load
    first: Int32Array
    of_link: Int32Array  # [N] the kind of each of the tables' links


def list_load_kinds(tables: SearchTables, reach: Reach) -> LoadKinds:
    """Return the kinds of load of a problem; deck slots beyond what any group needs make no kind of their own."""
    craft, pickup, landing, incident = tables.links.T
    minutes = tables.load[craft] + tables.haul[craft, pickup, landing] + tables.unload[craft]
    minutes = minutes + tables.last_mile[landing, incident]
    deck = np.minimum(tables.deck[craft], tables.slots.max(initial=0))
    keys = np.stack([pickup, incident, deck, -minutes, tables.seats[craft]], axis=1)
    kinds, of_link = np.unique(keys, axis=0, return_inverse=True)
    of_link = of_link.reshape(-1)
    board = np.minimum(reach.craft_at_pickup_min, UNREACHABLE)[craft, pickup]
    first_board = np.full(len(kinds), UNREACHABLE, dtype=np.int64)
    np.minimum.at(first_board, of_link, board)
    starts = np.flatnonzero(np.any(np.diff(kinds[:, :3], axis=0) != 0, axis=1)) + 1

    def narrow(values: object) -> Int32Array:
        return np.ascontiguousarray(values, dtype=np.int32)

    return LoadKinds(
        pickup=narrow(kinds[:, 0]),
        incident=narrow(kinds[:, 1]),
        deck=narrow(kinds[:, 2]),
        minutes=narrow(-kinds[:, 3]),
        seats=narrow(kinds[:, 4]),
        first_board=narrow(first_board),
        first=narrow([0, *starts, len(kinds)] if len(kinds) else [0]),
        of_link=narrow(of_link),
    )
