"""The one way in: the role of now decides, refusals are on record, nobody gets round it or floods the journal."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import pytest

from console.access_notes import OPEN_OF_ALL, OPEN_OF_ONE, SEVERAL, AccessNotes
from console.commands import AcknowledgeAlarm, ApprovePlan, LogNote, ReportIncident, SetClosure, SetUnitStatus
from console.permits import Query
from console.service import NotPermittedError, Service
from console.world import World
from data.geography import Region
from data.journal.events import AccessNoted, Recorded
from data.roles import Principal, Role
from data.text import Text
from tests.console.world_samples import HandClock, open_world

CONSOLE = Path(__file__).parents[2] / "console"
# Who calls the world itself: what the console does by itself, the desk's result, and the service with its notes.
MAY_CALL_THE_WORLD = {
    "access_notes.py",
    "archivist.py",
    "planning.py",
    "service.py",
    "simulator.py",
    "ticker.py",
    "upkeep.py",
}
OTHER_RECEIVERS = ("service", "api", "connection", "cursor", "database")


@dataclass
class Roster:
    """The roles of now, by name; a name that is not here has no login any more."""

    roles: dict[str, Role] = field(default_factory=dict)

    def current(self, principal: Principal) -> Principal | None:
        role = self.roles.get(principal.name)
        return None if role is None else msgspec.structs.replace(principal, role=role)


@pytest.fixture
def world(zhoushan: Region, tmp_path: Path) -> Iterator[World]:
    opened, _ = open_world(tmp_path, zhoushan)
    yield opened
    opened.close()


@pytest.fixture
def roster() -> Roster:
    return Roster({"li": "dispatcher", "wang": "viewer", "chen": "supervisor", "zhao": "admin"})


@pytest.fixture
def hand() -> HandClock:
    return HandClock()


@pytest.fixture
def service(world: World, roster: Roster, hand: HandClock) -> Service:
    return Service(world, None, roster.current, AccessNotes(world, hand))


def person(name: str, role: Role = "supervisor") -> Principal:
    """Somebody who claims a role: what the roster says is what counts."""
    return Principal(name=name, role=role, via=f"login-{name}")


def accesses(world: World) -> list[Recorded]:
    return [one for one in world.journal.read() if isinstance(one.event, AccessNoted)]


def test_the_role_of_now_counts_and_not_the_one_that_came_in(service: Service, roster: Roster, world: World) -> None:
    note = LogNote(text="tide turns")
    refused = service.execute(note, person("wang", "supervisor"))
    assert (refused.ok, refused.permitted) == (False, False)
    assert refused.refusal is not None
    assert "调度员" in refused.refusal.zh
    assert "dispatcher" in refused.refusal.en
    roster.roles["wang"] = "dispatcher"
    assert service.execute(note, person("wang", "viewer")).ok
    roster.roles["wang"] = "viewer"
    assert not service.execute(note, person("wang", "supervisor")).ok
    assert [line.actor for line in world.picture.log if line.text.en == "tide turns"] == ["wang"]


def test_a_login_that_ended_may_nothing(service: Service, roster: Roster, world: World) -> None:
    del roster.roles["li"]
    outcome = service.execute(LogNote(text="still here?"), person("li"))
    assert not outcome.ok
    assert outcome.refusal is not None
    assert "ended" in outcome.refusal.en
    with pytest.raises(NotPermittedError, match="ended"):
        service.ask("see_picture", person("li"))
    assert not service.may(person("li"), "see_picture")
    assert all(one.event.refused for one in accesses(world))


def test_a_refusal_by_role_is_told_apart_from_one_by_the_picture(service: Service) -> None:
    by_picture = service.execute(SetUnitStatus(unit_id="nobody", status="available"), person("li"))
    assert (by_picture.ok, by_picture.permitted) == (False, True)


def test_refusals_are_on_record_with_who_and_what(service: Service, world: World) -> None:
    closure = SetClosure(target_kind="pier", target_id="some-pier", reason=Text("雾", "fog"))
    assert not service.execute(closure, person("li")).ok
    (noted,) = accesses(world)
    assert (noted.actor, noted.stream) == ("li", "access")
    assert noted.event.what == "SetClosure"
    assert noted.event.subject == "some-pier"
    assert noted.event.refused
    line = world.picture.log[-1]
    assert "访问被拒" in line.text.zh
    assert "Refused: close places" in line.text.en


def test_sensitive_reads_are_on_record_and_others_are_not(service: Service, world: World) -> None:
    service.ask("see_picture", person("wang"))
    assert accesses(world) == []
    assert service.ask("export", person("chen"), "2026-06-13").role == "supervisor"
    service.ask("replay", person("chen"), noted=False)
    (noted,) = accesses(world)
    assert (noted.event.what, noted.event.subject, noted.event.refused) == ("export", "2026-06-13", False)
    with pytest.raises(NotPermittedError) as refused:
        service.ask("export", person("wang"))
    assert refused.value.text is not None
    assert "导出" in refused.value.text.zh
    assert accesses(world)[-1].event.refused


def test_the_same_within_a_minute_is_written_once_and_counted(service: Service, world: World, hand: HandClock) -> None:
    for _ in range(500):
        service.execute(LogNote(text="x"), person("wang"))
    assert len(accesses(world)) == 1
    hand.seconds = 61.0
    service.notes.settle()
    first, counted = accesses(world)
    assert (first.event.count, counted.event.count) == (1, 499)
    assert "499" in world.picture.log[-1].text.zh
    service.execute(LogNote(text="x"), person("wang"))
    assert len(accesses(world)) == 3, "a new minute begins with a note"


def test_many_subjects_or_names_cannot_flood_the_journal(service: Service, world: World, hand: HandClock) -> None:
    words = Text("登录", "log in")
    for number in range(2000):
        service.note_access("door", "login", f"name-{number}", words, refused=True)
    assert len(accesses(world)) == OPEN_OF_ONE + 1
    assert accesses(world)[-1].event.subject == SEVERAL
    for number in range(2000):
        service.note_access(f"name-{number}", "login", "", words, refused=True)
    assert len(accesses(world)) <= OPEN_OF_ALL + 2
    service.close()
    assert sum(one.event.count for one in accesses(world)) == 4000, "every one of them is counted"


def test_what_a_note_is_about_is_bounded_and_can_be_shown(service: Service, world: World) -> None:
    service.note_access("door", "login", "a\x1b[31m" + "x" * 10_000, Text("登录", "log in"), refused=True)
    (noted,) = accesses(world)
    assert len(noted.event.subject) <= 120
    assert noted.event.subject.isprintable()


def test_a_press_sent_twice_is_done_once_and_nobody_takes_up_anothers(service: Service, world: World) -> None:
    press = "0123456789abcdef"
    first = service.execute(LogNote(text="once"), person("li"), press)
    again = service.execute(LogNote(text="once"), person("li"), press)
    assert first.events == again.events
    other = service.execute(LogNote(text="mine"), person("chen"), press)
    assert other.ok
    assert other.events[0].actor == "chen"
    assert [line.text.en for line in world.picture.log][-2:] == ["once", "mine"]


@pytest.mark.parametrize("command_id", ["short", "x" * 81, "a b c d e f g h", "li/0123456789", "12345678\n"])
def test_an_id_that_is_none_is_refused_in_words(service: Service, world: World, command_id: str) -> None:
    before = world.picture.seq
    outcome = service.execute(LogNote(text="x"), person("li"), command_id)
    assert not outcome.ok
    assert outcome.refusal is not None
    assert "8 to 80" in outcome.refusal.en
    assert "编号" in outcome.refusal.zh
    assert world.picture.seq == before


def test_the_desk_is_asked_in_the_name_of_the_role_of_now(world: World, roster: Roster) -> None:
    asked: list[tuple[Any, ...]] = []

    class Desk:
        def request(self, *given: Any, **more: Any) -> None:
            asked.append((*given, more))

    service = Service(world, Desk(), roster.current)
    service.request_plan(person("li"), ("i1",), only=("boat-0",))
    assert asked == [(("i1",), "li", {"forbidden": {}, "only": ("boat-0",)})]
    for name in ("wang", "zhao", "gone"):
        with pytest.raises(NotPermittedError):
            service.request_plan(person(name), ("i1",))
    assert len(asked) == 1


@pytest.mark.parametrize(
    "command",
    [
        LogNote(text="a\x00b"),
        LogNote(text="a\u202eb"),
        LogNote(text="\ud800"),
        LogNote(text="x" * 2001),
        ReportIncident(case_type="affray", place="Miaozihu", note="x" * 501),
        ReportIncident(case_type="affray", place="Miaozihu", note="bell\x07"),
        ReportIncident(case_type="affray", place="p" * 81),
        ReportIncident(case_type="c" * 81, place="Miaozihu"),
        ReportIncident(case_type="affray", place="Miaozihu", title=Text("标" * 81, "")),
        SetClosure(target_kind="pier", target_id="x", reason=Text("r" * 201, "r")),
        SetClosure(target_kind="pier", target_id="x\x1b", reason=Text("雾", "fog")),
        AcknowledgeAlarm(alarm_id="y" * 100_000),
    ],
    ids=lambda command: type(command).__name__,
)
def test_texts_too_long_or_that_cannot_be_seen_are_refused_in_words(
    service: Service, world: World, command: Any
) -> None:
    before = world.picture.seq
    outcome = service.execute(command, person("chen"))
    assert not outcome.ok
    assert outcome.refusal is not None
    assert outcome.refusal.zh
    assert len(outcome.refusal.en) < 400
    assert world.picture.seq == before


def test_a_note_of_several_lines_is_kept_as_it_was_written(service: Service, world: World) -> None:
    assert service.execute(LogNote(text="first\r\nsecond\n"), person("li")).ok
    assert world.picture.log[-1].text.en == "first\nsecond"


def strangers(source: str, attribute: str, others: tuple[str, ...]) -> list[int]:
    """Return the lines where an attribute is taken of anything but the receivers named."""
    return [
        node.lineno
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Attribute) and node.attr == attribute and not ast.unparse(node.value).endswith(others)
    ]


def test_nobody_goes_round_the_service_to_the_world_or_the_desk() -> None:
    found: list[str] = []
    for file in sorted(CONSOLE.rglob("*.py")):
        source, name = file.read_text("utf-8"), str(file.relative_to(CONSOLE))
        if name not in MAY_CALL_THE_WORLD:
            found += [f"{name}:{line} execute" for line in strangers(source, "execute", OTHER_RECEIVERS)]
        if name != "service.py":
            found += [f"{name}:{line} desk.request" for line in _requests_of_desk(source)]
    assert found == []


def _requests_of_desk(source: str) -> list[int]:
    return [
        node.lineno
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Attribute) and node.attr == "request" and ast.unparse(node.value).endswith("desk")
    ]


@pytest.mark.parametrize(
    "planted", ["seat.world.execute(command, 'li')", "w = seat.world\nw.execute(1)", "do = self._world.execute"]
)
def test_whoever_went_round_would_be_found(planted: str) -> None:
    assert strangers(planted, "execute", OTHER_RECEIVERS)
    assert _requests_of_desk("seat.desk.request(1)")
    assert not strangers("seat.service.execute(command, who)", "execute", OTHER_RECEIVERS)


def test_a_token_is_no_second_person(service: Service, world: World) -> None:
    token = Principal(name="chen", role="supervisor", kind="token", via="t1")
    outcome = service.execute(ApprovePlan(approval_id="approval-1"), token)
    assert (outcome.ok, outcome.permitted) == (False, False)
    assert outcome.refusal is not None
    assert "token" in outcome.refusal.en
    assert "令牌" in outcome.refusal.zh
    assert accesses(world)[-1].event.what == "ApprovePlan"
    assert service.may(person("chen"), ApprovePlan)
    assert service.may(token, LogNote)


def test_a_query_nobody_named_is_refused(service: Service) -> None:
    query: Any = "read_minds"
    asked: Query = query
    with pytest.raises(NotPermittedError):
        service.ask(asked, person("chen"))
