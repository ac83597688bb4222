"""Every way a request can fail ends in a problem document in both languages."""

from __future__ import annotations

import json
from typing import Any

import pytest

from console.api.rates import Rates
from console.permits import may
from data.errors import worded
from data.journal.interface import StoreUnreachableError
from data.roles import ROLES
from tests.console.api.caller import Caller
from tests.console.world_samples import START, at

STAMP = "%Y-%m-%dT%H:%M:%SZ"
SEEN = {"If-Match": "*"}
# Each route with what the permits call it, and a body that may go through.
ROUTES: list[tuple[str, str, Any, Any]] = [
    ("GET", "/incidents", "see_picture", None),
    ("GET", "/incidents/i1", "see_picture", None),
    ("POST", "/incidents", "ReportIncident", {"case_type": "nonesuch", "place": "x"}),
    ("PATCH", "/incidents/i1", "ReviseIncident", {"note": "x"}),
    ("POST", "/incidents/i1/status", "ChangeIncidentStatus", {"status": "accepted"}),
    ("GET", "/units", "see_picture", None),
    ("GET", "/units/g0", "see_picture", None),
    ("POST", "/units/g0/status", "SetUnitStatus", {"status": "out_of_service"}),
    ("POST", "/positions", "write_positions", []),
    ("GET", "/positions", "see_picture", None),
    ("GET", f"/positions?at={START:{STAMP}}", "read_positions", None),
    ("GET", f"/positions/history?from={START:{STAMP}}&to={at(5):{STAMP}}", "read_positions", None),
    ("GET", "/orders", "see_picture", None),
    ("GET", "/picture", "see_picture", None),
    ("GET", f"/picture?at={START:{STAMP}}", "replay", None),
    ("GET", "/events", "see_log", None),
    ("GET", "/presence", "see_presence", None),
    ("GET", "/health", "see_picture", None),
]  # fmt: skip


@pytest.mark.parametrize(("method", "path", "needed", "body"), ROUTES)
def test_nobody_and_those_whose_token_was_revoked_get_nothing(
    caller: Caller, method: str, path: str, needed: str, body: Any
) -> None:
    caller.name = None
    answer = caller.ask(method, path, json=body, headers=SEEN)
    assert caller.problem(answer, 401)["type"].endswith("not-logged-in")
    assert answer.headers["www-authenticate"] == "Bearer"
    caller.name = "revoked"
    before = caller.world.picture.seq
    caller.problem(caller.ask(method, path, json=body, headers=SEEN), 403)
    assert all(one.stream == "access" for one in caller.world.journal.read(before))


@pytest.mark.parametrize("role", ROLES)
def test_every_role_may_what_the_permits_say_and_no_more(caller: Caller, role: Any) -> None:
    from console import commands

    caller.staff.roles["one"] = role
    caller.name = "one"
    for method, path, needed, body in ROUTES:
        allowed = may(role, getattr(commands, needed, needed), "drill")
        answer = caller.ask(method, path, json=body, headers=SEEN)
        assert (answer.status_code != 403) == allowed, (method, path, answer.text)
        if not allowed:
            caller.problem(answer, 403)


def test_a_path_or_method_that_is_not(caller: Caller) -> None:
    caller.problem(caller.get("/"), 404)
    caller.problem(caller.get("/incidents/"), 404)
    answer = caller.ask("DELETE", "/incidents")
    assert caller.problem(answer, 405)
    assert "GET" in answer.headers["allow"]


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
def test_only_json_is_taken(caller: Caller, kind: str) -> None:
    for method, path, _, body in ROUTES:
        if body is not None:
            answer = caller.ask(method, path, content=json.dumps(body), headers={"Content-Type": kind, **SEEN})
            assert "application/json" in caller.problem(answer, 415)["detail"]


def test_a_long_command_is_refused(caller: Caller) -> None:
    caller.problem(caller.post("/incidents", {"case_type": "riot", "note": "x" * 100_000}), 413)
    caller.problem(caller.post("/incidents", {"case_type": "riot", "note": "x" * 3_000, "place": "x"}), 422)


def test_asking_too_often_is_slowed_and_told_when(caller: Caller) -> None:
    caller.api.rates = Rates(burst=3, refill_per_s=0.01)
    answers = [caller.get("/health") for _ in range(4)]
    assert [one.status_code for one in answers] == [200, 200, 200, 429]
    caller.problem(answers[-1], 429)
    assert int(answers[-1].headers["retry-after"]) >= 1
    caller.staff.roles["another"] = "viewer"
    caller.name = "another"
    assert caller.get("/health").status_code == 200, "one caller's haste is not another's"


def test_a_bucket_fills_again() -> None:
    rates = Rates(burst=2, refill_per_s=0.5)
    assert [rates.wait_s("a", 0.0) for _ in range(3)] == [0, 0, 2]
    assert rates.wait_s("a", 1.0) == 1
    assert rates.wait_s("a", 3.0) == 0


@pytest.fixture
def away(caller: Caller, monkeypatch: pytest.MonkeyPatch) -> Caller:
    """The store has stopped answering."""

    def gone(*_: Any, **__: Any) -> Any:
        raise worded(StoreUnreachableError("The store does not answer."), zh="存储没有应答。")

    for name in ("append", "record_positions", "positions_at", "fixes_between", "fix_hours", "rows"):
        monkeypatch.setattr(caller.world.journal, name, gone)
    return caller


def test_a_store_that_is_away_is_said_and_nothing_is_called_done(away: Caller) -> None:
    fix = {"unit_id": "boat-0", "world_at": START.isoformat(), "lon_deg": 122.0, "lat_deg": 30.0}
    window = {"from": START.isoformat(), "to": at(5).isoformat()}
    for answer in (
        away.post("/positions", [fix]),
        away.post("/incidents/i1/status", {"status": "accepted"}),
        away.post("/units/g0/status", {"status": "out_of_service"}),
        away.get("/positions/history", params=window),
        away.post("/positions", [fix]),
    ):
        problem = away.problem(answer, 503)
        assert problem["type"].endswith("unavailable")
        assert int(answer.headers["retry-after"]) > 0
    health = away.get("/incidents")
    assert health.status_code == 200, "what is known may still be read"


def test_a_fault_of_ours_is_no_traceback(caller: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: Any, *__: Any) -> Any:
        raise RuntimeError("secret details")

    monkeypatch.setattr(caller.api, "look", broken)
    answer = caller.get("/incidents")
    caller.problem(answer, 500)
    assert "secret" not in answer.text
    assert answer.headers["x-tongzhou-mode"] == "drill"
