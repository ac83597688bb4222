"""Begin a plan later than it was made for: the same moves, every time of it later by whole minutes."""

from __future__ import annotations

from datetime import datetime, timedelta
from math import ceil

import msgspec

from console.decide.ground import RefusedError
from data.plans import EchelonTime, Leg, Plan
from data.text import Text


def begun_at(plan: Plan, moment: datetime, too_old: timedelta) -> Plan:
    """Return the plan started at ``moment``, or as it is if that is not past its start by a whole minute.

    While an officer reads, the clock runs on. Minutes after the start stay as they are; the bound was
    proved for the earlier start and the plan says so. Refuses a plan older than ``too_old``.
    """
    late = moment - plan.start_at
    if late < timedelta(minutes=1):
        return plan
    minutes = ceil(late.total_seconds() / 60)
    if late > too_old:
        raise RefusedError(
            f"该方案是 {minutes} 分钟前的,态势已变。请重新计算。",
            f"This plan is {minutes} min old. Plan again from the picture of now.",
        )
    shift = timedelta(minutes=minutes)
    situation = plan.situation and msgspec.structs.replace(plan.situation, at=plan.situation.at + shift)
    return msgspec.structs.replace(
        plan,
        start_at=plan.start_at + shift,
        legs=tuple(_later_leg(leg, shift) for leg in plan.legs),
        echelons=tuple(_later_echelon(one, shift) for one in plan.echelons),
        baseline=plan.baseline
        and msgspec.structs.replace(
            plan.baseline, echelons=tuple(_later_echelon(one, shift) for one in plan.baseline.echelons)
        ),
        bound_assumes=(
            *plan.bound_assumes,
            Text(f"下界按早 {minutes} 分钟出发证明", f"the bound was proved for a start {minutes} min earlier"),
        ),
        situation=situation,
        situation_hash=situation.content_hash() if situation else plan.situation_hash,
    )


def _later_leg(leg: Leg, shift: timedelta) -> Leg:
    moved = {
        name: value + shift
        for name in leg.__struct_fields__
        if name.endswith("_at") and isinstance(value := getattr(leg, name), datetime)
    }
    return msgspec.structs.replace(leg, **moved)


def _later_echelon(echelon: EchelonTime, shift: timedelta) -> EchelonTime:
    if echelon.complete_at is None:
        return echelon
    return msgspec.structs.replace(echelon, complete_at=echelon.complete_at + shift)
