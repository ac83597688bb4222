"""The parts of a timed plan: trips of craft with an earlier call at most, and groups going by road all the way."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Call:
    """An earlier pickup of a trip: which of its groups board there, in minutes from the plan's start."""

    pickup: int
    groups: tuple[int, ...]
    board_min: int
    depart_min: int


@dataclass(frozen=True, slots=True)
class Trip:
    """One crossing of one craft with the groups it carries, in minutes from the plan's start.

    Loading lasts from ``board_min`` to ``depart_min``; ``land_min`` is the minute the groups stand ashore, the end of
    unloading. The craft reached the pickup at or before ``board_min`` and the landing at or before
    ``land_min`` less its unloading time. ``call`` is a pickup it called at before; ``groups`` are all aboard.
    ``set_out_min`` and ``onward_min`` say for each group, in order, when it leaves home for its pickup and the landing
    for the scene; empty where no vehicles are scarce, so that each goes as soon as it is ready or ashore.
    """

    craft: int
    incident: int
    pickup: int
    landing: int
    groups: tuple[int, ...]
    board_min: int
    depart_min: int
    land_min: int
    call: Call | None = None
    set_out_min: tuple[int, ...] = ()
    onward_min: tuple[int, ...] = ()

    @property
    def begin_min(self) -> int:
        """The minute its first loading starts."""
        return self.board_min if self.call is None else self.call.board_min

    @property
    def first_pickup(self) -> int:
        """The pickup it calls at first."""
        return self.pickup if self.call is None else self.call.pickup

    def pickup_of(self, group: int) -> int:
        """Return the pickup at which one of its groups boards."""
        return self.pickup if self.call is None or group not in self.call.groups else self.call.pickup

    def onward_of(self, group: int) -> int:
        """Return the minute one of its groups leaves the landing."""
        return self.onward_min[self.groups.index(group)] if self.onward_min else self.land_min


@dataclass(frozen=True, slots=True)
class Direct:
    """One group going to its incident by road or on foot all the way; ``set_out_min`` None: as soon as it is ready."""

    group: int
    incident: int
    arrive_min: int
    set_out_min: int | None = None
