"""What the writers of a proof do, and how they note what was acknowledged.

An act is one command, the same each time it is asked for: a writer that is killed and started again sends the
act it was at once more, with the same command id, as a console does that never heard the answer.
"""

from __future__ import annotations

import json
import os
import random
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from data.journal.events import Recorded
from data.journal.interface import Entry, Journal, StoreUnreachableError
from data.journal.store import open_store
from tests.data.journal.journal_samples import START, note, opened
from tests.proof.planted import PLANTS

STREAMS = ("log", "unit:1", "unit:2", "unit:3", "incident:1")
OPENING_ID = "opening"
_PATIENCE_S = 60.0


@dataclass(frozen=True)
class Act:
    """The ``number``-th command of a writer: one to five events over several streams.

    The text of each event tells which part of which act it is, so that a store can be judged by itself, and has
    up to ``padding`` more characters, which do not compress.
    """

    writer: str
    number: int
    seed: int
    padding: int = 200

    @property
    def act_id(self) -> str:
        """The name of the act, and its command id."""
        return f"{self.writer}-{self.number}"

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The events."""
        chance = random.Random(f"{self.seed}/{self.act_id}")
        size = chance.randint(1, 5)
        return tuple(
            note(
                f"{self.act_id} {part}/{size} {chance.randbytes(chance.randint(0, self.padding // 2)).hex()}",
                chance.choice(STREAMS),
            )
            for part in range(1, size + 1)
        )

    @property
    def at(self) -> datetime:
        """The world time."""
        return START + timedelta(seconds=self.number)

    def write(self, journal: Journal) -> tuple[Recorded, ...]:
        """Append it once."""
        return journal.append(
            self.entries, command_id=self.act_id, actor=self.writer, world_at=self.at, recorded_at=self.at
        )

    def insist(self, journal: Journal, patience_s: float = _PATIENCE_S) -> tuple[Recorded, ...]:
        """Append it, asking again with the same command id while the store does not answer."""
        deadline = time.monotonic() + patience_s
        while True:
            try:
                return self.write(journal)
            except StoreUnreachableError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.02)


@dataclass(frozen=True)
class Ack:
    """What a writer was told: the act, how many events it has, and of each its number, stream, version and hash."""

    act_id: str
    size: int
    rows: tuple[tuple[int, str, int, str], ...]


def ack_of(act_id: str, size: int, recorded: Sequence[Recorded]) -> Ack:
    """Return the acknowledgement of an act."""
    return Ack(act_id, size, tuple((one.seq, one.stream, one.version, one.hash) for one in recorded))


class AckFile:
    """A file of acknowledgements, one a line, each on the disk before the next thing is done."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)

    def note(self, ack: Ack) -> None:
        """Write one down."""
        os.write(self._file, json.dumps([ack.act_id, ack.size, ack.rows]).encode() + b"\n")
        os.fsync(self._file)

    def close(self) -> None:
        """Release the file."""
        os.close(self._file)


def acks_in(path: Path) -> list[Ack]:
    """Return what a file of acknowledgements holds; a last line cut short was never written down."""
    whole = path.read_bytes().rpartition(b"\n")[0].splitlines() if path.exists() else []
    found = (json.loads(line) for line in whole)
    return [Ack(act_id, size, tuple((*row,) for row in rows)) for act_id, size, rows in found]


@contextmanager
def journal_at(address: str, plant: str | None = None) -> Iterator[Journal]:
    """Open the journal of a store by its public door, with a planted fault where one is named."""
    store = open_store(address, "drill")
    try:
        journal = store.open_journal()
        planted = PLANTS[plant](journal) if plant else journal
        try:
            yield planted
        finally:
            planted.close()
    finally:
        store.close()


def begin(address: str) -> None:
    """Write the event every journal begins with; again is harmless."""
    with journal_at(address) as journal:
        begin_in(journal)


def begin_in(journal: Journal) -> None:
    """Write the event every journal begins with into an open one; again is harmless."""
    journal.append([opened()], command_id=OPENING_ID, actor="proof", world_at=START, recorded_at=START)
