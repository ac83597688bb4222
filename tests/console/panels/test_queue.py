"""The queue: order, diverted section, and what each incident waits for."""

from __future__ import annotations

import msgspec

from console.alarm_rules import PLAN_WITHIN
from console.panels.queue import incident_due, queue_html, queue_rows
from console.panels.timers import Due
from data.forces import UnitStatus
from data.plans import Order
from data.text import Text
from tests.console.panels.samples import NOW, Night, after, incident, unit


def test_by_priority_and_oldest_first_in_each(night: Night) -> None:
    rows = queue_rows(night.picture)
    assert [(one.priority, one.reported_at) for one in rows] == sorted((one.priority, one.reported_at) for one in rows)
    assert len(rows) == 9


def test_closed_incidents_are_only_counted(night: Night) -> None:
    night.picture.incidents["shut"] = incident(night.region, 99, 1, 200, id="shut", status="closed")
    html = queue_html(night.picture, night.region, NOW, None, "en")
    assert "shut" not in {one.id for one in queue_rows(night.picture)}
    assert "1 closed" in html


def test_diverted_calls_stand_below_the_rest(night: Night) -> None:
    html = queue_html(night.picture, night.region, NOW, None, "en")
    section = html.index("Diverted calls")
    last_police = max(html.index(f'data-id="{one.id}"') for one in queue_rows(night.picture) if one.priority < 4)
    first_diverted = min(html.index(f'data-id="{one.id}"') for one in queue_rows(night.picture) if one.priority == 4)
    assert last_police < section < first_diverted


def test_the_selected_row_is_marked_and_pressed(night: Night) -> None:
    html = queue_html(night.picture, night.region, NOW, night.incident.id, "zh")
    assert html.count('aria-pressed="true"') == 1


def test_a_diverted_call_waits_for_each_of_its_three_limits(night: Night) -> None:
    call = incident(night.region, 5, 4, 0)
    limits = {}
    for status in ("reported", "accepted", "dispatched", "on_scene"):
        due = incident_due(msgspec.structs.replace(call, status=status), night.picture)
        limits[status] = due and (due.at - call.reported_at).total_seconds()
    assert limits == {"reported": 60, "accepted": 180, "dispatched": 600, "on_scene": None}


def give_order(night: Night, name: str, issued: float, status: UnitStatus) -> None:
    """Add a unit under an order for the night's main incident."""
    case = night.incident
    night.picture.units[name] = unit(name, status=status, status_at=after(issued), incident_id=case.id)
    night.picture.orders[name] = Order(
        id=name,
        plan_id="p",
        incident_id=case.id,
        unit_id=name,
        leg_ids=(),
        issued_at=after(issued),
        text=Text("去", "go"),
    )


def test_a_unit_still_to_come_is_waited_for_before_any_report(night: Night) -> None:
    give_order(night, "a", -9, "on_scene")
    give_order(night, "b", -0.5, "available")
    give_order(night, "c", -1.5, "available")
    assert incident_due(night.incident, night.picture) == Due(words="timer.accept", at=after(0.5))


def test_once_all_are_there_the_report_back_is_waited_for(night: Night) -> None:
    give_order(night, "a", -9, "on_scene")
    give_order(night, "b", -1, "on_scene")
    assert incident_due(night.incident, night.picture) == Due(words="timer.report", at=after(2))


def test_nothing_more_is_waited_for_once_handled(night: Night) -> None:
    give_order(night, "a", -9, "on_scene")
    assert incident_due(msgspec.structs.replace(night.incident, status="handled"), night.picture) is None


def test_without_orders_the_first_is_waited_for_as_long_as_the_priority_allows(night: Night) -> None:
    due = incident_due(night.incident, night.picture)
    assert due == Due(words="timer.assign", at=night.incident.reported_at + PLAN_WITHIN[1])
    watching = msgspec.structs.replace(night.incident, echelons=())
    assert incident_due(watching, night.picture) is None
    night.picture.incidents = {watching.id: watching}
    assert "unassigned" in queue_html(night.picture, night.region, NOW, None, "en")


def test_an_empty_queue_says_how_to_begin(night: Night) -> None:
    night.picture.incidents = {}
    assert "press N" in queue_html(night.picture, night.region, NOW, None, "en")


def test_a_replay_offers_no_new_incident(night: Night) -> None:
    assert "new-incident" not in queue_html(night.picture, night.region, NOW, None, "en", can_act=False)
