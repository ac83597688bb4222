"""Orders out and acknowledged, units, the picture as GeoJSON, health."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from console.commands import AcceptPlan, RecordArchive, SetClosure, WithdrawPlan
from data.journal.events import ClosureSet
from data.text import Text
from tests.console.api.caller import Caller
from tests.console.world_samples import START, at, sample_plan


@pytest.fixture
def sent(caller: Caller, monkeypatch: pytest.MonkeyPatch) -> Caller:
    """The API of a world in which a plan has been accepted."""
    monkeypatch.setattr("console.decide.plans.check_plan", lambda *_: [])
    done = caller.world.execute(AcceptPlan(plan_id="plan-1", plan=sample_plan(caller.world)), "chief")
    assert done.ok, done.refusal
    return caller


def test_orders_come_out_once_and_are_acknowledged(sent: Caller) -> None:
    listed = sent.get("/orders").json()
    assert [one["id"] for one in listed["orders"]] == ["plan-1/boat-0", "plan-1/g0", "plan-1/g1"] or len(
        listed["orders"]
    ) == 3
    assert {one["state"] for one in listed["orders"]} == {"issued"}
    assert sent.get(f"/orders?since_seq={listed['orders'][0]['seq']}").json()["orders"] == listed["orders"][1:]
    answer = sent.post("/orders/plan-1/g0/acknowledge")
    assert answer.status_code == 200
    assert answer.json()["state"] == "acknowledged"
    unit = sent.world.picture.units["g0"]
    assert (unit.status, unit.plan_id) == ("accepted", "plan-1")
    before = sent.world.picture.seq
    assert sent.post("/orders/plan-1/g0/acknowledge").json()["state"] == "acknowledged"
    assert sent.world.picture.seq == before, "a second word changes nothing"
    assert sent.get("/orders/plan-1%2Fg0").json()["unit_id"] == "g0"


def test_an_order_taken_back_is_told_and_not_acknowledged(sent: Caller) -> None:
    seq = sent.world.picture.seq
    assert sent.world.execute(WithdrawPlan(plan_id="plan-1"), "chief").ok
    taken = sent.get(f"/orders?since_seq={seq}").json()["orders"]
    assert {one["state"] for one in taken} == {"withdrawn"}
    assert len(taken) == 3
    problem = sent.problem(sent.post("/orders/plan-1/g0/acknowledge"), 409)
    assert problem["now"]["state"] == "withdrawn"
    assert sent.world.picture.units["g0"].status == "available"


def test_a_units_status_and_its_refusal(sent: Caller) -> None:
    assert len(sent.get("/units").json()["units"]) == 9
    answer = sent.post("/units/g0/status", {"status": "en_route", "lon_deg": 122.1, "lat_deg": 30.0})
    assert answer.status_code == 200
    assert (answer.json()["status"], answer.json()["lon_deg"]) == ("en_route", 122.1)
    assert answer.json()["seq"] == sent.world.picture.seq - 1  # the incident moved on with its first unit
    problem = sent.problem(sent.post("/units/g0/status", {"status": "accepted"}), 409)
    assert problem["now"]["status"] == "en_route"
    sent.problem(sent.post("/units/g0/status", {"status": "asleep"}), 422)
    sent.problem(sent.post("/units/g0/status", {"status": "on_scene", "lon_deg": 122.1}), 422)


def test_the_picture_is_geojson(sent: Caller) -> None:
    region = sent.world.region
    reason = Text("测试", "trial")
    for kind, target in (
        ("pier", next(iter(region.piers))),
        ("bridge", next(iter(region.bridges))),
        ("zone", next(iter(region.zones))),
    ):
        assert sent.world.execute(SetClosure(target_kind=kind, target_id=target, reason=reason), "chief").ok
    set_at = {one.event.closure.id: one.seq for one in sent.world.journal.read() if isinstance(one.event, ClosureSet)}
    answer = sent.get("/picture")
    assert answer.headers["content-type"] == "application/geo+json"
    document = answer.json()
    assert document["type"] == "FeatureCollection"
    assert (document["mode"], document["seq"]) == ("drill", sent.world.picture.seq)
    assert datetime.fromisoformat(document["generated_at"]) > datetime(2026, 1, 1, tzinfo=UTC)
    assert document["attribution"] == {"zh": region.attribution.zh, "en": region.attribution.en}
    by_kind: dict[str, list[str | None]] = {}
    for one in document["features"]:
        assert one["type"] == "Feature"
        assert one["properties"]["mode"] == "drill"
        assert 0 < one["properties"]["seq"] <= document["seq"]
        assert any(name.endswith("_at") for name in one["properties"])
        if one["properties"]["kind"] == "closure":
            assert one["properties"]["seq"] == set_at.pop(one["properties"]["id"])
        by_kind.setdefault(one["properties"]["kind"], []).append((one["geometry"] or {}).get("type"))
    assert by_kind == {
        "incident": ["Point"] * 2,
        "unit": ["Point"] * 9,
        "order": ["LineString"] * 3,
        "closure": ["Point", "LineString", "Polygon"],
    }
    assert len({one["id"] for one in document["features"]}) == len(document["features"])


def test_the_picture_of_a_past_moment_is_for_who_may_replay(sent: Caller) -> None:
    sent.post("/positions", [{"unit_id": "boat-0", "world_at": at(1).isoformat(), "lon_deg": 122.5, "lat_deg": 30.0}])
    sent.world.clock.follow(at(10))
    then = sent.get("/picture", params={"at": START.isoformat()})
    assert then.status_code == 200
    assert then.json()["world_at"] == START.isoformat().replace("+00:00", "Z")
    assert then.json()["seq"] <= sent.world.picture.seq
    last = list(sent.world.journal.read())[-1]
    assert (last.stream, last.actor) == ("access", "fire-brigade")
    assert then.json()["unread_position_hours"] == []
    hour = START.replace(minute=0)
    assert sent.world.execute(RecordArchive(hour=hour, rows=1, sha256="ab"), "console").ok  # of which there is no file
    lacking = sent.get("/picture", params={"at": at(2).isoformat()}).json()
    assert [datetime.fromisoformat(one) for one in lacking["unread_position_hours"]] == [hour]
    sent.problem(sent.get("/picture", params={"at": at(600).isoformat()}), 422)
    sent.staff.roles["wall"] = "viewer"
    sent.name = "wall"
    assert sent.get("/picture").status_code == 200
    sent.problem(sent.get("/picture", params={"at": START.isoformat()}), 403)


def test_health_says_how_it_is(caller: Caller) -> None:
    health = caller.get("/health").json()
    assert (health["mode"], health["store"], health["leader"]) == ("drill", "ok", True)
    assert (health["seq"], health["units"], health["seats"], health["streams"]) == (caller.world.picture.seq, 9, 0, 0)
    assert health["last_fix_age_s"] == 0.0
    assert len(health["journal"]) == 16


def test_events_a_page_at_a_time(caller: Caller) -> None:
    caller.get("/events")  # a reading that writes itself down
    first = caller.get("/events?limit=3").json()
    assert [one["seq"] for one in first["events"]] == [1, 2, 3]
    assert first["next_after"] == 3
    assert first["events"][0]["kind"] == "WorldOpened"
    assert first["events"][0]["text"] == {"zh": "开始:样例", "en": "Opened: Sample"}
    rest = caller.get("/events?after=3").json()
    assert [one["seq"] for one in rest["events"]] == list(range(4, caller.world.picture.seq + 1))
    assert rest["next_after"] is None
    caller.problem(caller.get("/events?limit=0"), 422)
    caller.problem(caller.get("/events?after=-1"), 422)
