"""Judge an isolation report without the engine: every last departure is walked again, every move is followed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from math import ceil

from data.forces import FREE
from data.forecast_gaps import filled
from data.geography import Place, Region
from data.isolation import IslandOutlook, IsolationReport, Move, MoveTrip, Passage
from data.situation import Situation
from data.text import Text
from routing.deploy.lane_book import LaneBook
from routing.isolate.check_walk import HAIR, MINUTE, Walker

# By how much an arrival may differ by rounding.
TOLERANCE = timedelta(minutes=1)
# A bridge that shuts within a minute is shut for all of it.
BRIDGE_ROUNDING = timedelta(seconds=59)
SEATS_OF_STORES = {
    "water_m3": 0.1, "food_person_days": 100.0, "generator_kw": 5.0, "fuel_l": 100.0, "medicine_kits": 5.0,
}  # fmt: skip


class ReportCheck:
    """Checks one report against the situation it was made from."""

    def __init__(
        self, report: IsolationReport, situation: Situation, region: Region, book: LaneBook, havens: frozenset[str]
    ) -> None:
        self.report, self.situation, self.region = report, situation, region
        forecast = situation.forecast
        whole = filled(forecast, region) if forecast is not None and forecast.hours else None
        self.walker = Walker(region, book, whole, situation.closures, havens)
        self.craft = {state.craft.id: state for state in situation.craft}

    def faults(self) -> tuple[Text, ...]:
        """Return every fault found, none for a report that may be shown."""
        found = [fault for island in self.report.islands for fault in self._island(island)]
        return (*found, *self._moves())

    def _island(self, island: IslandOutlook) -> Iterator[Text]:
        last = island.last_safe_departure
        if last.low and last.likely and last.high and not last.low <= last.likely:
            yield _fault(island.name, "最早的最晚离港晚于可能值", "its earliest last departure is after the likely one")
        if island.last_departure and island.last_departure.depart_at != last.likely:
            yield _fault(island.name, "最晚离港与最后一班不符", "its last departure is not at its last safe departure")
        passages = [(island.last_departure, None), (island.last_out_and_back, last.likely)]
        for row in island.rows:
            if row.last_departure is not None:
                passages += [(row.last_departure, None), (row.last_out_and_back, row.last_departure.depart_at)]
        for passage, until in dict.fromkeys(passages):
            if passage is not None:
                yield from self._passage(island, passage, until)

    def _passage(self, island: IslandOutlook, passage: Passage, until: datetime | None) -> Iterator[Text]:
        """A last departure is safe to its end, is over when it says, and a minute later is no longer safe.

        With ``until`` it goes out and back, and has to leave the island by then; else a minute later its pier may be
        out of reach because the bridges to it are shut.
        """
        end = self._end(passage, passage.depart_at, until)
        what = f"{passage.craft_class} {passage.from_site} > {passage.to_site}"
        if end is None:
            yield _fault(island.name, f"最后一班并不安全:{what}", f"a last departure is not safe: {what}")
            return
        if abs(end - passage.arrive_at) > TOLERANCE:
            yield _fault(island.name, f"抵达时刻不符:{what}", f"it does not arrive when it says: {what}")
        haven = self.region.place(passage.to_site if until is None else passage.from_site).island_id
        # Where the road onwards ends it, the bridges shut on the careful side, to the minute.
        later = passage.depart_at + (MINUTE if haven in self.walker.havens else 2 * MINUTE)
        if later >= self.report.horizon_to or self._end(passage, later, until) is None:
            return
        pier = self.region.place(passage.from_site).island_id
        if until is not None or pier in self.walker.reached(island.island_id, later + BRIDGE_ROUNDING):
            yield _fault(island.name, f"一分钟后仍可离港:{what}", f"a minute later is still safe: {what}")

    def _end(self, passage: Passage, depart: datetime, until: datetime | None) -> datetime | None:
        """Return when a passage begun at a moment is over, None if it is not safe."""
        kind = self.region.craft_classes[passage.craft_class]
        start, end = self.region.place(passage.from_site), self.region.place(passage.to_site)
        if until is None:
            return self.walker.arrival(kind, start, end, depart, onward=True)
        back = self.walker.back(kind, start, end, depart)
        return None if back is None or back[0] > until + HAIR else back[1]

    def _moves(self) -> Iterator[Text]:
        """Craft are there, not overloaded, never in two places; ways are open, berths suffice; latest starts hold."""
        by_craft: dict[str, dict[datetime, tuple[MoveTrip, float]]] = {}
        groups: list[str] = []
        for move in self.report.moves:
            groups += move.group_ids
            if abs(sum(trip.carried for trip in move.trips) - move.amount) > 0.5 + 0.1 * len(move.trips):
                yield _fault(move.name, "各趟之和与数量不符", "its trips do not add up to its amount")
            for trip in move.trips:
                trips = by_craft.setdefault(trip.craft_id, {})
                before = trips.get(trip.load_at)
                trips[trip.load_at] = trip, self._seats(move, trip) + (before[1] if before else 0.0)
        if len(groups) != len(set(groups)):
            yield Text("有警组被派往两处", "a group is sent to two places")
        for craft_id, trips in by_craft.items():
            yield from self._craft(craft_id, [trips[moment] for moment in sorted(trips)])
        yield from self._berths([trip for trips in by_craft.values() for trip, _ in trips.values()])
        for move in self.report.moves:
            yield from self._latest(move)

    def _seats(self, move: Move, trip: MoveTrip) -> float:
        if move.what != "stores":
            return trip.carried
        item = next((one for one in SEATS_OF_STORES if move.id.endswith(one)), None)
        return trip.carried / SEATS_OF_STORES[item] if item else trip.carried

    def _craft(self, craft_id: str, trips: list[tuple[MoveTrip, float]]) -> Iterator[Text]:
        state = self.craft.get(craft_id)
        name = Text(craft_id, craft_id)
        if state is None or state.status not in FREE or state.excluded is not None:
            yield _fault(name, "不可调用", "cannot be used")
            return
        kind = self.region.craft_classes[state.craft.class_id]
        free = self.report.at + (state.ready_in_min + state.craft.notice_min) * MINUTE
        for number, (trip, seats) in enumerate(trips):
            if seats > kind.seats + 0.5:
                yield _fault(name, f"超载:{seats:.0f} 人", f"carries {seats:.0f}, more than its seats")
            if trip.leaves_at < free:
                yield _fault(name, "同时在两处", "is in two places at once")
            if number and trip.start_site != trips[number - 1][0].to_site:
                yield _fault(name, "未从上一趟的终点出发", "does not start where its last trip ended")
            yield from self._trip(name, trip)
            free = trip.done_at

    def _trip(self, name: Text, trip: MoveTrip) -> Iterator[Text]:
        kind = self.region.craft_classes[trip.craft_class]
        loaded = self.walker.loaded(kind, self._place(trip), self.region.place(trip.from_site), trip.leaves_at)
        if loaded is None or loaded > trip.depart_at + TOLERANCE:
            yield _fault(name, f"到不了{trip.from_name.zh}", f"cannot come to {trip.from_name.en} in time")
        start, end = self.region.place(trip.from_site), self.region.place(trip.to_site)
        done = self.walker.arrival(kind, start, end, trip.depart_at, onward=False)
        if done is None or abs(done - trip.done_at) > TOLERANCE:
            yield _fault(
                name,
                f"{trip.from_name.zh} → {trip.to_name.zh} 不安全",
                f"{trip.from_name.en} > {trip.to_name.en} is not safe",
            )

    def _place(self, trip: MoveTrip) -> Place:
        if trip.start_site in self.region.piers or trip.start_site in self.region.helipads:
            return self.region.place(trip.start_site)
        state = self.craft[trip.craft_id]
        return Place(
            id=trip.start_site, kind="field", name=trip.start_name, island_id="",
            lon_deg=state.lon_deg, lat_deg=state.lat_deg,
        )  # fmt: skip

    def _berths(self, trips: list[MoveTrip]) -> Iterator[Text]:
        taken: dict[str, list[tuple[datetime, datetime]]] = {}
        for trip in trips:
            taken.setdefault(trip.from_site, []).append((trip.load_at, trip.depart_at))
            taken.setdefault(trip.to_site, []).append((trip.arrive_at, trip.done_at))
        for site_id, spans in taken.items():
            pier, pad = self.region.piers.get(site_id), self.region.helipads.get(site_id)
            berths = pier.berths if pier else pad.pads if pad else 0
            if any(sum(first <= at < last for first, last in spans) > berths for at, _ in spans):
                name = self.region.place(site_id).name
                yield _fault(name, "船位不够", "has not berths enough")

    def _latest(self, move: Move) -> Iterator[Text]:
        """Every craft of a move may start as late as the move says, and still make all its trips for it."""
        by_craft: dict[str, list[MoveTrip]] = {}
        for trip in move.trips:
            by_craft.setdefault(trip.craft_id, []).append(trip)
        for trips in by_craft.values():
            free = move.latest_start_at
            for trip in sorted(trips, key=lambda one: one.leaves_at):
                kind = self.region.craft_classes[trip.craft_class]
                start, end = self.region.place(trip.from_site), self.region.place(trip.to_site)
                loaded = self.walker.loaded(kind, self._place(trip), start, max(free, trip.leaves_at))
                depart = None if loaded is None else max(_up(loaded, self.report.at), trip.depart_at)
                done = None if depart is None else self.walker.arrival(kind, start, end, depart, onward=False)
                if done is None:
                    yield _fault(
                        move.name,
                        f"{trip.craft_name.zh}最晚出动时刻过晚",
                        f"the latest start is too late for {trip.craft_name.en}",
                    )
                    break
                free = _up(done, self.report.at)


def check_report(
    report: IsolationReport, situation: Situation, region: Region, book: LaneBook, havens: frozenset[str]
) -> tuple[Text, ...]:
    """Return the faults of a report, none if it may be shown; ``havens`` are the islands people are brought to."""
    return ReportCheck(report, situation, region, book, havens).faults()


def _up(moment: datetime, start: datetime) -> datetime:
    """Return a moment rounded up to whole minutes after the start."""
    return start + ceil((moment - start - HAIR) / MINUTE) * MINUTE


def _fault(name: Text, zh: str, en: str) -> Text:
    return Text(f"{name.zh}:{zh}", f"{name.en}: {en}")
