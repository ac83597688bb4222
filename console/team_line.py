"""Read ``/team``: what is reported of a local team, in words of both scripts; nothing is done here."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from console.command_words import Name, NotUnderstoodError, plain, take_first
from console.i18n import both
from data.holding import CallState

CALLS: dict[CallState, tuple[str, ...]] = {
    "called": ("called", "call", "呼叫", "已呼叫"),
    "acknowledged": ("ack", "acknowledged", "应答", "已应答"),
    "on_the_way": ("way", "ontheway", "在途", "出发"),
    "on_task": ("on", "ontask", "在岗", "到岗"),
    "resting": ("rest", "resting", "休息"),
    "not_called": ("home", "standdown", "解散", "未呼叫"),
}
LOST = ("lost", "减员")


class TeamReport(msgspec.Struct, frozen=True, kw_only=True):
    """``/team name called``, ``ack [people]``, ``way``, ``on``, ``rest``, ``home``, or ``lost people reason``."""

    team_id: str
    status: CallState | None = None
    acknowledged: int | None = None
    lost: int = 0
    reason: str = ""


def read_team(rest: str, teams: Sequence[Name]) -> TeamReport:
    """Return what the words after the verb report; raises NotUnderstoodError saying what was expected."""
    team, tokens = take_first(rest.split(), teams, "team")
    if not tokens:
        raise NotUnderstoodError(both("misread.team_what"))
    word, more = plain(tokens[0]), tokens[1:]
    if word in LOST:
        if len(more) < 2 or not more[0].isdecimal():
            raise NotUnderstoodError(both("misread.team_lost"))
        return TeamReport(team_id=team.id, lost=int(more[0]), reason=" ".join(more[1:]))
    status = next((call for call, spellings in CALLS.items() if word in spellings), None)
    if status is None:
        raise NotUnderstoodError(both("misread.team_what"))
    if status == "acknowledged" and len(more) == 1 and more[0].isdecimal():
        return TeamReport(team_id=team.id, status=status, acknowledged=int(more[0]))
    if more:
        raise NotUnderstoodError(both("misread.left_over", typed=" ".join(more)))
    return TeamReport(team_id=team.id, status=status)
