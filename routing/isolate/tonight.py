"""What acting tonight is worth: who to post before islands are cut off, against waiting for a surer forecast."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from data.counts import ANY_SKILL
from data.forces import GroupState
from data.geography import Place
from data.isolation import TonightValue
from data.text import Text
from routing.handling import whole_minutes
from routing.isolate.chains import Chains
from routing.isolate.demands import STAYS_HOME
from routing.isolate.foresight import Foresight
from routing.isolate.kinds import kind_of
from routing.isolate.moves import MovePlanner
from routing.isolate.trips import Berths, CraftAt, Trips
from routing.isolate.two_stage import BOAT_POINTS, PostingProblem, check_posting
from routing.isolate.two_stage_solve import PostingResult, solve_posting

OUTLOOKS = (Text("偏弱", "mild"), Text("可能", "likely"), Text("偏强", "severe"))
# Assumed: how probable each outlook is, in hundredths; when the next forecast is out and believed; how long a group may
# take to the pier it is fetched from.
WEIGHTS = (25, 50, 25)
WAIT_MIN = 360
ASSEMBLE_MIN = 60
# Ferries are left for those who leave.
STAYING_KINDS = frozenset({"patrol_boat", "fast_boat", "landing_craft"})
ASSUMED = Text(
    f"今夜值多少:三种展望权重 25/50/25(假定);等 {WAIT_MIN // 60} 小时后展望已明;"
    f"巡逻艇、快艇、登陆艇送一次、留岛,客船留给转移,岛上原有的船不动;"
    f"缺口 = 缺人数 × 断航小时,缺一艘船算 {BOAT_POINTS} 人;游客按已离岛计;泊位不计",
    f"tonight's worth: outlooks weighted 25/50/25 (assumed); after {WAIT_MIN // 60} h it is known which holds; a boat, "
    "no ferry and none that lies at such an island, goes once and stays; a shortfall is persons lacking times hours "
    f"cut off, a boat lacking counts {BOAT_POINTS}; visitors are counted as gone, berths not at all",
)


@dataclass(frozen=True)
class _Kind:
    """Groups alike in strength, skills and station."""

    station: str
    strength: int
    skills: frozenset[str]
    states: tuple[GroupState, ...]


class Tonight:
    """The two-stage question of one isolation forecast."""

    def __init__(self, foresight: Foresight, planner: MovePlanner) -> None:
        self.foresight, self.planner, self.region = foresight, planner, foresight.region
        self.outlooks = [foresight.mild, foresight.likely, foresight.severe]
        self.islands = [
            one
            for one in self.region.islands
            if one not in foresight.charts.havens
            and any(foresight.spells[one])
            and not foresight.likely.with_haven[one].any()
        ]
        self.craft = [
            craft
            for craft in planner.fresh_craft()
            if kind_of(craft.craft_class) in STAYING_KINDS and craft.place.island_id not in self.islands
        ]
        self.pickups = [self._pickup(craft) for craft in self.craft]
        self.kinds = self._kinds()

    def value(self) -> tuple[TonightValue, tuple[Text, ...]]:
        """Return what acting tonight is worth, and the faults the solver-free check finds in either plan."""
        problem = self.problem()
        act, wait = solve_posting(problem), solve_posting(problem, act_now=False)
        faults = [
            Text(f"今夜部署:{words}", f"posting tonight: {words}")
            for result in (act, wait)
            for words in check_posting(problem, result.posting)
        ]
        wait_until = self.foresight.at + timedelta(minutes=WAIT_MIN)
        saved = wait.expected - act.expected
        return TonightValue(
            outlooks=OUTLOOKS,
            weights=tuple(weight / 100 for weight in WEIGHTS),
            wait_until=wait_until,
            act_by_outlook=act.by_forecast,
            wait_by_outlook=wait.by_forecast,
            act_expected=round(act.expected, 1),
            wait_expected=round(wait.expected, 1),
            act_worst=act.worst,
            wait_worst=wait.worst,
            bound=round(act.bound, 1),
            gap=round(act.gap, 4),
            moves=self._words(act),
            text=self._summary(saved, act, wait, wait_until),
        ), tuple(faults)

    def problem(self) -> PostingProblem:
        """Return the question as plain matrices."""
        spells = [[self.foresight.spells[one][n] for one in self.islands] for n in range(3)]
        hours = np.array(
            [[sum(spell.hours(self.foresight.num_minutes) for spell in some) for some in row] for row in spells], float
        ).reshape(3, len(self.islands))
        skills = sorted({need.what for need in self.region.standing_needs if need.kind == "persons"})
        need = np.zeros((3, len(self.islands), len(skills)), np.int64)
        boats = np.zeros((3, len(self.islands)), np.int64)
        present = self.foresight.present
        for s in range(3):
            for i, island_id in enumerate(self.islands):
                visitors = present.count(island_id, "visitors").persons or 0
                for one in present.missing(island_id, float(hours[s, i]), visitors):
                    if one.kind == "persons":
                        need[s, i, skills.index(one.what)] = round(one.short)
                    elif one.kind == "craft":
                        boats[s, i] += round(one.short)
        stations = sorted({kind.station for kind in self.kinds})
        # Safe by the severe outlook is safe by all: whatever shuts in a milder one shuts in it.
        now = self._reached(self.planner.chains_of(self.outlooks[2]), 0)
        later = np.stack([self._reached(self.planner.chains_of(one), WAIT_MIN) for one in self.outlooks])
        return PostingProblem(
            weights=np.array(WEIGHTS, np.int64),
            strength=np.array([kind.strength for kind in self.kinds], np.int64),
            count=np.array([len(kind.states) for kind in self.kinds], np.int64),
            has=np.array(
                [[skill == ANY_SKILL or skill in kind.skills for skill in skills] for kind in self.kinds], bool
            ).reshape(len(self.kinds), len(skills)),
            station=np.array([stations.index(kind.station) for kind in self.kinds], np.int64),
            spare=np.array([self._spare(station) for station in stations], np.int64),
            seats=np.array([craft.craft_class.seats for craft in self.craft], np.int64),
            rides=self._rides(),
            now=now,
            later=later,
            need=need,
            boats=boats,
            hours=hours,
        )

    def _reached(self, chains: Chains, free_min: int) -> NDArray[np.bool_]:
        """Return which craft, free from a minute on, still lands on which island: [C, I]."""
        trips = Trips(chains, Berths(self.planner.capacity))
        found = np.zeros((len(self.craft), len(self.islands)), bool)
        for c, craft in enumerate(self.craft):
            pickup = self.pickups[c]
            if pickup is None:
                continue
            free = max(free_min, craft.free_min)
            for i, island_id in enumerate(self.islands):
                waiting = CraftAt(craft.state, craft.craft_class, craft.place, free)
                sites = self.planner.sites_of("sea", island_id)
                trip = trips.next_trip(waiting, [pickup], sites, 0, free_min + ASSEMBLE_MIN)
                spells = self.foresight.spells[island_id][self.outlooks.index(chains.outlook)]
                # Before the island is cut off: not in a lull, nor when it is over.
                found[c, i] = trip is not None and (not spells or trip.done_min <= spells[0].from_min)
        return found

    def _pickup(self, craft: CraftAt) -> Place | None:
        """Return where a craft takes groups aboard: the nearest pier of a haven it can use."""
        places = [
            place
            for place in self.planner.places.values()
            if place.kind == "pier"
            and place.island_id in self.foresight.charts.havens
            and self.planner.chains.fits(craft.craft_class, place)
        ]
        if not places:
            return None
        metres = self.foresight.charts.book.zone_metres([craft.place], places).sum(axis=2)[0]
        nearest = int(np.argmin(metres))
        return places[nearest] if np.isfinite(metres[nearest]) else None

    def _kinds(self) -> list[_Kind]:
        wanted = {need.what for need in self.region.standing_needs if need.kind == "persons"} - {ANY_SKILL}
        by_key: dict[tuple[str, int, frozenset[str]], list[GroupState]] = {}
        for haven in sorted(self.foresight.charts.havens):
            for state in self.foresight.present.groups(haven):
                group = state.group
                if group.kind in STAYS_HOME or group.deck_slots or not group.skills & wanted:
                    continue
                key = group.home_site_id, group.strength, group.skills & wanted
                by_key.setdefault(key, []).append(state)
        return [_Kind(station, size, skills, tuple(some)) for (station, size, skills), some in sorted(
            by_key.items(), key=lambda item: (item[0][0], item[0][1], sorted(item[0][2]))
        )]  # fmt: skip

    def _spare(self, station_id: str) -> int:
        """Return how many groups a station may send and still keep its standing cover."""
        station = self.region.stations.get(station_id)
        there = [
            state
            for haven in self.foresight.charts.havens
            for state in self.foresight.present.groups(haven)
            if state.group.home_site_id == station_id
        ]
        return max(0, len(there) - (station.keep_groups if station else 0))

    def _rides(self) -> NDArray[np.bool_]:
        """Return which kinds of groups can all be at which craft's pickup in time, [G, C]."""
        pickups = [place for place in self.pickups if place is not None]
        found = np.zeros((len(self.kinds), len(self.craft)), bool)
        if not pickups:
            return found
        situation, network = self.foresight.situation, self.foresight.charts.network
        for g, kind in enumerate(self.kinds):
            heres = [self.planner.standing_at(state) for state in kind.states]
            road_s = network.road_times_s(
                heres, pickups, situation.closures, self.foresight.likely.forecast, situation.at
            )
            column = 0
            for c, place in enumerate(self.pickups):
                if place is None:
                    continue
                found[g, c] = all(
                    np.isfinite(seconds)
                    and state.ready_in_min + state.group.notice_min + whole_minutes(float(seconds)) <= ASSEMBLE_MIN
                    for state, seconds in zip(kind.states, road_s[:, column], strict=True)
                )
                column += 1
        return found

    def _words(self, act: PostingResult) -> tuple[Text, ...]:
        """Return who goes where by what, of what is to be done now."""
        found, left = [], {n: list(kind.states) for n, kind in enumerate(self.kinds)}
        for c, i in np.argwhere(act.posting.craft_now).tolist():
            aboard = []
            for g in np.flatnonzero(act.posting.now[:, c, i]).tolist():
                aboard += [left[g].pop(0).group.call_sign for _ in range(int(act.posting.now[g, c, i]))]
            island, sign = self.region.islands[self.islands[i]].name, self.craft[c].state.craft.call_sign
            pickup = self.pickups[c]
            start = pickup.name if pickup else Text("", "")
            zh, en = "、".join(one.zh for one in aboard), ", ".join(one.en for one in aboard)
            found.append(
                Text(
                    f"{sign.zh}:{start.zh} → {island.zh}{'，载 ' + zh if zh else ''}，留岛",
                    f"{sign.en}: {start.en} > {island.en}{', with ' + en if en else ''}, and stays",
                )
            )
        return tuple(found)

    def _summary(self, saved: float, act: PostingResult, wait: PostingResult, until: datetime) -> Text:
        clock = f"{until.astimezone(ZoneInfo(self.region.timezone)):%H:%M}"
        if saved < 0.05:
            return Text(
                f"等到 {clock} 不损失什么:期望缺口 {wait.expected:,.0f} 人·时",
                f"waiting until {clock} loses nothing: {wait.expected:,.0f} person-hours short expected",
            )
        return Text(
            f"期望缺口从 {wait.expected:,.0f} 降到 {act.expected:,.0f} 人·时,"
            f"最坏从 {wait.worst:,.0f} 降到 {act.worst:,.0f};等到 {clock} 就晚了",
            f"it lowers the expected shortfall from {wait.expected:,.0f} to {act.expected:,.0f} "
            f"person-hours, the worst from {wait.worst:,.0f} to {act.worst:,.0f}; by {clock} it is too late",
        )
