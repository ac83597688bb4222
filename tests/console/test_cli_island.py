"""Holding an island and its circles from the command line: answers, files, and bad input in words."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from console.cli import ANSWER_IS_NO, BAD_INPUT, DONE, run
from console.plan_schema import hold_schema_json
from data.holding import read_hold_plan

pytestmark = pytest.mark.usefixtures("command_folders")
ROOT = Path(__file__).parents[2]
SWELL = "may-swell-miaozihu"
QUICK = ("--iterations", "40")


def complaint(capsys: pytest.CaptureFixture[str], *argv: str) -> str:
    """What a command with bad input says, on one line and without a traceback."""
    assert run(argv) == BAD_INPUT
    said = capsys.readouterr()
    assert "Traceback" not in said.out + said.err
    return " ".join(said.err.split())


def test_hold_prints_one_timeline_and_writes_a_plan_that_reads_back(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "hold.json"
    assert run(["hold", SWELL, "--relief", "12:00", *QUICK, "--json", str(file)]) in (DONE, ANSWER_IS_NO)
    said = capsys.readouterr().out
    for words in ("relief at 2026-05-31 12:00", "value held", "Dongji PS officers", "Hold the queue", "no fault found"):
        assert words in said
    assert "more things happen" in said
    plan = read_hold_plan(file.read_bytes())
    assert plan.island_id == "miaozihu"
    assert plan.rows
    assert plan.value <= plan.bound <= plan.value_asked


def test_same_seed_and_moves_give_the_same_plan(tmp_path: Path) -> None:
    files = [tmp_path / "one.json", tmp_path / "two.json"]
    for file in files:
        run(["hold", SWELL, "--seed", "4", *QUICK, "--json", str(file)])
    one, two = (json.loads(file.read_text(encoding="utf-8")) for file in files)
    assert one.pop("solve_s") >= 0
    two.pop("solve_s")
    assert one == two


def test_hold_plans_again_after_what_happened(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "again.json"
    run(["hold", SWELL, "--at", "11:00", *QUICK, "--json", str(file)])
    plan = read_hold_plan(file.read_bytes())
    volunteers = next(state for state in plan.teams if state.team.id == "miaozihu-volunteers")
    assert volunteers.lost == 3
    assert "power" in {task.id for task in plan.tasks}
    assert any(row.begun for row in plan.rows)
    assert "Changes against the first plan" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("argv", "told"),
    [
        (["hold", SWELL, "--island", "miaozhu"], "Did you mean: miaozihu"),
        (["hold", SWELL, "--relief", "25:00"], "is no time; write e.g. 14:30"),
        (["hold", SWELL, "--relief", "2026-05-31T08:00"], "before the plan's start"),
        (["hold", SWELL, "--plan", "README.md"], "is no deployment plan"),
        (["hold", SWELL, "--evacuation", "README.md"], "is no evacuation plan"),
        (["hold", "quiet-night"], "name one with --island"),
        (["hold", "no-such-story"], "Unknown scenario"),
        (["circles"], "which island"),
        (["circles", "--island", "atlantis"], "Unknown island 'atlantis'"),
    ],
)
def test_bad_input_is_worded(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, argv: list[str], told: str
) -> None:
    monkeypatch.chdir(ROOT)
    assert told in complaint(capsys, *argv)


def test_island_with_nobody_on_it_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["hold", SWELL, "--island", "nanjiushan", *QUICK]) == DONE
    assert "0 teams, 0 people" in capsys.readouterr().out


def test_circles_list_gaps_posts_and_write_geojson(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    shapes, report = tmp_path / "circles.geojson", tmp_path / "circles.json"
    argv = ["circles", SWELL, "--island", "miaozihu", "--geojson", str(shapes), "--json", str(report)]
    assert run(argv) == DONE
    said = capsys.readouterr().out
    for words in ("GAP", "Beiao", "One-minute self-help", "teams round the clock", "proven best", "not counted"):
        assert words in said
    features = json.loads(shapes.read_text(encoding="utf-8"))["features"]
    assert {feature["properties"]["what"] for feature in features} == {"circle", "point", "post"}
    document = json.loads(report.read_text(encoding="utf-8"))
    gaps = {one["point"]["id"] for one in document["points"] if not one["mutual_help"]}
    closed = {
        name
        for one in document["postings"]
        if one["kind"] == "mutual_help"
        for post in one["posts"]
        for name in post["closes"]
    }
    assert gaps == closed


def test_schema_file_is_that_of_the_types(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["hold-schema"]) == DONE
    assert (ROOT / "docs" / "hold.schema.json").read_text(encoding="utf-8") == hold_schema_json()
    assert json.loads(capsys.readouterr().out)["title"].startswith("Tongzhou hold plan")
