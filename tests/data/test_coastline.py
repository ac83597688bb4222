"""The coastline file: clipped, written, read back, refused when broken."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
import shapely
from shapely.geometry import MultiPolygon

from data.coastline import clip_land, read_coastline, write_coastline
from data.geography import Region


def test_clip_keeps_what_is_inside_largest_first() -> None:
    world = MultiPolygon([shapely.box(0, 0, 1, 1), shapely.box(9, 9, 14, 12), shapely.box(20, 20, 30, 30)])
    land = clip_land(shapely.to_wkb(world), (0.5, 0.5, 10, 10))
    assert [polygon.bounds for polygon in land.geoms] == [(9, 9, 10, 10), (0.5, 0.5, 1, 1)]


def test_land_survives_the_file_and_gives_the_same_bytes(tmp_path: Path) -> None:
    holed = shapely.box(0, 0, 1, 1).difference(shapely.box(0.4, 0.4, 0.6, 0.6))
    land = MultiPolygon([holed, shapely.box(3, 3, 3.1, 3.1)])
    write_coastline(land, tmp_path / "a.gz")
    write_coastline(land, tmp_path / "b.gz")
    assert read_coastline(tmp_path / "a.gz").equals(land)
    assert (tmp_path / "a.gz").read_bytes() == (tmp_path / "b.gz").read_bytes()


def test_shipped_file_is_written_again_letter_for_letter(zhoushan: Region, tmp_path: Path) -> None:
    shipped = Path(__file__).parents[2] / "data" / "zhoushan" / "coastline.geojson.gz"
    write_coastline(zhoushan.land, tmp_path / "again.gz")
    # The text is compared: the compressed bytes depend on the machine's zlib.
    assert gzip.decompress((tmp_path / "again.gz").read_bytes()) == gzip.decompress(shipped.read_bytes())


def test_shipped_coastline_is_valid_and_credits_its_source(zhoushan: Region) -> None:
    assert len(zhoushan.land.geoms) > 1000
    assert "OpenStreetMap" in zhoushan.attribution.zh
    assert "OpenStreetMap" in zhoushan.attribution.en


def test_self_crossing_polygon_is_refused(tmp_path: Path) -> None:
    bowtie = shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])
    write_coastline(MultiPolygon([bowtie]), tmp_path / "bad.gz")
    with pytest.raises(ValueError, match="cross themselves"):
        read_coastline(tmp_path / "bad.gz")
