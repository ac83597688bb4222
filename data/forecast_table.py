"""A forecast's hours as a CSV table: one row a zone and hour."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from data.errors import Fault
from data.geography import Region
from data.region_tables import TIDE_M
from data.tables import CellFaultError, Column, Known, Row, Table, TableSpec, number, open_table, read_rows, reference
from data.weather import HourSpread, ZoneHour


def _instant(cell: str, _: Known) -> datetime:
    try:
        moment = datetime.fromisoformat(cell)
    except ValueError:
        raise CellFaultError(f"'{cell}' is not a time. Write e.g. 2026-06-14T03:00+08:00.") from None
    if moment.tzinfo is None:
        raise CellFaultError(f"'{cell}' has no offset from UTC. Write e.g. {cell}+08:00.")
    return moment


HOUR_COLUMNS = (
    Column("zone_id", reference("zone")),
    Column("valid_from", _instant),
    Column("wind_mps", number(0, 90, "m/s")),
    Column("gust_mps", number(0, 120, "m/s")),
    Column("wind_from_deg", number(0, 360, "degrees")),
    Column("hs_m", number(0, 25, "m")),
    Column("wave_from_deg", number(0, 360, "degrees")),
    Column("visibility_m", number(0, 100_000, "m")),
    Column("current_kn", number(0, 10, "kn"), blank_allowed=True),
    Column("tide_m", TIDE_M, blank_allowed=True, optional=True),
    *(
        Column(f"{value}_{end}_{unit}", number(0, high, words), blank_allowed=True, optional=True)
        for value, unit, high, words in (
            ("wind", "mps", 90, "m/s"),
            ("gust", "mps", 120, "m/s"),
            ("hs", "m", 25, "m"),
            ("visibility", "m", 100_000, "m"),
        )
        for end in ("low", "high")
    ),
)
SPREAD_OF = {"wind": "wind_mps", "gust": "gust_mps", "hs": "hs_m", "visibility": "visibility_m"}


def read_forecast_hours(path: Path, region: Region, faults: list[Fault]) -> tuple[ZoneHour, ...]:
    """Read the hours of a forecast, sorted by zone then time; faults are added to ``faults``."""
    table = open_table(path.parent, TableSpec(path.name, "hour", HOUR_COLUMNS, key=("zone_id", "valid_from")))
    read_rows(table, {"zone": region.zones.keys()})
    for row in table.whole_rows():
        if row.values["gust_mps"] < row.values["wind_mps"]:
            table.fault(
                row.line, "gust_mps", "is below the mean wind. A gust is at least as strong; correct one of them."
            )
        _check_spread(table, row)
    faults.extend(_once(sorted(table.faults, key=lambda fault: (fault.row or 0, fault.column or "")), region))
    hours = [_hour(row) for row in table.whole_rows()]
    return tuple(sorted(hours, key=lambda hour: (hour.zone_id, hour.valid_from)))


def forecast_csv(hours: Iterable[ZoneHour]) -> str:
    """Return hours as the CSV text that ``read_forecast_hours`` reads; ranges only where some hour has one."""
    rows = list(hours)
    ranges = [name for name in HourSpread.__struct_fields__ if any(getattr(one.spread, name, None) for one in rows)]
    tides = ["tide_m"] if any(one.tide_m is not None for one in rows) else []
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([*(column.name for column in HOUR_COLUMNS if not column.optional), *tides, *ranges])
    for one in rows:
        writer.writerow(
            [
                one.zone_id,
                one.valid_from.isoformat(timespec="minutes"),
                *(f"{value:.1f}" for value in (one.wind_mps, one.gust_mps)),
                f"{one.wind_from_deg:.0f}",
                f"{one.hs_m:.2f}",
                f"{one.wave_from_deg:.0f}",
                f"{one.visibility_m:.0f}",
                f"{one.current_kn:.1f}",
                *("" if one.tide_m is None else f"{one.tide_m:.2f}" for _ in tides),
                *("" if (value := getattr(one.spread, name, None)) is None else f"{value:.2f}" for name in ranges),
            ]
        )
    return out.getvalue()


def _once(faults: list[Fault], region: Region) -> list[Fault]:
    """A zone not known is told once with the number of its rows: a table of another area has hundreds of them."""
    rows = Counter(fault.message for fault in faults if fault.column == "zone_id")
    told: list[Fault] = []
    for fault in faults:
        if fault.column != "zone_id":
            told.append(fault)
        elif (count := rows.pop(fault.message, 0)) > 1:
            known = f" This region's zones are {', '.join(region.zones)}."
            told.append(replace(fault, message=f"{fault.message} So on {count} rows.{known}"))
        elif count:
            told.append(fault)
    return told


def _check_spread(table: Table, row: Row) -> None:
    """A low value is not above the likely one, nor a high one below it."""
    for stem, likely in SPREAD_OF.items():
        unit = likely.rsplit("_", 1)[1]
        low, high = row.values.get(f"{stem}_low_{unit}"), row.values.get(f"{stem}_high_{unit}")
        if low is not None and low > row.values[likely]:
            table.fault(row.line, f"{stem}_low_{unit}", f"is above {likely}. Correct one of them.")
        if high is not None and high < row.values[likely]:
            table.fault(row.line, f"{stem}_high_{unit}", f"is below {likely}. Correct one of them.")


def _hour(row: Row) -> ZoneHour:
    names = HourSpread.__struct_fields__
    spread = {name: row.values[name] for name in names if row.values.get(name) is not None}
    rest = {name: value for name, value in row.values.items() if name not in names}
    return ZoneHour(
        **{**rest, "current_kn": rest["current_kn"] or 0.0}, spread=HourSpread(**spread) if spread else None
    )
