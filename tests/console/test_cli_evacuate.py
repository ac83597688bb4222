"""tongzhou evacuate: the plan in both languages, its JSON, plain matrices, bad input in words."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

from console import cli_words
from console.cli import ANSWER_IS_NO, BAD_INPUT, DONE, run
from data.evacuation import EvacuationPlan

pytestmark = pytest.mark.usefixtures("command_folders")
SAMPLE = Path(__file__).parents[1] / "routing" / "evacuate" / "matrices"
QUICK = ("--iterations", "1500")


def complaint(capsys: pytest.CaptureFixture[str], *argv: str) -> str:
    """What a command with bad input says, on one line and without a traceback."""
    assert run(["evacuate", *argv]) == BAD_INPUT
    said = capsys.readouterr()
    assert "Traceback" not in said.out + said.err
    return " ".join(said.err.split())


def test_the_plan_its_queue_and_what_it_is_set_beside(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "evacuation.json"
    assert run(["evacuate", "may-swell-miaozihu", *QUICK, "--json", str(file)]) == DONE
    said = capsys.readouterr().out
    for words in (
        "Miaozihu evacuation", "Beiao (north landing) B1", "all 986 ashore at", "not before", "Injured and sick",
        "closed: southerly swell", "longest queue", "limit 200", "nearest boats first", "wait until the pier reopens",
        "Posts it needs", "Queue in line at Beiao", "assumed", "no fault found", "the bound leaves out",
    ):  # fmt: skip
        assert words in said
    plan = msgspec.json.decode(file.read_bytes(), type=EvacuationPlan)
    assert (plan.persons, plan.ashore, plan.island_ids) == (986, 986, ("miaozihu",))


def test_the_same_in_chinese(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli_words, "LANGUAGE", "zh")
    assert run(["evacuate", "may-swell-miaozihu", *QUICK]) == DONE
    said = capsys.readouterr().out
    for words in (
        "庙子湖岛 撤离",
        "986 人",
        "全部上岸",
        "下界",
        "候船峰值",
        "就近派船",
        "需要的维序岗",
        "假定",
        "未发现错误",
    ):
        assert words in said


def test_one_plan_under_three_outlooks_and_what_acting_now_is_worth(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["evacuate", "typhoon-approach", "--island", "dongfushan", "--robust", *QUICK]) == DONE
    said = capsys.readouterr().out
    for words in ("under each outlook", "mild: holds", "severe: holds", "acting now", "waiting for the next forecast"):
        assert words in said


def test_who_remains_is_told_and_the_answer_is_no(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["evacuate", "quiet-night", "--island", "aoshan", *QUICK]) == ANSWER_IS_NO
    said = capsys.readouterr().out
    assert "0 of 400 get ashore, 400 remain" in said
    assert "the island has no pier" in said


def test_matrices_are_solved_by_their_own_names(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["evacuate", "--matrix", str(SAMPLE), *QUICK]) == DONE
    said = capsys.readouterr().out
    for words in ("excursion boat", "north terminal", "all ashore after 101 min", "proven optimal", "no fault found"):
        assert words in said
    assert run(["evacuate", "--matrix", str(SAMPLE), *QUICK, "--json", "-"]) == DONE
    document = json.loads(capsys.readouterr().out)
    assert (document["status"], document["complete_min"], document["faults"]) == ("optimal", 101, [])


def test_bad_input_is_worded(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert "Name a scenario or, with --matrix, a folder" in complaint(capsys)
    assert "Unknown island 'miaozhu'. Did you mean: miaozihu" in complaint(
        capsys, "may-swell-miaozihu", "--island", "miaozhu"
    )
    assert "is no folder" in complaint(capsys, "--matrix", str(tmp_path / "nowhere"))
    assert "demand.csv: the file is missing" in complaint(capsys, "--matrix", str(tmp_path))
    assert "are not for --matrix" in complaint(capsys, "--matrix", str(SAMPLE), "--robust")
    assert "Unknown scenario 'nosuch'" in complaint(capsys, "nosuch")
