"""The glossary: the words of the field in both languages, from which docs/glossary.md is made.

``python -m console.i18n.glossary`` prints the document.
"""

from __future__ import annotations

import csv
from importlib.resources import files

import msgspec


class Term(msgspec.Struct, frozen=True, kw_only=True):
    """One word of the field in both languages, with a note where it may be misread."""

    en: str
    zh: str
    note: str


def read_glossary() -> tuple[Term, ...]:
    """Return the terms in the order of the file."""
    rows = csv.DictReader(files("console.i18n").joinpath("glossary.csv").read_text("utf-8").splitlines())
    return tuple(Term(en=row["en"], zh=row["zh"], note=row["note"] or "") for row in rows)


def glossary_document() -> str:
    """Return the glossary as a Markdown table."""
    lines = [
        "# Glossary 词汇",
        "",
        "The words of the field, as the interface and the documents use them. Made from `console/i18n/glossary.csv`.",
        "",
        "| English | 中文 | Note |",
        "|---|---|---|",
        *(f"| {term.en} | {term.zh} | {term.note} |" for term in read_glossary()),
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(glossary_document(), end="")
