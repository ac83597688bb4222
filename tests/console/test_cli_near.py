"""Nearest units, rings and positions from the command line: answers, files, and bad input in words."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest
from shapely.geometry import shape

from console.cli import ANSWER_IS_NO, BAD_INPUT, DONE, run
from data.geography import Region
from data.scenario import read_scenario

pytestmark = pytest.mark.usefixtures("command_folders")


def complaint(capsys: pytest.CaptureFixture[str], *argv: str) -> str:
    """What a command with bad input says, on one line and without a traceback."""
    assert run(argv) == BAD_INPUT
    said = capsys.readouterr()
    assert "Traceback" not in said.out + said.err
    return " ".join(said.err.split())


def test_dispatch_lists_the_nearest_with_cover_source_and_what_is_assumed(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "near.json"
    assert run(["dispatch", "june-major-case", "--top", "4", "--skill", "police", "--json", str(file)]) == DONE
    said = capsys.readouterr().out
    for words in ("Dongji police 1", "own patch", "issued 2026-06-18", "lacks police", "estimates", "(keeps"):
        assert words in said
    document = json.loads(file.read_text(encoding="utf-8"))
    minutes = [unit["minutes"] for unit in document["units"]]
    assert len(minutes) == 4
    assert minutes == sorted(minutes)
    assert {one["block"] for one in document["passed"]} >= {"no_skill"}
    assert all(one["reason"]["zh"] and one["reason"]["en"] for one in document["passed"])


def test_dispatch_shares_out_among_several_incidents_and_checks(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["dispatch", "quiet-night", "--need", "40", "--json", "-"]) == DONE
    document = json.loads(capsys.readouterr().out)
    assert document["status"] == "optimal"
    assert document["faults"] == []
    sent = [unit["id"] for incident in document["incidents"] for unit in incident["units"]]
    assert len(sent) == len(set(sent))
    assert any(incident["lost_min"] or incident["lost_units"] for incident in document["incidents"])
    counted_on = {
        unit["craft"]: names
        for incident in document["incidents"]
        for unit in incident["units"]
        if (names := document["shared_craft"].get(unit["craft"]))
    }
    assert counted_on == document["shared_craft"]


def test_dispatch_reads_a_situation_file_and_says_what_is_strange_in_one(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, zhoushan: Region
) -> None:
    situation = read_scenario("june-major-case", zhoushan).situation()
    file = tmp_path / "now.json"
    file.write_bytes(msgspec.json.encode(situation))
    assert run(["dispatch", str(file), "--top", "2"]) == DONE
    assert "Dongji police 1" in capsys.readouterr().out
    lost = msgspec.structs.replace(situation.groups[0], site_id="atlantis")
    file.write_bytes(msgspec.json.encode(msgspec.structs.replace(situation, groups=(lost,))))
    assert "'atlantis'" in complaint(capsys, "dispatch", str(file))
    file.write_text("{", encoding="utf-8")
    assert "not a situation" in complaint(capsys, "dispatch", str(file))


def test_dispatch_says_no_when_nobody_can_go(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["dispatch", "june-major-case", "--reach", "1"]) == ANSWER_IS_NO
    assert "beyond 1 min" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (("dispatch", "quiet-night", "--incident", "x"), "There are: dispute-shenjiamen"),
        (("dispatch", "quiet-night", "--skill", "medica"), "Did you mean: medical"),
        (("dispatch", "quiet-night", "--kind", "horses"), "groups or craft"),
        (("dispatch", "quiet-night", "--json", "/nowhere/x.json"), "no such folder"),
        (("rings",), "--place"),
        (("rings", "--place", "miaozihu", "--lon", "122"), "one of"),
        (("rings", "--lon", "122"), "both --lon and --lat"),
        (("rings", "--lon", "nan", "--lat", "30"), "both --lon and --lat"),
        (("rings", "--lon", "3", "--lat", "4"), "outside the region"),
        (("rings", "--place", "miaozihuu"), "miaozihu"),
        (("rings", "--place", "miaozihu", "--by", "vam"), "Did you mean: van"),
        (("rings", "--place", "miaozihu", "--minutes", "1,x"), "whole numbers"),
        (("rings", "--place", "miaozihu", "--minutes", "0"), "1..600"),
        (("rings", "--place", "miaozihu-station", "--by", "patrol-20m"), "Unknown place"),
        (("positions", "--measure", "best"), "mclp"),
        (("positions", "--forecast", "tomorrow"), "Unknown scenario"),
    ],
)
def test_bad_input_is_answered_in_words(argv: tuple[str, ...], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert words in complaint(capsys, *argv)


def test_rings_are_written_as_geojson_larger_with_each_minute(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "rings.geojson"
    argv = ["rings", "--place", "庙子湖码头", "--by", "foot,van,rhib-8m", "-o", str(file)]
    assert run(argv) == DONE
    assert "(assumed)" in capsys.readouterr().out
    document = json.loads(file.read_text(encoding="utf-8"))
    areas = {(f["properties"]["way"], f["properties"]["minutes"]): shape(f["geometry"]) for f in document["features"]}
    assert {way for way, _ in areas} == {"foot", "road", "sea"}
    for way in ("foot", "road", "sea"):
        assert areas[way, 1].area < areas[way, 3].area < areas[way, 5].area


def test_rings_say_what_holds_a_boat(capsys: pytest.CaptureFixture[str]) -> None:
    argv = ["rings", "--place", "miaozihu", "--by", "rhib-12m", "--weather", "may-swell-miaozihu"]
    assert run(argv) == ANSWER_IS_NO
    assert "waves 2.3 m over its limit" in capsys.readouterr().out


def test_positions_list_moves_and_every_forecast_they_were_priced_over(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["positions", "--seconds", "3", "--moves", "4", "--json", "-"]) == DONE
    document = json.loads(capsys.readouterr().out)
    assert len(document["moves"]) == 4
    assert len(document["forecasts"]) == 4
    gained = sum(one["after"] - one["now"] for one in document["forecasts"])
    assert gained == pytest.approx(sum(move["gain"] for move in document["moves"]))
    assert all(one["best_alone"] >= one["after"] for one in document["forecasts"])
    assert document["faults"] == []
