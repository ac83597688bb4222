"""Check any plan without a solver: every rule and every figure, from its legs, situation and region alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from data.geography import Region
from data.plans import Plan
from data.situation import Situation
from routing.check_context import CheckContext, PlanFault
from routing.check_roads import vehicles_suffice
from routing.check_totals import (
    bound_and_gap_agree,
    echelon_times_are_true,
    head_counts_are_true,
    objective_is_true,
    standing_cover_is_kept,
)
from routing.check_trips import (
    berths_suffice,
    calls_lead_to_a_carry,
    craft_can_berth,
    handling_takes_its_time,
    legs_take_their_time,
    limits_and_closures_hold,
    range_suffices,
    seats_and_deck_suffice,
)
from routing.check_units import (
    incidents_are_known,
    legs_chain,
    legs_run_forward,
    one_incident_a_group,
    plan_fits_its_situation,
    units_are_free,
    units_are_known,
    units_start_where_they_are,
)

if TYPE_CHECKING:
    from routing.network.network import Network

__all__ = ["RULES", "CheckContext", "PlanFault", "check_plan"]

Rule = Callable[[CheckContext], Iterator[PlanFault]]

RULES: tuple[Rule, ...] = (
    plan_fits_its_situation,
    incidents_are_known,
    units_are_known,
    units_are_free,
    one_incident_a_group,
    legs_run_forward,
    units_start_where_they_are,
    legs_chain,
    seats_and_deck_suffice,
    calls_lead_to_a_carry,
    handling_takes_its_time,
    vehicles_suffice,
    legs_take_their_time,
    craft_can_berth,
    berths_suffice,
    limits_and_closures_hold,
    range_suffices,
    standing_cover_is_kept,
    echelon_times_are_true,
    objective_is_true,
    bound_and_gap_agree,
    head_counts_are_true,
)


def check_plan(plan: Plan, situation: Situation, region: Region, network: Network) -> list[PlanFault]:
    """Return every rule the plan breaks, in words; empty for a sound plan."""
    ctx = CheckContext(plan, situation, region, network)
    return [fault for rule in RULES for fault in rule(ctx)]
