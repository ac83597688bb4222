"""A question of place asked of a view over events is answered by the index of their places."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from data.journal.postgis.store import PostgisStore
from tests.data.journal.journal_samples import START, opened, write

pytestmark = pytest.mark.postgis
BOX = "ST_MakeEnvelope(122.10, 29.9, 122.11, 30.1, 4326)"
PLACES = [f"geom && {BOX}", "ST_DWithin(geom, ST_SetSRID(ST_MakePoint(122.1, 30.0), 4326), 0.01)"]
VIEWS = {"incident_history": "IncidentReported", "orders": "OrderIssued", "unit_history": "UnitStatusChanged"}
# Enough for a way through an index to be worth it: 6,000 events of each kind along a parallel, and as many notes.
_EVENTS = """
INSERT INTO event SELECT h.journal_id, n, 's', n, %(at)s + n * interval '1 s', %(at)s, 'drill', 'a', 'c' || n,
    '{"type": "x", "incident": {"id": "i' || n %% 500 || '"}, "order": {"id": "o' || n || '"}, "unit_id": "u"}', '', '',
    (ARRAY['IncidentReported', 'OrderIssued', 'UnitStatusChanged', 'NoteLogged'])[n %% 4 + 1],
    CASE WHEN n %% 4 = 1 THEN ST_MakeLine(ST_Point(122 + n * 5e-5, 30, 4326), ST_Point(122 + n * 5e-5, 30.01, 4326))
         WHEN n %% 4 < 3 THEN ST_Point(122 + n * 5e-5, 30, 4326) END
FROM head h, generate_series(2, 24000) n
"""


@pytest.fixture
def owner(postgis_store_address: str) -> Iterator[psycopg.Connection[Any]]:
    """The owner of a store with many events, written past the journal: nobody reads their text here."""
    store = PostgisStore(postgis_store_address, "drill")
    journal = store.open_journal()
    write(journal, opened(), command_id="open")
    journal.close()
    store.close()
    options = "-c search_path=tongzhou_drill,public -c timezone=UTC"
    with psycopg.connect(postgis_store_address, autocommit=True, options=options) as connection:
        connection.execute(_EVENTS, {"at": START})
        connection.execute("ANALYZE event")
        yield connection


def test_places_of_incidents_orders_and_units_are_found_by_the_index(owner: psycopg.Connection[Any]) -> None:
    for view, kind in VIEWS.items():
        for place in PLACES:
            query = f"SELECT key FROM {view} WHERE {place}"
            plan = "\n".join(row[0] for row in owner.execute(f"EXPLAIN {query}".encode()))
            assert "Index Scan on event_geom" in plan, plan
            found = {row[0] for row in owner.execute(query.encode())}
            owner.execute("SET enable_bitmapscan = off; SET enable_indexscan = off")
            assert found == {row[0] for row in owner.execute(query.encode())}
            owner.execute("RESET ALL; SET search_path = tongzhou_drill, public")
            assert len(found) > 40, (view, kind)


def test_time_of_an_event_is_found_by_an_index(owner: psycopg.Connection[Any]) -> None:
    query = "SELECT key FROM orders WHERE world_at >= '2026-06-13 19:10Z' AND world_at < '2026-06-13 19:12Z'"
    plan = "\n".join(row[0] for row in owner.execute(f"EXPLAIN {query} AND journal_id = 1".encode()))
    assert "event_kind_world" in plan, plan
