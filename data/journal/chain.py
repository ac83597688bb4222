"""The hash chain: each event's hash seals its own content and everything before it.

The chain shows an edit, a removal or a reordering of events. It cannot show a tail cut off by somebody
who may write the whole file; for that its head has to be kept elsewhere.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from datetime import datetime

import msgspec

from data.journal.events import Event, Recorded
from data.journal.interface import BrokenChainError
from data.situation import WorldMode

GENESIS_HASH = "0" * 64
_decoder: msgspec.json.Decoder[Event] = msgspec.json.Decoder(Event)


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """An event as a store keeps it: the body is the exact text that was hashed."""

    seq: int
    stream: str
    version: int
    world_at: datetime
    recorded_at: datetime
    mode: WorldMode
    actor: str
    command_id: str
    body: str
    prev_hash: str
    hash: str


def canonical_body(event: Event) -> str:
    """Return an event as JSON with its fields and sets in one fixed order."""
    return msgspec.json.encode(event, order="deterministic").decode()


def row_hash(row: Row) -> str:
    """Return the SHA-256 of the previous hash and of everything else in the row, in fixed order."""
    sealed = (row.seq, row.stream, row.version, row.world_at, row.recorded_at, row.mode, row.actor, row.command_id)
    head = msgspec.json.encode((row.prev_hash, *sealed), order="deterministic")
    return hashlib.sha256(head + b"\n" + row.body.encode()).hexdigest()


def seal(
    event: Event,
    *,
    seq: int,
    stream: str,
    version: int,
    world_at: datetime,
    recorded_at: datetime,
    mode: WorldMode,
    actor: str,
    command_id: str,
    prev_hash: str,
) -> Row:
    """Return the row of a new event, with its hash."""
    row = Row(
        seq=seq,
        stream=stream,
        version=version,
        world_at=world_at,
        recorded_at=recorded_at,
        mode=mode,
        actor=actor,
        command_id=command_id,
        body=canonical_body(event),
        prev_hash=prev_hash,
        hash="",
    )
    return msgspec.structs.replace(row, hash=row_hash(row))


def recorded_from(row: Row) -> Recorded:
    """Return the event of a stored row; raises BrokenChainError where the body cannot be read."""
    try:
        event = _decoder.decode(row.body)
    except msgspec.DecodeError as error:
        raise BrokenChainError(f"Event {row.seq} cannot be read: {error}. Restore the journal from a copy.") from error
    return Recorded(
        seq=row.seq,
        stream=row.stream,
        version=row.version,
        world_at=row.world_at,
        recorded_at=row.recorded_at,
        mode=row.mode,
        actor=row.actor,
        command_id=row.command_id,
        event=event,
        prev_hash=row.prev_hash,
        hash=row.hash,
    )


def verified(rows: Iterable[Row]) -> Iterator[Row]:
    """Yield rows while the chain holds; raises BrokenChainError naming the first bad event."""
    expected_seq, prev_hash = 1, GENESIS_HASH
    versions: dict[str, int] = {}
    for row in rows:
        name = f"Event {row.seq} ('{row.stream}' version {row.version}, by {row.actor})"
        if row.seq != expected_seq:
            raise BrokenChainError(f"Event {expected_seq} is missing: the next in the journal is {row.seq}.")
        if row.prev_hash != prev_hash:
            raise BrokenChainError(f"{name} does not follow event {row.seq - 1}: an event before it was changed.")
        if row.hash != row_hash(row):
            raise BrokenChainError(f"{name} was changed after it was written. Restore the journal from a copy.")
        if row.version != versions.get(row.stream, 0) + 1:
            raise BrokenChainError(f"{name} is out of order: its stream was at {versions.get(row.stream, 0)}.")
        versions[row.stream] = row.version
        expected_seq, prev_hash = row.seq + 1, row.hash
        yield row
