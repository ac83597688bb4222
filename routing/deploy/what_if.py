"""Find the small changes that would help an echelon, each tried by planning anew: what a search found, no proof."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from time import monotonic

from routing.deploy.changes import KINDS, Change, changed, changes_for
from routing.deploy.draft import Candidate, DraftTables
from routing.deploy.evaluate import score, stops_of, time_trips
from routing.deploy.faults import find_faults
from routing.deploy.greedy import complete_greedily
from routing.deploy.problem import DeployProblem, Direct, Trip
from routing.deploy.reach import Reach

# The decays with which what a change frees is filled again, and how far before an echelon's end its trips are undone.
_DECAYS_MIN = (20.0,)
_UNDONE_MIN = (0, 15)
# Changes of each echelon that are searched further, and the moves of each search.
_SEARCHED, _MOVES = 3, 6_000
# The share of the persons missing that a change must bring where it completes nothing.
_WORTH_TELLING = 0.1
# Changes told for one echelon.
TOLD = 2


@dataclass(frozen=True, slots=True)
class Gain:
    """What one change does for an echelon, and at most for how many minutes it makes another later.

    ``from_min`` and ``to_min`` are None where the echelon is not complete; ``from_persons`` and ``to_persons`` arrive.
    """

    echelon: int
    change: Change
    from_min: int | None
    to_min: int | None
    from_persons: int
    to_persons: int
    others_later_min: int
    plan: Candidate

    @property
    def minutes(self) -> int:
        """Minutes gained; 0 where the echelon is incomplete with the change or without it."""
        return 0 if self.from_min is None or self.to_min is None else self.from_min - self.to_min


def best_changes(
    problem: DeployProblem,
    plan: Candidate,
    echelons: Iterable[int],
    seed: int = 1,
    seconds: float | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> tuple[Gain, ...]:
    """Return for each echelon the changes that help it most, the better first, at most ``TOLD`` of them.

    A change counts only if the same effort on the unchanged problem helps the echelon less, and the changed plan keeps
    every rule and costs no more points. Moves limit the effort, so that a seed gives the same answer twice; where
    ``seconds`` run out or ``cancelled`` says yes, the answer is what was found until then.
    """
    began = monotonic()

    def is_over() -> bool:
        late = seconds is not None and monotonic() - began >= seconds
        return late or (cancelled is not None and cancelled())

    reach, wanted = Reach(problem), list(echelons)
    found: list[Gain] = []
    for rank, echelon in enumerate(wanted):
        until = None if seconds is None else seconds * (rank + 1) / len(wanted)

        def is_late(until: float | None = until) -> bool:
            return is_over() or (until is not None and monotonic() - began >= until)

        found += _Trying(problem, plan, echelon, seed, is_late).best(reach)
    return tuple(found)


@dataclass
class _Trying:
    """Tries changes for one echelon."""

    problem: DeployProblem
    plan: Candidate
    echelon: int
    seed: int
    is_over: Callable[[], bool]

    def best(self, reach: Reach) -> list[Gain]:
        """Return the best changes, quickly tried all, then the most promising searched."""
        if self.is_over():
            return []
        unchanged = self._repaired(self.problem)
        tried: list[tuple[Change, DeployProblem, Candidate]] = []
        for change in changes_for(self.problem, reach, self.plan, self.echelon):
            if self.is_over():
                break
            other = changed(self.problem, change)
            tried.append((change, other, self._repaired(other)))
        tried.sort(key=lambda one: (*self._rank(one[2]), KINDS.index(one[0].kind), one[0].index))
        unchanged = self._searched(self.problem, unchanged)
        gains: list[Gain] = []
        for n, (change, other, candidate) in enumerate(tried):
            if n < _SEARCHED and not self.is_over():
                candidate = self._searched(other, candidate)
            if (gain := self._gain(change, other, candidate, unchanged)) is not None:
                gains.append(gain)
        gains.sort(key=lambda g: (*self._rank(g.plan), KINDS.index(g.change.kind), g.change.index))
        return self._told(gains)

    def _told(self, gains: Sequence[Gain]) -> list[Gain]:
        """Return the best change of each kind, the best kinds only."""
        kinds: dict[str, Gain] = {}
        for gain in gains:
            kinds.setdefault(gain.change.kind, gain)
        return [self._least(gain) for gain in list(kinds.values())[:TOLD]]

    def _rank(self, candidate: Candidate) -> tuple[int, int, int]:
        """Return what is better when smaller: the echelon's minute, the persons it lacks, all points."""
        found = candidate[0]
        complete = found.complete_min[self.echelon]
        minute = self.problem.horizon_min + 1 if complete is None else complete
        return minute, -found.arrived[self.echelon] if complete is None else 0, found.total

    def _gain(self, change: Change, other: DeployProblem, candidate: Candidate, unchanged: Candidate) -> Gain | None:
        """Return what a change gains over the plan in hand, None if it is nothing or no sound plan."""
        e, before, after = self.echelon, self.plan[0], candidate[0]
        if self._rank(candidate)[:2] >= min(self._rank(self.plan)[:2], self._rank(unchanged)[:2]):
            return None
        missing = self.problem.echelons[e].persons - before.arrived[e]
        if after.complete_min[e] is None and after.arrived[e] - before.arrived[e] < _WORTH_TELLING * missing:
            return None
        if after.total > before.total or find_faults(other, candidate[1], candidate[2]):
            return None
        return Gain(
            echelon=e,
            change=change,
            from_min=before.complete_min[e],
            to_min=after.complete_min[e],
            from_persons=before.arrived[e],
            to_persons=after.arrived[e],
            others_later_min=self._others_later(after.complete_min),
            plan=candidate,
        )

    def _others_later(self, complete_min: Sequence[int | None]) -> int:
        late = [0]
        for e, (old, new) in enumerate(zip(self.plan[0].complete_min, complete_min, strict=True)):
            if e != self.echelon and old is not None:
                late.append((self.problem.horizon_min if new is None else new) - old)
        return max(late)

    def _least(self, gain: Gain) -> Gain:
        """Return a gain by waiting with the fewest minutes that still bring the same, its trips as they are."""
        if gain.change.kind not in ("craft-ready", "group-ready"):
            return gain
        for amount in range(1, gain.change.amount):
            less = replace(gain.change, amount=amount)
            other = changed(self.problem, less)
            again = _retimed(other, gain.plan[1], gain.plan[2])
            if again is None or self._rank(again)[:2] > self._rank(gain.plan)[:2]:
                continue
            if again[0].total <= self.plan[0].total and not find_faults(other, again[1], again[2]):
                return replace(
                    gain, change=less, plan=again, others_later_min=self._others_later(again[0].complete_min)
                )
        return gain

    def _repaired(self, problem: DeployProblem) -> Candidate:
        """Return the plan in hand timed anew, with the echelon's last trips undone and made again greedily."""
        start = _retimed(problem, self.plan[1], self.plan[2]) or self.plan
        best, tables = start, DraftTables(problem)
        incident, complete = problem.echelons[self.echelon].incident, self.plan[0].complete_min[self.echelon]
        for before_min in _UNDONE_MIN:
            first = problem.horizon_min if complete is None else complete - before_min
            trips = [t for t in start[1] if not self._is_late(problem, t, incident, first)]
            directs = tuple(d for d in start[2] if d.incident != incident or d.arrive_min < first)
            fewer = _retimed(problem, _unbroken(start[1], trips), directs)
            if fewer is None:
                continue
            whole = complete_greedily(problem, fewer, tables, _DECAYS_MIN)
            if self._rank(whole) < self._rank(best) and whole[0].total <= start[0].total:
                best = whole
        return best

    @staticmethod
    def _is_late(problem: DeployProblem, trip: Trip, incident: int, first_min: int) -> bool:
        arrive = trip.land_min + int(problem.last_mile_min[trip.landing, trip.incident])
        return trip.incident == incident and arrive >= first_min

    def _searched(self, problem: DeployProblem, start: Candidate) -> Candidate:
        """Return a plan searched on for some moves, the echelon weighing more than it does in the plan."""
        # Imported here so that whoever only asks for a first plan does not wait for the compiled code.
        from routing.deploy.search import LocalSearch

        search = LocalSearch(problem, Reach(problem), start, self.seed)
        for _ in range(2):
            if self.is_over():
                break
            search.run(_MOVES // 2)
        best = search.best()
        return best if self._rank(best) < self._rank(start) else start


def _unbroken(all_trips: Sequence[Trip], kept: Sequence[Trip]) -> list[Trip]:
    """Return the kept trips of each craft up to the first that is not: what follows it starts elsewhere."""
    gone: dict[int, int] = {}
    stays = set(kept)
    for trip in all_trips:
        if trip not in stays:
            gone[trip.craft] = min(trip.board_min, gone.get(trip.craft, trip.board_min))
    return [t for t in kept if t.board_min < gone.get(t.craft, t.board_min + 1)]


def _retimed(problem: DeployProblem, trips: Sequence[Trip], directs: Sequence[Direct]) -> Candidate | None:
    """Return a plan with its earliest times in a problem, None where a link is missing."""
    driven = tuple(Direct(d.group, d.incident, int(problem.group_direct_min[d.group, d.incident])) for d in directs)
    timed = time_trips(problem, stops_of(problem, trips))
    return None if timed is None else (score(problem, timed, driven), timed, driven)
