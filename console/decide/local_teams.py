"""Decide what is reported of an island's local teams: call-out, acknowledgement, work, rest and losses."""

from __future__ import annotations

from datetime import timedelta
from difflib import get_close_matches

import msgspec

from console.commands import ReportLocalTeam
from console.decide.ground import Ground, RefusedError
from console.decide.texts import PLACE_LIMIT, REASON_LIMIT, read_text
from data.holding import LocalTeamState
from data.journal.events import IslandsReported
from data.journal.interface import Entry
from data.text import Text
from routing.hold.people import standing_state

ISLANDS_STREAM = "islands"


def report_local_team(command: ReportLocalTeam, ground: Ground) -> list[Entry]:
    """A report names a team, says something new of it, and counts no more people than it has."""
    state = _state(command, ground)
    if command.lost:
        now = _with_loss(state, command)
    elif command.status is not None:
        now = _called(state, command, ground)
    else:
        raise RefusedError("请写明队伍的情况。", "Say what became of the team.")
    if now == state and state.team.id in ground.picture.local_teams:
        return []
    return [ground.entry(ISLANDS_STREAM, IslandsReported(local_teams=(now,)))]


def _state(command: ReportLocalTeam, ground: Ground) -> LocalTeamState:
    team_id = read_text(command.team_id, Text("编号", "id"), PLACE_LIMIT)
    if (known := ground.picture.local_teams.get(team_id)) is not None:
        return known
    team = ground.region.local_teams.get(team_id)
    if team is None:
        near = get_close_matches(team_id, [*ground.region.local_teams], n=3)
        raise RefusedError(
            f"没有本岛队伍“{team_id}”。" + (f"是否为:{'、'.join(near)}?" if near else "请查名称。"),
            f"There is no local team '{team_id}'. "
            + (f"Did you mean {', '.join(near)}?" if near else "Check the name."),
        )
    return standing_state(team, ground.region, ground.now)


def _with_loss(state: LocalTeamState, command: ReportLocalTeam) -> LocalTeamState:
    reason = read_text(command.reason, Text("原因", "reason"), REASON_LIMIT)
    if not reason:
        raise RefusedError("请写明减员原因。", "Give the reason for the loss.")
    if not 1 <= command.lost <= state.people:
        raise RefusedError(
            f"减员 {command.lost} 人不在 1 至 {state.people} 之间（该队现有 {state.people} 人）。",
            f"A loss of {command.lost} is not 1 to {state.people}, the people there are. Correct the number.",
        )
    left = state.people - command.lost
    return msgspec.structs.replace(
        state,
        people=left,
        lost=state.lost + command.lost,
        acknowledged=min(left, state.acknowledged),
        note=Text(reason, reason),
    )


def _called(state: LocalTeamState, command: ReportLocalTeam, ground: Ground) -> LocalTeamState:
    now, team, status = ground.now, state.team, command.status
    assert status is not None
    if status == "not_called":
        home = standing_state(team, ground.region, now)
        return msgspec.structs.replace(home, people=state.people, lost=state.lost)
    called_at = state.called_at or now
    ready_at = called_at + timedelta(minutes=team.notice_min)
    if status in ("on_the_way", "on_task"):
        ready_at = now
    elif status == "resting":
        ready_at = now + timedelta(minutes=team.rest_min)
    return msgspec.structs.replace(
        state,
        status=status,
        acknowledged=_acknowledged(state, command),
        called_at=called_at,
        ready_at=max(now, ready_at),
        shift_end_at=called_at + timedelta(minutes=team.duty_min) if state.called_at is None else state.shift_end_at,
        worked_min=0 if status == "resting" else state.worked_min,
    )


def _acknowledged(state: LocalTeamState, command: ReportLocalTeam) -> int:
    if command.acknowledged is not None:
        if not 0 <= command.acknowledged <= state.people:
            raise RefusedError(
                f"应答 {command.acknowledged} 人不在 0 至 {state.people} 之间（该队现有 {state.people} 人）。",
                f"{command.acknowledged} is not 0 to {state.people}, the people there are. Correct the number.",
            )
        return command.acknowledged
    return state.acknowledged if command.status == "called" else state.people
