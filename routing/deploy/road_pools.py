"""Which road vehicles groups share: the vans of their stations, and what is to be had on the islands they land on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from data.forces import GroupState
from data.geography import Place, Region
from routing.deploy.candidates import FIELD
from routing.deploy.problem import NO_POOL, IntArray
from routing.handling import vehicles_for


@dataclass(frozen=True)
class RoadPools:
    """The pools of a problem: vehicles each group takes, from which pool on either shore, and how strong they are."""

    vehicles: IntArray
    home: IntArray
    shore: IntArray
    held: IntArray
    names: tuple[str, ...]


def find_road_pools(
    groups: Sequence[GroupState], landings: Sequence[Place], num_scenes: int, region: Region
) -> RoadPools:
    """Return the pools; a group away from its station, and an island without a number, lack no vehicles."""
    held: list[int] = []
    number: dict[str, int] = {}

    def pool(place_id: str, vehicles: int | None) -> int:
        if vehicles is None:
            return NO_POOL
        if place_id not in number:
            number[place_id] = len(held)
            held.append(vehicles)
        return number[place_id]

    home = [
        pool(state.group.home_site_id, region.stations[state.group.home_site_id].vehicles)
        if state.site_id == state.group.home_site_id and state.group.home_site_id in region.stations
        else NO_POOL
        for state in groups
    ]
    shore = [
        NO_POOL
        if place.id.startswith(FIELD) or place.island_id not in region.islands
        else pool(place.island_id, region.islands[place.island_id].shore_vehicles)
        for place in landings
    ]
    vehicles = [vehicles_for(s.group.strength, s.group.deck_slots, region.vehicle_seats) for s in groups]
    return RoadPools(
        np.array(vehicles, dtype=np.int64),
        np.array(home, dtype=np.int64),
        np.repeat(np.array(shore, dtype=np.int64)[:, None], num_scenes, axis=1),
        np.array(held, dtype=np.int64),
        tuple(number),
    )
