"""Four racing for the same units: one wins each, and every loser is told who did."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.proof.races import race_for_several, race_for_units, run_race

UNITS, TRIES = 300, 60


def test_race_for_units_in_a_folder(tmp_path: Path) -> None:
    findings = run_race(str(tmp_path / "store"), tmp_path, race_for_units, UNITS, seed=1)
    assert findings.is_clean, findings
    assert findings.acked == UNITS


@pytest.mark.postgis
def test_race_for_units_in_a_database(durable_address: str, tmp_path: Path) -> None:
    findings = run_race(durable_address, tmp_path, race_for_units, UNITS, seed=2)
    assert findings.is_clean, findings
    assert findings.acked == UNITS


def test_order_over_several_streams_never_half_wins_in_a_folder(tmp_path: Path) -> None:
    findings = run_race(str(tmp_path / "store"), tmp_path, race_for_several, TRIES, seed=3)
    assert findings.is_clean, findings
    assert findings.acked > 3


@pytest.mark.postgis
def test_order_over_several_streams_never_half_wins_in_a_database(durable_address: str, tmp_path: Path) -> None:
    findings = run_race(durable_address, tmp_path, race_for_several, TRIES, seed=4)
    assert findings.is_clean, findings
    assert findings.acked > 3


def test_versions_ignored_are_seen_to_let_several_win(tmp_path: Path) -> None:
    findings = run_race(str(tmp_path / "store"), tmp_path, race_for_units, 10, seed=5, plant="ignores versions")
    assert findings.doubled > 0


def test_streams_written_one_by_one_are_seen_to_half_win(tmp_path: Path) -> None:
    address = str(tmp_path / "store")
    findings = run_race(address, tmp_path, race_for_several, TRIES, seed=6, plant="writes stream by stream")
    assert findings.partial > 0
