"""The threat notes name tests that there are, and every attack of the list."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs" / "security.md").read_text("utf-8")


def there_are() -> set[str]:
    found = (file.read_text("utf-8") for file in (ROOT / "tests").rglob("test_*.py"))
    return {name for text in found for name in re.findall(r"^(?:async )?def (test_\w+)", text, re.MULTILINE)}


def test_every_test_named_is_there() -> None:
    named = set(re.findall(r"`(test_\w+)`", DOCUMENT))
    assert len(named) > 40
    assert named - there_are() == set()


def test_every_attack_of_the_list_has_a_test() -> None:
    rows = re.findall(r"^\| (\d+) \| (.+?) \| (.+?) \|$", DOCUMENT, re.MULTILINE)
    assert [int(number) for number, _, _ in rows] == list(range(1, 35))
    assert all("`test_" in tests for _, _, tests in rows)
