"""What posting closes the gaps of a circle: the fewest posts by maximal covering, solved exactly, each priced.

The sites weighed are the points themselves and the places where teams stand (MCLP; Church and ReVelle 1974).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from data.circles import CircleKind, PointCover, Post, Posting
from data.geography import Place, Region
from data.local_teams import PointOfInterest
from routing.circles.coverage import MUTUAL_HELP_S, MUTUAL_PEOPLE, SELF_HELP_S, Stand, point_as_place, walks_s
from routing.network.projection import WGS84
from routing.positioning.problem import PositionProblem
from routing.positioning.solve import solve_positions

# Assumed: whoever stands at a post is relieved after eight hours.
SHIFT_H = 8
REACH_S: dict[CircleKind, float] = {"self_help": SELF_HELP_S, "mutual_help": MUTUAL_HELP_S}
PEOPLE: dict[CircleKind, int] = {"self_help": 1, "mutual_help": MUTUAL_PEOPLE}
REACHED, OUT_OF_REACH = 1, 2


def best_posting(
    region: Region, kind: CircleKind, gaps: Sequence[PointCover], stands: Sequence[Stand], *, seconds: float = 5.0
) -> Posting:
    """Return the fewest posts that close every gap that can be closed, and what fewer would close."""
    points = [one.point for one in gaps]
    if not points:
        return Posting(kind=kind, posts=(), weight_open=0, weight_by_posts=(), left=(), proven=True)
    sites = list(
        {
            (place.lon_deg, place.lat_deg): place
            for place in (*(stand.place for stand in stands), *(point_as_place(point) for point in points))
        }.values()
    )
    reached = walks_s(region, sites, [point_as_place(point) for point in points]) <= REACH_S[kind]
    weight = sum(point.weight for point in points)
    can = sum(point.weight for n, point in enumerate(points) if reached[:, n].any())
    by_posts: list[int] = []
    chosen: list[int] = []
    proven = True
    while can and (not by_posts or by_posts[-1] < can) and len(by_posts) < len(points):
        chosen, covered, sure = _cover(reached, points, len(by_posts) + 1, seconds)
        by_posts.append(covered)
        proven &= sure
    return Posting(
        kind=kind,
        posts=tuple(_priced(kind, chosen, sites, reached, points, stands)),
        weight_open=weight,
        weight_by_posts=tuple(by_posts),
        left=tuple(point.id for n, point in enumerate(points) if not reached[:, n].any()),
        proven=proven,
    )


def _cover(
    reached: np.ndarray[tuple[int, ...], np.dtype[np.bool_]],
    points: Sequence[PointOfInterest],
    posts: int,
    seconds: float,
) -> tuple[list[int], int, bool]:
    """Return the sites of so many posts that cover the most weight, that weight, and whether it is proven."""
    problem = PositionProblem.plain(
        np.where(reached, REACHED, OUT_OF_REACH),
        np.array([point.weight for point in points]),
        posts,
        reach_min=REACHED,
    )
    posture = solve_positions(problem, "mclp", seconds=seconds)
    if posture.stand is None:
        return [], 0, False
    sites = [int(site) for site in np.flatnonzero(posture.stand.sum(axis=0))]
    covered = sum(point.weight for n, point in enumerate(points) if reached[sites, n].any())
    return sites, covered, posture.status == "optimal"


def _priced(
    kind: CircleKind,
    chosen: Sequence[int],
    sites: Sequence[Place],
    reached: np.ndarray[tuple[int, ...], np.dtype[np.bool_]],
    points: Sequence[PointOfInterest],
    stands: Sequence[Stand],
) -> list[Post]:
    """Return the posts, the weightiest first; a point two of them reach is closed by the first."""
    open_points = set(range(len(points)))
    spare = {stand.team_id: stand.people for stand in stands}
    found: list[Post] = []
    left = list(chosen)
    while left:
        site = max(left, key=lambda one: (sum(points[n].weight for n in open_points if reached[one, n]), -one))
        left.remove(site)
        closes = [n for n in sorted(open_points) if reached[site, n]]
        if not closes:
            continue
        open_points -= set(closes)
        sender = _sender(sites[site], stands, spare, PEOPLE[kind])
        if sender is not None:
            spare[sender] -= PEOPLE[kind]
        found.append(
            Post(
                kind=kind,
                place=sites[site],
                closes=tuple(points[n].id for n in closes),
                weight=sum(points[n].weight for n in closes),
                people=PEOPLE[kind],
                teams_a_day=24 // SHIFT_H,
                from_team_id=sender,
            )
        )
    return found


def _sender(place: Place, stands: Sequence[Stand], spare: dict[str, int], people: int) -> str | None:
    """Return the nearest team that keeps two of its own after sending people to a post."""
    able = [stand for stand in stands if spare[stand.team_id] >= people + MUTUAL_PEOPLE]
    if not able:
        return None
    far_m = WGS84.inv(
        np.array([stand.place.lon_deg for stand in able]),
        np.array([stand.place.lat_deg for stand in able]),
        np.full(len(able), place.lon_deg),
        np.full(len(able), place.lat_deg),
    )[2]
    return able[int(np.argmin(far_m))].team_id
