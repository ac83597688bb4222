"""The rules of passage and berthing over all hours of a forecast at once.

The same rules as ``routing/network/limits.py``, whose bounds and shares these are, without words; a test holds the two
against each other hour by hour.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from math import inf

import numpy as np
from numpy.typing import NDArray

from data.forces import CraftClass
from data.geography import Pier
from data.weather import BEAUFORT_UPPER_MPS, ZoneHour
from routing.isolate.spans import MINUTE, Span
from routing.network.limits import BERTH_SHARE_OF_PASSAGE_HS, GUST_BEAUFORT_ABOVE_MEAN, LEE_SHARE_OF_HS
from routing.network.projection import Floats

Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class ZoneTable:
    """The hours of one zone as columns; ``from_min`` are minutes after the start."""

    from_min: Floats
    wind_mps: Floats
    gust_mps: Floats
    hs_m: Floats
    wave_from_deg: Floats
    visibility_m: Floats

    @classmethod
    def of(cls, hours: tuple[ZoneHour, ...], start: datetime) -> ZoneTable:
        """Return the table of a zone's hours."""
        rows = [
            (
                (hour.valid_from - start) / MINUTE,
                hour.wind_mps,
                hour.gust_mps,
                hour.hs_m,
                hour.wave_from_deg,
                hour.visibility_m,
            )
            for hour in hours
        ]
        columns = np.array(rows, float).reshape(-1, 6).T
        return cls(*columns)

    def passage(self, craft_class: CraftClass) -> Bools:
        """Return the hours in which a class may not be under way."""
        above = 0 if craft_class.mode == "air" else GUST_BEAUFORT_ABOVE_MEAN
        shut = self.wind_mps > _top_mps(craft_class.max_wind_bft)
        shut |= self.gust_mps > _top_mps(craft_class.max_wind_bft + above)
        shut |= self.visibility_m < craft_class.min_visibility_m
        if craft_class.mode == "sea" and craft_class.max_hs_m is not None:
            shut |= self.hs_m > craft_class.max_hs_m
        return shut

    def berth(self, craft_class: CraftClass, pier: Pier) -> Bools:
        """Return the hours in which waves keep a class from a pier."""
        if craft_class.max_hs_m is None:
            return np.zeros(len(self.hs_m), bool)
        alongside_m = np.where(self._exposed(pier), self.hs_m, self.hs_m * LEE_SHARE_OF_HS)
        return np.asarray(alongside_m > craft_class.max_hs_m * BERTH_SHARE_OF_PASSAGE_HS)

    def spans(self, shut: Bools) -> tuple[Span, ...]:
        """Return the spans of shut hours; the first hour reaches back, the last onwards."""
        if not shut.any():
            return ()
        edges = np.diff(np.concatenate([[False], shut, [False]]).astype(np.int8))
        firsts, ends = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
        return tuple(
            (
                -inf if first == 0 else float(self.from_min[first]),
                inf if end == len(shut) else float(self.from_min[end]),
            )
            for first, end in zip(firsts.tolist(), ends.tolist(), strict=True)
        )

    def _exposed(self, pier: Pier) -> Bools:
        if not pier.exposure_known:
            return np.ones(len(self.hs_m), bool)
        first, last = pier.exposure_from_deg, pier.exposure_to_deg
        if first is None or last is None:
            return np.zeros(len(self.hs_m), bool)
        width = (last - first) % 360
        if width == 0 and first != last:
            return np.ones(len(self.hs_m), bool)
        return np.asarray((self.wave_from_deg - first) % 360 <= width)


def joined_spans(*parts: tuple[Span, ...]) -> tuple[Span, ...]:
    """Return spans of several kinds as one set, those that touch joined."""
    joined: list[Span] = []
    for first, last in sorted(span for some in parts for span in some):
        if joined and first <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], last))
        else:
            joined.append((first, last))
    return tuple(joined)


def _top_mps(beaufort: int) -> float:
    return BEAUFORT_UPPER_MPS[beaufort] if beaufort < len(BEAUFORT_UPPER_MPS) else inf
