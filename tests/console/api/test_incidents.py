"""Incidents over the API: reported once, corrected on what was seen, moved on by the rules."""

from __future__ import annotations

from typing import Any

import pytest

from console.commands import LogNote, ReviseIncident
from tests.console.api.caller import Caller

KEY = {"Idempotency-Key": "report-0001"}


def new_incident(caller: Caller, **more: Any) -> dict[str, Any]:
    region = caller.world.region
    return {"case_type": next(iter(region.case_types)), "place": next(iter(region.piers)), **more}


def test_listed_open_closed_and_since(caller: Caller) -> None:
    answer = caller.get("/incidents")
    assert answer.headers["x-tongzhou-mode"] == "drill"
    assert answer.headers["x-tongzhou-seq"] == str(caller.world.picture.seq)
    listed = answer.json()
    assert [one["id"] for one in listed["incidents"]] == ["i1", "i2"]
    assert listed["incidents"][0]["version"] == 1
    seq = listed["seq"]
    assert caller.get(f"/incidents?since_seq={seq}").json()["incidents"] == []
    assert caller.post("/incidents/i2/status", {"status": "closed", "disposition": "mistaken"}).status_code == 200
    assert [one["id"] for one in caller.get(f"/incidents?since_seq={seq}").json()["incidents"]] == ["i2"]
    assert [one["id"] for one in caller.get("/incidents?open=true").json()["incidents"]] == ["i1"]
    assert [one["id"] for one in caller.get("/incidents?open=false").json()["incidents"]] == ["i2"]


def test_a_retry_returns_the_same_incident_and_reports_nothing_twice(caller: Caller) -> None:
    first = caller.post("/incidents", new_incident(caller, note="smoke"), headers=KEY)
    again = caller.post("/incidents", new_incident(caller, note="smoke"), headers=KEY)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert first.headers["location"] == f"/api/v1/incidents/{first.json()['id']}"
    assert len(caller.world.picture.incidents) == 3
    recorded = list(caller.world.journal.read())
    assert recorded[-1].actor == "fire-brigade"


def test_a_key_of_another_act_is_no_answer(caller: Caller) -> None:
    assert caller.post("/units/boat-0/status", {"status": "out_of_service"}, headers=KEY).status_code == 200
    for answer in (
        caller.post("/incidents", new_incident(caller), headers=KEY),
        caller.post("/units/boat-1/status", {"status": "out_of_service"}, headers=KEY),
        caller.post("/incidents/i1/status", {"status": "accepted"}, headers=KEY),
        caller.ask("PATCH", "/incidents/i1", json={"note": "x"}, headers={**KEY, "If-Match": "*"}),
    ):
        assert caller.problem(answer, 422)["type"].endswith("key-used")
    assert caller.post("/units/boat-0/status", {"status": "out_of_service"}, headers=KEY).status_code == 200
    caller.problem(caller.post("/incidents", new_incident(caller), headers={"Idempotency-Key": "short"}), 422)


def test_a_key_with_another_body_does_not_pass_for_done(caller: Caller) -> None:
    given = {**KEY, "If-Match": "*"}
    assert caller.ask("PATCH", "/incidents/i1", json={"note": "a"}, headers=given).status_code == 200
    assert caller.ask("PATCH", "/incidents/i1", json={"note": " a "}, headers=given).status_code == 200
    caller.problem(caller.ask("PATCH", "/incidents/i1", json={"note": "b"}, headers=given), 422)
    caller.problem(caller.ask("PATCH", "/incidents/i2", json={"note": "a"}, headers=given), 422)
    assert caller.world.picture.versions["incident:i1"] == 2


def test_two_callers_may_use_the_same_key(caller: Caller) -> None:
    caller.staff.roles["coast-guard"] = "dispatcher"
    assert caller.post("/incidents", new_incident(caller), headers=KEY).status_code == 201
    caller.name = "coast-guard"
    assert caller.post("/incidents", new_incident(caller), headers=KEY).status_code == 201
    assert len(caller.world.picture.incidents) == 4


@pytest.mark.parametrize(
    "body",
    [
        {"place": "somewhere"},
        {"case_type": "nonesuch", "place": "x"},
        {"case_type": "riot", "lon_deg": 122.0},
        {"case_type": "riot", "lon_deg": 200.0, "lat_deg": 30.0},
        {"case_type": "riot", "priority": 7, "place": "x"},
        {"case_type": "riot", "caller_name": "somebody", "place": "x"},
        {"case_type": "riot", "note": "a\u0000b", "place": "x"},
        [],
        "text",
    ],
)
def test_what_is_wrong_is_refused_in_words(caller: Caller, body: Any) -> None:
    before = caller.world.picture.seq
    caller.problem(caller.post("/incidents", body), 422)
    assert caller.world.picture.seq == before


def test_a_field_for_somebodys_identity_is_refused_by_name(caller: Caller) -> None:
    answer = caller.post("/incidents", new_incident(caller, caller_phone="138"))
    assert "caller_phone" in caller.problem(answer, 422)["detail"]


def test_correcting_needs_the_version_seen(caller: Caller) -> None:
    caller.problem(caller.ask("PATCH", "/incidents/i1", json={"note": "x"}), 428)
    caller.problem(caller.ask("PATCH", "/incidents/i1", json={"note": "x"}, headers={"If-Match": '"x"'}), 422)
    seen = caller.get("/incidents/i1").headers["etag"]
    answer = caller.ask("PATCH", "/incidents/i1", json={"note": "second floor"}, headers={"If-Match": seen})
    assert answer.status_code == 200
    assert answer.json()["note"] == "second floor"
    assert answer.headers["etag"] == '"2"'


def test_what_somebody_changed_meanwhile_is_told_and_kept(caller: Caller) -> None:
    seen = caller.get("/incidents/i1").headers["etag"]
    caller.world.execute(ReviseIncident(incident_id="i1", note="third floor"), "seat-7")
    answer = caller.ask("PATCH", "/incidents/i1", json={"note": "second floor"}, headers={"If-Match": seen})
    problem = caller.problem(answer, 412)
    assert problem["changed_by"] == "seat-7"
    assert problem["now"]["note"] == "third floor"
    assert problem["now"]["version"] == 2
    assert caller.world.picture.incidents["i1"].note == "third floor"
    star = caller.ask("PATCH", "/incidents/i1", json={"note": "second floor"}, headers={"If-Match": "*"})
    assert star.status_code == 200


def test_a_step_that_does_not_follow_is_refused_with_what_now_holds(caller: Caller) -> None:
    problem = caller.problem(caller.post("/incidents/i1/status", {"status": "handled"}), 409)
    assert problem["now"]["status"] == "reported"
    stale = caller.post("/incidents/i1/status", {"status": "handled"}, headers={"If-Match": '"9"'})
    caller.problem(stale, 412)


def test_a_closed_incident_is_not_corrected(caller: Caller) -> None:
    caller.post("/incidents/i1/status", {"status": "closed"})
    answer = caller.ask("PATCH", "/incidents/i1", json={"note": "x"}, headers={"If-Match": "*"})
    assert caller.problem(answer, 409)["now"]["status"] == "closed"


def test_an_unknown_one_is_told_where_to_look(caller: Caller) -> None:
    for answer in (
        caller.get("/incidents/none"),
        caller.post("/incidents/none/status", {"status": "closed"}),
        caller.ask("PATCH", "/incidents/none", json={}, headers={"If-Match": "*"}),
        caller.get("/units/none"),
        caller.post("/units/none/status", {"status": "available"}),
        caller.get("/orders/none/x"),
        caller.post("/orders/none/x/acknowledge"),
        caller.get("/nowhere"),
    ):
        assert "GET /api/v1/" in caller.problem(answer, 404)["detail"] or "openapi" in answer.text


def test_found_by_its_spoken_number(caller: Caller) -> None:
    caller.world.execute(LogNote(text="x"), "seat-1")
    assert caller.get("/incidents/0614-001").json()["id"] == "i1"
