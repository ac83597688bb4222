"""The command line's language, chosen before anything is printed, and its two ways of writing."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from itertools import zip_longest
from typing import TYPE_CHECKING, cast

from data.text import Language, Text

if TYPE_CHECKING:
    from rich.console import Console


def language_of(argv: Sequence[str], environment: Mapping[str, str]) -> Language:
    """Return the language asked for by ``--language``, else that of the system (LC_ALL, LC_MESSAGES, LANG)."""
    for word, following in zip_longest(argv, argv[1:], fillvalue=""):
        given = following if word == "--language" else word.removeprefix("--language=")
        if word.startswith("--language") and given in ("zh", "en"):
            return cast(Language, given)
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := environment.get(name):
            return "zh" if value.lower().startswith("zh") else "en"
    return "en"


PIPED_WIDTH = 200

LANGUAGE: Language = language_of(sys.argv, os.environ)


def say(zh: str, en: str) -> str:
    """Return the phrase in the language of this run."""
    return zh if LANGUAGE == "zh" else en


def said(text: Text) -> str:
    """Return a text in the language of this run."""
    return text.said(LANGUAGE)


def out() -> Console:
    """Return what results are printed on; a pipe or a file takes whole lines, however narrow the terminal."""
    from rich.console import Console

    piped = not sys.stdout.isatty()
    console = Console(highlight=False, soft_wrap=piped, width=PIPED_WIDTH if piped else None)
    console.on_broken_pipe = _reader_has_gone  # type: ignore[method-assign]
    return console


def _reader_has_gone() -> None:
    raise BrokenPipeError


def err() -> Console:
    """Return what progress and errors are printed on, so that results can be piped."""
    from rich.console import Console

    return Console(stderr=True, highlight=False, soft_wrap=not sys.stderr.isatty())
