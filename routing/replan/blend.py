"""Blend a better plan with the plan in force: take back every change that is not worth its price."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from routing.deploy.draft import SpareGroups
from routing.deploy.evaluate import Stop
from routing.deploy.problem import Direct
from routing.replan.ahead import Ahead, Draft, Stops
from routing.replan.changes import Task, changed_groups, tasks_of

IsOver = Callable[[], bool]
_Answer = tuple[Stops, tuple[Direct, ...]]


@dataclass
class Blender:
    """Looks for the answer of least points and price between two answers; ``tried`` counts the answers looked at."""

    ahead: Ahead
    is_over: IsOver
    tried: int = 0

    def __post_init__(self) -> None:
        request = self.ahead.request
        self._before = tasks_of(request.trips, request.directs)
        self._settled = tasks_of((*self.ahead.under_way.trips, *self.ahead.pinned), self.ahead.under_way.directs)

    def num_changes(self, draft: Draft) -> int:
        """Return how many groups have other orders than in the plan in force."""
        return len(changed_groups(self._before, self._settled | self._tasks(draft)))

    def priced(self, draft: Draft) -> int:
        """Return an answer's points with the price of its changes."""
        return draft.total + self.ahead.request.change_points * self.num_changes(draft)

    def better(self, one: Draft, other: Draft) -> Draft:
        """Return the cheaper of two answers, changes priced; of equals the one with fewer changes, then the first."""
        return min(one, other, key=lambda draft: (self.priced(draft), self.num_changes(draft)))

    def towards(self, draft: Draft, model: Draft) -> Draft:
        """Return a draft with parts of another taken over as long as that makes it cheaper, changes priced."""
        best, price = draft, self.priced(draft)
        is_better = True
        while is_better:
            is_better = False
            for stops, directs in self._steps(best, model):
                if self.is_over():
                    return best
                self.tried += 1
                found = self._possible(stops, directs)
                if found is not None and (self.priced(found), self.num_changes(found)) < (
                    price,
                    self.num_changes(best),
                ):
                    best, price, is_better = found, self.priced(found), True
                    break
        return best

    def _possible(self, stops: Stops, directs: tuple[Direct, ...]) -> Draft | None:
        """Time an answer that keeps seats, decks, cover and bans; None for any other."""
        problem = self.ahead.open
        spare = SpareGroups(problem)
        banned = self.ahead.request.forbidden_pairs
        for c, row in enumerate(stops):
            for stop in row:
                if any((g, c) in banned for g in stop.groups):
                    return None
                aboard = list(stop.groups)
                if problem.strength[aboard].sum() > problem.seats[c]:
                    return None
                if problem.group_slots[aboard].sum() > problem.craft_slots[c]:
                    return None
        going = [g for row in stops for stop in row for g in stop.groups] + [d.group for d in directs]
        if not all(spare.take(g) for g in going):
            return None
        return self.ahead.draft(stops, directs)

    def _tasks(self, draft: Draft) -> dict[int, Task]:
        return tasks_of(draft.trips, draft.directs)

    def _steps(self, draft: Draft, model: Draft) -> Iterator[_Answer]:
        """Yield the draft with more or less of the model: whole exchanges, single craft, single groups."""
        mine, theirs = self._tasks(draft), self._tasks(model)
        differ = [c for c in range(len(draft.stops)) if draft.stops[c] != model.stops[c]]
        for part in _exchanges(differ, draft, model):
            yield self._with_rows(draft, model, part)
        for c in differ:
            yield self._with_rows(draft, model, {c})
        for g in sorted(changed_groups(mine, theirs)):
            if (moved := self._with_group(draft, model, g, theirs.get(g))) is not None:
                yield moved

    def _with_rows(self, draft: Draft, model: Draft, craft: set[int]) -> _Answer:
        """Take over all trips of some craft; whoever rides them leaves what they did before."""
        riders = {g for c in craft for stop in model.stops[c] for g in stop.groups}
        rows = tuple(model.stops[c] if c in craft else _without(row, riders) for c, row in enumerate(draft.stops))
        left = {g for c in craft for stop in draft.stops[c] for g in stop.groups} - riders
        driving = {d.group for d in draft.directs}
        back = tuple(d for d in model.directs if d.group in left and d.group not in driving)
        return rows, (*(d for d in draft.directs if d.group not in riders), *back)

    def _with_group(self, draft: Draft, model: Draft, group: int, task: Task | None) -> _Answer | None:
        """Give one group the task it has in the model, on a trip there is already."""
        rows = [_without(row, {group}) for row in draft.stops]
        directs = tuple(d for d in draft.directs if d.group != group)
        if task is None:
            return tuple(rows), directs
        if task.craft is None:
            return tuple(rows), (*directs, *(d for d in model.directs if d.group == group))
        row = list(rows[task.craft])
        for n, stop in enumerate(row):
            if (stop.pickup, stop.incident) == (task.pickup, task.incident):
                row[n] = Stop(stop.pickup, stop.landing, stop.incident, tuple(sorted((*stop.groups, group))))
                rows[task.craft] = tuple(row)
                return tuple(rows), directs
        return None


def _without(row: tuple[Stop, ...], groups: set[int]) -> tuple[Stop, ...]:
    if not any(g in groups for stop in row for g in stop.groups):
        return row
    fewer = (Stop(s.pickup, s.landing, s.incident, tuple(g for g in s.groups if g not in groups)) for s in row)
    return tuple(stop for stop in fewer if stop.groups)


def _exchanges(differ: list[int], draft: Draft, model: Draft) -> list[set[int]]:
    """Return the sets of craft that exchange groups among themselves between two answers, larger ones first."""
    craft_of: dict[int, set[int]] = {}
    for stops in (draft.stops, model.stops):
        for c in differ:
            for stop in stops[c]:
                for g in stop.groups:
                    craft_of.setdefault(g, set()).add(c)
    parts: list[set[int]] = []
    for c in differ:
        joined = {c}
        for linked in craft_of.values():
            if c in linked:
                joined |= linked
        for part in [p for p in parts if p & joined]:
            joined |= part
            parts.remove(part)
        parts.append(joined)
    return sorted((p for p in parts if len(p) > 1), key=lambda p: (-len(p), min(p)))
