"""Departure minutes that a link's weather, darkness or closures forbid."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from math import ceil, floor, inf

import msgspec

from data.text import Text
from routing.network.conditions import Shut
from routing.network.limits import until


class ClosedSpan(msgspec.Struct, frozen=True, kw_only=True):
    """Departures d (whole minutes after the start) with ``from_min <= d < to_min`` are forbidden.

    ``cause`` is ``limit:place id``; ``text`` says what is over which bound, where and until when.
    """

    from_min: int
    to_min: int
    text: Text
    cause: str


class Stay(msgspec.Struct, frozen=True, array_like=True):
    """A part of a passage: from ``from_min`` to ``to_min`` after departure the ``shuts`` must not hold."""

    from_min: int
    to_min: int
    shuts: Sequence[Shut]


def forbidden_departures(stays: Iterable[Stay], start: datetime, horizon_min: int, timezone: str) -> list[ClosedSpan]:
    """Return the forbidden departures of a passage within 0..horizon, by start then cause.

    A departure d is forbidden when some t in [d + from, d + to] of a stay falls in one of its spans.
    """
    raw: list[ClosedSpan] = []
    for stay in stays:
        for shut in stay.shuts:
            from_min = -inf if shut.from_at is None else (shut.from_at - start) / timedelta(minutes=1) - stay.to_min
            to_min = inf if shut.until_at is None else (shut.until_at - start) / timedelta(minutes=1) - stay.from_min
            first = 0 if from_min <= 0 else ceil(from_min)
            last = horizon_min + 1 if to_min > horizon_min else ceil(to_min)
            if first < last and first <= horizon_min:
                raw.append(
                    ClosedSpan(
                        from_min=first,
                        to_min=last,
                        text=_words(shut, start, timezone),
                        cause=f"{shut.breach.limit}:{shut.place_id}",
                    )
                )
    return _merged(raw)


def whole_minutes(from_s: float, to_s: float) -> tuple[int, int]:
    """Return the whole minutes that hold a span of seconds."""
    return floor(from_s / 60), ceil(to_s / 60)


def _words(shut: Shut, start: datetime, timezone: str) -> Text:
    words = until(shut.breach.text, shut.lifts_at, timezone, start)
    if shut.place is None:
        return words
    return Text(f"{shut.place.zh}:{words.zh}", f"{shut.place.en}: {words.en}")


def _merged(spans: list[ClosedSpan]) -> list[ClosedSpan]:
    """Join touching spans of one cause; the words of the first stay."""
    out: list[ClosedSpan] = []
    spans.sort(key=lambda span: (span.cause, span.from_min, span.to_min))
    for _, same in groupby(spans, key=lambda span: span.cause):
        run: list[ClosedSpan] = []
        for span in same:
            if run and span.from_min <= run[-1].to_min:
                run[-1] = msgspec.structs.replace(run[-1], to_min=max(run[-1].to_min, span.to_min))
            else:
                run.append(span)
        out += run
    return sorted(out, key=lambda span: (span.from_min, span.cause))
