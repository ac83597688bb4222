"""What a person may write: how long each free text may be, and no character that a screen does not show."""

from __future__ import annotations

import unicodedata

import msgspec

from console.decide.ground import RefusedError
from data.text import Text

NOTE_LIMIT = 2000
INCIDENT_NOTE_LIMIT = 500
REASON_LIMIT = 200
TITLE_LIMIT = 80
PLACE_LIMIT = 80
SEARCH_LIMIT = 40
LINE_LIMIT = 300
ID_LIMIT = 240

# Control, private and lone surrogate characters, and line separators that are not a newline.
_REFUSED = frozenset({"Cc", "Cs", "Co", "Zl", "Zp"})
# They turn the reading direction round, so that a line says something else than was written (CVE-2021-42574).
_TURNING = frozenset("\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def read_text(words: str, name: Text, limit: int, *, lines: bool = False) -> str:
    """Return a free text without the white space around it, newlines kept only where ``lines`` are allowed.

    ``name`` is what the text is called. Raises RefusedError when it is longer than ``limit`` characters or
    holds a character that cannot be seen.
    """
    text = words.replace("\r\n", "\n").strip()
    if len(text) > limit:
        raise RefusedError(
            f"{name.zh}过长({len(text)} 字,上限 {limit})。请缩短。",
            f"The {name.en} has {len(text)} characters; the limit is {limit}. Shorten it.",
        )
    for place, one in enumerate(text, 1):
        if one == "\n" and lines:
            continue
        if unicodedata.category(one) in _REFUSED or one in _TURNING:
            raise RefusedError(
                f"{name.zh}第 {place} 字是不可见的控制字符(U+{ord(one):04X})。请删去。",
                f"Character {place} of the {name.en} is a control character (U+{ord(one):04X}). Remove it.",
            )
    return text


def check_ids(command: msgspec.Struct) -> None:
    """Refuse a command of which an id is longer than any there is: refusals repeat ids. Raises RefusedError."""
    for field in command.__struct_fields__:
        value = getattr(command, field)
        if isinstance(value, str) and field.endswith("_id") and value:
            read_id(value)


def read_id(words: str) -> str:
    """Return an id as it was sent; raises RefusedError for one longer than any there is, or not of letters."""
    return read_text(words, Text("编号", "id"), ID_LIMIT)


def read_note(words: str, limit: int = NOTE_LIMIT) -> str:
    """Return a note, which may have several lines; raises RefusedError."""
    return read_text(words, Text("记录", "note"), limit, lines=True)


def read_reason(words: str) -> str:
    """Return the reason of a refusal, rejection or closure; raises RefusedError."""
    return read_text(words, Text("理由", "reason"), REASON_LIMIT)


def read_both(words: Text, name: Text, limit: int) -> Text:
    """Return a phrase in both languages, each read as a free text; raises RefusedError."""
    return Text(read_text(words.zh, name, limit), read_text(words.en, name, limit))


def read_place(words: str) -> str:
    """Return the name of a place as it was typed; raises RefusedError."""
    return read_text(words, Text("地点", "place"), PLACE_LIMIT)


def read_search(words: str) -> str:
    """Return what a list is searched for; raises RefusedError."""
    return read_text(words, Text("搜索词", "search"), SEARCH_LIMIT)


def read_line(words: str) -> str:
    """Return a typed command line; raises RefusedError."""
    return read_text(words, Text("命令行", "command line"), LINE_LIMIT)
