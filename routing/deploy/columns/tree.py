"""Raise a bound by probing and branching on the minutes at which echelons complete."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from routing.deploy.columns.echelon_rows import Box, EchelonRows
from routing.deploy.columns.master import Master, MasterPoint, fractional, whole_points
from routing.deploy.columns.pricing import Duals, Itinerary, Pricing
from routing.deploy.problem import DeployProblem
from routing.deploy.reach import Reach
from routing.deploy.search_tables import SearchTables
from routing.deploy.windows import EchelonWindow

OnBound = Callable[[int], None]
# How far new prices move from the best so far towards the master's (Wentges): half of the way steadies them.
_SHARE = 0.5
# Master and bound this close, in points, end a box: the rest would be won by many rounds for little.
_CLOSE = 2.0
_ROUNDS_A_PROBE = 25
# Below this a share counts as whole.
_DECIDED = 1e-5
_ROUNDS_A_BOX = 60
_ROUNDS_AT_ROOT = 400


@dataclass(order=True)
class _Node:
    """A box still open with its bound in points; the lowest bound first."""

    bound: int
    number: int
    box: Box = field(compare=False)
    minutes: list[float] = field(compare=False)
    undecided: list[float] = field(compare=False)
    trips: dict[tuple[int, int], float] = field(compare=False, default_factory=dict)


class ColumnBound:
    """A lower bound on the points of every plan, readable at any moment and rising as long as it may work.

    ``budget`` is the price of the best plan known: what costs as much or more is of no interest; ``lower_budget`` may
    lower it at any moment. When every box is refuted the bound is the budget. ``on_node`` hears of the box with the
    lowest bound each time one was worked on, and may use the master meanwhile. ``rounds`` counts the prices tried.
    ``is_decided`` says that nothing is left to branch on; ``earliest`` is then still each echelon's earliest minute in
    a plan cheaper than the budget.
    """

    def __init__(
        self,
        problem: DeployProblem,
        tables: SearchTables,
        reach: Reach,
        windows: Sequence[EchelonWindow],
        complete_min: Sequence[int | None],
        budget: int,
        floor: int,
        on_bound: OnBound | None = None,
        is_over: Callable[[], bool] | None = None,
        on_node: Callable[[Box], None] | None = None,
    ) -> None:
        self.problem, self.tables, self.budget = problem, tables, budget
        self.bound = floor
        self.rounds = 0
        self._complete_min = tuple(complete_min)
        self._on_bound, self._is_over = on_bound, is_over or (lambda: False)
        self._on_node = on_node or (lambda _: None)
        self.is_decided = False
        self.rows = EchelonRows(problem, windows, complete_min, budget - floor)
        self.pricing = Pricing(problem, tables, reach, self.rows)
        self.master = Master(problem, tables, self.rows, self.pricing)
        self.earliest = self.rows.whole.earliest
        self._centre: Duals | None = None
        self.point: MasterPoint | None = None

    def lower_budget(self, budget: int) -> None:
        """Take note of a cheaper plan."""
        self.budget = min(self.budget, budget)

    def offer(self, itineraries: Sequence[Itinerary]) -> None:
        """Begin with a plan's own itineraries: the master is then never dearer than that plan."""
        self.master.add_all(itineraries)

    def run(self) -> int:
        """Work until every box is refuted, nothing is left to decide, or it is over; return the bound in points."""
        node = self._looked_at(self.rows.whole, self.bound, _ROUNDS_AT_ROOT)
        self._raise(node.bound)
        self._on_node(node.box)
        node = self._probed(node)
        self.earliest = node.box.earliest
        self._on_node(node.box)
        open_nodes, count = [node], 0
        while open_nodes and not self._is_over():
            self._raise(open_nodes[0].bound)
            node = heapq.heappop(open_nodes)
            if node.bound >= self.budget:
                break
            parts = _parts(node)
            if not parts:
                self.is_decided = True  # neither times nor trips are open: groups alone would go on from here
                return self.bound
            for box in parts:
                count += 1
                part = self._looked_at(box, node.bound, _ROUNDS_A_BOX, count)
                if part.bound < self.budget:
                    heapq.heappush(open_nodes, part)
            if open_nodes:
                self._on_node(open_nodes[0].box)
        else:
            if not open_nodes:
                self._raise(self.budget)
            return self.bound
        self._raise(self.budget)
        return self.bound

    def _probed(self, node: _Node) -> _Node:
        """Move each echelon's earliest minute up to where completing before it would cost the budget."""
        box, before = node.box, -1
        while node.bound > before and not self._is_over() and node.bound < self.budget:
            before = node.bound
            for echelon in sorted(range(len(node.undecided)), key=lambda e: -node.undecided[e]):
                box = box.with_earliest(echelon, self._refuted_until(box, echelon))
            number = node.number + 1
            node = self._looked_at(box, node.bound, _ROUNDS_A_BOX, number)
            self._raise(node.bound)
        return node

    def _refuted_until(self, box: Box, echelon: int) -> int:
        """Return the first minute by which an echelon may complete in a plan cheaper than the budget."""
        low, planned = box.earliest[echelon], self._complete_min[echelon]
        high = box.latest[echelon] if planned is None else min(planned, box.latest[echelon])
        step = 1
        while low < high and not self._is_over():
            tried = min(low + step - 1, high - 1)
            node = self._looked_at(box.with_latest(echelon, tried), 0, _ROUNDS_A_PROBE, goal=self.budget)
            if node.bound < self.budget:
                if step == 1:
                    break
                high, step = tried, 1
                continue
            low, step = tried + 1, step * 2
        return low

    def _looked_at(self, box: Box, floor: int, rounds: int, number: int = 0, goal: int = 0) -> _Node:
        """Return a box with the best bound that so many rounds of pricing give it, at least ``floor`` points.

        It is left as soon as the master, which only falls, shows that no bound of ``goal`` points is to be had.
        """
        prices = self.rows.prices(box)
        self.master.set_box(box, prices)
        bound, centre = floor, self._centre
        point: MasterPoint | None = None
        for _ in range(rounds):
            found = self.master.solve()
            if found is None:
                break
            point = found
            if point.value <= max(bound + _CLOSE, goal - 1):
                break
            self.rounds += 1
            tried = point.duals if centre is None else centre.towards(point.duals, _SHARE)
            parts, itineraries = self.pricing.bound(box, prices, tried)
            if whole_points(parts) > bound or centre is None:
                bound, centre = max(bound, whole_points(parts)), tried
                if box is self.rows.whole:
                    self._raise(bound)
            if bound >= self.budget or self._is_over():
                break
            if not self.master.add_all(itineraries):
                parts, itineraries = self.pricing.bound(box, prices, point.duals)
                if whole_points(parts) > bound:
                    bound, centre = whole_points(parts), point.duals
                if bound >= self.budget or not self.master.add_all(itineraries):
                    break
        self._centre, self.point = centre, point
        if point is None:
            return _Node(bound, number, box, [float(m) for m in box.earliest], [0.0] * len(box.earliest))
        trips = self.master.mean_trips(point)
        return _Node(bound, number, box, *fractional(self.rows, box, point.complete), trips)

    def _raise(self, bound: int) -> None:
        bound = min(bound, self.budget)
        if bound > self.bound:
            self.bound = bound
            if self._on_bound is not None:
                self._on_bound(bound)


def _parts(node: _Node) -> tuple[Box, Box] | None:
    """Return the two parts of a node's box: by the time least decided, else by the trips least decided."""
    box = node.box
    echelon = max(range(len(node.undecided)), key=lambda e: node.undecided[e])
    if node.undecided[echelon] >= _DECIDED:
        split = min(max(int(node.minutes[echelon]), box.earliest[echelon]), box.latest[echelon] - 1)
        return box.with_latest(echelon, split), box.with_earliest(echelon, split + 1)
    doubt, key = max(((abs(mean - round(mean)), key) for key, mean in node.trips.items()), default=(0.0, (0, 0)))
    if doubt < _DECIDED:
        return None
    limit, mean = box.limit_of(*key), node.trips[key]
    return (
        box.with_trips(replace(limit, most=int(mean))),
        box.with_trips(replace(limit, least=int(mean) + 1)),
    )
