"""Spans of minutes after a start: what a forecast shuts, and runs of minutes in one state."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from math import inf

import numpy as np
from numpy.typing import NDArray

from routing.network.conditions import Shut

Span = tuple[float, float]
MINUTE = timedelta(minutes=1)


def minute_spans(shuts: Sequence[Shut], start: datetime) -> tuple[Span, ...]:
    """Return when something is shut as minutes after the start, spans that touch joined; open ends are infinite."""
    spans = sorted(
        (
            -inf if shut.from_at is None else (shut.from_at - start) / MINUTE,
            inf if shut.until_at is None else (shut.until_at - start) / MINUTE,
        )
        for shut in shuts
    )
    joined: list[Span] = []
    for first, last in spans:
        if joined and first <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], last))
        else:
            joined.append((first, last))
    return tuple(joined)


def false_spans(is_open: NDArray[np.bool_]) -> tuple[Span, ...]:
    """Return the runs of False as [from, to); the last one is open-ended if it reaches the end."""
    return tuple(
        (float(first), inf if last == len(is_open) else float(last))
        for first, last, value in runs(is_open.astype(np.int8))
        if not value
    )


def runs(states: NDArray[np.int8]) -> Iterator[tuple[int, int, int]]:
    """Yield (from, to, state) of each run of equal states, to exclusive."""
    if not len(states):
        return
    edges = np.flatnonzero(np.diff(states)) + 1
    firsts = [0, *edges.tolist()]
    lasts = [*edges.tolist(), len(states)]
    for first, last in zip(firsts, lasts, strict=True):
        yield first, last, int(states[first])
