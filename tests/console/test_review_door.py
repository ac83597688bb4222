"""The door once more, by somebody who doubts it: other spellings of a session's name, and floods from one seat."""

from __future__ import annotations

import asyncio
import re
import time
import zlib
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any, cast

import httpx
import pytest
from argon2 import PasswordHasher
from bokeh.util.token import get_session_id
from websockets.exceptions import InvalidStatus

from console.api.rates import Rates
from console.auth import passwords
from console.auth.oidc import ANSWER_WITHIN_S, MOST_WAITING
from console.door import tokens
from console.door.limits import Limits
from console.html_view import ViewSet
from console.page import Page
from tests.console.door_server import Door, served_door, websocket

QUICK = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1)


@pytest.fixture(scope="module")
def door() -> Iterator[Door]:
    with served_door(None) as served:
        yield served


@pytest.mark.parametrize(
    "name", ["bokeh%5fsession%5fid", "%62okeh_session_id", "BOKEH_session%5Fid", "bokeh%2Dsession-id"]
)
def test_a_session_named_in_percent_signs_is_not_handed_over(door: Door, name: str) -> None:
    alice, bob = door.enter(), door.enter()
    session_id = get_session_id(alice.token())
    answer = bob.client.get(f"/?{name}={session_id}")
    assert answer.status_code == 403
    assert session_id not in answer.text


def test_pages_opened_without_end_by_one_seat_are_slowed(door: Door) -> None:
    flooding, other = door.enter(), door.enter()
    answers = [flooding.client.get("/") for _ in range(40)]
    assert {one.status_code for one in answers[:24]} == {200}, "all screens of one account may come back at once"
    assert answers[-1].status_code == 429
    assert int(answers[-1].headers["retry-after"]) >= 1
    assert other.client.get("/").status_code == 200
    assert flooding.client.get("/assets/none").status_code == 404, "only what is built for it is slowed"


def test_passwords_to_be_changed_are_counted_as_log_ins_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "hasher", lambda: QUICK)
    limits = Limits(logins=Rates(4.0, 0.01))
    with served_door(None, links=False, limits=limits) as door:
        word = "seven boats at dawn"
        people = door.logins.accounts.people
        people.add("ming", "viewer", QUICK.hash(word), by="test", at_s=time.time())
        client = httpx.Client(base_url=door.origin, headers={"Origin": door.origin})
        door.clients.append(client)

        def form(path: str) -> str:
            found = re.search(r'value="([0-9a-f]{64})"', client.get(path).text)
            assert found
            return found[1]

        client.post("/login", data={"form": form("/login"), "name": "ming", "password": word})
        fields = {
            "form": form("/password"),
            "old": word + "x",
            "fresh": "nine boats at noon",
            "again": "nine boats at noon",
        }
        answers = [client.post("/password", data=fields).status_code for _ in range(5)]
        assert answers == [401, 401, 401, 429, 429]


def test_strangers_cannot_push_out_the_ways_to_the_provider_that_are_under_way() -> None:
    limits, at_s = Limits(), 1000.0
    begun = 0
    while at_s < 1000.0 + ANSWER_WITHIN_S:
        begun += sum(limits.way_wait_s(f"192.0.2.{number}", at_s) == 0 for number in range(200))
        at_s += 5.0
    assert 200 < begun < MOST_WAITING
    fresh = Limits()
    assert sum(fresh.way_wait_s("192.0.2.1", 0.0) == 0 for _ in range(50)) == 20


def test_nothing_of_a_page_token_is_unpacked_before_its_signature_holds(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    unpacked: list[Any] = []

    def payload(token: str) -> dict[str, Any]:
        unpacked.append(token)
        raise zlib.error("a bomb")

    monkeypatch.setattr(tokens, "get_token_payload", payload)
    seat = door.enter()
    forged = seat.token()[:-4] + "AAAA"

    async def refused() -> None:
        with pytest.raises(InvalidStatus) as refusal:
            async with websocket(door, forged, seat.cookie):
                pass
        assert refusal.value.response.status_code == 403

    asyncio.run(refused())
    assert unpacked == []


def test_a_page_nobody_listens_to_draws_nothing() -> None:
    due: list[Any] = []
    page = object.__new__(Page)
    page.views, page._map_causes = ViewSet(cast(Any, None), ()), set()
    page._doc = cast(Any, SimpleNamespace(add_timeout_callback=lambda task, ms: due.append(task)))
    page._flush_due = page._closed = page._heard_ready = False
    page._changed({"units"})
    assert due == []
    assert page._map_causes == {"units"}, "it is drawn once the page listens"
    page._heard_ready = True
    page._changed({"units"})
    assert due == [page._flush_gathered]
