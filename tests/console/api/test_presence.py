"""Who is on, as the API tells it: at every console, and no more than the account, the incident and since when."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from data.errors import worded
from data.journal.interface import StoreUnreachableError
from data.journal.shared import SeatSeen
from tests.console.api.caller import Caller
from tests.console.world_samples import START, at


def seat(name: str, console: str, minute: int, incident_id: str | None) -> SeatSeen:
    return SeatSeen(
        seat_id=f"secret-{name}",
        name=name,
        role="dispatcher",
        console=console,
        incident_id=incident_id,
        since=at(minute),
        seen_at=at(9),
    )


def test_who_is_on_at_every_console_and_nothing_else_of_them(caller: Caller) -> None:
    assert caller.get("/presence").json() == {"mode": "drill", "seats": []}
    caller.world.store.shared.announce_seats([seat("li", "east", 5, None), seat("wang", "west", 0, "i1")])
    answer = caller.get("/presence")
    assert answer.json()["seats"] == [
        {
            "name": "wang",
            "role": "dispatcher",
            "console": "west",
            "incident_id": "i1",
            "since": START.isoformat().replace("+00:00", "Z"),
        },
        {
            "name": "li",
            "role": "dispatcher",
            "console": "east",
            "incident_id": None,
            "since": at(5).isoformat().replace("+00:00", "Z"),
        },
    ]
    assert "secret" not in answer.text


def test_a_store_that_is_away_is_said(caller: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> Sequence[SeatSeen]:
        raise worded(StoreUnreachableError("The database does not answer."), zh="数据库没有应答。")

    monkeypatch.setattr(caller.world.store.shared, "seats", away)
    assert "does not answer" in caller.problem(caller.get("/presence"), 503)["detail"]
