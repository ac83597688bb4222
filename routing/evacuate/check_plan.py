"""Judge an assembled evacuation plan by its own words: heads add up, queues keep their limits, calls come in time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise

from data.evacuation import EvacuationPlan
from data.text import Text


def check_plan(plan: EvacuationPlan) -> tuple[Text, ...]:
    """Return every fault of a plan in words, none where it agrees with itself."""
    return (*_heads(plan), *_queues(plan), *_calls(plan), *_berths(plan))


def _heads(plan: EvacuationPlan) -> Iterator[Text]:
    """Nobody is counted twice or lost: ashore and remaining make up everybody."""
    ashore = sum(trip.persons for trip in plan.trips)
    left = sum(group.remaining for group in plan.groups)
    if ashore != plan.ashore or ashore + left != plan.persons:
        yield Text(
            f"上岸 {ashore} 与剩余 {left} 合计不等于 {plan.persons}",
            f"{ashore} ashore and {left} remaining are not {plan.persons}",
        )
    taken: dict[str, int] = defaultdict(int)
    for trip in plan.trips:
        for boarding in trip.boardings:
            taken[boarding.group_id] += boarding.persons
        if sum(one.persons for one in trip.boardings) != trip.persons or trip.persons > trip.seats:
            yield Text(f"{trip.id} 人数不符", f"{trip.id}: the people aboard do not add up, or have no seats")
    for group in plan.groups:
        if taken[group.id] + group.remaining != group.persons:
            yield Text(f"{group.name.zh}人数不符", f"{group.name.en}: people are lost or counted twice")
    if plan.ashore_over_time and plan.ashore_over_time[-1].persons != ashore:
        yield Text("上岸曲线与方案不符", "people ashore over time do not end at the plan's number")
    if plan.unmet == () and left:
        yield Text("剩余人员未说明", "somebody remains and nothing says why")


def _queues(plan: EvacuationPlan) -> Iterator[Text]:
    """The queue at a pier, counted anew, stays within what it holds."""
    for use in plan.piers:
        for step in use.steps:
            if step.persons < 0 or (use.capacity is not None and step.persons > use.capacity):
                yield Text(
                    f"{use.name.zh}{step.persons} 人超出上限", f"{use.name.en}: {step.persons} are more than it holds"
                )


def _calls(plan: EvacuationPlan) -> Iterator[Text]:
    """Nobody is called before the order, and everybody called has the time to walk before loading ends."""
    walks = {group.id: group.walk_min for group in plan.groups}
    for trip in plan.trips:
        for boarding in trip.boardings:
            there = boarding.call_at + timedelta(minutes=walks[boarding.group_id])
            if boarding.call_at < plan.at or there > trip.load_to:
                yield Text(f"{trip.id} 叫号时刻不合理", f"{trip.id}: called too early or too late to be there")


def _berths(plan: EvacuationPlan) -> Iterator[Text]:
    """One craft at a berth at a time."""
    spans = sorted(plan.berths, key=lambda one: (one.pier_id, one.berth, one.from_at))
    for before, after in pairwise(spans):
        if (before.pier_id, before.berth) == (after.pier_id, after.berth) and after.from_at < before.to_at:
            yield Text(
                f"{after.pier_id} 泊位 {after.berth} 重叠", f"{after.pier_id} berth {after.berth} is taken twice"
            )
