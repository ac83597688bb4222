"""Who is on: told to every console on the store, an incident held by who selected it first."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from console.panels.figures import DOT
from console.panels.presence import holders_words, seats_button, seats_html
from console.panels.queue import queue_html
from console.presence import Presence, holders_of
from console.seat import Seat
from console.world import World
from data.geography import Region
from data.journal.shared import SeatSeen
from data.roles import Principal, Role
from tests.console.world_samples import START, open_world


@pytest.fixture
def world(tmp_path: Path, zhoushan: Region) -> Iterator[World]:
    world, _ = open_world(tmp_path, zhoushan)
    yield world
    world.close()


def seat_of(world: World, name: str, role: Role = "dispatcher") -> Seat:
    return Seat(world, principal=Principal(name=name, role=role))


def names(presence: Presence) -> list[str]:
    return [seat.name for seat in presence.seats]


def test_a_seat_is_on_while_its_browser_is_there(world: World) -> None:
    presence, connected, told = Presence(world), [True], []
    goes = presence.enter(seat_of(world, "wang"), lambda: connected[0], lambda: told.append("wang"))
    presence.tell()
    assert (names(presence), told) == (["wang"], ["wang"])
    presence.tell()
    assert told == ["wang"], "no news, nothing told"
    connected[0] = False
    presence.tell()
    assert names(presence) == []
    connected[0] = True
    presence.tell()
    goes()
    presence.tell()
    assert names(presence) == []


def test_the_first_to_select_an_incident_holds_it(world: World) -> None:
    presence = Presence(world)
    wang, chen = seat_of(world, "wang"), seat_of(world, "chen")
    for seat in (wang, chen):
        seat.selected_incident_id = None
        presence.enter(seat, lambda: True, lambda: None)
    presence.tell()
    chen.selected_incident_id = "i1"
    presence.tell()
    wang.selected_incident_id = "i1"
    presence.tell()
    assert [seat.name for seat in holders_of(presence.seats, "i1")] == ["chen", "wang"]
    assert holders_words(presence.seats, "i1", wang.seat_id, "en") == "held by chen"
    assert holders_words(presence.seats, "i1", chen.seat_id, "en") == "also at wang"
    assert holders_words(presence.seats, "i1", chen.seat_id, "zh") == "wang 也在看"
    chen.selected_incident_id = "i2"
    presence.tell()
    assert holders_words(presence.seats, "i1", wang.seat_id, "en") == ""
    assert holders_words(presence.seats, "i2", wang.seat_id, "en") == "held by chen"


def test_a_wall_screen_that_came_first_holds_nothing(world: World) -> None:
    presence = Presence(world)
    wall, chen, chief = seat_of(world, "wall", "viewer"), seat_of(world, "chen"), seat_of(world, "chief", "admin")
    for seat in (wall, chen, chief):
        seat.selected_incident_id = None
        presence.enter(seat, lambda: True, lambda: None)
    for seat in (wall, chief):
        seat.selected_incident_id = "i1"
        presence.tell()
    assert holders_words(presence.seats, "i1", chen.seat_id, "en") == "also at wall, chief"
    chen.selected_incident_id = "i1"
    presence.tell()
    assert holders_words(presence.seats, "i1", wall.seat_id, "en") == "held by chen, also at chief"
    assert holders_words(presence.seats, "i1", chen.seat_id, "en") == "also at wall, chief"


def test_a_row_names_the_holder_before_the_place_a_narrow_screen_cuts_off(world: World) -> None:
    incident = next(iter(world.picture.incidents.values()))
    other = SeatSeen(
        seat_id="x", name="li", role="dispatcher", console="west", incident_id=incident.id, since=START, seen_at=START
    )
    shown = queue_html(world.picture, world.region, START, None, "en", seats=(other,), own_seat_id="y")
    place = world.region.islands[incident.island_id].name.en
    assert f'title="held by li{DOT}{place}' in shown


def test_seats_of_other_consoles_are_shown_too(world: World) -> None:
    presence, told = Presence(world), []
    presence.enter(seat_of(world, "wang"), lambda: True, lambda: told.append(1))
    other = SeatSeen(
        seat_id="x", name="<b>li</b>", role="admin", console="west", incident_id="i1", since=START, seen_at=START
    )
    shared = world.store.shared
    shared.seats = lambda: (other,)  # type: ignore[method-assign]
    presence.tell()
    assert told == [1]
    shown = seats_html(presence.seats, world.picture.incidents, "y", START, "en")
    assert "west" in shown
    assert "0614-001 for 0 min" in shown
    assert "&lt;b&gt;li" in shown
    assert "<b>li" not in shown.replace("<b>&lt;b&gt;li", "")
    assert "Seats 1" in seats_button(presence.seats, "en")
