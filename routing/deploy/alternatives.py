"""What the alternatives of one situation differ in: minutes, cover, craft; and which of them are a choice at all."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from data.plans import Alternative, EchelonTime, Plan

# The order they are solved in, and of two that come to the same the earlier one is shown.
ALTERNATIVES_IN_ORDER: tuple[Alternative, ...] = ("balanced", "fastest", "keep_cover", "fewest_craft")
POINTS_A_MINUTE = 100


class EchelonChange(msgspec.Struct, frozen=True, kw_only=True):
    """One echelon beside the reference plan: minutes later (negative: sooner), None unless both complete it."""

    incident_id: str
    echelon_id: str
    later_min: int | None
    complete_min: int | None
    reference_min: int | None


class Price(msgspec.Struct, frozen=True, kw_only=True):
    """What a plan costs beside the reference plan; less than zero is less of it.

    ``weighted_min`` are the minutes of all echelons by their weights, an unmet one counted as the objective charges it.
    ``cover_groups`` are groups taken from standing cover, ``cover_stations`` the stations that send another number.
    """

    echelons: tuple[EchelonChange, ...]
    weighted_min: float
    cover_groups: int
    cover_stations: int
    craft: int
    persons: int

    @property
    def is_nothing(self) -> bool:
        """Whether the plan comes to the same in every echelon, in cover and in craft."""
        same_times = all(one.complete_min == one.reference_min for one in self.echelons)
        return same_times and not (self.weighted_min or self.cover_groups or self.craft)


class Compared(msgspec.Struct, frozen=True, kw_only=True):
    """One alternative among the others.

    ``same_as`` is an earlier one with the same times, cover and craft, ``is_same_plan`` whether it is that plan leg by
    leg; ``worse_than`` one that is at least as good in weighted minutes, cover and craft and better in one of them.
    """

    alternative: Alternative
    price: Price
    same_as: Alternative | None = None
    is_same_plan: bool = False
    worse_than: Alternative | None = None

    @property
    def is_choice(self) -> bool:
        """Whether it belongs to the Pareto set, told once."""
        return self.same_as is None and self.worse_than is None

    @property
    def stands_for(self) -> Alternative:
        """The alternative to look at in its place."""
        return self.same_as or self.worse_than or self.alternative


def reference_of(plans: Mapping[Alternative, Plan]) -> Alternative:
    """Return the alternative the others are priced against: the balanced one, or the first there is."""
    return next(name for name in ALTERNATIVES_IN_ORDER if name in plans)


def compare(plans: Mapping[Alternative, Plan]) -> dict[Alternative, Compared]:
    """Return the price of each plan of one situation, and which of them are equal or dominated; {} for none.

    Prices are beside the reference, or beside what stands for it where it is no choice itself.
    """
    if not plans:
        return {}
    reference = plans[reference_of(plans)]
    told: dict[Alternative, Compared] = {}
    names = [name for name in ALTERNATIVES_IN_ORDER if name in plans]
    for number, name in enumerate(names):
        same = next(
            (one for one in names[:number] if told[one].same_as is None and price(plans[name], plans[one]).is_nothing),
            None,
        )
        told[name] = Compared(
            alternative=name,
            price=price(plans[name], reference),
            same_as=same,
            is_same_plan=same is not None and _movements(plans[name]) == _movements(plans[same]),
        )
    single = [name for name in names if told[name].same_as is None]
    for name in single:
        better = [one for one in single if _dominates(plans[one], plans[name])]
        # One that nothing dominates is named, so that what is shown in its place is a choice itself.
        best = next((one for one in better if not any(_dominates(plans[other], plans[one]) for other in single)), None)
        told[name] = msgspec.structs.replace(told[name], worse_than=best)
    for name in names:
        same = told[name].same_as
        if same is not None and told[same].worse_than is not None:
            told[name] = msgspec.structs.replace(
                told[name], same_as=None, is_same_plan=False, worse_than=told[same].worse_than
            )
    shown = plans[told[reference_of(plans)].stands_for]
    return {name: msgspec.structs.replace(one, price=price(plans[name], shown)) for name, one in told.items()}


def price(plan: Plan, reference: Plan) -> Price:
    """Return what a plan costs beside another of the same situation."""
    theirs = {_key(row): row for row in reference.echelons}
    ours, before = _groups_sent(plan), _groups_sent(reference)
    return Price(
        echelons=tuple(_echelon_change(row, theirs.get(_key(row))) for row in plan.echelons),
        weighted_min=(_time_points(plan) - _time_points(reference)) / POINTS_A_MINUTE,
        cover_groups=sum(ours.values()) - sum(before.values()),
        cover_stations=sum(1 for one in ours.keys() | before.keys() if ours.get(one, 0) != before.get(one, 0)),
        craft=plan.craft_used - reference.craft_used,
        persons=plan.persons - reference.persons,
    )


def _echelon_change(row: EchelonTime, other: EchelonTime | None) -> EchelonChange:
    before = None if other is None else other.complete_min
    return EchelonChange(
        incident_id=row.incident_id,
        echelon_id=row.echelon_id,
        later_min=None if row.complete_min is None or before is None else row.complete_min - before,
        complete_min=row.complete_min,
        reference_min=before,
    )


def _key(row: EchelonTime) -> tuple[str, str]:
    return row.incident_id, row.echelon_id


def _groups_sent(plan: Plan) -> dict[str, int]:
    return {row.station_id: row.groups_before - row.groups_left for row in plan.cover}


def _time_points(plan: Plan) -> int:
    """Return the points of times alone: every alternative prices them alike."""
    return plan.objective.unmet + plan.objective.echelon_time


def _sums(plan: Plan) -> tuple[int, int, int]:
    return _time_points(plan), sum(_groups_sent(plan).values()), plan.craft_used


def _dominates(plan: Plan, other: Plan) -> bool:
    ours, theirs = _sums(plan), _sums(other)
    return ours != theirs and all(mine <= its for mine, its in zip(ours, theirs, strict=True))


def _movements(plan: Plan) -> frozenset[tuple[object, ...]]:
    return frozenset(
        (leg.craft_id, leg.group_ids, leg.from_site, leg.to_site, leg.depart_at, leg.arrive_at) for leg in plan.legs
    )
