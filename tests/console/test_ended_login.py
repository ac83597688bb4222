"""A browser that still has the cookie of a login that is over is told so; a stranger is not."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from data.accounts.records import AccountsUnreachableError
from tests.console.door_server import Door, served_door

ENDED = "This login has ended"


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    with served_door(tmp_path) as door:
        yield door


def test_a_login_ended_is_told_in_both_languages_with_what_to_do(door: Door) -> None:
    seat = door.enter()
    assert ENDED not in seat.client.get("/").text
    login = door.logins.find(seat.client.cookies[door.cookie_name], time.time())
    assert login is not None
    door.in_loop(lambda: door.logins.revoke(login))
    answer = seat.client.get("/")
    assert answer.status_code == 401
    for words in (
        ENDED,
        "登录已结束",
        "Log in again",
        "请重新登录",
        "Press Enter",
        "Nothing pressed after that was done",
    ):
        assert words in answer.text
    assert seat.client.get("/assets/symbols.js").status_code == 401, "by this the page knows that it is over"
    assert "urn:tongzhou:problem:not-logged-in" in seat.client.get("/api/v1/picture").text


def test_a_stranger_and_somebody_who_left_are_not_told_that_anything_ended(door: Door) -> None:
    assert ENDED not in httpx.get(door.origin).text
    seat = door.enter()
    assert seat.client.post("/leave", headers={"Origin": door.origin}).status_code == 200
    assert ENDED not in seat.client.get("/").text


def test_with_accounts_alone_one_reads_why_before_the_login_form(tmp_path: Path) -> None:
    with served_door(tmp_path, links=False) as door:
        answer = httpx.get(door.origin, headers={"Cookie": f"{door.cookie_name}=over"})
        assert ENDED in answer.text
        assert not re.search("http-equiv=.refresh", answer.text), "the page must stay to be read"
        assert "Press Enter" not in answer.text


def test_while_the_accounts_do_not_answer_nobody_is_told_that_a_login_ended(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise AccountsUnreachableError("away")

    monkeypatch.setattr(door.logins.accounts.logins, "by_secret_hash", away)
    monkeypatch.setattr(door.logins.accounts.logins, "all", away)
    answer = httpx.get(door.origin, headers={"Cookie": f"{door.cookie_name}=of-another-console-perhaps"})
    assert answer.status_code == 401
    assert ENDED not in answer.text
