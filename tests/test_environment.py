"""environment.yml, the lock files and pyproject name the same packages at the same versions."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import yaml

ROOT = Path(__file__).parent.parent


def _locked(file: str) -> dict[str, str]:
    lines = (ROOT / file).read_text().splitlines()
    pins = (re.match(r"([A-Za-z0-9_.-]+)==([^ ;]+)", line) for line in lines)
    return {pin[1].lower(): pin[2] for pin in pins if pin}


def _asked() -> tuple[set[str], set[str]]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]

    def names(rows: list[str]) -> set[str]:
        return {re.match(r"[A-Za-z0-9_.-]+", row)[0].lower() for row in rows}  # type: ignore[index]

    return names(project["dependencies"]), names(project["optional-dependencies"]["test"])


def _conda() -> dict[str, str]:
    rows = yaml.safe_load((ROOT / "environment.yml").read_text())["dependencies"]
    flat = [row for row in rows if isinstance(row, str)]
    flat += next(row["pip"] for row in rows if isinstance(row, dict))
    pins = (re.match(r"([A-Za-z0-9_.-]+)(?:\[[^\]]*\])?==(\S+)", row) for row in flat)
    return {pin[1].lower(): pin[2] for pin in pins if pin}


def test_conda_names_every_direct_dependency_at_the_locked_version() -> None:
    run, test = _asked()
    locked = _locked("requirements-test.lock")
    assert _conda() == {name: locked[name] for name in run | test}


def test_both_locks_agree() -> None:
    run, test = _locked("requirements.lock"), _locked("requirements-test.lock")
    assert {name: test.get(name) for name in run} == run


def test_the_lock_of_the_bench_agrees_and_pins_the_peers() -> None:
    run, bench = _locked("requirements.lock"), _locked("requirements-bench.lock")
    assert {name: bench.get(name) for name in run} == run
    asked = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]["bench"]
    assert asked
    for pin in asked:
        name, version = pin.split("==")
        assert bench[name] == version


def test_locks_hold_every_direct_dependency() -> None:
    run, test = _asked()
    assert run <= set(_locked("requirements.lock"))
    assert run | test <= set(_locked("requirements-test.lock"))


def test_no_lock_names_an_index_host() -> None:
    for file in ("requirements.lock", "requirements-test.lock", "requirements-bench.lock", "environment.yml"):
        assert not re.search(r"https?://|--(extra-)?index-url", (ROOT / file).read_text()), file
