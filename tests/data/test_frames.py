"""The region's tables as GeoDataFrames."""

from __future__ import annotations

import pytest

from data.errors import UnknownNameError
from data.frames import frame, metric_frame
from data.geography import Region


@pytest.mark.parametrize(
    ("table", "count", "shape"),
    [
        ("islands", 49, "Polygon"),
        ("piers", 52, "Point"),
        ("helipads", 16, "Point"),
        ("bridges", 22, "LineString"),
        ("zones", 11, "Polygon"),
        ("land", 1112, "Polygon"),
    ],
)
def test_table_becomes_a_frame_in_wgs_84(zhoushan: Region, table: str, count: int, shape: str) -> None:
    found = frame(zhoushan, table)
    assert len(found) == count
    assert set(found.geom_type) == {shape}
    assert found.crs.to_epsg() == 4326


def test_metric_frame_measures_in_metres(zhoushan: Region) -> None:
    islands = metric_frame(zhoushan, "islands")
    assert islands.loc["putuoshan"].geometry.area / 1e6 == pytest.approx(11.75, rel=0.02)


def test_unknown_table_is_refused(zhoushan: Region) -> None:
    with pytest.raises(UnknownNameError, match="Unknown table 'harbours'"):
        frame(zhoushan, "harbours")
