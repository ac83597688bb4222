"""The last departures of a class from an island, and the spells in which there is none."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from math import ceil, floor

import numpy as np
from numpy.typing import NDArray

from data.forces import CraftClass
from data.geography import Helipad, Pier
from data.isolation import CraftKind, CutOff, Passage
from data.text import Text
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

    def passage(self, kind: CraftKind, craft_class: CraftClass, island_id: str, minute: int) -> Passage | None:
        """Return the quickest passage at a minute, with what it would meet a minute later."""
        outlook, legs = self.outlook, self.charts.legs(craft_class)
        found = outlook.quickest(craft_class, self._chains_from(craft_class, island_id, minute, False), minute)
        if found is None:
            return None
        chain, arrive_min = found
        site = self._site(craft_class, int(legs.from_site[chain]))
        haven = self._site(craft_class, int(legs.to_site[chain]))
        later = outlook.walked(craft_class, chain, minute + 1)
        end: tuple[str | None, Text | None] = (None, None)
        if not later.is_open:
            end = ending(outlook, craft_class, legs, later)
        elif site.island_id != island_id:
            end = "bridge", Text(f"桥梁封闭,到不了{site.name.zh}", f"bridges shut, {site.name.en} is out of reach")
        return self._passage(kind, craft_class, (site, haven), minute, arrive_min, end)

    def out_and_back(self, kind: CraftKind, craft_class: CraftClass, island_id: str, until_min: int) -> Passage | None:
        """Return the last out-and-back that leaves the island again by a minute."""
        outlook, legs = self.outlook, self.charts.legs(craft_class, True)
        found = outlook.last_back(craft_class, self._chains_from(craft_class, island_id, until_min, True), until_min)
        if found is None:
            return None
        chain, minute = found
        site = self._site(craft_class, int(legs.from_site[chain]))
        haven = self._site(craft_class, int(legs.to_site[chain]))
        back, later = (outlook.walked(craft_class, chain, m, True) for m in (minute, minute + 1))
        end = (
            (
                "turn",
                Text("再晚出航则离岛已过最晚时刻", "later it would leave the island after the last safe departure"),
            )
            if later.is_open
            else ending(outlook, craft_class, legs, later)
        )
        return self._passage(
            kind, craft_class, (haven, site), minute, back.arrive_min, end, self._turn_at(craft_class, chain, minute)
        )

    def _passage(
        self, kind: CraftKind, craft_class: CraftClass, ends: tuple[Pier | Helipad, Pier | Helipad], minute: int,
        arrive_min: float, end: tuple[str | None, Text | None], turn_at: datetime | None = None,
    ) -> Passage:  # fmt: skip
        depart_at = self.outlook.start + timedelta(minutes=minute)
        return Passage(
            craft_kind=kind,
            craft_class=craft_class.id,
            class_name=craft_class.name,
            from_site=ends[0].id,
            from_name=ends[0].name,
            to_site=ends[1].id,
            to_name=ends[1].name,
            depart_at=depart_at,
            arrive_at=self.outlook.start + timedelta(minutes=ceil(arrive_min - 1e-6)),
            passage_min=ceil(arrive_min - minute - 1e-6),
            turn_at=turn_at,
            ended_rule=end[0],
            ended_by=end[1],
            beyond_forecast=self.valid_to is not None and depart_at >= self.valid_to,
        )

    def _chains_from(self, craft_class: CraftClass, island_id: str, minute: int, and_back: bool) -> list[int]:
        """Return the passages from an island and what bridges join to it, none that ends on the island itself."""
        to_site = self.charts.legs(craft_class, and_back).to_site
        islands = self.charts.sites[craft_class.mode].islands
        return [
            chain
            for member in self.members(island_id, minute)
            for chain in self.chains_of(craft_class, member, and_back)
            if islands[int(to_site[chain])] != island_id
        ]

    def _site(self, craft_class: CraftClass, number: int) -> Pier | Helipad:
        return self.charts.sites[craft_class.mode].sites[number]

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
