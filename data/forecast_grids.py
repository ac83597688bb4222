"""A forecast's table from gridded weather, GRIB2 or NetCDF: for each zone and hour the worst cell inside the zone.

Grids of 0.1 to 0.25 degrees do not resolve inner channels; the worst cell is the careful side, and an officer's value
goes before it. A zone with no cell inside takes the nearest and says so. Of an ensemble the median is likely, the 10th
and 90th percentiles are the low and the high. Needs the extra ``grids`` (xarray, cfgrib, netCDF4).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray

from data.geography import Region, SeaZone
from data.grid_files import GridSeries, read_series, refused, with_speed
from data.grid_names import VARIABLES
from data.text import Text
from data.weather import HourSpread, ZoneHour

# A zone further than this from every cell lies outside the grid.
NEAREST_KM = 40.0
KM_A_DEG = 111.2
TYPICAL_GUST_RATIO = 1.4  # assumed: gusts over open water in strong wind
ASSUMED_SIGHT_M = 10_000.0
NEEDED = ("wind", "hs", "gust", "visibility")
LOW_SHARE, HIGH_SHARE = 10.0, 90.0  # percentiles of an ensemble


@dataclass(frozen=True)
class GridForecast:
    """The hours read from grids, with what was assumed."""

    hours: tuple[ZoneHour, ...]
    assumptions: tuple[Text, ...]


def read_grids(files: Sequence[Path], region: Region, *, assume_missing: bool = False) -> GridForecast:
    """Read one or more grids into the hours of every zone.

    Raises GridError for a missing library, a file that cannot be read, a variable or unit not known, a variable that
    is needed and missing (gusts and visibility may be assumed where ``assume_missing``), and a zone outside the grid.
    """
    series: dict[str, GridSeries] = {}
    for file in files:
        for name, found in read_series(file).items():
            series.setdefault(name, found)
    return _hours_of(with_speed(series), region, assume_missing)


@dataclass
class _Zone:
    """One zone's figures hour by hour: likely, low and high by variable, and what was assumed for it."""

    likely: dict[str, dict[datetime, float]]
    low: dict[str, dict[datetime, float]]
    high: dict[str, dict[datetime, float]]


def _hours_of(series: Mapping[str, GridSeries], region: Region, assume_missing: bool) -> GridForecast:
    told = _missing(series, assume_missing)
    times = _common_times(series)
    hours: list[ZoneHour] = []
    far: dict[str, list[Text]] = {}
    for zone in region.zones.values():
        read = _read_zone(series, zone, region, far)
        whole = [at for at in times if all(at in read.likely.get(name, {}) for name in NEEDED if name in series)]
        hours += [_hour(zone.id, at, read) for at in whole]  # an hour it lacks is a hole, told where the table is read
    for name, zones in far.items():
        variable = next(one for one in VARIABLES if one.id == name or one.of == name)
        told.append(
            Text(
                f"{'、'.join(one.zh for one in zones)}区内无{variable.words.zh}格点，取最近格点(假定)",
                f"no cell of {variable.words.en} inside {', '.join(one.en for one in zones)}: the nearest is assumed",
            )
        )
    return GridForecast(tuple(sorted(hours, key=lambda one: (one.zone_id, one.valid_from))), tuple(told))


def _missing(series: Mapping[str, GridSeries], assume_missing: bool) -> list[Text]:
    """Refuse what cannot be done without; say what is assumed instead of the rest."""
    gust_words = Text("阵风", "gusts")
    needed = [
        (name, words)
        for name, words in (
            ("wind", Text("10 米风", "wind at 10 m")),
            ("hs", Text("有效波高", "significant wave height")),
            ("gust", gust_words),
            ("visibility", Text("能见度", "visibility")),
        )
        if name not in series and not (assume_missing and name in ("gust", "visibility"))
    ]
    if needed:
        zh, en = "、".join(words.zh for _, words in needed), ", ".join(words.en for _, words in needed)
        may = all(name in ("gust", "visibility") for name, _ in needed)
        raise refused(
            f"格网缺少：{zh}。请补上含该要素的文件{'，或加 --assume-missing 以假定值代替' if may else ''}。",
            f"The grids lack: {en}. Give a file that holds them"
            f"{', or add --assume-missing to have them assumed' if may else ''}.",
        )
    told = []
    if "gust" not in series:
        told.append(
            Text(
                f"格网无阵风：按平均风的 {TYPICAL_GUST_RATIO:g} 倍(假定)",
                f"no gusts in the grids: {TYPICAL_GUST_RATIO:g} times the mean wind is assumed",
            )
        )
    if "visibility" not in series:
        told.append(
            Text(
                f"格网无能见度：按 {ASSUMED_SIGHT_M / 1000:g} km(假定)，海雾不在其中",
                f"no visibility in the grids: {ASSUMED_SIGHT_M / 1000:g} km is assumed; fog is not seen",
            )
        )
    if "wave_from" not in series:
        told.append(Text("格网无波向：按风向(假定)", "no wave direction in the grids: that of the wind is assumed"))
    if "current" not in series:
        told.append(Text("格网无海流：按 0 计(假定)", "no current in the grids: none is assumed"))
    return told


def _common_times(series: Mapping[str, GridSeries]) -> list[datetime]:
    """Return the moments that every needed variable has."""
    needed = [set(series[name].times) for name in NEEDED if name in series]
    times = sorted(set.intersection(*needed))
    if not times:
        raise refused(
            "各要素没有共同的时次。请给同一时段的文件。",
            "The variables have no time in common. Give files of the same hours.",
        )
    return times


def _read_zone(series: Mapping[str, GridSeries], zone: SeaZone, region: Region, far: dict[str, list[Text]]) -> _Zone:
    read = _Zone({}, {}, {})
    for name, worst, along in (
        ("wind", np.nanargmax, "wind_from"),
        ("gust", np.nanargmax, ""),
        ("hs", np.nanargmax, "wave_from"),
        ("visibility", np.nanargmin, ""),
        ("current", np.nanargmax, ""),
    ):
        one = series.get(name)
        if one is None:
            continue
        cells, is_inside = _cells(one, zone, name)
        if not is_inside:
            far.setdefault(name, []).append(zone.name)
        direction = series.get(along)
        for place, at in enumerate(one.times):
            picked = one.values[place][:, cells]
            if np.isnan(picked).all():
                continue
            each = picked[~np.isnan(picked).all(axis=1)]
            values = np.array([row[worst(row)] for row in each])
            read.likely.setdefault(name, {})[at] = float(np.median(values))
            if len(values) > 1:
                read.low.setdefault(name, {})[at] = float(np.percentile(values, LOW_SHARE))
                read.high.setdefault(name, {})[at] = float(np.percentile(values, HIGH_SHARE))
            if direction is not None:
                middle = int(np.argsort(values)[len(values) // 2])
                cell = int(cells[worst(each[middle])])
                member = int(np.flatnonzero(~np.isnan(picked).all(axis=1))[middle])
                bearing = _bearing(direction, at, member, float(one.lon[cell]), float(one.lat[cell]))
                if bearing is not None:
                    read.likely.setdefault(along, {})[at] = bearing
    return read


def _bearing(direction: GridSeries, at: datetime, member: int, lon: float, lat: float) -> float | None:
    """Return the direction at the cell nearest to a point that has one, at a moment or the last before it."""
    place = max((number for number, one in enumerate(direction.times) if one <= at), default=None)
    if place is None:
        return None
    row = direction.values[place][min(member, direction.values.shape[1] - 1)]
    known = np.flatnonzero(~np.isnan(row))
    if not len(known):
        return None
    nearest = known[np.hypot(direction.lon[known] - lon, direction.lat[known] - lat).argmin()]
    return float(row[nearest])


def _cells(series: GridSeries, zone: SeaZone, name: str) -> tuple[NDArray[np.int64], bool]:
    """Return the cells inside a zone that ever have a value, or the nearest that has one with False.

    A wave model leaves inner waters out: the nearest open sea is then the careful side, however far.
    """
    outline = shapely.Polygon(zone.ring)
    useful = ~np.isnan(series.values).all(axis=(0, 1))
    inside = np.flatnonzero(useful & shapely.intersects_xy(outline, series.lon, series.lat))
    if len(inside):
        return inside, True
    known = np.flatnonzero(useful)
    apart = shapely.distance(outline, shapely.points(series.lon, series.lat))
    if len(known) and apart.min() * KM_A_DEG <= NEAREST_KM:
        return known[[int(apart[known].argmin())]], False
    raise refused(
        f"{zone.name.zh}在{_words(name).zh}格网范围之外（{NEAREST_KM:.0f} km 内没有格点）。请给覆盖全域的格网。",
        f"{zone.name.en} lies outside the grid of {_words(name).en} (no cell within {NEAREST_KM:.0f} km). "
        "Give a grid that covers the whole region.",
    )


def _words(name: str) -> Text:
    return next(one.words for one in VARIABLES if one.id == name or one.of == name)


def _hour(zone_id: str, at: datetime, read: _Zone) -> ZoneHour:
    def value(name: str, otherwise: float) -> float:
        return _held(read.likely.get(name, {}), at, otherwise)

    wind = value("wind", 0.0)
    wind_from = value("wind_from", 0.0)
    spread = HourSpread(
        wind_low_mps=read.low.get("wind", {}).get(at),
        wind_high_mps=read.high.get("wind", {}).get(at),
        gust_low_mps=read.low.get("gust", {}).get(at),
        gust_high_mps=read.high.get("gust", {}).get(at),
        hs_low_m=read.low.get("hs", {}).get(at),
        hs_high_m=read.high.get("hs", {}).get(at),
        visibility_low_m=read.low.get("visibility", {}).get(at),
        visibility_high_m=read.high.get("visibility", {}).get(at),
    )
    return ZoneHour(
        zone_id=zone_id,
        valid_from=at,
        wind_mps=wind,
        gust_mps=max(wind, value("gust", wind * TYPICAL_GUST_RATIO)),
        wind_from_deg=wind_from,
        hs_m=value("hs", 0.0),
        wave_from_deg=value("wave_from", wind_from),
        visibility_m=value("visibility", ASSUMED_SIGHT_M),
        current_kn=value("current", 0.0),
        spread=spread if spread != HourSpread() else None,
    )


def _held(values: Mapping[datetime, float], at: datetime, otherwise: float) -> float:
    """Return the value of a moment, else the last before it, else the first: directions and currents may be sparser."""
    if at in values:
        return values[at]
    before: Iterable[datetime] = [one for one in values if one <= at]
    last = max(before, default=None)
    return values[last] if last is not None else next(iter(values.values()), otherwise)
