"""Rules for what a plan claims: cover, echelon times, objective, bound and gap, recomputed from its legs alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from math import ceil

from data.forces import FREE
from data.geography import Place
from data.incidents import Echelon
from routing.check_context import CheckContext, PlanFault
from routing.handling import OWN_PATCH_MIN, load_minutes, unload_minutes

# The objective as the plan format defines it: points a weighted minute, minutes an unmet echelon is charged
# at least, minutes more for each person missing, points a group taken from cover and a craft that makes a trip, by
# alternative.
POINTS_A_MINUTE = 100
UNMET_MIN = 300
MISSING_MIN = 5
COVER_POINTS = {"fastest": 0, "balanced": 60, "keep_cover": 1_500, "fewest_craft": 60}
CRAFT_POINTS = {"fastest": 0, "balanced": 0, "keep_cover": 0, "fewest_craft": 1_500}
CRAFT_MINUTE_POINTS = 1
HORIZON_MIN = 720


@dataclass(frozen=True)
class Recount:
    """What a plan's legs amount to, counted without any solver."""

    ctx: CheckContext

    @cached_property
    def arrivals(self) -> dict[str, list[tuple[int, str]]]:
        """Each incident's (minute, group) arrivals in time order; those after the horizon do not count."""
        came: dict[str, list[tuple[int, str]]] = {one: [] for one in self.ctx.incidents}
        for group_id in self.ctx.groups:
            legs = self.ctx.legs_of.get(group_id)
            if not legs:
                continue
            last = legs[-1]
            minute = ceil(self.ctx.minute(last.unloaded_at or last.arrive_at) - 1e-6)
            if last.incident_id in came and minute <= HORIZON_MIN:
                came[last.incident_id].append((minute, group_id))
        return {incident_id: sorted(pairs) for incident_id, pairs in came.items()}

    def echelon(self, incident_id: str, need: Echelon) -> tuple[int | None, int]:
        """Return the minute an echelon is complete, None for never, and the persons who came for it."""
        persons, complete = 0, None
        for minute, group_id in self.arrivals.get(incident_id, []):
            group = self.ctx.groups[group_id].group
            if need.skill is None or need.skill in group.skills:
                persons += group.strength
                if complete is None and persons >= need.persons:
                    complete = minute
        return complete, persons

    @cached_property
    def unmet_and_time(self) -> tuple[int, int]:
        """The points of unmet echelons and of the completion times of the others."""
        unmet = in_time = 0
        for incident_id, incident in self.ctx.incidents.items():
            for need in incident.echelons:
                complete, persons = self.echelon(incident_id, need)
                price = POINTS_A_MINUTE * need.weight
                if complete is None:
                    missing = need.persons - persons
                    unmet += price * (max(UNMET_MIN, HORIZON_MIN) + MISSING_MIN * missing)
                else:
                    in_time += price * complete
        return unmet, in_time

    @cached_property
    def craft_minutes(self) -> int:
        """Minutes craft are at work: coming, loading, crossing, unloading; waiting is free."""
        total = 0
        for leg in self.ctx.plan.legs:
            craft_class = self.ctx.class_of(leg.craft_id)
            if craft_class is None:
                continue
            total += round(self.ctx.minute(leg.arrive_at) - self.ctx.minute(leg.depart_at))
            if leg.purpose in ("call", "carry"):
                total += load_minutes(craft_class)
            if leg.purpose == "carry":
                total += unload_minutes(craft_class)
        return total

    @property
    def craft_with_trips(self) -> int:
        """Craft that carry somebody at least once."""
        return len({leg.craft_id for leg in self.ctx.plan.legs if leg.purpose == "carry"})

    @cached_property
    def own_patch(self) -> frozenset[str]:
        """Stations whose own patch holds an incident: same island, within ``OWN_PATCH_MIN`` by road."""
        stations = list(self.ctx.region.stations.values())
        sites = [
            Place(id=s.id, kind="station", name=s.name, island_id=s.island_id, lon_deg=s.lon_deg, lat_deg=s.lat_deg)
            for s in stations
        ]
        scenes = [place for one in self.ctx.incidents if (place := self.ctx.place(one)) is not None]
        situation = self.ctx.situation
        times_s = self.ctx.network.road_times_s(sites, scenes, situation.closures, situation.forecast, situation.at)
        return frozenset(
            station.id
            for row, station in enumerate(stations)
            for column, scene in enumerate(scenes)
            if scene.island_id == station.island_id and times_s[row, column] <= OWN_PATCH_MIN * 60
        )

    @cached_property
    def standing(self) -> dict[str, tuple[int, int]]:
        """Free groups at home before and after the plan, by station; stations on their own patch are left out."""
        before: dict[str, int] = {}
        sent: dict[str, int] = {}
        for group_id, state in self.ctx.groups.items():
            station = state.group.home_site_id
            if station not in self.ctx.region.stations or station in self.own_patch or state.site_id != station:
                continue
            if state.status in FREE:
                before[station] = before.get(station, 0) + 1
                if group_id in self.ctx.legs_of:
                    sent[station] = sent.get(station, 0) + 1
        return {station: (count, count - sent.get(station, 0)) for station, count in before.items()}

    @property
    def groups_sent(self) -> int:
        """Groups taken from standing cover."""
        return sum(before - left for before, left in self.standing.values())


def standing_cover_is_kept(ctx: CheckContext) -> Iterator[PlanFault]:
    """Each station keeps its floor of groups, and the cover table says how many it sends."""
    recount = Recount(ctx)
    listed = {row.station_id: row for row in ctx.plan.cover}
    for station_id, (before, left) in recount.standing.items():
        station = ctx.region.stations[station_id]
        if left < before and left < station.keep_groups:
            yield ctx.fault(
                "cover", station_id,
                f"{station.name.zh}只剩 {left} 个警组，低于保底 {station.keep_groups} 个。请少调一个警组。",
                f"{station.name.en} is left with {left} groups, under its floor of {station.keep_groups}. "
                "Leave one more at home.",
            )  # fmt: skip
        row = listed.get(station_id)
        if (row.groups_before - row.groups_left if row else 0) != before - left:
            said = row.groups_before - row.groups_left if row else 0
            yield ctx.fault(
                "cover-table", station_id,
                f"{station.name.zh}写作派出 {said} 个警组，由行程推算为 {before - left} 个。请改正。",
                f"{station.name.en} is said to send {said} groups; by the legs it sends {before - left}. Correct it.",
            )  # fmt: skip


def echelon_times_are_true(ctx: CheckContext) -> Iterator[PlanFault]:
    """Each echelon is complete when the plan says, with as many persons."""
    recount = Recount(ctx)
    stated = {(row.incident_id, row.echelon_id): row for row in ctx.plan.echelons}
    for incident_id, incident in ctx.incidents.items():
        for need in incident.echelons:
            row = stated.get((incident_id, need.id))
            complete, persons = recount.echelon(incident_id, need)
            said = _said(complete)
            if row is None:
                yield ctx.fault(
                    "echelon",
                    need.id,
                    f"缺少梯次“{need.name.zh}”的到齐时间。",
                    f"echelon '{need.name.en}' has no time.",
                )
            elif (row.complete_min, row.arrived) != (complete, persons):
                yield ctx.fault(
                    "echelon", need.id,
                    f"梯次“{need.name.zh}”写作 {_said(row.complete_min)[0]}、{row.arrived} 人，"
                    f"由行程推算为 {said[0]}、{persons} 人。请改正。",
                    f"echelon '{need.name.en}' is given as {_said(row.complete_min)[1]} with {row.arrived} persons; "
                    f"the legs make it {said[1]} with {persons}. Correct it.",
                )  # fmt: skip


def _said(minute: int | None) -> tuple[str, str]:
    return ("未到齐", "never complete") if minute is None else (f"第 {minute} 分钟到齐", f"complete at minute {minute}")


def objective_is_true(ctx: CheckContext) -> Iterator[PlanFault]:
    """The objective's terms follow from the legs and add up."""
    given, recount = ctx.plan.objective, Recount(ctx)
    unmet, in_time = recount.unmet_and_time
    cover_lost = COVER_POINTS[ctx.plan.alternative] * recount.groups_sent
    minutes = CRAFT_MINUTE_POINTS * recount.craft_minutes
    craft_used = CRAFT_POINTS[ctx.plan.alternative] * recount.craft_with_trips
    in_all = given.unmet + given.echelon_time + given.cover_lost + given.craft_minutes + given.craft_used
    terms = (
        ("unmet", "未满足需求", given.unmet, unmet),
        ("echelon_time", "梯次用时", given.echelon_time, in_time),
        ("cover_lost", "留守损失", given.cover_lost, cover_lost),
        ("craft_minutes", "载具用时", given.craft_minutes, minutes),
        ("craft_used", "动用载具", given.craft_used, craft_used),
        ("total", "合计", given.total, in_all),
    )
    for name, zh, said, true in terms:
        if said != true:
            yield ctx.fault(
                "objective", name, f"目标值“{zh}”写作 {said} 分，由行程推算为 {true} 分。请改正。",
                f"the objective's '{name}' is given as {said} points; the legs make it {true}. Correct it.",
            )  # fmt: skip


def bound_and_gap_agree(ctx: CheckContext) -> Iterator[PlanFault]:
    """The bound lies at or below the objective, and gap and status follow from the two."""
    plan, total = ctx.plan, ctx.plan.objective.total
    if plan.bound > total + 1e-6 or plan.bound < 0:
        yield ctx.fault(
            "bound", plan.id, f"下界 {plan.bound:.1f} 应在 0 与目标值 {total} 之间。请改正。",
            f"the bound {plan.bound:.1f} must lie between 0 and the objective {total}. Correct it.",
        )  # fmt: skip
    gap = (total - plan.bound) / total if total else 0.0
    if abs(plan.gap - gap) > 1e-6:
        yield ctx.fault(
            "gap", plan.id, f"差距写作 {plan.gap:.2%}，由下界推算为 {gap:.2%}。请改正。",
            f"the gap is given as {plan.gap:.2%}; the bound makes it {gap:.2%}. Correct it.",
        )  # fmt: skip
    if plan.status == "optimal" and gap > 1e-6:
        yield ctx.fault(
            "status", plan.id, f"状态为“最优”，但差距为 {gap:.2%}。请改为“可行”。",
            f"the status is 'optimal' but the gap is {gap:.2%}. Make it 'feasible'.",
        )  # fmt: skip
    if plan.status == "infeasible" and plan.legs:
        yield ctx.fault(
            "status", plan.id, "状态为“不可行”，却有行程。", "the status is 'infeasible' but there are legs."
        )


def head_counts_are_true(ctx: CheckContext) -> Iterator[PlanFault]:
    """The plan's persons and craft are those of its legs."""
    used = [g for g in ctx.groups if g in ctx.legs_of]
    persons = sum(ctx.groups[g].group.strength for g in used)
    craft = sum(1 for c in ctx.craft if c in ctx.legs_of)
    for name, zh, said, true in (
        ("persons", "人数", ctx.plan.persons, persons),
        ("craft_used", "载具数", ctx.plan.craft_used, craft),
    ):
        if said != true:
            yield ctx.fault(
                "head-count", name, f"方案{zh}写作 {said}，由行程推算为 {true}。请改正。",
                f"the plan's {name} is given as {said}; the legs make it {true}. Correct it.",
            )  # fmt: skip
