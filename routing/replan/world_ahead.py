"""Change a problem as the events say: what is possible from now on, before anything is decided anew."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from routing.deploy.problem import NO_STATION, UNREACHABLE, DeployProblem, IntArray, Spans
from routing.replan.events import (
    ForbidGroup,
    ForbidLink,
    LinkClosed,
    LinkEvent,
    LinkSlower,
    PierClosed,
    meets,
)
from routing.replan.request import ReplanRequest
from routing.replan.under_way import UnderWay

_Link = tuple[int, int, int]


def world_ahead(request: ReplanRequest, under_way: UnderWay) -> DeployProblem:
    """Return the problem with every event in force for whatever departs from now on.

    No trip decided from now on calls at two pickups. Lost and
    forbidden units have no link; a station that has fewer groups than its floor and what it has already sent
    keeps what is left.
    """
    problem = request.from_now_on
    hauls, returns, positions = (np.array(m) for m in (problem.haul_min, problem.return_min, problem.position_min))
    for slower in _worst_first(request.of(LinkSlower)):
        at = _where(problem, slower)
        hauls[at] = _slowed(problem.haul_min[at], slower.percent)
        back = np.moveaxis(at, 1, 2)
        returns[back] = _slowed(problem.return_min[back], slower.percent)
    for forbidden in request.of(ForbidLink):
        hauls[_where(problem, forbidden)] = UNREACHABLE
    idle = sorted(request.idle_craft)
    hauls[idle], returns[idle], positions[idle] = UNREACHABLE, UNREACHABLE, UNREACHABLE
    closed_hauls, closed_returns = dict(problem.closed_hauls), dict(problem.closed_returns)
    closed_positions = dict(problem.closed_positions)
    for shut in request.of(LinkClosed):
        span = (max(0, shut.start_min), shut.end_min)
        if shut.end_min <= 0:
            continue
        for c, p, n in _links(hauls, shut):
            _close(closed_hauls, (c, p, n), span)
            _close(closed_returns, (c, n, p), span)
    for pier in request.of(PierClosed):
        for link, span in _closed_departures(problem, pier, hauls):
            _close(closed_hauls, link, span)
    access, direct, station = (np.array(m) for m in (problem.access_min, problem.direct_min, problem.station))
    stays = sorted({e.group for e in request.of(ForbidGroup)} - under_way.groups | under_way.lost_groups)
    access[stays], direct[stays] = UNREACHABLE, UNREACHABLE
    station[sorted(under_way.lost_groups)] = NO_STATION
    return replace(
        problem,
        haul_min=hauls,
        return_min=returns,
        position_min=positions,
        closed_hauls=closed_hauls,
        closed_returns=closed_returns,
        closed_positions=closed_positions,
        shift_min=np.full_like(problem.shift_min, UNREACHABLE),
        closed_shifts={},
        access_min=access,
        direct_min=direct,
        station=station,
        keep_groups=_keep(problem, station, under_way),
        echelons=request.asked.echelons,
        tolerates=request.asked.tolerates,
    )


def _keep(problem: DeployProblem, station: IntArray, under_way: UnderWay) -> IntArray:
    """Return each station's floor, lowered to what it still has where groups were lost."""
    num = len(problem.keep_groups)
    held = np.bincount(station[station >= 0], minlength=num)
    sent = station[sorted(under_way.groups)]
    left: IntArray = np.minimum(problem.keep_groups, held - np.bincount(sent[sent >= 0], minlength=num))
    return left


def _worst_first(slower: tuple[LinkSlower, ...]) -> list[LinkSlower]:
    """Return the events so that the slowest pace is written last, over the others."""
    return sorted(slower, key=lambda e: e.percent)


def _slowed(minutes: IntArray, percent: int) -> IntArray:
    slowed: IntArray = np.where(
        minutes >= UNREACHABLE, UNREACHABLE, np.minimum(-(-minutes * percent // 100), UNREACHABLE)
    )
    return slowed


def _where(problem: DeployProblem, event: LinkEvent) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    """Return [C, P, L] true where an event speaks of the crossing."""
    at = np.zeros((problem.num_craft, problem.num_pickups, problem.num_landings), dtype=np.bool_)
    rows = tuple(
        slice(None) if one is None else slice(one, one + 1) for one in (event.craft, event.pickup, event.landing)
    )
    at[rows] = True
    return at


def _links(hauls: IntArray, event: LinkEvent) -> Iterator[_Link]:
    for c, p, n in np.argwhere(hauls < UNREACHABLE).tolist():
        if meets(event, c, p, n):
            yield c, p, n


def _closed_departures(
    problem: DeployProblem, pier: PierClosed, hauls: IntArray
) -> Iterator[tuple[_Link, tuple[int, int]]]:
    """Yield for each crossing the departures whose loading, or whose unloading at once, would meet the closure."""
    for c, p, n in np.argwhere(hauls < UNREACHABLE).tolist():
        if (pier.side == "pickup" and p != pier.site) or (pier.side == "landing" and n != pier.site):
            continue
        if pier.side == "pickup":
            load = int(problem.load_min[c])
            start, end = pier.start_min + (1 if load else 0), pier.end_min + load
        else:
            haul, unload = int(hauls[c, p, n]), int(problem.unload_min[c])
            start, end = pier.start_min - haul - max(unload - 1, 0), pier.end_min - haul
        if end > max(0, start):
            yield (c, p, n), (max(0, start), end)


def _close(closed: dict[_Link, Spans], link: _Link, span: tuple[int, int]) -> None:
    closed[link] = (*closed.get(link, ()), span)
