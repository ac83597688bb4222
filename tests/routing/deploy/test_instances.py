"""The drawn problems are those whose hashes are kept, and the hash sees every number of a problem."""

from __future__ import annotations

import re
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest

from routing.deploy.generate import SIZES, draw_problem
from routing.deploy.problem import DeployProblem, EchelonNeed, Weights
from tests.bench import instances
from tests.bench.instances import content_hash, drawn_hashes, stored_hashes
from tests.routing.deploy.samples import random_problem, tiny_problem


def test_the_generator_draws_the_problems_whose_hashes_are_kept() -> None:
    drawn = {(size, seed): sha for size, seed, sha in drawn_hashes()}
    assert drawn == stored_hashes()
    assert len(set(drawn.values())) == len(SIZES) * len(instances.SEEDS)


@pytest.mark.parametrize("name", [f.name for f in fields(DeployProblem) if f.type == "IntArray"])
def test_one_changed_number_in_any_array_changes_the_hash(name: str) -> None:
    problem = draw_problem(SIZES["small"], 1)
    changed = getattr(problem, name).copy()
    changed.flat[-1] += -1 if changed.flat[-1] > 1 else 1
    assert content_hash(replace(problem, **{name: changed})) != content_hash(problem)


@pytest.mark.parametrize(
    "change",
    [
        {"horizon_min": 121},
        {"weights": Weights(cover=1)},
        {"weights": Weights(missing_min=6)},
        {"skills": (frozenset({"police"}), frozenset({"police", "medical"}), frozenset({"medical"}))},
        {"echelons": (EchelonNeed(0, 10, None, 2), EchelonNeed(0, 4, "medical", 2))},
        {"echelons": (EchelonNeed(0, 4, "medical", 1), EchelonNeed(0, 10, None, 2))},
        {"closed_hauls": {(0, 0, 0): ((5, 9),)}},
        {"closed_positions": {(0, 0): ((5, 9),)}},
        {"closed_returns": {(0, 0, 0): ((5, 9),)}},
        {"counts_for_cover": np.array([True, True, False])},
    ],
)
def test_any_other_change_changes_the_hash(change: dict[str, object]) -> None:
    assert content_hash(tiny_problem(**change)) != content_hash(tiny_problem())


def test_spans_that_differ_in_one_minute_have_two_hashes() -> None:
    one, other = (tiny_problem(closed_hauls={(0, 0, 0): ((5, end),)}) for end in (9, 10))
    assert content_hash(one) != content_hash(other)


def test_the_hash_knows_no_order_where_there_is_none() -> None:
    spans = {(0, 0, 0): ((5, 9),), (1, 1, 0): ((2, 4),)}
    turned = dict(reversed(spans.items()))
    assert content_hash(tiny_problem(closed_hauls=spans)) == content_hash(tiny_problem(closed_hauls=turned))


@pytest.mark.parametrize("seed", range(5))
def test_equal_problems_have_one_hash(seed: int) -> None:
    assert content_hash(random_problem(seed)) == content_hash(random_problem(seed))


def test_a_field_without_a_canonical_form_is_refused() -> None:
    problem = tiny_problem()
    object.__setattr__(problem, "horizon_min", 120.0)
    with pytest.raises(TypeError, match="float has no canonical form"):
        content_hash(problem)


def test_a_file_with_another_hash_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    other = tmp_path / "instances.json"
    other.write_text(re.sub(r'"1": "[0-9a-f]{64}"', f'"1": "{"0" * 64}"', instances.HASHES.read_text(), count=1))
    monkeypatch.setattr(instances, "HASHES", other)
    monkeypatch.setattr("sys.argv", ["instances"])
    with pytest.raises(SystemExit, match=r"1 drawn problems are not those of instances\.json"):
        instances.main()
    assert "small      1" in capsys.readouterr().out
