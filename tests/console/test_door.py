"""The attack list: what a stranger, another seat, another site or an old page may try at the door."""

from __future__ import annotations

import asyncio
import base64
import time
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import httpx
import pytest
from bokeh.util.token import generate_jwt_token, generate_session_id, get_session_id, get_token_payload
from websockets.exceptions import ConnectionClosed, InvalidStatus

from console.door.bokeh_fastapi_repairs import REPAIRED_VERSION
from console.door.logins import IDLE_LIMIT_S, LINK_LIFE_S, SHIFT_S, LoginDesk
from console.door.paths import need_of
from data.accounts.store import open_accounts
from tests.console.door_server import SECRET_KEY, Door, reads_document, served_door, websocket


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    with served_door(tmp_path_factory.mktemp("door")) as served:
        yield served


def refused_with(door: Door, token: str | None, cookie: str | None, **more: Any) -> int:
    """Return the status a websocket is refused with; fails if it opens."""

    async def attempt() -> int:
        try:
            async with websocket(door, token, cookie, **more):
                return 101
        except InvalidStatus as refusal:
            return int(refusal.response.status_code)

    return asyncio.run(attempt())


# ---- anonymous ----


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/other",
        "/static/js/bokeh.min.js",
        "/static/extensions/panel/panel.min.js",
        "/assets/console.js",
        "/components/panel.pane/x/y.js",
        "/api/anything",
        "/tiles/1/2/3.png",
        "/accounts",
        "/autoload.js",
        "/other/autoload.js",
        "/metadata",
        "/docs",
        "/openapi.json",
        "/liveness",
        "/nothing",
    ],
)
def test_a_stranger_sees_nothing(door: Door, path: str) -> None:
    answer = httpx.get(door.origin + path)
    assert answer.status_code == 401
    assert "Not logged in" in answer.text
    assert "尚未登录" in answer.text
    assert '"token":"' not in answer.text


def test_a_stranger_learns_from_health_only_that_it_is_well(door: Door) -> None:
    assert httpx.get(door.origin + "/api/health").json() == {"ok": True}


def test_a_stranger_with_a_leaked_token_is_refused(door: Door) -> None:
    assert refused_with(door, door.enter().token(), None) == 403


def test_a_made_up_cookie_is_no_login(door: Door) -> None:
    assert httpx.get(door.origin, headers={"Cookie": f"{door.cookie_name}=x"}).status_code == 401
    assert httpx.get(door.origin, headers={"Cookie": "\x7f;;;=,"}).status_code == 401


# ---- the login link ----


def test_a_link_lets_in_once(door: Door) -> None:
    key = door.logins.new_link_key(time.time())
    first = httpx.get(door.origin + "/enter", params={"key": key})
    assert first.status_code == 200
    assert door.cookie_name in first.cookies
    second = httpx.get(door.origin + "/enter", params={"key": key})
    assert second.status_code == 410
    assert not second.cookies
    assert "used or expired" in second.text


def test_looking_at_a_link_does_not_use_it(door: Door) -> None:
    key = door.logins.new_link_key(time.time())
    httpx.head(door.origin + "/enter", params={"key": key})
    assert httpx.get(door.origin + "/enter", params={"key": key}).status_code == 200


def test_a_link_expires() -> None:
    desk = LoginDesk()
    key = desk.new_link_key(0.0)
    assert desk.redeem(key, LINK_LIFE_S) is None
    assert desk.redeem(key, 1.0) is None, "an expired link is gone"


def test_a_used_link_is_told_of(door: Door) -> None:
    before = len(door.entered)
    door.enter()
    assert len(door.entered) == before + 1


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(door: Door) -> None:
    answer = httpx.get(door.origin + "/enter", params={"key": door.logins.new_link_key(time.time())})
    written = answer.headers["set-cookie"].lower()
    assert "httponly" in written
    assert "samesite=strict" in written
    assert "path=/" in written


# ---- tokens and websockets ----


def test_a_seat_reads_its_own_page(door: Door) -> None:
    seat = door.enter()

    async def read() -> bool:
        async with websocket(door, seat.token(), seat.cookie) as opened:
            return await reads_document(opened)

    assert asyncio.run(read())


def test_the_token_holds_no_cookie(door: Door) -> None:
    seat = door.enter()
    token = seat.token()
    secret = seat.cookie.partition("=")[2]
    assert secret not in str(get_token_payload(token))
    assert secret not in base64.urlsafe_b64decode(token.split(".")[0] + "===").decode(errors="replace")


def forged(door: Door, **changes: Any) -> str:
    """Return a token signed with a key of the forger's own."""
    payload = {"door": {"login": "x", "page": "/"}, **changes}
    session_id = generate_session_id(b"the forger's key", signed=True)
    return str(generate_jwt_token(session_id, b"the forger's key", signed=True, extra_payload=payload))


def test_forged_tokens_are_refused(door: Door) -> None:
    seat = door.enter()
    good = seat.token()
    body, _, signature = good.partition(".")
    unsigned = generate_jwt_token(generate_session_id(signed=False), signed=False)
    tampered = f"{body[:-6]}AAAAAA.{signature}"
    for token in (forged(door), str(unsigned), tampered, f"{body}.", "garbage", "a.b", f"{body}.{signature[:-4]}AAAA"):
        assert refused_with(door, token, seat.cookie) == 403
    assert refused_with(door, None, seat.cookie) == 403


def test_an_expired_token_is_refused(door: Door) -> None:
    seat = door.enter()
    payload = get_token_payload(seat.token())
    payload.pop("session_expiry")
    session_id = generate_session_id(SECRET_KEY.encode(), signed=True)

    def token(expiration: int) -> str:
        return str(
            generate_jwt_token(
                session_id, SECRET_KEY.encode(), signed=True, expiration=expiration, extra_payload=dict(payload)
            )
        )

    assert refused_with(door, token(-1), seat.cookie) == 403
    assert refused_with(door, token(60), seat.cookie) == 101, "the same token is good while it lives"


def test_a_token_lives_for_the_shift(door: Door) -> None:
    payload = get_token_payload(door.enter().token())
    assert payload["session_expiry"] - time.time() > SHIFT_S - 60


def test_one_seats_token_is_no_good_with_anothers_cookie(door: Door) -> None:
    alice, bob = door.enter(), door.enter()
    assert refused_with(door, alice.token(), bob.cookie) == 403


def test_a_live_session_cannot_be_taken_over_by_its_id(door: Door) -> None:
    alice, bob = door.enter(), door.enter()
    session_id = get_session_id(alice.token())
    for ask in (
        lambda: bob.client.get("/", params={"bokeh_session_id": session_id}),
        lambda: bob.client.get("/", params={"bokeh-session-id": session_id}),
        lambda: bob.client.get("/", headers={"Bokeh-Session-Id": session_id}),
    ):
        assert ask().status_code == 403
    payload = get_token_payload(bob.token())
    payload.pop("session_expiry")
    stolen = generate_jwt_token(session_id, SECRET_KEY.encode(), signed=True, extra_payload=payload)
    assert refused_with(door, str(stolen), bob.cookie) == 403, "even a well-signed token for another's session"


def test_a_token_opens_only_its_own_page(door: Door) -> None:
    assert need_of("WEBSOCKET", "/other/ws") == "refused"
    seat = door.enter()
    payload = get_token_payload(seat.token())
    payload.pop("session_expiry")
    payload["door"] = {**payload["door"], "page": "/other"}
    session_id = generate_session_id(SECRET_KEY.encode(), signed=True)
    other = generate_jwt_token(session_id, SECRET_KEY.encode(), signed=True, extra_payload=payload)
    assert refused_with(door, str(other), seat.cookie) == 403


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "none", "http://127.0.0.1:1", "https://127.0.0.1"])
def test_a_websocket_from_another_origin_is_refused(door: Door, origin: str) -> None:
    seat = door.enter()
    assert refused_with(door, seat.token(), seat.cookie, Origin=origin) == 403
    assert refused_with(door, seat.token(), seat.cookie, Origin=door.origin + ".evil.example") == 403


def test_a_name_pointed_at_us_by_a_stranger_is_refused(door: Door) -> None:
    seat = door.enter()
    answer = seat.client.get("/", headers={"Host": "evil.example"})
    assert answer.status_code == 421
    assert '"token":"' not in answer.text


# ---- requests that change something ----


def test_another_site_cannot_log_a_seat_out(door: Door) -> None:
    seat = door.enter()
    for headers in ({}, {"Origin": "http://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}):
        assert seat.client.post("/leave", headers=headers).status_code == 403
    assert seat.client.get("/").status_code == 200


def test_leaving_closes_the_live_page_and_ends_cookie_and_token(door: Door) -> None:
    seat = door.enter()
    token, cookie = seat.token(), seat.cookie

    async def leave() -> int:
        async with websocket(door, token, cookie) as opened:
            await opened.recv()
            async with httpx.AsyncClient() as client:
                await client.post(door.origin + "/leave", headers={"Origin": door.origin, "Cookie": cookie})
            try:
                while True:
                    await asyncio.wait_for(opened.recv(), 5)
            except ConnectionClosed as closed:
                return int(closed.rcvd.code) if closed.rcvd else 0

    assert asyncio.run(leave()) == 4401
    assert httpx.get(door.origin, headers={"Cookie": cookie}).status_code == 401
    assert refused_with(door, token, cookie) == 403


# ---- logins ----


def test_an_idle_login_is_swept_and_its_sockets_closed() -> None:
    desk = LoginDesk()
    opened = desk.redeem(desk.new_link_key(0.0), 0.0)
    assert opened
    login, secret = opened
    closed: list[int] = []

    async def close(code: int) -> None:
        closed.append(code)

    desk.socket_opened(login, close)
    desk.touch(login, 100.0)
    assert asyncio.run(desk.sweep(IDLE_LIMIT_S + 99.0)) == 0
    assert desk.find(secret, IDLE_LIMIT_S + 100.0) is None, "even before the sweeper comes"
    assert asyncio.run(desk.sweep(IDLE_LIMIT_S + 100.0)) == 1
    assert closed == [4401]


def test_a_login_ends_with_its_shift_however_busy() -> None:
    desk = LoginDesk()
    opened = desk.redeem(desk.new_link_key(0.0), 0.0)
    assert opened
    desk.touch(opened[0], SHIFT_S)
    assert desk.find(opened[1], SHIFT_S) is None


def test_a_restarted_server_knows_its_seats_by_hash_only(tmp_path: Path) -> None:
    desk = LoginDesk(open_accounts(tmp_path))
    opened = desk.redeem(desk.new_link_key(0.0), 0.0)
    assert opened
    login, secret = opened
    login.memory["language"] = "en"
    desk.close()
    file = tmp_path / "accounts.db"
    assert secret.encode() not in file.read_bytes()
    assert file.stat().st_mode & 0o077 == 0
    restarted = LoginDesk(open_accounts(tmp_path))
    again = asyncio.run(restarted.seek(secret, 1.0))
    assert again is not None
    assert (again.actor, again.memory) == (login.actor, {"language": "en"})
    restarted.close()


# ---- answers ----


def test_every_answer_carries_the_safe_headers(door: Door) -> None:
    seat = door.enter()
    for path in ("/", "/static/js/bokeh.min.js", "/nothing", "/api/health", "/assets/console.js"):
        headers = seat.client.get(path).headers
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert f"ws://127.0.0.1:{door.port}" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert "server" not in headers
        assert headers["referrer-policy"] == "same-origin", "with no-referrer a browser's form has the origin 'null'"
    assert seat.client.get("/").headers["cache-control"] == "no-store"


def test_unknown_paths_and_methods_are_plain_pages(door: Door) -> None:
    seat = door.enter()
    assert seat.client.get("/nothing").status_code == 404
    assert seat.client.get("/assets/../seat.py").status_code == 404
    assert seat.client.get("/assets/%2e%2e/seat.py").status_code == 404
    assert seat.client.get("/autoload.js").status_code == 404
    assert seat.client.put("/", headers={"Origin": door.origin}).status_code == 404
    body = seat.client.get("/api/nothing").json()
    assert body["ok"] is False
    assert body["message"]["zh"]
    assert body["message"]["en"]


def test_no_plain_page_asks_for_anything_from_anywhere(door: Door) -> None:
    seat = door.enter()
    pages = [httpx.get(door.origin).text, seat.client.get("/nothing").text, httpx.get(door.origin + "/enter").text]
    for text in pages:
        assert "://" not in text
        assert "<script" not in text
        assert "<img" not in text


# ---- the repairs ----


def test_the_repairs_are_for_this_version() -> None:
    assert version("bokeh-fastapi") == REPAIRED_VERSION, "see which repairs the new version still needs"


def test_a_quiet_client_that_leaves_frees_its_session(tmp_path: Path) -> None:
    with served_door(tmp_path, session_kept_ms=300, session_check_ms=200) as door:
        seat = door.enter()
        token = seat.token()

        async def come_and_go() -> None:
            async with websocket(door, token, seat.cookie) as opened:
                await opened.recv()

        asyncio.run(come_and_go())
        deadline = time.monotonic() + 5
        while not door.destroyed and time.monotonic() < deadline:
            time.sleep(0.05)
        assert door.destroyed == [get_session_id(token)]
        assert door.logins.owner_of(get_session_id(token)) is None


def test_a_page_that_fails_shows_no_traceback(door: Door) -> None:
    seat = door.enter()
    door.failing = True
    try:
        answer = seat.client.get("/")
    finally:
        door.failing = False
    assert "Something failed on the server" in answer.text
    assert "服务器出错" in answer.text
    assert "Traceback" not in answer.text
    assert "kept from the visitor" not in answer.text
