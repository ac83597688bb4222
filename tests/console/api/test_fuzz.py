"""Whatever is sent, the answer is a document with a status below 500, and a refused body changes nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from console.api.rates import Rates
from data.geography import Region
from tests.console.api.caller import Caller
from tests.console.world_samples import open_world

FIELDS = [
    *("case_type", "place", "lon_deg", "lat_deg", "priority", "echelons", "title", "note", "status", "disposition"),
    *("site_id", "leg_id", "unit_id", "world_at", "heading_deg", "speed_mps", "type", "features", "geometry"),
    *("coordinates", "properties", "zh", "en", "id", "name", "persons", "skill", "weight", "due_min"),
]
WORDS = st.sampled_from(["boat-0", "g1", "accepted", "available", "closed", "Point", "Feature", "FeatureCollection"])
MOMENTS = st.sampled_from(
    ["2026-06-13T19:00:00Z", "2026-06-13T19:00:00", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "now"]
)
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20), WORDS, MOMENTS, st.integers(-200, 200)
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(FIELDS) | st.text(), inner, max_size=6),
    max_leaves=20,
)
FIXES = st.lists(
    st.fixed_dictionaries(
        {"unit_id": WORDS | SCALARS, "world_at": MOMENTS | SCALARS, "lon_deg": SCALARS, "lat_deg": SCALARS},
        optional={"heading_deg": SCALARS, "speed_mps": SCALARS},
    ),
    max_size=5,
)
BODIES = st.one_of(VALUES, FIXES).map(lambda value: json.dumps(value).encode("utf-8", "surrogatepass")) | st.binary()
SENT = st.sampled_from(
    [
        ("POST", "/incidents"),
        ("PATCH", "/incidents/i1"),
        ("POST", "/incidents/i1/status"),
        ("POST", "/units/g0/status"),
        ("POST", "/positions"),
    ]
)
KINDS = st.sampled_from(["application/json", "application/geo+json", "application/json; charset=utf-8"])


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory, zhoushan: Region) -> Iterator[Caller]:
    """One world for all of it."""
    world, _ = open_world(tmp_path_factory.mktemp("fuzz") / "store", zhoushan)
    caller = Caller(world)
    caller.api.rates = Rates(burst=1e9)
    yield caller
    world.close()


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sent=SENT, kind=KINDS, body=BODIES)
def test_no_body_is_more_than_the_api_can_answer(busy: Caller, sent: Any, kind: str, body: bytes) -> None:
    before = busy.world.picture.seq
    answer = busy.ask(*sent, content=body, headers={"Content-Type": kind, "If-Match": "*"})
    assert answer.status_code < 500, answer.text
    if answer.status_code >= 400:
        busy.problem(answer, answer.status_code)
        assert busy.world.picture.seq == before


QUERIES = st.dictionaries(
    st.sampled_from(["at", "from", "to", "unit", "limit", "cursor", "after", "since_seq", "open", "journal"]),
    st.text(max_size=20) | MOMENTS | st.integers().map(str),
    max_size=4,
)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(path=st.sampled_from(["/incidents", "/positions", "/positions/history", "/orders", "/picture", "/events"]),
       query=QUERIES)  # fmt: skip
def test_no_question_is_more_than_the_api_can_answer(busy: Caller, path: str, query: dict[str, str]) -> None:
    answer = busy.get(path, params=query)
    assert answer.status_code < 500, answer.text
    if answer.status_code >= 400:
        busy.problem(answer, answer.status_code)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.text(min_size=1, max_size=30))
def test_no_name_is_more_than_the_api_can_answer(busy: Caller, name: str) -> None:
    from urllib.parse import quote

    for place in ("incidents", "units", "orders"):
        answer = busy.get(f"/{place}/{quote(name, safe='', errors='replace')}")
        assert answer.status_code < 500, answer.text
