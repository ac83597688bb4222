"""An island's page: whether it can be reached now and in the hours ahead, and who does what there until relief."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from console.i18n import say
from console.map.states import State
from console.panels.cutoff_parts import (
    HOUR,
    Scale,
    day_clock,
    island_chooser,
    near_clock,
    study_state,
    time_left,
    without_answer,
)
from console.panels.figures import DOT, NONE
from console.panels.island_timeline import timeline_html
from console.panels.isolation_tracks import across, axis_html, letters, windows_svg
from console.panels.markup import Html, button, join, tag
from console.studies import Seen
from data.circles import CircleReport
from data.geography import Bridge, Helipad, Island, Pier, Region
from data.holding import HoldPlan
from data.isolation import KIND_NAMES, CraftRow, IslandOutlook, IsolationReport
from data.text import Language, Text

AHEAD = 24 * HOUR


@dataclass(frozen=True)
class IslandView:
    """What an island's page is drawn from; ``states`` are those of its piers, pads and bridges that are not open."""

    island: Island
    region: Region
    isolation: Seen
    hold: Seen
    circles: Seen
    states: Mapping[str, State]
    now: datetime

    @property
    def report(self) -> IsolationReport | None:
        """The isolation forecast, if there is one."""
        return self.isolation.answer.value if self.isolation.answer is not None else None

    @property
    def outlook(self) -> IslandOutlook | None:
        """What is ahead of this island, if it is known."""
        return self.report.island(self.island.id) if self.report is not None else None

    @property
    def circle_report(self) -> CircleReport | None:
        """Who is near each of the island's points, if it is worked out."""
        found = self.circles.answer.value if self.circles.answer is not None else None
        return found.report if found is not None else None

    @property
    def team_names(self) -> dict[str, Text]:
        """The names of the island's teams by id."""
        return {one.id: one.name for one in self.region.local_teams.values() if one.island_id == self.island.id}

    @property
    def plan(self) -> HoldPlan | None:
        """The plan that holds the island, if there is one."""
        return self.hold.answer.value if self.hold.answer is not None else None


def island_html(view: IslandView, language: Language, *, can_act: bool = True) -> Html:
    """Return the main part of the page: state, windows of the next 24 hours, and the timeline of the hold."""
    header = tag(
        "header",
        tag("b", view.island.name.said(language)),
        island_chooser(view.region, view.island.id, language),
        _standing(view, language),
        tag("span", cls="spring"),
        study_state(view.isolation, view.region.timezone, language),
        cls="head",
    )
    return tag(
        "section",
        header,
        tag("div", _sites(view, language), _windows(view, language), cls="islandtop"),
        _hold(view, language, can_act=can_act),
        cls="room island",
    )


def _standing(view: IslandView, language: Language) -> Html | None:
    """Return until when the island can be left, in the words of the board."""
    outlook = view.outlook
    if outlook is None:
        return None
    likely, zone = outlook.last_safe_departure.likely, view.region.timezone
    if outlook.standing == "closing" and likely is not None:
        words = say("isolation.spoken", language, at=near_clock(likely, view.now, zone, language))
        return tag("span", tag("b", words), " ", time_left(likely, view.now, language), cls="standing")
    words = say(f"isolation.standing_{outlook.standing}", language)
    cls = "loud" if outlook.standing == "cut_off" else "dim"
    back = outlook.reopens.likely if outlook.standing == "cut_off" else None
    more = say("isolation.reopens", language, at=day_clock(back, zone, language)) if back is not None else None
    return tag("span", join([tag("b", words), more], DOT), cls=f"standing {cls}")


def sites_of(region: Region, island_id: str) -> list[Pier | Helipad | Bridge]:
    """Return the piers, pads and bridges of an island, in that order."""
    found: list[Pier | Helipad | Bridge] = [one for one in region.piers.values() if one.island_id == island_id]
    found += [one for one in region.helipads.values() if one.island_id == island_id]
    found += [one for one in region.bridges.values() if one.usable and island_id in (one.from_island, one.to_island)]
    return found


def _sites(view: IslandView, language: Language) -> Html:
    rows = []
    for site in sites_of(view.region, view.island.id):
        kind = "pier" if isinstance(site, Pier) else "helipad" if isinstance(site, Helipad) else "bridge"
        state = view.states.get(site.id, State("open"))
        until = NONE
        if state.until_at is not None and state.status != "open":
            until = near_clock(state.until_at, view.now, view.region.timezone, language)
        colour = {"closed": "red", "limited": "amber"}.get(state.status)
        word = say(f"link.{state.status}", language) if state.status != "open" else say("island.open", language)
        why = (
            state.text.said(language)
            if state.text is not None and state.status != "open"
            else site_words(site, language)
        )
        rows.append(
            tag(
                "tr",
                tag("td", say(f"map.{kind}", language), cls="dim"),
                tag("td", tag("b", site.name.said(language)), cls="cut"),
                tag("td", tag("b", word, cls=f"chip {colour}") if colour else tag("span", word, cls="dim")),
                tag("td", until, cls="num"),
                tag("td", why, cls="why"),
                title=say("island.source", language, source=site.source, sure=site.confidence),
            )
        )
    heads = ("kind", "site", "state", "until", "why")
    head = tag("tr", *(tag("th", say(f"island.col_{name}", language)) for name in heads))
    table: Html = tag("table", tag("thead", head), tag("tbody", *rows), cls="groups sites")
    if not rows:
        table = tag("p", say("isolation.standing_unknown", language), cls="note first")
    title = tag("div", tag("b", say("island.state", language)), cls="head charthead")
    return tag("div", title, tag("div", table, cls="rows"), cls="sitebox")


def site_words(site: Pier | Helipad | Bridge, language: Language) -> str:
    """Return what there is to know of a site that is open."""
    if isinstance(site, Pier):
        words = [say("map.berths", language, n=site.berths)]
        if site.exposure_from_deg is not None and site.exposure_to_deg is not None:
            sector = f"{site.exposure_from_deg:.0f}\u2013{site.exposure_to_deg:.0f}\u00b0"
            words.append(say("island.exposed", language, sector=sector))
        else:
            words.append(say("island.sheltered", language))
        return DOT.join(words)
    if isinstance(site, Helipad):
        night = say("map.night_yes" if site.night else "map.night_no", language)
        return DOT.join([say("map.pads", language, n=site.pads), night])
    return say("island.bridge_wind", language, bft=site.max_wind_bft)


def _windows(view: IslandView, language: Language) -> Html:
    """Return the windows of the next 24 hours by every kind of craft that can come."""
    title = tag(
        "div",
        tag("b", say("island.windows", language)),
        tag("span", say("island.windows_of", language), cls="dim cut"),
        cls="head charthead",
    )
    report, outlook = view.report, view.outlook
    if report is None or outlook is None:
        waits = without_answer(view.isolation, view.region.timezone, language)
        waits = waits or tag("p", say("isolation.standing_unknown", language), cls="note first")
        return tag("div", title, waits, cls="windowbox")
    start = report.at - timedelta(seconds=report.at.timestamp() % 3600)
    scale = Scale(start, min(start + AHEAD, report.horizon_to), view.region.timezone)
    valid_to = report.forecast.valid_to if report.forecast is not None else None
    rows = [_window(row, scale, view, language) for row in outlook.rows if row.class_ids]
    head = tag(
        "div",
        tag("span"),
        tag("span"),
        tag("div", axis_html(scale, valid_to, language), cls="timehead low"),
        tag("span", say("isolation.col_last", language), cls="th"),
        cls="window columns",
    )
    lines = across(scale, view.now, valid_to, worded=False, language=language)
    over = tag("div", tag("div", lines, cls="lines"), cls="window over")
    return tag("div", title, head, tag("div", over, *rows, cls="rows windowrows"), cls="windowbox")


def _window(row: CraftRow, scale: Scale, view: IslandView, language: Language) -> Html:
    last, zone = row.last_departure, view.region.timezone
    words, title = NONE, None
    if last is not None:
        words = near_clock(last.depart_at, view.now, zone, language)
        title = last.ended_by.said(language) if last.ended_by is not None else None
    else:
        reasons = [one.reason for one in row.spans if one.reason is not None and one.state == "closed"]
        title = reasons[0].said(language) if reasons else None
    back = row.last_out_and_back
    under = say("island.and_back", language, at=near_clock(back.depart_at, view.now, zone, language)) if back else None
    return tag(
        "div",
        tag("span", KIND_NAMES[row.kind].said(language), cls="cut"),
        letters([row.kind], language),
        tag("span", windows_svg([(row.spans, True)], scale), cls="track"),
        tag("span", tag("b", words), tag("small", under, cls="dim") if under else None, cls="lastcell"),
        cls="window",
        title=title,
    )


def _hold(view: IslandView, language: Language, *, can_act: bool) -> Html:
    plan = view.plan
    anew = None
    if can_act and view.hold.answer is not None and not view.hold.working:
        anew = button(say("study.anew", language), "study-anew", key="P", cls="small", value="hold")
    head = tag(
        "div",
        tag("b", say("hold.title", language)),
        tag("span", _hold_summary(plan, view, language), cls="dim cut") if plan is not None else None,
        tag("span", cls="spring"),
        study_state(view.hold, view.region.timezone, language),
        anew,
        cls="head charthead",
    )
    if plan is None:
        return tag("div", head, without_answer(view.hold, view.region.timezone, language), cls="holdbox")
    return tag("div", head, timeline_html(plan, view.region.timezone, view.now, language), cls="holdbox")


def _hold_summary(plan: HoldPlan, view: IslandView, language: Language) -> str:
    people = sum(one.people for one in plan.teams)
    words = [say("hold.summary", language, people=people, tasks=len(plan.tasks))]
    if plan.relief_at is not None:
        at = near_clock(plan.relief_at, view.now, view.region.timezone, language)
        words.append(say("hold.until", language, at=at))
    else:
        words.append(say("hold.no_relief", language))
    return DOT.join(words)
