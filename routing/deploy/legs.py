"""Turn trips and direct groups into legs with places, times, paths and early-late bands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import msgspec

from data.geography import Place
from data.plans import Leg, LegMode, LegPurpose
from routing.deploy.candidates import FIELD
from routing.deploy.compile import Compiled
from routing.deploy.evaluate import home_way_min, in_sequence, scene_minute
from routing.deploy.problem import Direct, Trip, next_open
from routing.handling import EARLY_SHARE, LATE_SHARE
from routing.network.routes import Route

# Below this a way by road is walked.
FOOT_M = 400.0


@dataclass
class LegMaker:
    """Builds the legs of one solution in time order; ids are given last."""

    compiled: Compiled
    legs: list[Leg] = field(default_factory=list)

    def make(self, trips: Sequence[Trip], directs: Sequence[Direct]) -> tuple[Leg, ...]:
        """Return every leg of a solution, numbered in order of departure."""
        for before, trip in in_sequence(trips):
            self._approach(before, trip)
            self._first_miles(trip)
            self._call(trip)
            self._carry(trip)
            self._last_mile(trip)
        for direct in directs:
            self._direct(direct)
        self.legs.sort(key=lambda leg: (leg.depart_at, leg.arrive_at, leg.craft_id or "", leg.group_ids))
        named = [msgspec.structs.replace(leg, id=f"L{n:02d}") for n, leg in enumerate(self.legs, start=1)]
        return with_bands(named)

    def _approach(self, before: Trip | None, trip: Trip) -> None:
        """The craft's empty way to the pickup, from its start or from its last landing."""
        compiled, problem = self.compiled, self.compiled.problem
        c, first = trip.craft, trip.first_pickup
        pickup = compiled.sites.pickups[first]
        if before is None:
            start = compiled.candidates.craft_at[c]
            spans = problem.closed_positions.get((c, first), ())
            depart = next_open(int(problem.craft_ready_min[c]), spans)
            took = int(problem.position_min[c, first])
        else:
            start = compiled.sites.landings[before.landing]
            spans = problem.closed_returns.get((c, before.landing, first), ())
            depart = next_open(before.land_min, spans)
            took = int(problem.return_min[c, before.landing, first])
        if start.id != pickup.id:
            self._by_craft("position", trip, start, pickup, depart, depart + took, ())

    def _first_miles(self, trip: Trip) -> None:
        """Each group's way by its own vehicles to the pickup."""
        compiled, problem = self.compiled, self.compiled.problem
        for n, g in enumerate(trip.groups):
            start, pickup = compiled.candidates.groups_at[g], compiled.sites.pickups[trip.pickup_of(g)]
            if start.id != pickup.id:
                depart = trip.set_out_min[n] if trip.set_out_min else int(problem.ready_min[g])
                arrive = depart + home_way_min(problem, g, int(problem.access_min[g, trip.pickup_of(g)]))
                self._by_road("first_mile", start, pickup, depart, arrive, (g,), trip.incident)

    def _call(self, trip: Trip) -> None:
        """The crossing from an earlier pickup to the next one, with those who boarded there."""
        if (call := trip.call) is None:
            return
        compiled = self.compiled
        took = int(compiled.problem.shift_min[trip.craft, call.pickup, trip.pickup])
        start, end = compiled.sites.pickups[call.pickup], compiled.sites.pickups[trip.pickup]
        self._by_craft("call", trip, start, end, call.depart_min, call.depart_min + took, call.groups)

    def _carry(self, trip: Trip) -> None:
        """The crossing: it arrives off the landing; where the berth is taken it waits before it unloads."""
        compiled = self.compiled
        haul = int(compiled.problem.haul_min[trip.craft, trip.pickup, trip.landing])
        self._by_craft(
            "carry",
            trip,
            compiled.sites.pickups[trip.pickup],
            compiled.sites.landings[trip.landing],
            trip.depart_min,
            trip.depart_min + haul,
            trip.groups,
        )

    def _last_mile(self, trip: Trip) -> None:
        compiled, problem = self.compiled, self.compiled.problem
        landing, scene = compiled.sites.landings[trip.landing], compiled.scenes[trip.incident]
        together: dict[tuple[int, int], list[int]] = {}
        for g in trip.groups:
            together.setdefault((trip.onward_of(g), scene_minute(problem, trip, g)), []).append(g)
        for (depart, arrive), groups in together.items():
            self._by_road("last_mile", landing, scene, depart, arrive, groups, trip.incident)

    def _direct(self, direct: Direct) -> None:
        compiled, problem = self.compiled, self.compiled.problem
        start, scene = compiled.candidates.groups_at[direct.group], compiled.scenes[direct.incident]
        depart = int(problem.ready_min[direct.group]) if direct.set_out_min is None else direct.set_out_min
        self._by_road("direct", start, scene, depart, direct.arrive_min, (direct.group,), direct.incident)

    def _by_craft(
        self,
        purpose: LegPurpose,
        trip: Trip,
        start: Place,
        end: Place,
        depart_min: int,
        arrive_min: int,
        groups: Sequence[int],
    ) -> None:
        compiled = self.compiled
        craft_class = compiled.class_of(trip.craft)
        route = compiled.travel.route(craft_class, start, end)
        assert route is not None, "the problem holds only links with a lane"
        mode: LegMode = "air" if craft_class.mode == "air" else "sea"
        leg = self._leg(purpose, mode, start, end, route, depart_min, arrive_min, groups, trip.incident)
        leg = msgspec.structs.replace(
            leg, craft_id=compiled.candidates.craft[trip.craft].craft.id, craft_class=craft_class.id
        )
        if purpose == "call" and trip.call is not None:
            leg = msgspec.structs.replace(leg, board_at=self._at(trip.call.board_min))
        if purpose == "carry":
            leg = msgspec.structs.replace(leg, board_at=self._at(trip.board_min), unloaded_at=self._at(trip.land_min))
        self.legs.append(leg)

    def _by_road(
        self,
        purpose: LegPurpose,
        start: Place,
        end: Place,
        depart_min: int,
        arrive_min: int,
        groups: Sequence[int],
        incident: int,
    ) -> None:
        route = _walk(start, end) if start.id.startswith(FIELD) else self.compiled.travel.road_route(start, end)
        assert route is not None, "the problem holds only links with a road"
        mode: LegMode = "foot" if route.length_m < FOOT_M else "road"
        self.legs.append(self._leg(purpose, mode, start, end, route, depart_min, arrive_min, groups, incident))

    def _leg(
        self,
        purpose: LegPurpose,
        mode: LegMode,
        start: Place,
        end: Place,
        route: Route,
        depart_min: int,
        arrive_min: int,
        groups: Sequence[int],
        incident: int,
    ) -> Leg:
        states = [self.compiled.candidates.groups[g] for g in groups]
        return Leg(
            id="",
            purpose=purpose,
            mode=mode,
            craft_id=None,
            craft_class=None,
            group_ids=tuple(state.group.id for state in states),
            persons=sum(state.group.strength for state in states),
            incident_id=self.compiled.incidents[incident].id,
            from_site=start.id,
            to_site=end.id,
            from_name=start.name,
            to_name=end.name,
            depart_at=self._at(depart_min),
            arrive_at=self._at(arrive_min),
            length_m=route.length_m,
            path=route.path,
            estimate=route.estimate,
        )

    def _at(self, minute: int) -> datetime:
        return self.compiled.start_at + timedelta(minutes=minute)


def _walk(start: Place, end: Place) -> Route:
    here = (start.lon_deg, start.lat_deg)
    return Route(
        mode="road", from_site=start.id, to_site=end.id, length_m=0.0, time_s=0.0, path=(here, here), estimate=True
    )


def with_bands(legs: Sequence[Leg]) -> tuple[Leg, ...]:
    """Give each arrival its band: what its own travel time and those it waits for may be early or late by.

    A unit carries its delay from leg to leg; a trip is as late as the latest of its craft and groups, and
    early only if all of them are.
    """
    early: dict[str, timedelta] = {}
    late: dict[str, timedelta] = {}
    none = timedelta(0)
    out: dict[str, Leg] = {}
    for leg in sorted(legs, key=lambda leg: (leg.depart_at, leg.arrive_at)):
        units = ((leg.craft_id,) if leg.craft_id else ()) + leg.group_ids
        took = leg.arrive_at - leg.depart_at
        may_early = min((early.get(unit, none) for unit in units), default=none) + took * EARLY_SHARE[leg.mode]
        may_late = max((late.get(unit, none) for unit in units), default=none) + took * LATE_SHARE[leg.mode]
        for unit in units:
            early[unit], late[unit] = may_early, may_late
        out[leg.id] = msgspec.structs.replace(
            leg, arrive_early_at=leg.arrive_at - may_early, arrive_late_at=leg.arrive_at + may_late
        )
    return tuple(out[leg.id] for leg in legs)
