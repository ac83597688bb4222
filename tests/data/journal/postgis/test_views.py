"""The views SQL and QGIS users read, and the examples of their page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import psycopg
import pytest
from psycopg.rows import dict_row

from data.forces import UnitStatus
from data.incidents import Echelon, Incident
from data.journal.events import (
    ClosureLifted,
    ClosureSet,
    Event,
    IncidentReported,
    IncidentRevised,
    IncidentStatusChanged,
    OrderIssued,
    PlanAccepted,
    PlanWithdrawn,
    UnitStatusChanged,
)
from data.journal.fixes import Fix
from data.journal.interface import Entry, Journal
from data.journal.places import place_of
from data.journal.postgis.store import PostgisStore
from data.plans import Order
from data.text import Text
from data.weather import Closure
from tests.data.journal.journal_samples import START, note, opened, write
from tests.routing.plan_samples import leg, sample_plan

pytestmark = pytest.mark.postgis
PAGE = Path(__file__).parents[4] / "docs" / "sql-views.md"
PATH = ((122.30, 29.95), (122.31, 29.95), (122.35, 29.96))
Rows = list[dict[str, Any]]


def _incident(incident_id: str, lon_deg: float) -> Incident:
    return Incident(
        id=incident_id,
        number=f"0614-{incident_id}",
        case_type="riot",
        title=Text("标题 \x00", "Title \x00 \\u0000"),
        priority=1,
        island_id="island",
        lon_deg=lon_deg,
        lat_deg=29.95,
        reported_at=START,
        status="reported",
        echelons=(Echelon(id="e", name=Text("一", "one"), persons=12, skill=None, weight=1, due_min=None),),
        status_at=START,
    )


def _report(unit_id: str, status: UnitStatus, incident_id: str | None) -> UnitStatusChanged:
    return UnitStatusChanged(
        unit_id=unit_id,
        status=status,
        site_id=None,
        lon_deg=122.31,
        lat_deg=29.95,
        incident_id=incident_id,
        plan_id="plan-1",
        leg_id=None,
    )


def _order(order_id: str, plan_id: str, *leg_ids: str) -> OrderIssued:
    order = Order(
        id=order_id,
        plan_id=plan_id,
        incident_id="incident-1",
        unit_id="boat-1",
        leg_ids=leg_ids,
        issued_at=START,
        text=Text("去东码头", "Go to the east pier"),
    )
    return OrderIssued(order=order)


def _closure(closure_id: str) -> ClosureSet:
    closure = Closure(
        id=closure_id,
        target_kind="pier",
        target_id="p",
        from_at=START,
        until_at=None,
        reason=Text("浪", "waves"),
        author="a",
    )
    return ClosureSet(closure=closure)


@pytest.fixture
def connection(postgis_store_address: str) -> Iterator[psycopg.Connection[dict[str, Any]]]:
    """A reader of a store with two incidents, two plans, reports, closures and positions."""
    store = PostgisStore(postgis_store_address, "drill")
    journal: Journal = store.open_journal()

    def append(minute: int, *events: Event) -> None:
        entries = [Entry(stream="s", event=event) for event in events]
        write(journal, *entries, command_id=f"{minute}-{events[0]!r:.60}", minute=minute)

    write(journal, opened(), command_id="open")
    append(1, IncidentReported(incident=_incident("incident-1", 122.30)))
    append(2, IncidentReported(incident=_incident("incident-2", 122.90)))
    append(3, IncidentStatusChanged(incident_id="incident-1", status="dispatched"))
    append(4, IncidentRevised(incident=msgspec.structs.replace(_incident("incident-2", 122.91), status="accepted")))
    plan = sample_plan(legs=(leg("l1", path=PATH[:2]), leg("l2", path=PATH[1:])))
    append(5, PlanAccepted(plan=plan), _order("order-1", "plan-1", "l1", "l2"))
    other = sample_plan(id="plan-2", legs=(leg("l1", path=PATH),))
    append(6, PlanAccepted(plan=other), _order("order-2", "plan-2", "l1"))
    append(7, PlanWithdrawn(plan_id="plan-2"))
    append(8, _report("boat-1", "on_scene", "incident-1"), _report("boat-2", "en_route", "incident-1"))
    append(9, _report("boat-1", "returning", None))
    append(10, _closure("c1"), _closure("c2"), ClosureLifted(closure_id="c1"))
    write(journal, note("\x00"), command_id="nul", minute=11)
    journal.record_positions(
        [
            Fix("boat-1", START + timedelta(minutes=minute), 122.30 + minute / 1000, 29.95, 90.0, 5.0)
            for minute in range(30)
        ]
    )
    journal.close()
    store.close()
    with psycopg.connect(
        postgis_store_address, options="-c search_path=tongzhou_drill,public -c timezone=UTC", row_factory=dict_row
    ) as reader:
        yield reader


def _examples() -> dict[str, str]:
    return dict(re.findall(r"^## (.+?)\n```sql\n(.+?)```", PAGE.read_text("utf-8"), re.DOTALL | re.MULTILINE))


def _answer(connection: psycopg.Connection[dict[str, Any]], title: str) -> Rows:
    return connection.execute(_examples()[title].encode()).fetchall()


def test_page_has_five_examples_and_names_every_view(connection: psycopg.Connection[dict[str, Any]]) -> None:
    assert len(_examples()) == 5
    found = connection.execute("SELECT viewname FROM pg_views WHERE schemaname = 'tongzhou_drill'").fetchall()
    assert {row["viewname"] for row in found} == set(re.findall(r"^\| `(\w+)` \|", PAGE.read_text("utf-8"), re.M))


def test_examples_answer_what_they_ask(connection: psycopg.Connection[dict[str, Any]]) -> None:
    near = _answer(connection, "Incidents within 5 km of a pier last night")
    assert [(row["number"], row["status"]) for row in near] == [("0614-incident-1", "dispatched")]
    (where,) = _answer(connection, "Where was a boat at 03:10")
    assert (where["world_at"], where["lon_deg"]) == (START + timedelta(minutes=10), 122.31)
    crossing = _answer(connection, "Orders whose way crosses an area")
    assert [row["order_id"] for row in crossing] == ["order-1"]
    (passed,) = _answer(connection, "Positions within 500 m of a point between two times")
    assert (passed["unit_id"], passed["fixes"]) == ("boat-1", 11)
    (on_scene,) = _answer(connection, "Who was on scene of an incident")
    assert (on_scene["unit_id"], on_scene["arrived_at"]) == ("boat-1", START + timedelta(minutes=8))
    assert on_scene["left_at"] == START + timedelta(minutes=9)


def test_every_view_has_a_unique_key_its_mode_and_its_times(connection: psycopg.Connection[dict[str, Any]]) -> None:
    views = {"incident": 2, "incident_history": 3, "unit_now": 2, "unit_history": 3, "orders": 2, "closures": 2}
    for view, count in {**views, "positions": 30}.items():
        rows = connection.execute(f"SELECT * FROM {view}").fetchall()
        assert len({row["key"] for row in rows}) == len(rows) == count, view
        assert {row["mode"] for row in rows} == {"drill"}
        assert all(row["world_at"] is not None for row in rows)


def test_geometry_is_that_of_the_event(connection: psycopg.Connection[dict[str, Any]]) -> None:
    (way,) = connection.execute("SELECT ST_AsText(geom) AS way FROM orders WHERE order_id = 'order-1'").fetchall()
    assert way["way"] == "LINESTRING(122.3 29.95,122.31 29.95,122.35 29.96)"
    rows = connection.execute("SELECT key, ST_AsText(geom) AS at, ST_SRID(geom) AS srid FROM incident").fetchall()
    assert {(row["key"], row["at"]) for row in rows} == {
        ("incident-1", "POINT(122.3 29.95)"),
        ("incident-2", "POINT(122.91 29.95)"),
    }
    assert {row["srid"] for row in rows} == {4326}


def test_units_are_where_they_were_last_seen(connection: psycopg.Connection[dict[str, Any]]) -> None:
    rows = connection.execute("SELECT key, status, ST_X(geom) AS lon FROM unit_now ORDER BY key").fetchall()
    assert [(row["key"], row["status"], row["lon"]) for row in rows] == [
        ("boat-1", "returning", pytest.approx(122.329)),
        ("boat-2", "en_route", 122.31),
    ]


def test_closures_tell_when_they_were_lifted(connection: psycopg.Connection[dict[str, Any]]) -> None:
    rows = connection.execute("SELECT closure_id, lifted_at FROM closures ORDER BY closure_id").fetchall()
    assert [row["lifted_at"] for row in rows] == [START + timedelta(minutes=10), None]


def test_event_without_a_place_has_none() -> None:
    assert place_of(note("x").event, {}) is None
    assert place_of(_order("o", "plan-1", "l1"), {}) is None
    assert place_of(_order("o", "plan-1", "not there"), {"plan-1": sample_plan()}) is None
