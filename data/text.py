"""A phrase in both of the product's languages."""

from __future__ import annotations

from typing import Literal

import msgspec

Language = Literal["zh", "en"]


class Text(msgspec.Struct, frozen=True):
    """A phrase in Chinese and English."""

    zh: str
    en: str

    def said(self, language: Language) -> str:
        """Return the phrase in the language asked for."""
        return self.zh if language == "zh" else self.en
