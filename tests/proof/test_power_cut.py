"""A power cut at any write loses nothing that was acknowledged; without full syncing it would."""

from __future__ import annotations

from pathlib import Path

from tests.proof.audit import Findings
from tests.proof.power_cut import power_cut

SEEDS = range(60)


def test_power_cut_loses_nothing_acknowledged(tmp_path: Path) -> None:
    findings = sum((power_cut(tmp_path, seed=seed) for seed in SEEDS), Findings())
    assert findings.is_clean, findings.faults
    assert findings.acked > 500


def test_power_cut_at_each_of_the_first_writes_loses_nothing(tmp_path: Path) -> None:
    """A store being made is as safe as one long in use."""
    findings = sum((power_cut(tmp_path, seed=after, cut_after=after) for after in range(1, 60)), Findings())
    assert findings.is_clean, findings.faults


def test_without_full_syncing_a_power_cut_is_seen_to_lose(tmp_path: Path) -> None:
    findings = sum((power_cut(tmp_path, seed=seed, plant="normal") for seed in range(10)), Findings())
    assert findings.lost > 0
