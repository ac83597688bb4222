"""An island's rows on the board: by kind of craft and as a whole, what is open, limited and closed when, and why."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from data.forces import CraftClass
from data.isolation import CraftKind, CraftRow, Passage, WindowSpan, WindowState
from data.text import Text
from routing.isolate.departures import Departures, last_open_min
from routing.isolate.spans import minute_spans, runs
from routing.isolate.surfaces import is_never_open, site_shuts
from routing.isolate.words import ending

Bools = NDArray[np.bool_]
CLOSED, LIMITED, OPEN = 0, 1, 2
STATES: tuple[WindowState, ...] = ("closed", "limited", "open")


class Rows:
    """Makes the rows of every island under the likely outlook."""

    def __init__(self, departures: Departures, kinds: dict[CraftKind, tuple[CraftClass, ...]]) -> None:
        self.departures, self.outlook, self.kinds = departures, departures.outlook, kinds
        self._fitting: dict[str, NDArray[np.bool_]] = {}

    def row(self, island_id: str, kind: CraftKind) -> CraftRow:
        """Return one row: its spans, and the last departure of the class that has the latest."""
        classes, charts = self.kinds[kind], self.outlook.charts
        row = charts.row[island_id]
        any_open = np.zeros(self.outlook.num_minutes, bool)
        all_open = np.ones(self.outlook.num_minutes, bool)
        fitting: list[tuple[CraftClass, int]] = []
        for craft_class in classes:
            any_open |= self.outlook.by_island(craft_class)[row]
            by_site = self.outlook.by_site(craft_class)
            for site in self._fitting_sites(craft_class, island_id):
                fitting.append((craft_class, site))
                all_open &= by_site[site]
        states = np.where(any_open, np.where(all_open | (not fitting), OPEN, LIMITED), CLOSED).astype(np.int8)
        spans = self._spans(states, island_id, classes, fitting)
        last, back = self.last(island_id, kind)
        return CraftRow(
            kind=kind,
            class_ids=tuple(one.id for one in classes),
            spans=spans,
            last_departure=last,
            last_out_and_back=back,
        )

    def last(self, island_id: str, kind: CraftKind) -> tuple[Passage | None, Passage | None]:
        """Return the last departure of a kind's classes, and the last out-and-back that still makes it."""
        row = self.outlook.charts.row[island_id]
        minute = last_open_min(np.any([self.outlook.by_island(one)[row] for one in self.kinds[kind]], axis=0))
        return (None, None) if minute is None else self.last_by(island_id, {kind: self.kinds[kind]}, minute)

    def last_by(
        self, island_id: str, kinds: dict[CraftKind, tuple[CraftClass, ...]], minute: int
    ) -> tuple[Passage | None, Passage | None]:
        """Return the quickest departure at a minute, and the out-and-back that begins last and leaves by it."""
        row = self.outlook.charts.row[island_id]
        off: list[Passage] = []
        back: list[Passage] = []
        for kind, classes in kinds.items():
            for craft_class in classes:
                if self.outlook.by_island(craft_class)[row, minute]:
                    one = self.departures.passage(kind, craft_class, island_id, minute)
                    off += [one] if one is not None else []
                two = self.departures.out_and_back(kind, craft_class, island_id, minute)
                back += [two] if two is not None else []
        return (
            min(off, key=lambda passage: passage.passage_min, default=None),
            max(back, key=lambda passage: (passage.depart_at, -passage.passage_min), default=None),
        )

    def whole(self, island_id: str, is_open: Bools) -> tuple[WindowSpan, ...]:
        """Return the spans of the island as a whole."""
        return tuple(
            self._span(first, last, OPEN if value else CLOSED, None) for first, last, value in self._cut(is_open)
        )

    def _fitting_sites(self, craft_class: CraftClass, island_id: str) -> list[int]:
        """Return an island's sites that a class could use at some time of the horizon, the weather aside."""
        outlook = self.outlook
        sites = outlook.charts.sites[craft_class.mode]
        if craft_class.id not in self._fitting:
            fits = []
            for site in sites.sites:
                shuts, _ = site_shuts(
                    craft_class, site, outlook.conditions, outlook.charts.book, outlook.start, outlook.horizon_to
                )
                berthing = [one for one in shuts if one.breach.limit == "berthing"]
                fits.append(not is_never_open(minute_spans(berthing, outlook.start)))
            self._fitting[craft_class.id] = np.array(fits, bool)
        return [n for n, island in enumerate(sites.islands) if island == island_id and self._fitting[craft_class.id][n]]

    def _cut(self, states: NDArray[np.generic]) -> list[tuple[int, int, int]]:
        """Return runs of one state, cut where the forecast's validity ends."""
        valid_to, start = self.departures.valid_to, self.outlook.start
        edge = len(states) if valid_to is None else int((valid_to - start) / timedelta(minutes=1))
        found = []
        for first, last, value in runs(states.astype(np.int8)):
            if first < edge < last:
                found += [(first, edge, value), (edge, last, value)]
            else:
                found.append((first, last, value))
        return found

    def _spans(
        self,
        states: NDArray[np.int8],
        island_id: str,
        classes: Sequence[CraftClass],
        fitting: Sequence[tuple[CraftClass, int]],
    ) -> tuple[WindowSpan, ...]:
        found = []
        for first, last, value in self._cut(states):
            reason = None
            if value == CLOSED:
                reason = self._why_closed(island_id, classes, first) if fitting else self._no_site(classes[0])
            elif value == LIMITED:
                reason = self._why_limited(island_id, fitting, first)
            found.append(self._span(first, last, value, reason))
        return tuple(found)

    def _span(self, first: int, last: int, value: int, reason: Text | None) -> WindowSpan:
        start, valid_to = self.outlook.start, self.departures.valid_to
        from_at: datetime = start + timedelta(minutes=first)
        return WindowSpan(
            from_at=from_at,
            to_at=start + timedelta(minutes=last),
            state=STATES[value],
            beyond_forecast=valid_to is not None and from_at >= valid_to,
            reason=reason,
        )

    def _why_closed(self, island_id: str, classes: Sequence[CraftClass], minute: int) -> Text | None:
        """Return what the first passage of the hardiest class meets at a minute."""
        for craft_class in classes[::-1]:
            legs = self.outlook.charts.legs(craft_class)
            sites = self._fitting_sites(craft_class, island_id)
            chains = [
                chain
                for chain in self.departures.chains_of(craft_class, island_id)
                if int(legs.from_site[chain]) in sites
            ]
            for chain in chains:
                walked = self.outlook.walked(craft_class, chain, minute)
                if not walked.is_open:
                    return ending(self.outlook, craft_class, legs, walked)[1]
        return Text("没有通往避险地的航路", "no way to a haven")

    def _why_limited(self, island_id: str, fitting: Sequence[tuple[CraftClass, int]], minute: int) -> Text | None:
        """Return the first class and site that are shut at a minute while another is open, and why."""
        for craft_class, site in fitting:
            legs = self.outlook.charts.legs(craft_class)
            by_site = self.outlook.by_site(craft_class)
            if by_site[site, minute]:
                continue
            for chain in self.departures.chains_of(craft_class, island_id):
                if int(legs.from_site[chain]) != site:
                    continue
                walked = self.outlook.walked(craft_class, chain, minute)
                if not walked.is_open:
                    words = ending(self.outlook, craft_class, legs, walked)[1]
                    return Text(f"{craft_class.name.zh}不行:{words.zh}", f"not {craft_class.name.en}: {words.en}")
        return Text("仅部分码头或类型可行", "some piers or classes only")

    @staticmethod
    def _no_site(craft_class: CraftClass) -> Text:
        if craft_class.mode == "air":
            return Text("无登记停机坪", "no helipad is listed")
        return Text("无登记码头可停靠", "no pier it could berth at is listed")
