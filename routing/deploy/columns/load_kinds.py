"""List the different kinds of load that craft offer, so that craft alike share the work of pricing them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from routing.deploy.problem import UNREACHABLE, IntArray
from routing.deploy.reach import Reach
from routing.deploy.search_tables import Int32Array, SearchTables

NO_STAND = -1


class Stands(NamedTuple):
    """Where groups wait to be loaded: each pickup, and each pickup as it is after an earlier call on the same trip.

    The first stands are the pickups. The others are a pickup as craft reach it that called elsewhere before: groups are
    there as soon as they can be at it or aboard from any earlier call. Craft with the same crossings to a pickup share
    one. ``after_call[C, P]`` is each craft's, NO_STAND where it can make no earlier call.
    """

    at: Int32Array  # [G, V] the minute each group is to be had at each stand
    order: Int32Array  # [V, G] the groups in that order
    after_call: Int32Array


class LoadKinds(NamedTuple):
    """Each different (stand, incident, deck slots, minutes from loading to the scene, seats) that some craft offers.

    Sorted by stand, incident and deck, then the longest first; ``first`` is where each (stand, incident, deck) starts
    and, last, the number of kinds.
    """

    stand: Int32Array
    incident: Int32Array
    deck: Int32Array
    minutes: Int32Array
    seats: Int32Array
    first_board: Int32Array  # the first minute at which a craft of this kind can begin to load
    first: Int32Array
    of_link: Int32Array  # [N, 2] the kind of each of the tables' links, coming straight and after an earlier call
    link_from: Int32Array  # [C * P + 1] where each craft's links from each pickup start


def list_stands(tables: SearchTables) -> Stands:
    """Return the stands of a problem; without earlier calls they are its pickups."""
    num_c, num_p = tables.position.shape
    at: list[IntArray] = [tables.at_pickup[:, p].astype(np.int64) for p in range(num_p)]
    after_call = np.full((num_c, num_p), NO_STAND, dtype=np.int32)
    known: dict[tuple[int, tuple[tuple[int, int], ...]], int] = {}
    for c in range(num_c):
        for p in range(num_p):
            first, end = tables.call_first[c * num_p + p : c * num_p + p + 2].tolist()
            ways = tuple((q, int(tables.load[c] + tables.shift[c, q, p])) for q in tables.call_from[first:end].tolist())
            if not ways:
                continue
            if (p, ways) not in known:
                known[p, ways] = len(at)
                at.append(np.minimum.reduce([at[p], *(at[q] + way for q, way in ways)]))
            after_call[c, p] = known[p, ways]
    when = np.ascontiguousarray(np.minimum(np.stack(at, axis=1), UNREACHABLE), dtype=np.int32)
    return Stands(when, np.ascontiguousarray(np.argsort(when, axis=0, kind="stable").T, dtype=np.int32), after_call)


def list_load_kinds(tables: SearchTables, stands: Stands, reach: Reach) -> LoadKinds:
    """Return the kinds of load of a problem; deck slots beyond what any group needs make no kind of their own."""
    num_c, num_p = tables.position.shape
    craft, pickup, landing, incident = tables.links.T
    minutes = tables.load[craft] + tables.haul[craft, pickup, landing] + tables.unload[craft]
    minutes = minutes + tables.last_mile[landing, incident]
    deck = np.minimum(tables.deck[craft], tables.slots.max(initial=0))
    board = np.minimum(reach.craft_at_pickup_min, UNREACHABLE)[craft, pickup]
    after = stands.after_call[craft, pickup]
    calls = np.flatnonzero(after != NO_STAND)
    straight = np.stack([pickup, incident, deck, -minutes, tables.seats[craft]], axis=1)
    by_call = straight[calls]
    by_call[:, 0] = after[calls]
    keys = np.concatenate([straight, by_call])
    kinds, kind_of = np.unique(keys, axis=0, return_inverse=True)
    kind_of = kind_of.reshape(-1)
    first_board = np.full(len(kinds), UNREACHABLE, dtype=np.int64)
    np.minimum.at(first_board, kind_of, np.concatenate([board, board[calls]]))
    of_link = np.full((len(tables.links), 2), -1, dtype=np.int32)
    of_link[:, 0] = kind_of[: len(straight)]
    of_link[calls, 1] = kind_of[len(straight) :]
    starts = np.flatnonzero(np.any(np.diff(kinds[:, :3], axis=0) != 0, axis=1)) + 1

    def narrow(values: object) -> Int32Array:
        return np.ascontiguousarray(values, dtype=np.int32)

    return LoadKinds(
        stand=narrow(kinds[:, 0]),
        incident=narrow(kinds[:, 1]),
        deck=narrow(kinds[:, 2]),
        minutes=narrow(-kinds[:, 3]),
        seats=narrow(kinds[:, 4]),
        first_board=narrow(first_board),
        first=narrow([0, *starts, len(kinds)] if len(kinds) else [0]),
        of_link=of_link,
        link_from=narrow(np.searchsorted(craft * num_p + pickup, np.arange(num_c * num_p + 1))),
    )
