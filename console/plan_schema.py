"""The JSON Schema of plan files, from the plans' own types and their docstrings."""

from __future__ import annotations

import json
from typing import Any

import msgspec

from data.holding import HOLD_FORMAT, HoldPlan
from data.isolation import ISOLATION_FORMAT, isolation_schema
from data.plans import PLAN_FORMAT, Plan

SCHEMA_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def plan_schema() -> dict[str, Any]:
    """Return the schema of a plan file; each type carries its docstring as its description."""
    schema = msgspec.json.schema(Plan)
    return {
        "$schema": SCHEMA_DIALECT,
        "title": f"Tongzhou plan ({PLAN_FORMAT})",
        **schema,
    }


def plan_schema_json() -> str:
    """Return the schema as the text of docs/plan.schema.json."""
    return json.dumps(plan_schema(), ensure_ascii=False, indent=2) + "\n"


def hold_schema_json() -> str:
    """Return the schema of a hold plan as the text of docs/hold.schema.json."""
    schema = {
        "$schema": SCHEMA_DIALECT,
        "title": f"Tongzhou hold plan ({HOLD_FORMAT})",
        **msgspec.json.schema(HoldPlan),
    }
    return json.dumps(schema, ensure_ascii=False, indent=2) + "\n"


def isolation_schema_json() -> str:
    """Return the schema of an isolation report as the text of docs/isolation.schema.json."""
    schema = {
        "$schema": SCHEMA_DIALECT,
        "title": f"Tongzhou isolation report ({ISOLATION_FORMAT})",
        **isolation_schema(),
    }
    return json.dumps(schema, ensure_ascii=False, indent=2) + "\n"
