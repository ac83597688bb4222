"""Moves of the isolation board: ordered once and in time, on record, taken back; what islands report at the opening."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from console.actions import handle, moving
from console.commands import OrderMove, WithdrawMove
from console.panels.isolation_moves import move_key
from console.seat import Seat
from console.studies import StudyDesk
from console.world import World
from data.counts import IslandCount
from data.geography import Region
from data.isolation import IsolationReport, Move
from data.journal.events import IslandsReported
from data.journal.interface import Entry
from data.scenario import read_scenario
from data.text import Text
from tests.console.panels import cutoff_samples
from tests.console.seat_samples import FakeDesk, happened, toasts


@pytest.fixture
def world(zhoushan: Region, tmp_path: Path) -> Iterator[World]:
    story = read_scenario("quiet-night", zhoushan)
    count = IslandCount(
        island_id="miaozihu", kind="visitors", number=412, at=story.start_at, source="desk", confidence="counted"
    )
    opened = World.open(tmp_path, zhoushan, None, msgspec.structs.replace(story, counts=(count,)))
    yield opened
    opened.close()


@pytest.fixture
def seat(world: World, monkeypatch: pytest.MonkeyPatch) -> Seat:
    """A seat that is shown one move, due an hour from now."""
    made = Seat(world, FakeDesk(world), language="en")
    made.said = []
    made.send = made.said.append
    report = cutoff_samples.isolation_report(world.region)
    due = world.now + timedelta(hours=1)
    moves = tuple(msgspec.structs.replace(one, latest_start_at=due) for one in report.moves)
    made.report = msgspec.structs.replace(report, moves=moves)
    monkeypatch.setattr(moving, "isolation_report", lambda _: made.report)
    return made


def shown(seat: Any) -> Move:
    """Return the move on top of the list."""
    report: IsolationReport = seat.report
    return report.moves[0]


def test_a_move_is_ordered_on_record_and_once(seat: Seat, world: World) -> None:
    move = shown(seat)
    handle(seat, world, {"act": "order-move", "id": move.id})
    assert "Move ordered" in happened(world)[-1]
    assert move.island_name.en in happened(world)[-1]
    done = world.picture.moves[move_key(move)]
    assert (done.by, done.before_at, done.island_id) == (seat.actor, move.latest_start_at, move.island_id)
    toast = next(one for one in seat.said if one["type"] == "toast")
    assert (toast["kind"], toast["undo"]) == ("done", move_key(move))
    before = happened(world)
    handle(seat, world, {"act": "order-move", "id": move.id})
    assert happened(world) == before
    assert "already ordered" in toasts(seat)[-1]


def test_it_is_taken_back_by_its_row_and_by_undo(seat: Seat, world: World) -> None:
    move = shown(seat)
    for act in ("withdraw-move", "undo"):
        handle(seat, world, {"act": "order-move", "id": move.id})
        handle(seat, world, {"act": act, "id": move_key(move)})
        assert world.picture.moves == {}
        assert "Move withdrawn" in happened(world)[-1]


def test_a_move_that_is_no_longer_on_the_list_is_not_ordered_blindly(seat: Seat, world: World) -> None:
    before = happened(world)
    handle(seat, world, {"act": "order-move", "id": "m-old"})
    assert happened(world) == before
    assert "The list has just changed" in toasts(seat)[-1]
    seat.report = None  # type: ignore[attr-defined]
    handle(seat, world, {"act": "order-move", "id": "m1"})
    assert happened(world) == before


def test_a_move_too_late_or_nowhere_is_refused_in_words(world: World) -> None:
    late = OrderMove(
        move_id="m", island_id="miaozihu", text=Text("游客", "visitors"), before_at=world.now - timedelta(minutes=1)
    )
    refusal = world.execute(late, "a").refusal
    assert refusal is not None
    assert "last safe start has passed" in refusal.en
    soon = world.now + timedelta(hours=1)
    nowhere = world.execute(msgspec.structs.replace(late, island_id="atlantis", before_at=soon), "a").refusal
    assert nowhere is not None
    assert "no island 'atlantis'" in nowhere.en
    silent = world.execute(msgspec.structs.replace(late, text=Text("", ""), before_at=soon), "a").refusal
    assert silent is not None
    assert not world.execute(WithdrawMove(move_id="never"), "a").ok


def test_nothing_is_ordered_in_a_replay(seat: Seat, world: World) -> None:
    handle(seat, world, {"act": "replay-seek", "value": world.now.timestamp() * 1000 - 1000})
    handle(seat, world, {"act": "order-move", "id": shown(seat).id})
    assert world.picture.moves == {}


def test_what_a_scenario_counts_reaches_the_picture_and_its_situations(world: World) -> None:
    situation = world.picture.situation(world.now)
    assert [(one.island_id, one.kind, one.number) for one in situation.counts] == [("miaozihu", "visitors", 412)]


def test_a_newer_count_takes_the_place_of_the_older(world: World) -> None:
    now = world.now
    newer = IslandCount(island_id="miaozihu", kind="visitors", number=300, at=now, source="pier", confidence="counted")
    reported = IslandsReported(counts=(newer,), relief_at={"miaozihu": now})
    world.journal.append(
        [Entry(stream="islands", event=reported)],
        command_id="c1",
        actor="pier",
        world_at=now,
        recorded_at=now,
    )
    world.catch_up()
    situation = world.picture.situation(now)
    assert [one.number for one in situation.counts] == [300]
    assert situation.relief_at == {"miaozihu": now}
    assert "Islands report (1): 1 counts" in world.picture.log[-1].text.en


def test_asking_anew_takes_along_what_stands_beside_it(
    seat: Seat, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(StudyDesk, "ask_anew", lambda _, name: asked.append(name))
    before = seat.studies_seen
    handle(seat, world, {"act": "study-anew", "value": "evacuation"})
    assert asked == ["evacuation", "robust"]
    assert seat.studies_seen > before, "the page looks again at once"
    handle(seat, world, {"act": "study-anew", "value": "nonsense"})
    assert "nonsense" in toasts(seat)[-1]
