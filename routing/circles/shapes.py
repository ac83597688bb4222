"""The circles of islands as shapes for a map: where people reach in one and three minutes, gaps, and posts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import shapely
from shapely.geometry import MultiPolygon

from data.circles import CircleReport
from data.geography import Place, Region
from routing.circles.coverage import (
    MUTUAL_HELP_S,
    MUTUAL_PEOPLE,
    SELF_HELP_KINDS,
    SELF_HELP_S,
    Stand,
    point_as_place,
)
from routing.circles.report import at_hand
from routing.network.foot import foot_area

DECIMALS = 5


def circle_areas(region: Region, report: CircleReport, stands: Sequence[Stand]) -> dict[str, MultiPolygon]:
    """Return the land within each circle of somebody at hand, by the circle's kind (WGS 84)."""
    hand = at_hand(stands)
    own = {one.point.id: one.point.own_people for one in report.points}
    first = [stand.place for stand in hand if stand.kind in SELF_HELP_KINDS and stand.people]
    first += [point_as_place(one.point) for one in report.points if own[one.point.id]]
    team = [stand.place for stand in hand if stand.people >= MUTUAL_PEOPLE]
    team += [point_as_place(one.point) for one in report.points if own[one.point.id] >= MUTUAL_PEOPLE]
    return {
        "self_help": _around(region, first, SELF_HELP_S),
        "mutual_help": _around(region, team, MUTUAL_HELP_S),
    }


def circle_features(region: Region, report: CircleReport, stands: Sequence[Stand]) -> dict[str, Any]:
    """Return areas, points and posts as a GeoJSON FeatureCollection (RFC 7946)."""
    features = [
        _feature(area, {"what": "circle", "kind": kind, "seconds": seconds})
        for (kind, area), seconds in zip(
            circle_areas(region, report, stands).items(), (SELF_HELP_S, MUTUAL_HELP_S), strict=True
        )
        if not area.is_empty
    ]
    for one in report.points:
        features.append(
            _feature(
                shapely.Point(one.point.lon_deg, one.point.lat_deg),
                {
                    "what": "point",
                    "id": one.point.id,
                    "name_zh": one.point.name.zh,
                    "name_en": one.point.name.en,
                    "kind": one.point.kind,
                    "weight": one.point.weight,
                    "self_help": one.self_help,
                    "mutual_help": one.mutual_help,
                    "source": one.point.source,
                },
            )
        )
    for posting in report.postings:
        for post in posting.posts:
            features.append(
                _feature(
                    shapely.Point(post.place.lon_deg, post.place.lat_deg),
                    {
                        "what": "post",
                        "kind": post.kind,
                        "name_zh": post.place.name.zh,
                        "name_en": post.place.name.en,
                        "closes": list(post.closes),
                        "weight": post.weight,
                        "people": post.people,
                        "teams_a_day": post.teams_a_day,
                        "from_team_id": post.from_team_id,
                    },
                )
            )
    return {"type": "FeatureCollection", "features": features}


def _around(region: Region, places: Sequence[Place], within_s: float) -> MultiPolygon:
    distinct = {(place.lon_deg, place.lat_deg): place for place in places}.values()
    joined = shapely.union_all([foot_area(region, place, within_s) for place in distinct])
    return MultiPolygon([part for part in shapely.get_parts(joined) if part.geom_type == "Polygon"])


def _feature(shape: Any, properties: dict[str, Any]) -> dict[str, Any]:
    rounded = shapely.set_precision(shape, 10.0**-DECIMALS)
    return {"type": "Feature", "geometry": shapely.geometry.mapping(rounded), "properties": properties}
