"""Who is at each point of interest within one minute and within three, on foot over land."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from data.circles import PointCover
from data.geography import Place, Region
from data.local_teams import LocalKind, PointOfInterest
from routing.network.foot import foot_field
from routing.network.projection import Floats

SELF_HELP_S, MUTUAL_HELP_S = 60.0, 180.0
MUTUAL_PEOPLE = 2
# Who is at hand at once. Volunteers and 东海渔嫂 are at home and called up: no circle counts on them.
SELF_HELP_KINDS: frozenset[LocalKind] = frozenset({"guards", "police", "auxiliary"})
MUTUAL_HELP_KINDS: frozenset[LocalKind] = SELF_HELP_KINDS | {
    "grid",
    "enforcement",
    "township",
    "medical",
    "reinforcement",
}


@dataclass(frozen=True, slots=True)
class Stand:
    """People who stand at a place: which team, of which kind, how many."""

    team_id: str
    kind: LocalKind
    place: Place
    people: int


def cover_points(region: Region, points: Sequence[PointOfInterest], stands: Sequence[Stand]) -> tuple[PointCover, ...]:
    """Return who is near each point of one island."""
    spots = [point_as_place(point) for point in points]
    first = [stand for stand in stands if stand.kind in SELF_HELP_KINDS and stand.people >= 1]
    team = [stand for stand in stands if stand.kind in MUTUAL_HELP_KINDS and stand.people >= MUTUAL_PEOPLE]
    first_s = walks_s(region, [stand.place for stand in first], spots)
    team_s = walks_s(region, [stand.place for stand in team], spots)
    found = []
    for n, point in enumerate(points):
        near_s, near = _nearest(first_s[:, n], first)
        help_s, help_by = _nearest(team_s[:, n], team)
        if point.own_people:
            near_s, near = 0.0, point.id
        if point.own_people >= MUTUAL_PEOPLE:
            help_s, help_by = 0.0, point.id
        found.append(
            PointCover(
                point=point,
                self_help=near_s is not None and near_s <= SELF_HELP_S,
                self_help_s=near_s,
                self_help_by=near,
                mutual_help=help_s is not None and help_s <= MUTUAL_HELP_S,
                mutual_help_s=help_s,
                mutual_help_by=help_by,
            )
        )
    return tuple(found)


def point_as_place(point: PointOfInterest) -> Place:
    """Return a point of interest as a place people walk to."""
    return Place(
        id=point.id,
        kind="field",
        name=point.name,
        island_id=point.island_id,
        lon_deg=point.lon_deg,
        lat_deg=point.lat_deg,
    )


def walks_s(region: Region, starts: Sequence[Place], ends: Sequence[Place]) -> Floats:
    """Return (starts, ends) seconds on foot; inf where it takes more than the larger circle."""
    out = np.full((len(starts), len(ends)), np.inf)
    known: dict[tuple[float, float], Floats] = {}
    for row, start in enumerate(starts):
        key = start.lon_deg, start.lat_deg
        if key not in known and ends:
            reach = foot_field(region, start, MUTUAL_HELP_S)
            known[key] = reach.times_s(ends)
            same = [(end.lon_deg, end.lat_deg) == key for end in ends]
            known[key][same] = 0.0
        if ends:
            out[row] = known[key]
    out[out > MUTUAL_HELP_S] = np.inf
    return out


def _nearest(seconds: Floats, stands: Sequence[Stand]) -> tuple[float | None, str | None]:
    if not len(stands) or not np.isfinite(seconds).any():
        return None, None
    best = int(seconds.argmin())
    return float(seconds[best]), stands[best].team_id
