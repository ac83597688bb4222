"""A forecast's table may say how low and how high each value may be; what it writes it reads again."""

from __future__ import annotations

from pathlib import Path

import pytest

from data.errors import DataFaultsError
from data.forecast_file import file_assumptions, read_forecast_file
from data.forecast_table import forecast_csv
from data.geography import Region
from data.weather import HourSpread
from tests.data.weather_samples import after, hour

HEADER = "zone_id,valid_from,wind_mps,gust_mps,wind_from_deg,hs_m,wave_from_deg,visibility_m,current_kn"


def table(folder: Path, header: str, *rows: str) -> Path:
    path = folder / "sky.csv"
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


def test_ranges_are_read_where_they_are_given(zhoushan: Region, tmp_path: Path) -> None:
    rows = [f"{zone_id},2026-09-12T14:00+08:00,9,12,40,1.2,50,8000,0.5,,1.8" for zone_id in zhoushan.zones]
    rows += [f"{zone_id},2026-09-12T15:00+08:00,9,12,40,1.2,50,8000,,7.5," for zone_id in zhoushan.zones]
    found = read_forecast_file(table(tmp_path, f"{HEADER},wind_low_mps,hs_high_m", *rows), zhoushan)
    first, second = found.zone_hours("putuo")
    assert first.spread == HourSpread(hs_high_m=1.8)
    assert second.spread == HourSpread(wind_low_mps=7.5)
    assert (first.current_kn, second.current_kn) == (0.5, 0.0)
    assert (found.issued_at, found.valid_to) == (after(0), after(2))
    assert "are assumed" in file_assumptions(found).en


@pytest.mark.parametrize(
    ("column", "cell", "words"),
    [
        ("wind_low_mps", "9.5", "is above wind_mps"),
        ("hs_high_m", "1.1", "is below hs_m"),
        ("visibility_low_m", "9000", "is above visibility_m"),
        ("gust_high_mps", "fast", "not a number"),
        ("hs_hihg_m", "2", "Did you mean 'hs_high_m'"),
    ],
)
def test_a_range_that_cannot_be_is_refused(
    zhoushan: Region, tmp_path: Path, column: str, cell: str, words: str
) -> None:
    path = table(tmp_path, f"{HEADER},{column}", f"putuo,2026-09-12T14:00+08:00,9,12,40,1.2,50,8000,,{cell}")
    with pytest.raises(DataFaultsError) as error:
        read_forecast_file(path, zhoushan)
    [fault] = error.value.faults
    assert fault.column == column
    assert words in fault.message


def test_what_is_written_is_read_again(zhoushan: Region, tmp_path: Path) -> None:
    hours = [
        hour(on, zone_id, tide_m=1.25, spread=HourSpread(hs_low_m=0.25, hs_high_m=0.75))
        for zone_id in zhoushan.zones
        for on in range(3)
    ]
    path = tmp_path / "again.csv"
    path.write_text(forecast_csv(hours), encoding="utf-8")
    assert read_forecast_file(path, zhoushan).hours == tuple(
        sorted(hours, key=lambda one: (one.zone_id, one.valid_from))
    )
