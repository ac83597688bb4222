"""The command line: answers, exit codes, and an error in words for every bad input."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

from console import cli, cli_words
from console.cli import ANSWER_IS_NO, BAD_INPUT, DONE, INTERNAL_ERROR, run
from console.paths import cache_folder, data_folder, default_region_folder
from console.plan_schema import plan_schema_json

ROOT = Path(__file__).parent.parent.parent
REGION = ROOT / "data" / "zhoushan"


pytestmark = pytest.mark.usefixtures("command_folders")


@pytest.fixture(scope="module")
def plan_file(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Path:
    """A plan as the command writes it."""
    assert request.config.cache is not None
    file = tmp_path_factory.mktemp("plan") / "plan.json"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TONGZHOU_CACHE", str(request.config.cache.mkdir("networks")))
        assert run(["deploy", "may-swell-miaozihu", "--iterations", "0", "--json", str(file)]) == DONE
    return file


def complaint(capsys: pytest.CaptureFixture[str], *argv: str, code: int = BAD_INPUT) -> str:
    """What a command that fails says, on one line and without a traceback."""
    assert run(argv) == code
    said = capsys.readouterr()
    assert "Traceback" not in said.out + said.err
    return " ".join(said.err.split())


def test_deploy_prints_the_plan_its_proof_and_its_reasons(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["deploy", "may-swell-miaozihu", "--iterations", "0"]) == DONE
    said = capsys.readouterr().out
    for words in ("Echelons", "Legs", "gap at most", "nearest-first dispatcher", "not used", "seed"):
        assert words in said


def test_a_written_plan_passes_its_check(plan_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", str(plan_file)]) == DONE
    assert "no fault found" in capsys.readouterr().out


def test_a_written_plan_fits_the_published_schema(plan_file: Path) -> None:
    schema = json.loads((ROOT / "docs" / "plan.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(schema).validate(json.loads(plan_file.read_text(encoding="utf-8")))


def test_the_published_schema_is_in_step_with_the_types() -> None:
    assert (ROOT / "docs" / "plan.schema.json").read_text(encoding="utf-8") == plan_schema_json()


def test_an_edited_plan_is_refused_naming_the_leg(
    plan_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document = json.loads(plan_file.read_text(encoding="utf-8"))
    leg = next(leg for leg in document["legs"] if leg["purpose"] == "carry")
    leg["persons"] += 100
    edited = tmp_path / "edited.json"
    edited.write_text(json.dumps(document), encoding="utf-8")
    assert run(["check", str(edited)]) == ANSWER_IS_NO
    assert f"Leg {leg['id']}" in capsys.readouterr().out


def test_a_cut_plan_is_named(plan_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cut = tmp_path / "cut.json"
    cut.write_bytes(plan_file.read_bytes()[:4000])
    assert "not whole JSON" in complaint(capsys, "check", str(cut))


@pytest.mark.parametrize(
    ("content", "words"),
    [("{}", "missing required field"), ("[]", "is not a plan"), ("", "not whole JSON"), ("\xff", "not")],
)
def test_a_file_that_is_no_plan_is_named(
    content: str, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "other.json"
    file.write_bytes(content.encode("latin-1"))
    said = complaint(capsys, "check", str(file))
    assert words in said
    assert "other.json" in said


def test_a_plan_without_its_situation_cannot_be_checked(
    plan_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document = json.loads(plan_file.read_text(encoding="utf-8")) | {"situation": None}
    file = tmp_path / "bare.json"
    file.write_text(json.dumps(document), encoding="utf-8")
    assert "Export it again" in complaint(capsys, "check", str(file))


def test_files_that_are_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "There is no file" in complaint(capsys, "check", str(tmp_path / "none.json"))
    assert "is a folder" in complaint(capsys, "check", str(tmp_path))
    target = tmp_path / "no" / "plan.json"
    assert "there is no such folder" in complaint(capsys, "deploy", "quiet-night", "--json", str(target))


def test_an_unknown_scenario_and_pier_are_told_their_neighbours(capsys: pytest.CaptureFixture[str]) -> None:
    assert "june-major-case" in complaint(capsys, "deploy", "june-major")
    assert "miaozihu" in complaint(capsys, "sea-route", "miaozhu", "duntou")
    assert "patrol-20m" in complaint(capsys, "sea-route", "miaozihu", "duntou", "--craft", "patrol-20")


def test_an_unknown_pier_is_told_in_chinese(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cli_words, "LANGUAGE", "zh")
    said = complaint(capsys, "sea-route", "miaozhu", "duntou")
    assert "没有名为“miaozhu”的码头" in said
    assert "miaozihu" in said


def test_an_incident_at_sea_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import yaml

    story = yaml.safe_load((ROOT / "data" / "scenarios" / "june-major-case.yaml").read_text(encoding="utf-8"))
    story["incidents"][0].update({"lon_deg": 122.95, "lat_deg": 30.5})
    shutil.copy(ROOT / "data" / "scenarios" / "june-major-case.forecast.csv", tmp_path)
    file = tmp_path / "june-major-case.yaml"
    file.write_text(yaml.safe_dump(story, allow_unicode=True), encoding="utf-8")
    said = complaint(capsys, "deploy", str(file))
    assert "incidents" in said
    assert "Move the incident onto land" in said


def test_sea_route_prints_length_and_geojson(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["sea-route", "沈家门半升洞码头", "miaozihu", "--craft", "patrol-20m"]) == DONE
    assert "nm" in capsys.readouterr().out
    assert run(["sea-route", "duntou", "miaozihu", "--json"]) == DONE
    feature = json.loads(capsys.readouterr().out)
    assert feature["geometry"]["type"] == "LineString"
    assert 30_000 < feature["properties"]["length_m"] < 80_000


def test_region_check_is_silent_on_the_shipped_one_and_names_a_broken_cell(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["region", "check", str(REGION)]) == DONE
    assert "no fault found" in capsys.readouterr().out
    broken = tmp_path / "broken"
    shutil.copytree(REGION, broken)
    piers = broken / "piers.csv"
    lines = piers.read_text(encoding="utf-8").splitlines()
    lines[2] = lines[2].replace("122.", "abc.", 1)
    piers.write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert run(["region", "check", str(broken)]) == ANSWER_IS_NO
    assert "piers.csv, line 3, column 'lon_deg'" in capsys.readouterr().out
    assert "piers.csv, line 3" in complaint(capsys, "deploy", "quiet-night", "--region", str(broken))


def test_scenarios_are_listed_in_both_languages(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run(["scenarios"]) == DONE
    assert "june-major-case" in capsys.readouterr().out
    monkeypatch.setattr(cli_words, "LANGUAGE", "zh")
    assert run(["scenarios"]) == DONE
    assert "编号" in capsys.readouterr().out


@pytest.mark.parametrize(
    "argv",
    [
        ["deploy"],
        ["bogus"],
        ["deploy", "quiet-night", "--seconds", "0"],
        ["deploy", "quiet-night", "--alternative", "best"],
        ["serve", "--mode", "war"],
        ["--language", "fr", "scenarios"],
    ],
)
def test_usage_errors_exit_with_2(argv: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert complaint(capsys, *argv)


def test_an_unexpected_error_is_one_line_and_a_log(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(given: Path | None) -> Path:
        raise ZeroDivisionError("inner")

    monkeypatch.setattr(cli, "_region_folder", broken)
    said = complaint(capsys, "scenarios", code=INTERNAL_ERROR)
    assert "internal error (ZeroDivisionError)" in said
    logs = list((data_folder() / "logs").glob("error-*.log"))
    assert len(logs) == 1
    assert "inner" in logs[0].read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("argv", "environment", "language"),
    [
        ([], {}, "en"),
        ([], {"LANG": "zh_CN.UTF-8"}, "zh"),
        ([], {"LANG": "zh_CN.UTF-8", "LC_ALL": "C.UTF-8"}, "en"),
        (["deploy", "--language", "zh"], {"LANG": "en_GB.UTF-8"}, "zh"),
        (["--language=en"], {"LANG": "zh_CN.UTF-8"}, "en"),
    ],
)
def test_language_is_asked_for_or_the_systems(argv: list[str], environment: dict[str, str], language: str) -> None:
    assert cli_words.language_of(argv, environment) == language


def test_help_names_the_exit_codes_and_loads_nothing_heavy() -> None:
    script = (
        "import sys; from console.cli import run; run(['--help']); "
        "print([m for m in ('numpy', 'shapely', 'panel', 'ortools', 'numba') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True)
    assert "Exit codes" in done.stdout
    assert done.stdout.rstrip().endswith("[]")


def test_folders_follow_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TONGZHOU_CACHE", str(tmp_path / "c"))
    assert cache_folder() == tmp_path / "c"
    monkeypatch.delenv("TONGZHOU_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder() == tmp_path / "tongzhou"
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    assert cache_folder() == Path.home() / ".cache" / "tongzhou"
    monkeypatch.setenv("TONGZHOU_REGION", str(tmp_path))
    assert default_region_folder() == tmp_path
    monkeypatch.delenv("TONGZHOU_REGION")
    assert (default_region_folder() / "region.toml").is_file()
