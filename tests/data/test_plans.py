"""Plan files: what was stored before a term was priced is still read, and nonsense is named."""

from __future__ import annotations

import json

import msgspec

from data.plans import read_plan
from tests.routing.plan_samples import sample_plan


def test_a_plan_stored_before_craft_had_a_price_is_still_read() -> None:
    stored = json.loads(msgspec.json.encode(sample_plan()))
    del stored["objective"]["craft_used"]
    assert read_plan(json.dumps(stored).encode()) == sample_plan()
