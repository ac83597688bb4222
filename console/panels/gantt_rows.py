"""What the legs chart draws: rows, bars and marks with their place on the time axis, before any markup."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal

import msgspec

from data.plans import Leg, Plan
from data.text import Text

if TYPE_CHECKING:
    from data.journal.picture import Picture

BarKind = Literal["position", "load", "carry", "air", "road"]
TICK_STEPS_MIN = (5, 10, 15, 30, 60, 120, 240)
MAX_TICKS = 8


class Bar(msgspec.Struct, frozen=True, kw_only=True):
    """One bar of a row; ``words`` names who rides, ``persons`` how many."""

    kind: BarKind
    from_at: datetime
    to_at: datetime
    words: tuple[Text, ...] = ()
    persons: int = 0


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One craft, or one group that goes by itself; ``cumulative`` counts everybody arrived by ``arrive_at``."""

    unit_id: str
    bars: tuple[Bar, ...]
    arrive_at: datetime
    persons: int
    cumulative: int


class Axis(msgspec.Struct, frozen=True, kw_only=True):
    """The time span drawn, with the ticks in it."""

    from_at: datetime
    to_at: datetime
    ticks: tuple[datetime, ...]

    def percent(self, moment: datetime) -> float:
        """Return the place of a moment on the axis, held within 0..100."""
        part = (moment - self.from_at) / (self.to_at - self.from_at)
        return 100 * min(1.0, max(0.0, part))


def arrivals(plan: Plan, strength: Mapping[str, int]) -> dict[str, tuple[datetime, int]]:
    """Return when each group reaches the incident and how many persons it brings.

    A group arrives by its last leg towards the incident; positioning legs carry nobody there.
    """
    found: dict[str, tuple[datetime, int]] = {}
    for leg in plan.legs:
        if leg.purpose not in ("carry", "last_mile", "direct"):
            continue
        for group_id in leg.group_ids:
            persons = strength.get(group_id, leg.persons // len(leg.group_ids))
            before = found.get(group_id)
            if before is None or leg.arrive_at > before[0]:
                found[group_id] = (leg.arrive_at, persons)
    return found


def gantt_rows(plan: Plan, picture: Picture) -> list[Row]:
    """Return a row a craft, then a row a group going by itself, each by the time it is done."""
    strength = {unit.unit_id: unit.strength for unit in picture.units.values() if unit.kind == "group"}
    names = {unit.unit_id: unit.call_sign for unit in picture.units.values()}
    by_arrival = sorted(arrivals(plan, strength).values())
    rows: list[Row] = []
    for unit_id, legs in _legs_by_unit(plan).items():
        bars = tuple(bar for leg in legs for bar in _bars(leg, names))
        carried = {group for leg in legs if leg.purpose in ("carry", "direct") for group in leg.group_ids}
        reached = [at for group, (at, _) in arrivals(plan, strength).items() if group in carried]
        arrive_at = max(reached, default=max(leg.arrive_at for leg in legs))
        rows.append(
            Row(
                unit_id=unit_id,
                bars=bars,
                arrive_at=arrive_at,
                persons=sum(bar.persons for bar in bars),
                cumulative=sum(persons for at, persons in by_arrival if at <= arrive_at),
            )
        )
    return sorted(rows, key=lambda row: (row.arrive_at, row.unit_id))


def _legs_by_unit(plan: Plan) -> dict[str, list[Leg]]:
    found: dict[str, list[Leg]] = {}
    for leg in sorted(plan.legs, key=lambda leg: leg.depart_at):
        if leg.craft_id is not None:
            found.setdefault(leg.craft_id, []).append(leg)
        elif leg.purpose == "direct":
            for group_id in leg.group_ids:
                found.setdefault(group_id, []).append(leg)
    return found


def _bars(leg: Leg, names: Mapping[str, Text]) -> list[Bar]:
    words = tuple(names.get(group_id, Text(group_id, group_id)) for group_id in leg.group_ids)
    if leg.purpose == "position":
        return [Bar(kind="position", from_at=leg.depart_at, to_at=leg.arrive_at)]
    if leg.mode in ("road", "foot"):
        return [Bar(kind="road", from_at=leg.depart_at, to_at=leg.arrive_at, words=words, persons=leg.persons)]
    kind: BarKind = "air" if leg.mode == "air" else "carry"
    persons = leg.persons if leg.purpose != "call" else 0  # they are counted where they are carried on
    bars = [Bar(kind=kind, from_at=leg.depart_at, to_at=leg.arrive_at, words=words, persons=persons)]
    if leg.board_at and leg.board_at < leg.depart_at:
        bars.insert(0, Bar(kind="load", from_at=leg.board_at, to_at=leg.depart_at))
    return bars


def build_axis(plan: Plan) -> Axis:
    """Return an axis from the plan's start to a little after its last arrival, with at most eight round ticks."""
    marks = [leg.arrive_at for leg in plan.legs] + [e.complete_at for e in plan.echelons if e.complete_at]
    last = max(marks, default=plan.start_at + timedelta(hours=1))
    length = max(last - plan.start_at, timedelta(minutes=10))
    to_at = plan.start_at + length * 1.05
    minutes = length.total_seconds() / 60 * 1.05
    step = next((s for s in TICK_STEPS_MIN if minutes / s <= MAX_TICKS), TICK_STEPS_MIN[-1])
    tick = plan.start_at.replace(minute=0, second=0, microsecond=0)
    ticks = []
    while tick <= to_at:
        if tick >= plan.start_at:
            ticks.append(tick)
        tick += timedelta(minutes=step)
    return Axis(from_at=plan.start_at, to_at=to_at, ticks=tuple(ticks))
