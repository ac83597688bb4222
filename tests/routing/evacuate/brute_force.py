"""The best completion of a tiny evacuation by trying every order of trips and every number aboard.

Drops must have berths enough for every vessel: only then is one order for docks alone the whole truth.
"""

from __future__ import annotations

from routing.evacuate.problem import UNREACHABLE, EvacuationProblem, Spans


def best_completion(problem: EvacuationProblem) -> int:
    """Return the earliest minute by which everybody can be ashore; UNREACHABLE if never."""
    assert (problem.drop_berths >= problem.num_vessels).all()
    assert not problem.together.any()
    best = [UNREACHABLE]
    free = [int(minute) for minute in problem.start_min]
    docks = [[0] * int(min(n, problem.num_vessels)) for n in problem.dock_berths]
    left = tuple(int(n) for n in problem.demand)
    _try(problem, left, tuple((minute, -1) for minute in free), tuple(map(tuple, docks)), 0, best)
    return best[0]


def _try(
    problem: EvacuationProblem,
    left: tuple[int, ...],
    vessels: tuple[tuple[int, int], ...],
    docks: tuple[tuple[int, ...], ...],
    done: int,
    best: list[int],
) -> None:
    if done >= best[0]:
        return
    if not any(left):
        best[0] = done
        return
    for v, (free, at) in enumerate(vessels):
        for p in range(problem.num_docks):
            place = int(problem.dock_location[p])
            leg = int(problem.first_min[v, p] if at < 0 else problem.return_min[v, at, p])
            if not left[place] or leg >= UNREACHABLE:
                continue
            shut = problem.closed_firsts.get((v, p), ()) if at < 0 else problem.closed_returns.get((v, at, p), ())
            there = _open(free, 1, shut) + leg
            for q in range(problem.num_drops):
                if problem.haul_min[v, p, q] >= UNREACHABLE:
                    continue
                for persons in range(1, min(left[place], int(problem.seats[v])) + 1):
                    load = _ride(problem.load_min[v], problem.load_s[v], persons)
                    unload = _ride(problem.unload_min[v], problem.unload_s[v], persons)
                    berth = min(range(len(docks[p])), key=lambda b: docks[p][b])
                    waits = int(problem.ready_min[problem.location == place].min())
                    start = _open(max(there, docks[p][berth], waits), load, problem.closed_docks.get((v, p), ()))
                    leave = _open(start + load, 1, problem.closed_hauls.get((v, p, q), ()))
                    arrive = leave + int(problem.haul_min[v, p, q])
                    ashore = _open(arrive, unload, problem.closed_drops.get((v, q), ())) + unload
                    row = list(docks[p])
                    row[berth] = start + load
                    _try(
                        problem,
                        (*left[:place], left[place] - persons, *left[place + 1 :]),
                        (*vessels[:v], (ashore, q), *vessels[v + 1 :]),
                        (*docks[:p], tuple(row), *docks[p + 1 :]),
                        max(done, ashore),
                        best,
                    )


def _ride(fixed: int, per: int, persons: int) -> int:
    return int(fixed) + (int(per) * persons + 59) // 60


def _open(minute: int, lasting: int, spans: Spans) -> int:
    for start, end in sorted(spans):
        if minute < end and minute + max(1, lasting) > start:
            minute = end
    return minute
