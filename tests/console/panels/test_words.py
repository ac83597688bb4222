"""The words: complete in both languages, all used, none unknown, and those of the glossary."""

from __future__ import annotations

import csv
import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

from console.i18n import both, say, words
from console.i18n.glossary import glossary_document, read_glossary
from data.text import Text

ROOT = Path(__file__).parents[3]
CONSOLE = ROOT / "console"
# A word in English that means another thing here than in the glossary, with that thing.
OTHER_SENSE = {
    "plan.make": "the deployment plan, not the mode",
    "reasons.plan": "the deployment plan, not the mode",
    "timer.accept": "a unit accepts an order; the officer accepts a plan",
}


def sources() -> Iterator[str]:
    """Yield the text of every module of the console that may use words."""
    for path in CONSOLE.rglob("*.py"):
        yield path.read_text("utf-8")


def literal_keys() -> set[str]:
    """Return the keys written out in the code."""
    return {key for text in sources() for key in re.findall(r"""["']([a-z_]+\.[a-z_0-9]+)["']""", text)}


def key_prefixes() -> set[str]:
    """Return the beginnings of keys that are put together, e.g. ``unit_status.``."""
    made = {key for text in sources() for key in re.findall(r"""f["']([a-z_]+\.[a-z_]*)\{""", text)}
    return made | {key for text in sources() for key in re.findall(r"""["']([a-z_]+\.)["'] \+""", text)}


def said_keys() -> set[str]:
    """Return the keys handed to ``say`` or ``both`` as they stand."""
    return {
        key for text in sources() for key in re.findall(r"""\b(?:say|both)\(\s*["']([a-z_]+\.[a-z_0-9]+)["']""", text)
    }


def test_every_key_said_exists() -> None:
    assert said_keys() - set(words()) == set()


def test_every_word_is_used() -> None:
    used, prefixes = literal_keys(), tuple(key_prefixes())
    unused = {key for key in words() if key not in used and not key.startswith(prefixes)}
    assert unused == set()


def test_both_languages_take_the_same_values() -> None:
    def fields(phrase: str) -> set[str]:
        return {name for _, name, _, _ in string.Formatter().parse(phrase) if name is not None}

    for key, text in words().items():
        assert fields(text.zh) == fields(text.en), key


def test_no_chinese_in_english_words() -> None:
    for key, text in words().items():
        assert not re.search(r"[\u4e00-\u9fff]", text.en), key


def test_words_of_the_glossary_are_said_as_it_says() -> None:
    senses: dict[str, set[str]] = {}
    for term in read_glossary():
        senses.setdefault(re.sub(r" \(.*\)$", "", term.en.casefold()), set()).add(term.zh)
    differing = {
        key: (text.zh, senses[text.en.casefold()])
        for key, text in words().items()
        if key not in OTHER_SENSE and text.zh not in senses.get(text.en.casefold(), {text.zh})
    }
    assert differing == {}


def test_the_glossary_document_is_in_step() -> None:
    assert (ROOT / "docs" / "glossary.md").read_text("utf-8") == glossary_document()


def test_the_glossary_has_no_empty_or_double_term() -> None:
    terms = read_glossary()
    assert all(term.en and term.zh for term in terms)
    assert len({term.en for term in terms}) == len(terms)


def test_values_are_filled_in_both_languages() -> None:
    text = both("case.hold_until", at="03:36")
    assert text == Text(zh="坚守至 03:36", en="hold to 03:36")
    nested = both("misread.missing", kind=both("misread.unit"))
    assert "单位" in nested.zh
    assert "unit" in nested.en


def test_an_unknown_key_is_an_error() -> None:
    with pytest.raises(KeyError):
        say("queue.no_such_words", "en")


def test_the_glossary_file_reads_as_a_table() -> None:
    with (CONSOLE / "i18n" / "glossary.csv").open(encoding="utf-8", newline="") as file:
        assert next(csv.reader(file)) == ["en", "zh", "note"]
