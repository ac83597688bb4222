"""Draw evacuation problems for benches and tests: two families, the same for a seed on every machine."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from routing.evacuate.problem import NO_LIMIT, UNREACHABLE, EvacuationProblem, IntArray

# Seats and knots: assault boat, fast boat, two patrol boats, cutter, landing craft, fast ferry, ferry.
FLEET = ((8, 30), (12, 30), (30, 25), (40, 22), (60, 24), (150, 9), (200, 25), (300, 12))


def archipelago(people: int, seed: int, boarding_s: int = 0) -> EvacuationProblem:
    """Return 12 vessels, 3 pick-ups with 2, 1 and 1 berths and 2 drops with 2: people stand ready and may be shared.

    ``boarding_s`` are seconds a person to board, on top of the minutes a vessel takes whatever it carries.
    """
    draw = np.random.default_rng(seed)
    v, p, q = 12, 3, 2
    kind = np.array([FLEET[k] for k in draw.integers(0, len(FLEET), v)])
    seats, knots = kind[:, 0], kind[:, 1]
    docks, starts = draw.uniform(0, 6, (p, 2)), draw.uniform(0, 25, (v, 2))
    drops = np.array([[20.0, 0.0], [22.0, 8.0]]) + draw.uniform(-2, 2, (q, 2))
    haul = _minutes(docks, drops)[None] / knots[:, None, None]
    first = _minutes(starts, docks) / knots[:, None]
    share = draw.dirichlet(np.full(p, 3.0))
    demand = np.floor(share * people).astype(np.int64)
    demand[0] += people - int(demand.sum())
    load = np.maximum(3, -(-seats // 20))
    return EvacuationProblem(
        persons=demand,
        location=np.arange(p),
        priority=np.full(p, 3),
        ready_min=np.zeros(p, np.int64),
        together=np.zeros(p, bool),
        queue_capacity=np.full(p, NO_LIMIT),
        dock_location=np.arange(p),
        dock_berths=np.array([2, 1, 1]),
        drop_berths=np.array([2, 2]),
        drop_capacity=np.full(q, NO_LIMIT),
        seats=seats,
        start_min=draw.integers(0, 30, v),
        first_min=_whole(first),
        haul_min=_whole(haul),
        return_min=_whole(np.transpose(haul, (0, 2, 1))),
        load_min=load,
        load_s=np.full(v, boarding_s),
        unload_min=np.maximum(2, load // 2),
        unload_s=np.full(v, boarding_s * 2 // 3),
        horizon_min=2_880,
    )


def island_community(people: int, vessels: int, docks: int, seed: int) -> EvacuationProblem:
    """Return a problem of the kind published as isolated community evacuation: ``docks`` on both shores in all.

    A ferry fits terminals only, water taxis fit marinas and beaches; berths have no limit and loading takes what it
    takes a vessel. After the layout of Krutein and Goodchild 2022, with minutes instead of distances and speeds.
    """
    draw = np.random.default_rng(seed)
    num_drops = max(2, docks // 3)
    num_docks = docks - num_drops
    num_places = max(1, num_docks * 2 // 3)
    place = np.concatenate((np.arange(num_places), draw.integers(0, num_places, num_docks - num_places)))
    kinds = ((457, 12, 10), (300, 14, 10), (120, 18, 10), (38, 25, 5), (12, 25, 3))
    kind = np.concatenate(([0], draw.choice([1, 1, 2, 2, 3, 4], vessels - 1)))
    seats, knots, load = (np.array([kinds[k][n] for k in kind]) for n in range(3))
    at_place, drops = draw.uniform(0, 8, (num_places, 2)), draw.uniform(0, 8, (num_drops, 2)) + np.array([9.0, 0.0])
    at_dock = at_place[place] + draw.uniform(-0.3, 0.3, (num_docks, 2))
    haul = _whole(_minutes(at_dock, drops)[None] / knots[:, None, None])
    home = draw.integers(0, num_drops, vessels)
    fits = draw.random((vessels, num_docks)) < 0.8
    fits[kind == 0] = False
    fits[:, 0] = True
    fits[kind != 0, :num_places] = True
    lands = np.ones((vessels, num_drops), bool)
    lands[kind == 0, 1:] = draw.random(((kind == 0).sum(), num_drops - 1)) < 0.5
    home[kind == 0] = 0
    can = fits[:, :, None] & lands[:, None, :]
    first = haul[np.arange(vessels), :, home]
    share = draw.dirichlet(np.full(num_places, 2.0))
    demand = np.floor(share * people).astype(np.int64)
    demand[0] += people - int(demand.sum())
    return EvacuationProblem.from_matrices(
        demand=demand,
        dock_location=place,
        seats=seats,
        start_min=draw.choice([10, 10, 30, 60], vessels),
        first_min=np.where(fits, first, UNREACHABLE),
        haul_min=np.where(can, haul, UNREACHABLE),
        return_min=np.where(can, haul, UNREACHABLE).transpose(0, 2, 1),
        load_min=load,
    )


def _minutes(a: npt.NDArray[np.float64], b: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return minutes at one knot between points given in nautical miles."""
    return np.asarray(60.0 * np.sqrt(((a[:, None] - b[None]) ** 2).sum(axis=2)))


def _whole(minutes: npt.NDArray[np.float64]) -> IntArray:
    whole: IntArray = np.maximum(1, np.ceil(minutes - 1e-9)).astype(np.int64)
    return whole
