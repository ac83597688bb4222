"""An error at any read, write, sync or truncation is told in words, loses nothing, and the journal goes on."""

from __future__ import annotations

from pathlib import Path

import pytest

from data.journal.sqlite_positions import PositionTables
from tests.proof.audit import Findings
from tests.proof.io_errors import every_io_error, io_error


@pytest.mark.parametrize(("error", "times"), [("io", 1), ("io", 3), ("full", 2)])
def test_error_of_the_disk_at_each_call(error: str, times: int, tmp_path: Path) -> None:
    findings, num_places = every_io_error(tmp_path, error=error, times=times, step=3)
    assert findings.is_clean, findings.faults
    assert num_places > 40


def test_an_error_swallowed_is_seen_to_lose(tmp_path: Path) -> None:
    found = (io_error(tmp_path, first=first, plant="swallows errors") for first in range(40, 60))
    findings = sum((one for one in found if one), Findings())
    assert findings.lost > 0


def test_unit_numbers_trusted_after_a_rollback_are_seen_to_lose(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(PositionTables, "distrust", lambda tables: None)
    findings, _ = every_io_error(tmp_path, error="io", step=2)
    assert findings.lost > 0
