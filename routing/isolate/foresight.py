"""One isolation forecast in the making: three outlooks of one situation become a report."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import msgspec
import numpy as np
from numpy.typing import NDArray

from data.forecast_gaps import filled
from data.forecast_spread import outlooks
from data.isolation import (
    KIND_NAMES,
    ForecastNote,
    HoursSpread,
    IslandOutlook,
    IsolationReport,
    MomentSpread,
    NextClosing,
    Passage,
    Standing,
)
from data.situation import Situation
from data.text import Text
from data.weather import Forecast
from routing.isolate.assumed import what_is_assumed
from routing.isolate.departures import Departures, Spell, cut_off, lasting_spells
from routing.isolate.kinds import classes_at_hand
from routing.isolate.rows import Rows
from routing.isolate.who import Present
from routing.isolate.windows import Charts, Outlook

Bools = NDArray[np.bool_]
STANDING_ORDER: tuple[Standing, ...] = ("cut_off", "closing", "open", "joined", "unknown")


class Foresight:
    """The outlooks of one situation; without a forecast all three are calm and clear."""

    def __init__(self, charts: Charts, situation: Situation, hours: int) -> None:
        self.charts, self.region, self.situation = charts, charts.region, situation
        self.num_minutes = hours * 60 + 1
        self.at = situation.at
        self.kinds = classes_at_hand(self.region, situation.craft)
        self.present = Present(situation, self.region, charts.network)
        self.spread_assumes: tuple[Text, ...] = ()
        self.mild, self.likely, self.severe = self._outlooks()
        self.departures = Departures(self.likely)
        self.rows = Rows(self.departures, self.kinds)
        self.spells: dict[str, tuple[list[Spell], list[Spell], list[Spell]]] = {}

    @property
    def horizon_to(self) -> datetime:
        """The end of what is foreseen."""
        return self.at + timedelta(minutes=self.num_minutes - 1)

    def report(self) -> IsolationReport:
        """Return the report, its islands in the order of being cut off."""
        mild, likely, severe = (self._any_open(one) for one in (self.mild, self.likely, self.severe))
        islands = []
        for island_id in self.region.islands:
            row = self.charts.row[island_id]
            spells = lasting_spells(mild[row]), lasting_spells(likely[row]), lasting_spells(severe[row])
            if self._is_unknown(island_id):
                spells = [], [], []
            self.spells[island_id] = spells
            islands.append(self._island(island_id, spells, likely[row]))
        islands.sort(key=_order)
        ranked = tuple(msgspec.structs.replace(one, rank=n) for n, one in enumerate(islands, start=1))
        return IsolationReport(
            id=f"isolation-{self._digest()}",
            region_id=self.region.id,
            scenario_id=self.situation.scenario_id,
            at=self.at,
            horizon_to=self.horizon_to,
            forecast=_note(self.situation.forecast),
            islands=ranked,
            moves=(),
            unmet=(),
            next_closing=next_closing(ranked, self.at),
            visitors_total=sum(one.visitors.persons or 0 for one in ranked if one.standing in ("closing", "cut_off")),
            visitors_planned=0,
            assumptions=what_is_assumed(self.likely, self.kinds, self.present, ranked, self.spread_assumes),
            faults=(),
        )

    def _outlooks(self) -> tuple[Outlook, Outlook, Outlook]:
        forecast = self.situation.forecast
        if forecast is None or not forecast.hours:
            calm = self._outlook(None)
            return calm, calm, calm
        three = outlooks(filled(forecast, self.region))
        self.spread_assumes = three.assumptions
        return self._outlook(three.mild), self._outlook(three.likely), self._outlook(three.severe)

    def _outlook(self, forecast: Forecast | None) -> Outlook:
        return Outlook(self.charts, forecast, self.situation.closures, self.at, self.num_minutes)

    def _any_open(self, outlook: Outlook) -> Bools:
        """Return the minutes at which anything, by bridge, sea or air, leaves each island for a haven."""
        found = np.zeros((len(self.charts.islands), self.num_minutes), bool)
        for island_id, joined in outlook.with_haven.items():
            found[self.charts.row[island_id]] = joined
        for classes in self.kinds.values():
            for craft_class in classes:
                found |= outlook.by_island(craft_class)
        return found

    def _island(
        self, island_id: str, spells: tuple[list[Spell], list[Spell], list[Spell]], is_open: Bools
    ) -> IslandOutlook:
        island, present, likely = self.region.islands[island_id], self.present, spells[1]
        hours = [sum(spell.hours(self.num_minutes) for spell in some) for some in spells]
        last = self._last_safe(spells)
        end_min = likely[0].from_min - 1 if likely else None
        off, back = self._last(island_id, end_min)
        return IslandOutlook(
            island_id=island_id,
            name=island.name,
            lon_deg=island.lon_deg,
            lat_deg=island.lat_deg,
            rank=0,
            standing=self._standing(island_id, likely),
            joined_by=self._bridges(island_id, 0),
            last_by_bridges=self._last_by_bridges(island_id, end_min),
            last_safe_departure=last,
            left_min=None if last.likely is None else round((last.likely - self.at) / timedelta(minutes=1)),
            last_departure=off,
            last_out_and_back=back,
            hours_cut_off=HoursSpread(low=round(min(hours), 2), likely=round(hours[1], 2), high=round(max(hours), 2)),
            cut_offs=tuple(cut_off(one, self.at, self.num_minutes, self.departures.valid_to) for one in likely),
            reopens=self._reopens(spells),
            spans=self.rows.whole(island_id, is_open),
            rows=tuple(self.rows.row(island_id, kind) for kind in self.kinds),
            residents=present.residents(island_id),
            visitors=present.count(island_id, "visitors"),
            workers=present.count(island_id, "workers"),
            patients=present.count(island_id, "patients"),
            forces=present.forces(island_id),
            craft=present.craft_counts(island_id),
            stores=present.stores(island_id),
            missing=present.missing(island_id, hours[1]) if likely else (),
        )

    def _is_unknown(self, island_id: str) -> bool:
        """Say whether no pier, pad or bridge of an island is listed, so that nothing can be said of it."""
        reach = any(island_id in self.charts.sites[mode].islands for mode in ("sea", "air"))
        bridges = (bridge for bridge in self.region.bridges.values() if bridge.usable)
        return not reach and not any(island_id in (one.from_island, one.to_island) for one in bridges)

    def _standing(self, island_id: str, likely: Sequence[Spell]) -> Standing:
        if self._is_unknown(island_id):
            return "unknown"
        if likely:
            return "cut_off" if likely[0].from_min == 0 else "closing"
        return "joined" if self.likely.with_haven[island_id].all() else "open"

    def _last_by_bridges(self, island_id: str, end_min: int | None) -> tuple[Text, ...]:
        """Return the bridges by which an island can be left last, none if a boat or aircraft leaves later."""
        if end_min is None or end_min < 0 or not self.likely.with_haven[island_id][end_min]:
            return ()
        return self._bridges(island_id, end_min)

    def _bridges(self, island_id: str, minute: int) -> tuple[Text, ...]:
        """Return the bridges of an island that are open at a minute."""
        shut = self.likely.joined.shut
        return tuple(
            bridge.name
            for bridge in self.region.bridges.values()
            if bridge.usable
            and island_id in (bridge.from_island, bridge.to_island)
            and not any(first <= minute < last for first, last in shut[bridge.id])
        )

    def _last_safe(self, spells: tuple[list[Spell], list[Spell], list[Spell]]) -> MomentSpread:
        """Return the last safe departure by outlook; by the severe one "now" where nothing leaves any more."""
        mild, likely, severe = ([one.from_min - 1 for one in some[:1]] for some in spells)
        if likely and likely[0] < 0:
            return MomentSpread(low=None, likely=None, high=self._moment(mild, allowed_from=0))
        return MomentSpread(
            low=self._moment([max(0, minute) for minute in severe]),
            likely=self._moment(likely),
            high=self._moment(mild),
        )

    def _reopens(self, spells: tuple[list[Spell], list[Spell], list[Spell]]) -> MomentSpread:
        mild, likely, severe = ([one.to_min for one in some[:1] if one.to_min is not None] for some in spells)
        return MomentSpread(low=self._moment(mild), likely=self._moment(likely), high=self._moment(severe))

    def _moment(self, minutes: Sequence[int], allowed_from: int = 0) -> datetime | None:
        return self.at + timedelta(minutes=minutes[0]) if minutes and minutes[0] >= allowed_from else None

    def _last(self, island_id: str, end_min: int | None) -> tuple[Passage | None, Passage | None]:
        """Return the last passage of any class before the island is cut off, and the last out and back."""
        if end_min is None or end_min < 0 or self.likely.with_haven[island_id][end_min]:
            return None, None
        return self.rows.last_by(island_id, self.kinds, end_min)

    def _digest(self) -> str:
        asked = f"{self.situation.content_hash()} {self.num_minutes} {sorted(self.charts.havens)}"
        return hashlib.sha256(asked.encode()).hexdigest()[:12]


def next_closing(islands: Sequence[IslandOutlook], at: datetime) -> NextClosing | None:
    """Return the next row of any island to close after a moment."""
    closings = (
        NextClosing(
            island_id=island.island_id,
            island_name=island.name,
            kind=row.kind,
            kind_name=KIND_NAMES[row.kind],
            at=span.from_at,
            reason=span.reason,
        )
        for island in islands
        for row in island.rows
        for before, span in zip(row.spans, row.spans[1:], strict=False)
        if span.state == "closed" and before.state != "closed" and span.from_at > at
    )
    read: Callable[[NextClosing], datetime] = lambda closing: closing.at  # noqa: E731
    return min(closings, key=read, default=None)


def _order(one: IslandOutlook) -> tuple[int, float, str]:
    last = one.last_safe_departure.likely
    soonest = last.timestamp() if last is not None else -one.hours_cut_off.likely
    return STANDING_ORDER.index(one.standing), soonest, one.island_id


def _note(forecast: Forecast | None) -> ForecastNote | None:
    if forecast is None:
        return None
    return ForecastNote(
        id=forecast.id,
        issued_at=forecast.issued_at,
        valid_to=forecast.valid_to,
        author=forecast.author,
        source=forecast.source,
    )
