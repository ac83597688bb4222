"""Acts of a seat against a real world: what they record, what they refuse, what a replay forbids."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, get_args

import pytest

from console.actions import ACTIONS, handle
from console.actions.deciding import read_demand
from console.causes import EVENT_CAUSES, EVERYTHING
from console.html_view import HtmlView, ViewSet
from console.outlooks import Outlooks
from console.page import replay_step
from console.page_views import VIEWS
from console.panels.queue import queue_rows
from console.seat import Seat
from console.startup import ScenarioRow
from console.world import World
from data.geography import Region
from data.journal.events import Event
from data.scenario import read_scenario
from tests.console.seat_samples import FakeDesk, happened, toasts


@pytest.fixture
def world(zhoushan: Region, tmp_path: Path) -> Iterator[World]:
    opened = World.open(tmp_path, zhoushan, None, read_scenario("quiet-night", zhoushan))
    yield opened
    opened.close()


@pytest.fixture
def seat(world: World) -> Seat:
    made = Seat(world, FakeDesk(world), language="en")
    made.outlooks, made.scenarios = Outlooks(world), ()
    made.said = []
    made.send = made.said.append
    return made


def first_incident(world: World) -> str:
    return next(iter(world.picture.incidents))


def test_an_unknown_act_is_a_line_at_the_seat(seat: Seat, world: World) -> None:
    handle(seat, world, {"act": "<script>"})
    handle(seat, world, {})
    assert len(toasts(seat)) == 2
    assert "no action" in toasts(seat)[0]


@pytest.mark.parametrize("name", sorted(ACTIONS))
def test_an_act_without_its_fields_never_raises(seat: Seat, world: World, name: str) -> None:
    before = happened(world)
    handle(seat, world, {"act": name})
    handle(seat, world, {"act": name, "id": "nobody", "value": "nonsense", "type": "none", "lon": "x", "lat": "y"})
    assert happened(world) == before, "nothing is recorded from nonsense"


def test_an_incident_is_reported_from_the_form_and_selected(seat: Seat, world: World) -> None:
    case_type = next(iter(world.region.case_types))
    seat.drawer = "new-incident"
    handle(seat, world, {"act": "report", "type": case_type, "place": "Miaozihu", "priority": "", "demand": "6/20"})
    assert seat.incident is not None
    assert [echelon.persons for echelon in seat.incident.echelons] == [6, 20]
    assert seat.drawer == ""


def test_an_incident_at_sea_is_refused_and_the_form_stays(seat: Seat, world: World) -> None:
    before = world.picture.seq
    seat.drawer = "new-incident"
    case_type = next(iter(world.region.case_types))
    handle(seat, world, {"act": "report", "type": case_type, "lon": "122.6", "lat": "29.9"})
    assert world.picture.seq == before
    assert seat.drawer == "new-incident"
    assert toasts(seat)


def test_a_demand_must_rise(world: World) -> None:
    case_type = next(iter(world.region.case_types))
    assert read_demand("", world, case_type) is None
    with pytest.raises(ValueError, match="must rise"):
        read_demand("12/12", world, case_type)


def test_a_tap_gives_the_form_its_place_only_when_asked(seat: Seat, world: World) -> None:
    tap = {"act": "map-click", "lon": 122.3, "lat": 30.01}
    handle(seat, world, tap)
    assert seat.draft == {}
    handle(seat, world, {"act": "new-incident"})
    handle(seat, world, {"act": "pick-on-map"})
    handle(seat, world, tap)
    assert seat.draft["lon"] == "122.30000"
    assert not seat.picking


def test_a_seat_opens_on_the_first_of_the_queue(seat: Seat, world: World) -> None:
    assert seat.incident == queue_rows(world.picture)[0]
    other = queue_rows(world.picture)[1].id
    assert Seat(world, selected_incident_id=other).selected_incident_id == other
    assert Seat(world, selected_incident_id="gone").incident == queue_rows(world.picture)[0]


def test_a_replay_plays_from_the_start_is_held_and_comes_back(seat: Seat, world: World) -> None:
    handle(seat, world, {"act": "replay-play"})
    assert seat.playing
    assert seat.replay_at == world.picture.start_at
    handle(seat, world, {"act": "replay-play"})
    assert not seat.playing
    assert seat.replay_at == world.picture.start_at
    handle(seat, world, {"act": "replay-play"})
    handle(seat, world, {"act": "replay-live"})
    assert (seat.playing, seat.replay_at) == (False, None)


def test_a_playing_replay_goes_five_minutes_a_step_and_ends_at_the_present(world: World) -> None:
    now = world.now
    assert replay_step(now - timedelta(minutes=9), now) == now - timedelta(minutes=4)
    assert replay_step(now - timedelta(minutes=4), now) is None


def test_planning_asks_the_desk_with_the_forbidden_units(seat: Seat, world: World) -> None:
    incident_id, unit_id = first_incident(world), next(iter(world.picture.units))
    seat.selected_incident_id = None
    handle(seat, world, {"act": "plan"})
    assert toasts(seat) == ["Select an incident first."]
    handle(seat, world, {"act": "select-incident", "id": incident_id})
    handle(seat, world, {"act": "forbid", "id": unit_id})
    handle(seat, world, {"act": "plan"})
    assert seat.desk.asked[0]["incident_ids"] == (incident_id,)
    assert set(seat.desk.asked[0]["forbidden"]) == {unit_id}
    handle(seat, world, {"act": "allow", "id": unit_id})
    handle(seat, world, {"act": "plan"})
    assert not seat.desk.asked[1]["forbidden"]


def test_nothing_is_ordered_in_a_replay(seat: Seat, world: World) -> None:
    incident_id = first_incident(world)
    handle(seat, world, {"act": "select-incident", "id": incident_id})
    handle(seat, world, {"act": "replay-seek", "value": world.now.timestamp() * 1000 - 1000})
    before = happened(world)
    for act in ("plan", "accept", "new-incident", "incident-status", "clock-speed", "scenario-run", "status"):
        handle(seat, world, {"act": act, "id": incident_id, "value": "closed"})
    handle(seat, world, {"act": "command", "value": "/log hello"})
    assert happened(world) == before
    assert not seat.desk.asked
    assert len([words for words in toasts(seat) if "replay" in words]) == 8
    handle(seat, world, {"act": "replay-live"})
    assert seat.can_act


def test_a_replay_stays_within_the_journal(seat: Seat, world: World) -> None:
    handle(seat, world, {"act": "replay-seek", "value": 0})
    assert seat.replay_at == world.picture.start_at
    handle(seat, world, {"act": "replay-seek", "value": 9e12})
    assert seat.replay_at is not None
    assert seat.replay_at <= world.clock.now()


def test_a_typed_line_does_what_the_buttons_do(seat: Seat, world: World) -> None:
    handle(seat, world, {"act": "command", "value": "/log tide turns"})
    assert "tide turns" in world.picture.log[-1].text.en
    assert {"type": "command", "value": ""} in seat.said, "the line is cleared"
    handle(seat, world, {"act": "command", "value": "/goto nowhere at all"})
    assert len([message for message in seat.said if message["type"] == "command"]) == 1, "a refused line stays"
    handle(seat, world, {"act": "command-complete", "value": "/goto mia"})
    assert seat.completion.startswith("/goto Miaozihu")


def test_language_and_theme_turn_over(seat: Seat, world: World) -> None:
    handle(seat, world, {"act": "language"})
    handle(seat, world, {"act": "theme"})
    assert (seat.language, seat.theme) == ("zh", "light")
    assert seat.memory()["theme"] == "light"


def test_every_kind_of_event_says_what_it_changes() -> None:
    opening = {"WorldOpened", "ForcesMustered"}
    kinds = {kind.__name__ for kind in get_args(Event)} - opening
    assert kinds <= {kind.__name__ for kind in EVENT_CAUSES}, "an unknown kind draws everything again"
    named = frozenset().union(*EVENT_CAUSES.values())
    assert named <= EVERYTHING
    watched = frozenset().union(*(view.watches for view in VIEWS))
    assert named <= watched, "a change that no region watches"


def test_every_region_is_made_in_both_languages_and_every_drawer(seat: Seat, world: World) -> None:
    seat.scenarios = (ScenarioRow(id="x", title=world.picture.title, summary=world.picture.title),)
    seat.selected_incident_id = first_incident(world)
    for language in ("zh", "en"):
        seat.language = language
        for drawer in ("", "new-incident", "scenarios", "help", "log", "change", "reject"):
            seat.drawer = drawer
            for view in VIEWS:
                html = view.render(seat)
                assert isinstance(html, str)
                empty = view.root in ("main", "side") or (view.root == "drawer" and not drawer)
                assert bool(html) is not empty


def test_only_regions_that_changed_are_sent(seat: Seat) -> None:
    calls: list[str] = []

    def render(name: str) -> Any:
        return lambda one: calls.append(name) or f"<b>{name}{one.theme}</b>"

    views = ViewSet(
        seat,
        (
            HtmlView("a", render("a"), frozenset({"theme"})),
            HtmlView("b", render("b"), frozenset({"language"})),
        ),
    )
    assert set(views.everything()) == {"a", "b"}
    views.mark({"theme"})
    assert views.rendered() == {}, "drawn again but the same"
    assert calls == ["a", "b", "a"]
    seat.theme = "light"
    views.mark({"theme"})
    assert views.rendered() == {"a": "<b>alight</b>"}


def test_a_region_that_fails_leaves_the_others_alive(seat: Seat, caplog: pytest.LogCaptureFixture) -> None:
    def broken(one: Seat) -> str:
        raise RuntimeError("secret detail")

    views = ViewSet(
        seat,
        (HtmlView("a", broken, frozenset()), HtmlView("b", lambda one: "<b>fine</b>", frozenset())),
    )
    html = views.everything()
    assert html["b"] == "<b>fine</b>"
    assert "cannot be shown" in html["a"]
    assert "secret" not in html["a"]
