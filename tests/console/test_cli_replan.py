"""Re-planning from the command line: changes told in both languages, a checked plan in a file, bad input in words."""

from __future__ import annotations

from pathlib import Path

import pytest

from console import cli_words
from console.cli import BAD_INPUT, DONE, run
from data.plans import read_plan

pytestmark = pytest.mark.usefixtures("command_folders")


@pytest.fixture(scope="module")
def plan_file(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("plans") / "plan.json"
    with pytest.MonkeyPatch.context() as patch:
        assert request.config.cache is not None
        patch.setenv("TONGZHOU_CACHE", str(request.config.cache.mkdir("networks")))
        assert run(["deploy", "june-major-case", "--iterations", "0", "--json", str(file)]) == DONE
    return file


def test_what_changes_is_listed_with_its_price_and_the_plan_passes_its_check(
    plan_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "new.json"
    asked = ["replan", str(plan_file), "--at", "09:30", "--lost", "heli-02", "--iterations", "0", "-o", str(file)]
    assert run(asked) == DONE
    said = capsys.readouterr().out
    for words in ("re-planned from 09:30 (minute 30)", "Helicopter 02: lost", "Groups", "weighted minutes"):
        assert words in said
    assert run(["check", str(file)]) == DONE
    found, before = read_plan(file.read_bytes()), read_plan(plan_file.read_bytes())
    assert found.revision is not None
    assert found.revision.parent_id == before.id


def test_the_list_is_in_chinese_too(
    plan_file: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cli_words, "LANGUAGE", "zh")
    assert run(["replan", str(plan_file), "--at", "30", "--lost", "heli-02", "--iterations", "0"]) == DONE
    said = capsys.readouterr().out
    for words in ("调整方案", "直升机02：已失效", "警组", "改令代价"):
        assert words in said


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ([], "Say with --at"),
        (["--at", "noon"], "neither minutes nor a time"),
        (["--at", "9999"], "not one of the plan's"),
        (["--at", "30", "--lost", "heli-2"], "Did you mean: heli-02"),
        (["--at", "30", "--close", "dongfu"], "dongfushan"),
        (["--at", "30", "--delay", "swat-1"], "NAME=VALUE"),
        (["--at", "30", "--delay", "swat-1=soon"], "no whole number of minutes"),
        (["--at", "30", "--pin", "swat-1=heli-02", "--lost", "heli-02"], "SWAT 1 is pinned to Helicopter 02"),
        (["--at", "30", "--situation", "may-swell-miaozihu"], "not in the newer situation"),
    ],
)
def test_bad_input_is_refused_in_words(
    plan_file: Path, capsys: pytest.CaptureFixture[str], options: list[str], said: str
) -> None:
    assert run(["replan", str(plan_file), *options]) == BAD_INPUT
    told = capsys.readouterr()
    assert said in " ".join(told.err.split())
    assert "Traceback" not in told.out + told.err


def test_a_plan_that_fails_its_check_is_not_replanned(
    plan_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    edited = tmp_path / "edited.json"
    edited.write_text(plan_file.read_text(encoding="utf-8").replace('"persons": 8', '"persons": 9'), encoding="utf-8")
    assert run(["replan", str(edited), "--at", "30"]) == BAD_INPUT
    assert "fails its check" in " ".join(capsys.readouterr().err.split())
