"""Say why: each craft left unused, each echelon late or unmet, each pier shut, from the model's own numbers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from math import ceil, floor
from typing import Literal
from zoneinfo import ZoneInfo

import numpy as np

from data.forces import CraftClass
from data.geography import Place
from data.incidents import Echelon
from data.plans import Reason
from data.text import Text
from routing.deploy.candidates import FIELD, SpareCraft
from routing.deploy.compile import Compiled
from routing.deploy.problem import UNREACHABLE, Solution
from routing.deploy.reach import Reach
from routing.deploy.ways import can_berth
from routing.handling import METRES_A_MILE, usable_range_m

Subject = Literal["craft", "group", "echelon", "pier", "plan"]
BERTHING_WORDS = {
    "quay": Text("码头岸壁", "a quay"),
    "ramp": Text("滚装坡道", "a ramp"),
    "beach": Text("滩头", "a beach"),
    "helipad": Text("起降坪", "a helipad"),
    "field": Text("野外起降点", "a field"),
    "road": Text("道路", "a road"),
}


def explain(compiled: Compiled, solution: Solution) -> tuple[Reason, ...]:
    """Return every reason: the plan first, then echelons, piers, craft, groups."""
    words = _Words(compiled, solution)
    return (*words.of_plan(), *words.of_echelons(), *words.of_piers(), *words.of_craft(), *words.of_groups())


@dataclass
class _Words:
    compiled: Compiled
    solution: Solution

    @cached_property
    def reach(self) -> Reach:
        return self.compiled.reach

    def of_plan(self) -> Iterator[Reason]:
        """Why there is no plan at all."""
        if self.solution.status == "infeasible":
            hours = self.compiled.problem.horizon_min // 60
            yield self._reason(
                "plan",
                "plan",
                "nobody-can-come",
                f"不可行：{hours} 小时内没有任何力量能够到达。请查看下列各项原因，放宽封闭、等待窗口或改请当地力量。",
                f"infeasible: nobody can be there within {hours} h. See why below; lift a closure, wait for the "
                "weather, or ask for forces on the island.",
            )

    def of_echelons(self) -> Iterator[Reason]:
        """Why an echelon is late or never complete: who came last, or how many could come at most."""
        n = 0
        for incident, one in enumerate(self.compiled.incidents):
            for need in one.echelons:
                complete = self.solution.objective.complete_min[n]
                came = self.solution.objective.arrived[n]
                if complete is None:
                    yield self._unmet(incident, n, need, came)
                elif need.due_min is not None and complete > need.due_min:
                    yield self._late(incident, n, need, complete)
                n += 1

    def _unmet(self, incident: int, n: int, need: Echelon, came: int) -> Reason:
        problem = self.compiled.problem
        able = self.reach.arrive_min[:, incident] <= problem.horizon_min
        most = int(problem.counts_for[able, n].sum())
        skill = self._skill(need.skill)
        return self._reason(
            "echelon",
            need.id,
            "unmet",
            f"“{need.name.zh}”未能到齐：需{skill.zh} {need.persons} 人，本方案到达 {came} 人；"
            f"{problem.horizon_min // 60} 小时内可抵达的共 {most} 人（含须留守者）。",
            f"'{need.name.en}' is never complete: it asks {need.persons} {skill.en}, {came} come by this plan; "
            f"{most} could arrive within {problem.horizon_min // 60} h, standing cover included.",
        )

    def _late(self, incident: int, n: int, need: Echelon, complete: int) -> Reason:
        problem, due = self.compiled.problem, need.due_min or 0
        by = Text("陆路到达的警组", "groups coming by road")
        for trip in self.solution.trips:
            arrive = trip.land_min + int(problem.last_mile_min[trip.landing, trip.incident])
            if trip.incident == incident and arrive == complete:
                by = self.compiled.candidates.craft[trip.craft].craft.call_sign
        earliest = self._earliest(incident, n, need)
        return self._reason(
            "echelon",
            need.id,
            "late",
            f"“{need.name.zh}”{self._clock(complete)} 到齐，比要求晚 {complete - due} 分钟：最后到达的是{by.zh}；"
            f"即使力量不互相占用，最早也要 {self._clock(earliest)}。",
            f"'{need.name.en}' is complete at {self._clock(complete)}, {complete - due} min after it is due: "
            f"the last to come is {by.en}; with every craft to itself the earliest is {self._clock(earliest)}.",
        )

    def _earliest(self, incident: int, n: int, need: Echelon) -> int:
        """Return the minute by which enough could arrive if nobody shared a craft: a lower limit."""
        problem = self.compiled.problem
        minutes, persons = self.reach.arrive_min[:, incident], 0
        for g in np.argsort(minutes, kind="stable"):
            persons += int(problem.counts_for[g, n])
            if persons >= need.persons:
                return int(minutes[g])
        return UNREACHABLE

    def of_piers(self) -> Iterator[Reason]:
        """Which piers of the incidents' islands are shut at the start, and by what."""
        compiled, here = self.compiled, self.compiled.situation
        islands = {scene.island_id for scene in compiled.scenes}
        for pier in compiled.region.piers.values():
            if pier.island_id not in islands:
                continue
            state = compiled.travel.network.pier_state(pier, None, here.forecast, here.closures, here.at)
            if state.status == "closed" and state.text is not None:
                yield self._reason(
                    "pier", pier.id, "pier-closed", f"{pier.name.zh}不可用：{state.text.zh}",
                    f"{pier.name.en} is shut: {state.text.en}",
                )  # fmt: skip

    def of_craft(self) -> Iterator[Reason]:
        """Why each craft stays where it is."""
        used = {trip.craft for trip in self.solution.trips}
        for c, state in enumerate(self.compiled.candidates.craft):
            if c not in used:
                code, text = self._why_unused(c)
                yield Reason(subject_kind="craft", subject_id=state.craft.id, code=code, text=text)
        for spare in self.compiled.candidates.spare_craft:
            code, text = self._why_spared(spare)
            yield Reason(subject_kind="craft", subject_id=spare.state.craft.id, code=code, text=text)
        for reason in self.compiled.candidates.left_out.values():
            if reason.subject_kind == "craft":
                yield reason

    def _why_spared(self, spare: SpareCraft) -> tuple[str, Text]:
        """Why a craft was not even weighed: it cannot land there, a limit holds it, or nearer ones carry enough."""
        craft_class = self.compiled.region.craft_classes[spare.state.craft.class_id]
        if (refused := self._no_landing(craft_class)) is not None:
            return refused
        if (held := self._held_up(spare.start, spare.state.ready_in_min, craft_class)) is not None:
            return "limit", held
        if spare.crossing_min is None:
            return "out-of-reach", Text(
                "未使用：到不了任何有警组候船的码头", "not used: it reaches no pier where groups could board"
            )
        return "too-far", Text(
            f"未使用：最早 {self._clock(spare.crossing_min)} 才能送到，更近的载具座位已足够",
            f"not used: it could cross by {self._clock(spare.crossing_min)} at the earliest; nearer craft have seats "
            "enough",
        )

    def _why_unused(self, c: int) -> tuple[str, Text]:
        compiled, problem = self.compiled, self.compiled.problem
        craft_class = compiled.class_of(c)
        arrival = int(self.reach.by_craft_min[:, c, :].min(initial=UNREACHABLE))
        if arrival > problem.horizon_min:
            return self._why_unreachable(c, craft_class)
        held = self._held_up(compiled.candidates.craft_at[c], int(problem.craft_ready_min[c]), craft_class)
        if held is not None:
            return "limit", held
        done = [minute for minute in self.solution.objective.complete_min if minute is not None]
        if done and all(m is not None for m in self.solution.objective.complete_min) and arrival > max(done):
            return "too-late", Text(
                f"未使用：最早 {self._clock(arrival)} 才能送到，而全部梯次 {self._clock(max(done))} 已到齐",
                f"not used: it arrives {self._clock(arrival)} at the earliest, after all echelons are complete "
                f"at {self._clock(max(done))}",
            )
        return "not-needed", self._helps_nobody(c, arrival)

    def _helps_nobody(self, c: int, arrival: int) -> Text:
        """Return why a craft that could come is left: the first echelon it comes in time for is complete without it."""
        compiled, complete = self.compiled, self.solution.objective.complete_min
        needs = [need for one in compiled.incidents for need in one.echelons]
        brings = [
            int(
                self.reach.by_craft_min[compiled.problem.counts_for[:, e] > 0, c, need.incident].min(
                    initial=UNREACHABLE
                )
            )
            for e, need in enumerate(compiled.problem.echelons)
        ]
        in_time = [e for e, minute in enumerate(complete) if minute is not None and brings[e] < minute]
        zh, en = "本方案未能使任何梯次提前到齐", "the search found no echelon complete sooner with it"
        if self.solution.status == "optimal":
            zh, en = "不会使任何梯次提前到齐", "it would complete no echelon sooner at less cost"
        if in_time:
            first = min(in_time, key=lambda e: (complete[e] or 0, e))
            name, at = needs[first].name, self._clock(complete[first] or 0)
            zh = f"“{name.zh}”不用它 {at} 已到齐，{zh}"
            en = f"'{name.en}' is complete at {at} without it, and {en}"
        return Text(
            f"未使用：最早 {self._clock(arrival)} 可送到；{zh}",
            f"not used: it could arrive {self._clock(arrival)}; {en}",
        )

    def _why_unreachable(self, c: int, craft_class: CraftClass) -> tuple[str, Text]:
        """Why a craft can land nobody within the horizon: berthing, weather and closures, seats, or range."""
        compiled = self.compiled
        if (refused := self._no_landing(craft_class)) is not None:
            return refused
        held = self._held_up(compiled.candidates.craft_at[c], int(compiled.problem.craft_ready_min[c]), craft_class)
        if held is not None:
            return "limit", held
        if (unfit := self._fits_nobody(craft_class)) is not None:
            return "no-fit", unfit
        needs_m, range_m = (
            self._shortest_m(compiled.candidates.craft_at[c], c, craft_class),
            usable_range_m(craft_class),
        )
        if needs_m is not None and needs_m > range_m:
            needs_nm, has_nm = ceil(needs_m / METRES_A_MILE), floor(range_m / METRES_A_MILE)
            return "range", Text(
                f"未使用：连同返航至少需 {needs_nm} 海里，扣除备用油后航程 {has_nm} 海里",
                f"not used: with the way home it needs {needs_nm} nm at least, its range less reserve is {has_nm} nm",
            )
        hours = compiled.problem.horizon_min // 60
        return "out-of-reach", Text(
            f"未使用：{hours} 小时内到不了任何有警组候船处再送达现场",
            f"not used: within {hours} h it cannot fetch anybody and bring them to an incident",
        )

    def _fits_nobody(self, craft_class: CraftClass) -> Text | None:
        """Return by how much the smallest group exceeds seats or deck, None if some group fits both."""
        problem = self.compiled.problem
        seated = problem.strength <= craft_class.seats
        if not problem.num_groups or bool((seated & (problem.group_slots <= craft_class.deck_slots)).any()):
            return None
        if not bool(seated.any()):
            least = int(problem.strength.min())
            return Text(
                f"未使用：只有 {craft_class.seats} 座，最小的警组也有 {least} 人",
                f"not used: it has {craft_class.seats} seats, the smallest group is {least}",
            )
        least = int(problem.group_slots[seated].min())
        return Text(
            f"未使用：只有 {craft_class.deck_slots} 个车位，坐得下的警组至少需 {least} 个",
            f"not used: it has {craft_class.deck_slots} vehicle slots, groups that fit its seats need {least} or more",
        )

    def _shortest_m(self, start: Place, c: int, craft_class: CraftClass) -> float | None:
        """Return the metres of the shortest trip from where a craft lies, by pickup and landing, home; None if none."""
        compiled, sites = self.compiled, self.compiled.sites
        pickups = [place for place in sites.pickups if can_berth(craft_class, place, compiled.region)]
        landings = [place for place in sites.landings if can_berth(craft_class, place, compiled.region)]
        if not pickups or not landings:
            return None
        home = compiled.region.place(compiled.candidates.craft[c].craft.home_site_id)
        out_m = compiled.travel.times_s_and_m(craft_class, [start], pickups)[1][0]
        across_m = compiled.travel.times_s_and_m(craft_class, pickups, landings)[1]
        home_m = compiled.travel.times_s_and_m(craft_class, landings, [home])[1][:, 0]
        shortest = float((out_m[:, None] + across_m + home_m[None]).min())
        return shortest if np.isfinite(shortest) else None

    def _no_landing(self, craft_class: CraftClass) -> tuple[str, Text] | None:
        """Return why no landing of this plan serves a class, None if one does.

        Where a pier or pad of an incident's island would suit it but is shut, that is the reason, not its berthing.
        """
        compiled = self.compiled
        landings = compiled.sites.landings
        if any(can_berth(craft_class, place, compiled.region) for place in landings):
            return None
        if (shut := self._shut_landing(craft_class)) is not None:
            return "limit", shut
        needs = [BERTHING_WORDS[word] for word in sorted(craft_class.berthing)]
        at = next((place for place in landings if self._suits_mode(craft_class, place)), None)
        where = at.name if at else compiled.scenes[0].name
        return "berthing", Text(
            f"未使用：不能在{where.zh}停靠，需要{'或'.join(n.zh for n in needs)}",
            f"not used: it cannot berth at {where.en}, it needs {' or '.join(n.en for n in needs)}",
        )

    def _shut_landing(self, craft_class: CraftClass) -> Text | None:
        """Return what shuts the pier or pad of an incident's island that would suit a class; None if none would."""
        compiled, here = self.compiled, self.compiled.situation
        region, network = compiled.region, compiled.travel.network
        islands = {scene.island_id for scene in compiled.scenes}
        for place in region.places():
            if place.island_id not in islands or not can_berth(craft_class, place, region):
                continue
            if pier := region.piers.get(place.id):
                state = network.pier_state(pier, craft_class, here.forecast, here.closures, here.at)
            else:
                pad = region.helipads[place.id]
                state = network.pad_state(pad, craft_class, here.forecast, here.closures, here.at)
            if state.status == "closed" and state.text is not None:
                return Text(f"未使用：{place.name.zh}：{state.text.zh}", f"not used: {place.name.en}: {state.text.en}")
        return None

    def _held_up(self, berth: Place, ready: int, craft_class: CraftClass) -> Text | None:
        """Return the limit that keeps a craft from casting off when it is ready, or from crossing then."""
        for start, end in self._first_links(berth, craft_class):
            spans = [
                span
                for span in self.compiled.travel.worded_spans(craft_class, start, end)
                if span.from_min <= ready < span.to_min and not span.cause.startswith("berthing")
            ]
            if spans:
                longest = max(spans, key=lambda span: span.to_min)
                return Text(f"未使用：{longest.text.zh}", f"not used: {longest.text.en}")
        return None

    def _first_links(self, start: Place, craft_class: CraftClass) -> Iterator[tuple[Place, Place]]:
        """The links a craft would use first: from its berth to the landings that suit it, nearest first."""
        compiled = self.compiled
        fitting = [place for place in compiled.sites.landings if can_berth(craft_class, place, compiled.region)]
        if not fitting:
            return
        times_s, _ = compiled.travel.times_s_and_m(craft_class, [start], fitting)
        order = np.argsort(times_s[0], kind="stable")
        for n in order:
            if np.isfinite(times_s[0, n]):
                yield start, fitting[int(n)]

    @staticmethod
    def _suits_mode(craft_class: CraftClass, place: Place) -> bool:
        return (place.kind == "pier") == (craft_class.mode == "sea") and not place.id.startswith(FIELD)

    def of_groups(self) -> Iterator[Reason]:
        """Which groups were kept for standing cover or may not be used; the merely farther ones are not listed."""
        compiled, problem = self.compiled, self.compiled.problem
        used = {g for trip in self.solution.trips for g in trip.groups} | {d.group for d in self.solution.directs}
        sent: dict[int, int] = {}
        for g in used:
            sent[int(problem.station[g])] = sent.get(int(problem.station[g]), 0) + 1
        for g, state in enumerate(compiled.candidates.groups):
            station = int(problem.station[g])
            if g in used or station < 0 or sent.get(station, 0) < int(problem.spare_groups[station]):
                continue
            home = compiled.region.stations[compiled.stations[station]]
            yield self._reason(
                "group", state.group.id, "cover",
                f"未使用：{home.name.zh}已派出 {sent.get(station, 0)} 组，再派留守将低于 {home.keep_groups} 个警组",
                f"not used: {home.name.en} has sent {sent.get(station, 0)} and would fall under its floor of "
                f"{home.keep_groups}",
            )  # fmt: skip
        for reason in compiled.candidates.left_out.values():
            if reason.subject_kind == "group" and reason.code in ("forbidden", "excluded", "at-sea"):
                yield reason

    def _skill(self, skill: str | None) -> Text:
        return skill_words(self.compiled, skill)

    def _clock(self, minute: int) -> str:
        return minute_clock(self.compiled, minute)

    def _reason(self, kind: Subject, subject_id: str, code: str, zh: str, en: str) -> Reason:
        return Reason(subject_kind=kind, subject_id=subject_id, code=code, text=Text(zh=zh, en=en))


def skill_words(compiled: Compiled, skill: str | None) -> Text:
    """Return what an echelon asks for: a skill by its name, or persons."""
    if skill is None:
        return Text("", "persons")
    name = compiled.region.skills.get(skill, Text(skill, skill))
    return Text(f"“{name.zh}”", f"'{name.en}'")


def minute_clock(compiled: Compiled, minute: int) -> str:
    """Return a minute from the plan's start as local time of day."""
    if minute >= UNREACHABLE:
        return "--:--"
    zone = ZoneInfo(compiled.region.timezone)
    return f"{(compiled.situation.at + timedelta(minutes=minute)).astimezone(zone):%H:%M}"
