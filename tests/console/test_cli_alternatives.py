"""All alternatives at a terminal: the choices with their prices, the copies in words, the whole as one file."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from console.cli import BAD_INPUT, DONE, run
from console.cli_alternatives import AlternativesFile, print_alternatives
from data.plans import Alternative, Plan, read_plan
from tests.routing.deploy.test_alternatives import plan

pytestmark = pytest.mark.usefixtures("command_folders")


def four() -> dict[Alternative, Plan]:
    return {
        "balanced": plan("balanced", (22, 62)),
        "fastest": plan("fastest", (20, 50), sent={"a": 3, "c": 2}, craft_used=5),
        "keep_cover": plan("keep_cover", (22, 62)),
        "fewest_craft": plan("fewest_craft", (22, None), sent={"a": 4}),
    }


def test_choices_have_their_prices_and_the_others_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    print_alternatives(four(), "A night", "quiet-night")
    lines = capsys.readouterr().out.splitlines()
    row = next(line for line in lines if line.startswith("fastest")).split()
    assert row[1:5] == ["20", "(-2)", "50", "(-12)"]
    assert row[5] == "-18"
    assert row[6:10] == ["-5", "(-2)", "5", "(+2)"]
    assert "keep cover: the same plan as 'balanced'" in lines
    worse = next(line for line in lines if line.startswith("fewest craft"))
    assert "nowhere better than 'balanced' (by weight +688 min, 1 more groups from cover, 0 more craft)" in worse
    assert "tongzhou deploy quiet-night --alternative balanced" in lines[-1]


def test_all_of_them_are_one_file_whose_plans_are_whole(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "all.json"
    argv = ["deploy", "quiet-night", "--alternative", "all", "--iterations", "0", "--json", str(file)]
    assert run(argv) == DONE
    assert "the same plan as" in capsys.readouterr().out
    found = msgspec.json.decode(file.read_bytes(), type=AlternativesFile)
    assert [one.plan.alternative for one in found.alternatives] == ["balanced", "fastest", "keep_cover", "fewest_craft"]
    for one in found.alternatives:
        assert read_plan(msgspec.json.encode(one.plan)) == one.plan
        assert one.is_choice == one.compared.is_choice


def test_an_unknown_alternative_is_answered_with_those_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["deploy", "quiet-night", "--alternative", "cheapest"]) == BAD_INPUT
    said = " ".join(capsys.readouterr().err.split())
    assert "There is no alternative 'cheapest'" in said
    assert "fewest_craft, all" in said
