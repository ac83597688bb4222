"""Gridded weather becomes zone hours by the worst cell; what is missing, strange or far away is said in words."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from data.forecast_file import read_forecast_file
from data.forecast_grids import read_grids
from data.forecast_table import forecast_csv
from data.geography import Region
from data.grid_files import GridError

xr = pytest.importorskip("xarray", reason="not installed: pip install 'tongzhou[grids]'")
pytest.importorskip("netCDF4", reason="not installed: pip install 'tongzhou[grids]'")

START = datetime(2026, 9, 12, 6, tzinfo=UTC)
LON, LAT = np.arange(121.0, 123.6, 0.25), np.arange(31.25, 29.2, -0.25)  # north first, as such files have it
SHAPE = (3, len(LAT), len(LON))
Change = Callable[[Any], Any]


def grid(**more: tuple[Any, str, str]) -> Any:
    """Return three hours of an even sky; ``more`` adds or replaces variables by values, standard name and unit."""
    plain: dict[str, tuple[Any, str, str]] = {
        "u10": (np.full(SHAPE, -3.0), "eastward_wind", "m s-1"),
        "v10": (np.full(SHAPE, -4.0), "northward_wind", "m s-1"),
        "gust": (np.full(SHAPE, 8.0), "wind_speed_of_gust", "m s-1"),
        "swh": (np.full(SHAPE, 1.0), "sea_surface_wave_significant_height", "m"),
        "mwd": (np.full(SHAPE, 120.0), "sea_surface_wave_from_direction", "degree"),
        "vis": (np.full(SHAPE, 12.0), "visibility_in_air", "km"),
    }
    times = np.array([(START + timedelta(hours=on)).replace(tzinfo=None) for on in range(3)], "datetime64[ns]")
    return xr.Dataset(
        {
            name: (("time", "latitude", "longitude"), values, {"standard_name": standard, "units": unit})
            for name, (values, standard, unit) in {**plain, **more}.items()
        },
        coords={"time": times, "latitude": LAT, "longitude": LON},
    )


def written(folder: Path, dataset: Any, name: str = "grid.nc") -> Path:
    dataset.to_netcdf(folder / name, engine="netcdf4")
    return folder / name


def at_cell(values: Any, lon: float, lat: float, value: float, hour: int | slice = slice(None)) -> Any:
    changed = np.array(values, float)
    changed[hour, int(np.abs(LAT - lat).argmin()), int(np.abs(LON - lon).argmin())] = value
    return changed


def test_an_even_grid_gives_every_zone_the_same_hours_in_this_houses_units(zhoushan: Region, tmp_path: Path) -> None:
    found = read_grids([written(tmp_path, grid())], zhoushan)
    assert {one.zone_id for one in found.hours} == set(zhoushan.zones)
    assert len(found.hours) == 3 * len(zhoushan.zones)
    one = found.hours[0]
    assert (one.wind_mps, one.gust_mps, one.hs_m, one.wave_from_deg) == pytest.approx((5.0, 8.0, 1.0, 120.0))
    assert one.visibility_m == pytest.approx(12_000.0)
    assert one.wind_from_deg == pytest.approx(36.87, abs=0.01)  # blows to the south-west
    assert one.valid_from == START
    assert [text.en for text in found.assumptions if "cell" not in text.en] == [
        "no current in the grids: none is assumed"
    ]


def test_a_zone_takes_its_worst_cell_and_the_direction_of_that_cell(zhoushan: Region, tmp_path: Path) -> None:
    dataset = grid(
        swh=(at_cell(np.full(SHAPE, 1.0), 123.0, 30.0, 4.0, 1), "sea_surface_wave_significant_height", "m"),
        mwd=(at_cell(np.full(SHAPE, 120.0), 123.0, 30.0, 200.0), "sea_surface_wave_from_direction", "degree"),
        vis=(at_cell(np.full(SHAPE, 12_000.0), 122.75, 29.75, 300.0), "visibility_in_air", "m"),
    )
    hours = {(one.zone_id, one.valid_from): one for one in read_grids([written(tmp_path, dataset)], zhoushan).hours}
    rough = hours["dongji", START + timedelta(hours=1)]
    assert (rough.hs_m, rough.wave_from_deg, rough.visibility_m) == pytest.approx((4.0, 200.0, 300.0))
    assert hours["dongji", START].hs_m == pytest.approx(1.0)
    assert hours["shengsi-east", START + timedelta(hours=1)].hs_m == pytest.approx(1.0)


def test_cells_on_land_have_no_waves_and_a_zone_without_one_takes_the_nearest_and_says_so(
    zhoushan: Region, tmp_path: Path
) -> None:
    waves = np.full(SHAPE, 2.0)
    waves[:, :, LON < 122.6] = np.nan  # a wave model that knows the open sea only
    found = read_grids([written(tmp_path, grid(swh=(waves, "sea_surface_wave_significant_height", "m")))], zhoushan)
    assert all(one.hs_m == pytest.approx(2.0) for one in found.hours if one.zone_id == "putuo")
    [said] = [text for text in found.assumptions if "cell of waves" in text.en]
    assert "Putuo waters" in said.en
    assert "the nearest is assumed" in said.en
    assert "取最近格点" in said.zh
    assert "Dongji" not in said.en
    assert "Hangzhou Bay mouth" in said.en  # far from any cell with waves, yet within the grid


def test_wind_and_waves_may_come_in_two_files_and_meet_at_their_common_hours(zhoushan: Region, tmp_path: Path) -> None:
    whole = grid()
    wind = written(tmp_path, whole[["u10", "v10", "gust", "vis"]], "wind.nc")
    waves = written(tmp_path, whole[["swh", "mwd"]].isel(time=[0, 2]), "waves.nc")
    times = {one.valid_from for one in read_grids([wind, waves], zhoushan).hours}
    assert times == {START, START + timedelta(hours=2)}


def test_an_ensemble_gives_low_and_high(zhoushan: Region, tmp_path: Path) -> None:
    dataset = grid().expand_dims(number=11).copy(deep=True)
    dataset["swh"] = dataset["swh"].astype(float) * xr.DataArray(np.linspace(0.5, 1.5, 11), dims="number")
    dataset["swh"].attrs = grid()["swh"].attrs
    hours = read_grids([written(tmp_path, dataset)], zhoushan).hours
    assert hours[0].hs_m == pytest.approx(1.0)
    assert hours[0].spread is not None
    assert (hours[0].spread.hs_low_m, hours[0].spread.hs_high_m) == pytest.approx((0.6, 1.4))


def test_the_table_written_is_the_table_read(zhoushan: Region, tmp_path: Path) -> None:
    hours = read_grids([written(tmp_path, grid())], zhoushan).hours
    table = tmp_path / "hours.csv"
    table.write_text(forecast_csv(hours), encoding="utf-8")
    again = read_forecast_file(table, zhoushan)
    assert len(again.hours) == len(hours)
    assert again.hours[5].wave_from_deg == pytest.approx(hours[5].wave_from_deg)
    assert all(one.mark is None for one in again.hours)


def test_gusts_and_visibility_may_be_assumed_and_are_said(zhoushan: Region, tmp_path: Path) -> None:
    bare = written(tmp_path, grid().drop_vars(["gust", "vis", "mwd"]))
    with pytest.raises(GridError, match=r"The grids lack: gusts, visibility\. .*--assume-missing") as caught:
        read_grids([bare], zhoushan)
    assert caught.value.text is not None
    assert "格网缺少：阵风、能见度" in caught.value.text.zh
    found = read_grids([bare], zhoushan, assume_missing=True)
    assert found.hours[0].gust_mps == pytest.approx(7.0)
    assert found.hours[0].wave_from_deg == pytest.approx(found.hours[0].wind_from_deg)
    said = " ".join(text.en for text in found.assumptions)
    assert "1.4 times the mean wind" in said
    assert "fog is not seen" in said
    assert "that of the wind is assumed" in said


def test_an_hour_a_zone_lacks_is_left_out_not_filled(zhoushan: Region, tmp_path: Path) -> None:
    waves = np.full(SHAPE, 2.0)
    waves[1] = np.nan
    found = read_grids([written(tmp_path, grid(swh=(waves, "sea_surface_wave_significant_height", "m")))], zhoushan)
    assert {one.valid_from for one in found.hours} == {START, START + timedelta(hours=2)}


def temperature(dataset: Any) -> Any:
    named = dataset["u10"].rename("t2m").assign_attrs(standard_name="air_temperature")
    return named.to_dataset()


BAD: list[tuple[str, Change, str]] = [
    ("unit", lambda one: one.assign(swh=one.swh.assign_attrs(units="furlong")), "'swh' is in 'furlong'"),
    ("no use", temperature, r"nothing a forecast is made of \(only t2m\)"),
    ("no wind", lambda one: one.drop_vars(["u10", "v10"]), "lack: wind at 10 m"),
    ("far away", lambda one: one.assign_coords(longitude=one.longitude - 20.0), "lies outside the grid"),
    ("curvilinear", lambda one: one.rename(latitude="y", longitude="x"), "not on a regular grid"),
    ("levels", lambda one: one.expand_dims(depth=2), "a dimension more than place and time: depth"),
    ("no time", lambda one: one.isel(time=0, drop=True), "says no time"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "words"), [one[1:] for one in BAD], ids=[one[0] for one in BAD])
def test_a_grid_that_cannot_be_used_is_refused_in_words(
    zhoushan: Region, tmp_path: Path, change: Change, words: str
) -> None:
    with pytest.raises(GridError, match=words) as caught:
        read_grids([written(tmp_path, change(grid()))], zhoushan)
    assert caught.value.text is not None
    assert caught.value.text.zh != caught.value.text.en


@pytest.mark.parametrize("name", ["notes.nc", "notes.grib2", "absent.nc"])
def test_a_file_that_is_no_grid_is_refused_in_words(zhoushan: Region, tmp_path: Path, name: str) -> None:
    if name.startswith("notes"):
        (tmp_path / name).write_text("wind rising", encoding="utf-8")
    with pytest.raises(GridError, match=r"cannot be read as a grid|There is no file|holds no variable"):
        read_grids([tmp_path / name], zhoushan)


def test_grib2_is_read(zhoushan: Region, tmp_path: Path) -> None:
    pytest.importorskip("cfgrib", reason="not installed: pip install 'tongzhou[grids]'")
    eccodes = pytest.importorskip("eccodes", reason="not installed: pip install 'tongzhou[grids]'")
    path = tmp_path / "sky.grib2"
    with path.open("wb") as file:
        for short, value in (("10u", -3.0), ("10v", -4.0), ("i10fg", 8.0), ("swh", 1.5), ("mwd", 150.0)):
            for step in (0, 3):
                message = eccodes.codes_grib_new_from_samples("regular_ll_sfc_grib2")
                for key, given in {
                    "Ni": len(LON), "Nj": len(LAT), "iDirectionIncrementInDegrees": 0.25,
                    "jDirectionIncrementInDegrees": 0.25, "latitudeOfFirstGridPointInDegrees": float(LAT[0]),
                    "latitudeOfLastGridPointInDegrees": float(LAT[-1]),
                    "longitudeOfFirstGridPointInDegrees": float(LON[0]),
                    "longitudeOfLastGridPointInDegrees": float(LON[-1]), "dataDate": 20260912, "dataTime": 600,
                    "stepRange": str(step), "shortName": short,
                }.items():  # fmt: skip
                    eccodes.codes_set(message, key, given)
                eccodes.codes_set_values(message, np.full(len(LON) * len(LAT), value))
                eccodes.codes_write(message, file)
                eccodes.codes_release(message)
    found = read_grids([path], zhoushan, assume_missing=True)
    assert {one.valid_from for one in found.hours} == {START, START + timedelta(hours=3)}
    one = found.hours[0]
    assert (one.wind_mps, one.gust_mps, one.hs_m, one.wave_from_deg) == pytest.approx((5.0, 8.0, 1.5, 150.0), abs=0.01)
