"""Draws every panel of a night, so that what holds for all can be tested on all."""

from __future__ import annotations

from dataclasses import dataclass

from console.map.states import State
from console.nearest import NearList, NearRow, PassedRow
from console.panels.account import account_html
from console.panels.alarms import alarms_html
from console.panels.bands import top_band_html
from console.panels.case import case_html
from console.panels.command import command_html
from console.panels.drawers import change_html, help_html, log_html, new_incident_html, reject_html, scenarios_html
from console.panels.evacuation import evacuation_html, plan_scale
from console.panels.evacuation_side import evacuation_side_html
from console.panels.gantt import gantt_html
from console.panels.island import IslandView, island_html, sites_of
from console.panels.island_side import island_side_html
from console.panels.isolation import isolation_html
from console.panels.isolation_moves import moves_html
from console.panels.nearest import nearest_html
from console.panels.outlook import LinkNote, Outlook, UnitLimit
from console.panels.plan_card import plan_card_html
from console.panels.queue import queue_html
from console.panels.reasons import reasons_html
from console.panels.slider import slider_html
from console.panels.units import units_html
from console.panels.weather import weather_band_html
from console.studies import Seen
from data.island_people import island_people
from data.journal.views import OrderedMove
from data.roles import Principal
from data.text import Language, Text
from routing.network.rings import Way
from tests.console.panels import cutoff_samples, evacuation_samples, hold_samples
from tests.console.panels.samples import NOW, PAYLOAD, Night, after


@dataclass
class Summary:
    """A scenario as the list shows it."""

    id: str
    title: Text
    summary: Text


def outlook() -> Outlook:
    """Return one thing closed, one limited, one to come."""

    def note(status: str, minutes: float) -> LinkNote:
        text = Text(PAYLOAD, PAYLOAD)
        return LinkNote(subject_id="x", name=text, status=status, at=after(minutes), text=text)  # type: ignore[arg-type]

    return Outlook(now=(note("closed", 0), note("limited", 0)), following=note("closed", 90))


def near_list(incident_id: str) -> NearList:
    """Return one unit of each kind and one passed over, every word of them to be escaped."""
    words = Text(PAYLOAD, PAYLOAD)

    def row(unit_id: str, way: Way) -> NearRow:
        return NearRow(unit_id, words, 8, 12.3, way, words, words, (2, 1, 1), False, words)

    return NearList(
        incident_id, NOW, NOW, (PAYLOAD,), (row("13", "sea"),), (row("11", "air"),),
        (PassedRow("12", words, 3.0, words),),
    )  # fmt: skip


def every_panel(night: Night, language: Language) -> dict[str, str]:
    """Return the HTML of every panel by name."""
    picture, region, plan, case = night.picture, night.region, night.plan, night.incident
    zone = next(iter(region.zones))
    words = Text(PAYLOAD, PAYLOAD)
    return {
        "top": top_band_html(picture, NOW, language, theme="dark", actor=PAYLOAD, timezone=region.timezone),
        "top in replay": top_band_html(
            picture, NOW, language, theme="light", actor="1", timezone=region.timezone, replay_at=after(-9)
        ),
        "weather": weather_band_html(picture, region, zone, outlook(), NOW, language),
        "queue": queue_html(picture, region, NOW, case.id, language),
        "case": case_html(case, picture, region, plan, NOW, language),
        "no case": case_html(None, picture, region, None, NOW, language),
        "plan": plan_card_html(case, night.job, None, region, "balanced", NOW, language),
        "no plan": plan_card_html(case, None, None, region, "balanced", NOW, language),
        "accepted plan": plan_card_html(case, None, plan, region, "balanced", NOW, language, can_undo=True),
        "legs": gantt_html(
            plan,
            picture,
            region,
            after(5),
            language,
            closed={"12": [(after(60), after(90), words)]},
            last_departure=(PAYLOAD, after(30), words),
        ),
        "no legs": gantt_html(None, picture, region, NOW, language),
        "reasons": reasons_html(plan, picture, region, language),
        "no reasons": reasons_html(None, picture, region, language),
        "units": units_html(
            picture, region, plan, NOW, "13", language, limits={"11": UnitLimit(short=words, full=words)}
        ),
        "alarms": alarms_html(picture, region, NOW, language),
        "slider": slider_html(after(-60), NOW, after(-30), [after(-50), after(-10)], region, language),
        "command": command_html(picture, NOW, language, completion=PAYLOAD),
        "new incident": new_incident_html(region, language, draft={"place": PAYLOAD, "lon": "122.1", "lat": "30.1"}),
        "nearest": nearest_html(case, near_list(case.id), False, picture, region, "13", language),
        "nearest to come": nearest_html(case, None, True, picture, region, None, language),
        "change": change_html(plan, picture, {"13": words}, case.id, language),
        "reject": reject_html(plan, language),
        "scenarios": scenarios_html([Summary("june", words, words)], "june", language),
        "help": help_html(language),
        "account": account_html(Principal(name=PAYLOAD, role="admin"), language, has_account=True),
        "account of a link": account_html(Principal(name="1", role="viewer"), language, has_account=False),
        "log": log_html(picture.log, region, language),
        **cut_off_panels(night, language),
    }


def cut_off_panels(night: Night, language: Language) -> dict[str, str]:
    """Return the HTML of every panel of an island that is cut off."""
    region, now = night.region, cutoff_samples.AT
    report = cutoff_samples.seen(cutoff_samples.isolation_report(region))
    words = Text(PAYLOAD, PAYLOAD)
    ordered = OrderedMove(move_id="x", island_id="x", text=words, before_at=cutoff_samples.after(1), by=PAYLOAD, at=now)
    return {
        "isolation": isolation_html(report, region, night.picture.forecast, now, None, language),
        "isolation to come": isolation_html(Seen(None, True), region, None, now, None, language),
        "isolation failed": isolation_html(cutoff_samples.seen(None, fault=words), region, None, now, None, language),
        "moves": moves_html(
            report, {"x": ordered}, region, now, language, tonight=cutoff_samples.seen(cutoff_samples.tonight())
        ),
        "moves, tonight to come": moves_html(report, {}, region, now, language, tonight=Seen(None, True)),
        "moves to come": moves_html(Seen(None, True), {}, region, now, language),
        **evacuation_panels(night, language),
        **island_panels(night, language),
    }


def evacuation_panels(night: Night, language: Language) -> dict[str, str]:
    """Return the HTML of the panels of an evacuation."""
    region, now, plan = night.region, evacuation_samples.after(80), evacuation_samples.evacuation_plan()
    seen, island_id = cutoff_samples.seen(plan), next(iter(region.islands))
    scale = plan_scale(plan, now, region.timezone)
    return {
        "evacuation": evacuation_html(seen, island_id, region, now, language),
        "evacuation to come": evacuation_html(Seen(None, True), island_id, region, now, language),
        "evacuation of nowhere": evacuation_html(Seen(), None, region, now, language),
        "evacuation beside": evacuation_side_html(seen, scale, region, now, language),
        "evacuation beside, for every outlook": evacuation_side_html(
            seen, scale, region, now, language, cutoff_samples.seen(evacuation_samples.robust_plan())
        ),
        "evacuation beside, to come": evacuation_side_html(Seen(None, True), None, region, now, language),
    }


def island_panels(night: Night, language: Language) -> dict[str, str]:
    """Return the HTML of an island's page, with everything known of it and with nothing."""
    region, report = night.region, cutoff_samples.isolation_report(night.region)
    words = Text(PAYLOAD, PAYLOAD)
    island = region.islands[report.islands[0].island_id]
    found: dict[str, str] = {}
    failed = cutoff_samples.seen(None, fault=words)
    plan, circles = cutoff_samples.seen(hold_samples.hold_plan()), cutoff_samples.seen(hold_samples.circles())
    for name, isolation, hold, near in (
        ("", cutoff_samples.seen(report), plan, circles),
        (" to come", Seen(None, True), Seen(None, True), Seen(None, True)),
        (" failed", failed, failed, failed),
    ):
        states = {one.id: State("closed", words, after(60)) for one in sites_of(region, island.id)[:1]}
        view = IslandView(island, region, isolation, hold, near, states, hold_samples.after(30))
        people = island_people(night.picture.situation(NOW, ()), region, island.id)
        found[f"island{name}"] = island_html(view, language)
        found[f"island{name}, beside"] = island_side_html(view, people, language)
    return found
