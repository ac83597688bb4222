"""Call-out, acknowledgement and losses of a local team: typed, decided, on record, and counted by the hold."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from console.command_line import read_command
from console.command_words import NotUnderstoodError, build_vocabulary
from console.commands import ReportLocalTeam
from console.team_line import TeamReport
from console.world import World
from data.geography import Region
from data.journal.wording import Named, say_event
from data.scenario import read_scenario
from routing.hold.people import island_people

TEAM = "miaozihu-clinic"


@pytest.fixture
def world(zhoushan: Region, tmp_path: Path) -> Iterator[World]:
    opened = World.open(tmp_path, zhoushan, None, read_scenario("may-swell-miaozihu", zhoushan), speed=0.0)
    yield opened
    opened.close()


def report(world: World, **given: Any) -> Any:
    return world.execute(ReportLocalTeam(team_id=TEAM, **given), "duty officer")


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("/team miaozihu clinic called", TeamReport(team_id=TEAM, status="called")),
        ("/队伍 庙子湖卫生院 应答 2", TeamReport(team_id=TEAM, status="acknowledged", acknowledged=2)),
        ("/team miaozihu-clinic on", TeamReport(team_id=TEAM, status="on_task")),
        ("/team 庙子湖卫生院 减员 1 中暑 送医", TeamReport(team_id=TEAM, lost=1, reason="中暑 送医")),
    ],
)
def test_line_is_read(world: World, line: str, wanted: TeamReport) -> None:
    assert read_command(line, build_vocabulary(world.picture, world.region)) == wanted


@pytest.mark.parametrize(
    "line",
    [
        "/team",
        "/team atlantis called",
        "/team miaozihu clinic",
        "/team miaozihu clinic lost 1",
        "/team 庙子湖卫生院 睡觉",
    ],
)
def test_line_that_cannot_be_read_says_why(world: World, line: str) -> None:
    with pytest.raises(NotUnderstoodError):
        read_command(line, build_vocabulary(world.picture, world.region))


def test_call_answer_and_loss_are_on_record_and_counted(world: World) -> None:
    assert report(world, status="called").ok
    called = world.picture.local_teams[TEAM]
    assert (called.status, called.called_at, called.acknowledged) == ("called", world.now, 0)
    assert called.ready_at == world.now + timedelta(minutes=called.team.notice_min)
    assert report(world, status="acknowledged", acknowledged=2).ok
    outcome = report(world, lost=1, reason="heat")
    line, subjects = say_event(outcome.events[-1].event, Named({}, {}, {}, {}))
    assert line.en == "Miaozihu clinic: acknowledged, 2 of 2 answered, 1 lost"
    assert subjects == (TEAM, "miaozihu")
    state = world.picture.local_teams[TEAM]
    assert (state.people, state.lost, state.acknowledged) == (2, 1, 2)
    counted = island_people(world.picture.situation(world.now), world.region, "miaozihu").teams
    assert next(one for one in counted if one.team.id == TEAM).people == 2


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"status": "acknowledged", "acknowledged": 9}, "is not 0 to 3"),
        ({"lost": 9, "reason": "heat"}, "is not 1 to 3"),
        ({"lost": 1}, "Give the reason"),
        ({}, "Say what became"),
    ],
)
def test_report_that_cannot_be_meant_is_refused(world: World, given: dict[str, Any], told: str) -> None:
    outcome = report(world, **given)
    assert not outcome.ok
    assert told in outcome.refusal.en
    assert TEAM not in world.picture.local_teams


def test_unknown_team_is_refused_with_near_ones(world: World) -> None:
    outcome = world.execute(ReportLocalTeam(team_id="miaozihu-clinics", status="called"), "duty officer")
    assert "Did you mean miaozihu-clinic" in outcome.refusal.en
