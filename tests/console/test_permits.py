"""Who may do what: every role against every command and query, against a list written by hand."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

from console import commands
from console.commands import Command
from console.permits import PERMITS, QUERIES, Needed, may, named, permit_of, refusal, table_markdown
from data.roles import ROLES, Role

DOCUMENT = Path(__file__).parents[2] / "docs" / "roles.md"
V, D, P, A, S, M = "viewer", "dispatcher", "planner", "analyst", "supervisor", "admin"

# Written apart from the table it judges: who may in live work, and who in a drill besides.
EXPECTED: dict[str, tuple[set[str], set[str]]] = {
    "ReportIncident": ({D, S}, set()),
    "ReviseIncident": ({D, S}, set()),
    "ChangeIncidentStatus": ({D, S}, set()),
    "ProposePlan": ({D, P, S}, set()),
    "AcceptPlan": ({D, S}, {P}),
    "RejectPlan": ({D, S}, {P}),
    "WithdrawPlan": ({D, S}, {P}),
    "ApprovePlan": ({D, S}, set()),
    "RefuseApproval": ({D, S}, {P}),
    "SetUnitStatus": ({D, S}, set()),
    "ReportUnits": ({D, S}, set()),
    "SetClosure": ({S}, set()),
    "LiftClosure": ({S}, set()),
    "IssueForecast": ({S}, set()),
    "SetZoneWeather": ({S}, set()),
    "LiftZoneWeather": ({S}, set()),
    "LogNote": ({D, S}, {P}),
    "OrderMove": ({D, S}, {P}),
    "WithdrawMove": ({D, S}, {P}),
    "ReportLocalTeam": ({D, S}, set()),
    "AcknowledgeAlarm": ({D, S}, set()),
    "SetClock": (set(), {P, S}),
    "RaiseAlarms": (set(), set()),
    "RecordArchive": (set(), set()),
    "NoteAccess": (set(), set()),
    "see_picture": ({V, D, P, A, S, M}, set()),
    "see_plan": ({V, D, P, A, S, M}, set()),
    "see_presence": ({V, D, P, A, S, M}, set()),
    "see_log": ({D, P, A, S}, set()),
    "replay": ({D, P, A, S}, set()),
    "read_positions": ({A, S}, set()),
    "export": ({A, S}, set()),
    "stream_events": ({D, P, A, S}, set()),
    "ask_plan": ({D, P, S}, set()),
    "write_positions": ({D, S}, set()),
    "restart_scenario": (set(), {P, S}),
    "see_access": ({M, S}, set()),
    "see_accounts": ({M}, set()),
    "manage_accounts": ({M}, set()),
}
EVERYTHING: tuple[Needed, ...] = (*get_args(Command), *QUERIES)


def test_every_command_and_query_has_its_row_and_no_other_has() -> None:
    assert set(PERMITS) == set(EVERYTHING)
    assert {named(one) for one in EVERYTHING} == set(EXPECTED)


def test_the_union_of_commands_holds_every_command_there_is() -> None:
    written = {one for one in vars(commands).values() if isinstance(one, type) and issubclass(one, commands._Command)}
    assert written - {commands._Command} == set(get_args(Command))


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("needed", EVERYTHING, ids=named)
def test_each_role_may_what_is_written_and_nothing_else(needed: Needed, role: Role) -> None:
    live, drill = EXPECTED[named(needed)]
    assert may(role, needed, "live") is (role in live)
    assert may(role, needed, "drill") is (role in live | drill)


def test_what_is_not_in_the_table_nobody_may() -> None:
    class Unheard:
        """A command nobody entered."""

    assert not any(may(role, Unheard, mode) for role in ROLES for mode in ("live", "drill"))
    assert not any(may(role, "read_minds", "drill") for role in ROLES)  # type: ignore[arg-type]
    assert "Unheard" in refusal("admin", Unheard, "live").en


def test_who_makes_accounts_gives_no_orders() -> None:
    changing = {needed for needed in PERMITS if not isinstance(needed, str)} | {"ask_plan", "write_positions"}
    assert not [named(needed) for needed in changing if may("admin", needed, "drill")]
    assert not [named(needed) for needed in changing if may("viewer", needed, "drill")]
    assert not [named(needed) for needed in changing if may("analyst", needed, "drill")]


@pytest.mark.parametrize("role", ROLES)
def test_a_refusal_says_in_both_languages_who_may(role: Role) -> None:
    words = refusal(role, commands.SetClosure, "live")
    assert "指挥长" in words.zh
    assert "supervisor" in words.en
    assert "drill" in refusal(role, commands.SetClock, "live").en


def test_every_permit_is_named_in_both_languages() -> None:
    for needed in EVERYTHING:
        words = permit_of(needed).words
        assert words.zh != words.en
        assert words.en.isascii()


def test_the_document_shows_the_table_as_it_is() -> None:
    assert DOCUMENT.read_text("utf-8").endswith("\n\n" + table_markdown())
