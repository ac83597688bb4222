"""Speeds of dispatch, rings and positioning, each beside its target; answers checked without the solver."""

from __future__ import annotations

import os
import statistics
import sys
import time
from collections.abc import Callable
from functools import cached_property
from pathlib import Path

import numpy as np
from ortools.graph.python import min_cost_flow
from rich.console import Console
from rich.table import Table

from data.region_reader import read_region
from data.scenario import read_scenario
from routing.deploy.lane_book import LaneBook
from routing.dispatch.callout import call_out
from routing.dispatch.check import check_dispatch
from routing.dispatch.joint import assign_units
from routing.dispatch.losses import find_losses
from routing.dispatch.nearest import nearest_units
from routing.dispatch.problem import DispatchProblem
from routing.dispatch.words import Wording
from routing.network.network import Network
from routing.network.rings import StandingUnit, minutes_to_points, rings
from routing.positioning.problem import MEASURES
from routing.positioning.region import Outlook, Posts
from routing.positioning.solve import check_posture, solve_positions

FOLDER = Path(__file__).parents[2] / "data" / "zhoushan"
INCIDENTS, UNITS, STATIONS = 50, 1_000, 70
MANY_UNITS, TOP = 10_000, 10
ROUNDS = 41
JOINT_ROUNDS = 15
SEEDS = (1, 2, 3)
POSITION_S = 10.0
SCENARIOS = ("quiet-night", "june-major-case", "may-swell-miaozihu")
Row = tuple[str, ...]


def main() -> None:
    """Print the tables; ``--quick`` leaves out what needs the shipped region."""
    console = Console(width=150)
    load = os.getloadavg()[0]
    table = Table(f"dispatch (load {load:.1f})", "target", "p50 / longest", "processor p50", "note")
    for row in (*_nearest_rows(), *_joint_rows(), _flow_row()):
        table.add_row(*row)
    console.print(table)
    if "--quick" not in sys.argv:
        region = _Shipped()
        table = Table(f"rings and positioning (load {os.getloadavg()[0]:.1f})", "target", "reached", "note")
        for row in (*region.nearest_rows(), *region.ring_rows(), *region.position_rows()):
            table.add_row(*row)
        console.print(table)


def _nearest_problem(seed: int) -> DispatchProblem:
    draw = np.random.default_rng(seed)
    sets = (frozenset({"police"}), frozenset({"police", "medic"}))
    return DispatchProblem.plain(
        draw.uniform(1, 90, (1, MANY_UNITS)),
        skills_needed=[sets[1]],
        skills=[sets[n] for n in (draw.random(MANY_UNITS) < 0.3).astype(int)],
        busy=draw.random(MANY_UNITS) < 0.3,
        station=draw.integers(0, STATIONS, MANY_UNITS),
        keep_units=np.full(STATIONS, 20),
        reach_min=60,
    )


def _joint_problem(seed: int, most_needed: int, across_min: float) -> DispatchProblem:
    """Draw incidents within a square so many minutes across, amid units in one of sixty."""
    draw = np.random.default_rng(seed)
    edge = (60 - across_min) / 2
    near = draw.uniform(edge, 60 - edge, (INCIDENTS, 2)), draw.uniform(0, 60, (UNITS, 2))
    travel_min = 1 + np.hypot(*np.moveaxis(near[0][:, None] - near[1][None], 2, 0))
    return DispatchProblem.plain(
        travel_min,
        needed=draw.integers(1, most_needed + 1, INCIDENTS),
        weight=draw.integers(1, 10, INCIDENTS),
        busy=draw.random(UNITS) < 0.3,
        station=draw.integers(0, STATIONS, UNITS),
        keep_units=np.full(STATIONS, 2 if most_needed > 1 else 0),
    )


def _nearest_rows() -> list[Row]:
    """Time what happens when an incident comes in: units known, their travel and states new each time."""
    asked, built = _Times(), _Times()
    for seed in SEEDS:
        for _ in range(ROUNDS):
            with built:
                problem = _nearest_problem(seed)
                _ = problem.travel_s, problem.blocks, problem.spare_units
            words = Wording(problem)
            with asked:
                found = nearest_units(problem, 0, TOP)
                said = [words.why_chosen(found, n) for n in range(len(found.units))]
                said += [words.why_not(found, unit, block) for unit, _, block in found.nearest_passed(TOP)]
    note = f"{len(said)} reasons in words, {len(found.passed)} units passed over counted by reason"
    return [
        (f"top {TOP} of {MANY_UNITS:,} units, reasons included", "1 ms", *asked.said(), note),
        ("  its problem drawn, checked and compiled", "", *built.said(), "10,000 random units made anew, in Python"),
    ]


def _joint_rows() -> list[Row]:
    rows: list[Row] = []
    for most, across_min, label in (
        (1, 60.0, "one unit each"),
        (3, 60.0, "1-3 units each, stations keep 2"),
        (3, 15.0, "the same, all incidents in a quarter of an hour's square"),
    ):
        answer, reasons, both, prices = _Times(), _Times(), _Times(), _Times()
        losing = 0
        for seed in SEEDS:
            problem = _joint_problem(seed, most, across_min)
            _ = problem.travel_s, problem.blocks, problem.spare_units
            words = Wording(problem)
            for _ in range(JOINT_ROUNDS):
                with both:
                    with answer:
                        found = assign_units(problem)
                    with reasons:
                        losses = find_losses(found, priced=())
                        said = [words.loss(found, loss) for loss in losses]
            with prices:
                find_losses(found)
            assert len(said) == INCIDENTS
            if found.status != "optimal" or check_dispatch(found):
                raise AssertionError(f"seed {seed}: {found.status}, {check_dispatch(found)}")
            losing += sum(loss.is_loss for loss in losses)
        name = f"{INCIDENTS} x {UNITS:,} joint, {label}"
        note = f"bound equals optimum in all; {losing} of {INCIDENTS * len(SEEDS)} incidents lose"
        rows += [
            (f"{name}: with all reasons", "10 ms", *both.said(), note),
            ("  the answer and its proof", "", *answer.said(), "scipy linear_sum_assignment"),
            ("  what each loses, in words", "", *reasons.said(), ""),
            ("  what making every loss good would cost whom, exactly", "", *prices.said(), "on demand, one by one"),
        ]
    return rows


def _flow_row() -> Row:
    """Time OR-Tools' min-cost flow on the same question, one unit each without stations, arcs in one array."""
    problem = _joint_problem(1, 1, 60.0)
    incidents, units = np.divmod(np.arange(INCIDENTS * UNITS), UNITS)
    free = ~problem.busy[units]
    cost = (problem.weight[:, None] * problem.travel_s).ravel()[free]

    def flow() -> int:
        network = min_cost_flow.SimpleMinCostFlow()
        network.add_arcs_with_capacity_and_unit_cost(incidents[free], INCIDENTS + units[free], np.ones_like(cost), cost)
        every = INCIDENTS + np.arange(UNITS)
        network.add_arcs_with_capacity_and_unit_cost(
            every, np.full(UNITS, INCIDENTS + UNITS), np.ones(UNITS, int), np.zeros(UNITS, int)
        )
        supply = np.concatenate([np.ones(INCIDENTS, int), np.zeros(UNITS, int), [-INCIDENTS]])
        network.set_nodes_supplies(np.arange(INCIDENTS + UNITS + 1), supply)
        network.solve()
        return int(network.optimal_cost())

    times = _Times()
    for _ in range(9):
        with times:
            flow()
    same = flow() == assign_units(problem).objective
    return "the same by OR-Tools min-cost flow", "", *times.said(), f"same optimum: {same}; one unit each"


class _Shipped:
    """The shipped region, its networks built afresh."""

    def __init__(self) -> None:
        self.region = read_region(FOLDER)

    @cached_property
    def network(self) -> Network:
        return Network.build(self.region)

    @cached_property
    def posts(self) -> Posts:
        return Posts(self.network, LaneBook.build(self.network, None))

    def nearest_rows(self) -> list[Row]:
        """Time one incident's nearest groups from the situation itself: every way, craft, limit and cover."""
        situation = read_scenario("june-major-case", self.region).situation()
        times = _Times()
        for _ in range(JOINT_ROUNDS):
            with times:
                called = call_out(situation, self.network, self.posts.book)
                nearest_units(called.problem, 0, TOP)
        note = f"{len(situation.groups)} groups, {len(situation.craft)} craft, {len(called.comings.sites)} landings"
        return [("nearest groups of one incident, by land, sea and air", "", times.said()[1], note)]

    def ring_rows(self) -> list[Row]:
        region, network = self.region, self.network
        boat, flyer = region.craft_classes["rhib-12m"], region.craft_classes["heli-light"]
        van = region.craft_classes["van"]
        stations = [region.place(name) for name in region.stations]
        units = [StandingUnit(f"foot-{n}", place) for n, place in enumerate(stations)]
        units += [StandingUnit(f"van-{n}", place, van) for n, place in enumerate(stations)]
        units += [StandingUnit(f"boat-{name}", region.place(name), boat) for name in list(region.piers)[:20]]
        units += [StandingUnit(f"heli-{name}", region.place(name), flyer) for name in list(region.helipads)[:3]]
        points = list(region.places())
        area_s = _seconds(lambda: rings(network, units))
        table_s = _seconds(lambda: minutes_to_points(network, units, points))
        return [
            ("1, 3 and 5 minute rings, all ways", "", f"{area_s:.2f} s", f"{len(units)} standing units"),
            (f"minutes to {len(points)} places", "", f"{table_s:.2f} s", f"{len(units)} standing units"),
        ]

    def position_rows(self) -> list[Row]:
        scenarios = [read_scenario(name, self.region) for name in SCENARIOS]
        outlooks = [Outlook(one.title, one.start_at, one.forecast, one.closures) for one in scenarios]
        begun = time.perf_counter()
        craft = self.posts.craft_positions(scenarios[0].craft, outlooks, 30)
        built_s = time.perf_counter() - begun
        groups = self.posts.group_positions(scenarios[0].groups, outlooks, 20)
        rows: list[Row] = []
        for name, positions in (("craft", craft), ("groups", groups)):
            problem = positions.problem
            for measure in MEASURES:
                found = solve_positions(problem, measure, "worst", seconds=POSITION_S)
                if faults := check_posture(problem, found):
                    raise AssertionError(faults[0].en)
                size = f"{int(problem.units.sum())} units, {len(positions.sites)} sites, {len(positions.points)} points"
                reached = f"{found.status}, gap {found.gap:.2%}, {found.seconds:.1f} s"
                rows.append((f"{name}: {measure}, worst of 3 forecasts", "", reached, size))
        rows.append(("craft problem built from the region", "", f"{built_s:.2f} s", "3 forecasts"))
        return rows


def _seconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


class _Times:
    """Seconds by the clock and by the processor of what is done within it; on a busy machine only the second tells."""

    def __init__(self) -> None:
        self.clock_s: list[float] = []
        self.processor_s: list[float] = []

    def __enter__(self) -> None:
        self._begun = time.perf_counter(), time.thread_time()

    def __exit__(self, *_: object) -> None:
        self.processor_s.append(time.thread_time() - self._begun[1])
        self.clock_s.append(time.perf_counter() - self._begun[0])

    def said(self) -> tuple[str, str]:
        """Return both in milliseconds."""
        clock = f"{1000 * statistics.median(self.clock_s):.2f} / {1000 * max(self.clock_s):.2f} ms"
        return clock, f"{1000 * statistics.median(self.processor_s):.2f} ms"


if __name__ == "__main__":
    main()
