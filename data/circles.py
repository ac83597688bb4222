"""The smallest combat unit of an island: who is at each point in one minute, who in three, and what closes the gaps.

The JSON form of ``CircleReport`` is what ``tongzhou circles --json`` writes.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from data.geography import Place
from data.local_teams import PointOfInterest
from data.text import Text

CIRCLES_FORMAT = "tongzhou-circles/1"
CircleKind = Literal["self_help", "mutual_help"]


class PointCover(msgspec.Struct, frozen=True, kw_only=True):
    """One point and who is near it on foot: seconds of the nearest, None where nobody is near enough.

    ``self_help`` is covered by people on the spot (0 s) or a guard within one minute, ``mutual_help`` by a team of two
    or more within three.
    """

    point: PointOfInterest
    self_help: bool
    self_help_s: float | None
    self_help_by: str | None
    mutual_help: bool
    mutual_help_s: float | None
    mutual_help_by: str | None


class Post(msgspec.Struct, frozen=True, kw_only=True):
    """Where people posted close gaps: which points, their weight, and what it takes.

    ``people`` stand there at a time, ``teams_a_day`` such teams hold it round the clock by shifts. ``from_team_id`` is
    the nearest team of the island that could spare them, None where none could.
    """

    kind: CircleKind
    place: Place
    closes: tuple[str, ...]
    weight: int
    people: int
    teams_a_day: int
    from_team_id: str | None


class Posting(msgspec.Struct, frozen=True, kw_only=True):
    """The best posts for one circle: ``weight_by_posts`` is what 1, 2, 3, ... posts close, each number at its best.

    ``left`` are points no post can close from the sites that were weighed; ``proven`` tells that every figure is the
    best there is.
    """

    kind: CircleKind
    posts: tuple[Post, ...]
    weight_open: int
    weight_by_posts: tuple[int, ...]
    left: tuple[str, ...]
    proven: bool


class CircleReport(msgspec.Struct, frozen=True, kw_only=True):
    """The circles of one or more islands at one moment, with their gaps and the posting that closes them."""

    format: str = CIRCLES_FORMAT
    island_ids: tuple[str, ...]
    at: datetime | None
    points: tuple[PointCover, ...]
    postings: tuple[Posting, ...]
    assumptions: tuple[Text, ...]

    def gaps(self, kind: CircleKind) -> tuple[PointCover, ...]:
        """Return the points one circle leaves open, the weightiest first."""
        found = [one for one in self.points if not (one.self_help if kind == "self_help" else one.mutual_help)]
        return tuple(sorted(found, key=lambda one: (-one.point.weight, one.point.id)))
