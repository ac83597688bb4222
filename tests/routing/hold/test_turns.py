"""The turns of a post: without a gap, none twice, and the same grid whenever it is asked for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from data.geography import Place
from data.holding import HoldTask
from data.local_teams import CrewNeed
from data.text import Text
from routing.hold.turns import RAMP_MIN, SHORTEST_MIN, turns

AT = datetime(2026, 5, 31, 2, 0, tzinfo=UTC)
PLACE = Place(id="p", kind="field", name=Text("点", "Point"), island_id="a", lon_deg=122.0, lat_deg=30.0)


def post(earliest: int, latest: int, slot: int | None, duration: int | None = None) -> HoldTask:
    """Return a post of two people; minutes from ``AT``."""
    return HoldTask(
        id="post", template_id=None, kind="crowd_line", name=Text("岗", "Post"), island_id="a", place=PLACE,
        earliest_at=AT + timedelta(minutes=earliest), latest_at=AT + timedelta(minutes=latest), duration_min=duration,
        slot_min=slot, crew=(CrewNeed(people=2, skill=None),), after=frozenset(), value=5, origin="officer",
        origin_id=None,
    )  # fmt: skip


@pytest.mark.parametrize("end", [31, 60, 75, 100, 239, 240, 254, 255])
@pytest.mark.parametrize(("earliest", "latest"), [(0, 0), (0, 25), (10, 30)])
def test_turns_fill_the_post_without_a_gap(end: int, earliest: int, latest: int) -> None:
    found = turns(post(earliest, latest, 60), AT + timedelta(minutes=end))
    assert found[0].from_at == AT + timedelta(minutes=earliest)
    assert found[-1].to_at == AT + timedelta(minutes=end)
    assert all(one.to_at == following.from_at for one, following in pairwise(found))
    assert all(one.minutes <= RAMP_MIN for one in found if one.ramp)
    assert all(one.minutes < 60 + SHORTEST_MIN for one in found)
    assert [one.slot for one in found] == list(range(len(found)))


def test_grid_is_the_same_for_a_later_end() -> None:
    shorter, longer = (turns(post(0, 25, 60), AT + timedelta(minutes=end)) for end in (145, 265))
    assert shorter == longer[: len(shorter)]


def test_post_of_its_own_length_ends_then() -> None:
    assert turns(post(0, 10, 30, duration=60), AT + timedelta(minutes=300))[-1].to_at == AT + timedelta(minutes=70)


def test_work_in_one_go_has_no_turns() -> None:
    assert turns(post(0, 10, None, duration=60), AT + timedelta(minutes=300)) == []
