"""One passage of one class between any two places: when it may be begun, when it is over, until when it stays open."""

from __future__ import annotations

from bisect import bisect_right
from functools import cached_property
from math import ceil

import numpy as np

from data.forces import CraftClass
from data.geography import Place
from routing.deploy.travel import join_spans
from routing.handling import load_minutes
from routing.isolate.kernels import HAIR_MIN, forbidden, most_spans, walk
from routing.isolate.passages import LegKind, Legs, OneLeg, joined_legs
from routing.isolate.windows import Outlook, Walked


class Chain:
    """A passage under one outlook; minutes are whole minutes after the start."""

    def __init__(self, outlook: Outlook, craft_class: CraftClass, legs: list[OneLeg]) -> None:
        self.outlook, self.craft_class = outlook, craft_class
        self.legs: Legs = joined_legs([(0, 0, legs)])
        self.amounts = self.legs.amounts(craft_class)
        self.least_min = float(self.amounts.sum())  # at full speed
        self._ends: dict[int, int] = {}

    @cached_property
    def shut(self) -> tuple[tuple[int, int], ...]:
        """The spans of departures that are forbidden, in order, joined."""
        surface, legs = self.outlook.surface(self.craft_class), self.legs
        room = most_spans(legs.at, legs.resource, surface.shut_at) + 1
        firsts, ends = np.empty(room, np.int64), np.empty(room, np.int64)
        count = forbidden(
            0, int(legs.at[1]), legs.resource, self.amounts, *surface.arrays,
            self.outlook.num_minutes - 1, firsts, ends,
        )  # fmt: skip
        return join_spans(list(zip(firsts[:count].tolist(), ends[:count].tolist(), strict=True)))

    @cached_property
    def _firsts(self) -> list[int]:
        return [first for first, _ in self.shut]

    def next_open(self, minute: int) -> int | None:
        """Return the first open departure at or after a minute, None within the horizon."""
        place = bisect_right(self._firsts, minute) - 1
        if place >= 0 and self.shut[place][1] > minute:
            minute = self.shut[place][1]
        return minute if minute < self.outlook.num_minutes else None

    def open_until(self, minute: int) -> int:
        """Return the last departure of the open run a minute is in; the horizon's last if nothing ends it."""
        place = bisect_right(self._firsts, minute)
        return self._firsts[place] - 1 if place < len(self._firsts) else self.outlook.num_minutes - 1

    def walked(self, minute: int) -> Walked:
        """Walk a departure to its end, or to what is shut."""
        out, legs = np.empty(3), self.legs
        is_open = walk(
            0, int(legs.at[1]), legs.resource, self.amounts,
            *self.outlook.surface(self.craft_class).arrays, float(minute), out,
        )  # fmt: skip
        return Walked(bool(is_open), float(out[0]), int(out[1]), float(out[2]))

    def end(self, minute: int) -> int:
        """Return when an open departure is over, rounded up to whole minutes."""
        if minute not in self._ends:
            self._ends[minute] = ceil(self.walked(minute).arrive_min - HAIR_MIN)
        return self._ends[minute]


class Chains:
    """The chains of an outlook, each made once: coming to load at a site, and going from it to another."""

    def __init__(self, outlook: Outlook) -> None:
        self.outlook, self.charts = outlook, outlook.charts
        self._kept: dict[tuple[str, str, str, str], Chain | None] = {}
        self._numbers = {
            mode: {place.id: n for n, place in enumerate(sites.places)} for mode, sites in self.charts.sites.items()
        }

    def coming(self, craft_class: CraftClass, start: Place, site: Place) -> Chain | None:
        """Return the passage of an empty craft to a site, loading there included; None where there is no way."""
        return self._chain("coming", craft_class, start, site)

    def carrying(self, craft_class: CraftClass, site: Place, to: Place) -> Chain | None:
        """Return the passage of a loaded craft to a site, unloading there included; None where there is no way."""
        return self._chain("carrying", craft_class, site, to)

    def fits(self, craft_class: CraftClass, site: Place) -> bool:
        """Say whether a class could ever use a site, the weather aside."""
        sites = self.charts.sites[craft_class.mode]
        number = self._numbers[craft_class.mode].get(site.id)
        if number is None:
            return False
        found = sites.sites[number]
        offered = getattr(found, "berthing", frozenset({"helipad"}))
        return bool(craft_class.berthing & offered)

    def _chain(self, purpose: str, craft_class: CraftClass, a: Place, b: Place) -> Chain | None:
        key = purpose, craft_class.id, a.id, b.id
        if key not in self._kept:
            legs = self._legs(purpose, craft_class, a, b)
            self._kept[key] = None if legs is None else Chain(self.outlook, craft_class, legs)
        return self._kept[key]

    def _legs(self, purpose: str, craft_class: CraftClass, a: Place, b: Place) -> list[OneLeg] | None:
        numbers = self._numbers[craft_class.mode]
        if b.id not in numbers or not self.fits(craft_class, b):
            return None
        resources = self.charts.sites[craft_class.mode].resources
        here, there = numbers.get(a.id), numbers[b.id]
        legs: list[OneLeg] = []
        if a.id != b.id:
            over = self.charts.ways(craft_class).between(a, b)
            if over is None:
                return None
            if here is not None:
                legs += [
                    (resources.site(here), LegKind.MOMENT, 0.0, 0.0),
                    (resources.tide(here), LegKind.MOMENT, 0.0, 0.0),
                ]
            legs += over
        legs.append((resources.tide(there), LegKind.MOMENT, 0.0, 0.0))
        if purpose == "coming":
            legs.append((resources.site(there), LegKind.MOMENT, 0.0, float(load_minutes(craft_class))))
        else:
            legs.append((resources.site(there), LegKind.UNLOAD, 0.0, 0.0))
        return legs
