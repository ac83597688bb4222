"""The reasons of a dispatch in words: why this unit, why not that one, what sharing costs whom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from data.text import Text
from routing.dispatch.joint import JointDispatch
from routing.dispatch.losses import Loss
from routing.dispatch.nearest import NearestUnits
from routing.dispatch.problem import Block, DispatchProblem

_SHORT = {
    Block.BUSY: Text("正忙", "busy"),
    Block.UNSUITABLE: Text("不适用", "not suitable"),
    Block.NO_SKILL: Text("缺技能", "skill missing"),
    Block.NO_WAY: Text("无路可达", "no way there"),
    Block.OUT_OF_REACH: Text("超出范围", "out of reach"),
    Block.COVER: Text("留守", "kept for cover"),
}


@dataclass(frozen=True)
class Wording:
    """Words about one problem; incidents and units are called by ``incidents`` and ``units``, or else by number."""

    problem: DispatchProblem
    incidents: Sequence[Text] | None = None
    units: Sequence[Text] | None = None

    def why_chosen(self, found: NearestUnits, n: int) -> Text:
        """Return why the n-th chosen unit goes: its place among those that can, and what became of nearer ones."""
        unit, minutes = self._unit(int(found.units[n])), minutes_said(int(found.seconds[n]))
        held = found.nearer_by_block[n]
        total = int(held.sum())
        if not total:
            zh = f"{unit.zh}：第 {n + 1} 近，{minutes} 分钟"
            return Text(zh, f"{unit.en}: number {n + 1} of all units by travel, {minutes} min")
        parts = [(int(count), _SHORT[Block(code)]) for code, count in enumerate(held.tolist()) if code and count]
        zh_parts = "、".join(f"{count} {words.zh}" for count, words in parts)
        en_parts = ", ".join(f"{count} {words.en}" for count, words in parts)
        return Text(
            f"{unit.zh}：可派力量中第 {n + 1} 近，{minutes} 分钟；更近的 {total} 个不能去（{zh_parts}）",
            f"{unit.en}: number {n + 1} of those that can go, {minutes} min; {total} nearer cannot ({en_parts})",
        )

    def why_not(self, found: NearestUnits, unit: int, block: Block) -> Text:
        """Return why a unit passed over does not go, in numbers."""
        problem, incident = self.problem, found.incident
        name = self._unit(unit)
        travel_s = int(problem.travel_s[incident, unit])
        minutes = minutes_said(travel_s)
        if block is Block.NO_WAY:
            return Text(f"{name.zh}：无路可达", f"{name.en}: no way leads there")
        if block is Block.NO_SKILL:
            lacks = sorted(problem.skills_needed[incident] - problem.skills[unit])
            zh, en = f"缺技能：{'、'.join(lacks)}", f"lacks {', '.join(lacks)}"
        elif block is Block.OUT_OF_REACH:
            zh, en = f"超出 {problem.reach_min:g} 分钟的范围", f"beyond the reach of {problem.reach_min:g} min"
        elif block is Block.COVER:
            keep = int(problem.keep_units[problem.station[unit]])
            zh, en = f"留守：本站须留 {keep} 个", f"kept for cover: its station keeps {keep}"
        else:
            zh, en = _SHORT[block].zh, _SHORT[block].en
        return Text(f"{name.zh}（{minutes} 分钟）：{zh}", f"{name.en} ({minutes} min): {en}")

    def why_short(self, found: NearestUnits) -> Text:
        """Return why fewer units go than were asked for."""
        zh_parts, en_parts = [], []
        for block, words in _SHORT.items():
            if count := int((found.passed_block == block).sum()):
                zh_parts.append(f"{count} 个{words.zh}")
                en_parts.append(f"{count} {words.en}")
        return Text(
            f"需 {found.asked} 个，可派 {len(found.units)} 个；其余：{'、'.join(zh_parts) or '无'}",
            f"{found.asked} asked for, {len(found.units)} can go; of the others: {', '.join(en_parts) or 'none'}",
        )

    def loss(self, found: JointDispatch, loss: Loss) -> Text:
        """Return what an incident lost against its own nearest, and what giving it those would cost whom."""
        name = self._incident(loss.incident)
        if not loss.is_loss:
            words = Text(f"{name.zh}：得到自己最近的力量", f"{name.en}: has its own nearest")
            if unmet := found.unmet[loss.incident]:
                return Text(f"{words.zh}，仍缺 {unmet} 个", f"{words.en}, and still lacks {unmet}")
            return words
        late = minutes_said(loss.lost_s)
        zh, en = f"{name.zh}：比独占最近力量多行 {late} 分钟", f"{name.en}: {late} min more travel than its own nearest"
        if loss.lost_units:
            zh, en = f"{zh}，少来 {loss.lost_units} 个", f"{en}, {loss.lost_units} fewer units"
        if loss.price is None:
            return Text(zh, en)
        zh_shifts, en_shifts = [], []
        for shift in loss.shifts:
            other, more = self._incident(shift.incident), minutes_said(shift.travel_s, signed=True)
            lacks_zh = f"、缺额 {shift.unmet:+d}" if shift.unmet else ""
            lacks_en = f" and {shift.unmet:+d} unmet" if shift.unmet else ""
            zh_shifts.append(f"{other.zh} {more} 分钟{lacks_zh}")
            en_shifts.append(f"{other.en} {more} min{lacks_en}")
        if not loss.shifts:
            return Text(f"{zh}；改给它不影响别处", f"{en}; giving it those changes nothing elsewhere")
        return Text(
            f"{zh}；若改给它：{'，'.join(zh_shifts)}",
            f"{en}; given those, {', '.join(en_shifts)}",
        )

    def _unit(self, unit: int) -> Text:
        return self.units[unit] if self.units is not None else Text(f"力量 {unit}", f"unit {unit}")

    def _incident(self, incident: int) -> Text:
        if self.incidents is not None:
            return self.incidents[incident]
        return Text(f"警情 {incident}", f"incident {incident}")


def minutes_said(seconds: int, signed: bool = False) -> str:
    """Return seconds as minutes with one decimal at most."""
    text = f"{seconds / 60:+.1f}" if signed else f"{seconds / 60:.1f}"
    return text.removesuffix(".0")
