"""A batch being written and an hour being dropped at the same moment: neither passes the other unseen."""

from __future__ import annotations

import threading
from datetime import timedelta

import psycopg

from data.journal.fixes import Fix
from data.journal.interface import Journal
from tests.data.journal.journal_samples import START


def test_drop_waits_for_a_batch_not_committed_yet_and_then_keeps_the_hour(
    journal: Journal, postgis_store_address: str
) -> None:
    journal.record_positions([Fix("a", START, 122.0, 30.0, None, 1.5)])
    seen = journal.hour_mark(START)
    outcome: list[bool] = []
    with psycopg.connect(postgis_store_address) as writer:
        writer.execute("UPDATE tongzhou_drill.position_hour SET batch = batch + 1")
        dropper = threading.Thread(target=lambda: outcome.append(journal.forget_hour(START, seen)))
        dropper.start()
        dropper.join(0.3)
        assert outcome == []
        writer.commit()
    dropper.join(10)
    assert outcome == [False]
    assert set(journal.positions_at(START + timedelta(minutes=1))) == {"a"}
