"""What one token may ask must neither keep the API busy for ever nor end in a fault."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from console.api import events, fix_intake, history
from data.geography import Region
from data.journal.history import PositionHistory
from tests.console.api.caller import Caller
from tests.console.api.reader import Reader
from tests.console.world_samples import START, open_world


@pytest.fixture
def caller(tmp_path: Path, zhoushan: Region) -> Iterator[Caller]:
    world, _ = open_world(tmp_path / "store", zhoushan)
    yield Caller(world)
    world.close()


def test_a_question_about_all_time_is_answered_in_bounded_steps(
    caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[datetime] = []
    between = PositionHistory.fixes_between

    def counted(self: PositionHistory, start: datetime, end: datetime) -> Any:
        asked.append(start)
        assert len(asked) <= history.STEPS_LIMIT
        return between(self, start, end)

    monkeypatch.setattr(PositionHistory, "fixes_between", counted)
    unit = next(iter(caller.world.picture.units))
    fix = {"unit_id": unit, "world_at": START.isoformat(), "lon_deg": 122.3, "lat_deg": 29.9}
    assert caller.post("/positions", [fix]).json()["accepted"] == 1
    window: dict[str, str] = {"from": "0001-01-01T00:00:00+23:59", "to": "9999-12-31T23:59:59-23:59"}
    assert caller.get("/positions/history", params=window).json()["next"] is not None
    monkeypatch.setattr(history, "STEPS_LIMIT", 40)
    window["from"] = (START - timedelta(days=10)).isoformat()
    rows, cursor = [], None
    for _ in range(100):
        asked.clear()
        page = caller.get("/positions/history", params={**window, **({"cursor": cursor} if cursor else {})}).json()
        rows += page["positions"]
        cursor = page["next"]
        if cursor is None:
            break
    assert cursor is None
    assert [row["unit_id"] for row in rows] == [unit]
    late = {"from": "9999-12-31T23:00:00Z", "to": "9999-12-31T23:59:59Z"}
    assert caller.get("/positions/history", params=late).json()["positions"] == []


def test_a_batch_far_too_long_is_refused_before_each_of_it_is_looked_at(
    caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_at: list[Any] = []
    monkeypatch.setattr(fix_intake, "_converted", lambda one, _: looked_at.append(one))
    caller.problem(caller.post("/positions", [0] * (fix_intake.FIXES_LIMIT + 1)), 413)
    assert looked_at == []


@pytest.mark.parametrize("field", ["unit_id", "\ud800"])
def test_half_a_character_is_told_and_not_a_fault(caller: Caller, field: str) -> None:
    fix = {"unit_id": "no-such", "world_at": START.isoformat(), "lon_deg": 1.0, "lat_deg": 1.0, field: "\ud800"}
    body = json.dumps([fix])
    answer = caller.ask("POST", "/positions", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 207
    assert [one["reason"] for one in answer.json()["rejected"]] == ["not_understood"]


REPORTED: dict[str, Any] = {"case_type": "medical-emergency", "place": "putuoshan", "note": "one  person"}
KEY = {"Idempotency-Key": "report-0001"}


def test_a_key_does_not_pass_another_incident_for_reported(caller: Caller) -> None:
    first = caller.post("/incidents", REPORTED, headers=KEY)
    assert first.status_code == 201
    incident = first.json()
    again = caller.post("/incidents", REPORTED, headers=KEY)
    assert (again.status_code, again.json()["id"]) == (200, incident["id"])
    place = {"lon_deg": incident["lon_deg"], "lat_deg": incident["lat_deg"]}
    step = {"id": "t1", "name": {"zh": "一", "en": "one"}, "persons": 77}
    before = caller.world.picture.seq
    for other in (
        {"case_type": "dispute"},
        {"place": "zhujiajian"},
        {"note": "two persons"},
        {"echelons": [step]},
        {"title": {"zh": "另", "en": "other"}},
    ):
        answer = caller.post("/incidents", {**REPORTED, **other}, headers=KEY)
        assert caller.problem(answer, 422)["type"].endswith("key-used"), other
    assert caller.world.picture.seq == before
    same_place = {"case_type": "medical-emergency", "note": "one  person", **place}
    assert caller.post("/incidents", same_place, headers=KEY).status_code == 200


def test_a_key_does_not_pass_another_correction_or_closing_for_done(caller: Caller) -> None:
    incident_id = caller.post("/incidents", REPORTED).json()["id"]
    where, any_version = f"/incidents/{incident_id}", {**KEY, "If-Match": "*"}
    assert caller.ask("PATCH", where, json={"place": "zhujiajian"}, headers=any_version).status_code == 200
    assert caller.ask("PATCH", where, json={"place": "zhujiajian"}, headers=any_version).status_code == 200
    other = caller.ask("PATCH", where, json={"place": "liuheng"}, headers=any_version)
    assert caller.problem(other, 422)["type"].endswith("key-used")
    close = {"Idempotency-Key": "closing-0001"}
    closed = {"status": "closed", "disposition": "settled"}
    assert caller.post(f"{where}/status", closed, headers=close).status_code == 200
    assert caller.post(f"{where}/status", closed, headers=close).status_code == 200
    answer = caller.post(f"{where}/status", {**closed, "disposition": "false alarm"}, headers=close)
    assert caller.problem(answer, 422)["type"].endswith("key-used")


def test_one_account_cannot_take_every_stream(caller: Caller) -> None:
    caller.staff.roles["other"] = "analyst"
    caller.api.streams_of["fire-brigade"] = events.STREAMS_OF_ONE
    assert "fire-brigade" in caller.problem(caller.get("/stream"), 429)["detail"]

    async def other_reads() -> None:
        caller.name = "other"
        reader = Reader(caller)
        await reader.until(lambda one: bool(one.frames()))
        assert reader.status == 200
        assert caller.api.streams == events.STREAMS_OF_ONE + 1
        await reader.leave()

    asyncio.run(other_reads())
