"""Find which limits together keep an echelon from being complete, and which to lift: by planning anew without them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Literal

import msgspec
import numpy as np

from data.geography import Region
from data.situation import Situation
from routing.deploy.compile import HORIZON_MIN, Compiled, compile_problem
from routing.deploy.draft import Candidate
from routing.deploy.greedy import plan_greedily
from routing.deploy.problem import UNLIMITED_BERTHS, DeployProblem
from routing.network.network import Network

Limit = Literal[
    "range", "deck", "berthing", "weather", "daylight", "horizon", "berths", "cover", "orders", "forbidden", "others"
]
# The hardest to lift first: what a smallest set can do without is found in this order, so that it names the easiest.
LIMITS: tuple[Limit, ...] = (
    "range",
    "deck",
    "berthing",
    "weather",
    "daylight",
    "horizon",
    "berths",
    "cover",
    "others",
    "forbidden",
    "orders",
)
_USUAL: frozenset[Limit] = frozenset(("weather", "orders", "forbidden"))
_CLAIMS: frozenset[Limit] = frozenset(("cover", "others"))
# The horizon without that limit: a day instead of half a one.
LONG_HORIZON_MIN = 1_440
_DECAYS_MIN = (25.0, 12.0)
_OF_SITUATION: frozenset[Limit] = frozenset(
    ("range", "berthing", "weather", "daylight", "horizon", "forbidden", "orders")
)

# The problem of a situation without some limits.
Problems = dict[frozenset[Limit], DeployProblem]


@dataclass(frozen=True, slots=True)
class Conflict:
    """Limits that together keep an echelon from being complete; ``together`` is empty if forces are too few anyway.

    Without any one of ``together`` (and all limits outside it) it can be complete. Each set of ``lifts`` is enough to
    lift, with the minute the echelon would be complete; none of its limits is enough alone where it holds several.
    ``most_persons`` of those asked for could come with nothing lifted, by ``most_by_min``; ``all_persons`` with all
    lifted.
    """

    echelon: int
    together: tuple[Limit, ...]
    lifts: tuple[tuple[tuple[Limit, ...], int], ...]
    most_persons: int
    most_by_min: int | None
    all_persons: int


def find_conflict(
    compiled: Compiled,
    plan: Candidate,
    echelon: int,
    is_over: Callable[[], bool] | None = None,
    problems: Problems | None = None,
) -> Conflict | None:
    """Return why an echelon of a plan is not complete, None where it is or where time ran out before it was found.

    Feasibility is what a greedy plan reaches, so that a set may name a limit a better plan would get round.
    ``problems`` keeps what was compiled, for the next echelon of the same situation.
    """
    try:
        return _Lifting(
            compiled, plan, echelon, is_over or (lambda: False), {} if problems is None else problems
        ).find()
    except _OverError:
        return None


def limits_in_force(compiled: Compiled) -> tuple[Limit, ...]:
    """Return the limits that anything in the situation is under, the hardest to lift first."""
    problem, here = compiled.problem, compiled.situation
    classes = {compiled.region.craft_classes[one.craft.class_id] for one in here.craft}
    is_in_force: dict[Limit, bool] = {
        "range": any(one.range_nm is not None for one in classes),
        "deck": bool(problem.group_slots.any()),
        "weather": here.forecast is not None,
        "daylight": any(one.night == "limited" for one in classes),
        "cover": bool(problem.keep_groups.any()),
        "others": len(problem.echelons) > 1,
        "forbidden": bool(here.forbidden)
        or any(one.excluded is not None for one in here.craft)
        or any(one.excluded is not None for one in here.groups),
        "orders": bool(here.closures),
    }
    return tuple(limit for limit in LIMITS if is_in_force.get(limit, True))


class _OverError(Exception):
    """Time ran out."""


@dataclass
class _Lifting:
    compiled: Compiled
    plan: Candidate
    echelon: int
    is_over: Callable[[], bool]
    problems: Problems
    _reached: dict[frozenset[Limit], tuple[int | None, int, int | None]] = field(default_factory=dict)

    def find(self) -> Conflict | None:
        """Return the conflict: first what can be reached at all, then the smallest sets by leaving out one by one."""
        limits = limits_in_force(self.compiled)
        everything = frozenset(limits)
        complete, most, by = self.reached(frozenset())
        if complete is not None:
            return None
        complete, all_persons, _ = self.reached(everything)
        if complete is None:
            return Conflict(self.echelon, (), (), most, by, all_persons)
        together = self._together(limits)
        lifts: list[tuple[tuple[Limit, ...], int]] = [
            ((limit,), one) for limit in together if (one := self.minute({limit})) is not None
        ]
        if not lifts:
            needed = set(limits)
            for limit in limits:
                if self.is_possible(needed - {limit}):
                    needed.discard(limit)
            minute = self.minute(needed)
            assert minute is not None, "no limit was left out that was needed"
            lifts.append((tuple(limit for limit in limits if limit in needed), minute))
        return Conflict(self.echelon, together, tuple(lifts), most, by, all_persons)

    def _together(self, limits: tuple[Limit, ...]) -> tuple[Limit, ...]:
        """Return a smallest conflicting set: what may be lifted without making the echelon possible is no part of it.

        The limits that most often matter are tried alone first: then all others go at once.
        """
        everything, together = frozenset(limits), set(limits)
        for few in (_USUAL & everything, _CLAIMS & everything):
            if few and not self.is_possible(everything - few):
                together = set(few)
                break
        for limit in limits:
            if limit in together and not self.is_possible(everything - (together - {limit})):
                together.discard(limit)
        return tuple(limit for limit in limits if limit in together)

    def is_possible(self, lifted: Iterable[Limit]) -> bool:
        return self.minute(lifted) is not None

    def minute(self, lifted: Iterable[Limit]) -> int | None:
        return self.reached(frozenset(lifted))[0]

    def reached(self, lifted: frozenset[Limit]) -> tuple[int | None, int, int | None]:
        """Return the minute an echelon is complete with some limits lifted, who comes, and the last to come."""
        if lifted not in self._reached:
            if self.is_over():
                raise _OverError
            problem = self._without(lifted)
            score, trips, directs = plan_greedily(problem, decays_min=_DECAYS_MIN) if lifted else self.plan
            n = 0 if "others" in lifted else self.echelon
            incident = problem.echelons[n].incident
            came = [
                t.land_min + int(problem.last_mile_min[t.landing, incident])
                for t in trips
                if t.incident == incident and problem.counts_for[list(t.groups), n].any()
            ]
            came += [d.arrive_min for d in directs if d.incident == incident and problem.counts_for[d.group, n] > 0]
            last = max((minute for minute in came if minute <= problem.horizon_min), default=None)
            self._reached[lifted] = score.complete_min[n], score.arrived[n], last
        return self._reached[lifted]

    def _without(self, lifted: frozenset[Limit]) -> DeployProblem:
        problem = self._compiled(lifted & _OF_SITUATION)
        if "deck" in lifted:
            problem = replace(problem, group_slots=np.zeros_like(problem.group_slots))
        if "cover" in lifted:
            problem = replace(problem, keep_groups=np.zeros_like(problem.keep_groups))
        if "berths" in lifted:
            problem = replace(
                problem,
                pickup_berths=np.full_like(problem.pickup_berths, UNLIMITED_BERTHS),
                landing_berths=np.full_like(problem.landing_berths, UNLIMITED_BERTHS),
            )
        if "others" in lifted:
            problem = replace(problem, echelons=(problem.echelons[self.echelon],))
        return problem

    def _compiled(self, lifted: frozenset[Limit]) -> DeployProblem:
        if lifted not in self.problems:
            if not lifted:
                self.problems[lifted] = self.compiled.problem
            else:
                travel, region = self.compiled.travel, region_without(self.compiled.region, lifted)
                self.problems[lifted] = compile_problem(
                    situation_without(self.compiled.situation, lifted),
                    region,
                    Network(region, travel.network.lanes),
                    travel.book,
                    LONG_HORIZON_MIN if "horizon" in lifted else HORIZON_MIN,
                ).problem
        return self.problems[lifted]


def situation_without(situation: Situation, lifted: frozenset[Limit]) -> Situation:
    """Return a situation in calm weather (the tide stays), without closures ordered or units forbidden, as asked."""
    changes: dict[str, object] = {}
    if "weather" in lifted:
        changes["forecast"] = situation.forecast.becalmed() if situation.forecast else None
    if "orders" in lifted:
        changes["closures"] = ()
    if "forbidden" in lifted:
        changes["forbidden"] = {}
        for units in ("craft", "groups"):
            changes[units] = tuple(msgspec.structs.replace(one, excluded=None) for one in getattr(situation, units))
    return msgspec.structs.replace(situation, **changes)


def region_without(region: Region, lifted: frozenset[Limit]) -> Region:
    """Return a region whose craft know no range, need no light, and may land wherever there is a pier or pad."""
    berthing = frozenset(word for pier in region.piers.values() for word in pier.berthing) | {"helipad", "field"}
    changes: dict[str, object] = {}
    if "range" in lifted:
        changes["range_nm"] = None
    if "daylight" in lifted:
        changes["night"] = "yes"
    if "berthing" in lifted:
        changes["berthing"] = berthing
    classes = {name: msgspec.structs.replace(one, **changes) for name, one in region.craft_classes.items()}
    return replace(region, craft_classes=classes)
