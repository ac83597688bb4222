"""What became of a command."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from data.journal.events import Recorded
from data.text import Text

WhyNot = Literal["", "refused", "conflict", "store"]


@dataclass(frozen=True)
class Outcome:
    """What became of a command: its events, or a refusal in words; ``permitted`` is False where the role may not.

    ``why`` tells a rule's refusal from a conflict, with the ``winner`` that was first, and from a store that
    took nothing.
    """

    ok: bool
    events: tuple[Recorded, ...] = ()
    refusal: Text | None = None
    permitted: bool = True
    winner: Recorded | None = None
    why: WhyNot = ""
