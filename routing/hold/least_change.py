"""Why nobody does a task of an island, and the least change that would get it done, in words."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from data.text import Text
from routing.hold.plan import Unmet
from routing.hold.situation import CompiledHold


def least_change(compiled: CompiledHold, unmet: Unmet) -> Text | None:
    """Return what would help a task: more people of a skill, a later window, another task first; None if unknown."""
    short = max(0, unmet.needed - unmet.available)
    skill = compiled.region.skills.get(unmet.skill) if unmet.skill is not None else None
    who_zh = f"{short} 名{skill.zh if skill else ''}人员"
    who_en = f"{short} more {'person' if short == 1 else 'people'}{f' of {skill.en}' if skill else ''}"
    unit = compiled.units[unmet.task]
    past = unit.task.slot_min is None and unit.task.latest_at < compiled.at
    if unmet.code == "window" or past:
        return Text("延后其最晚开始时间", "let it begin later")
    if unmet.code == "skill" and short:
        return Text(f"须从岛外增派 {who_zh}，或降低技能要求", f"bring {who_en} to the island, or ask for less skill")
    if unmet.code == "travel" and short:
        return Text(f"前置 {who_zh}于附近，或延后其最晚开始时间", f"post {who_en} nearby, or let it begin later")
    if unmet.code in ("shift", "rest") and short:
        return Text(f"延长 {short} 人班次，或增派 {who_zh}", f"extend the shift of {short}, or bring {who_en}")
    if unmet.code == "busy":
        if short:
            return Text(f"届时增派 {who_zh}", f"{who_en} at that time")
        return Text("放弃同时段的另一项任务", "drop another task of the same time")
    if unmet.code == "precedence" and unmet.waits_for is not None:
        first = compiled.units[unmet.waits_for].task.name
        return Text(f"先完成“{first.zh}”", f'get "{first.en}" done first')
    return None


def why_unmet(compiled: CompiledHold, unmet: Unmet) -> Text:
    """Return why a task stays undone, with the names of skills and tasks and the region's clock."""
    unit = compiled.units[unmet.task]
    if unit.task.slot_min is None and unit.task.latest_at < compiled.at and not unit.under_way:
        return Text("时间窗在方案开始前已过", "its window was over before the plan began")
    if unmet.code == "precedence" and unmet.waits_for is not None:
        first = compiled.units[unmet.waits_for].task.name
        return Text(f"须等“{first.zh}”完成", f'waits for "{first.en}"')
    zh, en = unmet.text.zh, unmet.text.en
    if (skill := compiled.region.skills.get(unmet.skill or "")) is not None and unmet.skill is not None:
        zh, en = zh.replace(unmet.skill, skill.zh), en.replace(unmet.skill, skill.en)
    if unmet.minute is not None:
        clock = f"{compiled.moment(unmet.minute).astimezone(ZoneInfo(compiled.region.timezone)):%H:%M}"
        zh = zh.replace(f"（{unmet.minute} 分）", f"（{clock}）")
        en = en.replace(f"(at {unmet.minute} min)", f"(at {clock})")
    return Text(zh, en)
