"""``tongzhou forecast``: what a forecast covers, what it closes until when and why, grids; bad input in words."""

from __future__ import annotations

import json
import sys
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from console import cli_words
from console.cli import ANSWER_IS_NO, BAD_INPUT, DONE, run
from data.scenario import SCENARIO_FOLDER

pytestmark = pytest.mark.usefixtures("command_folders")
MAY = SCENARIO_FOLDER / "may-swell-miaozihu.forecast.csv"


def complaint(capsys: pytest.CaptureFixture[str], *argv: str) -> str:
    """What a command with bad input says, on one line and without a traceback."""
    assert run(["forecast", *argv]) == BAD_INPUT
    said = capsys.readouterr()
    assert "Traceback" not in said.out + said.err
    return " ".join(said.err.split())


def test_check_tells_coverage_warnings_and_officers_values(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["forecast", "check", "typhoon-approach"]) == DONE
    said = capsys.readouterr().out
    for words in (
        "valid to 2026-09-15 14:00",
        "red wave warning: Dongji",
        "manual value, Qushan waters: waves 1.4 m, by duty officer at 09-12 13:41, until 09-12 17:00",
        "no gaps",
    ):
        assert words in said
    assert said.index("red wave warning") < said.index("orange typhoon warning")


def test_check_of_a_table_with_holes_says_what_is_assumed(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    holed = tmp_path / "holed.csv"
    lines = MAY.read_text(encoding="utf-8").splitlines()
    kept = [line for line in lines if not line.startswith(("putuo,", "dongji,2026-05-31T12", "dongji,2026-05-31T13"))]
    holed.write_text("\n".join(kept), encoding="utf-8")
    file = tmp_path / "answer.json"
    assert run(["forecast", "check", str(holed), "--json", str(file)]) == ANSWER_IS_NO
    said = capsys.readouterr().out
    assert "2 gaps" in said
    assert "Dongji and the eastern open sea 05-31 12:00-14:00: rows missing; the worse of before and after" in said
    assert "Putuo waters 05-31 09:00-06-01 14:00: the forecast leaves this zone out" in said
    assert "says neither when it was issued" in said
    document = json.loads(file.read_text(encoding="utf-8"))
    assert [gap["zone_id"] for gap in document["gaps"]] == ["dongji", "putuo"]
    assert all(gap["text"]["zh"] for gap in document["gaps"])
    assert len(document["assumes"]) == 3


def test_show_says_the_exposed_pier_is_shut_and_the_lee_one_open_in_the_same_sea(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(["forecast", "show", "may-swell-miaozihu", "--at", "10:00", "--json", "-"]) == DONE
    document = json.loads(capsys.readouterr().out)
    places = {(one["kind"], one["id"]): one for one in document["places"]}
    assert places["pier", "miaozihu"]["status"] == "closed"
    assert places["pier", "beiao"]["status"] != "closed"
    open_at_beiao = {name for one in places["pier", "beiao"]["states"] for name in one["class_ids"]}
    assert "patrol-26m" not in open_at_beiao  # states are those not open
    assert places["helipad", "miaozihu-pad"]["status"] == "closed"  # fog
    assert places["bridge", "zhoudai-bridge"]["status"] == "open"
    assert document["at"] == "2026-05-31T10:00:00+08:00"


def test_show_in_the_night_of_the_typhoon(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["forecast", "show", "typhoon-approach", "--at", "2026-09-13T03:00"]) == DONE
    said = capsys.readouterr().out
    assert "Zhoudai bridge (bridge)" in said
    assert "deck wind" in said
    assert "Miaozihu helipad (helipad)" in said
    assert " 0 closed" not in said[said.index(" places: ") :]


def test_show_of_one_island_and_of_one_zone_keeps_to_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["forecast", "show", "typhoon-approach", "--island", "qushan", "--at", "14:12"]) == DONE
    said = capsys.readouterr().out
    assert "manual, duty officer 09-12 13:41" in said
    assert "Qushan waters" in said
    assert "Dinghai" not in said
    assert "red wave warning" not in said  # it concerns Dongji alone
    assert run(["forecast", "show", "typhoon-approach", "--zone", "putuo", "--at", "18:00"]) == DONE
    assert "Qushan Daozha" not in capsys.readouterr().out


def test_show_past_the_validity_says_what_is_assumed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["forecast", "show", "quiet-night", "--at", "2026-06-16T08:00+08:00", "--zone", "dongji"]) == DONE
    said = " ".join(capsys.readouterr().out.split())
    assert "ran out at 06-15 09:00; its last hour is assumed to hold on. Issue a newer one" in said
    assert "no forecast for this time; the nearest hour is assumed" in said


def test_both_languages(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli_words, "LANGUAGE", "zh")
    assert run(["forecast", "show", "typhoon-approach", "--at", "20:12", "--zone", "dongji"]) == DONE
    said = capsys.readouterr().out
    for words in ("不开放之处", "泊位浪高", "海浪红色预警", "舟山海洋预报台", "处：开放"):
        assert words in said
    assert run(["forecast", "show", "typhoon-approach", "--zone", "dongj"]) == BAD_INPUT
    assert "没有名为“dongj”的海区" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["show", "typhoon-approach", "--at", "noon"], "'noon' is no time"),
        (["show", "typhoon-approach", "--at", "25:00"], "'25:00' is no time"),
        (["show", "typhoon-approach", "--island", "miaozhu"], "Did you mean: miaozihu"),
        (["show", "tyfoon-approach"], "Did you mean: typhoon-approach"),
        (["check", "absent.csv"], "absent.csv: the file is missing"),
        (["import", "absent.nc", "-o", "x.csv"], "There is no file absent.nc"),
        (["check", "quiet-night", "--json", "/nowhere/x.json"], "cannot be written"),
    ],
)
def test_bad_input_in_words(capsys: pytest.CaptureFixture[str], argv: list[str], words: str) -> None:
    assert words in complaint(capsys, *argv)


def test_a_table_of_another_area_names_each_strange_zone_once(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    other = tmp_path / "other.csv"
    lines = MAY.read_text(encoding="utf-8").splitlines()
    moved = [line.replace("dongji,", "kyushu,").replace("putuo,", "puto,") for line in lines]
    other.write_text("\n".join(moved), encoding="utf-8")
    said = complaint(capsys, "check", str(other))
    assert "2 faults" in said
    assert "unknown zone 'kyushu'. Add it to the zone table or correct the id. So on 29 rows." in said
    assert "Did you mean 'putuo'? So on 29 rows. This region's zones are hangzhou-bay," in said


@pytest.mark.parametrize(("module", "name"), [("xarray", "sky.nc"), ("cfgrib", "sky.grib2")])
def test_without_the_extra_import_says_what_to_install(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, module: str, name: str
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    (tmp_path / name).write_bytes(b"GRIB")
    said = complaint(capsys, "import", str(tmp_path / name), "-o", str(tmp_path / "hours.csv"))
    assert f"more than is installed ({module}): pip install 'tongzhou[grids]'" in said


def test_import_writes_a_table_that_check_reads(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    xr = pytest.importorskip("xarray", reason="not installed: pip install 'tongzhou[grids]'")
    pytest.importorskip("netCDF4", reason="not installed: pip install 'tongzhou[grids]'")
    lon, lat = np.arange(121.0, 123.6, 0.25), np.arange(29.25, 31.3, 0.25)
    times = np.array([datetime(2026, 9, 12, 6) + timedelta(hours=on) for on in range(4)], "datetime64[ns]")
    even = np.ones((4, len(lat), len(lon)))
    grid = xr.Dataset(
        {
            name: (("time", "lat", "lon"), even * value, {"units": unit})
            for name, value, unit in (("ws10", 9.0, "m/s"), ("wdir10", 45.0, "degrees"), ("swh", 1.2, "m"))
        },
        coords={"time": times, "lat": lat, "lon": lon},
    )
    file, table = tmp_path / "sky.nc", tmp_path / "hours.csv"
    grid.to_netcdf(file, engine="netcdf4")
    assert "The grids lack: gusts, visibility" in complaint(capsys, "import", str(file), "-o", str(table))
    assert not table.exists()
    assert run(["forecast", "import", str(file), "-o", str(table), "--assume-missing"]) == ANSWER_IS_NO
    said = capsys.readouterr().out
    assert "11 zones, 4 times" in said
    assert "1.4 times the mean wind is assumed" in said
    assert run(["forecast", "check", str(table)]) == DONE
    assert "no gaps" in capsys.readouterr().out
