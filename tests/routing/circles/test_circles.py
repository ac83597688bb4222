"""Circles of one and three minutes: who covers what, never across water; posting is the best by trying everything."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from shapely.geometry import MultiPolygon, shape

from data.circles import CircleReport, PointCover
from data.errors import UnknownNameError
from data.geography import Region
from data.local_teams import LocalKind, LocalMember, LocalTeam, PointOfInterest
from data.text import Text
from routing.circles.coverage import MUTUAL_HELP_S, SELF_HELP_S, Stand, cover_points, point_as_place, walks_s
from routing.circles.posting import PEOPLE, REACH_S, best_posting
from routing.circles.report import circle_report
from routing.circles.shapes import circle_features
from tests.routing.network.small_region import lonlat, pier, place, small_region, square

NEAR_M, FAR_M = 50.0, 150.0  # within one minute and within three, at 64 m a minute


@pytest.fixture(scope="module")
def region() -> Region:
    """One square island two kilometres wide, and a second across a narrow water."""
    return small_region({"a": square(0, 0, 1_000), "b": square(2_100, 0, 1_000)}, piers=[pier("quay", 0, 0)])


def point(name: str, x_m: float, y_m: float, own: int = 0, weight: int = 1) -> PointOfInterest:
    """Return a point of interest so many metres from the centre."""
    lon, lat = lonlat(x_m, y_m)
    return PointOfInterest(
        id=name, kind="market", name=Text(name, name), island_id="a", lon_deg=lon, lat_deg=lat, own_people=own,
        weight=weight, confidence="test", source="test",
    )  # fmt: skip


def stand(name: str, x_m: float, y_m: float, kind: LocalKind = "guards", people: int = 4) -> Stand:
    """Return people who stand so many metres from the centre."""
    return Stand(name, kind, place(name, x_m, y_m), people)


def _one(region: Region, spot: PointOfInterest, *stands: Stand) -> PointCover:
    (found,) = cover_points(region, [spot], stands)
    return found


def test_guard_covers_one_minute_and_a_team_three(region: Region) -> None:
    near = _one(region, point("p", NEAR_M, 0), stand("g", 0, 0))
    far = _one(region, point("p", FAR_M, 0), stand("g", 0, 0))
    out = _one(region, point("p", 250, 0), stand("g", 0, 0))
    assert (near.self_help, near.mutual_help) == (True, True)
    assert (far.self_help, far.mutual_help) == (False, True)
    assert (out.self_help, out.mutual_help, out.mutual_help_s) == (False, False, None)
    assert near.self_help_s == pytest.approx(NEAR_M * 1.3 / (5 / 3.6), rel=0.1)


def test_who_counts_for_which_circle(region: Region) -> None:
    spot = point("p", NEAR_M, 0)
    assert not _one(region, spot, stand("v", 0, 0, "volunteers", 30)).mutual_help
    grid = _one(region, spot, stand("n", 0, 0, "grid"))
    assert (grid.self_help, grid.mutual_help) == (False, True)
    alone = _one(region, spot, stand("g", 0, 0, people=1))
    assert (alone.self_help, alone.mutual_help) == (True, False)


def test_people_on_the_spot_are_there_at_once(region: Region) -> None:
    one, two = _one(region, point("p", 0, 0, own=1)), _one(region, point("p", 0, 0, own=2))
    assert (one.self_help_s, one.self_help_by, one.mutual_help) == (0.0, "p", False)
    assert two.mutual_help_by == "p"


def test_nobody_walks_over_water(region: Region) -> None:
    shore = stand("g", 990, 0)
    across = replace(shore, place=place("x", 1_110, 0, "b"))
    assert _one(region, point("p", 950, 0), shore).self_help
    assert not _one(region, point("p", 990, 0), across).mutual_help


def _gaps(region: Region, spots: list[PointOfInterest]) -> list[PointCover]:
    return list(cover_points(region, spots, []))


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("kind", ["self_help", "mutual_help"])
def test_posting_is_the_best_there_is(region: Region, seed: int, kind: str) -> None:
    rng = np.random.default_rng(seed)
    spots = [point(f"p{n}", *map(float, rng.uniform(-220, 220, 2)), weight=int(rng.integers(1, 9))) for n in range(6)]
    stands = [stand("g", 0, 0), stand("t", 100, 100, "township")]
    posting = best_posting(region, kind, _gaps(region, spots), stands)  # type: ignore[arg-type]
    sites = [one.place for one in stands] + [point_as_place(spot) for spot in spots]
    reached = walks_s(region, sites, [point_as_place(spot) for spot in spots]) <= REACH_S[kind]  # type: ignore[index]
    for posts, closed in enumerate(posting.weight_by_posts, start=1):
        best = max(
            sum(spot.weight for n, spot in enumerate(spots) if reached[list(chosen), n].any())
            for chosen in combinations(range(len(sites)), posts)
        )
        assert closed == best
    assert posting.proven
    assert posting.weight_by_posts[-1] == posting.weight_open == sum(spot.weight for spot in spots)
    closes = [name for post in posting.posts for name in post.closes]
    assert sorted(closes) == sorted(spot.id for spot in spots)
    assert all(post.people == PEOPLE[kind] for post in posting.posts)  # type: ignore[index]


def test_no_gap_needs_no_post(region: Region) -> None:
    posting = best_posting(region, "self_help", [], [])
    assert (posting.posts, posting.weight_open) == ((), 0)


def test_sender_keeps_two_of_its_own(region: Region) -> None:
    gaps = _gaps(region, [point("p", 500, 500), point("q", -500, -500)])
    small = best_posting(region, "mutual_help", gaps, [stand("g", 0, 0, people=5)])
    assert sorted(str(post.from_team_id) for post in small.posts) == ["None", "g"]


def _team(region: Region) -> LocalTeam:
    return LocalTeam(
        id="guard", name=Text("保安", "Guards"), kind="guards", island_id="a", place_id="quay",
        members=(LocalMember(people=6, skills=frozenset()),), notice_min=3, duty_min=480, stretch_min=240, rest_min=30,
        group_ids=frozenset(), confidence="test", source="test",
    )  # fmt: skip


@pytest.fixture(scope="module")
def report(region: Region) -> tuple[Region, CircleReport]:
    """An island with one team, a covered point and a gap."""
    spots = [point("here", 20, 0), point("there", 600, 600, weight=5)]
    held = replace(region, local_teams={"guard": _team(region)}, points_of_interest={spot.id: spot for spot in spots})
    return held, circle_report(held, ["a"])


def test_report_lists_gaps_and_posts(report: tuple[Region, CircleReport]) -> None:
    _, found = report
    assert [one.point.id for one in found.gaps("self_help")] == ["there"]
    assert [one.point.id for one in found.gaps("mutual_help")] == ["there"]
    assert {post.from_team_id for posting in found.postings for post in posting.posts} == {"guard"}


def test_report_without_points_or_teams_says_so(region: Region) -> None:
    words = " ".join(text.en for text in circle_report(region, ["a"]).assumptions)
    assert "no point of interest" in words
    assert "no local team" in words
    with pytest.raises(UnknownNameError):
        circle_report(region, ["c"])


def test_shapes_hold_areas_points_and_posts(report: tuple[Region, CircleReport]) -> None:
    held, found = report
    stands = [Stand("guard", "guards", held.place("quay"), 6)]
    document = circle_features(held, found, stands)
    by_what: dict[str, list[dict[str, object]]] = {}
    for feature in document["features"]:
        by_what.setdefault(feature["properties"]["what"], []).append(feature)
    assert {len(by_what["point"]), len(by_what["post"]), len(by_what["circle"])} == {2}
    small, large = (shape(feature["geometry"]) for feature in by_what["circle"])
    assert isinstance(large, MultiPolygon)
    assert small.area < large.area
    assert SELF_HELP_S < MUTUAL_HELP_S
    assert large.buffer(1e-6).covers(small)
