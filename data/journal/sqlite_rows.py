"""An event as a row of the SQLite table ``event``: its columns, and the way there and back."""

from __future__ import annotations

from typing import Any

from data.journal.chain import Row
from data.journal.fixes import micros_of, moment_of

EVENT_COLUMNS = "seq, stream, version, world_us, recorded_us, mode, actor, command_id, body, prev_hash, hash"
INSERT_EVENT = f"INSERT INTO event ({EVENT_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"


def values_of(row: Row) -> tuple[str | int, ...]:
    """Return a row in the order of ``EVENT_COLUMNS``, times in microseconds since 1970."""
    return (
        row.seq,
        row.stream,
        row.version,
        micros_of(row.world_at),
        micros_of(row.recorded_at),
        row.mode,
        row.actor,
        row.command_id,
        row.body,
        row.prev_hash,
        row.hash,
    )


def row_from(found: tuple[Any, ...]) -> Row:
    """Return the row of values read in the order of ``EVENT_COLUMNS``."""
    seq, stream, version, world_us, recorded_us, mode, actor, command_id, body, prev_hash, own_hash = found
    return Row(
        seq=seq,
        stream=stream,
        version=version,
        world_at=moment_of(world_us),
        recorded_at=moment_of(recorded_us),
        mode=mode,
        actor=actor,
        command_id=command_id,
        body=body,
        prev_hash=prev_hash,
        hash=own_hash,
    )
