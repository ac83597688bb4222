"""The alternatives side by side, with what each costs more or less; what is no choice is said in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol, get_args

from console.i18n import say
from console.panels.figures import DOT, NONE, clock
from console.panels.markup import Html, tag
from console.panels.plan_figures import (
    arrival,
    baseline_arrival,
    baseline_gap,
    cover_left,
    cover_title,
    echelon_name,
    find_echelon,
    gap_title,
    gap_words,
    groups_at_home,
    signed,
    versus_nearest,
)
from data.geography import Region
from data.incidents import Incident
from data.plans import Alternative, Plan
from data.text import Language, Text
from routing.deploy.alternatives import Compared, Price, compare, reference_of

# The order of the columns, and of the keys from 1 on.
ALTERNATIVES: tuple[Alternative, ...] = get_args(Alternative)
WAITING = "\u2026"


class PlanJobLike(Protocol):
    """What the card needs to know of a running or finished planning job."""

    status: str
    elapsed_s: float
    alternatives: Mapping[Alternative, Plan]
    error: Text | None


def is_running(job: PlanJobLike) -> bool:
    """Tell whether a job may still better its plans."""
    return job.status in ("queued", "running")


def looked_at(job: PlanJobLike, wanted: Alternative) -> Alternative:
    """Return the alternative to show: the one wanted, or what is shown in its place once the job is over."""
    if is_running(job) or not job.alternatives:
        return wanted
    told = compare(job.alternatives)
    return told[wanted].stands_for if wanted in told else told[reference_of(job.alternatives)].stands_for


def columns_of(job: PlanJobLike) -> tuple[Alternative, ...]:
    """Return the alternatives that have a column: all while the job goes on, then those that are a choice."""
    if is_running(job):
        return ALTERNATIVES
    told = compare(job.alternatives)
    return tuple(name for name in ALTERNATIVES if name in told and told[name].is_choice)


def alternatives_table(
    incident: Incident,
    plans: Mapping[Alternative, Plan],
    columns: tuple[Alternative, ...],
    chosen: Alternative,
    region: Region,
    language: Language,
    can_act: bool,
) -> list[Html]:
    """Return the table of the columns beside the nearest-first baseline, and the lines under it."""
    told = compare(plans)
    return [
        _Table(incident, plans, columns, chosen, told, region, language).html(can_act),
        *_price_line(incident, told, chosen, plans, language),
        *_folded_lines(incident, told, columns, language),
    ]


class _Table:
    def __init__(
        self,
        incident: Incident,
        plans: Mapping[Alternative, Plan],
        columns: tuple[Alternative, ...],
        chosen: Alternative,
        told: Mapping[Alternative, Compared],
        region: Region,
        language: Language,
    ) -> None:
        self.incident, self.plans, self.columns, self.chosen = incident, plans, columns, chosen
        self.told, self.region, self.language = told, region, language
        self.baseline = next((plan.baseline for plan in plans.values() if plan.baseline), None)
        self.reference = told[reference_of(plans)].stands_for
        self.at_home = groups_at_home(list(plans.values()))

    def html(self, can_act: bool) -> Html:
        """Return the whole table."""
        language, baseline, any_plan = self.language, self.baseline, next(iter(self.plans.values()))
        start = say("plan.from", language, at=clock(any_plan.start_at, self.region.timezone))
        head = tag(
            "tr",
            tag("th", start, scope="col", title=start),
            *(self._column_head(name, can_act) for name in self.columns),
            tag("th", say("plan.nearest", language), scope="col", cls="dim", title=say("plan.nearest_is", language)),
        )
        rows = [self._echelon_row(n) for n in range(len(self.incident.echelons))]
        rows += [
            self._row(say("plan.cover", language), self._cover, NONE),
            self._row(
                say("plan.force", language), self._force, f"{baseline.persons}/{baseline.craft}" if baseline else NONE
            ),
            self._row(
                say("plan.gap", language),
                lambda name, plan: tag("span", gap_words(plan, language), title=gap_title(plan, language)),
                baseline_gap(any_plan, baseline),
            ),
            self._row(
                say("plan.versus", language, persons=max(e.persons for e in self.incident.echelons)),
                lambda name, plan: versus_nearest(plan, language),
                NONE,
                "versus",
            ),
        ]
        crowded = " four" if len(self.columns) > 3 else ""
        return tag("table", tag("thead", head), tag("tbody", *rows), cls="alternatives" + crowded)

    def _row(self, words: str | Html, cell: Callable[[Alternative, Plan], object], last: object, cls: str = "") -> Html:
        cells = [
            tag("td", cell(name, self.plans[name]) if name in self.plans else WAITING, cls=self._on(name))
            for name in self.columns
        ]
        title = None if isinstance(words, Html) else words
        return tag(
            "tr", tag("th", words, scope="row", title=title), *cells, tag("td", last, cls="dim"), cls=cls or None
        )

    def _echelon_row(self, number: int) -> Html:
        echelon, language, region = self.incident.echelons[number], self.language, self.region

        def cell(name: Alternative, plan: Plan) -> Html:
            return arrival(
                find_echelon(plan.echelons, self.incident, echelon), region, language, self._later_min(name, number)
            )

        baseline = self.baseline
        nearest: object = NONE
        if baseline is not None:
            nearest = baseline_arrival(find_echelon(baseline.echelons, self.incident, echelon), region, language)
        return self._row(echelon_name(echelon, language), cell, nearest, "figures")

    def _later_min(self, name: Alternative, number: int) -> int | None:
        """Minutes later than the reference; None where the local time is shown in their place."""
        if name in (self.chosen, self.reference):
            return None
        echelon = self.incident.echelons[number]
        changes = self.told[name].price.echelons
        mine = (c for c in changes if (c.incident_id, c.echelon_id) == (self.incident.id, echelon.id))
        return next((change.later_min for change in mine), None)

    def _cover(self, name: Alternative, plan: Plan) -> Html:
        kept = cover_left(plan, self.at_home)
        return tag(
            "span",
            kept,
            self._difference(name, -self.told[name].price.cover_groups),
            title=cover_title(plan, self.at_home, self.language),
        )

    def _force(self, name: Alternative, plan: Plan) -> Html:
        figures = f"{plan.persons}/{plan.craft_used}"
        return tag("span", figures, self._difference(name, self.told[name].price.craft))

    def _difference(self, name: Alternative, number: int) -> Html | None:
        if name == self.reference or not number:
            return None
        return tag("small", " ", signed(number), cls="differs")

    def _column_head(self, name: Alternative, can_act: bool) -> Html:
        words = say(f"alternative.{name}", self.language)
        chosen = name == self.chosen
        choice = tag(
            "button",
            tag("span", "\u25cf ", cls="mark") if chosen else None,
            tag("span", words, cls="cut"),
            tag("kbd", str(ALTERNATIVES.index(name) + 1)),
            type="button",
            cls="pick",
            data_act="choose-alternative",
            data_value=name,
            aria_label=words,
            aria_pressed="true" if chosen else "false",
            disabled=name not in self.plans or not can_act,
        )
        return tag("th", choice, scope="col", cls=self._on(name), title=words)

    def _on(self, name: Alternative) -> str | None:
        return "on" if name == self.chosen else None


def _price_line(
    incident: Incident,
    told: Mapping[Alternative, Compared],
    chosen: Alternative,
    plans: Mapping[Alternative, Plan],
    language: Language,
) -> list[Html]:
    """What the chosen alternative costs beside the reference, in one line; nothing where it is the reference."""
    reference = told[reference_of(plans)].stands_for
    if chosen not in told or chosen == reference or told[chosen].price.is_nothing:
        return []
    name = say(f"alternative.{reference}", language)
    words = say("choice.beside", language, name=name, price=price_words(told[chosen].price, incident, language))
    return [tag("p", words, cls="note price", title=words)]


def _folded_lines(
    incident: Incident, told: Mapping[Alternative, Compared], columns: tuple[Alternative, ...], language: Language
) -> list[Html]:
    """One line for all that come to the same as another, and one for each that another is better than."""
    lines: list[str] = []
    folded = [told[name] for name in ALTERNATIVES if name in told and name not in columns]
    for is_same_plan, key in ((True, "choice.same_plan"), (False, "choice.same_result")):
        others: dict[Alternative, list[str]] = {}
        for one in folded:
            if one.same_as is not None and one.is_same_plan is is_same_plan:
                others.setdefault(one.same_as, []).append(say(f"alternative.{one.alternative}", language))
        for other, names in others.items():
            joined = say("choice.and", language).join(names)
            lines.append(say(key, language, names=joined, other=say(f"alternative.{other}", language)))
    for one in folded:
        if one.worse_than is not None:
            words, better = (say(f"alternative.{name}", language) for name in (one.alternative, one.worse_than))
            costs = price_words(one.price, incident, language)
            lines.append(say("choice.worse", language, name=words, other=better, price=costs))
    return [tag("p", words, cls="note folded", title=words) for words in lines]


def price_words(price: Price, incident: Incident, language: Language) -> str:
    """Return a price as minutes of the incident's echelons and by weight, groups of cover, craft."""
    words = []
    persons = {echelon.id: echelon.persons for echelon in incident.echelons}
    for row in price.echelons:
        if row.incident_id == incident.id and row.later_min and row.echelon_id in persons:
            words.append(
                say("choice.minutes", language, persons=persons[row.echelon_id], minutes=signed(row.later_min))
            )
    if price.weighted_min:
        words.append(say("choice.weighted", language, minutes=signed(round(price.weighted_min))))
    if price.cover_groups:
        groups = signed(-price.cover_groups)
        words.append(say("choice.groups", language, groups=groups, stations=price.cover_stations))
    if price.craft:
        words.append(say("choice.craft", language, craft=signed(price.craft)))
    return DOT.join(words) or say("choice.no_price", language)
