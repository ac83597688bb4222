"""All alternatives of a scenario at a terminal: the ones that are a choice with their prices, the others in words."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from console.cli_tables import STATUSES, print_table
from console.cli_words import out, said, say
from data.journal.wording import ALTERNATIVE_WORDS
from data.plans import Alternative, EchelonTime, Plan
from routing.deploy.alternatives import Compared, Price, compare, reference_of

ALTERNATIVES_FORMAT = "tongzhou-alternatives/1"


class AlternativePlan(msgspec.Struct, frozen=True, kw_only=True):
    """One alternative: how it stands among the others, and its plan."""

    compared: Compared
    is_choice: bool
    plan: Plan


class AlternativesFile(msgspec.Struct, frozen=True, kw_only=True):
    """All alternatives of one situation; prices are beside ``reference``."""

    format: str = ALTERNATIVES_FORMAT
    reference: Alternative
    alternatives: tuple[AlternativePlan, ...]


def alternatives_file(plans: Mapping[Alternative, Plan]) -> AlternativesFile:
    """Return the plans of one situation as a file holds them."""
    told = compare(plans)
    return AlternativesFile(
        reference=told[reference_of(plans)].stands_for,
        alternatives=tuple(
            AlternativePlan(compared=one, is_choice=one.is_choice, plan=plans[name]) for name, one in told.items()
        ),
    )


def print_alternatives(plans: Mapping[Alternative, Plan], title: str, scenario: str) -> None:
    """Print the Pareto set with the price of each, then what is no choice and why."""
    told, to = compare(plans), out()
    reference = told[reference_of(plans)].stands_for
    to.print(f"[bold]{title}[/bold]  {say('方案比较', 'alternatives')}")
    choices = [name for name, one in told.items() if one.is_choice]
    numbers = (say("留守（组）", "cover (groups)"), say("艇机", "craft"), say("人数", "persons"), say("差距", "gap"))
    weighted = say("加权（分）", "by weight (min)")
    headings = (say("方案", "alternative"), *(_heading(plans[reference], row) for row in plans[reference].echelons),
                weighted, *numbers)  # fmt: skip
    rows = [_row(plans[name], told[name].price, name == reference) for name in choices]
    print_table(
        say(
            f"时间为分钟；括号内为与“{_name(reference)}”之差",
            f"Times in minutes; in brackets the difference from '{_name(reference)}'",
        ),
        headings,
        rows,
        right=headings[1:],
    )
    for name, one in told.items():
        if not one.is_choice:
            to.print(_no_choice(name, one), markup=False)
    to.print(
        say(
            f"看某一方案的行程：tongzhou deploy {scenario} --alternative {choices[0]}",
            f"For the legs of one: tongzhou deploy {scenario} --alternative {choices[0]}",
        ),
        style="dim",
        markup=False,
    )


def _heading(plan: Plan, row: EchelonTime) -> str:
    name = f"{said(row.name)} {row.persons}"
    return name if len(plan.incident_ids) == 1 else f"{row.incident_id} {name}"


def _row(plan: Plan, price: Price, is_reference: bool) -> tuple[str, ...]:
    def beside(figure: str, difference: float) -> str:
        return figure if is_reference or not difference else f"{figure} ({difference:+g})"

    changes = {(one.incident_id, one.echelon_id): one.later_min or 0 for one in price.echelons}
    sent = sum(row.groups_before - row.groups_left for row in plan.cover)
    gap = said_status(plan) if plan.status != "feasible" else f"<= {plan.gap:.1%}"
    return (
        _name(plan.alternative),
        *(beside(_minutes(row), changes[row.incident_id, row.echelon_id]) for row in plan.echelons),
        "-" if is_reference else f"{round(price.weighted_min):+d}",
        beside(str(-sent), -price.cover_groups),
        beside(str(plan.craft_used), price.craft),
        beside(str(plan.persons), price.persons),
        gap,
    )


def said_status(plan: Plan) -> str:
    """Return what is proven of a plan."""
    return say(*STATUSES[plan.status])


def _minutes(row: EchelonTime) -> str:
    if row.complete_min is None:
        return say(f"未到齐 {row.arrived}/{row.persons}", f"unmet {row.arrived}/{row.persons}")
    return str(row.complete_min)


def _no_choice(name: Alternative, one: Compared) -> str:
    other = _name(one.stands_for)
    if one.is_same_plan:
        return say(f"{_name(name)}：与“{other}”同一方案", f"{_name(name)}: the same plan as '{other}'")
    if one.same_as is not None:
        return say(
            f"{_name(name)}：用时、留守、艇机数与“{other}”相同",
            f"{_name(name)}: as '{other}' in minutes, cover and craft",
        )
    costs = one.price
    return say(
        f"{_name(name)}：处处不优于“{other}”（加权 {costs.weighted_min:+.0f} 分，多抽调 {costs.cover_groups} 组，"
        f"多用 {costs.craft} 艘/架）",
        f"{_name(name)}: nowhere better than '{other}' (by weight {costs.weighted_min:+.0f} min, "
        f"{costs.cover_groups} more groups from cover, {costs.craft} more craft)",
    )


def _name(name: Alternative) -> str:
    return said(ALTERNATIVE_WORDS[name])
