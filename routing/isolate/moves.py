"""The ranked list "move these before 19:30": trips of real craft, worked out by one rule anybody can follow.

Islands are served in the order in which they are cut off: forces and stores in first, then people off. The next trip is
always that of the craft which takes the most per minute of its own time, by a way that stays open from its first minute
to its last. A craft is never used twice at once, a pier never holds more craft than it has berths.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from heapq import heappop, heappush
from math import inf

import msgspec

from data.forces import FREE, CraftClass, GroupState
from data.geography import Place
from data.isolation import IslandOutlook, Move, MoveTrip, Unmet
from data.text import Text
from routing.handling import whole_minutes
from routing.isolate.chains import Chains
from routing.isolate.demands import Demand, demands_of
from routing.isolate.foresight import Foresight
from routing.isolate.kinds import kind_of
from routing.isolate.trips import Berths, CraftAt, Trip, Trips, latest_start_min
from routing.isolate.unmet import left_behind, still_short, too_late
from routing.isolate.windows import Outlook
from routing.isolate.words import ending

# How many piers of havens are looked at from each pier, nearest first. Assumed: enough to find one in the lee.
NEAREST_HAVENS = 8
# The same for where forces and stores are taken aboard.
NEAREST_STARTS = 4
# A trip that the severe outlook would shut is worth so much of one that holds. Assumed.
RISKY_SHARE = 0.5
RULE = Text(
    "转移清单:先断航的岛先排,先送入力量物资、再接出游客病患;每趟取单位时间运量最大的船,偏强时不行的航次减半计;"
    "海岛仅有的一艘船留岛;直升机只接病患",
    "moves: the island first that is cut off first, forces and stores before people; each trip by the craft that "
    "takes the most per minute, half if the severe outlook would shut it; an island's only boat stays with it; "
    "helicopters take patients only",
)


@dataclass
class Planned:
    """What is planned for one demand: trips with what each carries of it, in its own unit of seats."""

    demand: Demand
    trips: list[Trip] = field(default_factory=list)
    seats: list[int] = field(default_factory=list)

    @property
    def moved(self) -> int:
        """The seats taken."""
        return sum(self.seats)


class MovePlanner:
    """Plans the moves of one isolation forecast, by the likely outlook."""

    def __init__(self, foresight: Foresight, islands: Sequence[IslandOutlook]) -> None:
        self.foresight, self.islands, self.region = foresight, islands, foresight.region
        self.chains, self.severe = Chains(foresight.likely), Chains(foresight.severe)
        ids = [*self.region.piers, *self.region.helipads]
        self.places = {site_id: self.region.place(site_id) for site_id in ids}
        self.capacity = {pier.id: pier.berths for pier in self.region.piers.values()}
        self.capacity |= {pad.id: pad.pads for pad in self.region.helipads.values()}
        self.trips = Trips(self.chains, Berths(self.capacity))
        self.havens = foresight.charts.havens
        self.deadlines = {
            one.island_id: self._minute(one.last_safe_departure.likely)
            for one in islands
            if one.last_safe_departure.likely is not None
        }
        self.craft = self.fresh_craft()
        self._ready_at: dict[tuple[str, str, tuple[str, ...]], dict[str, int]] = {}
        self._near: dict[tuple[str, str], list[Place]] = {}

    def plan(self) -> tuple[tuple[Move, ...], tuple[Unmet, ...]]:
        """Return the moves by remaining time, and what remains unmet."""
        demands = demands_of(self.islands, self.foresight.present, self.havens, self.deadlines)
        planned = [self._serve(demand) for demand in demands]
        self._bring_home()
        moves = [self._move(one, n) for n, one in enumerate(planned) if one.trips]
        moves.sort(key=lambda move: (move.latest_start_at, move.before_at, move.id))
        ranked = tuple(msgspec.structs.replace(move, rank=n) for n, move in enumerate(moves, start=1))
        left = [(one.demand, one.moved) for one in planned if one.moved < one.demand.seats]
        lines = (
            *too_late(self.islands, self.havens, self.region.timezone),
            *(left_behind(demand, moved) for demand, moved in left),
            *still_short(self.islands, demands, self.havens, self.foresight.present),
        )
        return ranked, lines

    def _minute(self, moment: datetime) -> int:
        return round((moment - self.foresight.at) / timedelta(minutes=1))

    def _moment(self, minute: int) -> datetime:
        return self.foresight.at + timedelta(minutes=minute)

    def fresh_craft(self) -> list[CraftAt]:
        """Return the free boats and aircraft that may be sent; the only one of an island that is cut off stays."""
        present, found = self.foresight.present, []
        kept = {
            one.craft.id
            for island in self.islands
            if island.island_id in self.deadlines and island.island_id not in self.havens
            for one in present.craft(island.island_id)
            if len(present.craft(island.island_id)) == 1
        }
        for state in self.foresight.situation.craft:
            kind = self.region.craft_classes[state.craft.class_id]
            if kind_of(kind) is None or state.status not in FREE or state.excluded or state.craft.id in kept:
                continue
            here = self.places.get(state.site_id or "") or Place(
                id=f"at-{state.craft.id}",
                kind="field",
                name=Text("途中", "under way"),
                island_id="",
                lon_deg=state.lon_deg,
                lat_deg=state.lat_deg,
            )
            found.append(CraftAt(state, kind, here, state.ready_in_min + state.craft.notice_min))
        return found

    def _serve(self, demand: Demand) -> Planned:
        """Book trips for a demand until nothing is left of it or no craft can make one more."""
        planned, left = Planned(demand), demand.seats
        strengths = [state.group.strength for state in demand.groups]
        patients = demand.patients
        # What a craft takes a minute only falls as berths fill and less is left: the best of last time is looked at
        # anew first, and is the best of all if it still is no worse than the others were.
        waiting = [(-inf, craft.id, craft) for craft in self.craft]
        while left > 0 and waiting:
            _, _, craft = heappop(waiting)
            takes = self._takes(craft, demand, left, strengths, patients)
            trip = self._trip(craft, demand, takes) if takes > 0 else None
            if trip is None:
                continue
            rate = takes / (trip.done_min - craft.free_min) * (1.0 if self._holds_if_severe(trip) else RISKY_SHARE)
            if waiting and rate < -waiting[0][0]:
                heappush(waiting, (-rate, craft.id, craft))
                continue
            self.trips.book(craft, trip)
            planned.trips.append(trip)
            planned.seats.append(takes)
            left, patients = left - takes, max(0, patients - takes)
            for strength in _packed(strengths, takes):
                strengths.remove(strength)
            heappush(waiting, (-inf, craft.id, craft))
        return planned

    def _takes(self, craft: CraftAt, demand: Demand, left: int, strengths: Sequence[int], patients: int) -> int:
        """Return how many seats a craft fills: groups go whole, and by air nobody but patients."""
        seats = craft.craft_class.seats
        if craft.craft_class.mode == "air":
            return min(seats, patients)
        if demand.what == "forces":
            return sum(_packed(strengths, seats))
        return min(seats, left)

    def _trip(self, craft: CraftAt, demand: Demand, takes: int) -> Trip | None:
        """Return a craft's next trip for a demand: off the island to a haven, or from one to the island."""
        island_id = demand.island.island_id
        sites = self.sites_of(craft.craft_class.mode, island_id)
        if demand.what in ("visitors", "patients"):
            return self.trips.next_trip(craft, sites, self._havens(craft, sites, island_id), takes)
        starts = self._havens(craft, sites, island_id)[:NEAREST_STARTS]
        ready = self._ready(demand, starts)
        found = [
            trip
            for start in starts
            if (trip := self.trips.next_trip(craft, [start], sites, takes, ready[start.id])) is not None
        ]
        found.sort(key=lambda trip: (trip.done_min, trip.site.id, trip.to.id))
        return next((trip for trip in found if self._can_leave(craft, trip, island_id)), None)

    def sites_of(self, mode: str, island_id: str) -> list[Place]:
        """Return the piers or pads an island is left from, those of islands its bridges join to it included."""
        members = self.foresight.departures.members(island_id, self.deadlines.get(island_id, 0))
        kind = "pier" if mode == "sea" else "helipad"
        return [place for place in self.places.values() if place.island_id in members and place.kind == kind]

    def _can_leave(self, craft: CraftAt, trip: Trip, island_id: str) -> bool:
        """Say whether a craft that brought something in gets away again."""
        after = CraftAt(craft.state, craft.craft_class, trip.to, trip.done_min)
        return self.trips.next_trip(after, [trip.to], self._havens(craft, [trip.to], island_id), 0) is not None

    def _ready(self, demand: Demand, starts: Sequence[Place]) -> dict[str, int]:
        key = demand.island.island_id, demand.what, tuple(start.id for start in starts)
        if key not in self._ready_at:
            self._ready_at[key] = self._ready_min(demand, starts)
        return self._ready_at[key]

    def _ready_min(self, demand: Demand, starts: Sequence[Place]) -> dict[str, int]:
        """Return when who goes in can be at each pier: notice, and the road there; stores lie ready at every pier."""
        if not demand.groups or not starts:
            return {start.id: 0 for start in starts}
        heres = [self.standing_at(state) for state in demand.groups]
        situation, far = self.foresight.situation, self.foresight.num_minutes
        road_s = self.foresight.charts.network.road_times_s(
            heres, list(starts), situation.closures, self.foresight.likely.forecast, situation.at
        )
        notice = [state.ready_in_min + state.group.notice_min for state in demand.groups]
        return {
            start.id: max(
                wait + (whole_minutes(float(seconds)) if seconds < far * 60 else far)
                for wait, seconds in zip(notice, road_s[:, n], strict=True)
            )
            for n, start in enumerate(starts)
        }

    def standing_at(self, state: GroupState) -> Place:
        """Return where a group stands as a place roads lead from."""
        return Place(
            id=f"at-{state.group.id}",
            kind="station",
            name=state.group.call_sign,
            island_id=self._island_of(state.site_id),
            lon_deg=state.lon_deg,
            lat_deg=state.lat_deg,
        )

    def chains_of(self, outlook: Outlook) -> Chains:
        """Return the chains under an outlook."""
        if outlook is self.foresight.severe:
            return self.severe
        return self.chains if outlook is self.foresight.likely else Chains(outlook)

    def _island_of(self, site_id: str | None) -> str:
        return self.region.place(site_id).island_id if site_id else ""

    def _havens(self, craft: CraftAt, sites: Sequence[Place], island_id: str) -> list[Place]:
        """Return the sites on havens a craft could use, nearest to the island first."""
        mode = craft.craft_class.mode
        key = f"{mode} {craft.craft_class.id}", island_id
        if key not in self._near:
            found = [
                place
                for place in self.places.values()
                if place.island_id in self.havens
                and place.island_id != island_id
                and (place.kind == "pier") == (mode == "sea")
                and self.chains.fits(craft.craft_class, place)
            ]
            lengths = self._metres(craft.craft_class, sites, found)
            found.sort(key=lambda place: (lengths[place.id], place.id))
            self._near[key] = [place for place in found if lengths[place.id] < inf][:NEAREST_HAVENS]
        return self._near[key]

    def _metres(self, craft_class: CraftClass, sites: Sequence[Place], places: Sequence[Place]) -> dict[str, float]:
        """Return how far each place is from the nearest of some sites, infinite where there is no way."""
        if not sites or not places:
            return {place.id: inf for place in places}
        book = self.foresight.charts.book
        if craft_class.mode == "air":
            return {place.id: min(book.flight(craft_class, site, place).length_m for site in sites) for place in places}
        nearest = book.zone_metres(sites, places).sum(axis=2).min(axis=0)
        return {place.id: float(metres) for place, metres in zip(places, nearest, strict=True)}

    def _bring_home(self) -> None:
        """Give every craft whose last trip ends on an island that is cut off a way back, empty."""
        for craft in self.craft:
            if not craft.trips or craft.place.island_id not in self.deadlines or craft.place.island_id in self.havens:
                continue
            away = self._havens(craft, [craft.place], craft.place.island_id)
            trip = self.trips.next_trip(craft, [craft.place], away, 0)
            if trip is not None:
                self.trips.book(craft, trip)

    def _move(self, planned: Planned, number: int) -> Move:
        demand, trips = planned.demand, planned.trips
        island, first = demand.island, trips[0]
        share = demand.amount / demand.seats
        by_craft = {craft.id: craft for craft in self.craft}
        starts = {}
        for trip in trips:
            if trip.craft not in starts:
                all_trips = by_craft[trip.craft].trips
                starts[trip.craft] = latest_start_min(all_trips[all_trips.index(trip) :])
        classes = {trip.craft: by_craft[trip.craft].craft_class for trip in trips}
        carried: dict[str, int] = {}
        for trip, seats in zip(trips, planned.seats, strict=True):
            carried[classes[trip.craft].id] = carried.get(classes[trip.craft].id, 0) + seats
        most = max(carried, key=lambda class_id: (carried[class_id], class_id))
        kind = self.region.craft_classes[most]
        # By its own craft's last departure: of the class that carries the most, the pier that shuts first.
        tightest = min(
            (trip for trip in trips if classes[trip.craft].id == most),
            key=lambda trip: (trip.carrying.open_until(trip.depart_min), trip.craft),
        )
        before = tightest.carrying.open_until(tightest.depart_min)
        latest = min(starts.values())
        amount = min(demand.amount, planned.moved * share)
        names = {one: by_craft[one].state.craft.call_sign for one in classes}
        return Move(
            id=f"move-{number + 1:02d}-{island.island_id}-{demand.what}{'-' + demand.store if demand.store else ''}",
            rank=0,
            island_id=island.island_id,
            island_name=island.name,
            what=demand.what,
            name=demand.name,
            amount=round(amount, 1),
            wanted=round(demand.amount, 1),
            unit=demand.unit,
            from_site=first.site.id,
            from_name=first.site.name,
            to_site=first.to.id,
            to_name=first.to.name,
            craft_ids=tuple(classes),
            craft_names=tuple(names.values()),
            craft_class=kind.id,
            class_name=kind.name,
            trips=tuple(
                self._trip_words(trip, seats * share, names[trip.craft])
                for trip, seats in zip(trips, planned.seats, strict=True)
            ),
            latest_start_at=self._moment(latest),
            before_at=self._moment(before),
            left_min=latest,
            reason=self._reason(tightest, before),
            fits=planned.moved >= demand.seats,
            severe_before_at=self._severe_before(trips, tightest),
            group_ids=tuple(state.group.id for state in demand.groups),
        )

    def _holds_if_severe(self, trip: Trip) -> bool:
        """Say whether a trip as timed is open by the severe outlook too."""
        kind = trip.carrying.craft_class
        coming = self.severe.coming(kind, trip.start, trip.site)
        carrying = self.severe.carrying(kind, trip.site, trip.to)
        return (
            coming is not None
            and carrying is not None
            and coming.walked(trip.leave_min).is_open
            and carrying.walked(trip.depart_min).is_open
        )

    def _severe_before(self, trips: Sequence[Trip], tightest: Trip) -> datetime | None:
        """Return until when the same boat may leave by the severe outlook, None if some trip would meet a limit."""
        if not all(self._holds_if_severe(trip) for trip in trips):
            return None
        carrying = self.severe.carrying(tightest.carrying.craft_class, tightest.site, tightest.to)
        return None if carrying is None else self._moment(carrying.open_until(tightest.depart_min))

    def _reason(self, trip: Trip, before: int) -> Text:
        """Return what ends the departures of the craft that has to go first."""
        kind = trip.carrying.craft_class
        later = trip.carrying.walked(before + 1)
        if later.is_open or before + 1 >= self.foresight.num_minutes:
            return Text(f"{kind.name.zh}在预判时段内一直可行", f"{kind.name.en}: open throughout")
        words = ending(self.foresight.likely, kind, trip.carrying.legs, later)[1]
        return Text(f"{kind.name.zh}此后不行:{words.zh}", f"{kind.name.en} no longer: {words.en}")

    def _trip_words(self, trip: Trip, carried: float, name: Text) -> MoveTrip:
        return MoveTrip(
            craft_id=trip.craft,
            craft_name=name,
            craft_class=trip.carrying.craft_class.id,
            start_site=trip.start.id,
            start_name=trip.start.name,
            from_site=trip.site.id,
            from_name=trip.site.name,
            to_site=trip.to.id,
            to_name=trip.to.name,
            leaves_at=self._moment(trip.leave_min),
            load_at=self._moment(trip.load_min),
            depart_at=self._moment(trip.depart_min),
            arrive_at=self._moment(trip.arrive_min),
            done_at=self._moment(trip.done_min),
            carried=round(carried, 1),
        )


def _packed(strengths: Sequence[int], seats: int) -> list[int]:
    """Return the groups that go aboard whole, the largest first that still fits."""
    aboard: list[int] = []
    for strength in sorted(strengths, reverse=True):
        if sum(aboard) + strength <= seats:
            aboard.append(strength)
    return aboard
