"""Make the legs of a re-planned answer: what has begun as it is told in the plan in force, the rest anew.

Who is sent elsewhere on the way turns round, goes back where it came from, and on from there: one leg whose path says
so. Legs that stay keep their ids.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cached_property

import msgspec

from data.geography import Place
from data.plans import Leg, LegPurpose
from routing.deploy.evaluate import home_way_min, in_sequence
from routing.deploy.legs import LegMaker, with_bands
from routing.deploy.problem import Direct, Trip, next_open
from routing.network.routes import Route
from routing.replan.ahead import Ahead
from routing.replan.plans import Rows
from routing.replan.stored import PlanUnderWay
from routing.replan.turning import turned_back


class ReplannedLegs(LegMaker):
    """Builds the legs of one answer from the problem left and the legs of the plan in force."""

    def __init__(self, under_way: PlanUnderWay, ahead: Ahead) -> None:
        super().__init__(replace(under_way.before, travel=under_way.now.travel, problem=ahead.left))
        self.under_way, self.ahead = under_way, ahead

    def make(self, trips: Sequence[Trip], directs: Sequence[Direct]) -> tuple[Leg, ...]:
        """Return every leg of the whole plan in order of departure, with bands."""
        begun = set(self.ahead.under_way.trips)
        for before, trip in in_sequence(trips):
            if trip in begun:
                self._begun(trip)
            else:
                self._come(before if before not in begun else None, trip)
                for g in trip.groups:
                    self._to_pickup(trip, g)
                self._carry(trip)
                self._last_mile(trip)
        for direct in directs:
            self._drive(direct)
        self.legs.sort(key=lambda leg: (leg.depart_at, leg.arrive_at, leg.craft_id or "", leg.group_ids))
        return with_bands(self._named())

    def _named(self) -> list[Leg]:
        """Give legs that are as in the plan in force their ids, and new ones the numbers after those."""
        number = max((int(leg.id[1:]) for leg in self._old if leg.id[1:].isdigit()), default=0)
        known = {_unnamed(leg): leg.id for leg in self._old}
        named = []
        for leg in self.legs:
            if not leg.id and (same := known.get(_unnamed(leg))) is not None:
                leg = msgspec.structs.replace(leg, id=same)
            elif not leg.id:
                number += 1
                leg = msgspec.structs.replace(leg, id=f"L{number:02d}")
            named.append(leg)
        return named

    @property
    def _old(self) -> tuple[Leg, ...]:
        return self.under_way.plan.legs

    @cached_property
    def _rows(self) -> Rows:
        return Rows.of(self.under_way.before)

    @cached_property
    def _craft_legs(self) -> dict[int, list[tuple[Leg, ...]]]:
        """Each craft's legs of the plan in force by its trips, in order: approaches, calls, the carry."""
        found: dict[int, list[tuple[Leg, ...]]] = {}
        open_legs: dict[int, list[Leg]] = {}
        for leg in sorted(self._old, key=lambda leg: (leg.depart_at, leg.arrive_at)):
            if leg.craft_id is None:
                continue
            c = self._rows.craft[leg.craft_id]
            open_legs.setdefault(c, []).append(leg)
            if leg.purpose == "carry":
                found.setdefault(c, []).append(tuple(open_legs.pop(c)))
        return found

    def _trip_legs(self, trip: Trip) -> tuple[Leg, ...]:
        """Return a craft's legs of the trip that began at the same minute in the plan in force, empty for none."""
        for legs in self._craft_legs.get(trip.craft, ()):
            boards = [leg.board_at for leg in legs if leg.board_at is not None]
            if self._rows.minute(min(boards)) == trip.begin_min:
                return legs
        return ()

    def _group_legs(self, group: int, purpose: LegPurpose) -> list[Leg]:
        name = self.compiled.candidates.groups[group].group.id
        found = [leg for leg in self._old if leg.purpose == purpose and name in leg.group_ids]
        return sorted(found, key=lambda leg: leg.depart_at)

    def _begun(self, trip: Trip) -> None:
        """What has begun stays; where it is held up or turns away, its crossing ends later or elsewhere."""
        *approach, carry = self._trip_legs(trip)
        self.legs += approach
        for g in trip.groups:
            self.legs += self._group_legs(g, "first_mile")
        landing = self.compiled.sites.landings[trip.landing]
        if (self._at(trip.land_min), landing.id) == (carry.unloaded_at, carry.to_site):
            self.legs.append(carry)
            kept = {leg.id: leg for g in trip.groups for leg in self._group_legs(g, "last_mile")}
            self.legs += kept.values()
            return
        moored = self._at(trip.land_min - int(self.ahead.request.problem.unload_min[trip.craft]))
        if landing.id == carry.to_site:
            arrive = max(carry.arrive_at, min(moored, self._slower(carry, trip)))
            self.legs.append(msgspec.structs.replace(carry, arrive_at=arrive, unloaded_at=self._at(trip.land_min)))
        else:
            self.legs.append(self._turned_away(carry, trip, landing, moored))
        self._last_mile(trip)

    def _slower(self, carry: Leg, trip: Trip) -> datetime:
        """Return when a craft held up at sea is off its landing; it only waits there where nothing slows it down."""
        request = self.ahead.request
        was = int(request.problem.haul_min[trip.craft, trip.pickup, trip.landing])
        now = int(self.ahead.world.haul_min[trip.craft, trip.pickup, trip.landing])
        left = max(0, trip.depart_min + was - max(request.at_min, trip.depart_min))
        return carry.arrive_at + timedelta(minutes=-(-left * now // was) - left if was and now > was else 0)

    def _turned_away(self, carry: Leg, trip: Trip, landing: Place, moored: datetime) -> Leg:
        onward = self._lane(trip.craft, self.compiled.sites.pickups[trip.pickup], landing)
        path, length_m = turned_back(carry, self.under_way.at, onward.path)
        return msgspec.structs.replace(
            carry, to_site=landing.id, to_name=landing.name, path=path, length_m=length_m + onward.length_m,
            arrive_at=moored, unloaded_at=self._at(trip.land_min),
        )  # fmt: skip

    def _come(self, before: Trip | None, trip: Trip) -> None:
        """A craft's way to its next pickup: after a new trip, or from where what has begun leaves it."""
        c, left, sites = trip.craft, self.ahead.left, self.compiled.sites
        pickup = sites.pickups[trip.pickup]
        if before is not None:
            spans = left.closed_returns.get((c, before.landing, trip.pickup), ())
            depart = next_open(before.land_min, spans)
            arrive = depart + int(left.return_min[c, before.landing, trip.pickup])
            self._sail(trip, sites.landings[before.landing], pickup, depart, arrive)
            return
        spans = left.closed_positions.get((c, trip.pickup), ())
        depart = next_open(int(left.craft_ready_min[c]), spans)
        arrive = depart + int(left.position_min[c, trip.pickup])
        going, was = self._gone_ahead(c)
        berth = self.compiled.candidates.craft_at[c]
        self.legs += going
        if was is not None and was.to_site == pickup.id:
            self.legs.append(was)
        elif was is not None:
            start = self._place(was.from_site, berth)
            self.legs.append(self._bent(was, pickup, self._lane(c, start, pickup), self._at(arrive)))
        elif going:
            start = self._place(going[-1].to_site, berth)
            way_min = int(self.ahead.request.problem.position_min[c, trip.pickup])
            depart = max(self.ahead.request.at_min, min(depart, arrive - way_min))
            self._sail(trip, start, pickup, depart, arrive)
        else:
            last = [t for t in self.ahead.under_way.trips if t.craft == c]
            start = sites.landings[max(last, key=lambda t: t.land_min).landing] if last else berth
            self._sail(trip, start, pickup, depart, arrive)

    def _sail(self, trip: Trip, start: Place, end: Place, depart_min: int, arrive_min: int) -> None:
        if start.id != end.id:
            self._by_craft("position", trip, start, end, depart_min, arrive_min, ())

    def _gone_ahead(self, craft: int) -> tuple[list[Leg], Leg | None]:
        """Return the legs a craft has made for a trip that has not begun or was broken off, and the one it is on."""
        begun = {t.begin_min for t in self.ahead.under_way.trips if t.craft == craft}
        for legs in self._craft_legs.get(craft, ()):
            boards = [leg.board_at for leg in legs if leg.board_at is not None]
            if self._rows.minute(min(boards)) in begun:
                continue
            ways = [leg for leg in legs if leg.purpose != "carry" and leg.depart_at < self.under_way.at]
            done = [leg for leg in ways if leg.arrive_at <= self.under_way.at]
            return done, ways[-1] if len(ways) > len(done) else None
        return [], None

    def _to_pickup(self, trip: Trip, group: int) -> None:
        """A group's way to the pickup it boards at."""
        pickup = self.compiled.sites.pickups[trip.pickup]
        self._by_road_from_here("first_mile", group, trip.incident, pickup, self._there(group, trip))

    def _there(self, group: int, trip: Trip) -> int:
        left = self.ahead.left
        way_min = home_way_min(left, group, int(left.access_min[group, trip.pickup]))
        set_out = trip.set_out_min[trip.groups.index(group)] if trip.set_out_min else 0
        if group in self.ahead.away:
            return way_min
        return max(set_out, int(left.ready_min[group])) + way_min

    def _by_road_from_here(self, purpose: LegPurpose, group: int, incident: int, end: Place, arrive_min: int) -> None:
        """Add a group's way by road from where it is to a pickup or a scene, after what it has gone already."""
        request, compiled = self.ahead.request, self.under_way.before
        home, arrive = compiled.candidates.groups_at[group], self._at(arrive_min)
        ways_gone = [leg for leg in self._group_legs(group, "first_mile") if leg.depart_at <= self.under_way.at]
        if group not in self.ahead.away or not (ways_gone or self._stands_at(group, home)):
            if home.id != end.id:
                ways = self.ahead.world
                column = self._rows.pickups.get(end.id)
                road = ways.direct_min[group, incident] if column is None else ways.access_min[group, column]
                depart = arrive_min - home_way_min(ways, group, int(road))
                self._by_road(purpose, home, end, depart, arrive_min, (group,), incident)
            return
        done = [leg for leg in ways_gone if leg.arrive_at <= self.under_way.at or leg.to_site == end.id]
        self.legs += [msgspec.structs.replace(leg, incident_id=self._incident(incident)) for leg in done]
        here = self._place(done[-1].to_site if done else home.id, home)
        if len(done) < len(ways_gone):
            route = self._road(self._place(ways_gone[-1].from_site, home), end)
            bent = self._bent(ways_gone[-1], end, route, arrive)
            self.legs.append(msgspec.structs.replace(bent, purpose=purpose, incident_id=self._incident(incident)))
        elif here.id != end.id:
            depart = min(max(request.at_min, self._stands_from(group)), arrive_min)
            self._by_road(purpose, here, end, depart, arrive_min, (group,), incident)
        if done and here.id == end.id and self.under_way.at < done[-1].arrive_at < arrive:
            self.legs[-1] = msgspec.structs.replace(self.legs[-1], arrive_at=arrive)

    def _stands_at(self, group: int, home: Place) -> bool:
        """Say whether a group waits at a pickup that is its home, so that no leg took it there."""
        pickups = self.compiled.sites.pickups
        own = [pickups[t.pickup_of(group)].id for t in self.ahead.request.trips if group in t.groups]
        return home.id in own

    def _stands_from(self, group: int) -> int:
        return max((at.from_min for at in self.ahead.under_way.at_pickup if at.group == group), default=0)

    def _drive(self, direct: Direct) -> None:
        scene = self.compiled.scenes[direct.incident]
        if direct in self.ahead.under_way.directs:
            arrive = self._at(direct.arrive_min)
            old = self._group_legs(direct.group, "direct")
            self.legs += [msgspec.structs.replace(leg, arrive_at=arrive) for leg in old]
        else:
            self._by_road_from_here("direct", direct.group, direct.incident, scene, direct.arrive_min)

    def _bent(self, was: Leg, end: Place, onward: Route, arrive: datetime) -> Leg:
        """Return a leg under way that turns round, goes back to its start, and on from there."""
        path, length_m = turned_back(was, self.under_way.at, onward.path)
        return msgspec.structs.replace(
            was, id="", to_site=end.id, to_name=end.name, arrive_at=arrive, path=path,
            length_m=length_m + onward.length_m, estimate=was.estimate or onward.estimate,
        )  # fmt: skip

    def _lane(self, craft: int, start: Place, end: Place) -> Route:
        route = self.compiled.travel.route(self.compiled.class_of(craft), start, end)
        assert route is not None, "the problem holds only links with a lane"
        return route

    def _road(self, start: Place, end: Place) -> Route:
        route = self.compiled.travel.road_route(start, end)
        assert route is not None, "the problem holds only links with a road"
        return route

    def _place(self, site_id: str, start: Place) -> Place:
        """Return a place a unit has come to: where it started, a pickup, or a landing."""
        sites = self.compiled.sites
        return next(place for place in (start, *sites.pickups, *sites.landings) if place.id == site_id)

    def _incident(self, incident: int) -> str:
        return self.compiled.incidents[incident].id


def _unnamed(leg: Leg) -> Leg:
    return msgspec.structs.replace(leg, id="", arrive_early_at=None, arrive_late_at=None)
