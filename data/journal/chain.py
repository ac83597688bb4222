"""The hash chain: each event's hash seals its own content and everything before it.

The chain shows an edit, a removal or a reordering of events. It cannot show a tail cut off by somebody
who may write the whole file; for that its head has to be kept elsewhere.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import get_args

import msgspec

from data.errors import CommandRefusedError, worded
from data.journal.events import Event, Recorded, UnknownEvent
from data.journal.interface import BrokenChainError
from data.situation import WorldMode

GENESIS_HASH = "0" * 64
_decoder: msgspec.json.Decoder[Event] = msgspec.json.Decoder(Event)
KINDS = frozenset(str(one.__struct_config__.tag) for one in get_args(Event))


class _Kind(msgspec.Struct, frozen=True):
    """As much of a body as tells what kind of event it is."""

    kind: str


_kind_decoder = msgspec.json.Decoder(_Kind)


@dataclass
class Mark:
    """How far a chain was found to hold: the last event's number and hash, and each stream's version."""

    seq: int = 0
    hash: str = GENESIS_HASH
    versions: dict[str, int] = field(default_factory=dict)


class ChainReport(msgspec.Struct, frozen=True, kw_only=True):
    """What checking a chain found: the last sound event, and the first bad one with the reason, if any."""

    events: int
    head_hash: str
    first_bad: int | None = None
    fault: BrokenChainError | None = None

    @property
    def is_sound(self) -> bool:
        """Tell whether every event holds."""
        return self.fault is None


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
    """Return an event as JSON with its fields and sets in one fixed order.

    Raises ValueError for an event of a newer program, which this one cannot write, and CommandRefusedError for one
    that could not be read again: once in the chain it would bar everything after it.
    """
    if isinstance(event, UnknownEvent):
        raise ValueError(f"an event of a newer program ({event.kind}) cannot be written by this one")
    try:
        body = msgspec.json.encode(event, order="deterministic")
        _decoder.decode(body)
    except (msgspec.MsgspecError, ValueError, OverflowError) as error:
        raise worded(
            CommandRefusedError(f"It was not recorded, for it could not be read again: {error}. Correct that."),
            zh=f"未记录：写下后将无法读回（{error}）。请改正。",
        ) from error
    return body.decode()


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
    """Return the event of a stored row, an ``UnknownEvent`` where its kind is of a newer program.

    Raises BrokenChainError naming the event where the body is no JSON or does not fit its known kind.
    """
    return Recorded(
        seq=row.seq,
        stream=row.stream,
        version=row.version,
        world_at=row.world_at,
        recorded_at=row.recorded_at,
        mode=row.mode,
        actor=row.actor,
        command_id=row.command_id,
        event=_event_in(row),
        prev_hash=row.prev_hash,
        hash=row.hash,
    )


def _event_in(row: Row) -> Event | UnknownEvent:
    try:
        return _decoder.decode(row.body)
    except msgspec.DecodeError as error:
        try:
            kind = _kind_decoder.decode(row.body).kind
            if kind not in KINDS:
                return UnknownEvent(kind=kind, body=row.body)
        except msgspec.DecodeError:
            pass
        raise worded(
            BrokenChainError(f"Event {row.seq} cannot be read: {error}. Restore the journal from a copy."),
            zh=f"第 {row.seq} 条事件无法读取（{error}）。请从副本恢复日志。",
        ) from error


def verified(rows: Iterable[Row], mark: Mark | None = None) -> Iterator[Row]:
    """Yield rows while the chain holds; raises BrokenChainError naming the first bad event.

    ``mark`` is where the chain was found to hold before, and is moved on with each row.
    """
    mark = Mark() if mark is None else mark
    for row in rows:
        if (fault := _fault_of(row, mark)) is not None:
            raise fault
        mark.versions[row.stream] = row.version
        mark.seq, mark.hash = row.seq, row.hash
        yield row


def chain_report(rows: Iterable[Row]) -> ChainReport:
    """Check a whole chain and return what was found, without raising."""
    mark = Mark()
    try:
        for _ in verified(rows, mark):
            pass
    except BrokenChainError as fault:
        return ChainReport(events=mark.seq, head_hash=mark.hash, first_bad=mark.seq + 1, fault=fault)
    return ChainReport(events=mark.seq, head_hash=mark.hash)


def _fault_of(row: Row, mark: Mark) -> BrokenChainError | None:
    name = f"Event {row.seq} ('{row.stream}' version {row.version}, by {row.actor})"
    name_zh = f"第 {row.seq} 条事件（{row.stream} 第 {row.version} 版，{row.actor}）"
    at = mark.versions.get(row.stream, 0)
    if row.seq != mark.seq + 1:
        en = f"Event {mark.seq + 1} is missing: the next in the journal is {row.seq}."
        zh = f"缺少第 {mark.seq + 1} 条事件：日志中的下一条是第 {row.seq} 条。"
    elif row.prev_hash != mark.hash:
        en = (
            f"{name} does not follow event {mark.seq} as that stands: events were swapped, or one was written anew. "
            "Restore the journal from a copy."
        )
        zh = f"{name_zh}与第 {mark.seq} 条不衔接：事件被调换，或有一条被重写。请从副本恢复日志。"
    elif row.hash != row_hash(row):
        en = f"{name} was changed after it was written. Restore the journal from a copy."
        zh = f"{name_zh}在写入后被改动。请从副本恢复日志。"
    elif row.version != at + 1:
        en = f"{name} is out of order: its stream was at {at}."
        zh = f"{name_zh}次序不对：该流当时为第 {at} 版。"
    else:
        return None
    return worded(BrokenChainError(en), zh=zh)
