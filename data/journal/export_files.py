"""Write exported tables as files: GeoJSON, CSV, GeoPackage or GeoParquet; all of them, or none."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Literal, get_args

import geopandas as gpd
import pandas as pd

ExportFormat = Literal["geojson", "csv", "gpkg", "parquet"]
EXPORT_FORMATS: tuple[ExportFormat, ...] = get_args(ExportFormat)
# A spreadsheet takes a cell beginning with one of these for a formula and would run it.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write_tables(tables: dict[str, gpd.GeoDataFrame], folder: Path, stem: str, form: ExportFormat) -> list[Path]:
    """Write each table to ``folder/stem-NAME.form`` (one file ``stem.gpkg`` for a GeoPackage) and return the files.

    Raises FileExistsError where one is there already, OSError where they cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=".export-", dir=folder))
    try:
        for name, table in tables.items():
            _write(table, work, stem, name, form)
        made = sorted(work.iterdir())
        for file in made:
            if (folder / file.name).exists():
                raise FileExistsError(17, "it is there already", str(folder / file.name))
        return [file.rename(folder / file.name) for file in made]
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _write(table: gpd.GeoDataFrame, folder: Path, stem: str, name: str, form: ExportFormat) -> None:
    if form == "gpkg":
        table.to_file(folder / f"{stem}.gpkg", layer=name, driver="GPKG", engine="pyogrio")
    elif form == "geojson":
        table.to_file(folder / f"{stem}-{name}.geojson", driver="GeoJSON", engine="pyogrio")
    elif form == "parquet":
        table.to_parquet(folder / f"{stem}-{name}.parquet")
    else:
        plain = pd.DataFrame(table.drop(columns="geometry"))
        plain["geometry_wkt"] = table.geometry.to_wkt()
        for column in plain.columns:
            plain[column] = plain[column].map(_harmless)
        # With a byte order mark, which spreadsheets need to see that the text is UTF-8.
        plain.to_csv(folder / f"{stem}-{name}.csv", index=False, encoding="utf-8-sig")


def _harmless(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell
