"""The words of the interface, in both languages, kept as data beside this file."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from data.text import Language, Text


@cache
def words() -> Mapping[str, Text]:
    """Return every phrase of the interface by its dotted key, e.g. ``queue.title``.

    Each ``*.toml`` beside this file holds tables of keys, each key a table with ``zh`` and ``en``.
    Raises ValueError when a key is given twice or lacks a language.
    """
    found: dict[str, Text] = {}
    for file in sorted(files(__name__).iterdir(), key=lambda entry: entry.name):
        if not file.name.endswith(".toml"):
            continue
        for room, entries in tomllib.loads(file.read_text("utf-8")).items():
            for name, phrase in entries.items():
                _add(found, f"{room}.{name}", phrase, file.name)
    return found


def _add(found: dict[str, Text], key: str, phrase: Mapping[str, str], file: str) -> None:
    if key in found:
        raise ValueError(f"{file}: the words '{key}' are given twice. Keep one of them.")
    if not phrase.get("zh") or not phrase.get("en"):
        raise ValueError(f"{file}: the words '{key}' need both zh and en.")
    found[key] = Text(zh=phrase["zh"], en=phrase["en"])


def say(key: str, language: Language, **values: Any) -> str:
    """Return a phrase in one language with its values filled in; raises KeyError for an unknown key."""
    phrase = words()[key].said(language)
    return phrase.format(**values) if values else phrase


def both(key: str, **values: Any) -> Text:
    """Return a phrase in both languages; a value that is a Text is said in each."""

    def filled(language: Language) -> str:
        spoken = {name: value.said(language) if isinstance(value, Text) else value for name, value in values.items()}
        return say(key, language, **spoken)

    return Text(zh=filled("zh"), en=filled("en"))
