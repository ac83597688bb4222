"""Files of gridded weather, GRIB2 or NetCDF, as plain series: one variable over its cells, by time and member."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data.errors import TongzhouError, worded
from data.grid_names import VARIABLES, Variable, unit_factor

Floats = NDArray[np.float64]
GRIB_ENDINGS = (".grib", ".grib2", ".grb", ".grb2")
MEMBER_NAMES = ("number", "realization", "member", "ensemble", "ens")


class GridError(ValueError, TongzhouError):
    """A file of gridded weather that cannot be read into a forecast: what is wrong and the remedy."""


def refused(zh: str, en: str) -> GridError:
    """Return the error in both languages."""
    return worded(GridError(en), zh=zh)


@dataclass(frozen=True)
class GridSeries:
    """One variable over one grid: values by time, member and cell, NaN where a cell has none."""

    times: tuple[datetime, ...]
    lon: Floats
    lat: Floats
    values: Floats  # (time, member, cell)


def read_series(file: Path) -> dict[str, GridSeries]:
    """Read a file's variables that a forecast is made of, in this house's units.

    Raises GridError for a missing library, a file that cannot be read, a grid that is not one of latitude and
    longitude, an unknown unit, and a file that holds nothing of use.
    """
    found: dict[str, GridSeries] = {}
    strange: list[str] = []
    for dataset in _open(file):
        found.update(_series_of(dataset, file))
        strange += [str(name) for name in dataset.data_vars]
    if not found:
        names = ", ".join(strange)
        raise refused(
            f"{file} 中没有可用要素（只有 {names}）。需要 10 米风、阵风、有效波高、波向或能见度。",
            f"{file} holds nothing a forecast is made of (only {names}). It needs wind at 10 m, gusts, significant "
            "wave height, wave direction or visibility.",
        )
    return found


def _open(file: Path) -> list[Any]:
    """Open a file as datasets, a GRIB file as one dataset a kind of level."""
    if not file.is_file():
        raise refused(f"没有文件 {file}。请核对路径。", f"There is no file {file}. Check the path.")
    try:
        if file.suffix.lower() in GRIB_ENDINGS:
            cfgrib = importlib.import_module("cfgrib")
            found = list(cfgrib.open_datasets(str(file), backend_kwargs={"indexpath": ""}, decode_timedelta=True))
        else:
            found = [importlib.import_module("xarray").open_dataset(str(file), decode_timedelta=True)]
    except ImportError as error:
        raise refused(
            f"读取格网需要另装组件（{error.name or error}）：pip install 'tongzhou[grids]'。",
            f"Reading grids needs more than is installed ({error.name or error}): pip install 'tongzhou[grids]'.",
        ) from None
    except Exception as error:  # the readers raise whatever their C libraries do
        first = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise refused(
            f"{file} 无法作为格网读取：{first}。请给 GRIB2 或 NetCDF 文件。",
            f"{file} cannot be read as a grid: {first}. Give a GRIB2 or NetCDF file.",
        ) from None
    if not any(len(dataset.data_vars) for dataset in found):
        raise refused(f"{file} 中没有任何要素。", f"{file} holds no variable. Give a file of gridded weather.")
    return found


def _series_of(dataset: Any, file: Path) -> dict[str, GridSeries]:
    """Return the variables of a dataset that a forecast is made of, in this house's units; others are left alone."""
    found: dict[str, GridSeries] = {}
    for name, array in dataset.data_vars.items():
        variable = _variable(str(name), array.attrs)
        if variable is None:
            continue
        factor = unit_factor(variable, str(array.attrs.get("units", "")))
        if factor is None:
            raise refused(
                f"{file} 中 {name} 的单位“{array.attrs.get('units', '')}”不认识。可用：{'、'.join(variable.units)}。",
                f"{file}: '{name}' is in '{array.attrs.get('units', '')}', a unit not known here. "
                f"Give it in {', '.join(variable.units)}.",
            )
        found[variable.id] = _series(array, factor, variable, str(name), file)
    return found


def _variable(name: str, attributes: Mapping[str, Any]) -> Variable | None:
    standard = str(attributes.get("standard_name", ""))
    short = str(attributes.get("GRIB_shortName", ""))
    for variable in VARIABLES:
        if standard in variable.standard_names or {name.lower(), short} & variable.names:
            return variable
    return None


def _series(array: Any, factor: float, variable: Variable, name: str, file: Path) -> GridSeries:
    lat_name, lon_name = _axis(array, ("latitude", "lat"), name, file), _axis(array, ("longitude", "lon"), name, file)
    times, time_name = _times(array, name, file)
    members = [one for one in array.dims if str(one).lower() in MEMBER_NAMES]
    kept = {lat_name, lon_name, time_name, *members}
    array = array.squeeze([one for one in array.dims if one not in kept and array.sizes[one] == 1], drop=True)
    if strange := [str(one) for one in array.dims if one not in kept]:
        raise refused(
            f"{file} 中 {name} 还有维度 {'、'.join(strange)}。请先选定一层。",
            f"{file}: '{name}' has a dimension more than place and time: {', '.join(strange)}. Select one level first.",
        )
    order = [one for one in (time_name, *members, lat_name, lon_name) if one is not None and one in array.dims]
    array = array.transpose(*order)
    lat, lon = np.asarray(array[lat_name].values, float), np.asarray(array[lon_name].values, float)
    lon = (lon + 180.0) % 360.0 - 180.0
    mesh_lon, mesh_lat = np.meshgrid(lon, lat)
    values = np.asarray(array.values, float).reshape(len(times), -1, len(lat) * len(lon)) * factor
    if variable.turns:
        values = (values + variable.turn_deg) % 360.0
    return GridSeries(times, mesh_lon.ravel(), mesh_lat.ravel(), values)


def _axis(array: Any, names: tuple[str, ...], name: str, file: Path) -> str:
    for one in names:
        if one in array.dims:
            return one
    raise refused(
        f"{file} 中 {name} 不在规则经纬度格网上。请先重采样为经纬度格网。",
        f"{file}: '{name}' is not on a regular grid of latitude and longitude. Put it on one first.",
    )


def _times(array: Any, name: str, file: Path) -> tuple[tuple[datetime, ...], str | None]:
    """Return the moments a variable holds for, and the dimension they run along."""
    running = [one for one in ("step", "valid_time", "time") if one in array.dims]
    if len([one for one in running if array.sizes[one] > 1]) > 1:
        raise refused(
            f"{file} 含多次起报。请只给一次起报的文件。",
            f"{file} holds several runs of a forecast. Give a file of one run.",
        )
    along = next((one for one in running if array.sizes[one] > 1), running[0] if running else None)
    source = next((one for one in ("valid_time", "time") if one in array.coords), None)
    if source is None:
        raise refused(f"{file} 中 {name} 没有时间。", f"{file}: '{name}' says no time. Add a time coordinate.")
    stamps = np.atleast_1d(np.asarray(array[source].values).ravel())
    if stamps.dtype.kind != "M":
        raise refused(
            f"{file} 的时间坐标不是日期。", f"{file}: the time coordinate holds no dates. Give CF time units."
        )
    seconds = stamps.astype("datetime64[s]").astype(np.int64)
    return tuple(datetime.fromtimestamp(int(one), UTC) for one in seconds), along


def with_speed(series: dict[str, GridSeries]) -> dict[str, GridSeries]:
    """Return the series with speed and direction in place of their components."""
    found = dict(series)
    for speed, direction, u_name, v_name, turn_deg in (
        ("wind", "wind_from", "wind_u", "wind_v", 180.0),
        ("current", "", "current_u", "current_v", 0.0),
    ):
        u, v = found.pop(u_name, None), found.pop(v_name, None)
        if speed in found or u is None or v is None or u.values.shape != v.values.shape:
            continue
        found[speed] = GridSeries(u.times, u.lon, u.lat, np.hypot(u.values, v.values))
        if direction:
            bearing = (np.degrees(np.arctan2(u.values, v.values)) + turn_deg) % 360.0
            found[direction] = GridSeries(u.times, u.lon, u.lat, bearing)
    return found
