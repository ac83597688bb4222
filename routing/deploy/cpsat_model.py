"""Hold the variables of the trip-slot model: each craft has slots, each slot a link, groups and times."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from ortools.sat.python import cp_model

from routing.deploy.problem import DeployProblem
from routing.deploy.windows import EchelonWindow, Usefulness

Link = tuple[int, int, int]  # pickup, landing, incident


@dataclass
class SlotVariables:
    """One possible trip of one craft; ``by_link`` is the choice of link, its literals summing to ``is_used``.

    ``calls`` chooses an earlier pickup and the pickup after it, ``call_at`` the earlier one, ``boards_early`` who
    boards there; all are empty where the craft may not call twice.
    """

    craft: int
    position: int
    is_used: cp_model.IntVar
    by_link: dict[Link, cp_model.IntVar]
    at_pickup: dict[int, cp_model.IntVar]
    at_landing: dict[int, cp_model.IntVar]
    for_incident: dict[int, cp_model.IntVar]
    riders: dict[int, cp_model.IntVar]
    links_of: dict[int, frozenset[Link]]  # the links on which each rider can still count
    board_min: cp_model.IntVar
    moored_min: cp_model.IntVar
    arrive_min: cp_model.IntVar
    has_call: cp_model.IntVar
    call_min: cp_model.IntVar
    calls: dict[tuple[int, int], cp_model.IntVar]
    call_at: dict[int, cp_model.IntVar]
    boards_early: dict[int, cp_model.IntVar]
    # For each echelon the trip may count for: persons counted, and the literal that it counts.
    counted: dict[int, tuple[cp_model.IntVar, cp_model.IntVar]] = field(default_factory=dict)

    def first_at(self, pickup: int) -> cp_model.LinearExprT:
        """Return 1 where the trip calls at a pickup first, 0 otherwise."""
        straight = self.at_pickup.get(pickup, 0) - sum(y for (_, to), y in self.calls.items() if to == pickup)
        return straight + self.call_at.get(pickup, 0)

    @property
    def first_pickups(self) -> list[int]:
        """The pickups it may call at first."""
        return sorted({*self.at_pickup, *self.call_at})


@dataclass
class EchelonVariables:
    """When an echelon is complete, and, where that is not ruled out, that it fails and by how many persons."""

    complete_min: cp_model.IntVar
    fails: cp_model.IntVar | None
    missing: cp_model.IntVar | None


@dataclass
class Variables:
    """Every variable of the model, by what it stands for."""

    slots: list[list[SlotVariables]]
    directs: dict[tuple[int, int], cp_model.IntVar]
    direct_counted: dict[tuple[int, int], cp_model.IntVar]
    echelons: list[EchelonVariables]
    journey_minutes: list[cp_model.LinearExprT] = field(default_factory=list)

    def all_slots(self) -> list[SlotVariables]:
        """Return every slot of every craft."""
        return [slot for slots in self.slots for slot in slots]

    def uses_of(self, group: int) -> list[cp_model.IntVar]:
        """Return every literal by which a group leaves home."""
        rides = [slot.riders[group] for slot in self.all_slots() if group in slot.riders]
        return rides + [literal for (g, _), literal in self.directs.items() if g == group]


def make_variables(
    model: cp_model.CpModel, problem: DeployProblem, useful: Usefulness, slots_of: list[int]
) -> Variables:
    """Make the variables of everything that can still count; ``slots_of`` is the number of slots of each craft."""
    slots = [[_make_slot(model, problem, useful, c, k) for k in range(slots_of[c])] for c in range(problem.num_craft)]
    directs = {
        (int(g), int(i)): model.new_bool_var(f"direct_g{g}_i{i}")
        for g, i in np.argwhere(problem.group_direct_min <= useful.deadline_min)
    }
    echelons: list[EchelonVariables] = []
    for e, need in enumerate(problem.echelons):
        window = useful.windows[e]
        latest = max(window.latest_min, 0)
        complete = model.new_int_var(min(max(0, window.earliest_min), latest), latest, f"complete_e{e}")
        fails = model.new_bool_var(f"fails_e{e}") if window.may_fail else None
        missing = None
        if fails is not None:
            lacking = _least_missing(problem, window)
            missing = model.new_int_var(min(lacking, need.persons), need.persons, f"missing_e{e}")
        echelons.append(EchelonVariables(complete, fails, missing))
    direct_counted = {
        (g, e): model.new_bool_var(f"direct_counts_g{g}_e{e}")
        for (g, i) in directs
        for e, need in enumerate(problem.echelons)
        if need.incident == i
        and problem.counts_for[g, e] > 0
        and problem.group_direct_min[g, i] <= useful.windows[e].latest_min
    }
    return Variables(slots, directs, direct_counted, echelons)


def _least_missing(problem: DeployProblem, window: EchelonWindow) -> int:
    """Return how many persons an echelon must lack by its floor, which lies beyond the horizon if it must fail."""
    if window.earliest_min <= problem.horizon_min:
        return 0
    beyond_min = window.earliest_min - problem.unmet_min
    return max(1, -(-beyond_min // problem.weights.missing_min)) if problem.weights.missing_min else 1


def _make_slot(
    model: cp_model.CpModel, problem: DeployProblem, useful: Usefulness, craft: int, position: int
) -> SlotVariables:
    name = f"c{craft}_k{position}"
    rides = useful.slots[craft][position]
    crosses = (problem.haul_min[craft] <= problem.horizon_min)[:, :, None]  # others are ridden by way of a call
    links: list[Link] = [(p, landing, i) for p, landing, i in np.argwhere(rides.any(axis=0) & crosses).tolist()]
    riders = np.flatnonzero(rides.any(axis=(1, 2, 3))).tolist()
    horizon = problem.horizon_min
    pickups = sorted({p for p, _, _ in links})
    boarding = np.flatnonzero(rides.any(axis=(0, 2, 3))).tolist()
    ways = [(a, p) for a in boarding for p in pickups if problem.shift_min[craft, a, p] <= horizon]
    is_used = model.new_bool_var(f"used_{name}")
    slot = SlotVariables(
        craft=craft,
        position=position,
        is_used=is_used,
        by_link={link: model.new_bool_var(f"link_{name}_{link}") for link in links},
        at_pickup={p: model.new_bool_var(f"pickup_{name}_{p}") for p in pickups},
        at_landing={q: model.new_bool_var(f"landing_{name}_{q}") for q in sorted({q for _, q, _ in links})},
        for_incident={i: model.new_bool_var(f"incident_{name}_{i}") for i in sorted({i for _, _, i in links})},
        riders={g: model.new_bool_var(f"rides_{name}_g{g}") for g in riders},
        links_of={g: frozenset((p, q, i) for p, q, i in np.argwhere(rides[g] & crosses).tolist()) for g in riders},
        board_min=model.new_int_var(0, horizon, f"board_{name}"),
        moored_min=model.new_int_var(0, horizon, f"moored_{name}"),
        arrive_min=model.new_int_var(0, horizon, f"arrive_{name}"),
        has_call=model.new_bool_var(f"calls_{name}") if ways else model.new_constant(0),
        call_min=model.new_int_var(0, horizon, f"call_{name}") if ways else model.new_constant(0),
        calls={way: model.new_bool_var(f"call_{name}_{way}") for way in ways},
        call_at={a: model.new_bool_var(f"call_{name}_{a}") for a in sorted({a for a, _ in ways})},
        boards_early={g: model.new_bool_var(f"early_{name}_g{g}") for g in riders} if ways else {},
    )
    for e, need in enumerate(problem.echelons):
        if need.incident in slot.for_incident and any(problem.counts_for[g, e] > 0 for g in riders):
            most = int(min(problem.seats[craft], need.persons))
            slot.counted[e] = (
                model.new_int_var(0, most, f"counted_{name}_e{e}"),
                model.new_bool_var(f"counts_{name}_e{e}"),
            )
    return slot
