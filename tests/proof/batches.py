"""Batches of positions: what a writer of them sends, and what a store holds of them after a fault."""

from __future__ import annotations

import multiprocessing
import random
import time
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from data.journal.fixes import Fix, micros_of
from data.journal.interface import Journal, StoreUnreachableError
from tests.data.journal.journal_samples import START
from tests.proof.acts import Ack, AckFile, acks_in, begin, journal_at
from tests.proof.audit import Findings
from tests.proof.crew import CONTEXT, leave_interrupts_to_the_parent

_STEP_S, _BETWEEN_UNITS_S = 600, 30
_LON_DEG, _LON_STEP_DEG = 120.0, 1e-4
_PATIENCE_S = 60.0


@dataclass(frozen=True)
class Batch:
    """The ``number``-th batch: one fix of each of ``size`` units, minutes apart, so that many span two hours."""

    number: int
    size: int = 60

    @property
    def fixes(self) -> list[Fix]:
        """The fixes; their longitude tells which batch they are of."""
        start = START + timedelta(seconds=self.number * _STEP_S)
        lon_deg = _LON_DEG + self.number * _LON_STEP_DEG
        return [
            Fix(f"u{unit}", start + timedelta(seconds=unit * _BETWEEN_UNITS_S), lon_deg, 30.0, None, 1.0)
            for unit in range(self.size)
        ]


def judge_batches(journal: Journal, acked: Collection[int], size: int) -> Findings:
    """Judge positions: each batch is there whole or not at all, and those acknowledged are there."""
    table = journal.fixes_between(START, START + timedelta(days=365))
    numbers = Counter(round((lon - _LON_DEG) / _LON_STEP_DEG) for lon in table.lon_deg.tolist())
    findings = Findings(events=len(table), acked=len(acked), unacked=len(numbers.keys() - set(acked)))
    for number, count in numbers.items():
        if count < size:
            findings.add("partial", f"batch {number} has {count} of its {size} positions")
        if count > size:
            findings.add("doubled", f"batch {number} has {count} positions of {size}")
    for unit, us, lon in zip(table.unit.tolist(), table.world_us.tolist(), table.lon_deg.tolist(), strict=True):
        since_s = (us - micros_of(START)) // 1_000_000 - round((lon - _LON_DEG) / _LON_STEP_DEG) * _STEP_S
        if table.unit_ids[unit] != f"u{since_s // _BETWEEN_UNITS_S}":
            findings.add("broken", f"a position of u{since_s // _BETWEEN_UNITS_S} is kept as that of another unit")
    for number in set(acked) - numbers.keys():
        findings.add("lost", f"batch {number} was acknowledged and is not there")
    return findings


def positions_only(found: Findings) -> Findings:
    """Return what is wrong with positions, without their counts, to be added to what was found of events."""
    return replace(found, events=0, acked=0, unacked=0)


def killed_batches(
    address: str, folder: Path, *, kills: int, seed: int, size: int = 400, plant: str | None = None
) -> Findings:
    """Kill a writer of positions so many times at a random moment, and judge the store each time."""
    chance = random.Random(seed)
    begin(address)
    path, findings, unacked = folder / "batches.acks", Findings(), 0
    for _ in range(kills):
        before = len(acks_in(path))
        process = CONTEXT.Process(target=_record_on, args=(address, path, size, plant))
        process.start()
        deadline = time.monotonic() + _PATIENCE_S
        try:
            while len(acks_in(path)) < before + 2 and process.is_alive() and time.monotonic() < deadline:
                time.sleep(0.005)
            time.sleep(chance.uniform(0, 0.15))
            died_by_itself = not process.is_alive()
        finally:
            process.kill()
            process.join()
            process.close()
        with journal_at(address) as journal:
            found = judge_batches(journal, [int(ack.act_id) for ack in acks_in(path)], size)
        if died_by_itself:
            found.add("broken", "the writer of positions ended by itself")
        unacked += found.unacked
        found.unacked = unacked
        if not found.is_clean:
            return found
        findings = found
    return findings


def _record_on(address: str, path: Path, size: int, plant: str | None) -> None:
    """Record batches until killed, or until the process that started this one is gone."""
    leave_interrupts_to_the_parent()
    parent, acks, number = multiprocessing.parent_process(), AckFile(path), len(acks_in(path))
    assert parent is not None
    with journal_at(address, plant) as journal:
        while parent.is_alive():
            try:
                journal.record_positions(Batch(number, size).fixes)
            except StoreUnreachableError:
                time.sleep(0.02)
                continue
            acks.note(Ack(str(number), 1, ()))
            number += 1
