"""The desk of logins while its store is away, and what it never brings back."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from console.door.logins import LOOK_AGAIN_S, Login, LoginDesk
from data.accounts.records import AccountsUnreachableError, LoginRow
from data.roles import Principal


@pytest.fixture
def desk() -> Iterator[LoginDesk]:
    desk = LoginDesk()
    yield desk
    desk.close()


def opened(desk: LoginDesk, name: str = "wang", at_s: float = 0.0) -> tuple[Login, str]:
    account = desk.accounts.people.find(name) or desk.accounts.people.add(
        name, "dispatcher", "a hash", by="test", at_s=at_s
    )
    found = desk.open(account, at_s)
    assert found is not None
    return found


def away(*_: Any, **__: Any) -> Any:
    raise AccountsUnreachableError("the database does not answer")


def test_while_the_store_is_away_those_who_are_in_stay_in(desk: LoginDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    login, secret = opened(desk)
    monkeypatch.setattr(desk.accounts.logins, "all", away)
    monkeypatch.setattr(desk.accounts.logins, "by_secret_hash", away)
    assert asyncio.run(desk.sweep(100.0)) == 0
    assert asyncio.run(desk.seek(secret, 200.0)) is login
    assert desk.current(login.principal) == login.principal
    assert asyncio.run(desk.seek("made up", 200.0)) is None


def test_strangers_cannot_make_everybody_wait_for_a_store_that_is_away(
    desk: LoginDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = 0

    def counted(_: str) -> LoginRow | None:
        nonlocal asked
        asked += 1
        return away()

    monkeypatch.setattr(desk.accounts.logins, "all", away)
    monkeypatch.setattr(desk.accounts.logins, "by_secret_hash", counted)
    for _ in range(20):
        asyncio.run(desk.seek("made up", 100.0))
    assert asked <= 1


def test_a_login_left_while_the_store_is_away_ends_everywhere_once_it_is_back(
    desk: LoginDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    login, secret = opened(desk)
    with monkeypatch.context() as patch:
        patch.setattr(desk.accounts.logins, "end", away)
        asyncio.run(desk.revoke(login))
        assert desk.find(secret, 1.0) is None
    assert [row.key for row in desk.accounts.logins.all()] == [login.key]
    assert asyncio.run(desk.seek(secret, 1.0)) is None, "the store knows it still, this console does not"
    asyncio.run(desk.look_again(2.0))
    assert desk.accounts.logins.all() == ()


def test_a_reading_begun_before_an_end_brings_no_login_back(desk: LoginDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    login, secret = opened(desk)
    rows = desk.accounts.logins.all()
    monkeypatch.setattr(desk.accounts.logins, "all", lambda: rows)
    asyncio.run(desk.revoke(login))
    asyncio.run(desk.look_again(1.0))
    assert desk.find(secret, 1.0) is None


def test_a_reading_begun_before_a_login_does_not_end_it(desk: LoginDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    late: list[tuple[Login, str]] = []

    def while_somebody_logs_in() -> tuple[LoginRow, ...]:
        late.append(opened(desk))
        return ()

    monkeypatch.setattr(desk.accounts.logins, "all", while_somebody_logs_in)
    asyncio.run(desk.look_again(1.0))
    assert desk.find(late[0][1], 1.0) is late[0][0]


def test_what_this_console_knows_is_never_older_than_two_seconds(desk: LoginDesk) -> None:
    login, secret = opened(desk)
    asyncio.run(desk.look_again(1.0))
    desk.accounts.logins.end([login.key])
    assert asyncio.run(desk.seek(secret, 1.0 + LOOK_AGAIN_S)) is login
    assert asyncio.run(desk.seek(secret, 1.1 + LOOK_AGAIN_S)) is None


def test_the_console_itself_is_always_itself(desk: LoginDesk) -> None:
    simulator = Principal(name="simulator", role="supervisor", kind="console")
    assert desk.current(simulator) == simulator
    assert desk.current(Principal(name="x", role="viewer", via="never was")) is None
    assert desk.current(Principal(name="x", role="viewer", kind="token", via="0" * 12)) is None


def test_an_outage_of_the_accounts_is_said_once_and_its_end_once(
    desk: LoginDesk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with monkeypatch.context() as patch:
        for act in ("all", "by_secret_hash", "end"):
            patch.setattr(desk.accounts.logins, act, away)
        for number in range(1, 4):
            at_s = 100.0 * number
            login = Login(key=f"k{number}", secret_hash="x", actor="li", opened_at_s=at_s, seen_at_s=at_s)
            assert asyncio.run(desk.sweep(at_s)) == 0
            assert asyncio.run(desk.seek("made up", at_s + LOOK_AGAIN_S)) is None
            asyncio.run(desk.revoke(login))
            at_s += 2 * LOOK_AGAIN_S + 1
            assert asyncio.run(desk._ask(at_s, away)) is None
    said = [line.message.partition(":")[0] for line in caplog.records]
    assert sorted(said) == sorted(set(said)), "each of them once"
    assert set(said) == {
        "the logins of other consoles are not known",
        "a login could not be looked up",
        "a login ended here is not ended elsewhere yet",
    }
    caplog.clear()
    for at_s in (900.0, 901.0):
        asyncio.run(desk.sweep(at_s))
    assert [line.message for line in caplog.records] == ["the accounts answer again"]


def test_a_look_under_way_ends_before_the_accounts_are_closed(desk: LoginDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    reads, go_on, told = threading.Event(), threading.Event(), []
    every = desk.accounts.logins.all

    def slow() -> Any:
        reads.set()
        assert go_on.wait(20.0)
        told.append("read")
        return every()

    monkeypatch.setattr(desk.accounts.logins, "all", slow)

    async def ended() -> None:
        looking = asyncio.create_task(desk.sweep(1.0))
        assert await asyncio.to_thread(reads.wait, 20.0)
        looking.cancel()  # as a request whose browser is gone
        settling = asyncio.create_task(desk.settle())
        asyncio.get_running_loop().call_later(0.05, go_on.set)
        await settling
        told.append("settled")

    asyncio.run(ended())
    assert told == ["read", "settled"]


def test_what_a_seat_looks_at_goes_with_it_to_another_console(desk: LoginDesk) -> None:
    account = desk.accounts.people.add("chen", "dispatcher", "a hash", by="test", at_s=0.0)
    opened_here = desk.open(account, 0.0, {"language": "en"})
    assert opened_here is not None
    here, secret = opened_here
    other = LoginDesk(desk.accounts)
    there = asyncio.run(other.seek(secret, 1.0))
    assert there is not None
    assert there.memory == {"language": "en"}, "its first page may be built at either console"

    here.memory = {"language": "zh", "theme": "light"}
    asyncio.run(desk.look_again(2.0))
    asyncio.run(other.look_again(2.0))
    assert there.memory == {"language": "zh", "theme": "light"}

    there.memory = {"language": "en", "theme": "light"}
    other._add(here.row())
    assert there.memory == {"language": "en", "theme": "light"}, "newer than what the store said"
    asyncio.run(other.look_again(3.0))
    asyncio.run(desk.look_again(3.0))
    assert here.memory == {"language": "en", "theme": "light"}
