"""API tokens, what a request may carry, oversize messages, and the headers of a console behind TLS."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Iterator

import httpx
import pytest
from fastapi import FastAPI, Request
from websockets.exceptions import ConnectionClosed, InvalidStatus

from console.door.bodies import MAX_BODY_BYTES, max_body_bytes
from console.door.cookies import cookies_for, is_loopback
from console.door.headers import safe_headers
from console.door.limits import caller_of, trusted_networks
from console.door.paths import need_of
from console.door.token_desk import new_token
from console.entrance import EntranceError, origins_for
from console.server import WS_MAX_BYTES
from data.roles import Role
from tests.console.door_server import Door, served_door, websocket


def small_api(app: FastAPI) -> None:
    @app.get("/api/v1/who")
    def who(request: Request) -> dict[str, str]:
        principal = request.scope["principal"]
        return {"name": principal.name, "role": principal.role, "kind": principal.kind}

    @app.post("/api/v1/positions")
    @app.post("/api/v1/anything")
    async def take(request: Request) -> dict[str, int]:
        return {"bytes": len(await request.body())}

    @app.get("/tiles/{rest:path}")
    def tile(rest: str) -> dict[str, str]:
        return {"tile": rest}


@pytest.fixture(scope="module")
def door() -> Iterator[Door]:
    with served_door(None, extend=small_api) as served:
        yield served


def token(door: Door, name: str, role: Role = "dispatcher", life_s: float = 1000.0) -> str:
    token_id, whole, hashed = new_token()
    now_s = time.time()
    door.logins.accounts.tokens.add(token_id, name, role, hashed, expires_at_s=now_s + life_s, by="test", at_s=now_s)
    return whole


def bearer(whole: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {whole}"}


def test_a_token_calls_the_api_without_cookie_origin_or_form(door: Door) -> None:
    sent = bearer(token(door, "radar"))
    assert httpx.get(door.origin + "/api/v1/who", headers=sent).json() == {
        "name": "radar",
        "role": "dispatcher",
        "kind": "token",
    }
    assert httpx.post(door.origin + "/api/v1/anything", headers=sent, content=b"abc").json() == {"bytes": 3}


@pytest.mark.parametrize("path", ["/", "/static/js/bokeh.min.js", "/assets/console.js", "/accounts", "/tiles/1/2/3"])
def test_a_token_opens_nothing_but_the_api(door: Door, path: str) -> None:
    sent = bearer(token(door, f"only-api-{len(path)}", "admin"))
    assert httpx.get(door.origin + path, headers=sent).status_code == 401


def test_a_token_opens_no_websocket(door: Door) -> None:
    seat = door.enter()
    sent = bearer(token(door, "socketless"))

    async def attempt() -> None:
        async with websocket(door, seat.token(), None, **sent):
            pass

    with pytest.raises(InvalidStatus, match="403"):
        asyncio.run(attempt())


def test_tokens_that_are_not_good_are_refused(door: Door) -> None:
    good = token(door, "good")
    token_id, secret = good.split("_")[1], good.split("_", 2)[2]
    for bad in (
        "x",
        good[:-1],
        good + "A",
        f"tz_{token_id}_{secret[:-1]}{'A' if secret[-1] != 'A' else 'B'}",
        f"tz_{'0' * 12}_{secret}",
        f"tz_{token_id.upper()}_{secret}",
        token(door, "stale", life_s=-1.0),
    ):
        answer = httpx.get(door.origin + "/api/v1/who", headers=bearer(bad))
        assert answer.status_code == 401, bad
        assert "Bearer" in answer.headers["www-authenticate"]
    for kind in ("Basic", "Token"):
        assert httpx.get(door.origin + "/api/v1/who", headers={"Authorization": f"{kind} {good}"}).status_code == 401
    assert ("door", "token_refused", "", True) in door.notes
    assert not any(secret in str(note) for note in door.notes)


def test_a_revoked_token_is_nobody_within_two_seconds(door: Door) -> None:
    sent = bearer(token(door, "revoked"))
    assert httpx.get(door.origin + "/api/v1/who", headers=sent).status_code == 200
    door.logins.accounts.tokens.revoke("revoked", by="test", at_s=1.0)
    door.in_loop(lambda: door.logins.look_again(time.time()))
    assert httpx.get(door.origin + "/api/v1/who", headers=sent).status_code == 401


def test_a_bearer_wins_under_the_api_and_the_cookie_elsewhere(door: Door) -> None:
    seat, sent = door.enter(), bearer(token(door, "both", "viewer"))
    assert seat.client.get("/api/v1/who", headers=sent).json()["kind"] == "token"
    assert seat.client.get("/api/v1/who", headers=bearer("tz_bad")).status_code == 401, "a bad one is not passed over"
    assert seat.client.get("/", headers=bearer("tz_bad")).status_code == 200
    assert seat.client.get("/api/v1/who").json()["kind"] == "person"


def test_a_cookie_changes_nothing_at_the_api_without_our_origin(door: Door) -> None:
    seat = door.enter()
    assert seat.client.post("/api/v1/anything", content=b"x").status_code == 403
    assert (
        seat.client.post("/api/v1/anything", content=b"x", headers={"Origin": "http://evil.example"}).status_code == 403
    )
    assert seat.client.post("/api/v1/anything", content=b"x", headers={"Origin": door.origin}).status_code == 200


def test_the_secret_is_kept_nowhere(door: Door) -> None:
    whole = token(door, "hashed")
    found = next(one for one in door.logins.accounts.tokens.all() if one.name == "hashed")
    assert whole.split("_", 2)[2] not in str(found)


def test_tiles_need_a_login(door: Door) -> None:
    assert httpx.get(door.origin + "/tiles/1/2/3.png").status_code == 401
    assert door.enter().client.get("/tiles/1/2/3.png").json() == {"tile": "1/2/3.png"}
    assert need_of("POST", "/tiles/1") == "refused"


# ---- how much a request may carry ----


@pytest.mark.parametrize("announced", [True, False])
def test_a_body_over_the_limit_is_refused_in_words(door: Door, announced: bool) -> None:
    sent = bearer(token(door, f"large-{announced}"))
    size = MAX_BODY_BYTES + 1

    def chunks() -> Iterator[bytes]:
        left = size
        while left > 0:
            yield b"x" * min(65536, left)
            left -= 65536

    content = b"x" * size if announced else chunks()
    answer = httpx.post(door.origin + "/api/v1/anything", headers=sent, content=content)
    assert answer.status_code == 413
    assert "16 MiB" in answer.json()["detail"]
    assert "分批" in answer.json()["detail_zh"]
    assert httpx.post(door.origin + "/api/v1/positions", headers=sent, content=b"x" * size).json() == {"bytes": size}


def test_lengths_that_are_none_are_refused(door: Door) -> None:
    assert max_body_bytes("/api/v1/positions") == 16 * MAX_BODY_BYTES
    assert max_body_bytes("/login") < MAX_BODY_BYTES
    big = httpx.post(door.origin + "/login", content=b"x" * 20_000, headers={"Origin": door.origin})
    assert big.status_code == 413


def test_an_oversize_message_closes_its_own_socket_alone(door: Door, caplog: pytest.LogCaptureFixture) -> None:
    one, other = door.enter(), door.enter()
    tokens = one.token(), other.token()

    async def send_too_much() -> int:
        async with websocket(door, tokens[0], one.cookie) as loud, websocket(door, tokens[1], other.cookie) as quiet:
            await loud.recv()
            await quiet.recv()
            await loud.send("x" * (WS_MAX_BYTES + 1))
            try:
                while True:
                    await asyncio.wait_for(loud.recv(), 5)
            except ConnectionClosed as closed:
                code = int(closed.rcvd.code) if closed.rcvd else 0
            await (await quiet.ping())
            return code

    with caplog.at_level(logging.WARNING):
        assert asyncio.run(send_too_much()) == 1009
        deadline = time.monotonic() + 3
        while "over the size allowed" not in caplog.text and time.monotonic() < deadline:
            time.sleep(0.02)
    assert "over the size allowed" in caplog.text
    assert one.client.get("/").status_code == 200, "the login goes on"


# ---- addresses, cookies and headers ----


def test_a_proxy_is_believed_about_the_last_address_it_did_not_write_itself() -> None:
    trusted = trusted_networks(["127.0.0.1", "10.0.0.0/24"])
    scope = {"client": ("127.0.0.1", 5)}
    assert caller_of(scope, {"x-forwarded-for": "1.1.1.1, 203.0.113.9, 10.0.0.7"}, trusted) == "203.0.113.9"
    assert caller_of(scope, {"x-forwarded-for": "1.1.1.1"}, ()) == "127.0.0.1"
    assert caller_of({"client": ("203.0.113.5", 5)}, {"x-forwarded-for": "1.1.1.1"}, trusted) == "203.0.113.5"
    assert caller_of({"client": ("2001:db8::1:2:3:4", 5)}, {}, trusted) == "2001:db8::/64"


def test_cookies_are_secure_but_on_this_machine_itself() -> None:
    assert cookies_for(("https://console.example", "http://127.0.0.1:5006"), 5006).name == "__Host-tongzhou"
    assert cookies_for(("https://console.example:8443",), 5006).name == "__Host-tongzhou_8443"
    assert cookies_for(("https://console.example",), 5006).secure
    here = cookies_for(("http://127.0.0.1:5007",), 5007)
    assert (here.name, here.secure) == ("tongzhou_5007", False)


def test_passwords_never_cross_a_network_in_the_clear() -> None:
    assert origins_for("127.0.0.1", 5006, ())[0] == "http://127.0.0.1:5006"
    assert origins_for("0.0.0.0", 5006, ("https://console.example",))[0] == "https://console.example"
    for host, given in (("0.0.0.0", ()), ("10.0.0.5", ()), ("::", ()), ("127.0.0.1", ("http://console.example",))):
        with pytest.raises(EntranceError, match="unprotected"):
            origins_for(host, 5006, given)
    assert is_loopback("http://[::1]:5006")
    assert not is_loopback("http://127.0.0.1.evil.example:5006")
    assert not is_loopback("http://localhost.evil.example")


def test_behind_tls_browsers_are_told_to_stay_there() -> None:
    headers = {name.decode(): value.decode() for name, value in safe_headers("/", ("https://console.example",))}
    assert headers["strict-transport-security"] == "max-age=31536000"
    assert "wss://console.example" in headers["content-security-policy"]
    assert "ws://" not in headers["content-security-policy"].replace("wss://", "")
    plain = {name for name, _ in safe_headers("/", ("http://127.0.0.1:5006",))}
    assert b"strict-transport-security" not in plain


def test_every_answer_denies_what_no_page_uses(door: Door) -> None:
    headers = httpx.get(door.origin + "/login").headers
    assert "camera=()" in headers["permissions-policy"]
    assert "script-src" not in headers["content-security-policy"]
    assert "default-src 'none'" in headers["content-security-policy"]
