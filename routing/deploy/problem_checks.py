"""Hold the fields of a deployment problem against each other: shapes, stations, skills, spans, sites and sums."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from routing.deploy.problem_input import (
    MAX_HORIZON_MIN,
    MOST_COUNTED,
    MOST_PRICE,
    NO_POOL,
    NO_STATION,
    ODDITIES,
    UNREACHABLE,
    any_array,
    check_echelon,
    check_names,
    check_repeats,
    check_sites,
    check_skills,
    check_spans,
    check_total,
    fault,
    whole_array,
    whole_number,
)

if TYPE_CHECKING:
    from routing.deploy.problem import DeployProblem

_LEFT_OUT = np.empty(0, dtype=np.int64)
_LEFT_OUT.setflags(write=False)


def left_out() -> npt.NDArray[np.int64]:
    """Return what stands for a matrix that was not given."""
    return _LEFT_OUT


def freeze_arrays(problem: DeployProblem) -> None:
    """Replace every matrix by a read-only copy of the shape that groups, craft, sites and incidents ask for.

    Raises ProblemFaultError naming the field.
    """
    num_g, num_c, num_p, num_l, num_s, num_k = (
        any_array(name, getattr(problem, name)).size
        for name in ("strength", "seats", "pickup_berths", "landing_berths", "keep_groups", "pool_vehicles")
    )
    last_mile = any_array("last_mile_min", problem.last_mile_min)
    if last_mile.ndim != 2:
        raise fault(
            f"last_mile_min: needs shape (landings, incidents), has {last_mile.shape}; give one row a landing",
            f"last_mile_min：形状须为（登陆点, 警情），现为 {last_mile.shape}；每个登陆点一行",
        )
    num_i = last_mile.shape[1]
    if num_i < 1:
        raise fault("last_mile_min: there is no incident; give at least one", "last_mile_min：没有警情；请至少给出一起")
    shapes: dict[str, tuple[int, ...]] = {
        "strength": (num_g,),
        "ready_min": (num_g,),
        "station": (num_g,),
        "group_slots": (num_g,),
        "seats": (num_c,),
        "craft_slots": (num_c,),
        "craft_ready_min": (num_c,),
        "load_min": (num_c,),
        "unload_min": (num_c,),
        "access_min": (num_g, num_p),
        "position_min": (num_c, num_p),
        "haul_min": (num_c, num_p, num_l),
        "return_min": (num_c, num_l, num_p),
        "last_mile_min": (num_l, num_i),
        "direct_min": (num_g, num_i),
        "pickup_berths": (num_p,),
        "landing_berths": (num_l,),
        "keep_groups": (num_s,),
        "shift_min": (num_c, num_p, num_p),
        "vehicles_home": (num_g,),
        "vehicles_shore": (num_g,),
        "pool_home": (num_g,),
        "pool_shore": (num_l, num_i),
        "pool_vehicles": (num_k,),
    }
    absent = {"shift_min": UNREACHABLE, "pool_home": NO_POOL, "pool_shore": NO_POOL}
    for name in ("shift_min", "vehicles_home", "vehicles_shore", "pool_home", "pool_shore"):
        if getattr(problem, name) is _LEFT_OUT:
            object.__setattr__(problem, name, np.full(shapes[name], absent.get(name, 0), dtype=np.int64))
    lows = dict.fromkeys(("strength", "seats", "pickup_berths", "landing_berths", "pool_vehicles"), 1) | {
        "station": NO_STATION,
        "pool_home": NO_POOL,
        "pool_shore": NO_POOL,
    }
    for name, shape in shapes.items():
        high = UNREACHABLE if name.endswith("_min") else MOST_COUNTED
        object.__setattr__(problem, name, whole_array(name, getattr(problem, name), shape, lows.get(name, 0), high))
    for name in ("strength", "group_slots"):
        if (total := int(getattr(problem, name).sum())) > MOST_COUNTED:
            raise fault(
                f"{name}: all groups together make {total}, more than {MOST_COUNTED}; split the problem",
                f"{name}：各组合计 {total}，超过 {MOST_COUNTED}；请拆分问题",
            )
    object.__setattr__(problem, "horizon_min", whole_number("horizon_min", problem.horizon_min, 1, MAX_HORIZON_MIN))


def check_problem(problem: DeployProblem) -> None:
    """Refuse fields that contradict each other; raises ProblemFaultError naming the field and the remedy."""
    check_skills("skills", problem.skills, problem.num_groups)
    check_names("tolerates", problem.tolerates, frozenset(ODDITIES))
    if problem.known_skills is not None:
        check_names("known_skills", problem.known_skills)
    _check_stations(problem)
    _check_echelons(problem)
    for name in ("haul", "position", "return", "shift"):
        check_spans(f"closed_{name}s", getattr(problem, f"closed_{name}s"), getattr(problem, f"{name}_min").shape)
    _check_cover(problem)
    _check_pools(problem)
    if "cut-off sites" not in problem.tolerates:
        check_sites(problem.access_min, problem.last_mile_min)
    _check_points(problem)


def _check_stations(problem: DeployProblem) -> None:
    held = len(problem.keep_groups)
    if problem.num_groups and (highest := int(problem.station.max())) >= held:
        raise fault(
            f"station: station {highest} has no entry in keep_groups ({held} stations); add one",
            f"station：驻地 {highest} 在 keep_groups 中没有对应项（共 {held} 个驻地）；请补上",
        )


def _check_echelons(problem: DeployProblem) -> None:
    if not isinstance(problem.echelons, tuple | list) or not problem.echelons:
        raise fault(
            "echelons: there is none, so nothing is asked for; give at least one",
            "echelons：没有梯次，即没有兵力要求；请至少给出一个",
        )
    known = frozenset().union(*problem.skills) if problem.known_skills is None else problem.known_skills
    for n, need in enumerate(problem.echelons):
        check_echelon(n, need, problem.num_incidents, known)
        if (price := int(need.weight) * problem.weights.minute) > MOST_PRICE:
            raise fault(
                f"echelons[{n}]: its minute costs {price} points, more than {MOST_PRICE}; lower its weight or the "
                "price weights.minute",
                f"echelons[{n}]：每分钟计 {price} 分，超过 {MOST_PRICE}；请调低权重或单价 weights.minute",
            )
    if "repeated echelons" not in problem.tolerates:
        check_repeats(problem.echelons)


def _check_cover(problem: DeployProblem) -> None:
    given = problem.counts_for_cover
    cover = problem.station != NO_STATION if given is None else any_array("counts_for_cover", given)
    if cover.shape != (problem.num_groups,) or cover.dtype != np.bool_:
        raise fault(
            f"counts_for_cover: needs {problem.num_groups} booleans, one a group",
            f"counts_for_cover：须为 {problem.num_groups} 个布尔值，每组一个",
        )
    object.__setattr__(problem, "counts_for_cover", cover)


def _check_pools(problem: DeployProblem) -> None:
    held = len(problem.pool_vehicles)
    for name in ("pool_home", "pool_shore"):
        pools = getattr(problem, name)
        if pools.size and (highest := int(pools.max())) >= held:
            raise fault(
                f"{name}: pool {highest} has no entry in pool_vehicles ({held} pools); add one",
                f"{name}：车队 {highest} 在 pool_vehicles 中没有对应项（共 {held} 个车队）；请补上",
            )


def _check_points(problem: DeployProblem) -> None:
    weights = problem.weights
    unmet = sum(
        int(need.weight) * weights.minute * (problem.unmet_min + weights.missing_min * int(need.persons))
        for need in problem.echelons
    )
    # Each trip carries a group no other trip does, and each of its four parts fits the longest horizon.
    minutes = problem.num_groups * 4 * MAX_HORIZON_MIN
    means = problem.num_groups * weights.cover + weights.craft_minute * minutes + problem.num_craft * weights.craft
    check_total(unmet + means)
