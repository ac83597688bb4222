"""Exports: every format read back holds the same rows, stamped with mode and journal head."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest

from data.geography import Region
from data.journal.events import ClosureLifted, ClosureSet, Event, IncidentReported, NoteLogged, Recorded, WorldOpened
from data.journal.export import Span, tables_of
from data.journal.export_files import write_tables
from data.journal.fixes import Fix, fix_table
from data.text import Text
from data.weather import Closure
from tests.data.journal.journal_samples import START, opened
from tests.data.journal.test_picture import recorded


def events(zhoushan: Region) -> list[Recorded]:
    """A short history: an incident, a closure set and lifted, a note that a spreadsheet would run."""
    from data.incidents import Incident

    pier = next(iter(zhoushan.piers))
    closure = Closure(
        id="k1",
        target_kind="pier",
        target_id=pier,
        from_at=START,
        until_at=None,
        reason=Text("浪", "waves"),
        author="a",
    )
    incident = Incident(
        id="i1", number="0001", case_type="x", title=Text("火", "fire"), priority=1, island_id="x", lon_deg=122.25,
        lat_deg=29.75, reported_at=START, status="reported", echelons=(), status_at=START,
    )  # fmt: skip
    opening = opened().event
    assert isinstance(opening, WorldOpened)
    all_events: list[Event] = [
        opening,
        IncidentReported(incident=incident),
        ClosureSet(closure=closure),
        ClosureLifted(closure_id="k1"),
        NoteLogged(text="=1+1", incident_id=None),
    ]
    return recorded(*all_events)


@pytest.mark.parametrize("form", ["geojson", "csv", "gpkg", "parquet"])
def test_each_format_reads_back(zhoushan: Region, tmp_path: Path, form: str) -> None:
    fixes = fix_table([Fix("u1", START, 122.5, 29.5, None, 2.0)])
    tables = tables_of(events(zhoushan), zhoushan, Span(), at=START, fixes=fixes)
    files = write_tables(tables, tmp_path, "t-DRILL", form)  # type: ignore[arg-type]
    assert all("DRILL" in file.name for file in files)
    for name, rows in (("incidents", 1), ("incident_history", 1), ("closures", 1), ("log", 5), ("positions", 1)):
        match form:
            case "gpkg":
                found = pyogrio.read_dataframe(tmp_path / "t-DRILL.gpkg", layer=name)
            case "geojson":
                found = pyogrio.read_dataframe(tmp_path / f"t-DRILL-{name}.geojson")
            case "parquet":
                found = gpd.read_parquet(tmp_path / f"t-DRILL-{name}.parquet")
            case _:
                found = pd.read_csv(tmp_path / f"t-DRILL-{name}.csv")
        assert len(found) == rows
        assert set(found["mode"]) == {"drill"}
        assert set(found["head_seq"]) == {5}
        if name == "incidents":
            assert list(found["title_zh"]) == ["火"]
            if form == "csv":
                assert list(found["geometry_wkt"]) == ["POINT (122.25 29.75)"]
            else:
                assert (found.geometry.x[0], found.geometry.y[0]) == (122.25, 29.75)
                assert found.crs == "EPSG:4326"
    assert [file for file in tmp_path.iterdir() if file.name.startswith(".")] == []


def test_a_span_leaves_out_what_lies_outside_and_stands_at_its_end(zhoushan: Region) -> None:
    span = Span(START + timedelta(minutes=1), START + timedelta(minutes=2))
    tables = tables_of(events(zhoushan), zhoushan, span, at=START)
    assert list(tables["log"]["seq"]) == [2, 3]
    assert tables["closures"]["lifted_at"].isna().all()
    assert "positions" not in tables
    assert set(tables["log"]["head_seq"]) == {5}


def test_no_cell_of_a_csv_is_taken_for_a_formula(zhoushan: Region, tmp_path: Path) -> None:
    tables = tables_of(events(zhoushan), zhoushan, Span(), at=START)
    write_tables(tables, tmp_path, "t", "csv")
    found = pd.read_csv(tmp_path / "t-log.csv")
    assert found["text_en"].iloc[-1] == "'=1+1"


def test_nothing_is_written_over(zhoushan: Region, tmp_path: Path) -> None:
    tables = tables_of(events(zhoushan), zhoushan, Span(), at=START)
    write_tables(tables, tmp_path, "t", "gpkg")
    before = (tmp_path / "t.gpkg").read_bytes()
    with pytest.raises(FileExistsError):
        write_tables(tables, tmp_path, "t", "gpkg")
    assert (tmp_path / "t.gpkg").read_bytes() == before
