"""The description of the API: complete, valid, and the one in docs/."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from console.api.routes import described_api
from console.cli import run
from data.journal.shared import SeatSeen
from tests.console.api.caller import Caller
from tests.console.world_samples import START, at

ROOT = Path(__file__).parents[3]
METHODS = {"get", "post", "patch"}


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    """The description as a program reads it."""
    found: dict[str, Any] = json.loads(described_api())
    return found


def references(value: Any) -> set[str]:
    if isinstance(value, dict):
        own = {value["$ref"]} if isinstance(value.get("$ref"), str) else set()
        return own.union(*(references(one) for one in value.values()))
    if isinstance(value, list):
        return set().union(*(references(one) for one in value))
    return set()


def test_docs_hold_what_the_program_says() -> None:
    assert (ROOT / "docs" / "openapi.json").read_text(encoding="utf-8") == described_api(), (
        "write it anew: tongzhou api-schema > docs/openapi.json"
    )


def test_the_command_prints_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["api-schema"]) == 0
    assert capsys.readouterr().out == described_api()


def test_it_keeps_the_rules_of_openapi_3_1(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1.")
    assert {"title", "version"} <= document["info"].keys()
    assert document["security"] == [{"token": []}]
    names = []
    for path, operations in document["paths"].items():
        assert path.startswith("/")
        for method, operation in operations.items():
            assert method in METHODS
            names.append(operation["operationId"])
            in_path = {one["name"] for one in operation.get("parameters", ()) if one["in"] == "path"}
            assert in_path == set(re.findall(r"{(\w+)}", path))
            for parameter in operation.get("parameters", ()):
                assert {"name", "in", "schema"} <= parameter.keys()
                Draft202012Validator.check_schema(parameter["schema"])
            pairs = [(one["name"], one["in"]) for one in operation.get("parameters", ())]
            assert len(set(pairs)) == len(pairs)
            assert any(status.startswith("2") for status in operation["responses"])
            for status, answer in operation["responses"].items():
                assert re.fullmatch(r"[1-5]\d\d", status)
                assert answer["description"]
                assert len(answer["content"]) == 1
                if not status.startswith("2"):
                    assert [*answer["content"]] == ["application/problem+json"]
            assert (method == "get") == ("requestBody" not in operation) or path.endswith("/acknowledge")
    assert len(set(names)) == len(names)
    for reference in references(document):
        kind, name = reference.removeprefix("#/components/").split("/")
        assert name in document["components"][kind]
    for schema in document["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


def test_it_names_no_other_host(document: dict[str, Any]) -> None:
    assert "http" not in re.sub(r'"(?:type|scheme)": "http"', "", described_api())


def test_people_are_counts_in_every_document(document: dict[str, Any]) -> None:
    for name, schema in document["components"]["schemas"].items():
        for field in schema.get("properties", {}):
            assert not re.search(r"phone|caller|person_name|full_name|email|passport", field), (name, field)


def validator(document: dict[str, Any], path: str, method: str, status: str) -> Draft202012Validator:
    (content,) = document["paths"][path][method]["responses"][status]["content"].values()
    return Draft202012Validator({**content["schema"], "components": document["components"]})


def test_answers_are_as_described(caller: Caller, document: dict[str, Any]) -> None:
    window = {"from": START.isoformat(), "to": at(60).isoformat()}
    fix = {"unit_id": "boat-0", "world_at": START.isoformat(), "lon_deg": 122.0, "lat_deg": 30.0}
    incident = {"case_type": next(iter(caller.world.region.case_types)), "place": next(iter(caller.world.region.piers))}
    seat = SeatSeen(
        seat_id="s", name="wang", role="dispatcher", console="one", incident_id="i1", since=START, seen_at=START
    )
    caller.world.store.shared.announce_seats([seat])
    asked = [
        ("post", "/incidents", "/incidents", {"json": incident}),
        ("get", "/incidents", "/incidents", {}),
        ("get", "/incidents/{incident_id}", "/incidents/i1", {}),
        ("patch", "/incidents/{incident_id}", "/incidents/i1", {"json": {"note": "x"}, "headers": {"If-Match": "*"}}),
        ("patch", "/incidents/{incident_id}", "/incidents/i1", {"json": {}, "headers": {"If-Match": '"1"'}}),
        ("post", "/incidents/{incident_id}/status", "/incidents/i1/status", {"json": {"status": "accepted"}}),
        ("get", "/units", "/units", {}),
        ("get", "/units/{unit_id}", "/units/g0", {}),
        ("get", "/units/{unit_id}", "/units/none", {}),
        ("post", "/units/{unit_id}/status", "/units/g0/status", {"json": {"status": "out_of_service"}}),
        ("post", "/positions", "/positions", {"json": [fix]}),
        ("post", "/positions", "/positions", {"json": [fix, {**fix, "unit_id": "ghost"}]}),
        ("get", "/positions", "/positions", {}),
        ("get", "/positions/history", "/positions/history", {"params": window}),
        ("get", "/orders", "/orders", {}),
        ("get", "/picture", "/picture", {}),
        ("get", "/events", "/events", {}),
        ("get", "/presence", "/presence", {}),
        ("get", "/health", "/health", {}),
    ]
    statuses = set()
    for method, route, path, given in asked:
        answer = caller.ask(method.upper(), path, **given)
        statuses.add(answer.status_code)
        validator(document, route, method, str(answer.status_code)).validate(answer.json())
    assert statuses == {200, 201, 207, 404, 412}


def test_served_behind_the_door_as_well(caller: Caller) -> None:
    import asyncio

    import httpx

    async def asked() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(caller), base_url="http://console") as client:
            return await client.get("/api/openapi.json")

    assert asyncio.run(asked()).text == described_api()
