"""The drawers beside the work: new incident, change, reject, scenarios, keys, log; none of them modal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from console.i18n import say
from console.panels.figures import clock
from console.panels.markup import Html, button, incident_mark, symbol, tag
from console.panels.units import plan_members
from data.geography import Region
from data.plans import Plan
from data.text import Language, Text

if TYPE_CHECKING:
    from data.journal.picture import Picture
    from data.journal.views import LogLine

LOG_ROWS = 200
REJECT_REASONS = ("weather", "forces", "superior", "stood_down", "time")
# Every key of the console, with what it does.
KEYS = (
    ("/", "command"),
    ("N", "new"),
    ("P", "plan"),
    ("Enter", "accept"),
    ("1 2 3 4", "choose"),
    ("D", "nearest"),
    ("E", "change"),
    ("R", "reject"),
    ("U", "undo"),
    ("A", "acknowledge"),
    ("V", "approve"),
    ("Z", "refit"),
    ("\u2191 \u2193", "walk"),
    ("W", "reasons"),
    ("T", "theme"),
    ("F1", "operate"),
    ("F3", "isolation"),
    ("F4", "evacuation"),
    ("\u2191 \u2193 Enter", "board"),
    ("1 \u2026 9", "order"),
    ("F6", "replay"),
    ("?", "help"),
    ("Esc", "close"),
)
COMMANDS = ("new", "dispatch", "status", "log", "goto", "island", "plan", "weather", "team")


class ScenarioLike(Protocol):
    """What the list of scenarios shows of each."""

    id: str
    title: Text
    summary: Text


def drawer(title: str, language: Language, *body: object) -> Html:
    """Return a drawer with its title and the button that closes it."""
    close = button("\u2715", "drawer", key="Esc", cls="quiet", label=say("drawer.close", language), value="")
    head = tag("header", tag("b", title), tag("span", cls="spring"), close, cls="head")
    return tag("section", head, tag("div", *body, cls="rows body"), cls="room drawer", aria_label=title)


def new_incident_html(region: Region, language: Language, *, draft: Mapping[str, str] | None = None) -> Html:
    """Return the form of a new incident; ``draft`` holds what was typed or picked so far.

    An empty demand takes the run card's; otherwise it is cumulative head counts, e.g. 12/40/100.
    """
    draft = draft or {}
    types = [
        tag(
            "option",
            f"{case.name.said(language)} ({'/'.join(str(e.persons) for e in case.echelons)})",
            value=case.id,
            selected=draft.get("type") == case.id,
        )
        for case in region.case_types.values()
    ]
    names = [island.name for island in region.islands.values()] + [place.name for place in region.places()]
    places = [tag("option", value=name) for name in dict.fromkeys(name.said(language) for name in names)]
    picked = None
    if draft.get("lon") and draft.get("lat"):
        picked = tag(
            "p",
            say("report.picked", language, lon=draft["lon"], lat=draft["lat"]),
            tag("input", type="hidden", name="lon", value=draft["lon"]),
            tag("input", type="hidden", name="lat", value=draft["lat"]),
            cls="note",
        )
    form = tag(
        "form",
        _field("report.type", "type", tag("select", *types, id="f-type", name="type"), language),
        _field(
            "report.place",
            "place",
            tag(
                "input",
                type="text",
                id="f-place",
                name="place",
                list="places",
                autocomplete="off",
                required=picked is None,
                value=draft.get("place", ""),
                placeholder=say("report.place_hint", language),
            ),
            language,
        ),
        tag("datalist", *places, id="places"),
        picked,
        button(say("report.pick", language), "pick-on-map"),
        _priorities(draft.get("priority", ""), language),
        _field(
            "report.demand",
            "demand",
            tag(
                "input",
                type="text",
                id="f-demand",
                name="demand",
                inputmode="numeric",
                pattern="[0-9]+(/[0-9]+)*",
                value=draft.get("demand", ""),
                placeholder=say("report.demand_hint", language),
            ),
            language,
        ),
        _field(
            "report.note",
            "note",
            tag("input", type="text", id="f-note", name="note", value=draft.get("note", ""), maxlength=200),
            language,
        ),
        tag("button", say("report.send", language), tag("kbd", "Enter"), type="submit", cls="btn primary"),
        tag("p", say("report.privacy", language), cls="note"),
        data_act="report",
        data_key="report-form",
    )
    return drawer(say("report.title", language), language, form)


def _field(key: str, name: str, control: Html, language: Language) -> Html:
    return tag("label", tag("span", say(key, language)), control, for_=f"f-{name}")


def _priorities(chosen: str, language: Language) -> Html:
    choices = [
        tag(
            "label",
            tag("input", type="radio", name="priority", value=value, checked=chosen == value),
            incident_mark(int(value), 16) if value else None,
            say(f"priority.{value}" if value else "report.by_run_card", language),
            cls="radio",
        )
        for value in ("", "1", "2", "3", "4")
    ]
    return tag("fieldset", tag("legend", say("report.priority", language)), *choices)


def change_html(
    plan: Plan | None, picture: Picture, forbidden: Mapping[str, object], incident_id: str, language: Language
) -> Html:
    """Return the units of the plan, each of which may be forbidden, and the forbidden ones, to be allowed again."""
    units = sorted(plan_members(plan) | set(forbidden), key=lambda i: (i not in forbidden, i))
    rows = []
    for unit_id in units:
        unit = picture.units.get(unit_id)
        name = unit.call_sign.said(language) if unit else unit_id
        out = unit_id in forbidden
        act, words = ("allow", say("change.allow", language)) if out else ("forbid", say("change.forbid", language))
        rows.append(
            tag(
                "div",
                symbol(unit.symbol, unit.status) if unit else None,
                tag("span", name, cls="cut" + (" struck" if out else "")),
                tag("span", cls="spring"),
                button(words, act, cls="small", label=f"{words} {name}", id=unit_id),
                cls="choice",
            )
        )
    again = button(say("plan.again", language), "plan", key="P", cls="primary", id=incident_id)
    return drawer(
        say("change.title", language), language, tag("p", say("change.how", language), cls="note"), *rows, again
    )


def reject_html(plan: Plan | None, language: Language) -> Html:
    """Return the reasons a plan may be rejected with, and a line for another."""
    reasons = [
        button(
            say(f"reject.{name}", language),
            "reject",
            id=plan.id if plan else "",
            reason=say(f"reject.{name}", "zh") + " / " + say(f"reject.{name}", "en"),
        )
        for name in REJECT_REASONS
    ]
    other = tag(
        "form",
        _field(
            "reject.other",
            "reason",
            tag("input", type="text", id="f-reason", name="reason", required=True, maxlength=200),
            language,
        ),
        tag("button", say("plan.reject", language), type="submit", cls="btn primary"),
        data_act="reject",
        data_id=plan.id if plan else "",
        data_key="reject-form",
    )
    return drawer(say("reject.title", language), language, *reasons, other)


def scenarios_html(scenarios: Iterable[ScenarioLike], running_id: str | None, language: Language) -> Html:
    """Return the shipped scenarios, each with what it is about and a button that runs it from its start."""
    rows = [
        tag(
            "article",
            tag("b", scenario.title.said(language)),
            tag("span", say("scenario.running", language), cls="tagged") if scenario.id == running_id else None,
            tag("p", scenario.summary.said(language)),
            button(
                say("scenario.restart" if scenario.id == running_id else "scenario.run", language),
                "scenario-run",
                label=f"{say('scenario.run', language)}: {scenario.title.said(language)}",
                id=scenario.id,
            ),
        )
        for scenario in scenarios
    ]
    kept = tag("p", say("scenario.kept", language), cls="note")
    return drawer(say("drawer.scenarios", language), language, kept, *rows)


def help_html(language: Language) -> Html:
    """Return every key and every command with what it does."""
    keys = [tag("tr", tag("td", tag("kbd", key)), tag("td", say(f"key.{name}", language))) for key, name in KEYS]
    commands = [
        tag(
            "tr", tag("td", tag("code", say(f"usage.{name}", language))), tag("td", say(f"usage.{name}_does", language))
        )
        for name in COMMANDS
    ]
    return drawer(
        say("drawer.help", language),
        language,
        tag("h3", say("help.keys", language)),
        tag("table", *keys),
        tag("h3", say("help.commands", language)),
        tag("table", *commands),
        tag("p", say("help.planning_figure", language), cls="note"),
    )


def log_html(log: Sequence[LogLine], region: Region, language: Language) -> Html:
    """Return the latest lines of the log, newest first."""
    rows = [
        tag(
            "div",
            tag("span", clock(line.world_at, region.timezone, seconds=True), cls="num dim"),
            tag("span", line.actor, cls="dim cut"),
            tag("span", line.text.said(language)),
            cls="logline",
        )
        for line in reversed(log[-LOG_ROWS:])
    ]
    shown = say("log.shown", language, shown=len(rows), total=len(log))
    return drawer(say("drawer.log", language), language, tag("p", shown, cls="note"), *rows)
