"""What may happen to a plan in force, each event checked against the problem it speaks of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from data.errors import TongzhouError, worded
from routing.deploy.problem import UNREACHABLE, DeployProblem, EchelonNeed, Trip

PierSide = Literal["pickup", "landing"]


class ReplanFaultError(ValueError, TongzhouError):
    """A request to re-plan that contradicts itself, its problem or the plan in force."""


@dataclass(frozen=True, slots=True)
class CraftLost:
    """A craft can go nowhere from now on.

    Who is at sea aboard does not arrive, unless ``returned_min`` tells when they stand at the pickup again; who is
    still loading steps ashore now.
    """

    craft: int
    returned_min: int | None = None


@dataclass(frozen=True, slots=True)
class PierClosed:
    """Nobody loads or unloads at a site in ``start_min <= minute < end_min``."""

    side: PierSide
    site: int
    start_min: int
    end_min: int


@dataclass(frozen=True, slots=True)
class LinkClosed:
    """No departure between pickup and landing, either way, in ``start_min <= minute < end_min``; None means all."""

    start_min: int
    end_min: int
    craft: int | None = None
    pickup: int | None = None
    landing: int | None = None


@dataclass(frozen=True, slots=True)
class LinkSlower:
    """Crossings between pickup and landing, either way, take ``percent`` of their minutes; None means all."""

    percent: int
    craft: int | None = None
    pickup: int | None = None
    landing: int | None = None


@dataclass(frozen=True, slots=True)
class EchelonChanged:
    """An echelon asks for another number of persons."""

    echelon: int
    persons: int


@dataclass(frozen=True, slots=True)
class EchelonAdded:
    """An incident of the problem asks for one echelon more; it is counted after those there were."""

    need: EchelonNeed


@dataclass(frozen=True, slots=True)
class GroupDelayed:
    """A group that has not boarded is everywhere so many minutes later."""

    group: int
    minutes: int


@dataclass(frozen=True, slots=True)
class GroupLost:
    """A group that has not boarded cannot be counted on any more."""

    group: int


@dataclass(frozen=True, slots=True)
class GroupAt:
    """A group stands at a pickup from a minute on, whatever the plan in force says; no sooner than it can be there."""

    group: int
    pickup: int
    from_min: int


@dataclass(frozen=True, slots=True)
class PinGroup:
    """An officer wants a group aboard a craft."""

    group: int
    craft: int


@dataclass(frozen=True, slots=True)
class PinTrip:
    """An officer wants a trip of the plan in force made as it is, and the trips its craft makes before it."""

    trip: Trip


@dataclass(frozen=True, slots=True)
class ForbidGroup:
    """An officer wants a group left where it is."""

    group: int


@dataclass(frozen=True, slots=True)
class ForbidCraft:
    """An officer wants no further trip of a craft."""

    craft: int


@dataclass(frozen=True, slots=True)
class ForbidPair:
    """An officer does not want a group aboard a craft."""

    group: int
    craft: int


@dataclass(frozen=True, slots=True)
class ForbidLink:
    """An officer wants no further crossing from a pickup to a landing; None means all."""

    craft: int | None = None
    pickup: int | None = None
    landing: int | None = None


Event = (
    CraftLost
    | PierClosed
    | LinkClosed
    | LinkSlower
    | EchelonChanged
    | EchelonAdded
    | GroupDelayed
    | GroupLost
    | GroupAt
    | PinGroup
    | PinTrip
    | ForbidGroup
    | ForbidCraft
    | ForbidPair
    | ForbidLink
)
LinkEvent = LinkClosed | LinkSlower | ForbidLink


def meets(event: LinkEvent, craft: int, pickup: int, landing: int) -> bool:
    """Say whether an event speaks of a crossing."""
    return event.craft in (None, craft) and event.pickup in (None, pickup) and event.landing in (None, landing)


def check_event(problem: DeployProblem, event: Event) -> None:
    """Raise ReplanFaultError naming the first index, span or number of an event that the problem does not know."""
    sizes = {
        "craft": problem.num_craft,
        "group": problem.num_groups,
        "pickup": problem.num_pickups,
        "landing": problem.num_landings,
        "echelon": len(problem.echelons),
    }
    for name, size in sizes.items():
        given = getattr(event, name, None)
        if given is not None:
            _check_index(event, name, given, size)
    if isinstance(event, PierClosed):
        _check_index(event, event.side, event.site, sizes[event.side])
    if isinstance(event, EchelonAdded):
        _check_index(event, "incident", event.need.incident, problem.num_incidents)
        _check_positive(event, "persons", event.need.persons)
        _check_positive(event, "weight", event.need.weight)
    if isinstance(event, PierClosed | LinkClosed) and event.end_min <= event.start_min:
        raise worded(
            ReplanFaultError(
                f"{_kind(event)}: the span {event.start_min}..{event.end_min} ends before it starts; swap the minutes"
            ),
            zh=f"{_kind(event)}：时段 {event.start_min}..{event.end_min} 的结束早于开始，请对调。",
        )
    if isinstance(event, LinkSlower) and not 100 <= event.percent <= 1_000:
        raise worded(
            ReplanFaultError(
                f"{_kind(event)}: percent must lie in 100..1000, not {event.percent}; close the link instead"
            ),
            zh=f"{_kind(event)}：percent 应在 100 至 1000 之间，现为 {event.percent}；更慢的请改为关闭航线。",
        )
    if isinstance(event, EchelonChanged):
        _check_positive(event, "persons", event.persons)
    if isinstance(event, GroupDelayed):
        _check_positive(event, "minutes", event.minutes)
    if isinstance(event, GroupAt) and problem.access_min[event.group, event.pickup] >= UNREACHABLE:
        raise worded(
            ReplanFaultError(f"GroupAt: group {event.group} has no way to pickup {event.pickup}; name another pickup"),
            zh=f"GroupAt：第 {event.group} 组无法到达上船点 {event.pickup}；请改为其他上船点。",
        )
    for name in ("from_min", "returned_min"):
        minute = getattr(event, name, None)
        if minute is not None and minute < 0:
            raise worded(
                ReplanFaultError(f"{_kind(event)}: {name} may not be negative, it is {minute}"),
                zh=f"{_kind(event)}：{name} 不能为负数，现为 {minute}。",
            )


def _check_index(event: Event, name: str, given: int, size: int) -> None:
    if not 0 <= given < size:
        raise worded(
            ReplanFaultError(f"{_kind(event)}: {name} {given} does not exist; there are {size}, counted from 0"),
            zh=f"{_kind(event)}：没有 {name} {given}；共 {size} 个，从 0 起编号。",
        )


def _check_positive(event: Event, name: str, given: int) -> None:
    if given < 1:
        raise worded(
            ReplanFaultError(f"{_kind(event)}: {name} must be 1 or more, not {given}"),
            zh=f"{_kind(event)}：{name} 应不小于 1，现为 {given}。",
        )


def _kind(event: Event) -> str:
    return type(event).__name__
