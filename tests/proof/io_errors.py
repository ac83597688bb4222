"""An error of the disk at the n-th read, write, sync or truncation, for every n: told in words, and gone on after."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import apsw

from data.errors import TongzhouError
from data.journal.interface import Journal, JournalStoreError
from tests.proof.acts import Ack, Act, ack_of, begin_in, journal_at
from tests.proof.apsw_doors import through
from tests.proof.audit import Findings, audit
from tests.proof.batches import Batch, judge_batches, positions_only
from tests.proof.failing_disk import FailingDisk
from tests.proof.planted import PLANTS

ERRORS: dict[str, Callable[[str], Exception]] = {"io": apsw.IOError, "full": apsw.FullError}
_ACTS, _BATCH_EVERY, _BATCH_SIZE = 8, 3, 40
_TRIES = 6
Answer = TypeVar("Answer")


@dataclass
class _Run:
    """One life of a store on a failing disk: what it acknowledged, and what was said wrongly."""

    acks: list[Ack] = field(default_factory=list)
    batches: list[int] = field(default_factory=list)
    findings: Findings = field(default_factory=Findings)

    def asked(self, what: str, ask: Callable[[], Answer], after: Callable[[], None] = lambda: None) -> Answer | None:
        """Ask until it is done; each failure has to be in words, ``after`` checks what is said to hold then."""
        for _ in range(_TRIES):
            try:
                return ask()
            except JournalStoreError as error:
                if error.text is None:
                    self.findings.add("broken", f"{what}: told in one language only: {error}")
                after()
            except TongzhouError as error:
                self.findings.add("broken", f"{what}: the disk failed, but it was said: {error}")
            except Exception as error:
                self.findings.add("broken", f"{what}: no word for {type(error).__name__}: {error}")
        self.findings.add("broken", f"{what}: does not go on after the disk is well again")
        return None


def io_error(
    folder: Path, *, first: int, error: str = "io", times: int = 1, plant: str | None = None
) -> Findings | None:
    """Let the disk fail ``times`` times from the ``first`` thing done on; None where so much was never done.

    Whoever writes asks again after each failure; after it, the same open journal has to go on.
    """
    name = f"failing-{error}-{first}-{times}-{plant}"
    address = str(folder / name)
    disk, run = FailingDisk(name, first, times, ERRORS[error]), _Run()
    # Where a file fails while it is closed, SQLite has closed it all the same; only this disk raises that again.
    with through(name), contextlib.suppress(apsw.Error), contextlib.ExitStack() as stack:
        sound = run.asked("opening", lambda: stack.enter_context(journal_at(address)))
        if sound is not None:
            run.asked("beginning", lambda: begin_in(sound))
            _work(sound, run, plant)
    disk.unregister()
    if not disk.has_failed:
        return None
    with journal_at(address) as journal:
        found = audit(journal, run.acks)
        found += positions_only(judge_batches(journal, run.batches, _BATCH_SIZE))
    shutil.rmtree(address)
    return found + run.findings


def _work(sound: Journal, run: _Run, plant: str | None) -> None:
    journal: Any = PLANTS[plant](sound) if plant else sound
    for number in range(_ACTS):
        act = Act("w0", number, seed=0)

        def nothing_was_recorded(act: Act = act) -> None:
            found = run.asked("looking a command up", lambda: sound.recorded_by(act.act_id))
            if found:
                run.findings.add("broken", f"{act.act_id} was recorded, though an error said that it was not")

        recorded = run.asked("appending", lambda act=act: act.write(journal), nothing_was_recorded)  # type: ignore[misc]
        if recorded is not None:
            run.acks.append(ack_of(act.act_id, len(act.entries), recorded))
        if number % _BATCH_EVERY == 0:
            batch = Batch(len(run.batches), _BATCH_SIZE)
            run.asked("recording positions", lambda batch=batch: journal.record_positions(batch.fixes))  # type: ignore[misc]
            run.batches.append(batch.number)
    run.asked("reading", lambda: list(sound.read()))
    run.asked("reading positions", lambda: sound.positions_at(Batch(len(run.batches), 1).fixes[0].world_at))
    run.asked("verifying", sound.verify)


def every_io_error(
    folder: Path, *, error: str, times: int = 1, start: int = 1, step: int = 1, plant: str | None = None
) -> tuple[Findings, int]:
    """Let the disk fail at every ``step``-th place in turn; returns what was found and how many places there were."""
    findings, num_places, first = Findings(), 0, start
    while (found := io_error(folder, first=first, error=error, times=times, plant=plant)) is not None:
        findings, num_places, first = findings + found, num_places + 1, first + step
    return findings, num_places
