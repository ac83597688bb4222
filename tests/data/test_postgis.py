"""The region in a real PostGIS: what SQL and QGIS users get."""

from __future__ import annotations

import psycopg
import pytest

from data.geography import Region
from data.postgis import publish_region

pytestmark = pytest.mark.postgis


def test_every_table_holds_every_row(postgis: psycopg.Connection, zhoushan: Region) -> None:
    written = publish_region(postgis, zhoushan)
    for table, count in written.items():
        found = postgis.execute(f'SELECT count(*) FROM region."{table}"').fetchone()
        assert found == (count,), table
    assert written["pier"] == len(zhoushan.piers)
    assert written["land"] == len(zhoushan.land.geoms)


def test_publishing_again_replaces(postgis: psycopg.Connection, zhoushan: Region) -> None:
    first = publish_region(postgis, zhoushan)
    assert publish_region(postgis, zhoushan) == first


def test_every_pier_is_beside_the_island_it_names(postgis: psycopg.Connection, zhoushan: Region) -> None:
    publish_region(postgis, zhoushan)
    far = postgis.execute(
        """SELECT pier.id, round(ST_Distance(pier.geom::geography, island.geom::geography))
           FROM region.pier JOIN region.island ON island.id = pier.island_id
           WHERE ST_GeometryType(island.geom) <> 'ST_Point'
             AND NOT ST_DWithin(pier.geom::geography, island.geom::geography, 1500)"""
    ).fetchall()
    assert far == []


def test_a_failed_publication_leaves_what_was_there(postgis: psycopg.Connection, zhoushan: Region) -> None:
    publish_region(postgis, zhoushan)
    pier = next(iter(zhoushan.piers.values()))
    broken = type(zhoushan)(**{**vars(zhoushan), "piers": {"a": pier, "b": pier}})
    with pytest.raises(psycopg.errors.UniqueViolation):
        publish_region(postgis, broken)
    assert postgis.execute("SELECT count(*) FROM region.pier").fetchone() == (len(zhoushan.piers),)
