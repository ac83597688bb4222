"""A fleet heard of each second for minutes, over a change of hour, with the hours seen to beside it as at a console."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta

import psycopg

from data.journal.fixes import Fix
from data.journal.interface import Journal, StoreUnreachableError

HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)
# Of the run, so much lies before the change of hour: three minutes of five.
BEFORE_THE_HOUR = 0.6
LOOKS = 5

_UNIT_POSITION = """
SELECT round(100.0 * n_tup_hot_upd / greatest(n_tup_upd, 1), 1), n_dead_tup, autovacuum_count,
       pg_table_size(relid), pg_indexes_size(relid)
FROM pg_stat_user_tables WHERE relname = 'unit_position' AND schemaname = 'tongzhou_drill'
"""
_HOURS = """
SELECT c.relname, c.reltuples, pg_table_size(c.oid),
       coalesce(sum(pg_relation_size(i.indexrelid)) FILTER (WHERE m.amname = 'btree'), 0)::bigint,
       coalesce(sum(pg_relation_size(i.indexrelid)) FILTER (WHERE m.amname = 'brin'), 0)::bigint,
       coalesce(sum(pg_relation_size(i.indexrelid)) FILTER (WHERE m.amname = 'gist'), 0)::bigint
FROM pg_inherits h JOIN pg_class c ON c.oid = h.inhrelid JOIN pg_index i ON i.indrelid = c.oid
JOIN pg_class x ON x.oid = i.indexrelid JOIN pg_am m ON m.oid = x.relam
WHERE h.inhparent = 'tongzhou_drill.position'::regclass GROUP BY c.relname, c.reltuples, c.oid ORDER BY c.relname
"""


@dataclass(frozen=True)
class Run:
    """Seconds each batch took, how far behind its second the latest began, and the looks at the hours."""

    taken_s: list[float]
    most_behind_s: float
    last_behind_s: float
    looks: list[tuple[float, float]]  # when it began and how long it took, in seconds of the run
    first_of_hour_s: float
    beside_a_look_s: list[float]
    refused: int


def begin_before_an_hour(start: datetime, seconds: int) -> datetime:
    """Return when a run begins, in world time, so that the hour after ``start`` changes within it."""
    return start + HOUR - int(seconds * BEFORE_THE_HOUR) * SECOND


def heard_each_second(journal: Journal, fleet: Callable[[datetime], list[Fix]], seconds: int, begin: datetime) -> Run:
    """Record a batch each real second from world time ``begin`` on, while another thread sees to the hours."""
    hour_begins = begin.replace(minute=0, second=0, microsecond=0) + HOUR
    taken: list[float] = []
    most_behind_s = behind_s = first_of_hour_s = 0.0
    started_s, over = time.perf_counter(), threading.Event()
    begun: list[float] = []
    refused = 0

    def look() -> list[tuple[float, float]]:
        looks = []
        while not over.wait(seconds / LOOKS):
            at_s = time.perf_counter()
            now = begin + (at_s - started_s) * SECOND
            journal.tend_hours(now, now)
            looks.append((at_s - started_s, time.perf_counter() - at_s))
        return looks

    with ThreadPoolExecutor(1) as beside:
        looking = beside.submit(look)
        try:
            for number in range(seconds):
                moment = begin + number * SECOND
                fixes = fleet(moment)
                behind_s = time.perf_counter() - started_s - number
                most_behind_s = max(most_behind_s, behind_s)
                time.sleep(max(0.0, -behind_s))
                begun.append(time.perf_counter() - started_s)
                try:
                    journal.record_positions(fixes)
                except StoreUnreachableError:  # it took longer than anybody waits
                    refused += 1
                taken.append(time.perf_counter() - started_s - begun[-1])
                if moment == hour_begins:
                    first_of_hour_s = taken[-1]
        finally:
            over.set()
        looks = looking.result()
    beside_s = [
        took
        for at_s, took in zip(begun, taken, strict=True)
        if any(at_s < begin_s + look_s and begin_s < at_s + took for begin_s, look_s in looks if look_s > 1.0)
    ]
    return Run(taken, most_behind_s, max(0.0, behind_s), looks, first_of_hour_s, beside_s, refused)


def table_figures(address: str) -> dict[str, str]:
    """Return what a database keeps of the run: how the latest places were updated, and the size of each hour."""
    with psycopg.connect(address) as connection:
        found = connection.execute(_UNIT_POSITION).fetchone()
        hours = connection.execute(_HOURS).fetchall()
    rows = {}
    if found is not None:
        hot, dead, vacuums, heap, index = found
        rows["latest places, updated in place (HOT)"] = (
            f"{hot} %, {dead:,} dead rows, {vacuums} autovacuums, {heap / 1e6:.1f} MB and {index / 1e6:.1f} MB of key"
        )
    for name, tuples, heap, key, brin, gist in hours:
        rows[f"{name}"] = (
            f"{max(0, tuples):,.0f} rows analysed, {heap / 1e6:.0f} MB, key {key / 1e6:.0f} MB, "
            f"time {brin / 1e6:.2f} MB, place {gist / 1e6:.0f} MB"
        )
    return rows
