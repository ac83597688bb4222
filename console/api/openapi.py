"""The OpenAPI 3.1 description: FastAPI's paths, with the documents' own types as schemas."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

import msgspec
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from starlette.responses import Response

from console.api import shapes
from console.api.problems import KINDS, PROBLEM_TYPE

API_PATH = "/api/v1"
JSON_TYPE = "application/json"
GEOJSON_TYPE = "application/geo+json"
STREAM_TYPE = "text/event-stream"
# What any request may meet: nobody logged in, not allowed, too many, store away.
ALWAYS = (401, 403, 422, 429, 500, 503)
_STAMPS = {
    "X-Tongzhou-Mode": {"description": "live or drill", "schema": {"type": "string"}},
    "X-Tongzhou-Seq": {"description": "the last event known when it was answered", "schema": {"type": "integer"}},
}
_TITLES = {status: title.en for status, title in KINDS.values()}


def ref(shape: type) -> dict[str, str]:
    """Return the reference to a document's schema."""
    return {"$ref": f"#/components/schemas/{shape.__name__}"}


def described(
    summary: str,
    *,
    gives: Mapping[int, type | None],
    problems: tuple[int, ...] = (),
    takes: Mapping[str, Any] | None = None,
    gives_type: str = JSON_TYPE,
    headers: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Return what a route's decorator is told: summary, documents by status, problems, body.

    ``takes`` maps content types to schemas; ``headers`` names request headers with their descriptions.
    """
    answers: dict[int | str, dict[str, Any]] = {}
    for status, shape in gives.items():
        schema = ref(shape) if shape else {"type": "string"}
        answers[status] = {"description": "Done", "headers": _STAMPS, "content": {gives_type: {"schema": schema}}}
    for status in sorted({*problems, *ALWAYS}):
        problem = {PROBLEM_TYPE: {"schema": ref(shapes.Problem)}}
        answers[status] = {"description": _TITLES[status], "content": problem}
    extra: dict[str, Any] = {}
    if takes:
        content = {kind: {"schema": schema} for kind, schema in takes.items()}
        extra["requestBody"] = {"required": True, "content": content}
    if headers:
        extra["parameters"] = [
            {"name": name, "in": "header", "required": False, "description": words, "schema": {"type": "string"}}
            for name, words in headers.items()
        ]
    return {"summary": summary, "responses": answers, "openapi_extra": extra, "response_class": Response}


def _shapes() -> list[type]:
    found = [one for one in vars(shapes).values() if isinstance(one, type) and issubclass(one, msgspec.Struct)]
    return [one for one in found if one.__module__ == shapes.__name__ and not one.__name__.startswith("_")]


def api_schema(api: FastAPI) -> dict[str, Any]:
    """Return the description of the routes of the API."""
    document: dict[str, Any] = get_openapi(
        title="Tongzhou 同舟",
        version=version("tongzhou"),
        openapi_version="3.1.0",
        summary="One shared picture of incidents, units, orders and positions.",
        description="Times are RFC 3339 with an offset; coordinates are WGS 84 degrees. People are counts.",
        routes=api.routes,
        servers=[{"url": API_PATH}],
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
    )
    for operations in document["paths"].values():
        for operation in operations.values():
            for answer in operation["responses"].values():
                answer["content"] = {kind: held for kind, held in answer["content"].items() if held}
    _, components = msgspec.json.schema_components(_shapes(), ref_template="#/components/schemas/{name}")
    document["components"] = {
        "schemas": components,
        "securitySchemes": {
            "token": {"type": "http", "scheme": "bearer", "description": "An API token."},
        },
    }
    document["security"] = [{"token": []}]
    return document


def schema_text(api: FastAPI) -> str:
    """Return the description as the text of docs/openapi.json."""
    return json.dumps(api_schema(api), ensure_ascii=False, indent=2) + "\n"
