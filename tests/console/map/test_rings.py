"""Rings of 1, 3 and 5 minutes: from what they are asked, where they lie, and that small ones are left out."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
import pytest

from console.map.mercator import point_to_mercator
from console.map.rings import RINGS_MIN, ring_lines, standing_of
from data.geography import Region
from routing.network.network import Network
from tests.console.map.story import NOW, tell


@pytest.fixture(scope="module")
def picture(zhoushan: Region, zhoushan_network: Network) -> Any:
    return tell(zhoushan, zhoushan_network)[0].picture


def test_a_unit_moves_by_its_own_way_and_an_incident_is_reached_by_land(picture: Any, zhoushan: Region) -> None:
    boat = next(unit for unit in picture.units.values() if unit.symbol == "assault_boat" and unit.site_id)
    group = next(unit for unit in picture.units.values() if unit.kind == "group" and unit.site_id)
    incident = next(iter(picture.incidents.values()))
    assert [one.way for one in standing_of(zhoushan, boat, incident, "")] == ["sea"]
    assert [one.way for one in standing_of(zhoushan, group, incident, "")] == ["road", "foot"]
    assert [one.way for one in standing_of(zhoushan, None, incident, "")] == ["road", "foot"]
    assert standing_of(zhoushan, None, None, "") == []
    adrift = msgspec.structs.replace(boat, site_id=None)
    assert standing_of(zhoushan, adrift, None, "miaozihu")[0].place.lon_deg == boat.lon_deg


def test_rings_lie_one_within_the_other_about_where_they_start(
    picture: Any, zhoushan: Region, zhoushan_network: Network
) -> None:
    incident = next(iter(picture.incidents.values()))
    found = ring_lines(zhoushan_network, incident.id, standing_of(zhoushan, None, incident, ""), picture, NOW)
    x, y = point_to_mercator(incident.lon_deg, incident.lat_deg)
    widths = []
    for minutes in RINGS_MIN:
        xs = np.concatenate([np.asarray(edge[0]) for edge in found.edges[minutes]])
        ys = np.concatenate([np.asarray(edge[1]) for edge in found.edges[minutes]])
        assert xs.min() <= x <= xs.max()
        assert ys.min() <= y <= ys.max()
        widths.append(float(np.ptp(xs)))
    assert widths == sorted(widths)
    assert widths[0] > 0
