"""State a dispatch problem: incidents, units and travel minutes in; who may go where, and why not, out.

Everything is a plain matrix, so that a problem can be built without geography. Minutes are rounded up to whole
seconds once, here, so that every sum behind an answer is exact.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from data.errors import TongzhouError, worded

Floats = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]
Codes = npt.NDArray[np.uint8]

# A unit's station when it counts towards no standing cover.
NO_STATION = -1
# Longer than any journey a unit is sent on: what is longer is a slip of units.
MAX_TRAVEL_MIN = 10_000.0
MAX_WEIGHT = 1_000
MAX_UNITS = 1_000_000
# A travel time that sorts behind every real one; times a million units it still fits 64 bits.
NO_WAY_S = 10**12
# Sums of costs stay exact in the solver's float64 below this.
EXACT = 2**52


class DispatchFaultError(ValueError, TongzhouError):
    """A dispatch problem, or a question about one, whose fields contradict each other or lie outside the model."""


class Block(IntEnum):
    """Why a unit cannot be sent to an incident; of several reasons the first of this order is told."""

    FREE = 0
    BUSY = 1
    UNSUITABLE = 2
    NO_SKILL = 3
    NO_WAY = 4
    OUT_OF_REACH = 5
    COVER = 6


def fault(en: str, zh: str) -> DispatchFaultError:
    """Return the refusal of a problem in both languages."""
    return worded(DispatchFaultError(en), zh=zh)


@dataclass(frozen=True)
class DispatchProblem:
    """Incidents I asking for units U, with the minutes between them.

    ``travel_min[I, U]`` is inf where no way leads. ``needed[I]`` units are asked for, ``weight[I]`` prices a minute
    (1 or more, higher is more urgent). A unit serves an incident if it holds every skill of ``skills_needed[I]``,
    is ``suitable[I, U]``, not ``busy[U]`` and no farther than ``reach_min``. Of the units of station S that are
    not busy, ``keep_units[S]`` stay. ``known_skills`` are those that may be asked for; None: those some unit holds.
    Raises DispatchFaultError naming the field and what is wrong with it.
    """

    travel_min: Floats
    needed: IntArray
    weight: IntArray
    skills_needed: tuple[frozenset[str], ...]
    skills: tuple[frozenset[str], ...]
    busy: BoolArray
    suitable: BoolArray
    station: IntArray
    keep_units: IntArray
    reach_min: float = np.inf
    known_skills: frozenset[str] | None = None

    @classmethod
    def plain(
        cls,
        travel_min: Any,
        *,
        needed: Any = None,
        weight: Any = None,
        skills_needed: Sequence[frozenset[str]] | None = None,
        skills: Sequence[frozenset[str]] | None = None,
        busy: Any = None,
        suitable: Any = None,
        station: Any = None,
        keep_units: Any = (),
        reach_min: float = np.inf,
        known_skills: frozenset[str] | None = None,
    ) -> DispatchProblem:
        """Return a problem in which whatever is not given asks for nothing: one unit each, weight 1, no skill."""
        table = np.asarray(travel_min)
        if table.ndim != 2:
            raise fault(
                f"travel_min: needs shape (incidents, units), has {table.shape}",
                f"travel_min：形状须为（警情，力量），现为 {table.shape}",
            )
        incidents, units = table.shape
        nothing: frozenset[str] = frozenset()
        return cls(
            travel_min=table,
            needed=np.ones(incidents, np.int64) if needed is None else needed,
            weight=np.ones(incidents, np.int64) if weight is None else weight,
            skills_needed=(nothing,) * incidents if skills_needed is None else tuple(skills_needed),
            skills=(nothing,) * units if skills is None else tuple(skills),
            busy=np.zeros(units, np.bool_) if busy is None else busy,
            suitable=np.ones(table.shape, np.bool_) if suitable is None else suitable,
            station=np.full(units, NO_STATION) if station is None else station,
            keep_units=keep_units,
            reach_min=reach_min,
            known_skills=known_skills,
        )

    def __post_init__(self) -> None:
        self._freeze("travel_min", None, np.float64)
        incidents, units = self.travel_min.shape
        if incidents < 1 or units > MAX_UNITS:
            raise fault(
                f"travel_min: needs an incident and at most {MAX_UNITS:,} units, has shape {(incidents, units)}",
                f"travel_min：至少一起警情，至多 {MAX_UNITS:,} 个力量，现为 {(incidents, units)}",
            )
        for name, shape in (("needed", (incidents,)), ("weight", (incidents,)), ("station", (units,))):
            self._freeze(name, shape, np.int64)
        self._freeze("keep_units", (np.asarray(self.keep_units).size,), np.int64)
        self._freeze("busy", (units,), np.bool_)
        self._freeze("suitable", (incidents, units), np.bool_)
        self._check_minutes()
        self._within("needed", 1, MAX_UNITS)
        self._within("weight", 1, MAX_WEIGHT)
        self._within("keep_units", 0, MAX_UNITS)
        self._within("station", NO_STATION, len(self.keep_units) - 1)
        self._check_skills(incidents, units)
        if self.forbidden_cost >= EXACT:
            raise fault(
                "needed, weight and travel_min together are too large to add up exactly; "
                "choose smaller weights, or a shorter reach_min",
                "needed、weight、travel_min 合计过大，无法精确求和；请减小权重，或缩短 reach_min",
            )

    def _freeze(self, name: str, shape: tuple[int, ...] | None, kind: type[Any]) -> None:
        given = np.asarray(getattr(self, name))
        of_kind = {np.float64: np.number, np.int64: np.integer, np.bool_: np.bool_}[kind]
        if given.size and (not np.issubdtype(given.dtype, of_kind) or np.issubdtype(given.dtype, np.complexfloating)):
            wanted = {
                np.float64: ("numbers", "数"),
                np.int64: ("whole numbers", "整数"),
                np.bool_: ("booleans", "布尔值"),
            }
            en, zh = wanted[kind]
            raise fault(f"{name}: must hold {en}, holds {given.dtype}", f"{name}：须为{zh}，现为 {given.dtype}")
        if (shape is None and given.ndim != 2) or (shape is not None and given.shape != shape):
            want = shape if shape is not None else "(incidents, units)"
            raise fault(
                f"{name}: needs shape {want}, has {given.shape}", f"{name}：形状须为 {want}，现为 {given.shape}"
            )
        if given.dtype == np.uint64 and given.size and int(given.max()) > np.iinfo(np.int64).max:
            raise fault(f"{name}: {int(given.max())} is too large", f"{name}：{int(given.max())} 过大")
        array = np.array(given, dtype=kind, order="C")  # a copy: freezing must not reach the caller's array
        array.setflags(write=False)
        object.__setattr__(self, name, array)

    def _check_minutes(self) -> None:
        minutes = self.travel_min
        for bad, en, zh in (
            (np.isnan(minutes), "is not a number; write inf where no way leads", "不是数；无路可达请写 inf"),
            (minutes < 0, "is negative", "为负数"),
            (
                (minutes > MAX_TRAVEL_MIN) & np.isfinite(minutes),
                f"is above {MAX_TRAVEL_MIN:,.0f} minutes; write inf where no way leads",
                f"超过 {MAX_TRAVEL_MIN:,.0f} 分钟；无路可达请写 inf",
            ),
        ):
            if bad.any():
                at = [int(n) for n in np.argwhere(bad)[0]]
                raise fault(f"travel_min{at}: {en}", f"travel_min{at}：{zh}")
        if not self.reach_min > 0:  # also refuses NaN
            raise fault(
                f"reach_min: must be above 0 minutes, is {self.reach_min}",
                f"reach_min：须大于 0 分钟，现为 {self.reach_min}",
            )

    def _within(self, name: str, low: int, high: int) -> None:
        array = getattr(self, name)
        bad = np.flatnonzero((array < low) | (array > high))
        if len(bad):
            n = int(bad[0])
            raise fault(
                f"{name}[{n}]: must lie in {low}..{high}, is {int(array[n])}",
                f"{name}[{n}]：须在 {low}..{high} 之间，现为 {int(array[n])}",
            )

    def _check_skills(self, incidents: int, units: int) -> None:
        for name, sets, count in (("skills_needed", self.skills_needed, incidents), ("skills", self.skills, units)):
            if len(sets) != count:
                raise fault(
                    f"{name}: {len(sets)} sets for {count}; give one each", f"{name}：应有 {count} 组，现有 {len(sets)}"
                )
        known = self.known_skills if self.known_skills is not None else frozenset().union(*set(self.skills))
        for n, asked in enumerate(self.skills_needed):
            if unknown := sorted(asked - known):
                raise fault(
                    f"skills_needed[{n}]: no unit holds '{unknown[0]}'; correct the skill, "
                    "or list it in known_skills if nobody has it today",
                    f"skills_needed[{n}]：没有力量具备“{unknown[0]}”；请更正，若今天确无此技能请列入 known_skills",
                )

    @property
    def num_incidents(self) -> int:
        """The number of incidents."""
        return int(self.travel_min.shape[0])

    @property
    def num_units(self) -> int:
        """The number of units."""
        return int(self.travel_min.shape[1])

    @cached_property
    def travel_s(self) -> IntArray:
        """Whole seconds, rounded up, [I, U]; NO_WAY_S where no way leads."""
        finite = np.isfinite(self.travel_min)
        seconds = np.ceil(60.0 * np.where(finite, self.travel_min, 0.0) - 1e-6)
        whole: IntArray = np.where(finite, np.maximum(seconds, 0.0).astype(np.int64), NO_WAY_S)
        return whole

    @cached_property
    def blocks(self) -> Codes:
        """Why each unit cannot be sent to each incident, cover aside, as Block codes [I, U]."""
        out = np.zeros(self.travel_min.shape, np.uint8)
        out[self.travel_min > self.reach_min] = Block.OUT_OF_REACH
        out[~np.isfinite(self.travel_min)] = Block.NO_WAY
        number = {held: n for n, held in enumerate(dict.fromkeys(self.skills))}
        of_unit = np.array([number[held] for held in self.skills], np.int64)
        for n, asked in enumerate(self.skills_needed):
            if asked:
                lacks = np.array([not asked <= held for held in number], np.bool_)
                out[n, lacks[of_unit]] = Block.NO_SKILL
        out[~self.suitable] = Block.UNSUITABLE
        out[:, self.busy] = Block.BUSY
        return out

    @cached_property
    def spare_units(self) -> IntArray:
        """How many units each station can send, [S]."""
        held = np.bincount(self.station[(self.station >= 0) & ~self.busy], minlength=len(self.keep_units))
        spare: IntArray = np.maximum(held - self.keep_units, 0)
        return spare

    @cached_property
    def unmet_s(self) -> int:
        """What a unit not sent is charged, in seconds before its weight: more than all journeys together cost."""
        can = self.travel_s[self.blocks == Block.FREE]
        longest = int(can.max(initial=0))
        return 1 + longest * sum(int(n) * int(w) for n, w in zip(self.needed, self.weight, strict=True))

    @cached_property
    def forbidden_cost(self) -> int:
        """A cost above that of every answer."""
        return 1 + self.unmet_s * sum(int(n) * int(w) for n, w in zip(self.needed, self.weight, strict=True))
