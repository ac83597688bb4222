"""The world's clock: simulated in a drill, the wall clock when live."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

MAX_SPEED = 60.0


def _wall_now() -> datetime:
    return datetime.now(UTC)


class WorldClock:
    """A clock that starts at a world time and runs ``speed`` world seconds a real second; 0 is paused.

    ``monotonic_s`` counts real seconds (a test gives its own).
    """

    def __init__(self, start_at: datetime, speed: float = 1.0, monotonic_s: Callable[[], float] = time.monotonic):
        self._monotonic_s = monotonic_s
        self._base_at, self._base_s, self._speed = start_at, monotonic_s(), speed
        self._floor_at = start_at

    @property
    def speed(self) -> float:
        """World seconds a real second."""
        return self._speed

    @property
    def is_simulated(self) -> bool:
        """Tell whether the speed may be changed."""
        return True

    def now(self) -> datetime:
        """Return the world time, UTC."""
        run = timedelta(seconds=(self._monotonic_s() - self._base_s) * self._speed)
        return max(self._floor_at, self._base_at + run)

    def set_speed(self, speed: float, not_before: datetime | None = None) -> None:
        """Run at another speed from now on, or from ``not_before`` where that is later.

        Raises ValueError outside 0..60.
        """
        if not 0.0 <= speed <= MAX_SPEED:
            raise ValueError(f"the speed must be between 0 and {MAX_SPEED:g}, not {speed:g}")
        now = self.now()
        self.follow(now if not_before is None else max(now, not_before))
        self._speed = speed

    def follow(self, world_at: datetime) -> None:
        """Run on from the world time another console has just now; a clock that is ahead waits for it."""
        self._floor_at = self.now()
        self._base_at, self._base_s = world_at, self._monotonic_s()


class WallClock(WorldClock):
    """The machine's own clock, for live work: always at speed 1."""

    def __init__(self, wall_now: Callable[[], datetime] = _wall_now) -> None:
        super().__init__(wall_now(), 1.0)
        self._wall_now = wall_now

    @property
    def is_simulated(self) -> bool:
        """Tell whether the speed may be changed: never."""
        return False

    def now(self) -> datetime:
        """Return the machine's time, UTC."""
        return self._wall_now()

    def set_speed(self, speed: float, not_before: datetime | None = None) -> None:
        """Refuse any speed but 1; raises ValueError."""
        if speed != 1.0:
            raise ValueError("the clock of a live world cannot be changed")

    def follow(self, world_at: datetime) -> None:
        """Follow nobody: every machine's clock is set to the time of the day."""
