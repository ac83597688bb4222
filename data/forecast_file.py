"""A forecast's table read by itself: what the table does not say of it is assumed and told."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from pathlib import Path

from data.errors import DataFaultsError, Fault
from data.forecast_gaps import filled
from data.forecast_table import read_forecast_hours
from data.geography import Region
from data.text import Text
from data.weather import Forecast

ONE_HOUR = timedelta(hours=1)


def read_forecast_file(file: Path, region: Region) -> Forecast:
    """Read a forecast from its CSV table alone, holes filled and marked.

    It counts as issued at its first hour, and as holding for one step after its last. Raises DataFaultsError with every
    fault of the table.
    """
    faults: list[Fault] = []
    hours = read_forecast_hours(file, region, faults)
    if faults or not hours:
        raise DataFaultsError(faults or [Fault(file.name, None, None, "holds no hours. Add a row a zone and hour.")])
    times = sorted({hour.valid_from for hour in hours})
    step = min((later - earlier for earlier, later in pairwise(times)), default=ONE_HOUR)
    forecast = Forecast(
        id=file.stem, issued_at=times[0], valid_to=times[-1] + step, author="", source=file.name, hours=hours
    )
    return filled(forecast, region)


def file_assumptions(forecast: Forecast) -> Text:
    """Say what is assumed of a forecast that came as a table alone."""
    return Text(
        f"{forecast.source} 未注明发布时刻与有效期：按首个时次发布、末个时次加一步长为止(假定)",
        f"{forecast.source} says neither when it was issued nor how long it holds: its first hour, and one step after "
        "its last, are assumed",
    )
