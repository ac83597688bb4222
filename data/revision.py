"""What a re-planned plan says of its change: the plan it takes the place of, what happened, what differs, its price."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from data.text import Text
from data.weather import Closure, Forecast

ChangeOf = Literal["echelon", "craft", "group"]
ChangeHow = Literal["added", "dropped", "moved", "later", "earlier", "larger", "smaller"]


class PlanChange(msgspec.Struct, frozen=True, kw_only=True):
    """One difference to the plan before; ``minutes`` is by how much later (below 0: earlier), None where unknown."""

    of: ChangeOf
    how: ChangeHow
    subject_id: str
    minutes: int | None
    text: Text


class KnownUntil(msgspec.Struct, frozen=True, kw_only=True):
    """The forecast and the closures by which everything that departed until a moment was decided."""

    until: datetime
    forecast: Forecast | None
    closures: tuple[Closure, ...]


class Revision(msgspec.Struct, frozen=True, kw_only=True):
    """How a plan came out of another one that was under way.

    What had begun by ``at`` is as in the plan ``parent_id``, unless what happened met it; everything else was decided
    anew. ``known_before`` is what was known then and at each earlier re-planning, oldest first: legs that had departed
    are judged by it. ``change_points`` is the price of the orders changed, one weighted minute being 100 points; it is
    no part of the plan's objective. ``total_before`` is the objective of the plan before, as it was asked for then.
    """

    parent_id: str
    at: datetime
    happened: tuple[Text, ...]
    changes: tuple[PlanChange, ...]
    groups_changed: int
    change_points: int
    total_before: int
    known_before: tuple[KnownUntil, ...]
