"""What the warm-up compiles: every room that compiles anything, each in a process of its own."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from console import compiling
from console.compiling import ROOMS, compile_rooms

ROOT = Path(__file__).parent.parent.parent
# It does the same for its own rooms, in one process, for whoever is about to solve.
SAME_AGAIN = {"routing.deploy.solve"}


def test_every_room_that_compiles_is_warmed_up() -> None:
    found = {
        ".".join(file.relative_to(ROOT).with_suffix("").parts)
        for file in (ROOT / "routing").rglob("*.py")
        if re.search(r"^def warm_up\(", file.read_text("utf-8"), re.MULTILINE)
    }
    assert found - SAME_AGAIN == set(ROOMS)


def test_a_room_that_cannot_be_compiled_is_not_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiling, "ROOMS", ("routing.no_such_room",))
    with pytest.raises(ModuleNotFoundError, match="no_such_room"):
        compile_rooms(lambda share: None)
