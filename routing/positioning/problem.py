"""State a positioning problem: kinds of unit, sites with berths, demand, and travel minutes under each outlook.

Everything is a plain matrix in whole minutes (rounded up), so that published instances run without geography.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from data.errors import TongzhouError, worded

IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]

# "mclp": most demand within reach (Church and ReVelle 1974); "p-median": least demand-weighted travel (Hakimi 1964);
# "mexclp": most demand expected to find a free unit within reach (Daskin 1983).
Measure = Literal["mclp", "p-median", "mexclp"]
MEASURES: tuple[Measure, ...] = ("mclp", "p-median", "mexclp")
# What one posture is chosen for: its mean over the outlooks, or its worst outlook.
Aim = Literal["expected", "worst"]
NO_WAY = 1_000_000
MAX_MINUTES = 100_000.0
MAX_COUNT = 10_000
MAX_DEMAND = 10**9
# Expected cover is counted in millionths of a demand unit, so that its sums are whole.
PER_UNIT = 1_000_000
EXACT = 2**52


class PositionFaultError(ValueError, TongzhouError):
    """A positioning problem, or a question about one, whose fields contradict each other or lie outside the model."""


def fault(en: str, zh: str) -> PositionFaultError:
    """Return the refusal in both languages."""
    return worded(PositionFaultError(en), zh=zh)


@dataclass(frozen=True)
class PositionProblem:
    """Kinds K of unit, sites S, demand points D and outlooks F.

    ``minutes[F, K, S, D]`` is inf where a unit cannot come. ``units[K]`` at most are placed, ``berths[S]`` at most
    and ``floor[S]`` at least on each site, a kind only where ``may_stand[K, S]``. A point is covered by a unit within
    ``reach_min``; where nobody can come within ``unserved_min``, that is its travel (p-median). ``busy_share`` is how
    often a unit is taken (MEXCLP). ``outlook_weight[F]`` weighs the outlooks in the mean.
    Raises PositionFaultError naming the field and what is wrong with it.
    """

    minutes: IntArray
    demand: IntArray
    units: IntArray
    berths: IntArray
    floor: IntArray
    may_stand: BoolArray
    outlook_weight: IntArray
    reach_min: int
    unserved_min: int
    busy_share: float

    @classmethod
    def plain(
        cls,
        minutes: Any,
        demand: Any,
        units: Any,
        *,
        reach_min: int,
        berths: Any = None,
        floor: Any = None,
        may_stand: Any = None,
        outlook_weight: Any = None,
        unserved_min: int | None = None,
        busy_share: float = 0.0,
    ) -> PositionProblem:
        """Return a problem; ``minutes`` may be (S, D), (K, S, D) or (F, K, S, D), and ``units`` one number.

        Without ``berths`` a site takes one unit, as in the published models.
        """
        table = np.asarray(minutes)
        if not 2 <= table.ndim <= 4:
            raise fault(
                f"minutes: needs shape (outlooks, kinds, sites, demand points), has {table.shape}",
                f"minutes：形状须为（预报，类别，驻点，需求点），现为 {table.shape}",
            )
        table = table.reshape((1,) * (4 - table.ndim) + table.shape)
        outlooks, kinds, sites, _ = table.shape
        return cls(
            minutes=table,
            demand=demand,
            units=np.atleast_1d(units),
            berths=np.ones(sites, np.int64) if berths is None else berths,
            floor=np.zeros(sites, np.int64) if floor is None else floor,
            may_stand=np.ones((kinds, sites), np.bool_) if may_stand is None else may_stand,
            outlook_weight=np.ones(outlooks, np.int64) if outlook_weight is None else outlook_weight,
            reach_min=reach_min,
            unserved_min=_default_unserved(table) if unserved_min is None else unserved_min,
            busy_share=busy_share,
        )

    def __post_init__(self) -> None:
        self._read_minutes()
        outlooks, kinds, sites, points = self.minutes.shape
        if not min(outlooks, kinds, sites, points):
            raise fault(f"minutes: has an empty axis {self.minutes.shape}", f"minutes：有空维度 {self.minutes.shape}")
        for name, count, low, high in (
            ("demand", points, 0, MAX_DEMAND),
            ("units", kinds, 0, MAX_COUNT),
            ("berths", sites, 0, MAX_COUNT),
            ("floor", sites, 0, MAX_COUNT),
            ("outlook_weight", outlooks, 1, MAX_COUNT),
        ):
            self._read_counts(name, count, low, high)
        stand = np.asarray(self.may_stand)
        if stand.shape != (kinds, sites) or stand.dtype != np.bool_:
            raise fault(
                f"may_stand: needs booleans of shape {(kinds, sites)}, has {stand.dtype} of {stand.shape}",
                f"may_stand：须为形状 {(kinds, sites)} 的布尔值，现为 {stand.shape} 的 {stand.dtype}",
            )
        object.__setattr__(self, "may_stand", stand.copy())
        self.may_stand.setflags(write=False)
        for name in ("reach_min", "unserved_min"):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MAX_MINUTES:
                raise fault(
                    f"{name}: must be whole minutes in 1..{MAX_MINUTES:,.0f}, is {value}",
                    f"{name}：须为 1..{MAX_MINUTES:,.0f} 的整分钟，现为 {value}",
                )
        if not 0.0 <= self.busy_share < 1.0:
            raise fault(
                f"busy_share: must lie in 0..1, 1 left out, is {self.busy_share}",
                f"busy_share：须在 0 与 1 之间（不含 1），现为 {self.busy_share}",
            )
        self._check_together()

    def _read_minutes(self) -> None:
        given = np.asarray(self.minutes)
        if (
            given.ndim != 4
            or not np.issubdtype(given.dtype, np.number)
            or np.issubdtype(given.dtype, np.complexfloating)
        ):
            raise fault(
                f"minutes: needs numbers by (outlooks, kinds, sites, demand points), has {given.dtype} {given.shape}",
                f"minutes：须为（预报，类别，驻点，需求点）的数，现为 {given.dtype} {given.shape}",
            )
        table = given.astype(np.float64)
        far = np.isfinite(table) & (table > MAX_MINUTES) & (table != NO_WAY)
        for bad, en, zh in (
            (np.isnan(table), "is not a number; write inf where no way leads", "不是数；无路可达请写 inf"),
            (table < 0, "is negative", "为负数"),
            (far, f"is above {MAX_MINUTES:,.0f}; write inf where no way leads", "过大；无路可达请写 inf"),
        ):
            if bad.any():
                at = [int(n) for n in np.argwhere(bad)[0]]
                raise fault(f"minutes{at}: {en}", f"minutes{at}：{zh}")
        whole = np.ceil(np.where(np.isfinite(table), table, NO_WAY) - 1e-6).astype(np.int64)
        whole = np.maximum(whole, 0)
        whole.setflags(write=False)
        object.__setattr__(self, "minutes", whole)

    def _read_counts(self, name: str, count: int, low: int, high: int) -> None:
        given = np.asarray(getattr(self, name))
        if given.shape != (count,):
            raise fault(
                f"{name}: needs shape {(count,)}, has {given.shape}", f"{name}：形状须为 {(count,)}，现为 {given.shape}"
            )
        if not np.issubdtype(given.dtype, np.integer):
            raise fault(
                f"{name}: must hold whole numbers, holds {given.dtype}", f"{name}：须为整数，现为 {given.dtype}"
            )
        bad = np.flatnonzero((given < low) | (given > high))
        if len(bad):
            n = int(bad[0])
            raise fault(
                f"{name}[{n}]: must lie in {low:,}..{high:,}, is {int(given[n])}",
                f"{name}[{n}]：须在 {low:,}..{high:,} 之间，现为 {int(given[n])}",
            )
        array = np.array(given, np.int64)
        array.setflags(write=False)
        object.__setattr__(self, name, array)

    def _check_together(self) -> None:
        if not self.demand.any():
            raise fault("demand: is 0 everywhere, so there is nothing to cover", "demand：处处为 0，没有可覆盖的需求")
        over = np.flatnonzero(self.floor > self.berths)
        if len(over):
            n = int(over[0])
            raise fault(
                f"floor[{n}]: {int(self.floor[n])} must stand on a site with {int(self.berths[n])} berths",
                f"floor[{n}]：须驻 {int(self.floor[n])} 个，但只有 {int(self.berths[n])} 个泊位",
            )
        if int(self.floor.sum()) > int(self.units.sum()):
            raise fault(
                f"floor: {int(self.floor.sum())} units must stay, but there are {int(self.units.sum())}",
                f"floor：须留 {int(self.floor.sum())} 个，但共有 {int(self.units.sum())} 个",
            )
        most = int(self.demand.sum()) * int(self.outlook_weight.sum()) * max(PER_UNIT, self.unserved_min)
        if most >= EXACT:
            raise fault(
                "demand and outlook_weight are too large to add up exactly; divide them by a common factor",
                "demand 与 outlook_weight 过大，无法精确求和；请同除以一个公因子",
            )

    @property
    def num_outlooks(self) -> int:
        """The number of outlooks."""
        return int(self.minutes.shape[0])

    @cached_property
    def covers(self) -> BoolArray:
        """Whether a unit of a kind on a site reaches a point in time, [F, K, S, D]."""
        return np.asarray(self.minutes <= self.reach_min)

    @cached_property
    def gain_of_next(self) -> tuple[int, ...]:
        """What the first, second, ... unit in reach adds to expected cover, in millionths; never rising."""
        share = self.busy_share
        gains = [round(PER_UNIT * (1 - share) * share**n) for n in range(int(self.units.sum()))]
        return tuple(gain for gain in gains if gain > 0)

    def under(self, outlook: int) -> PositionProblem:
        """Return the problem of one outlook alone."""
        return replace(
            self,
            minutes=self.minutes[outlook : outlook + 1],
            outlook_weight=np.ones(1, np.int64),
        )


def _default_unserved(table: npt.NDArray[Any]) -> int:
    """Return a travel no shorter than any in the table."""
    if not np.issubdtype(table.dtype, np.number):
        return 1
    with np.errstate(invalid="ignore"):
        finite = table[np.isfinite(table) & (table <= MAX_MINUTES)]
    return max(1, int(np.ceil(finite.max(initial=1))))
