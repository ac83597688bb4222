"""Rules for the units of a plan: known, free, in one piece of time and place, one incident a group."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from itertools import pairwise

from data.forces import FREE, CraftState, GroupState
from data.plans import PLAN_FORMAT, Leg
from routing.check_context import CheckContext, PlanFault

# Which modes each purpose may use.
MODES = {
    "first_mile": {"road", "foot"},
    "last_mile": {"road", "foot"},
    "direct": {"road", "foot"},
    "position": {"sea", "air"},
    "call": {"sea", "air"},
    "carry": {"sea", "air"},
}


def plan_fits_its_situation(ctx: CheckContext) -> Iterator[PlanFault]:
    """The plan was made for this format, this situation and this version of the region."""
    plan = ctx.plan
    if plan.format != PLAN_FORMAT:
        yield ctx.fault(
            "format", plan.id, f"方案格式为“{plan.format}”，应为“{PLAN_FORMAT}”。请用本版本重新制定。",
            f"The plan's format is '{plan.format}', not '{PLAN_FORMAT}'. Make it again with this version.",
        )  # fmt: skip
    if plan.situation_hash != ctx.situation.content_hash():
        yield ctx.fault(
            "situation-hash", plan.id, "方案所附态势与其哈希不符：态势被改动过。请对原态势重新制定方案。",
            "The situation does not match the plan's hash of it: one of them was changed. Plan again.",
        )  # fmt: skip
    if plan.region_hash != ctx.region.content_hash:
        yield ctx.fault(
            "region-hash", plan.id, "方案是按另一版本的区域数据制定的。请用当前数据重新制定。",
            "The plan was made with another version of the region's data. Plan again with this one.",
        )  # fmt: skip
    if plan.start_at != ctx.situation.at:
        yield ctx.fault(
            "start", plan.id, "方案的起始时间与态势时间不一致。", "The plan does not start at its situation's time."
        )


def incidents_are_known(ctx: CheckContext) -> Iterator[PlanFault]:
    """Every incident named by the plan or a leg is one the plan answers."""
    known = {one.id for one in ctx.situation.incidents}
    for incident_id in ctx.plan.incident_ids:
        if incident_id not in known:
            yield ctx.fault(
                "unknown-incident", incident_id, f"警情“{incident_id}”不在态势中。请核对编号。",
                f"Incident '{incident_id}' is not in the situation. Correct its id.",
            )  # fmt: skip
    for leg in ctx.plan.legs:
        if leg.incident_id is not None and leg.incident_id not in ctx.plan.incident_ids:
            yield ctx.leg_fault(
                "unknown-incident", leg, f"警情“{leg.incident_id}”不属于本方案。请核对编号。",
                f"incident '{leg.incident_id}' is not one this plan answers. Correct its id.",
            )  # fmt: skip


def units_are_known(ctx: CheckContext) -> Iterator[PlanFault]:
    """Every craft, craft class, group and place of a leg exists."""
    for leg in ctx.plan.legs:
        if leg.craft_id is not None:
            state = ctx.craft.get(leg.craft_id)
            if state is None:
                hint = _near(leg.craft_id, list(ctx.craft))
                yield ctx.leg_fault(
                    "unknown-craft", leg, f"没有“{leg.craft_id}”这艘/架载具。{hint[0]}",
                    f"there is no craft '{leg.craft_id}'. {hint[1]}",
                )  # fmt: skip
            elif leg.craft_class != state.craft.class_id:
                yield ctx.leg_fault(
                    "craft-class", leg, f"载具类型写作“{leg.craft_class}”，实为“{state.craft.class_id}”。请改正。",
                    f"its class is given as '{leg.craft_class}' but is '{state.craft.class_id}'. Correct it.",
                )  # fmt: skip
        for group_id in leg.group_ids:
            if group_id not in ctx.groups:
                hint = _near(group_id, list(ctx.groups))
                yield ctx.leg_fault(
                    "unknown-group", leg, f"没有“{group_id}”这个警组。{hint[0]}",
                    f"there is no group '{group_id}'. {hint[1]}",
                )  # fmt: skip
        for site_id in (leg.from_site, leg.to_site):
            if ctx.place(site_id) is None:
                hint = _near(site_id, [place.id for place in ctx.region.places()])
                yield ctx.leg_fault(
                    "unknown-place", leg, f"没有“{site_id}”这个地点。{hint[0]}",
                    f"there is no place '{site_id}'. {hint[1]}",
                )  # fmt: skip


def units_are_free(ctx: CheckContext) -> Iterator[PlanFault]:
    """No unit is used that is under other orders, excluded or forbidden.

    One lost or forbidden since the plan began keeps what it had set out on when the plan was re-planned.
    """
    for unit_id, legs in ctx.legs_of.items():
        if all(ctx.has_begun(leg) for leg in legs):
            continue
        state: CraftState | GroupState | None = ctx.craft.get(unit_id) or ctx.groups.get(unit_id)
        if state is None:
            continue
        name = ctx.unit_name(unit_id)
        why = ctx.situation.forbidden.get(unit_id) or state.excluded
        if why is not None:
            yield ctx.fault(
                "not-allowed", unit_id, f"{name.zh} 不可使用：{why.zh}。请换用其他力量。",
                f"{name.en} may not be used: {why.en}. Use another unit.",
            )  # fmt: skip
        elif state.status not in FREE:
            yield ctx.fault(
                "not-free", unit_id, f"{name.zh} 当前状态为“{state.status}”，不可调用。请换用空闲力量。",
                f"{name.en} is '{state.status}', not free. Use another unit.",
            )  # fmt: skip


def one_incident_a_group(ctx: CheckContext) -> Iterator[PlanFault]:
    """A group goes to one incident, by one way."""
    for group_id in ctx.groups:
        legs = ctx.legs_of.get(group_id, [])
        name = ctx.unit_name(group_id)
        incidents = {leg.incident_id for leg in legs}
        ways = [leg for leg in legs if leg.purpose in ("carry", "direct")]
        if len(incidents) > 1 or len(ways) > 1:
            last = ways[-1] if ways else legs[-1]
            yield ctx.leg_fault(
                "group-twice", last, f"{name.zh} 在本方案中被使用多次。请只保留一处。",
                f"{name.en} is used more than once in this plan. Keep it in one place only.",
            )  # fmt: skip


def legs_run_forward(ctx: CheckContext) -> Iterator[PlanFault]:
    """Within a leg: the plan starts, loading, departure, arrival, all ashore, in that order; modes fit purposes."""
    for leg in ctx.plan.legs:
        moments = [ctx.plan.start_at, leg.board_at, leg.depart_at, leg.arrive_at, leg.unloaded_at]
        known = [moment for moment in moments if moment is not None]
        if known != sorted(known):
            yield ctx.leg_fault(
                "time-order", leg, "上客、出发、到达、离船的时间顺序颠倒。请改正时间。",
                "boarding, departure, arrival and landing are out of order. Correct the times.",
            )  # fmt: skip
        if leg.mode not in MODES[leg.purpose]:
            yield ctx.leg_fault(
                "mode", leg, f"“{leg.purpose}”行程不能用“{leg.mode}”方式。",
                f"a '{leg.purpose}' leg cannot go by '{leg.mode}'.",
            )  # fmt: skip
        needs_craft = leg.purpose in ("position", "call", "carry")
        if needs_craft != (leg.craft_id is not None):
            yield ctx.leg_fault(
                "craft-missing" if needs_craft else "craft-extra", leg,
                "缺少载具。请写明由谁运送。" if needs_craft else "自行机动的行程不应写载具。请删去。",
                "it names no craft. Say which one carries it."
                if needs_craft
                else "it names a craft but is made without one. Remove it.",
            )  # fmt: skip
        craft_class = ctx.class_of(leg.craft_id)
        if needs_craft and craft_class is not None and craft_class.mode != leg.mode:
            yield ctx.leg_fault(
                "mode", leg, f"{craft_class.name.zh}不能走“{leg.mode}”方式。",
                f"a {craft_class.name.en} does not go by '{leg.mode}'.",
            )  # fmt: skip
        if (
            leg.arrive_early_at
            and leg.arrive_late_at
            and not leg.arrive_early_at <= leg.arrive_at <= leg.arrive_late_at
        ):
            yield ctx.leg_fault(
                "band", leg, "到达时间不在其早晚区间内。请改正区间。", "its arrival lies outside its early-late band."
            )


def units_start_where_they_are(ctx: CheckContext) -> Iterator[PlanFault]:
    """A unit's first leg starts where the unit is, not before it can move."""
    for unit_id, legs in ctx.legs_of.items():
        state: CraftState | GroupState | None = ctx.craft.get(unit_id) or ctx.groups.get(unit_id)
        if state is None:
            continue
        first, name = legs[0], ctx.unit_name(unit_id)
        if first.from_site != ctx.start_site(state):
            yield ctx.leg_fault(
                "start-place", first, f"{name.zh} 不在此处，而在“{ctx.start_site(state)}”。请从实际位置出发。",
                f"{name.en} is not there but at '{ctx.start_site(state)}'. Start it from where it is.",
            )  # fmt: skip
        earliest = ctx.minute(first.board_at or first.depart_at)
        if earliest < state.ready_in_min:
            yield ctx.leg_fault(
                "not-ready", first,
                f"{name.zh} 第 {state.ready_in_min} 分钟才能出动，行程却从第 {earliest:.0f} 分钟开始。请推迟出发。",
                f"{name.en} can move from minute {state.ready_in_min} on, but the leg begins at minute {earliest:.0f}. "
                "Let it depart later.",
            )  # fmt: skip


def legs_chain(ctx: CheckContext) -> Iterator[PlanFault]:
    """Each unit's next leg starts where the one before ended, not before it ended; groups end at their incident."""
    for unit_id, legs in ctx.legs_of.items():
        name = ctx.unit_name(unit_id)
        for before, leg in pairwise(legs):
            if leg.from_site != before.to_site:
                yield ctx.leg_fault(
                    "chain-place", leg,
                    f"{name.zh} 上一程到“{before.to_name.zh}”，本程却从“{leg.from_name.zh}”出发。请补上中间行程。",
                    f"{name.en} ended its leg before at {before.to_name.en}. Start there, or add the leg between.",
                )  # fmt: skip
            free_at, begin_at = before.unloaded_at or before.arrive_at, leg.board_at or leg.depart_at
            if begin_at < free_at:
                yield ctx.leg_fault(
                    "chain-time", leg,
                    f"{name.zh} {ctx.clock(free_at)} 才完成上一程，本程却在 {ctx.clock(begin_at)} 开始。请推迟本程。",
                    f"{name.en} is busy with leg {before.id} until {ctx.clock(free_at)}, but this one begins at "
                    f"{ctx.clock(begin_at)}. Begin it later.",
                )  # fmt: skip
        if unit_id in ctx.groups:
            yield from _ends_at_incident(ctx, unit_id, legs[-1])


def _ends_at_incident(ctx: CheckContext, group_id: str, last: Leg) -> Iterator[PlanFault]:
    if last.to_site != last.incident_id:
        name = ctx.unit_name(group_id)
        yield ctx.leg_fault(
            "never-arrives", last, f"{name.zh} 停在“{last.to_name.zh}”，没有到达警情现场。请补上最后一程。",
            f"{name.en} stops at {last.to_name.en} and never reaches its incident. Add its last leg.",
        )  # fmt: skip


def _near(word: str, known: list[str]) -> tuple[str, str]:
    near = get_close_matches(word, known, n=3)
    if not near:
        return "请核对编号。", "Correct its id."
    return f"是否指：{'、'.join(near)}？", f"Did you mean: {', '.join(near)}?"
