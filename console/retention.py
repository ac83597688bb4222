"""How long the store keeps positions before those in the archive are dropped from it."""

from __future__ import annotations

KEEP_HOURS = 72
# Ten years: longer is a slip of the hand, and keeping without end would fill the disk.
MOST_HOURS = 87_600


def keep_hours_of(given: str | int) -> int:
    """Return whole hours as given on a command line; raises ValueError unless they are 1 to ``MOST_HOURS``."""
    text = str(given).strip()
    if not (text.isascii() and text.isdecimal() and len(text) < 10 and 1 <= int(text) <= MOST_HOURS):
        raise ValueError(f"'{text}' is no number of whole hours from 1 to {MOST_HOURS}")
    return int(text)
