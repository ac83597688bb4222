"""State each rule of a deployment as constraints of the trip-slot model, one function a rule."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
from ortools.sat.python import cp_model

from routing.deploy.cpsat_model import SlotVariables, Variables
from routing.deploy.problem import DeployProblem, IntArray, Spans, next_open

CpRule = Callable[[cp_model.CpModel, DeployProblem, Variables], None]


def one_link_a_trip(model: cp_model.CpModel, problem: DeployProblem, v: Variables) -> None:
    """A trip has one pickup, one landing and one incident; an unused slot has none; slots fill from the first."""
    for slots in v.slots:
        for slot in slots:
            model.add(sum(slot.by_link.values()) == slot.is_used)
            for part, literals in enumerate((slot.at_pickup, slot.at_landing, slot.for_incident)):
                for place, literal in literals.items():
                    model.add(sum(y for link, y in slot.by_link.items() if link[part] == place) == literal)
            model.add(sum(slot.riders.values()) >= slot.is_used)
            for rides in slot.riders.values():
                model.add_implication(rides, slot.is_used)
        for earlier, later in pairwise(slots):
            model.add_implication(later.is_used, earlier.is_used)


def one_task_a_group(model: cp_model.CpModel, problem: DeployProblem, v: Variables) -> None:
    """A group rides once, or goes direct once, or stays."""
    for g in range(problem.num_groups):
        model.add_at_most_one(v.uses_of(g))


def calls_carry_somebody(model: cp_model.CpModel, problem: DeployProblem, v: Variables) -> None:
    """A trip has one earlier call at most, and somebody boards at each of its pickups."""
    for slot in v.all_slots():
        if not slot.calls:
            continue
        model.add(sum(slot.calls.values()) == slot.has_call)
        for p, here in slot.at_pickup.items():
            model.add(sum(y for (_, to), y in slot.calls.items() if to == p) <= here)
        for a, here in slot.call_at.items():
            model.add(sum(y for (of, _), y in slot.calls.items() if of == a) == here)
        early = sum(slot.boards_early.values())
        model.add(early >= slot.has_call)
        model.add(sum(slot.riders.values()) - early >= slot.is_used)
        for g, rides in slot.riders.items():
            model.add_implication(slot.boards_early[g], rides)
            model.add_implication(slot.boards_early[g], slot.has_call)


def calls_are_on_the_way(model: cp_model.CpModel, problem: DeployProblem, v: Variables) -> None:
    """After an earlier call the craft crosses to the pickup, leaving loaded and in an open minute."""
    for slot in v.all_slots():
        load = int(problem.load_min[slot.craft])
        for (a, p), y in slot.calls.items():
            shift = int(problem.shift_min[slot.craft, a, p])
            model.add(slot.board_min >= slot.call_min + load + shift).only_enforce_if(y)
            if spans := problem.closed_shifts.get((slot.craft, a, p), ()):
                model.add_linear_expression_in_domain(slot.call_min + load, _open(spans, problem)).only_enforce_if(y)
        if slot.calls:
            model.add(slot.call_min == 0).only_enforce_if(slot.has_call.negated())


def seats_suffice(model: cp_model.CpModel, problem: DeployProblem, v: Variables) -> None:
    """Persons aboard fit the seats."""
    for slot in v.all_slots():
        aboard = sum(int(problem.strength[g]) * rides for g, rides in slot.riders.items())
        model.add(aboard <= int(problem.seats[slot.craft]) * slot.is_used)


def deck_suffices(model: cp_model.CpModel, problem: DeployProblem, v: Variables) -> None:
    """Vehicles aboard fit the deck."""
    for slot in v.all_slots():
        vehicles = sum(int(problem.group_slots[g]) * rides for g, rides in slot.riders.items())
        model.add(vehicles <= int(problem.craft_slots[slot.craft]))


def groups_are_there(model: cp_model.CpModel, problem: DeployProblem, v: Variables) -> None:
    """Loading waits until every group aboard has reached the pickup; nobody rides where it could not count."""
    for slot in v.all_slots():
        for g, rides in slot.riders.items():
            allowed = slot.links_of[g]
            early = slot.boards_early.get(g)
            if early is not None:
                here = {
                    a: y for a, y in slot.call_at.items() if problem.group_at_pickup_min[g, a] <= problem.horizon_min
                }
                model.add(sum(here.values()) >= early)
                reached = sum(int(problem.group_at_pickup_min[g, a]) * y for a, y in here.items())
                model.add(slot.call_min >= reached).only_enforce_if(early)
            if len(allowed) < len(slot.by_link):
                straight = rides if early is None else rides - early
                model.add(sum(y for link, y in slot.by_link.items() if link in allowed) >= straight)
            at = {p: int(problem.group_at_pickup_min[g, p]) for p in {p for p, _, _ in allowed}}
            reached = sum(minute * slot.at_pickup[p] for p, minute in at.items() if p in slot.at_pickup)
            straight_on = [rides] if early is None else [rides, early.negated()]
            model.add(slot.board_min >= reached).only_enforce_if(straight_on)


def crossings_take_their_time(model: cp_model.CpModel, problem: DeployProblem, v: Variables) -> None:
    """Loading, crossing, unloading and the last mile follow each other, each as long as it lasts."""
    for slot in v.all_slots():
        c = slot.craft
        haul = sum(int(problem.haul_min[c, p, q]) * y for (p, q, _), y in slot.by_link.items())
        last = sum(int(problem.last_mile_min[q, i]) * y for (_, q, i), y in slot.by_link.items())
        load, unload = int(problem.load_min[c]), int(problem.unload_min[c])
        model.add(slot.moored_min >= slot.board_min + load + haul).only_enforce_if(slot.is_used)
        model.add(slot.arrive_min == slot.moored_min + unload + last).only_enforce_if(slot.is_used)
        idle = slot.is_used.negated()
        for minute in (slot.board_min, slot.moored_min, slot.arrive_min):
            model.add(minute == 0).only_enforce_if(idle)


def departures_are_open(model: cp_model.CpModel, problem: DeployProblem, v: Variables) -> None:
    """No crossing departs in a closed minute."""
    for slot in v.all_slots():
        load = int(problem.load_min[slot.craft])
        for (p, q, _), y in slot.by_link.items():
            spans = problem.closed_hauls.get((slot.craft, p, q), ())
            if spans:
                model.add_linear_expression_in_domain(slot.board_min + load, _open(spans, problem)).only_enforce_if(y)


def _open(spans: Spans, problem: DeployProblem) -> cp_model.Domain:
    limit = problem.horizon_min + int(problem.load_min.max(initial=0))
    closed = cp_model.Domain.from_intervals([[start, end - 1] for start, end in spans])
    return cp_model.Domain(0, limit).intersection_with(closed.complement())


def craft_starts_from_its_place(model: cp_model.CpModel, problem: DeployProblem, v: Variables) -> None:
    """A craft's first loading waits for it to come from its start."""
    for slots in v.slots:
        for slot in slots[:1]:
            c = slot.craft
            alongside: list[cp_model.LinearExprT] = []
            for p in slot.first_pickups:
                here = slot.first_at(p)
                off = next_open(int(problem.craft_ready_min[c]), problem.closed_positions.get((c, p), ()))
                minute = off + int(problem.position_min[c, p])
                if minute > problem.horizon_min:
                    model.add(here == 0)
                else:
                    alongside.append(minute * here)
                    v.journey_minutes.append(int(problem.position_min[c, p]) * here)
            _wait_for_the_craft(model, slot, cp_model.LinearExpr.sum(alongside))


def _wait_for_the_craft(
    model: cp_model.CpModel, slot: SlotVariables, alongside_min: cp_model.LinearExprT, *only_if: cp_model.IntVar
) -> None:
    """The first loading of a trip waits until the craft is there."""
    model.add(slot.board_min >= alongside_min).only_enforce_if(slot.is_used, *only_if)
    if slot.calls:
        model.add(slot.call_min >= alongside_min).only_enforce_if(slot.has_call, *only_if)


def craft_comes_back(model: cp_model.CpModel, problem: DeployProblem, v: Variables) -> None:
    """A later loading waits for the craft to come back from its landing before: one way back for each such trip."""
    for slots in v.slots:
        for before, slot in pairwise(slots):
            _come_back(model, problem, v, before, slot)


def _come_back(
    model: cp_model.CpModel, problem: DeployProblem, v: Variables, before: SlotVariables, slot: SlotVariables
) -> None:
    c = slot.craft
    landed = before.moored_min + int(problem.unload_min[c])
    minutes = {
        (q, p): int(problem.return_min[c, q, p])
        for q in before.at_landing
        for p in slot.first_pickups
        if problem.return_min[c, q, p] <= problem.horizon_min
    }
    backs = {(q, p): model.new_bool_var(f"back_c{c}_k{slot.position}_{q}_{p}") for q, p in minutes}
    for q, left in before.at_landing.items():
        model.add(sum(back for (of, _), back in backs.items() if of == q) <= left)
    for p in slot.first_pickups:
        model.add(sum(back for (_, to), back in backs.items() if to == p) == slot.first_at(p))
    took = cp_model.LinearExpr.sum([minutes[way] * back for way, back in backs.items()])
    _wait_for_the_craft(model, slot, landed + took)
    v.journey_minutes.append(took)
    for (q, p), back in backs.items():
        if spans := problem.closed_returns.get((c, q, p), ()):
            off = model.new_int_var(0, problem.horizon_min, f"off_c{c}_k{slot.position}_{q}_{p}")
            model.add(off >= landed).only_enforce_if(back)
            model.add_linear_expression_in_domain(off, _open(spans, problem)).only_enforce_if(back)
            _wait_for_the_craft(model, slot, off + minutes[q, p], back)


def berths_suffice(model: cp_model.CpModel, problem: DeployProblem, v: Variables) -> None:
    """No more craft load or unload at a site at once than it has berths."""
    _hold_berths(
        model,
        v,
        problem.pickup_berths,
        problem.load_min,
        lambda slot: [(slot.at_pickup, slot.board_min), (slot.call_at, slot.call_min)],
        "load",
    )
    _hold_berths(
        model,
        v,
        problem.landing_berths,
        problem.unload_min,
        lambda slot: [(slot.at_landing, slot.moored_min)],
        "unload",
    )


def _hold_berths(
    model: cp_model.CpModel,
    v: Variables,
    berths: IntArray,
    lasts_min: IntArray,
    stays: Callable[[SlotVariables], list[tuple[dict[int, cp_model.IntVar], cp_model.IntVar]]],
    name: str,
) -> None:
    for site, capacity in enumerate(berths.tolist()):
        intervals: list[cp_model.IntervalVar] = []
        craft: set[int] = set()
        for slot in v.all_slots():
            lasts = int(lasts_min[slot.craft])
            for n, (places, start) in enumerate(stays(slot)):
                if site in places and lasts > 0:
                    craft.add(slot.craft)
                    intervals.append(
                        model.new_optional_fixed_size_interval_var(
                            start, lasts, places[site], f"{name}{n}_{site}_c{slot.craft}_k{slot.position}"
                        )
                    )
        if len(craft) > capacity:
            model.add_cumulative(intervals, [1] * len(intervals), capacity)


def standing_cover_is_kept(model: cp_model.CpModel, problem: DeployProblem, v: Variables) -> None:
    """Each station sends no more groups than it may."""
    for station, spare in enumerate(problem.spare_groups.tolist()):
        groups = np.flatnonzero(problem.station == station).tolist()
        uses = [literal for g in groups for literal in v.uses_of(g)]
        if len(groups) > spare and uses:
            model.add(sum(uses) <= spare)


def trips_count_what_they_carry(model: cp_model.CpModel, problem: DeployProblem, v: Variables) -> None:
    """A trip counts for an echelon no more persons than ride, and only if the echelon completes after its arrival."""
    for slot in v.all_slots():
        for e, (persons, counts) in slot.counted.items():
            need = problem.echelons[e]
            carried = sum(int(problem.counts_for[g, e]) * rides for g, rides in slot.riders.items())
            model.add(persons <= carried)
            model.add(persons <= int(min(problem.seats[slot.craft], need.persons)) * counts)
            model.add_implication(counts, slot.for_incident[need.incident])
            model.add(v.echelons[e].complete_min >= slot.arrive_min).only_enforce_if(counts)
    for (g, e), counts in v.direct_counted.items():
        incident = problem.echelons[e].incident
        model.add_implication(counts, v.directs[g, incident])
        minute = int(problem.group_direct_min[g, incident])
        model.add(v.echelons[e].complete_min >= minute).only_enforce_if(counts)


def echelons_are_complete_or_charged(model: cp_model.CpModel, problem: DeployProblem, v: Variables) -> None:
    """An echelon has its persons by its completion, or fails and is charged for those missing."""
    for e, need in enumerate(problem.echelons):
        counted = sum(slot.counted[e][0] for slot in v.all_slots() if e in slot.counted)
        by_road = sum(
            int(problem.counts_for[g, e]) * literal for (g, of), literal in v.direct_counted.items() if of == e
        )
        echelon = v.echelons[e]
        if echelon.missing is None or echelon.fails is None:
            model.add(counted + by_road >= need.persons)
        else:
            model.add(counted + by_road + echelon.missing >= need.persons)
            model.add(echelon.missing <= need.persons * echelon.fails)
            model.add(echelon.missing >= echelon.fails)


def price_of_the_plan(problem: DeployProblem, v: Variables) -> cp_model.LinearExprT:
    """Return the objective in points."""
    weights = problem.weights
    terms: list[cp_model.LinearExprT] = []
    for need, echelon in zip(problem.echelons, v.echelons, strict=True):
        price = weights.minute * need.weight
        terms.append(price * echelon.complete_min)
        if echelon.fails is not None and echelon.missing is not None:
            # A failed echelon's completion may lie anywhere: it is charged as if at the horizon, the rest on top.
            terms.append(price * (problem.unmet_min - problem.horizon_min) * echelon.fails)
            terms.append(price * weights.missing_min * echelon.missing)
    for slot in v.all_slots():
        c = slot.craft
        handling = int(problem.load_min[c] + problem.unload_min[c])
        terms += [
            weights.craft_minute * (handling + int(problem.haul_min[c, p, q])) * y
            for (p, q, _), y in slot.by_link.items()
        ]
        load = int(problem.load_min[c])
        terms += [
            weights.craft_minute * (load + int(problem.shift_min[c, a, p])) * y for (a, p), y in slot.calls.items()
        ]
        if slot.position == 0:
            terms.append(weights.craft * slot.is_used)
    terms += [weights.craft_minute * minutes for minutes in v.journey_minutes]
    terms += [
        int(problem.cover_points[g]) * literal
        for g in np.flatnonzero(problem.cover_points).tolist()
        for literal in v.uses_of(g)
    ]
    return cp_model.LinearExpr.sum(terms)


def failed_echelons_end_at_the_horizon(model: cp_model.CpModel, problem: DeployProblem, v: Variables) -> None:
    """A failed echelon counts as complete at the horizon, which the objective's unmet charge builds on."""
    for echelon in v.echelons:
        if echelon.fails is not None:
            model.add(echelon.complete_min == problem.horizon_min).only_enforce_if(echelon.fails)


RULES: Sequence[CpRule] = (
    one_link_a_trip,
    one_task_a_group,
    calls_carry_somebody,
    calls_are_on_the_way,
    seats_suffice,
    deck_suffices,
    groups_are_there,
    crossings_take_their_time,
    departures_are_open,
    craft_starts_from_its_place,
    craft_comes_back,
    berths_suffice,
    standing_cover_is_kept,
    trips_count_what_they_carry,
    echelons_are_complete_or_charged,
    failed_echelons_end_at_the_horizon,
)
