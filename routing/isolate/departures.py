"""The last departures of a class from an island, and the spells in which there is none."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from math import ceil, floor

import numpy as np
from numpy.typing import NDArray

from data.forces import CraftClass
from data.isolation import CraftKind, CutOff, Passage
from routing.isolate.passages import Ints, LegKind
from routing.isolate.spans import runs
from routing.isolate.windows import Outlook
from routing.isolate.words import ending

Bools = NDArray[np.bool_]

# Assumed: a shorter break (a shower of fog, a tide) is waited out and cuts nobody off.
LASTING_MIN = 120


@dataclass(frozen=True)
class Spell:
    """A closed spell ``[from_min, to_min)`` that lasts; ``to_min`` None where it outlasts the horizon."""

    from_min: int
    to_min: int | None

    def hours(self, num_minutes: int) -> float:
        """Return how long it is, as far as the horizon reaches."""
        return ((num_minutes if self.to_min is None else self.to_min) - self.from_min) / 60.0


def lasting_spells(is_open: Bools) -> list[Spell]:
    """Return the closed spells of two hours or longer, and one the horizon cuts short."""
    count = len(is_open)
    return [
        Spell(first, None if last == count else last)
        for first, last, value in runs(is_open.astype(np.int8))
        if not value and (last - first >= LASTING_MIN or last == count)
    ]


def last_open_min(is_open: Bools) -> int | None:
    """Return the last open minute before the first lasting closed spell; None if it never shuts, or is shut now."""
    spells = lasting_spells(is_open)
    if not spells or spells[0].from_min == 0:
        return None
    return spells[0].from_min - 1


def cut_off(spell: Spell, start: datetime, num_minutes: int, valid_to: datetime | None) -> CutOff:
    """Return a spell as it stands in the report."""
    from_at = start + timedelta(minutes=spell.from_min)
    to_at = None if spell.to_min is None else start + timedelta(minutes=spell.to_min)
    return CutOff(
        from_at=from_at,
        to_at=to_at,
        hours=round(spell.hours(num_minutes), 2),
        beyond_forecast=valid_to is not None and from_at >= valid_to,
    )


class Departures:
    """Questions about single passages under one outlook."""

    def __init__(self, outlook: Outlook) -> None:
        self.outlook, self.charts = outlook, outlook.charts
        self._chains: dict[tuple[str, bool], tuple[dict[int, list[int]], Ints]] = {}

    @cached_property
    def valid_to(self) -> datetime | None:
        """The end of the forecast's validity."""
        return self.outlook.forecast.valid_to if self.outlook.forecast else None

    def chains_of(self, craft_class: CraftClass, island_id: str, and_back: bool = False) -> list[int]:
        """Return the passages from an island (or out to it and back)."""
        key = craft_class.id, and_back
        if key not in self._chains:
            charts, legs = self.charts, self.charts.legs(craft_class, and_back)
            rows = np.array([charts.row[island] for island in charts.sites[craft_class.mode].islands], np.int64)
            by_row: dict[int, list[int]] = {}
            for chain, row in enumerate(rows[legs.from_site].tolist() if legs.count else []):
                by_row.setdefault(row, []).append(chain)
            self._chains[key] = by_row, rows
        by_row, _ = self._chains[key]
        return by_row.get(self.charts.row[island_id], [])

    def members(self, island_id: str, minute: int) -> list[str]:
        """Return the islands whose piers an island leaves from at a minute: its own, and what bridges join to it.

        Where the bridges lead to a haven nobody looks for a boat on another island.
        """
        if self.outlook.with_haven[island_id][minute]:
            return [island_id]
        for first, last, groups in self.outlook.joined.stretches:
            if first <= minute < last:
                others = [one for one, group in groups.items() if group == groups[island_id] and one != island_id]
                return [island_id, *others]
        return [island_id]

    def quickest(
        self, craft_class: CraftClass, island_id: str, minute: int, and_back: bool = False
    ) -> tuple[int, float] | None:
        """Return the passage open at a minute that is over first, and when that is."""
        to_site = self.charts.legs(craft_class, and_back).to_site
        islands = self.charts.sites[craft_class.mode].islands
        chains = [
            chain
            for member in self.members(island_id, minute)
            for chain in self.chains_of(craft_class, member, and_back)
            if islands[int(to_site[chain])] != island_id
        ]
        return self.outlook.quickest(craft_class, chains, minute, and_back)

    def passage(
        self, kind: CraftKind, craft_class: CraftClass, island_id: str, minute: int, and_back: bool = False
    ) -> Passage | None:
        """Return the quickest passage at a minute, with the rule it would meet a minute later."""
        found = self.quickest(craft_class, island_id, minute, and_back)
        if found is None:
            return None
        chain, arrive_min = found
        outlook, charts = self.outlook, self.charts
        legs, sites = charts.legs(craft_class, and_back), charts.sites[craft_class.mode].sites
        site, haven = sites[int(legs.from_site[chain])], sites[int(legs.to_site[chain])]
        start, end = (haven, site) if and_back else (site, haven)
        later = outlook.walked(craft_class, chain, minute + 1, and_back)
        rule, words = (None, None) if later.is_open else ending(outlook, craft_class, legs, later)
        depart_at = outlook.start + timedelta(minutes=minute)
        return Passage(
            craft_kind=kind,
            craft_class=craft_class.id,
            class_name=craft_class.name,
            from_site=start.id,
            from_name=start.name,
            to_site=end.id,
            to_name=end.name,
            depart_at=depart_at,
            arrive_at=outlook.start + timedelta(minutes=ceil(arrive_min - 1e-6)),
            passage_min=ceil(arrive_min - minute - 1e-6),
            turn_at=self._turn_at(craft_class, chain, minute) if and_back else None,
            ended_rule=rule,
            ended_by=words,
            beyond_forecast=self.valid_to is not None and depart_at >= self.valid_to,
        )

    def _turn_at(self, craft_class: CraftClass, chain: int, minute: int) -> datetime:
        """Return when a craft out and back leaves the island again: the end of its turn there."""
        from routing.isolate.kernels import advance

        legs, surface = self.charts.legs(craft_class, True), self.outlook.surface(craft_class)
        amounts, t = self.outlook.amounts(craft_class, True), float(minute)
        for leg in range(int(legs.at[chain]), int(legs.at[chain + 1])):
            t = advance(surface.bounds, surface.rates[int(legs.resource[leg])], t, float(amounts[leg]))
            if int(legs.kind[leg]) == LegKind.TURN:
                break
        return self.outlook.start + timedelta(minutes=floor(t + 1e-6))
