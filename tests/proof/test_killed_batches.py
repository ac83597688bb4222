"""kill -9 of a writer of positions: a batch is whole or absent, and there once acknowledged."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.proof.batches import killed_batches


def test_killed_batches_of_a_folder(tmp_path: Path) -> None:
    findings = killed_batches(str(tmp_path / "store"), tmp_path, kills=4, seed=1)
    assert findings.is_clean, findings
    assert findings.acked > 8


@pytest.mark.postgis
def test_killed_batches_of_a_database(durable_address: str, tmp_path: Path) -> None:
    findings = killed_batches(durable_address, tmp_path, kills=3, seed=2)
    assert findings.is_clean, findings
    assert findings.acked > 6


def test_a_batch_in_two_halves_is_seen(tmp_path: Path) -> None:
    findings = killed_batches(str(tmp_path / "store"), tmp_path, kills=30, seed=3, plant="splits batches")
    assert findings.partial > 0
