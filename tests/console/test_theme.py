"""The tokens: both themes complete, text readable on what it stands on, hex in no other file of the frame."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import console
from console.theme import TOKENS, theme_sheet

CONSOLE = Path(console.__file__).parent
TEXT_ON = [
    ("text", "panel panel2 head sel land sea"),
    ("text2", "panel panel2 head sel"),
    ("text3", "panel head"),
    ("fg", "land sea"),
    ("plan", "panel sea land"),
    ("accent", "panel head"),
    ("red", "panel sea land"),
    ("amber", "panel sea land"),
    ("redtx", "redbg"),
    ("ambertx", "amberbg"),
]


def luminance(colour: str) -> float:
    """Relative luminance by WCAG 2.2."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize(("text", "grounds"), TEXT_ON)
def test_text_stands_out_by_at_least_4_5(theme: str, text: str, grounds: str) -> None:
    tokens = TOKENS[theme]  # type: ignore[index]
    for ground in grounds.split():
        assert contrast(tokens[text], tokens[ground]) >= 4.5, f"{text} on {ground}"


def test_both_themes_name_the_same_tokens_and_neither_is_pure_black() -> None:
    assert TOKENS["dark"].keys() == TOKENS["light"].keys()
    assert "#000000" not in TOKENS["dark"].values()
    assert "--sea:#222b31" in theme_sheet()


def test_the_frame_and_the_door_use_tokens_only() -> None:
    files = [CONSOLE / "frame.html", CONSOLE / "static" / "frame.css", CONSOLE / "static" / "console.js"]
    files += sorted((CONSOLE / "door").glob("*.py"))
    for file in files:
        assert not re.findall(r"#[0-9a-fA-F]{6}\b|#[0-9a-fA-F]{3}\b(?=[;\s\"'])", file.read_text()), file.name


def test_every_token_the_frame_names_exists() -> None:
    sheet = (CONSOLE / "static" / "frame.css").read_text()
    own = set(re.findall(r"--([\w-]+)\s*:", sheet))
    used = set(re.findall(r"var\(--([\w-]+)", sheet))
    assert used <= own | TOKENS["dark"].keys()
