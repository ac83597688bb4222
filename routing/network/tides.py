"""The tide at a landing between the heights a forecast gives, and when it is too low, too high or not known."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Literal

from data.weather import ZoneHour

# Between two heights an hour apart a straight line is at most A (w t)^2 / 8 wrong: 0.07 m for a semidiurnal tide of
# 4.3 m range (A = 2.16 m, w = 0.506 rad/h). Three hours apart it would be 0.6 m, so wider gaps count as not known.
MAX_STEP = timedelta(hours=1)

Kind = Literal["usable", "low", "high", "unknown"]


@dataclass(frozen=True)
class TideSpan:
    """A span in which a place cannot be used; None for an end that is open.

    ``extreme_m`` is the height furthest out of bounds, None where the height is not known. ``lifts_at`` is when the
    place can be used again, None if that is not known.
    """

    from_at: datetime | None
    until_at: datetime | None
    extreme_m: float | None
    lifts_at: datetime | None


@dataclass(frozen=True)
class _Piece:
    """A stretch of the curve that crosses no bound, with the heights at its ends (none where not known)."""

    from_at: datetime | None
    until_at: datetime | None
    heights_m: tuple[float, ...]

    def kind(self, low_m: float, high_m: float) -> Kind:
        if not self.heights_m:
            return "unknown"
        middle_m = sum(self.heights_m) / 2
        return "low" if middle_m < low_m else "high" if middle_m > high_m else "usable"


@dataclass(frozen=True)
class TideCurve:
    """Heights of the tide in time order (m above the region's datum), joined by straight lines.

    Nothing is known before the first height, after the last, and in gaps of more than an hour.
    """

    times: tuple[datetime, ...]
    heights_m: tuple[float, ...]

    @classmethod
    def of(cls, hours: Sequence[ZoneHour]) -> TideCurve:
        """Return the curve through the hours of one zone that give a height."""
        known = [(hour.valid_from, hour.tide_m) for hour in hours if hour.tide_m is not None]
        return cls(tuple(moment for moment, _ in known), tuple(height for _, height in known))

    def height_m(self, moment: datetime) -> float | None:
        """Return the height at a moment, None where it is not known."""
        after = bisect_right(self.times, moment)
        if not self._is_known(after):
            return None
        share = (moment - self.times[after - 1]) / (self.times[after] - self.times[after - 1])
        return self.heights_m[after - 1] + share * (self.heights_m[after] - self.heights_m[after - 1])

    def rises(self, moment: datetime) -> bool | None:
        """Tell whether the tide rises after a moment; None where it stands still or is not known."""
        after = bisect_right(self.times, moment)
        if not self._is_known(after) or self.heights_m[after] == self.heights_m[after - 1]:
            return None
        return self.heights_m[after] > self.heights_m[after - 1]

    def unusable(self, low_m: float, high_m: float) -> list[TideSpan]:
        """Return when the height is below ``low_m``, above ``high_m`` or not known; at a bound itself all is well."""
        found: list[TideSpan] = []
        lifts_at: datetime | None = None
        by_kind = groupby(self._pieces(low_m, high_m), lambda piece: piece.kind(low_m, high_m))
        for kind, run in reversed([(kind, list(same)) for kind, same in by_kind]):
            if kind == "usable":
                lifts_at = run[0].from_at
                continue
            heights = [height for piece in run for height in piece.heights_m]
            extreme_m = None if kind == "unknown" else max(heights) if kind == "high" else min(heights)
            found.append(TideSpan(run[0].from_at, run[-1].until_at, extreme_m, lifts_at))
        return found[::-1]

    def _is_known(self, after: int) -> bool:
        return 0 < after < len(self.times) and self.times[after] - self.times[after - 1] <= MAX_STEP

    def _pieces(self, low_m: float, high_m: float) -> Iterator[_Piece]:
        """Yield the curve cut at its points and where it crosses a bound, the unknown before and after it included."""
        yield _Piece(None, self.times[0] if self.times else None, ())
        for after in range(1, len(self.times)):
            start, end = self.times[after - 1], self.times[after]
            if not self._is_known(after):
                yield _Piece(start, end, ())
                continue
            start_m, end_m = self.heights_m[after - 1], self.heights_m[after]
            crossed = [bound for bound in (low_m, high_m) if min(start_m, end_m) < bound < max(start_m, end_m)]
            at, at_m = start, start_m
            for bound in sorted(crossed, reverse=start_m > end_m):
                crossing = start + (bound - start_m) / (end_m - start_m) * (end - start)
                yield _Piece(at, crossing, (at_m, bound))
                at, at_m = crossing, bound
            yield _Piece(at, end, (at_m, end_m))
        if self.times:
            yield _Piece(self.times[-1], None, ())
