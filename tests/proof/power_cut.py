"""The power cut at any write to the disk, simulated: what was not synced is lost in part, sector by sector."""

from __future__ import annotations

import contextlib
import random
import shutil
from pathlib import Path

import apsw

from data.journal.interface import JournalStoreError
from tests.proof.acts import Ack, Act, ack_of, begin, journal_at
from tests.proof.apsw_doors import through
from tests.proof.audit import Findings, audit
from tests.proof.batches import Batch, judge_batches, positions_only
from tests.proof.losing_disk import LosingDisk

_BATCH_EVERY, _BATCH_SIZE = 4, 60
# A write may be cut while the store is made, in the first acts, or in the midst of many.
_EARLIEST, _LATEST = 1, 400


def power_cut(folder: Path, *, seed: int, cut_after: int | None = None, plant: str | None = None) -> Findings:
    """Write acts and positions until the power goes, then judge what the disk has and go on writing there.

    ``cut_after`` so many writes and syncs; drawn by the seed where it is not told.
    """
    if cut_after is None:
        cut_after = random.Random(seed).randint(_EARLIEST, _LATEST)
    name = f"losing-{seed}-{cut_after}-{plant}"
    before, left = folder / name / "before", folder / name / "left"
    disk = LosingDisk(name, seed, cut_after)
    acks: list[Ack] = []
    batches: list[int] = []
    with contextlib.ExitStack() as stack:
        stack.enter_context(through(name, plant))
        try:
            begin(str(before))
            journal = stack.enter_context(journal_at(str(before)))
            while True:
                act = Act("w0", len(acks), seed)
                acks.append(ack_of(act.act_id, len(act.entries), act.write(journal)))
                if len(acks) % _BATCH_EVERY == 0:
                    journal.record_positions(Batch(len(batches), _BATCH_SIZE).fixes)
                    batches.append(len(batches))
        except (JournalStoreError, apsw.Error):
            disk.cut()
        shutil.copytree(before, left)
    findings = _judge(left, acks, batches, seed)
    disk.unregister()
    shutil.rmtree(folder / name)
    return findings


def _judge(left: Path, acks: list[Ack], batches: list[int], seed: int) -> Findings:
    """Judge what is left, then send again the act that was cut short and one after it, and judge once more."""
    try:
        if not acks:
            begin(str(left))
        with journal_at(str(left)) as journal:
            findings = audit(journal, acks) + positions_only(judge_batches(journal, batches, _BATCH_SIZE))
            if not findings.is_clean:
                return findings
            for number in (len(acks), len(acks) + 1):
                act = Act("w0", number, seed)
                acks = [*acks, ack_of(act.act_id, len(act.entries), act.write(journal))]
            gone_on = audit(journal, acks)
            gone_on.unacked = findings.unacked
            return gone_on
    except (JournalStoreError, ValueError) as error:  # ValueError: a journal that lost its first event
        findings = Findings(acked=len(acks))
        findings.add("lost", f"what is left cannot be used: {error}")
        return findings
