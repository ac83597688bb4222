"""Who on an island counts: nobody twice, nobody who is away, nobody who has not answered in time."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from data.geography import Region
from data.holding import LocalTeamState
from data.scenario import read_scenario
from data.situation import Situation
from data.text import Text
from routing.hold.people import ANSWER_MIN, island_people, standing_state

HOME = "miaozihu"


@pytest.fixture(scope="module")
def swell(zhoushan: Region) -> Situation:
    """The shipped swell at Miaozihu, without what it says about the island's teams."""
    found = read_scenario("may-swell-miaozihu", zhoushan).situation()
    return msgspec.structs.replace(found, local_teams=(), tasks=(), relief_at={})


def _with_group(situation: Situation, group_id: str, **change: object) -> Situation:
    groups = tuple(
        msgspec.structs.replace(one, **change) if one.group.id == group_id else one for one in situation.groups
    )
    return msgspec.structs.replace(situation, groups=groups)


def _counts(situation: Situation, region: Region) -> dict[str, int]:
    return {state.team.id: state.people for state in island_people(situation, region, HOME).teams}


def test_every_team_counts_once_with_its_roster_groups_inside(swell: Situation, zhoushan: Region) -> None:
    people = island_people(swell, zhoushan, HOME)
    assert sum(state.people for state in people.teams) == len(people.persons) == 71
    assert "police-dongji-1" not in {state.team.id for state in people.teams}
    assert any("not called yet" in note.en for note in people.assumptions)


@pytest.mark.parametrize(
    "change",
    [
        {"site_id": "sanjiang"},
        {"status": "en_route", "site_id": None},
        {"status": "out_of_service", "excluded": Text("休假", "on leave")},
    ],
)
def test_people_of_a_group_that_is_away_are_taken_off(
    swell: Situation, zhoushan: Region, change: dict[str, object]
) -> None:
    away = _with_group(swell, "police-dongji-1", **change)
    assert _counts(away, zhoushan)["dongji-ps-team"] == 9 - 5
    assert any("5 people taken off" in note.en for note in island_people(away, zhoushan, HOME).assumptions)


def test_taking_people_off_twice_changes_nothing(swell: Situation, zhoushan: Region) -> None:
    away = _with_group(swell, "police-dongji-1", site_id="sanjiang")
    again = msgspec.structs.replace(away, local_teams=island_people(away, zhoushan, HOME).teams)
    assert _counts(again, zhoushan) == _counts(away, zhoushan)


def test_group_from_elsewhere_on_the_island_is_a_team_of_its_own(swell: Situation, zhoushan: Region) -> None:
    pier = zhoushan.place("beiao")
    here = _with_group(swell, "police-dinghai-1", site_id="beiao", lon_deg=pier.lon_deg, lat_deg=pier.lat_deg)
    (team,) = [state for state in island_people(here, zhoushan, HOME).teams if state.team.id == "police-dinghai-1"]
    assert (team.people, team.team.kind, team.place.lon_deg) == (8, "reinforcement", pier.lon_deg)
    assert "police-dinghai-1" not in _counts(swell, zhoushan)


def test_group_at_a_scene_in_the_open_is_where_it_stands(swell: Situation, zhoushan: Region) -> None:
    scene = swell.incidents[0]
    here = {"site_id": None, "lon_deg": scene.lon_deg, "lat_deg": scene.lat_deg}
    on_scene = _with_group(swell, "police-dinghai-1", status="on_scene", **here)
    under_way = _with_group(swell, "police-dinghai-1", status="en_route", **here)
    assert _counts(on_scene, zhoushan)["police-dinghai-1"] == 8
    assert "police-dinghai-1" not in _counts(under_way, zhoushan)


def _called(swell: Situation, region: Region, minutes_ago: int, acknowledged: int) -> Situation:
    state = standing_state(region.local_teams["miaozihu-volunteers"], region, swell.at)
    called = msgspec.structs.replace(
        state, status="called", called_at=swell.at - timedelta(minutes=minutes_ago), acknowledged=acknowledged
    )
    return msgspec.structs.replace(swell, local_teams=(called,))


def test_called_team_counts_in_full_until_it_had_time_to_answer(swell: Situation, zhoushan: Region) -> None:
    notice_min = zhoushan.local_teams["miaozihu-volunteers"].notice_min
    early = _called(swell, zhoushan, notice_min + ANSWER_MIN - 1, 4)
    late = _called(swell, zhoushan, notice_min + ANSWER_MIN, 4)
    assert _counts(early, zhoushan)["miaozihu-volunteers"] == 27
    assert _counts(late, zhoushan)["miaozihu-volunteers"] == 4


def test_lost_people_are_not_there(swell: Situation, zhoushan: Region) -> None:
    state = standing_state(zhoushan.local_teams["dongji-ps-team"], zhoushan, swell.at)
    lost = msgspec.structs.replace(state, people=7, lost=2)
    away = _with_group(msgspec.structs.replace(swell, local_teams=(lost,)), "police-dongji-1", site_id="sanjiang")
    assert _counts(away, zhoushan)["dongji-ps-team"] == 9 - 2 - 5


def test_island_without_teams_has_nobody(swell: Situation, zhoushan: Region) -> None:
    assert island_people(swell, zhoushan, "nanjiushan").persons == ()


def test_states_are_read_from_json(swell: Situation, zhoushan: Region) -> None:
    state = standing_state(zhoushan.local_teams["dongji-ps-team"], zhoushan, swell.at)
    assert msgspec.json.decode(msgspec.json.encode(state), type=LocalTeamState) == state
