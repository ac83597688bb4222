"""tongzhou isolate: the board and moves in both languages, its JSON, other sources of forecast, bad input in words."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

from console import cli_words
from console.cli import BAD_INPUT, DONE, run
from data.geography import Region
from data.isolation import IsolationReport, isolation_schema
from data.scenario import read_scenario

pytestmark = pytest.mark.usefixtures("command_folders")
ROOT = Path(__file__).parents[2]
FORECAST = ROOT / "data" / "scenarios" / "may-swell-miaozihu.forecast.csv"


def complaint(capsys: pytest.CaptureFixture[str], *argv: str) -> str:
    """What a command with bad input says, on one line and without a traceback."""
    assert run(argv) == BAD_INPUT
    said = capsys.readouterr()
    assert "Traceback" not in said.out + said.err
    return " ".join(said.err.split())


def test_the_board_the_moves_and_what_is_assumed(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "isolation.json"
    argv = ["isolate", "--forecast", "typhoon-approach", "--hours", "10", "--json", str(file)]
    assert run(argv) == DONE
    said = capsys.readouterr().out
    for words in (
        "Dongfushan", "12 22:06", "46 m cutter", "next to close", "64 visitors, 3 patients", "start by", "no longer:",
        "assumed", "not known", "no fault found",
    ):  # fmt: skip
        assert words in said
    report = msgspec.json.decode(file.read_bytes(), type=IsolationReport)
    assert len(report.islands) == 49
    assert report.faults == ()
    assert set(json.loads(file.read_text(encoding="utf-8"))) == set(
        isolation_schema()["$defs"]["IsolationReport"]["properties"]
    )


def test_the_schema_in_the_documents_is_that_of_the_types(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["isolation-schema"]) == DONE
    assert capsys.readouterr().out == (ROOT / "docs" / "isolation.schema.json").read_text(encoding="utf-8")


def test_one_island_in_chinese_with_its_windows(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cli_words, "LANGUAGE", "zh")
    assert run(["isolate", "typhoon-approach", "--island", "miaozihu", "--hours", "10"]) == DONE
    said = capsys.readouterr().out
    for words in (
        "庙子湖岛  将断航",
        "最后往返",
        "█",
        "高速客船",
        "夜间不得在庙子湖停机坪起降",
        "游客 412",
        "（假定）",
        "核查",
    ):
        assert words in said.replace("(假定)", "（假定）")
    assert "Dongfushan" not in said


def test_a_forecast_table_alone_says_whose_forces_and_which_times_are_assumed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(["isolate", "--forecast", str(FORECAST), "--hours", "4"]) == DONE
    said = capsys.readouterr().out
    assert "no scenario given: forces of the default one" in said
    assert "says neither when it was issued" in said
    assert run(["isolate", "quiet-night", "--forecast", str(FORECAST), "--hours", "1"]) == DONE
    assert "ran out at" in capsys.readouterr().out  # a forecast of May asked about in June


def test_a_situation_from_json_is_taken_whole(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, zhoushan: Region
) -> None:
    file = tmp_path / "now.json"
    file.write_bytes(msgspec.json.encode(read_scenario("may-swell-miaozihu", zhoushan).situation()))
    assert run(["isolate", "--forecast", str(file), "--hours", "8", "--json", "-"]) == DONE
    document = json.loads(capsys.readouterr().out)
    assert document["scenario_id"] == "may-swell-miaozihu"
    assert [one["island_id"] for one in document["unmet"]] == ["lvhua"]


def test_bad_input_is_refused_in_words(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert "Name a scenario" in complaint(capsys, "isolate")
    assert "1 to 168" in complaint(capsys, "isolate", "quiet-night", "--hours", "200")
    assert "miaozihu" in complaint(capsys, "isolate", "quiet-night", "--island", "miaozhu")
    assert "no-such" in complaint(capsys, "isolate", "--forecast", "no-such")
    broken = tmp_path / "broken.csv"
    broken.write_text(
        FORECAST.read_text(encoding="utf-8").splitlines()[0] + "\natlantis,2026-09-12T14:00,5,4,0,1,0,900,,\n",
        encoding="utf-8",
    )
    said = complaint(capsys, "isolate", "--forecast", str(broken))
    assert "atlantis" in said
    assert "broken.csv" in said
    empty = tmp_path / "empty.csv"
    empty.write_text(FORECAST.read_text(encoding="utf-8").splitlines()[0] + "\n", encoding="utf-8")
    assert "Add at least one row" in complaint(capsys, "isolate", "--forecast", str(empty))
    assert "gone.csv" in complaint(capsys, "isolate", "--forecast", str(tmp_path / "gone.csv"))
    assert "cannot be written" in complaint(capsys, "isolate", "quiet-night", "--json", str(tmp_path / "no" / "x.json"))
