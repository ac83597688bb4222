"""Who on an island can be counted on: its teams as they are, people away taken off, groups from elsewhere put on.

The people of a roster group that lives on the island are among a local team's and count once. A group that is
away takes its people off the team's; a group from elsewhere that stands on the island is a team of its own.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec
from shapely.geometry import Point

from data.forces import Group, GroupState
from data.geography import Place, Region
from data.holding import LocalTeamState
from data.local_teams import LocalMember, LocalTeam
from data.situation import Situation
from data.text import Text

# Assumed of a group from elsewhere: a shift of twelve hours with half an hour's rest after four.
REINFORCEMENT_DUTY_MIN, REINFORCEMENT_STRETCH_MIN, REINFORCEMENT_REST_MIN = 720, 240, 30
# A called team that has had its notice and this long to answer is counted by those who answered.
ANSWER_MIN = 10
AWAY = frozenset({"accepted", "en_route", "returning", "out_of_service"})


@dataclass(frozen=True, slots=True)
class Person:
    """One person without a name: the team's index, a number from 1 within it, and skills."""

    team: int
    ordinal: int
    skills: frozenset[str]


@dataclass(frozen=True)
class People:
    """The teams of an island that can be counted on, their people, and what was taken for granted about them."""

    teams: tuple[LocalTeamState, ...]
    persons: tuple[Person, ...]
    assumptions: tuple[Text, ...]


def island_people(situation: Situation, region: Region, island_id: str) -> People:
    """Return who on an island can be counted on at the situation's moment."""
    notes: list[Text] = []
    here = {state.group.id: state for state in situation.groups if island_of(state, region) == island_id}
    stated = {state.team.id: state for state in situation.local_teams}
    teams = []
    inside: set[str] = set()
    for team in region.local_teams.values():
        if team.island_id != island_id:
            continue
        inside |= team.group_ids
        state = stated.get(team.id) or standing_state(team, region, situation.at)
        teams.append(_answered(_without_away(state, situation, here, notes), situation.at, notes))
    for team_id, state in stated.items():
        if team_id not in region.local_teams and state.team.island_id == island_id:
            teams.append(state)
            inside |= state.team.group_ids
    for group_id in sorted(here.keys() - inside):
        if here[group_id].status not in AWAY and here[group_id].excluded is None:
            teams.append(_group_state(here[group_id], island_id, region, situation.at))
    silent = [state for state in teams if state.status == "not_called" and state.people]
    if silent:
        people = sum(state.people for state in silent)
        notes.append(
            Text(
                zh=f"{len(silent)} 支队伍共 {people} 人尚未呼叫；假定方案开始时即呼叫且全部应答",
                en=f"{len(silent)} teams of {people} people are not called yet; taken to be called at the plan's start "
                "and to answer in full",
            )
        )
    counted = tuple(state for state in teams if state.people > 0 or state.lost > 0 or state.team.id in stated)
    return People(counted, tuple(_persons(counted)), tuple(notes))


def standing_state(team: LocalTeam, region: Region, at: datetime) -> LocalTeamState:
    """Return a team nobody has said anything about: not called, everybody there, ready after its notice."""
    return LocalTeamState(
        team=team,
        status="not_called",
        people=team.people,
        acknowledged=0,
        place=region.place(team.place_id),
        ready_at=at + timedelta(minutes=team.notice_min),
        shift_end_at=at + timedelta(minutes=team.duty_min),
    )


def arrived_state(group: Group, place: Place, at: datetime) -> LocalTeamState:
    """Return a roster group that has come ashore at a place as a team of the island."""
    team = LocalTeam(
        id=group.id,
        name=group.call_sign,
        kind="reinforcement",
        island_id=place.island_id,
        place_id=place.id,
        members=(LocalMember(people=group.strength, skills=group.skills),),
        notice_min=0,
        duty_min=REINFORCEMENT_DUTY_MIN,
        stretch_min=REINFORCEMENT_STRETCH_MIN,
        rest_min=REINFORCEMENT_REST_MIN,
        group_ids=frozenset({group.id}),
        confidence="assumed shift",
        source=group.source,
    )
    return LocalTeamState(
        team=team,
        status="acknowledged",
        people=group.strength,
        acknowledged=group.strength,
        place=place,
        ready_at=at,
        shift_end_at=at + timedelta(minutes=REINFORCEMENT_DUTY_MIN),
        called_at=at,
    )


def _group_state(state: GroupState, island_id: str, region: Region, at: datetime) -> LocalTeamState:
    place = Place(
        id=state.site_id or state.group.id,
        kind="field",
        name=region.place(state.site_id).name if state.site_id else state.group.call_sign,
        island_id=island_id,
        lon_deg=state.lon_deg,
        lat_deg=state.lat_deg,
    )
    arrived = arrived_state(state.group, place, at)
    return msgspec.structs.replace(arrived, ready_at=at + timedelta(minutes=state.ready_in_min))


def island_of(state: GroupState, region: Region) -> str | None:
    """Return the island a group is on, at a place or at a scene in the open; None while it is under way."""
    if state.site_id is not None:
        return region.place(state.site_id).island_id
    if state.status != "on_scene":
        return None
    point = Point(state.lon_deg, state.lat_deg)
    return next((island for island, land in region.island_polygons.items() if land.covers(point)), None)


def _without_away(
    state: LocalTeamState, situation: Situation, here: dict[str, GroupState], notes: list[Text]
) -> LocalTeamState:
    """Take the people of groups that are not on the island, or not free to hold it, off their team."""
    known = {one.group.id: one for one in situation.groups}
    away = [
        known[group_id].group
        for group_id in sorted(state.team.group_ids & known.keys())
        if group_id not in here or here[group_id].status in AWAY or here[group_id].excluded is not None
    ]
    if not away or state.people == 0:
        return state
    left = max(0, min(state.people, state.team.people - state.lost - sum(group.strength for group in away)))
    if (gone := state.people - left) == 0:
        return state
    notes.append(
        Text(
            zh=f"{state.team.name.zh}：{'、'.join(group.call_sign.zh for group in away)} 不在岛上或不可用，"
            f"扣除 {gone} 人（先扣有专长者）",
            en=f"{state.team.name.en}: {', '.join(group.call_sign.en for group in away)} away or not to be used, "
            f"{gone} people taken off (those with a special skill first)",
        )
    )
    return msgspec.structs.replace(state, people=left, acknowledged=min(left, state.acknowledged))


def _answered(state: LocalTeamState, at: datetime, notes: list[Text]) -> LocalTeamState:
    """Count a team that had time to answer by those who did."""
    if state.status != "called" or state.called_at is None or state.acknowledged >= state.people:
        return state
    if at - state.called_at < timedelta(minutes=state.team.notice_min + ANSWER_MIN):
        return state
    silent = state.people - state.acknowledged
    notes.append(
        Text(
            zh=f"{state.team.name.zh}：{silent} 人逾时未应答，不计入",
            en=f"{state.team.name.en}: {silent} people have not answered in time and are not counted",
        )
    )
    return msgspec.structs.replace(state, people=state.acknowledged)


def gone_persons(teams: Sequence[LocalTeamState], gone: Collection[tuple[str, int]]) -> Iterator[Person]:
    """Yield people who have dropped out of a team of the island, for what they have done before."""
    number_of = {state.team.id: number for number, state in enumerate(teams)}
    for team_id, ordinal in sorted(gone):
        state = teams[number_of[team_id]]
        skills = [member.skills for member in state.team.members for _ in range(member.people)]
        yield Person(number_of[team_id], ordinal, skills[ordinal - 1])


def _persons(teams: Sequence[LocalTeamState]) -> Iterator[Person]:
    """Yield each person who can be counted on; those missing are the last of their team."""
    for number, state in enumerate(teams):
        skills = [member.skills for member in state.team.members for _ in range(member.people)]
        for ordinal, own in enumerate(skills[: state.people], start=1):
            yield Person(number, ordinal, own)
