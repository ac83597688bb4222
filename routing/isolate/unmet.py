"""What no craft can move before an island is cut off, and how many remain, in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from zoneinfo import ZoneInfo

from data.counts import ANY_SKILL
from data.isolation import IslandOutlook, Unmet
from data.text import Text
from routing.isolate.demands import Demand, still_missing
from routing.isolate.who import PERSONS, Present


def left_behind(demand: Demand, moved_seats: int) -> Unmet:
    """Return what is left of a demand of which so many seats are moved."""
    remain = round(demand.amount * (1 - moved_seats / demand.seats), 1)
    island = demand.island.name
    return Unmet(
        island_id=demand.island.island_id,
        what=demand.what,
        remain=remain,
        unit=demand.unit,
        text=Text(
            f"{island.zh} {demand.name.zh}:窗口内船机不够,尚余 {remain:,.0f} {demand.unit.zh}",
            f"{island.en}, {demand.name.en}: not enough craft in the window, {remain:,.0f} {demand.unit.en} remain",
        ),
    )


def too_late(islands: Sequence[IslandOutlook], havens: frozenset[str], timezone: str) -> Iterator[Unmet]:
    """Yield who is on islands that nothing leaves any more."""
    for island in islands:
        persons = (island.visitors.persons or 0) + (island.patients.persons or 0)
        if island.standing != "cut_off" or not persons or island.island_id in havens:
            continue
        reopens = island.reopens.likely
        until = f"{reopens.astimezone(ZoneInfo(timezone)):%m-%d %H:%M}" if reopens else ""
        words = (
            Text(f"至 {until} 无船可走", f"nothing leaves until {until}")
            if until
            else Text("预判时段内无船可走", "nothing leaves within the hours foreseen")
        )
        yield Unmet(
            island_id=island.island_id,
            what="visitors",
            remain=float(persons),
            unit=PERSONS,
            text=Text(
                f"{island.name.zh}已断航,{words.zh},游客病患 {persons:,} 人留岛",
                f"{island.name.en} is cut off: {words.en}, {persons:,} visitors and patients remain",
            ),
        )


def still_short(
    islands: Sequence[IslandOutlook], demands: Sequence[Demand], havens: frozenset[str], present: Present
) -> Iterator[Unmet]:
    """Yield the people islands lack for which no group was found to send at all."""
    for island in islands:
        if island.standing != "closing" or island.island_id in havens or island.last_by_bridges:
            continue
        coming = [state.group for one in demands if one.island.island_id == island.island_id for state in one.groups]
        for need in still_missing(island, present):
            found = sum(group.strength for group in coming if need.what == ANY_SKILL or need.what in group.skills)
            if (remain := need.short - found) <= 0:
                continue
            yield Unmet(
                island_id=island.island_id,
                what="forces",
                remain=remain,
                unit=PERSONS,
                text=Text(
                    f"{island.name.zh}缺{need.name.zh} {remain:,.0f} 人,无可派警组",
                    f"{island.name.en} lacks {remain:,.0f} for {need.name.en.lower()}: no group can be sent",
                ),
            )
