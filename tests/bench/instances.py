"""Name the drawn problems of the benches by what is in them, so that figures of two machines are of the same ones.

``python -m tests.bench.instances`` compares the generator with the file of hashes; ``--write`` writes the file anew.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Iterator, Mapping, Set
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import numpy as np

from routing.deploy.generate import SIZES, draw_problem
from routing.deploy.problem import DeployProblem

HASHES = Path(__file__).with_name("instances.json")
SEEDS = (1, 2, 3)


def content_hash(problem: DeployProblem) -> str:
    """Return the SHA-256 of every field of a problem, the same on every machine.

    A field that is empty (None or nothing in it) is left out, so that a rule added later does not rename the problems
    that know nothing of it. Raises TypeError for a field of a kind that has no canonical form yet.
    """
    digest = hashlib.sha256()
    for field in sorted(fields(problem), key=lambda f: f.name):
        value = getattr(problem, field.name)
        if not _is_empty(value):
            digest.update(f"{field.name}=".encode() + _canonical(value) + b"\n")
    return digest.hexdigest()


def _is_empty(value: Any) -> bool:
    if isinstance(value, np.ndarray):
        return False
    return value is None or (hasattr(value, "__len__") and len(value) == 0)


def _canonical(value: Any) -> bytes:
    """Return bytes that two values share only if they are equal; collections without order are sorted."""
    if isinstance(value, np.ndarray):
        kind = "|b1" if value.dtype == np.bool_ else "<i8"
        if not (value.dtype == np.bool_ or np.issubdtype(value.dtype, np.integer)):
            raise TypeError(f"an array of {value.dtype} has no canonical form; whole numbers and booleans have")
        return f"array{kind}{value.shape}:".encode() + np.ascontiguousarray(value, dtype=kind).tobytes()
    if is_dataclass(value) and not isinstance(value, type):
        parts = [f.name.encode() + b"=" + _canonical(getattr(value, f.name)) for f in fields(value)]
        return type(value).__name__.encode() + _framed(parts)
    if isinstance(value, Mapping):
        return b"map" + _framed(sorted(_framed([_canonical(k), _canonical(v)]) for k, v in value.items()))
    if isinstance(value, Set):
        return b"set" + _framed(sorted(_canonical(one) for one in value))
    if isinstance(value, tuple | list):
        return b"row" + _framed([_canonical(one) for one in value])
    if isinstance(value, np.integer):
        value = int(value)
    if value is None or isinstance(value, bool | int | str):
        return json.dumps(value).encode()
    raise TypeError(f"a {type(value).__name__} has no canonical form")


def _framed(parts: list[bytes]) -> bytes:
    """Put each part's length before it, so that no two lists of parts give the same bytes."""
    return b"[" + b"".join(f"{len(part)}:".encode() + part for part in parts) + b"]"


def drawn_hashes() -> Iterator[tuple[str, int, str]]:
    """Yield size, seed and hash of every problem the benches draw."""
    for name, size in SIZES.items():
        for seed in SEEDS:
            yield name, seed, content_hash(draw_problem(size, seed))


def stored_hashes() -> dict[tuple[str, int], str]:
    """Return the hashes in the file, by size and seed."""
    stored = json.loads(HASHES.read_text(encoding="utf-8"))
    return {(size, int(seed)): found for size, by_seed in stored["sha256"].items() for seed, found in by_seed.items()}


def write_hashes() -> None:
    """Write the file of hashes from what the generator draws now."""
    found: dict[str, dict[str, str]] = {}
    for size, seed, sha in drawn_hashes():
        found.setdefault(size, {})[str(seed)] = sha
    about = "SHA-256 of each drawn problem by size and seed; made by python -m tests.bench.instances --write"
    HASHES.write_text(json.dumps({"about": about, "sha256": found}, indent=2) + "\n", encoding="utf-8")


def main() -> None:
    """Compare every drawn problem with the file, or write the file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="write the hashes of what is drawn now")
    if parser.parse_args().write:
        write_hashes()
    stored, differ = stored_hashes(), 0
    for size, seed, sha in drawn_hashes():
        is_same = stored.get((size, seed)) == sha
        differ += not is_same
        print(f"{size:<8} {seed:>3}  {sha}  {'ok' if is_same else 'DIFFERS from ' + HASHES.name}")
    if differ:
        sys.exit(f"{differ} drawn problems are not those of {HASHES.name}: figures of the two are not to be compared")


if __name__ == "__main__":
    main()
