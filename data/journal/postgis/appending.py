"""Write one command's events under the lock of the head row, and read events back as they were hashed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import psycopg

from data.errors import worded
from data.journal.chain import Row, recorded_from, seal
from data.journal.events import WorldOpened
from data.journal.interface import ConflictError, Entry, SupersededError
from data.journal.places import place_of, plans_in
from data.situation import WorldMode

Connection = psycopg.Connection[Any]
EVENT_COLUMNS = "seq, stream, version, world_at, recorded_at, mode, actor, command_id, body, prev_hash, hash"
_INSERT = f"""
INSERT INTO event (journal_id, {EVENT_COLUMNS}, kind, geom)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, ST_SetSRID(%s::bytea::geometry, 4326))
"""


@dataclass(frozen=True)
class Wish:
    """What is to be appended, the same at every attempt."""

    entries: Sequence[Entry]
    command_id: str
    actor: str
    world_at: datetime
    recorded_at: datetime


@dataclass(frozen=True)
class Written:
    """What the journal now holds of a command; ``afresh`` tells whether this attempt wrote it."""

    rows: tuple[Row, ...]
    afresh: bool


def append(connection: Connection, journal_id: int, wish: Wish, channel: str) -> Written:
    """Append all entries in one transaction, or return what the command recorded before.

    Raises ConflictError, SupersededError, ValueError for a journal that does not begin with WorldOpened, and
    psycopg.Error, after which it is unknown whether anything was written.
    """
    streams = list(dict.fromkeys(entry.stream for entry in wish.entries))
    # One pipeline around the transaction: two round trips in all, and its end waits for the commit.
    with connection.pipeline(), connection.transaction():
        head = connection.execute("SELECT journal_id, seq, hash, world_at, mode FROM head FOR UPDATE")
        # Read after the lock is held: each statement sees what was committed before it began.
        before = connection.execute(
            "SELECT first_seq, last_seq FROM command WHERE journal_id = %s AND command_id = %s",
            (journal_id, wish.command_id),
        )
        at = connection.execute(
            "SELECT stream, max(version) FROM event WHERE journal_id = %s AND stream = ANY(%s) GROUP BY stream",
            (journal_id, streams),
        )
        of_journal, seq, own_hash, last_at, mode = _the_row(head)
        if repeated := before.fetchone():
            return Written(rows_between(connection, journal_id, *repeated), afresh=False)
        if of_journal != journal_id:
            raise superseded()
        versions = {name: int(version) for name, version in at}
        rows = _sealed(connection, journal_id, wish, seq, own_hash, last_at, mode, versions)
        _write(connection, journal_id, wish, rows, channel)
    return Written(rows, afresh=True)


def values_of(row: Row) -> tuple[object, ...]:
    """Return a row in the order of ``EVENT_COLUMNS``."""
    return (
        row.seq,
        row.stream,
        row.version,
        row.world_at,
        row.recorded_at,
        row.mode,
        row.actor,
        row.command_id,
        row.body,
        row.prev_hash,
        row.hash,
    )


def superseded() -> SupersededError:
    """Return the wording of an append to a journal that was put aside."""
    return worded(
        SupersededError("Another journal was begun in this store; this one takes no more events."),
        zh="该存储中已开始另一份日志，这一份不再接受事件。",
    )


def rows_between(connection: Connection, journal_id: int, first_seq: int, last_seq: int) -> tuple[Row, ...]:
    """Return the stored rows from one number to another, both included."""
    found = connection.execute(
        f"SELECT {EVENT_COLUMNS} FROM event WHERE journal_id = %s AND seq BETWEEN %s AND %s ORDER BY seq",
        (journal_id, first_seq, last_seq),
    )
    return tuple(_row(one) for one in found)


def rows_after(
    connection: Connection, journal_id: int, after_seq: int, until: datetime | None, limit: int
) -> tuple[Row, ...]:
    """Return at most ``limit`` stored rows above a number, up to a world time."""
    found = connection.execute(
        f"SELECT {EVENT_COLUMNS} FROM event WHERE journal_id = %s AND seq > %s "
        "AND world_at <= coalesce(%s::timestamptz, 'infinity') ORDER BY seq LIMIT %s",
        (journal_id, after_seq, until, limit),
    )
    return tuple(_row(one) for one in found)


def rows_of_command(connection: Connection, journal_id: int, command_id: str) -> tuple[Row, ...]:
    """Return the stored rows of a command; none where it is not known."""
    found = connection.execute(
        "SELECT first_seq, last_seq FROM command WHERE journal_id = %s AND command_id = %s", (journal_id, command_id)
    ).fetchone()
    return rows_between(connection, journal_id, *found) if found else ()


def _sealed(
    connection: Connection,
    journal_id: int,
    wish: Wish,
    seq: int,
    prev_hash: str,
    last_at: datetime | None,
    mode: WorldMode | None,
    versions: dict[str, int],
) -> tuple[Row, ...]:
    mode = mode or _opening_mode(wish.entries[0])
    world_at = wish.world_at if last_at is None else max(wish.world_at, last_at)
    rows: list[Row] = []
    for entry in wish.entries:
        version = versions.get(entry.stream, 0)
        if entry.expected_version is not None and entry.expected_version != version:
            latest = [row for row in rows if row.stream == entry.stream] or _latest(
                connection, journal_id, entry.stream, version
            )
            raise ConflictError(
                entry.stream, entry.expected_version, version, recorded_from(latest[-1]) if latest else None
            )
        if entry.event is None:
            continue
        row = seal(
            entry.event,
            seq=seq + 1,
            stream=entry.stream,
            version=version + 1,
            world_at=world_at.astimezone(UTC),
            recorded_at=wish.recorded_at.astimezone(UTC),
            mode=mode,
            actor=wish.actor,
            command_id=wish.command_id,
            prev_hash=prev_hash,
        )
        rows.append(row)
        seq, prev_hash, versions[entry.stream] = row.seq, row.hash, row.version
    return tuple(rows)


def _write(connection: Connection, journal_id: int, wish: Wish, rows: tuple[Row, ...], channel: str) -> None:
    events = [entry.event for entry in wish.entries if entry.event is not None]
    plans = plans_in(events)
    values = [
        (journal_id, *values_of(row), str(event.__struct_config__.tag), place_of(event, plans))
        for row, event in zip(rows, events, strict=True)
    ]
    last = rows[-1]
    connection.cursor().executemany(_INSERT, values)
    connection.execute(
        "INSERT INTO command VALUES (%s, %s, %s, %s)", (journal_id, wish.command_id, rows[0].seq, last.seq)
    )
    connection.execute(
        "UPDATE head SET seq = %s, hash = %s, world_at = %s, mode = %s",
        (last.seq, last.hash, last.world_at, last.mode),
    )
    connection.execute("SELECT pg_notify(%s, %s)", (channel, f"event {journal_id} {last.seq}"))


def _latest(connection: Connection, journal_id: int, stream: str, version: int) -> list[Row]:
    found = connection.execute(
        f"SELECT {EVENT_COLUMNS} FROM event WHERE journal_id = %s AND stream = %s AND version = %s",
        (journal_id, stream, version),
    )
    return [_row(one) for one in found]


def _opening_mode(entry: Entry) -> WorldMode:
    if not isinstance(entry.event, WorldOpened):
        raise ValueError("a journal begins with WorldOpened")
    return entry.event.mode


def _the_row(cursor: psycopg.Cursor[Any]) -> tuple[Any, ...]:
    found = cursor.fetchone()
    if found is None:  # the head was taken out by its owner
        raise superseded()
    return tuple(found)


def _row(found: tuple[Any, ...]) -> Row:
    seq, stream, version, world_at, recorded_at, mode, actor, command_id, body, prev_hash, own_hash = found
    return Row(
        seq=seq,
        stream=stream,
        version=version,
        world_at=world_at.astimezone(UTC),
        recorded_at=recorded_at.astimezone(UTC),
        mode=mode,
        actor=actor,
        command_id=command_id,
        body=body,
        prev_hash=prev_hash,
        hash=own_hash,
    )
