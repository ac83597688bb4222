"""The API as other systems reach it: through the real door, with real tokens, over a real socket."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from console.commands import LogNote
from console.world import World
from data.geography import Region
from tests.console.api.served import Served, served
from tests.console.world_samples import open_world


@pytest.fixture
def world(tmp_path: Path, zhoushan: Region) -> Iterator[World]:
    """A small world."""
    opened, _ = open_world(tmp_path / "store", zhoushan)
    yield opened
    opened.close()


@pytest.fixture
def console(world: World) -> Iterator[Served]:
    """It, served."""
    with served(world) as found:
        yield found


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def test_a_token_lets_in_with_its_role_until_it_is_revoked(console: Served, world: World) -> None:
    token = console.token("harbour", "viewer")
    with httpx.Client(base_url=console.address, headers=bearer(token)) as client:
        assert client.get("/api/v1/incidents").status_code == 200
        assert client.get("/api/openapi.json").json()["openapi"] == "3.1.0"
        refused = client.post("/api/v1/incidents/i1/status", json={"status": "accepted"})
        assert (refused.status_code, refused.headers["content-type"]) == (403, "application/problem+json")
        assert next(iter([one for one in world.journal.read() if one.stream == "access"])).actor == "harbour"
        console.revoke("harbour")
        answer = client.get("/api/v1/incidents")
        assert (answer.status_code, answer.headers["content-type"]) == (401, "application/problem+json")
        assert answer.headers["www-authenticate"].startswith("Bearer")
        assert answer.json()["detail_zh"]


@pytest.mark.parametrize("path", ["/api/v1/incidents", "/api/v1/stream", "/api/v1/nowhere", "/api/openapi.json"])
def test_nobody_sees_anything(console: Served, path: str) -> None:
    for headers in ({}, bearer("tz_000000000000_" + "A" * 43), bearer("x"), {"Authorization": "Basic eDp5"}):
        answer = httpx.get(console.address + path, headers=headers)
        assert answer.status_code == 401
        assert answer.headers["content-type"] == "application/problem+json"
        assert "x-tongzhou-seq" not in answer.headers


def test_what_a_page_of_another_origin_sends_in_a_seats_name_is_refused(console: Served, world: World) -> None:
    seat = console.door.enter()
    before = world.picture.seq
    for origin in ("http://evil.example", "null"):
        answer = seat.client.post(
            "/api/v1/units/g0/status", json={"status": "out_of_service"}, headers={"Origin": origin}
        )
        assert answer.status_code == 403
    assert seat.client.post("/api/v1/units/g0/status", json={"status": "out_of_service"}).status_code == 403
    assert world.picture.seq == before
    assert seat.client.get("/api/v1/units/g0").status_code == 200


def test_a_stream_over_a_socket_ends_when_its_token_is_revoked(console: Served, world: World) -> None:
    token = console.token("field", "dispatcher")
    seqs: list[int] = []
    with (
        httpx.Client(base_url=console.address, headers=bearer(token), timeout=10) as client,
        client.stream("GET", "/api/v1/stream") as answer,
    ):
        assert answer.headers["content-type"].startswith("text/event-stream")
        kind = ""
        for line in answer.iter_lines():
            kind = line.removeprefix("event: ") if line.startswith("event: ") else kind
            if not line.startswith("data: "):
                continue
            data = json.loads(line.removeprefix("data: "))
            if kind == "ended":
                assert data["reason"] == "not_allowed"
                break
            if kind == "event":
                seqs.append(data["seq"])
                if data["kind"] == "AccessNoted":  # the reading itself: all of the past is here
                    assert world.execute(LogNote(text="now"), "seat-1").ok
                if data["kind"] == "NoteLogged":
                    console.revoke("field")
        else:
            pytest.fail("it ended without a word")
    assert seqs == list(range(1, world.picture.seq + 1))
