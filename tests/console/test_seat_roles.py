"""What each role may press at a seat, and the second person at two of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from console.actions import ACTIONS, handle
from console.actions.looking import DRAWERS
from console.actions.registry import NEEDS, OWN_VIEW, enough
from console.commands import ProposePlan, RaiseAlarms
from console.decide.access import ACCESS_STREAM
from console.html_view import ViewSet
from console.page_views import VIEWS, passing
from console.permits import may
from console.seat import Seat
from console.world import World
from data.geography import Region
from data.journal.events import AlarmRaised
from data.roles import ROLES, Role
from data.scenario import read_scenario
from data.text import Text
from tests.console.seat_samples import Roster, seat_of, toasts
from tests.console.world_samples import open_world, sample_plan


@pytest.fixture
def world(zhoushan: Region, tmp_path: Path) -> Iterator[World]:
    opened = World.open(tmp_path, zhoushan, None, read_scenario("quiet-night", zhoushan))
    yield opened
    opened.close()


def live_acts(seat: Seat) -> set[str]:
    """Return the acts of every control of the page that can be pressed."""
    html = "".join(ViewSet(seat, VIEWS).everything().values())
    tags = re.findall(r"<\w+ [^<>]*data-act=[^<>]*>", html)
    return {re.search(r'data-act="([^"]+)"', one)[1] for one in tags if " disabled" not in one}  # type: ignore[index]


ORDERS = {name for name, needs in NEEDS.items() if needs not in (OWN_VIEW, "replay")}


def test_a_viewer_sees_every_region_and_no_live_order(world: World) -> None:
    viewer = seat_of(world, Roster({"wang": "viewer"}), "wang")
    officer = seat_of(world, Roster({"li": "dispatcher"}), "li")
    alarm = AlarmRaised(
        alarm_id="a1", priority=1, cause=Text("雾", "fog"), action=Text("看", "look"), deadline_at=None, subject_id="x"
    )
    world.execute(RaiseAlarms(raised=(alarm,), cleared_ids=()), "console")
    viewer.selected_unit_id = officer.selected_unit_id = next(iter(world.picture.units))
    assert live_acts(viewer) & ORDERS == set()
    assert {"new-incident", "plan", "ack-alarm", "status", "incident-status"} <= live_acts(officer)
    html = ViewSet(viewer, VIEWS).everything()
    assert all(html[view.root] for view in VIEWS if view.root not in ("drawer", "main", "side"))
    assert 'title="A viewer may not enter incidents. Ask a dispatcher or supervisor."' in html["queue"]
    viewer.language = "zh"
    assert "观看员不能录入警情。可由调度员、指挥长操作。" in ViewSet(viewer, VIEWS).everything()["queue"]


@pytest.mark.parametrize("role", [role for role in ROLES if role != "supervisor"])
def test_each_act_is_refused_to_whom_its_permit_is_not_given(world: World, role: Role) -> None:
    for name in sorted(ACTIONS):
        seat = seat_of(world, Roster({name: role}), name)
        needed = enough(seat, NEEDS[name])
        handle(seat, world, {"act": name, "id": "nobody", "value": "1", "lon": "1", "lat": "1", "type": "affray"})
        refusals = [words for words in toasts(seat) if "may not" in words or "Nobody may" in words]
        assert bool(refusals) is not may(role, needed, world.mode), name
        if refusals:
            assert not seat.desk.asked
            assert (world.picture.log[-1].stream, world.picture.log[-1].actor) == (ACCESS_STREAM, name)


@pytest.mark.parametrize("drawer", sorted(DRAWERS))
def test_each_drawer_opens_to_whom_it_is_given(world: World, drawer: str) -> None:
    opened = set()
    for role in ROLES:
        seat = seat_of(world, Roster({"x": role}), "x")
        seat.drawer = "help" if drawer != "help" else ""
        handle(seat, world, {"act": "drawer", "value": drawer})
        if seat.drawer == drawer:
            opened.add(role)
    expected = {
        "": set(ROLES),
        "help": set(ROLES),
        "account": set(ROLES),
        "nearest": set(ROLES),
        "seats": set(ROLES),
        "log": set(ROLES) - {"viewer"},
        "new-incident": {"dispatcher", "supervisor"},
        "change": {"dispatcher", "planner", "supervisor"},
        "reject": {"dispatcher", "planner", "supervisor"},
        "scenarios": {"planner", "supervisor"},
    }
    assert opened == expected[drawer]


def test_another_role_holds_from_the_next_press_on(world: World) -> None:
    roster = Roster({"li": "dispatcher"})
    seat = seat_of(world, roster, "li")
    handle(seat, world, {"act": "command", "value": "/log as a dispatcher"})
    roster.roles["li"] = "viewer"
    handle(seat, world, {"act": "command", "value": "/log as a viewer"})
    assert passing(seat)[-2] == "viewer"
    assert live_acts(seat) & ORDERS == set()
    del roster.roles["li"]
    handle(seat, world, {"act": "theme"})
    assert seat.theme == "dark", "nothing is done for a login that has ended"
    handle(seat, world, {"act": "command", "value": "/log as nobody"})
    written = [line.text.en for line in world.picture.log if line.text.en.startswith("as ")]
    assert written == ["as a dispatcher"]
    assert "ended" in toasts(seat)[-1]


def test_a_log_is_noted_once_an_opening_and_a_replay_once(world: World) -> None:
    seat = seat_of(world, Roster({"li": "analyst"}), "li")

    def noted() -> list[str]:
        return [line.subject_ids[0] for line in world.picture.log if line.stream == ACCESS_STREAM]

    handle(seat, world, {"act": "drawer", "value": "log"})
    assert noted() == ["see_log"]
    start = world.start_at.timestamp() * 1000
    for step in range(5):
        handle(seat, world, {"act": "replay-seek", "value": start + step})
    assert noted() == ["see_log", "replay"]


def test_the_log_shows_each_role_its_part(world: World) -> None:
    roster = Roster({"li": "dispatcher", "zhao": "admin", "chen": "supervisor"})
    dispatcher, admin, supervisor = (seat_of(world, roster, name) for name in roster.roles)
    handle(dispatcher, world, {"act": "command", "value": "/log tide turns"})
    handle(admin, world, {"act": "new-incident"})
    for seat, tide, refusal in ((dispatcher, True, False), (admin, False, True), (supervisor, True, True)):
        handle(seat, world, {"act": "drawer", "value": "log"})
        html = ViewSet(seat, VIEWS).everything()["drawer"]
        assert ("tide turns" in html) is tide
        assert ("Refused: enter incidents" in html) is refusal


def test_the_same_press_sent_again_is_done_once(world: World) -> None:
    seat = seat_of(world, Roster({"li": "dispatcher"}), "li")
    press = {"act": "command", "value": "/log once", "command_id": "0123456789abcdef"}
    handle(seat, world, press)
    handle(seat, world, press)
    assert [line.text.en for line in world.picture.log].count("once") == 1


# ---- the second person, at two seats ----


@pytest.fixture
def sound_plans(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("console.decide.plans.check_plan", lambda *_: [])


@pytest.fixture
def sample(zhoushan: Region, tmp_path: Path) -> Iterator[World]:
    opened, _ = open_world(tmp_path / "sample", zhoushan)
    yield opened
    opened.close()


@pytest.mark.usefixtures("sound_plans")
def test_every_seat_sees_what_waits_and_only_another_one_may_agree(sample: World) -> None:
    world, roster = sample, Roster({"li": "dispatcher", "chen": "supervisor", "wang": "viewer"})
    asker, second, viewer = (seat_of(world, roster, name) for name in roster.roles)
    plan = sample_plan(world)
    world.execute(ProposePlan(plan=plan), "desk")
    for seat in (asker, second, viewer):
        seat.selected_incident_id = "i1"
    handle(asker, world, {"act": "accept", "id": plan.id, "irreversible": "true"})
    assert "second person" in toasts(asker)[-1]
    (approval_id,) = world.picture.approvals
    for seat in (asker, second, viewer):
        html = ViewSet(seat, VIEWS).everything()
        for region in ("alarms", "plan"):
            assert "Second person needed: li asks for 0614-001" in html[region]
            assert "1 craft, 16 persons" in html[region]
        assert seat.shown_plan == world.picture.approvals[approval_id].plan
    assert "approve" in live_acts(second)
    assert "approve" not in live_acts(asker) | live_acts(viewer)
    assert "refuse-approval" in live_acts(asker)
    assert "refuse-approval" not in live_acts(viewer)
    second.language = "zh"
    assert "待第二人同意：li 提出" in ViewSet(second, VIEWS).everything()["alarms"]
    forged = {
        "act": "approve",
        "id": approval_id,
        "actor": "chen",
        "principal": "chen",
        "asked_by": "x",
        "name": "chen",
    }
    handle(asker, world, forged)
    assert "somebody else" in toasts(asker)[-1]
    handle(viewer, world, forged)
    assert "may not" in toasts(viewer)[-1]
    assert world.picture.orders == {}
    handle(second, world, {"act": "approve", "id": approval_id})
    assert len(world.picture.orders) == 3
    assert world.picture.accepted_by[plan.id] == "chen"
    assert "approve" not in live_acts(second)
    assert "undo" not in live_acts(asker)


@pytest.mark.usefixtures("sound_plans")
def test_who_asked_takes_it_back_and_nothing_was_sent(sample: World) -> None:
    world, roster = sample, Roster({"li": "dispatcher"})
    seat = seat_of(world, roster, "li")
    seat.selected_incident_id = "i1"
    world.execute(ProposePlan(plan=sample_plan(world)), "desk")
    handle(seat, world, {"act": "accept", "id": "plan-1", "irreversible": "true"})
    (approval_id,) = world.picture.approvals
    assert ">Withdraw<" in ViewSet(seat, VIEWS).everything()["plan"]
    handle(seat, world, {"act": "refuse-approval", "id": approval_id})
    assert seat.approval is None
    assert world.picture.orders == {}
    assert "plan" in live_acts(seat)
