"""Clients that never finish saying what they want must not use up the connections there are."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

from console.door import gate, patience
from tests.console.door_server import Door, reads_document, served_door, websocket

LONG_S = 15.0  # how long a test waits for what should come at once


@pytest.fixture(scope="module")
def door() -> Iterator[Door]:
    with served_door(None) as served:
        yield served


@contextmanager
def said(door: Door, words: str) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", door.port), LONG_S) as connection:
        connection.sendall(words.encode())
        yield connection


def everything(connection: socket.socket) -> bytes:
    found = b""
    while part := connection.recv(65_536):
        found += part
    return found


def test_headers_that_never_end_are_given_up(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "HEADERS_WITHIN_S", 0.2)
    host = f"Host: 127.0.0.1:{door.port}"
    for begun in ("", "GET", f"GET /login HTTP/1.1\r\n{host}\r\nX-More: "):
        with said(door, begun) as connection:
            assert everything(connection) == b""
    with said(door, f"GET /login HTTP/1.1\r\n{host}\r\n\r\nGET /lo") as connection:
        answer = everything(connection)
        assert answer.startswith(b"HTTP/1.1 200")
        assert answer.count(b"HTTP/1.1") == 1


def test_a_body_that_never_ends_is_answered_and_given_up(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate, "within_s", lambda limit: 0.2)
    head = f"POST /login HTTP/1.1\r\nHost: 127.0.0.1:{door.port}\r\nOrigin: {door.origin}\r\n"
    form = "Content-Type: application/x-www-form-urlencoded\r\n"
    with said(door, f"{head}{form}Content-Length: 100\r\n\r\nname=") as connection:
        assert everything(connection).startswith(b"HTTP/1.1 408")
    with said(door, f"{head}{form}Transfer-Encoding: chunked\r\n\r\n5\r\nname=\r\n") as connection:
        assert everything(connection).startswith(b"HTTP/1.1 408")


def test_an_answer_that_takes_long_and_a_page_stay(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "HEADERS_WITHIN_S", 0.05)
    seat = door.enter()

    async def goes_on() -> None:
        async with websocket(door, seat.token(), seat.cookie) as live:
            await asyncio.sleep(0.2)
            assert await reads_document(live)

    asyncio.run(goes_on())
    with httpx.Client(base_url=door.origin) as client:
        assert [client.get("/login").status_code for _ in range(5)] == [200] * 5


@pytest.mark.parametrize("charset", ["raw_unicode_escape", "utf-7", "xyz"])
def test_a_form_in_whatever_letters_is_no_fault(door: Door, charset: str) -> None:
    fields = "".join(
        f'--B\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n\\ud800\x00\r\n'
        for name in ("form", "name", "password")
    )
    answer = httpx.post(
        f"{door.origin}/login",
        content=f"{fields}--B--\r\n",
        headers={"Content-Type": f"multipart/form-data; boundary=B; charset={charset}", "Origin": door.origin},
    )
    assert answer.status_code == 403
