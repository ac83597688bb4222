"""From a posture to the moves that make it: who goes from where to where, and what each move alone is worth.

Many postures are equally good; of them the one that leaves most units where they are is worth most to people. Units
are put back one by one as long as nothing is lost by it, so no move is listed that gains nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment

from data.forces import CraftState, GroupState
from data.geography import Place
from routing.dispatch.crossings import geodesic_m
from routing.positioning.evaluate import Priced, check_stand, is_better_when_larger, objective, price_posture
from routing.positioning.problem import Aim, IntArray, Measure, PositionProblem
from routing.positioning.region import Positions


@dataclass(frozen=True, slots=True)
class Present:
    """Where the units of a problem are now: ``stand[K, S]`` counts those on its sites, ``site_of`` names them.

    A unit under way, or somewhere that is no site of the problem, has site -1 and counts nowhere.
    """

    stand: IntArray
    site_of: dict[str, int]


@dataclass(frozen=True, slots=True)
class Move:
    """One unit that should go and stand elsewhere; ``from_site`` is None where it stands on no site now.

    ``gain`` is what it adds to the moves listed before it, in the measure's own unit.
    """

    unit_id: str
    from_site: Place | None
    to_site: Place
    gain: int


@dataclass(frozen=True, slots=True)
class Repositioning:
    """The moves, the posture they make, and what it is worth beside the one of now under each outlook.

    ``left_out`` more moves would be needed for all that the posture asked for is worth.
    """

    moves: tuple[Move, ...]
    left_out: int
    stand: IntArray
    now: tuple[Priced, ...]
    after: tuple[Priced, ...]


def standing_now(positions: Positions, units: Sequence[CraftState | GroupState]) -> Present:
    """Return where the units that a problem places are now."""
    number = {site.id: n for n, site in enumerate(positions.sites)}
    at = {
        (unit.craft.id if isinstance(unit, CraftState) else unit.group.id): number.get(unit.site_id or "", -1)
        for unit in units
    }
    stand = np.zeros(positions.problem.may_stand.shape, np.int64)
    site_of: dict[str, int] = {}
    for k, kind in enumerate(positions.kinds):
        for unit_id in kind.unit_ids:
            site_of[unit_id] = at.get(unit_id, -1)
            if site_of[unit_id] >= 0:
                stand[k, site_of[unit_id]] += 1
    return Present(stand, site_of)


def reposition(
    positions: Positions, present: Present, stand: IntArray, measure: Measure, aim: Aim, most: int | None = None
) -> Repositioning:
    """Return the moves towards a posture that add most, one after another, ``most`` at most.

    The list ends where it is worth most: a move in it that adds nothing, or takes something, makes room for one
    after it. Units may stand now where berths or floors do not allow it: the moves together make that no worse.
    """
    problem = positions.problem
    wanted = _stay_where_equal(problem, _leave_the_rest(problem, stand, present.stand), present.stand, measure, aim)
    left = [
        (k, unit_id, present.site_of[unit_id], site)
        for k, kind in enumerate(positions.kinds)
        if len(arriving := np.repeat(np.arange(wanted.shape[1]), np.maximum(wanted[k] - present.stand[k], 0)))
        for unit_id, site in _matched(positions, present, kind.unit_ids, wanted[k], arriving)
    ]
    sign = 1 if is_better_when_larger(measure) else -1
    made: list[Move] = []
    here = present.stand.copy()
    start = worth = sign * _worth(problem, here, measure, aim)
    best, best_count, best_stand = start, 0, here
    while left and (most is None or len(made) < most):
        tried = [(_after(here, move), move) for move in left]
        tried = [one for one in tried if _no_worse(problem, one[0], here)] or tried
        worths = [sign * _worth(problem, stood, measure, aim) for stood, _ in tried]
        taken = worths.index(max(worths))
        here, move = tried[taken]
        left.remove(move)
        _, unit_id, home, site = move
        from_site = positions.sites[home] if home >= 0 else None
        made.append(Move(unit_id, from_site, positions.sites[site], worths[taken] - worth))
        worth = worths[taken]
        if worth > best and _no_worse(problem, here, present.stand):
            best, best_count, best_stand = worth, len(made), here
    left_out = len(left) + len(made) - best_count if sign * _worth(problem, wanted, measure, aim) > best else 0
    return Repositioning(
        moves=tuple(made[:best_count]),
        left_out=left_out,
        stand=best_stand,
        now=price_posture(problem, present.stand),
        after=price_posture(problem, best_stand),
    )


def _after(stand: IntArray, move: tuple[int, str, int, int]) -> IntArray:
    kind, _, home, site = move
    out = stand.copy()
    out[kind, site] += 1
    if home >= 0:
        out[kind, home] -= 1
    return out


def _no_worse(problem: PositionProblem, stand: IntArray, before: IntArray) -> bool:
    """Tell whether a posture overfills no berth and empties no floor more than the one before it."""
    now, was = stand.sum(axis=0), before.sum(axis=0)
    over = (now > problem.berths) & (now > was)
    short = (now < problem.floor) & (now < was)
    return not bool((over | short).any())


def _worth(problem: PositionProblem, stand: IntArray, measure: Measure, aim: Aim) -> int:
    return objective(problem, price_posture(problem, stand), measure, aim)


def _leave_the_rest(problem: PositionProblem, stand: IntArray, present: IntArray) -> IntArray:
    """Return a posture in which units it does not use stay where they are, as far as berths allow."""
    wanted = stand.copy()
    for kind, site in np.argwhere(present > stand).tolist():
        left = int(problem.units[kind] - wanted[kind].sum())
        free = int(problem.berths[site] - wanted[:, site].sum())
        if problem.may_stand[kind, site]:
            wanted[kind, site] += max(0, min(left, free, int(present[kind, site] - wanted[kind, site])))
    return wanted


def _stay_where_equal(
    problem: PositionProblem, stand: IntArray, present: IntArray, measure: Measure, aim: Aim
) -> IntArray:
    """Put units back where they stand now, one at a time, as long as the objective and the rules allow it."""
    sign = 1 if is_better_when_larger(measure) else -1
    best = sign * _worth(problem, stand, measure, aim)
    stand = stand.copy()
    changed = True
    while changed:
        changed = False
        for kind in range(len(stand)):
            for site in np.flatnonzero(stand[kind] > present[kind]).tolist():
                for home in np.flatnonzero(stand[kind] < present[kind]).tolist():
                    tried = stand.copy()
                    tried[kind, site] -= 1
                    tried[kind, home] += 1
                    if check_stand(problem, tried):
                        continue
                    worth = sign * _worth(problem, tried, measure, aim)
                    if worth >= best:
                        stand, best, changed = tried, worth, True
                        break
                if changed:
                    break
    return stand


def _matched(
    positions: Positions, present: Present, unit_ids: Sequence[str], wanted: IntArray, arriving: IntArray
) -> list[tuple[str, int]]:
    """Return which unit goes to which site: those whose site is left, the shortest ways in all; unplaced ones last."""
    leaving: list[str] = []
    stays = dict(enumerate(wanted.tolist()))
    for unit_id in unit_ids:
        here = present.site_of[unit_id]
        if here >= 0 and stays[here] > 0:
            stays[here] -= 1
        else:
            leaving.append(unit_id)
    away = [present.site_of[unit_id] for unit_id in leaving]
    far_m = geodesic_m(
        [positions.sites[max(site, 0)] for site in away], [positions.sites[site] for site in arriving.tolist()]
    )
    far_m[np.array(away) < 0] = far_m.max() + 1.0
    rows, columns = linear_sum_assignment(far_m)
    return [(leaving[row], int(arriving[column])) for row, column in zip(rows, columns, strict=True)]
