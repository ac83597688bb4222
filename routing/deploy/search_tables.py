"""Lay a deployment problem out as flat arrays for the compiled search."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from routing.deploy.problem import UNREACHABLE, DeployProblem, IntArray, Spans
from routing.deploy.reach import Reach

Int32Array = npt.NDArray[np.int32]
# Trips a craft may make in the search. The bound knows no such limit, so it stays true when this one binds.
TRIPS_A_CRAFT = 10
# Ways offered to each group when a trip is made up for it, earliest arrival first.
WAYS_A_GROUP = 60


class SpanTable(NamedTuple):
    """Closed spans of links: link ``k`` (flat index) owns ``num[k]`` entries from ``first[k]`` on."""

    first: Int32Array
    num: Int32Array
    start: Int32Array
    end: Int32Array


class SearchTables(NamedTuple):
    """The problem as the compiled search reads it; shapes as in DeployProblem, minutes in 32 bits."""

    at_pickup: Int32Array
    pickup_order: Int32Array  # [P, G] groups in the order they reach each pickup
    direct: Int32Array
    position: Int32Array
    haul: Int32Array
    back: Int32Array
    last_mile: Int32Array
    load: Int32Array
    unload: Int32Array
    ready: Int32Array
    seats: Int32Array
    deck: Int32Array
    strength: Int32Array
    slots: Int32Array
    station: Int32Array
    spare: Int32Array
    cover: Int32Array
    pickup_berths: Int32Array
    landing_berths: Int32Array
    need_incident: Int32Array
    need_persons: Int32Array
    need_skilled: Int32Array  # 1 where a skill is asked for, 0 where anybody counts
    need_price: Int32Array
    counts: Int32Array
    prices: Int32Array  # horizon, craft-minute points, unmet minutes, minutes a missing person, points a craft
    shift: Int32Array
    shift_spans: SpanTable
    call_first: Int32Array  # [C * P + 1] where the pickups a craft may call at before each pickup start
    call_from: Int32Array
    group_ready: Int32Array
    vehicles_home: Int32Array
    vehicles_shore: Int32Array
    pool_home: Int32Array
    pool_shore: Int32Array
    pool_vehicles: Int32Array
    has_pools: bool
    haul_spans: SpanTable
    position_spans: SpanTable
    back_spans: SpanTable
    links: Int32Array  # [N, 4] craft, pickup, landing, incident, sorted by craft
    link_first: Int32Array  # [C + 1] where each craft's links start
    ways: Int32Array  # [G, W] index into links, earliest arrival first
    num_ways: Int32Array  # [G]


def _narrow(array: IntArray) -> Int32Array:
    return np.ascontiguousarray(np.minimum(array, UNREACHABLE), dtype=np.int32)


def _span_table(closed: Mapping[Any, Spans], shape: tuple[int, ...]) -> SpanTable:
    first = np.zeros(int(np.prod(shape)), dtype=np.int32)
    count = np.zeros_like(first)
    start: list[int] = []
    end: list[int] = []
    for key, spans in closed.items():
        flat = int(np.ravel_multi_index(key, shape))
        first[flat], count[flat] = len(start), len(spans)
        start += [a for a, _ in spans]
        end += [b for _, b in spans]
    return SpanTable(first, count, np.array(start, dtype=np.int32), np.array(end, dtype=np.int32))


def build_search_tables(problem: DeployProblem, reach: Reach) -> SearchTables:
    """Return the arrays of a problem; ``reach`` ranks the ways of each group."""
    num_c, num_p, num_l = problem.haul_min.shape
    exists = (problem.haul_min < UNREACHABLE)[:, :, :, None] & (problem.last_mile_min < UNREACHABLE)[None, None]
    exists &= (reach.craft_at_pickup_min < problem.horizon_min)[:, :, None, None]
    links = np.argwhere(exists)
    ways, num_ways = _ways_of(problem, reach, links)
    weights = problem.weights
    craft, earlier, pickup = np.nonzero(problem.shift_min < problem.horizon_min)
    in_order = np.lexsort((earlier, pickup, craft))
    call_from = earlier[in_order].astype(np.int32)
    call_first = np.searchsorted((craft * num_p + pickup)[in_order], np.arange(num_c * num_p + 1)).astype(np.int32)
    return SearchTables(
        at_pickup=_narrow(problem.group_at_pickup_min),
        pickup_order=_narrow(np.argsort(problem.group_at_pickup_min, axis=0, kind="stable").T),
        direct=_narrow(problem.group_direct_min),
        position=_narrow(problem.position_min),
        haul=_narrow(problem.haul_min),
        back=_narrow(problem.return_min),
        last_mile=_narrow(problem.last_mile_min),
        load=_narrow(problem.load_min),
        unload=_narrow(problem.unload_min),
        ready=_narrow(problem.craft_ready_min),
        seats=_narrow(problem.seats),
        deck=_narrow(problem.craft_slots),
        strength=_narrow(problem.strength),
        slots=_narrow(problem.group_slots),
        station=_narrow(problem.station),
        spare=_narrow(problem.spare_groups),
        cover=_narrow(problem.cover_points),
        pickup_berths=_narrow(problem.pickup_berths),
        landing_berths=_narrow(problem.landing_berths),
        need_incident=np.array([n.incident for n in problem.echelons], dtype=np.int32),
        need_persons=np.array([n.persons for n in problem.echelons], dtype=np.int32),
        need_skilled=np.array([n.skill is not None for n in problem.echelons], dtype=np.int32),
        need_price=np.array([n.weight * weights.minute for n in problem.echelons], dtype=np.int32),
        counts=_narrow(problem.counts_for),
        prices=np.array(
            [problem.horizon_min, weights.craft_minute, problem.unmet_min, weights.missing_min, weights.craft],
            dtype=np.int32,
        ),
        shift=_narrow(problem.shift_min),
        shift_spans=_span_table(problem.closed_shifts, (num_c, num_p, num_p)),
        call_first=call_first,
        call_from=call_from,
        group_ready=_narrow(problem.ready_min),
        vehicles_home=_narrow(problem.vehicles_home),
        vehicles_shore=_narrow(problem.vehicles_shore),
        pool_home=_narrow(problem.pool_home),
        pool_shore=_narrow(problem.pool_shore),
        pool_vehicles=_narrow(problem.pool_vehicles),
        has_pools=problem.has_pools,
        haul_spans=_span_table(problem.closed_hauls, (num_c, num_p, num_l)),
        position_spans=_span_table(problem.closed_positions, (num_c, num_p)),
        back_spans=_span_table(problem.closed_returns, (num_c, num_l, num_p)),
        links=np.ascontiguousarray(links.reshape(-1, 4), dtype=np.int32),
        link_first=np.searchsorted(links[:, 0], np.arange(num_c + 1)).astype(np.int32),
        ways=ways,
        num_ways=num_ways,
    )


def _ways_of(problem: DeployProblem, reach: Reach, links: IntArray) -> tuple[Int32Array, Int32Array]:
    """Return each group's first ways by arrival, [G, W] into links, and how many reach an incident in time, [G]."""
    arrive = np.empty((problem.num_groups, len(links)), dtype=np.int32)
    for craft in range(problem.num_craft):
        own = np.flatnonzero(links[:, 0] == craft)
        if len(own):
            p, landing, incident = links[own, 1], links[own, 2], links[own, 3]
            arrive[:, own] = reach.landed_by(craft)[:, p, landing] + problem.last_mile_min[landing, incident][None]
    num_ways = np.minimum((arrive <= problem.horizon_min).sum(axis=1), WAYS_A_GROUP).astype(np.int32)
    most = min(WAYS_A_GROUP, len(links))
    ways = np.empty((problem.num_groups, most), dtype=np.int32)
    for g in range(problem.num_groups):
        first = np.argpartition(arrive[g], most - 1)[:most] if most < len(links) else np.arange(most)
        first.sort()  # of ways as quick as each other the first in the list
        ways[g] = first[np.argsort(arrive[g, first], kind="stable")]
    return ways, num_ways
