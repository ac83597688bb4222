"""The predicted tide against another program's, and how it gets into a forecast."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from data.fill_tides import NoTideError, fill_tides, main
from data.geography import Region
from data.scenario import read_scenario
from data.tides import Constituent, ZoneTide, tide_height_m
from data.weather import ZoneHour

SCENARIOS = Path(__file__).parents[2] / "data" / "scenarios"
TIDE = ZoneTide(
    zone_id="z", mean_level_m=2.0, m2=Constituent(1.2, 16), s2=Constituent(0.5, 60), k1=Constituent(0.28, 80),
    o1=Constituent(0.18, 48), confidence="test", source="test",
)  # fmt: skip


@pytest.mark.parametrize(
    ("at", "above_mean_m"),
    [  # UTide 0.4.0, nodal corrections at the moment itself
        (datetime(2026, 6, 14, 3, tzinfo=UTC), -0.175),
        (datetime(2026, 6, 14, 9, 30, tzinfo=UTC), -0.084),
        (datetime(2024, 1, 3, tzinfo=UTC), -0.972),
        (datetime(2015, 9, 28, 18, tzinfo=UTC), -1.374),
        (datetime(2033, 3, 1, 12, tzinfo=UTC), 1.233),
    ],
)
def test_heights_are_those_of_utide_to_a_centimetre(at: datetime, above_mean_m: float) -> None:
    assert tide_height_m(TIDE, at) == pytest.approx(2.0 + above_mean_m, abs=0.01)
    local = at.astimezone(tz=None)
    assert tide_height_m(TIDE, local) == pytest.approx(tide_height_m(TIDE, at), abs=1e-9)


def test_the_shipped_tide_has_the_range_stated_off_zhujiajian(zhoushan: Region) -> None:
    """Mean range 2.64 m, up to 4.32 m; mixed, mainly semidiurnal."""
    start = datetime(2026, 1, 1, tzinfo=UTC)
    heights = [tide_height_m(zhoushan.tides["putuo"], start + timedelta(minutes=10 * n)) for n in range(6 * 24 * 365)]
    turns = [b for a, b, c in zip(heights, heights[1:], heights[2:], strict=False) if (b - a) * (c - b) <= 0]
    ranges = [abs(b - a) for a, b in pairwise(turns)]
    assert sum(ranges) / len(ranges) == pytest.approx(2.64, abs=0.2)
    assert 3.9 < max(ranges) < 4.4
    assert min(heights) > -0.3  # hardly ever below the datum


@pytest.mark.parametrize("name", ["quiet-night", "june-major-case", "may-swell-miaozihu", "typhoon-approach"])
def test_the_scenarios_carry_the_predicted_tide_of_every_hour(name: str, zhoushan: Region) -> None:
    assert name in {one.stem for one in SCENARIOS.glob("*.yaml")}
    scenario = read_scenario(SCENARIOS / f"{name}.yaml", zhoushan)
    assert scenario.forecast is not None
    for hour in scenario.forecast.hours:
        assert hour.tide_m == pytest.approx(tide_height_m(zhoushan.tides[hour.zone_id], hour.valid_from), abs=0.006)


def test_heights_a_forecaster_gave_stay_and_blanks_are_filled(zhoushan: Region) -> None:
    table = "zone_id,valid_from,tide_m\nputuo,2026-06-14T11:00+08:00,1.11\nputuo,2026-06-14T12:00+08:00,\n"
    given, filled = (line.split(",")[2] for line in fill_tides(table, zhoushan).splitlines()[1:])
    assert given == "1.11"
    at = datetime(2026, 6, 14, 4, tzinfo=UTC)
    assert float(filled) == pytest.approx(tide_height_m(zhoushan.tides["putuo"], at), abs=0.006)


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ("zone_id,hour\nputuo,1\n", "line 1: no column valid_from"),
        ("zone_id,valid_from\nmars,2026-06-14T11:00+08:00\n", "line 2: no tide is known for zone 'mars'"),
        ("zone_id,valid_from\nputuo,noon\n", "line 2: 'noon' is not a time"),
        ("zone_id,valid_from\nputuo,2026-06-14T11:00\n", "line 2: 2026-06-14T11:00 has no offset from UTC"),
    ],
)
def test_a_table_that_cannot_be_filled_is_named_by_line(table: str, words: str, zhoushan: Region) -> None:
    with pytest.raises(NoTideError, match=words.replace("+", r"\+")):
        fill_tides(table, zhoushan)


@pytest.mark.parametrize("tide_m", [264.0, -11.0, float("nan")])
def test_a_height_in_centimetres_is_no_height(tide_m: float) -> None:
    """However a forecast comes in, since a tide 100 times too high would open a beach."""
    with pytest.raises(ValueError, match="no height of a tide in m"):
        ZoneHour(
            zone_id="z", valid_from=datetime(2026, 6, 14, tzinfo=UTC), wind_mps=1, gust_mps=2, wind_from_deg=0,
            hs_m=0.1, wave_from_deg=0, visibility_m=9000, tide_m=tide_m,
        )  # fmt: skip


def test_a_file_that_cannot_be_filled_is_left_as_it_was(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good, bad = tmp_path / "good.csv", tmp_path / "bad.csv"
    good.write_text("zone_id,valid_from\nputuo,2026-06-14T11:00+08:00\n", encoding="utf-8")
    bad.write_text("zone_id,valid_from\nmars,2026-06-14T11:00+08:00\n", encoding="utf-8")
    before = good.read_text(encoding="utf-8")
    assert main([str(tmp_path / "none.csv")]) == 2
    assert "none.csv: cannot be read" in capsys.readouterr().err
    bad.write_bytes("zone_id,valid_from\n舟山,x\n".encode("gbk"))
    assert main([str(bad)]) == 2
    assert "not UTF-8" in capsys.readouterr().err
    bad.write_text("zone_id,valid_from\nmars,2026-06-14T11:00+08:00\n", encoding="utf-8")
    assert main([str(good), str(bad)]) == 2
    assert "bad.csv: line 2" in capsys.readouterr().err
    assert good.read_text(encoding="utf-8") == before
    assert main([str(good)]) == 0
    assert "tide_m" in good.read_text(encoding="utf-8")
