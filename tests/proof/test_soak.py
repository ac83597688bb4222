"""The soak tells a loss by its exit code, and proves nothing where it cannot see a planted fault."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.proof import soak
from tests.proof.audit import Findings
from tests.proof.rounds import FOLDER, Fault, Ground


def _soak(tmp_path: Path, patch: pytest.MonkeyPatch, found: Callable[[str | None], Findings]) -> tuple[int, Any]:
    def run(ground: Ground, store: str, seed: int, plant: str | None = None) -> Findings:
        return found(plant)

    report = tmp_path / "report.json"
    patch.setattr(soak, "FAULTS", (Fault("a fault", FOLDER, run, "planted", "lost"),))
    patch.setattr(soak, "_ground", lambda: contextlib.nullcontext(Ground(tmp_path, None)))
    code = soak.main(["--minutes", "0", "--report", str(report)])
    return code, json.loads(report.read_text())


def test_clean_soak(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    code, report = _soak(tmp_path, monkeypatch, lambda plant: Findings(acked=7, lost=1 if plant else 0))
    assert (code, report["clean"], report["faults"][0]["findings"]["acked"]) == (0, True, 7)
    assert "Left out: every fault on a database" in capsys.readouterr().out


def test_loss_ends_with_1(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code, report = _soak(tmp_path, monkeypatch, lambda plant: Findings(lost=1))
    assert (code, report["clean"]) == (1, False)


def test_round_that_fails_ends_with_1(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def found(plant: str | None) -> Findings:
        if plant is None:
            raise RuntimeError("the writers wrote too little")
        return Findings(lost=1)

    code, report = _soak(tmp_path, monkeypatch, found)
    assert code == 1
    assert "wrote too little" in report["faults"][0]["findings"]["faults"][0]


def test_planted_fault_unseen_ends_with_2_before_any_round(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code, report = _soak(tmp_path, monkeypatch, lambda plant: Findings())
    assert (code, report["faults"]) == (2, [])
