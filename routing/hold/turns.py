"""The turns of a standing post: a fixed grid of pieces, so that a plan made again speaks of the same ones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from data.holding import HoldTask

# Between its earliest and latest begin a post is asked for in pieces of so many minutes, each manned or not.
RAMP_MIN = 10
# A last turn shorter than this goes with the one before it.
SHORTEST_MIN = 20


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of a post; ``ramp`` says that it lies before the post's latest begin."""

    slot: int
    from_at: datetime
    to_at: datetime
    ramp: bool

    @property
    def minutes(self) -> int:
        """Return how long the turn is."""
        return round((self.to_at - self.from_at).total_seconds() / 60)


def turns(task: HoldTask, end_at: datetime) -> list[Turn]:
    """Return the turns of a standing post from its earliest begin until ``end_at``, numbered from 0."""
    if task.slot_min is None:
        return []
    end = end_at if task.duration_min is None else min(end_at, task.latest_at + timedelta(minutes=task.duration_min))
    spans = list(_spans(task, task.slot_min, end))
    if len(spans) > 1 and not spans[-2][2] and spans[-1][1] - spans[-1][0] < timedelta(minutes=SHORTEST_MIN):
        spans[-2:] = [(spans[-2][0], spans[-1][1], False)]
    return [Turn(number, *span) for number, span in enumerate(spans)]


def _spans(task: HoldTask, slot_min: int, end: datetime) -> Iterator[tuple[datetime, datetime, bool]]:
    begin = task.earliest_at
    while begin < min(task.latest_at, end):
        stop = min(begin + timedelta(minutes=RAMP_MIN), task.latest_at, end)
        yield begin, stop, True
        begin = stop
    while begin < end:
        stop = min(begin + timedelta(minutes=slot_min), end)
        yield begin, stop, False
        begin = stop
