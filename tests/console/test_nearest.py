"""The list of nearest units at a seat: asked by key, worked out apart, with its moment, honest while it is made."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from console import nearest as room
from console.actions import handle
from console.html_view import ViewSet
from console.nearest import NearestDesk, nearest_desk
from console.outlooks import Outlooks
from console.page_views import VIEWS
from console.seat import Seat
from console.world import World
from data.errors import OutsideForecastError
from data.geography import Region
from data.scenario import read_scenario
from routing.network.network import Network
from tests.console.seat_samples import FakeDesk


@pytest.fixture
def world(
    zhoushan: Region, zhoushan_network: Network, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> Iterator[World]:  # fmt: skip
    assert request.config.cache is not None
    monkeypatch.setenv("TONGZHOU_CACHE", str(request.config.cache.mkdir("networks")))
    opened = World.open(tmp_path, zhoushan, zhoushan_network, read_scenario("june-major-case", zhoushan))
    yield opened
    opened.close()


@pytest.fixture
def seat(world: World) -> Seat:
    made = Seat(world, FakeDesk(world), language="en")
    made.outlooks, made.scenarios = Outlooks(world), ()
    return made


def _drawer(seat: Seat) -> str:
    return ViewSet(seat, VIEWS).everything()["drawer"]


def _wait(world: World, seat: Seat) -> None:
    """Wait for the list that the drawer has asked for."""
    nearest_desk(world).look(world, seat.picture, seat.selected_incident_id or "", seat.now, None)


def test_the_drawer_says_it_is_working_then_lists_the_nearest(world: World, seat: Seat) -> None:
    handle(seat, world, {"act": "drawer", "value": "nearest"})
    first = _drawer(seat)
    assert "Working it out" in first
    assert "progress" in first
    _wait(world, seat)
    listed = _drawer(seat)
    assert "progress" not in listed
    for words in ("Dongji police 1", "own patch", "by sea Assault boat 05", "as of 09:00", "forecast of 08:00"):
        assert words in listed
    assert listed.index("Dongji police 1") < listed.index("Qingbang volunteers")


def test_a_newer_list_replaces_the_old_one_which_stays_until_then(
    world: World, seat: Seat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "ANEW_EVERY_S", 0.0)
    desk, incident_id = NearestDesk(), seat.selected_incident_id or ""
    told: list[int] = []
    first, working = desk.look(world, seat.picture, incident_id, seat.now, None)
    assert first is not None
    assert not working
    later = seat.now + timedelta(minutes=2)
    old, working = desk.look(world, seat.picture, incident_id, later, lambda: told.append(1))
    assert (old, working) == (first, True)
    new, _ = desk.look(world, seat.picture, incident_id, later, None)
    assert new is not None
    assert new.at == later


def test_within_seconds_the_same_list_is_shown_again(world: World, seat: Seat) -> None:
    desk, incident_id = NearestDesk(), seat.selected_incident_id or ""
    first, _ = desk.look(world, seat.picture, incident_id, seat.now, None)
    again, working = desk.look(world, seat.picture, incident_id, seat.now + timedelta(minutes=5), None)
    assert again is first
    assert not working


@pytest.mark.parametrize(
    ("error", "words"), [(OutsideForecastError("no hour of it"), "no hour of it"), (ZeroDivisionError(), "in the log")]
)
def test_what_fails_is_said_in_the_drawer(
    world: World, seat: Seat, monkeypatch: pytest.MonkeyPatch, error: Exception, words: str
) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(room, "find_nearest", fail)
    seat.drawer = "nearest"
    _wait(world, seat)
    assert words in _drawer(seat)


def test_without_an_incident_it_asks_for_one(world: World, seat: Seat) -> None:
    seat.param.update(drawer="nearest", selected_incident_id=None)
    assert "Choose an incident" in _drawer(seat)
    assert nearest_desk(world) is nearest_desk(world)
