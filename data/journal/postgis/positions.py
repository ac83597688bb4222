"""Positions of one journal: history by hour, the last fix of each unit, and the numbers of batches."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import psycopg
from psycopg import errors, sql

from data.journal.fixes import HOUR_US, Fix, FixTable, joined, micros_of, moment_of
from data.journal.postgis.columns import EPOCH_US, float8s, int4s, moments

Connection = psycopg.Connection[Any]
# No spare columns here: unnest over arrays of equal length is one row a fix.
_ROWS = (
    "unnest(%(unit)b::int4[], %(world_at)b::timestamptz[], %(lon)b::float8[], %(lat)b::float8[], "
    "%(heading)b::float8[], %(speed)b::float8[])"
)
_HISTORY = f"INSERT INTO position SELECT %(journal)s, * FROM {_ROWS}"
_HISTORY_AGAIN = f"""
{_HISTORY} ON CONFLICT (journal_id, unit, world_at) DO UPDATE SET lon_deg = EXCLUDED.lon_deg,
    lat_deg = EXCLUDED.lat_deg, heading_deg = EXCLUDED.heading_deg, speed_mps = EXCLUDED.speed_mps
"""
# An update of what is there costs the server half of an INSERT ... ON CONFLICT.
_CURRENT = f"""
UPDATE unit_position p SET world_at = x.world_at, lon_deg = x.lon_deg, lat_deg = x.lat_deg,
    heading_deg = x.heading_deg, speed_mps = x.speed_mps, batch = %(batch)s, writer = %(writer)s
FROM {_ROWS} AS x (unit, world_at, lon_deg, lat_deg, heading_deg, speed_mps)
WHERE p.journal_id = %(journal)s AND p.unit = x.unit AND p.world_at <= x.world_at
"""
_CURRENT_NEW = f"""
INSERT INTO unit_position SELECT %(journal)s, *, %(batch)s, %(writer)s FROM {_ROWS} ON CONFLICT DO NOTHING
"""
_NEXT_BATCH = """
INSERT INTO position_head VALUES (%s, 1, %s) ON CONFLICT (journal_id) DO UPDATE
SET batch = position_head.batch + 1, world_at = greatest(position_head.world_at, EXCLUDED.world_at) RETURNING batch
"""
# Waits for one who drops the hour, and lets him see this batch.
_MARK = """
UPDATE position_hour SET batch = %(batch)s WHERE journal_id = %(journal)s AND hour = ANY(%(hours)s::timestamptz[])
"""
_AT = """
SELECT u.unit_id, p.world_at, p.lon_deg, p.lat_deg, p.heading_deg, p.speed_mps FROM unit u CROSS JOIN LATERAL (
    SELECT * FROM position p WHERE p.journal_id = %s AND p.unit = u.number AND p.world_at <= %s
    ORDER BY p.world_at DESC LIMIT 1) p
"""
# Each column comes as one value of its cells on end, big-endian: seven times as fast as a row at a time, or COPY.
# A heading of NULL travels as NaN so that every cell has the same length.
_SPAN = """
SELECT string_agg(timestamptz_send(world_at), ''), string_agg(int4send(unit), ''),
       string_agg(float8send(lon_deg), ''), string_agg(float8send(lat_deg), ''),
       string_agg(float8send(coalesce(heading_deg, 'NaN')), ''), string_agg(float8send(speed_mps), '')
FROM {} WHERE world_at >= %s AND world_at < %s
"""
_SPAN_LENGTH = timedelta(minutes=5)  # of ten thousand units a second: 24 MB a column


class _HourGoneError(Exception):
    """Another console dropped an hour that this one took to be there."""


class Positions:
    """The positions of one journal in one schema; ``writer`` tells this console's batches from those of others."""

    def __init__(self, schema: str, journal_id: int, writer: int) -> None:
        self._schema, self._journal_id, self._writer = schema, journal_id, writer
        self._numbers: dict[str, int] = {}
        self._hours: set[int] = set()

    def record(self, connection: Connection, fixes: Sequence[Fix], channel: str) -> None:
        """Store a batch in one transaction and wake the other consoles once."""
        try:
            self._record(connection, fixes, channel)
        except (errors.CheckViolation, _HourGoneError):  # another console forgot an hour that this one remembers
            self._hours.clear()
            self._record(connection, fixes, channel)

    def at(self, connection: Connection, moment: datetime) -> dict[str, Fix]:
        """Return the last fix of each unit at or before a moment."""
        found = connection.execute(_AT, (self._journal_id, moment))
        return {row[0]: _fix(row) for row in found}

    def batch(self, connection: Connection) -> int:
        """Return the number of the last batch; 0 while there is none."""
        found = connection.execute("SELECT batch FROM position_head WHERE journal_id = %s", (self._journal_id,))
        row = found.fetchone()
        return int(row[0]) if row else 0

    def told_since(self, connection: Connection, after: int, until: int) -> tuple[Fix, ...]:
        """Return the last fix of each unit that other consoles moved in the batches ``after < batch <= until``."""
        found = connection.execute(
            "SELECT u.unit_id, p.world_at, p.lon_deg, p.lat_deg, p.heading_deg, p.speed_mps FROM unit_position p "
            "JOIN unit u ON u.number = p.unit WHERE p.journal_id = %s AND p.batch > %s AND p.batch <= %s "
            "AND p.writer <> %s",
            (self._journal_id, after, until, self._writer),
        )
        return tuple(_fix(row) for row in found)

    def hours(self, connection: Connection) -> tuple[datetime, ...]:
        """Return the UTC hours written to, oldest first; one made ahead is none yet."""
        found = connection.execute(
            "SELECT hour FROM position_hour WHERE journal_id = %s AND batch > 0 ORDER BY hour", (self._journal_id,)
        )
        return tuple(row[0].astimezone(UTC) for row in found)

    def between(self, connection: Connection, start: datetime, end: datetime) -> FixTable:
        """Return the fixes with ``start <= world_at < end``, ordered by time.

        Each hour is read from its own partition, so that a long read keeps nobody from making or dropping another.
        """
        names = {int(row[0]): str(row[1]) for row in connection.execute("SELECT number, unit_id FROM unit")}
        parts: list[FixTable] = []
        for hour in self.hours(connection):
            at, until = max(hour, start), min(hour + timedelta(hours=1), end)
            while at < until:
                next_at = min(at + _SPAN_LENGTH, until)
                if (part := self._span(connection, hour, at, next_at, names)) is not None:
                    parts.append(part)
                at = next_at
        return joined(parts)

    def mark(self, connection: Connection, hour: datetime) -> int:
        """Return the number of the last batch that wrote to an hour; 0 where none did."""
        query = "SELECT batch FROM position_hour WHERE journal_id = %s AND hour = %s"
        row = connection.execute(query, (self._journal_id, hour)).fetchone()
        return int(row[0]) if row else 0

    def forget(self, connection: Connection, hour: datetime, mark: int | None) -> bool:
        """Drop one hour, unless it no longer has the mark; tell whether it is gone."""
        if mark is None:
            connection.execute("SELECT forget_hour(%s, %s)", (self._journal_id, hour))
        else:
            query = "SELECT forget_hour_as_of(%s, %s, %s)"
            row = connection.execute(query, (self._journal_id, hour, mark)).fetchone()
            if row is None or not row[0]:
                return False
        self._hours.discard(micros_of(hour) // HOUR_US)
        return True

    def _record(self, connection: Connection, fixes: Sequence[Fix], channel: str) -> None:
        # Of two fixes of a unit at one moment the later in the batch holds.
        latest = {(fix.unit_id, micros_of(fix.world_at)): fix for fix in fixes}
        current: dict[str, tuple[int, Fix]] = {}
        for (unit_id, us), fix in latest.items():
            if unit_id not in current or current[unit_id][0] <= us:
                current[unit_id] = (us, fix)
        self._number(connection, {fix.unit_id for fix in fixes})
        numbers = self._numbers
        # In order of unit: two consoles that write at once then wait for each other instead of dead-locking.
        rows = sorted(((numbers[unit_id], us, fix) for (unit_id, us), fix in latest.items()), key=lambda row: row[:2])
        now = sorted(((numbers[unit_id], us, fix) for unit_id, (us, fix) in current.items()), key=lambda row: row[:2])
        last_us = max(us for _, us, _ in rows)
        with connection.transaction():
            hours = {us // HOUR_US for _, us, _ in rows}
            for hour in hours - self._hours:
                connection.execute("SELECT make_hour(%s, %s)", (self._journal_id, moment_of(hour * HOUR_US)))
            # The lock on the batch number keeps writers of one journal apart.
            found = connection.execute(_NEXT_BATCH, (self._journal_id, moment_of(last_us))).fetchone()
            batch = int(found[0]) if found else 0
            common = {"journal": self._journal_id, "batch": batch, "writer": self._writer}
            starts = [moment_of(hour * HOUR_US) for hour in hours]
            if connection.execute(_MARK, {**common, "hours": starts}).rowcount < len(hours):
                raise _HourGoneError
            columns = _columns(rows)
            try:
                with connection.transaction():
                    connection.execute(_HISTORY, {**columns, **common})
            except errors.UniqueViolation:  # rare: a moment of a unit told again
                connection.execute(_HISTORY_AGAIN, {**columns, **common})
            columns = columns if len(now) == len(rows) else _columns(now)
            if connection.execute(_CURRENT, {**columns, **common}).rowcount < len(now):
                connection.execute(_CURRENT_NEW, {**columns, **common})
            connection.execute("SELECT pg_notify(%s, %s)", (channel, f"fixes {self._journal_id} {batch}"))
        self._hours |= hours

    def _number(self, connection: Connection, unit_ids: set[str]) -> None:
        """Learn the numbers of units not met yet, giving new ones theirs."""
        if missing := sorted(unit_ids - self._numbers.keys()):
            connection.execute(
                "INSERT INTO unit (unit_id) SELECT unnest(%s::text[]) ON CONFLICT DO NOTHING", (missing,)
            )
            found = connection.execute("SELECT unit_id, number FROM unit WHERE unit_id = ANY(%s)", (missing,))
            self._numbers.update({str(row[0]): int(row[1]) for row in found})

    def _span(
        self, connection: Connection, hour: datetime, start: datetime, end: datetime, names: dict[int, str]
    ) -> FixTable | None:
        partition = sql.Identifier(self._schema, f"position_{self._journal_id}_{hour:%Y%m%d%H}")
        try:
            with connection.transaction():
                connection.execute("SET LOCAL statement_timeout = 0")
                found = connection.execute(sql.SQL(_SPAN).format(partition), (start, end), binary=True).fetchone()
        except errors.UndefinedTable:  # forgotten in this moment
            return None
        return None if found is None or found[0] is None else _table(found, names)


def _columns(rows: Sequence[tuple[int, int, Fix]]) -> dict[str, Any]:
    fixes = [fix for _, _, fix in rows]
    headings = [np.nan if fix.heading_deg is None else fix.heading_deg for fix in fixes]
    return {
        "unit": int4s(np.array([number for number, _, _ in rows], dtype=np.int32)),
        "world_at": moments(np.array([us for _, us, _ in rows], dtype=np.int64)),
        "lon": float8s(np.array([fix.lon_deg for fix in fixes], dtype=np.float64)),
        "lat": float8s(np.array([fix.lat_deg for fix in fixes], dtype=np.float64)),
        "heading": float8s(np.array(headings, dtype=np.float64)),
        "speed": float8s(np.array([fix.speed_mps for fix in fixes], dtype=np.float64)),
    }


def _table(cells: Sequence[bytes], names: dict[int, str]) -> FixTable:
    kinds = (">i8", ">i4", ">f8", ">f8", ">f8", ">f8")
    us, number, lon, lat, heading, speed = (
        np.frombuffer(column, dtype=kind) for column, kind in zip(cells, kinds, strict=True)
    )
    order = np.lexsort((number, us))
    numbers, unit = np.unique(number[order], return_inverse=True)
    return FixTable(
        unit_ids=tuple(names[int(one)] for one in numbers),
        unit=unit.astype(np.int32),
        world_us=us[order].astype(np.int64) + EPOCH_US,
        lon_deg=lon[order].astype(np.float64),
        lat_deg=lat[order].astype(np.float64),
        heading_deg=heading[order].astype(np.float32),
        speed_mps=speed[order].astype(np.float32),
    )


def _fix(row: tuple[Any, ...]) -> Fix:
    return Fix(row[0], row[1].astimezone(UTC), row[2], row[3], row[4], row[5])
