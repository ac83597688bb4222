"""A disk that fills up while the store is written to, and is made room on again."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg

from data.journal.interface import Journal, JournalStoreError, StoreReadOnlyError
from tests.postgis_cluster import PostgisCluster
from tests.proof.acts import Ack, Act, ack_of, begin, journal_at
from tests.proof.audit import Findings, audit
from tests.proof.batches import Batch
from tests.proof.planted import PLANTS

FOLDER_MB, CLUSTER_MB = 12, 120
_PADDING, _MOST_ACTS = 40_000, 400
_LEFT_BYTES = 1_500_000
_BATCH_SIZE = 400


class NoSmallDiskError(Exception):
    """A small disk cannot be made here; says what it needs."""


@contextlib.contextmanager
def small_disk(size_mb: int) -> Iterator[Path]:
    """Make a disk in memory and remove it again; raises NoSmallDiskError where this user may not."""
    folder = Path(tempfile.mkdtemp(prefix="tz-disk-"))
    try:
        if os.geteuid() != 0:
            raise NoSmallDiskError("a small disk needs root: mount -t tmpfs")
        command = ["mount", "-t", "tmpfs", "-o", f"size={size_mb}m,mode=0755", "tongzhou-proof", str(folder)]
        made = subprocess.run(command, capture_output=True, text=True, check=False)
        if made.returncode:
            raise NoSmallDiskError(f"a small disk cannot be mounted: {made.stderr.strip()}")
        try:
            yield folder
        finally:
            subprocess.run(["umount", "--lazy", str(folder)], check=True)
    finally:
        folder.rmdir()


@contextlib.contextmanager
def small_cluster(size_mb: int = CLUSTER_MB) -> Iterator[PostgisCluster]:
    """Run a cluster whose data and log lie on a small disk; raises NoSmallDiskError."""
    with small_disk(size_mb) as folder:
        cluster = PostgisCluster(folder, durable=True)
        try:
            cluster.create()
            yield cluster
        finally:
            with contextlib.suppress(subprocess.CalledProcessError):
                cluster.stop("immediate")


def start_a_new_log_file(cluster: PostgisCluster) -> None:
    """Let the server make its next 16 MB log file while there is room.

    What a server does that finds no room for its log, it stops, is not what is tried here.
    """
    with psycopg.connect(f"{cluster.conninfo} dbname=postgres", autocommit=True) as connection:
        connection.execute("CHECKPOINT")
        connection.execute("SELECT pg_switch_wal()")
        connection.execute("CREATE TABLE IF NOT EXISTS written_to_the_new_log (at timestamptz)")
        connection.execute("CHECKPOINT")


def full_disk(address: str, disk: Path, *, seed: int, plant: str | None = None) -> Findings:
    """Fill the disk the store at ``address`` lies on, write until refused, look, make room and write again."""
    ballast = disk / "ballast"
    begin(address)
    acks: list[Ack] = []
    try:
        with journal_at(address) as sound:
            journal: Any = PLANTS[plant](sound) if plant else sound
            _write(journal, acks, seed, 3)
            _fill(ballast)
            told = _write(journal, acks, seed, _MOST_ACTS)
            findings = audit(sound, acks)
            _check_refusal(told, findings)
            _check_positions_refused(sound, findings)
        with journal_at(address) as again:
            findings = _worse(findings, audit(again, acks), "opened again while full")
            ballast.unlink()
            _write_on(again, acks, seed, findings)
            return _worse(findings, audit(again, acks), "after room was made")
    finally:
        ballast.unlink(missing_ok=True)


def _fill(ballast: Path) -> None:
    left = shutil.disk_usage(ballast.parent).free - _LEFT_BYTES
    with ballast.open("wb") as file:
        for _ in range(left // 65536):
            file.write(bytes(65536))


def _write(journal: Journal, acks: list[Ack], seed: int, most: int) -> JournalStoreError | None:
    """Write acts until one is refused; returns what was said."""
    for number in range(len(acks), len(acks) + most):
        act = Act("w0", number, seed, _PADDING)
        try:
            recorded = act.write(journal)
        except JournalStoreError as error:
            return error
        acks.append(ack_of(act.act_id, len(act.entries), recorded))
    return None


def _check_refusal(told: JournalStoreError | None, findings: Findings) -> None:
    if told is None:
        findings.add("broken", f"{_MOST_ACTS} acts were taken on a full disk")
    elif not isinstance(told, StoreReadOnlyError) or told.text is None or "full" not in str(told):
        findings.add("broken", f"the full disk was not told in words: {type(told).__name__}: {told}")


def _check_positions_refused(journal: Journal, findings: Findings) -> None:
    try:
        for number in range(_MOST_ACTS):
            journal.record_positions(Batch(number, _BATCH_SIZE).fixes)
    except JournalStoreError as error:
        if error.text is None:
            findings.add("broken", f"positions on a full disk: told in one language only: {error}")
    else:
        findings.add("broken", f"{_MOST_ACTS} batches of positions were taken on a full disk")


def _write_on(journal: Journal, acks: list[Ack], seed: int, findings: Findings) -> None:
    deadline, refused = time.monotonic() + 10, None
    while time.monotonic() < deadline:
        if (refused := _write(journal, acks, seed, 5)) is None:
            journal.record_positions(Batch(_MOST_ACTS, _BATCH_SIZE).fixes)
            return
        time.sleep(0.1)
    findings.add("broken", f"does not take acts although there is room: {refused}")


def _worse(before: Findings, now: Findings, when: str) -> Findings:
    """Return what holds now, with everything found wrong before."""
    now.faults = [*before.faults, *(f"{words} ({when})" for words in now.faults)]
    for kind in ("lost", "doubled", "partial", "broken"):
        setattr(now, kind, max(getattr(before, kind), getattr(now, kind)))
    return now
