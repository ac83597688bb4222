"""Logging in by name and password, leaving, changing the password; and two consoles on one store."""

from __future__ import annotations

import asyncio
import re
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from argon2 import PasswordHasher, Type
from websockets.exceptions import ConnectionClosed, InvalidStatus

from console.api.rates import Rates
from console.auth import entry, passwords
from console.auth.notes import carry_changes
from console.door.limits import Limits
from data.accounts.people import FAILURES_ALLOWED, FIRST_LOCK_S
from data.roles import Role
from data.text import Text
from tests.console.door_server import Door, Seated, served_door, websocket

PASSWORD = "seven boats at dawn"
QUICK = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1)
HASH = QUICK.hash(PASSWORD)
HASHER_IN_USE = passwords.hasher  # before it is put aside for a quick one
PAGE = '"token":"'  # every page of the console hands out one


@pytest.fixture(scope="module", autouse=True)
def quick_hashes() -> Iterator[None]:
    """What is tested here is the way through the door, not how long a hash takes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "hasher", lambda: QUICK)
        patch.setattr(entry, "FAILURE_TICK_S", 0.01)
        passwords._nobodys_hash.cache_clear()
        yield
    passwords._nobodys_hash.cache_clear()


@pytest.fixture(scope="module")
def door() -> Iterator[Door]:
    with served_door(None, links=False) as served:
        yield served


def account(door: Door, name: str, role: Role = "dispatcher") -> str:
    door.logins.accounts.people.add(name, role, HASH, by="test", at_s=time.time())
    return name


def visitor(door: Door) -> httpx.Client:
    client = httpx.Client(base_url=door.origin, headers={"Origin": door.origin}, timeout=20)
    door.clients.append(client)
    return client


def form_of(client: httpx.Client, path: str = "/login") -> str:
    found = re.search(r'name="form" value="([0-9a-f]{64})"', client.get(path).text)
    assert found
    return found[1]


def log_in(client: httpx.Client, name: str, password: str = PASSWORD) -> httpx.Response:
    return client.post("/login", data={"form": form_of(client), "name": name, "password": password})


def seated(door: Door, name: str, role: Role = "dispatcher") -> Seated:
    client = visitor(door)
    assert log_in(client, account(door, name, role)).status_code == 303
    return Seated(door, client)


# ---- the form ----


def test_name_and_password_let_in(door: Door) -> None:
    client = visitor(door)
    answer = log_in(client, account(door, "wang"))
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert PAGE in client.get("/").text
    login = door.logins.find(client.cookies[door.cookie_name], time.time())
    assert login is not None
    assert (login.principal.name, login.principal.role, login.principal.kind) == ("wang", "dispatcher", "person")
    assert ("wang", "login", "wang", False) in door.notes


def test_a_seat_that_is_in_need_not_log_in_again(door: Door) -> None:
    seat = seated(door, "in-already")
    answer = seat.client.get("/login")
    assert (answer.status_code, answer.headers["location"]) == (303, "/")


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(door: Door) -> None:
    client = visitor(door)
    answer = log_in(client, account(door, "careful"))
    for written in answer.headers.get_list("set-cookie"):
        assert {"HttpOnly", "Path=/", "SameSite=strict"} <= set(written.split("; "))


def test_a_login_begins_with_a_new_secret(door: Door) -> None:
    """Session fixation: a cookie planted before is not the cookie of the login."""
    client = visitor(door)
    form, name = form_of(client), account(door, "fixed")
    planted = {
        "Cookie": f"{door.cookie_name}=planted; {door.cookie_name}_form={client.cookies[f'{door.cookie_name}_form']}"
    }
    answer = httpx.post(
        door.origin + "/login",
        data={"form": form, "name": name, "password": PASSWORD},
        headers={"Origin": door.origin, **planted},
    )
    assert answer.status_code == 303
    assert answer.cookies[door.cookie_name] != "planted"
    assert httpx.get(door.origin, headers=planted).status_code == 401


def test_logging_in_again_ends_the_login_before(door: Door) -> None:
    client = visitor(door)
    form = form_of(client)
    name = account(door, "twice")
    client.post("/login", data={"form": form, "name": name, "password": PASSWORD})
    before = client.cookies[door.cookie_name]
    secret = client.cookies.get(f"{door.cookie_name}_form")
    assert secret is None, "the form's cookie has served its turn"
    fresh = visitor(door)
    form = form_of(fresh)
    fresh.cookies.set(door.cookie_name, before)
    fresh.post("/login", data={"form": form, "name": name, "password": PASSWORD})
    assert httpx.get(door.origin, headers={"Cookie": f"{door.cookie_name}={before}"}).status_code == 401


@pytest.mark.parametrize(
    ("name", "password"),
    [("known", "not the password"), ("nobody-at-all", PASSWORD), ("", PASSWORD), ("known", ""), ("' OR 1=1 --", "x")],
)
def test_whatever_is_wrong_is_told_alike(door: Door, name: str, password: str) -> None:
    if door.logins.accounts.people.find("known") is None:
        account(door, "known")
    client = visitor(door)
    answer = log_in(client, name, password)
    assert answer.status_code == 401
    assert door.cookie_name not in client.cookies
    told = re.search(r'role="alert">(.*?)</p>', answer.text)
    assert told
    assert told[1].startswith("账号或密码不对")


def test_a_disabled_account_is_told_as_any_other_and_its_hash_is_not_looked_at(door: Door) -> None:
    account(door, "gone")
    door.logins.accounts.people.disable("gone", by="test", at_s=1.0)
    client = visitor(door)
    assert log_in(client, "gone").status_code == 401
    assert door.cookie_name not in client.cookies


def test_five_failures_lock_the_account_even_for_the_right_password(door: Door) -> None:
    account(door, "locked")
    client = visitor(door)
    for _ in range(FAILURES_ALLOWED):
        assert log_in(client, "locked", "wrong again and again").status_code == 401
    answer = log_in(client, "locked")
    assert answer.status_code == 401
    assert "账号或密码不对" in answer.text, "told as any other failure"
    found = door.logins.accounts.people.find("locked")
    assert found is not None
    assert found.locked_until_s - time.time() > FIRST_LOCK_S - 60
    assert ("door", "locked_out", "locked", True) in door.notes


def test_what_is_typed_as_a_name_is_not_journalled_unless_it_is_one(door: Door) -> None:
    client = visitor(door)
    log_in(client, "hunter2-my-password", "x")
    assert ("door", "login_failed", "", True) in door.notes
    assert not any("hunter2" in str(note) for note in door.notes)


def test_markup_in_a_name_comes_back_as_text(door: Door) -> None:
    answer = log_in(visitor(door), "<script>alert(1)</script>\"'>", "x")
    assert "<script>" not in answer.text
    assert "&lt;script&gt;" in answer.text


# ---- other sites ----


def test_another_site_cannot_log_anybody_in(door: Door) -> None:
    name = account(door, "target")
    client = visitor(door)
    form = form_of(client)
    data = {"form": form, "name": name, "password": PASSWORD}
    for origin in ("http://evil.example", "null"):
        assert client.post("/login", data=data, headers={"Origin": origin}).status_code == 403
    bare = httpx.Client(base_url=door.origin)
    assert bare.post("/login", data=data).status_code == 403, "no origin at all"
    foreign = visitor(door)
    foreign.get("/login")
    assert foreign.post("/login", data=data).status_code == 403, "a form given to another browser"
    assert visitor(door).post("/login", data=data).status_code == 403, "no cookie of the form"
    bare.close()


def test_nothing_of_a_request_decides_where_a_login_leads(door: Door) -> None:
    client = visitor(door)
    form = form_of(client)
    answer = client.post(
        "/login?next=https://evil.example",
        data={"form": form, "name": account(door, "led"), "password": PASSWORD, "next": "//evil.example"},
    )
    assert (answer.status_code, answer.headers["location"]) == (303, "/")


# ---- how often ----


def test_too_many_attempts_from_one_address_wait(tmp_path: Path) -> None:
    limits = Limits(logins=Rates(3.0, 0.01), all_logins=Rates(5.0, 0.01), api=Rates(4.0, 0.01))
    with served_door(None, links=False, limits=limits, trusted=("127.0.0.1",)) as door:
        client = visitor(door)
        here = {"X-Forwarded-For": "203.0.113.1"}
        assert [client.post("/login", headers=here).status_code for _ in range(4)] == [403, 403, 403, 429]
        answer = client.post("/login", headers=here)
        assert int(answer.headers["retry-after"]) >= 1
        assert "请稍候" in answer.text
        spoofed = {"X-Forwarded-For": "198.51.100.7, 203.0.113.1"}
        assert client.post("/login", headers=spoofed).status_code == 429, "what a client writes itself is not believed"
        other = {"X-Forwarded-For": "203.0.113.2"}
        assert [client.post("/login", headers=other).status_code for _ in range(3)] == [403, 403, 429], "all together"
        assert [client.get("/api/v1/x", headers=here).status_code for _ in range(5)] == [401, 401, 401, 401, 429]
        assert client.get("/login", headers=here).status_code == 200


def test_a_proxy_nobody_named_is_not_believed() -> None:
    limits = Limits(logins=Rates(2.0, 0.01))
    with served_door(None, links=False, limits=limits) as door:
        client = visitor(door)
        codes = [client.post("/login", headers={"X-Forwarded-For": f"203.0.113.{n}"}).status_code for n in range(3)]
        assert codes == [403, 403, 429]


# ---- leaving ----


def test_leaving_ends_the_login_and_is_journalled(door: Door) -> None:
    seat = seated(door, "leaver")
    cookie = seat.cookie
    assert seat.client.post("/leave").status_code == 200
    assert httpx.get(door.origin, headers={"Cookie": cookie}).status_code == 401
    assert ("leaver", "logout", "leaver", False) in door.notes


# ---- the password ----


def change(client: httpx.Client, old: str, fresh: str, again: str | None = None) -> httpx.Response:
    data = {
        "form": form_of(client, "/password"),
        "old": old,
        "fresh": fresh,
        "again": fresh if again is None else again,
    }
    return client.post("/password", data=data)


def test_changing_ones_password_ends_the_logins_elsewhere(door: Door) -> None:
    here, elsewhere = seated(door, "changer"), visitor(door)
    log_in(elsewhere, "changer")
    assert change(here.client, PASSWORD, "eight boats at dusk").status_code == 200
    assert PAGE in here.client.get("/").text
    assert elsewhere.get("/").status_code == 401
    assert log_in(visitor(door), "changer").status_code == 401
    assert log_in(visitor(door), "changer", "eight boats at dusk").status_code == 303


def test_a_password_change_that_is_not_right_changes_nothing(door: Door) -> None:
    client = seated(door, "unchanged").client
    assert change(client, "not it", "eight boats at dusk").status_code == 401
    assert change(client, PASSWORD, "eight boats at dusk", "nine boats at dusk").status_code == 422
    assert change(client, PASSWORD, "short").status_code == 422
    assert change(client, PASSWORD, "1234567890").status_code == 422
    data = {"form": "0" * 64, "old": PASSWORD, "fresh": "eight boats at dusk", "again": "eight boats at dusk"}
    assert client.post("/password", data=data).status_code == 403
    assert log_in(visitor(door), "unchanged").status_code == 303


def test_a_weaker_hash_is_renewed_at_the_next_login(door: Door) -> None:
    weak = PasswordHasher(time_cost=1, memory_cost=512, parallelism=1).hash(PASSWORD)
    door.logins.accounts.people.add("older", "viewer", weak, by="test", at_s=1.0)
    assert log_in(visitor(door), "older").status_code == 303
    found = door.logins.accounts.people.find("older")
    assert found is not None
    assert found.password_hash is not None
    assert found.password_hash.startswith("$argon2id$")
    assert not passwords.is_outdated(found.password_hash)


def test_hashes_are_argon2id_at_least_as_strong_as_rfc_9106_asks() -> None:
    used = HASHER_IN_USE()
    assert used.type is Type.ID
    assert (used.time_cost, used.memory_cost, used.parallelism) >= (3, 65536, 4)


def test_never_more_than_two_hashes_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    running, most, lock = 0, 0, threading.Lock()

    def slow(kept: str | None, password: str) -> bool:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        time.sleep(0.02)
        with lock:
            running -= 1
        return kept is not None

    monkeypatch.setattr(passwords, "matches", slow)

    async def all_at_once() -> None:
        desk = passwords.Passwords()
        await asyncio.gather(*(desk.match("a hash", "x") for _ in range(8)))

    asyncio.run(all_at_once())
    assert most == passwords.AT_ONCE


def test_who_is_not_known_is_verified_against_a_hash_all_the_same(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str | None] = []

    def matches(kept: str | None, password: str) -> bool:
        asked.append(kept)
        return False

    monkeypatch.setattr(passwords, "matches", matches)
    log_in(visitor(door), "nobody-at-all")
    assert asked == [None]


# ---- administrators' page ----


def test_the_accounts_page_is_not_there_for_others(door: Door) -> None:
    assert seated(door, "curious", "supervisor").client.get("/accounts").status_code == 404
    admin = seated(door, "root-admin", "admin").client.get("/accounts")
    assert admin.status_code == 200
    assert "curious" in admin.text
    assert "argon2" not in admin.text


# ---- a link where there is none ----


def test_no_link_lets_in_where_accounts_are_needed(door: Door) -> None:
    key = door.logins.new_link_key(time.time())
    answer = httpx.get(door.origin + "/enter", params={"key": key})
    assert answer.status_code == 401
    assert door.cookie_name not in answer.cookies


def test_a_login_by_link_is_nobody_at_a_console_without_links(tmp_path: Path) -> None:
    """Live and drill may share their accounts: what a drill's link opened must not open live work."""
    with served_door(tmp_path) as drill, served_door(tmp_path, links=False, cookie_name=drill.cookie_name) as live:
        seat = drill.enter()
        assert httpx.get(drill.origin, headers={"Cookie": seat.cookie}).status_code == 200
        assert httpx.get(live.origin, headers={"Cookie": seat.cookie}).status_code == 401


# ---- two consoles on one store ----


@pytest.fixture(scope="module", params=["file", pytest.param("database", marks=pytest.mark.postgis)])
def pair(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Door, Door]]:
    store: Path | str = tmp_path_factory.mktemp("shared")
    if request.param == "database":
        server = request.getfixturevalue("postgis_server")
        store = server.address(server.fresh_database())
    with (
        served_door(store, links=False, cookie_name="tongzhou") as one,
        served_door(store, links=False, cookie_name="tongzhou") as other,
    ):
        yield one, other


def test_a_cookie_of_one_console_is_honoured_by_the_other(pair: tuple[Door, Door]) -> None:
    one, other = pair
    seat = seated(one, "mover")
    answer = httpx.get(other.origin, headers={"Cookie": seat.cookie})
    assert answer.status_code == 200
    assert PAGE in answer.text


def test_a_page_of_a_console_that_is_gone_is_built_anew_at_the_other(pair: tuple[Door, Door]) -> None:
    one, other = pair
    seat = seated(one, "stayer")
    at_other = Seated(other, visitor(other))
    at_other.client.cookies.set("tongzhou", seat.cookie.partition("=")[2])
    at_other.token()  # the login itself is good there
    token = seat.token()

    async def attempt() -> bool:
        try:
            async with websocket(other, token, seat.cookie):
                return True
        except InvalidStatus:
            return False

    # The two of this test sign with one key; consoles have one each, and a page asks for a new token then.
    assert asyncio.run(attempt())


@pytest.mark.parametrize("how", ["leave", "disable", "role", "password"])
def test_what_ends_a_login_ends_it_at_every_console(pair: tuple[Door, Door], how: str) -> None:
    one, other = pair
    seat = seated(one, f"ended-by-{how}")
    there = Seated(other, visitor(other))
    there.client.cookies.set("tongzhou", seat.cookie.partition("=")[2])
    token = there.token()
    people, name = one.logins.accounts.people, f"ended-by-{how}"

    def end() -> None:
        if how == "leave":
            seat.client.post("/leave")
        elif how == "disable":
            people.disable(name, by="test", at_s=2.0)
        elif how == "role":
            people.set_role(name, "viewer", by="test", at_s=2.0)
        else:
            people.set_password(name, HASH, by="test", at_s=2.0)

    async def watch() -> int:
        async with websocket(other, token, seat.cookie) as opened:
            await opened.recv()
            await asyncio.to_thread(end)
            other.in_loop(lambda: other.logins.look_again(time.time()))
            try:
                while True:
                    await asyncio.wait_for(opened.recv(), 5)
            except ConnectionClosed as closed:
                return int(closed.rcvd.code) if closed.rcvd else 0

    assert asyncio.run(watch()) == 4401
    assert there.client.get("/").status_code == 401


def test_a_role_is_that_of_now_and_nobody_once_ended(pair: tuple[Door, Door]) -> None:
    one, _ = pair
    seat = seated(one, "promoted")
    login = one.logins.find(seat.client.cookies["tongzhou"], time.time())
    assert login is not None
    principal = login.principal
    assert one.logins.current(principal) == principal
    one.logins.accounts.people.set_role("promoted", "supervisor", by="test", at_s=2.0)
    one.in_loop(lambda: one.logins.look_again(time.time()))
    assert one.logins.current(principal) is None


# ---- the journal ----


def test_what_the_command_line_did_is_carried_into_the_journal_once(door: Door) -> None:
    accounts, noted = door.logins.accounts, []

    def note(who: str, what: str, subject: str, detail: Text, *, refused: bool) -> None:
        noted.append((who, what, subject))

    while carry_changes(accounts, "test", note):
        pass
    noted.clear()
    accounts.people.add("carried", "viewer", HASH, by="cli:li", at_s=1.0)
    assert carry_changes(accounts, "test", note) == 1
    assert carry_changes(accounts, "test", note) == 0
    assert noted == [("cli:li", "account_added", "carried")]


def test_a_journal_that_cannot_be_written_keeps_nobody_out(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    seat = visitor(door)
    account(door, "anyway")

    class Broken(list[object]):
        def append(self, _: object) -> None:
            raise OSError("the disk is full")

    monkeypatch.setattr(door, "notes", Broken())
    assert log_in(seat, "anyway").status_code == 303
