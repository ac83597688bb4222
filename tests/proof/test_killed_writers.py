"""kill -9 of writers loses nothing acknowledged, doubles nothing and leaves no append in part."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.proof.killed_writers import killed_writers


def test_killed_writers_of_a_folder(tmp_path: Path) -> None:
    findings = killed_writers(str(tmp_path / "store"), tmp_path, kills=5, seed=1)
    assert findings.is_clean, findings
    assert findings.acked > 12


@pytest.mark.postgis
def test_killed_writers_of_a_database(durable_address: str, tmp_path: Path) -> None:
    findings = killed_writers(durable_address, tmp_path, kills=3, seed=2)
    assert findings.is_clean, findings
    assert findings.acked > 12


def test_acknowledging_before_the_commit_is_seen_to_lose(tmp_path: Path) -> None:
    findings = killed_writers(str(tmp_path / "store"), tmp_path, kills=20, seed=3, plant="acknowledges first")
    assert findings.lost > 0


def test_a_commit_for_each_event_is_seen_to_leave_parts(tmp_path: Path) -> None:
    findings = killed_writers(
        str(tmp_path / "store"), tmp_path, kills=20, seed=4, plant="commits each event", looked_for="partial"
    )
    assert findings.partial > 0


def test_a_retry_as_a_new_command_is_seen_to_double(tmp_path: Path) -> None:
    findings = killed_writers(str(tmp_path / "store"), tmp_path, kills=3, seed=5, plant="forgets command ids")
    assert findings.doubled > 0
