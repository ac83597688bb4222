"""Positions over the API: a batch taken in for what is good of it, history a bounded page at a time."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from console.api import history
from console.api.fix_intake import judge_fixes, read_fixes
from data.journal.fixes import Fix
from tests.console.api.caller import Caller
from tests.console.world_samples import START, at

GEOJSON = {"Content-Type": "application/geo+json"}


def fix(unit_id: str = "boat-0", minute: float = 1.0, **more: Any) -> dict[str, Any]:
    return {"unit_id": unit_id, "world_at": at(minute).isoformat(), "lon_deg": 122.5, "lat_deg": 30.1, **more}


def feature(unit_id: str = "boat-0", minute: float = 1.0, **more: Any) -> dict[str, Any]:
    properties = {"unit_id": unit_id, "world_at": at(minute).isoformat(), "ship_name": "kept nowhere", **more}
    geometry = {"type": "Point", "coordinates": [122.4, 30.2, 3.0]}
    return {"type": "Feature", "geometry": geometry, "properties": properties}


def test_a_batch_moves_its_units(caller: Caller) -> None:
    answer = caller.post("/positions", [fix("boat-0", heading_deg=90.0, speed_mps=8.5), fix("g1")])
    assert answer.status_code == 200
    assert answer.json() == {"accepted": 2, "late": 0, "rejected_count": 0, "unknown_units": {}, "rejected": []}
    unit = caller.get("/units/boat-0").json()
    assert (unit["lon_deg"], unit["heading_deg"], unit["speed_mps"]) == (122.5, 90.0, 8.5)
    assert caller.world.journal.positions_at(at(2))["g1"].lat_deg == 30.1


def test_points_of_geojson_are_taken_in(caller: Caller) -> None:
    body = {"type": "FeatureCollection", "features": [feature(), feature("ghost")], "crs": "left aside"}
    answer = caller.ask("POST", "/positions", content=json.dumps(body), headers=GEOJSON)
    assert answer.status_code == 207
    assert answer.json()["unknown_units"] == {"ghost": 1}
    assert caller.world.picture.units["boat-0"].lon_deg == 122.4


def test_the_good_ones_of_a_batch_are_kept_and_each_bad_one_is_told(caller: Caller) -> None:
    body = [
        fix("ghost"),
        fix(lon_deg=181.0),
        fix(lat_deg=-90.5),
        fix(heading_deg=361.0),
        fix(speed_mps=-1.0),
        fix(minute=5.1),
        fix(minute=-72 * 60 - 1),
        fix(world_at="yesterday"),
        fix(world_at="2026-06-13T19:00:30"),
        fix(lon_deg="east"),
        fix(skipper="somebody"),
        {"unit_id": "boat-0"},
        17,
        fix("ghost"),
        fix("boat-1", minute=0.5),
    ]
    answer = caller.post("/positions", body)
    assert answer.status_code == 207
    result = answer.json()
    assert (result["accepted"], result["rejected_count"]) == (1, 14)
    assert result["unknown_units"] == {"ghost": 2}
    assert [one["reason"] for one in result["rejected"]] == [
        "unknown_unit",
        "out_of_range",
        "out_of_range",
        "out_of_range",
        "out_of_range",
        "too_far_ahead",
        "too_old",
        *["not_understood"] * 6,
        "unknown_unit",
    ]
    assert [one["index"] for one in result["rejected"]] == list(range(14))
    assert "skipper" in result["rejected"][10]["detail"]["en"]
    assert caller.world.journal.positions_at(at(9)).keys() == {"boat-1"}


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e400", "null"])
def test_a_number_that_is_none_loses_only_its_own_position(caller: Caller, number: str) -> None:
    bad = json.dumps(fix()).replace("122.5", number)
    body = f"[{bad}, {json.dumps(fix('boat-1'))}]"
    answer = caller.ask("POST", "/positions", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 207
    assert (answer.json()["accepted"], answer.json()["rejected"][0]["index"]) == (1, 0)


def test_a_late_one_is_history_and_does_not_move_the_unit_back(caller: Caller) -> None:
    assert caller.post("/positions", [fix(minute=2.0)]).status_code == 200
    late = caller.post("/positions", [fix(minute=1.0, lon_deg=121.0)]).json()
    assert (late["accepted"], late["late"]) == (1, 1)
    assert caller.world.picture.units["boat-0"].lon_deg == 122.5
    assert caller.world.journal.positions_at(at(1.5))["boat-0"].lon_deg == 121.0


@pytest.mark.parametrize("body", ["", "{", "{}", "null", '"x"', "[" * 100_000, '{"type":"FeatureCollection"}', "\x00"])
@pytest.mark.parametrize("kind", ["application/json", "application/geo+json"])
def test_what_is_no_list_of_positions_is_refused(caller: Caller, body: str, kind: str) -> None:
    answer = caller.ask("POST", "/positions", content=body, headers={"Content-Type": kind})
    caller.problem(answer, 422)


def test_too_much_at_once_is_refused_before_it_is_read(caller: Caller) -> None:
    many = [fix()] * 10_001
    assert "10001" in caller.problem(caller.post("/positions", many), 413)["detail"]
    assert caller.get("/units/boat-0").json()["fix_at"] == START.isoformat().replace("+00:00", "Z")
    big = caller.ask("POST", "/positions", content=b" " * 9_000_000, headers={"Content-Type": "application/json"})
    caller.problem(big, 413)

    async def dribble() -> Any:
        for _ in range(90):
            yield b" " * 100_000

    caller.problem(
        caller.ask("POST", "/positions", content=dribble(), headers={"Content-Type": "application/json"}), 413
    )


def test_a_full_batch_is_judged_by_one_rule_for_all(caller: Caller) -> None:
    units = {f"u{number}": START for number in range(10_000)}
    body = json.dumps([fix(unit_id) for unit_id in units]).encode()
    good, result = judge_fixes(read_fixes(body, False), units, START, START - timedelta(hours=1))
    assert (len(good), result.accepted, result.rejected_count) == (10_000, 10_000, 0)


def test_now_and_at_a_moment(caller: Caller) -> None:
    caller.post("/positions", [fix(minute=1.0), fix(minute=2.0, lon_deg=122.6), fix("g1", minute=2.0)])
    now = caller.get("/positions").json()
    assert {one["unit_id"] for one in now["positions"]} == set(caller.world.picture.units)
    then = caller.get("/positions", params={"at": at(1.5).isoformat()}).json()
    assert [(one["unit_id"], one["lon_deg"]) for one in then["positions"]] == [("boat-0", 122.5)]
    caller.problem(caller.get("/positions", params={"at": "2026-06-13T19:00:00"}), 422)


def test_history_page_after_page_is_the_whole_of_it_once(caller: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    told = [
        Fix(f"u{number % 7}", START + timedelta(seconds=number // 7), 122.0, 30.0, None, 0.0) for number in range(700)
    ]
    caller.world.journal.record_positions(told)
    expected = [(one.unit_id, one.world_at) for one in told]
    window = {"from": START.isoformat(), "to": at(60).isoformat()}
    for scan_limit in (history.SCAN_LIMIT, 40):
        monkeypatch.setattr(history, "SCAN_LIMIT", scan_limit)
        for more, wanted in (({}, expected), ({"unit": "u3"}, [one for one in expected if one[0] == "u3"])):
            found, cursor = [], None
            for _ in range(400):
                query = {**window, **more, "limit": 33, **({"cursor": cursor} if cursor else {})}
                page = caller.get("/positions/history", params=query)
                assert page.status_code == 200, page.text
                rows = page.json()["positions"]
                assert len(rows) <= 33
                found += [(one["unit_id"], one["world_at"]) for one in rows]
                cursor = page.json()["next"]
                caller.api.rates._left.clear()
                if cursor is None:
                    break
            assert found == [(unit_id, moment.isoformat().replace("+00:00", "Z")) for unit_id, moment in wanted]


@pytest.mark.parametrize("cursor", ["x", "1", "1-x", "9" * 17 + "-1", "-5-1", "٣-٣"])
def test_a_cursor_nobody_gave_is_refused(caller: Caller, cursor: str) -> None:
    window = {"from": START.isoformat(), "to": at(60).isoformat(), "cursor": cursor}
    caller.problem(caller.get("/positions/history", params=window), 422)


def test_past_positions_are_for_who_may_read_them_and_reading_is_written_down(caller: Caller) -> None:
    window = {"from": START.isoformat(), "to": at(60).isoformat()}
    caller.staff.roles["desk"] = "dispatcher"
    caller.name = "desk"
    caller.problem(caller.get("/positions/history", params=window), 403)
    caller.problem(caller.get("/positions", params={"at": START.isoformat()}), 403)
    assert caller.get("/positions").status_code == 200
    caller.name = "fire-brigade"
    assert caller.get("/positions/history", params=window).status_code == 200
    last = list(caller.world.journal.read())[-1]
    assert (last.stream, last.actor) == ("access", "fire-brigade")
