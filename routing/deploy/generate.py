"""Draw deployment problems of stated size on an invented archipelago, for benches and tests."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from routing.deploy.problem import NO_POOL, NO_STATION, UNREACHABLE, DeployProblem, EchelonNeed
from routing.deploy.useful_calls import with_useful_calls

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Size:
    """How many groups, craft, incidents, and pickups a drawn problem has."""

    groups: int
    craft: int
    incidents: int
    pickups: int


SIZES: dict[str, Size] = {
    "small": Size(20, 8, 1, 5),
    "medium": Size(60, 20, 1, 8),
    "large": Size(150, 40, 3, 12),
    "huge": Size(400, 80, 10, 20),
}


@dataclass(frozen=True, slots=True)
class _Kind:
    """A drawn class of craft; speeds and seats follow the classes a coastal force keeps (assumed)."""

    seats: int
    deck_slots: int
    speed_mps: float
    load_min: int
    is_air: bool
    share: float


_KINDS = (
    _Kind(12, 0, 15.0, 2, False, 0.35),
    _Kind(24, 0, 11.0, 4, False, 0.25),
    _Kind(60, 6, 5.5, 8, False, 0.15),
    _Kind(100, 0, 9.0, 10, False, 0.10),
    _Kind(10, 0, 60.0, 3, True, 0.15),
)
_LANDINGS_EACH = 3
BUS_SEATS = 10
_ROAD_MPS, _ROAD_CIRCUITY = 11.0, 1.4


def _minutes(metres: FloatArray, speed_mps: float | FloatArray) -> npt.NDArray[np.int64]:
    return np.ceil(metres / speed_mps / 60.0).astype(np.int64)


def _distances_m(a: FloatArray, b: FloatArray) -> FloatArray:
    apart: FloatArray = np.hypot(a[:, None, 0] - b[None, :, 0], a[:, None, 1] - b[None, :, 1])
    return apart


def draw_problem(size: Size, seed: int) -> DeployProblem:
    """Return a problem drawn from a seed: a hub with most forces, incidents on islands 8 to 45 km away.

    Each incident asks for 12, 40 and 100 persons and 4 medics, weighted 3, 2, 2 and 1; a tenth of the groups stand on
    an incident's own island. The first pickups are piers, the last is a helipad; an incident has two piers and a pad.
    Boats may call at two piers on a trip. Each station has minibuses for four in five of its groups at once, each
    incident's island six to twelve of them.
    """
    rng = np.random.default_rng(seed)
    hub_piers = rng.uniform(-14_000.0, 14_000.0, (size.pickups, 2))
    angle = rng.uniform(0.0, 2 * np.pi, size.incidents)
    reach = rng.uniform(8_000.0, 45_000.0, size.incidents) + 14_000.0
    incident_at = np.column_stack([np.cos(angle), np.sin(angle)]) * reach[:, None]
    landing_at = np.repeat(incident_at, _LANDINGS_EACH, axis=0) + rng.uniform(
        -1_500.0, 1_500.0, (size.incidents * _LANDINGS_EACH, 2)
    )
    landing_is_air = np.arange(len(landing_at)) % _LANDINGS_EACH == _LANDINGS_EACH - 1
    pickup_is_air = np.arange(size.pickups) == size.pickups - 1

    num_stations = max(2, size.groups // 5)
    station_at = rng.uniform(-15_000.0, 15_000.0, (num_stations, 2))
    station = rng.integers(0, num_stations, size.groups)
    home = station_at[station] + rng.uniform(-500.0, 500.0, (size.groups, 2))
    local = np.arange(size.groups) < max(1, size.groups // 10)
    local_of = rng.integers(0, size.incidents, size.groups)
    road_m = _distances_m(home, hub_piers) * _ROAD_CIRCUITY
    access = np.where(local[:, None], UNREACHABLE, _minutes(road_m, _ROAD_MPS))
    access = np.where(access > 70, UNREACHABLE, access)
    direct = np.full((size.groups, size.incidents), UNREACHABLE)
    rows = np.flatnonzero(local)
    direct[rows, local_of[rows]] = rng.integers(4, 20, len(rows))

    kind_of = rng.choice(len(_KINDS), size.craft, p=[k.share for k in _KINDS])
    kinds = [_KINDS[k] for k in kind_of]
    speed = np.array([k.speed_mps for k in kinds])
    is_air = np.array([k.is_air for k in kinds])
    berth_of = hub_piers[rng.integers(0, size.pickups, size.craft)] + rng.uniform(-3_000.0, 3_000.0, (size.craft, 2))
    fits_pickup = is_air[:, None] == pickup_is_air[None, :]
    fits_landing = is_air[:, None] == landing_is_air[None, :]
    detour = np.where(is_air, 1.0, 1.25)
    position = _minutes(_distances_m(berth_of, hub_piers) * detour[:, None], speed[:, None])
    haul_m = _distances_m(hub_piers, landing_at)[None] * detour[:, None, None]
    haul = _minutes(haul_m, speed[:, None, None])
    haul = np.where(fits_pickup[:, :, None] & fits_landing[:, None, :], haul, UNREACHABLE)
    last_mile = np.full((len(landing_at), size.incidents), UNREACHABLE)
    ashore = np.arange(len(landing_at))
    last_mile[ashore, ashore // _LANDINGS_EACH] = rng.integers(3, 12, len(landing_at))

    skills = tuple(
        frozenset({"medical"} if rng.random() < 0.15 else {"police"} if rng.random() < 0.7 else {"volunteer"})
        for _ in range(size.groups)
    )
    # Drawn apart, so that a problem's other numbers stay what they were before there were such rules.
    further = np.random.default_rng([seed, 1])
    strength = rng.integers(4, 13, size.groups)
    buses = -(-strength // BUS_SEATS)
    at_home = np.bincount(station[~local], weights=buses[~local], minlength=num_stations).astype(np.int64)
    pool_vehicles = np.concatenate([np.maximum(at_home * 4 // 5, 2), further.integers(6, 13, size.incidents)])
    pool_shore = np.where(last_mile < UNREACHABLE, num_stations + np.arange(size.incidents)[None], NO_POOL)
    between = _minutes(_distances_m(hub_piers, hub_piers)[None] * detour[:, None, None], speed[:, None, None])
    by_boat = ~is_air[:, None, None] & ~(pickup_is_air[:, None] | pickup_is_air[None, :])[None]
    shift = np.where(by_boat & ~np.eye(size.pickups, dtype=np.bool_)[None], between, UNREACHABLE)
    echelons = tuple(
        EchelonNeed(i, persons, skill, weight)
        for i in range(size.incidents)
        for persons, skill, weight in ((12, None, 3), (40, None, 2), (100, None, 2), (4, "medical", 1))
    )
    problem = DeployProblem(
        strength=strength,
        skills=skills,
        ready_min=rng.integers(3, 16, size.groups),
        station=np.where(local, NO_STATION, station),
        group_slots=(rng.random(size.groups) < 0.1).astype(np.int64),
        seats=np.array([k.seats for k in kinds]),
        craft_slots=np.array([k.deck_slots for k in kinds]),
        craft_ready_min=rng.integers(3, 21, size.craft),
        load_min=np.array([k.load_min for k in kinds]),
        unload_min=np.array([max(1, k.load_min // 2) for k in kinds]),
        access_min=access,
        position_min=np.where(fits_pickup, position, UNREACHABLE),
        haul_min=haul,
        return_min=np.ascontiguousarray(haul.transpose(0, 2, 1)),
        last_mile_min=last_mile,
        direct_min=direct,
        pickup_berths=rng.integers(1, 3, size.pickups),
        landing_berths=rng.integers(1, 3, len(landing_at)),
        echelons=echelons,
        keep_groups=np.ones(num_stations, dtype=np.int64),
        horizon_min=300,
        shift_min=shift,
        vehicles_home=buses,
        vehicles_shore=buses,
        pool_home=np.where(local, NO_POOL, station),
        pool_shore=pool_shore,
        pool_vehicles=pool_vehicles,
        # A small draw may hold no medic, and its medical echelon is then one that stays unmet.
        known_skills=None if any("medical" in held for held in skills) else frozenset({"medical"}),
    )
    return with_useful_calls(problem)
