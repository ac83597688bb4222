"""What gridded weather calls its variables and units: CF standard names, GRIB short names, usual file names.

CF Standard Name Table (cfconventions.org); short names of the ECMWF parameter database (codes.ecmwf.int/grib/param-db).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from data.text import Text

KNOT_MPS = 1852.0 / 3600.0
SPEED_UNITS = {
    "m s-1": 1.0, "m s**-1": 1.0, "m/s": 1.0, "m s^-1": 1.0, "mps": 1.0,
    "kn": KNOT_MPS, "knot": KNOT_MPS, "knots": KNOT_MPS, "kt": KNOT_MPS, "kts": KNOT_MPS,
    "km/h": 1 / 3.6, "km h-1": 1 / 3.6, "cm s-1": 0.01, "cm/s": 0.01,
}  # fmt: skip
LENGTH_UNITS = {"m": 1.0, "metre": 1.0, "metres": 1.0, "meters": 1.0, "km": 1000.0, "cm": 0.01}
TURN_UNITS = {
    "degree": 1.0, "degrees": 1.0, "degree true": 1.0, "degrees true": 1.0, "degree_true": 1.0, "degrees_true": 1.0,
    "deg": 1.0, "°": 1.0,
}  # fmt: skip


@dataclass(frozen=True)
class Variable:
    """One quantity: its names, its units with their factors, and, for a direction, what turns it to 'from'.

    ``of`` names the speed a component belongs to.
    """

    id: str
    words: Text
    standard_names: frozenset[str]
    names: frozenset[str]
    units: dict[str, float] = field(hash=False)
    turns: bool = False
    turn_deg: float = 0.0
    of: str = ""
    scale: float = 1.0


def unit_factor(variable: Variable, unit: str) -> float | None:
    """Return what a value in a unit is multiplied by; None for a unit not known."""
    factor = variable.units.get(" ".join(unit.split()).lower())
    return None if factor is None else factor * variable.scale


def _named(words: str) -> frozenset[str]:
    return frozenset(words.split())


WIND, WAVES, CURRENT = Text("风", "wind"), Text("浪", "waves"), Text("流", "current")
VARIABLES = (
    Variable(
        "wind_u", WIND, _named("eastward_wind x_wind"), _named("u10 10u u10m ugrd10m uwnd"), SPEED_UNITS, of="wind",
    ),
    Variable(
        "wind_v", WIND, _named("northward_wind y_wind"), _named("v10 10v v10m vgrd10m vwnd"), SPEED_UNITS, of="wind",
    ),
    Variable("wind", WIND, _named("wind_speed"), _named("si10 10si ws ws10 wind10 wind_speed"), SPEED_UNITS),
    Variable(
        "wind_from", Text("风向", "wind direction"), _named("wind_from_direction"),
        _named("wdir10 10wdir dwi wdir wind_from_direction"), TURN_UNITS, turns=True,
    ),
    Variable(
        "gust", Text("阵风", "gusts"), _named("wind_speed_of_gust"),
        _named("gust i10fg fg10 10fg 10fg3 fg310 gust10m max_i10fg"), SPEED_UNITS,
    ),
    Variable(
        "hs", WAVES, _named("sea_surface_wave_significant_height significant_height_of_combined_wind_waves_and_swell"),
        _named("swh hs shww htsgw vhm0"), LENGTH_UNITS,
    ),
    Variable(
        "wave_from", Text("浪向", "wave direction"),
        _named("sea_surface_wave_from_direction sea_surface_primary_wave_from_direction"),
        _named("mwd dirpw vmdr wave_from_direction"), TURN_UNITS, turns=True,
    ),
    Variable(
        "wave_from", Text("浪向", "wave direction"), _named("sea_surface_wave_to_direction"), _named("mwd_to"),
        TURN_UNITS, turns=True, turn_deg=180.0,
    ),
    Variable(
        "visibility", Text("能见度", "visibility"), _named("visibility_in_air"), _named("vis visibility"), LENGTH_UNITS,
    ),
    Variable(
        "current_u", CURRENT, _named("eastward_sea_water_velocity surface_eastward_sea_water_velocity"),
        _named("uo ucur ocu"), SPEED_UNITS, of="current", scale=1 / KNOT_MPS,
    ),
    Variable(
        "current_v", CURRENT, _named("northward_sea_water_velocity surface_northward_sea_water_velocity"),
        _named("vo vcur ocv"), SPEED_UNITS, of="current", scale=1 / KNOT_MPS,
    ),
    Variable("current", CURRENT, _named("sea_water_speed"), _named("sp_surf_sea"), SPEED_UNITS, scale=1 / KNOT_MPS),
)  # fmt: skip
