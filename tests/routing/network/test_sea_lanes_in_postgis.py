"""Sea lanes judged by an independent geometry engine: PostGIS on the spheroid."""

from __future__ import annotations

import json
from itertools import combinations

import psycopg
import pytest

from data.geography import Region
from data.postgis import publish_region
from routing.network.network import Network

pytestmark = pytest.mark.postgis
# Enough pairs to cross every channel and open water, few enough for a test.
EVERY_NTH_PIER = 5


def test_no_lane_crosses_land_and_lengths_agree(
    postgis: psycopg.Connection, zhoushan: Region, zhoushan_network: Network
) -> None:
    publish_region(postgis, zhoushan)
    piers = [zhoushan.place(pier_id) for pier_id in sorted(zhoushan.piers)[::EVERY_NTH_PIER]]
    lanes = [zhoushan_network.sea_route(a, b) for a, b in combinations(piers, 2)]
    assert len(lanes) > 40
    for lane in lanes:
        line = json.dumps({"type": "LineString", "coordinates": lane.path})
        found = postgis.execute(
            """WITH lane AS (SELECT ST_SetSRID(ST_GeomFromGeoJSON(%s), 4326) AS geom)
               SELECT ST_Length(lane.geom::geography),
                      coalesce((SELECT sum(ST_Length(ST_Intersection(land.geom, lane.geom)::geography))
                                FROM region.land WHERE ST_Intersects(land.geom, lane.geom)), 0)
               FROM lane""",
            (line,),
        ).fetchone()
        assert found is not None
        length_m, on_land_m = found
        # UTM's scale runs from 0.9996 to 1.0005 across the region, so the two lengths may differ by that much.
        assert length_m == pytest.approx(lane.length_m, rel=1e-3), (lane.from_site, lane.to_site)
        assert on_land_m == 0, (lane.from_site, lane.to_site)
