"""Once a second: who leads, what time it is at the leader, and whether the store answers."""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from console.clock import WallClock, WorldClock
from console.lasting import Lasting
from data.errors import TongzhouError
from data.journal.events import Recorded
from data.journal.interface import Journal, StoreUnreachableError
from data.journal.picture import Picture
from data.journal.shared import ClockBeat

if TYPE_CHECKING:
    from console.world import World

PULSE_S = 1.0
# Beyond this the leader of a beat is taken to be gone: a drill stopped there, it did not run on.
BEAT_FRESH_S = 10.0

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Seen:
    """What one look at the store found for a journal; ``asked_s`` is when, by this machine's monotonic clock."""

    journal: Journal
    asked_s: float
    leads: bool = False
    beat: ClockBeat | None = None
    is_current: bool = True
    missed: tuple[Recorded, ...] = ()
    recorded: dict[str, bool] = field(default_factory=dict)
    error: TongzhouError | None = None


class Pulse:
    """Asks the store each second, off the server's loop, and lets the world have the answer in it."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._due = asyncio.Event()
        self._faults = Lasting(_log, "What is done each second goes well again")

    def hurry(self) -> None:
        """Look at once, as when the clock has changed; called in the server's loop."""
        self._due.set()

    async def run(self) -> None:
        """Look again and again until cancelled; a fault is logged once while it lasts, and the next look comes."""
        while True:
            self._due.clear()
            try:
                self.take(await asyncio.to_thread(self.ask))
                self._faults.passed("look")
            except Exception as error:
                self._faults.met("look", "The store could not be looked at; the next look comes", error, expected=False)
            try:
                await asyncio.wait_for(self._due.wait(), PULSE_S)
            except TimeoutError:
                continue

    def look(self) -> None:
        """Ask and take, where there is no loop."""
        self.take(self.ask())

    def ask(self) -> Seen:
        """Ask the store; may take as long as the store does, so never in the loop. Touches no picture."""
        world, asked_s = self._world, time.monotonic()
        shared, journal, lost = world.store.shared, world.journal, not world.health.is_ok
        barred = world.health.state == "read_only" and not world.health.may_try
        try:
            if barred and world.leads:
                shared.close()  # a console that may not write leads nobody; another takes it up
            leads, beat = not barred and shared.lead(), None
            if leads:
                clock = world.clock  # after the journal: a world sets the clock first when it takes another up
                shared.beat(journal, clock.now(), clock.speed)
            elif (beat := shared.last_beat(journal)) is not None:
                asked_s = time.monotonic()
            seen = Seen(
                journal=journal,
                asked_s=asked_s,
                leads=leads,
                beat=beat,
                is_current=world.store.is_current(journal),
                missed=tuple(journal.read(after_seq=world.picture.seq)) if lost else (),
                recorded={one: bool(journal.recorded_by(one)) for one in world.watch.unanswered},
            )
            self._each_second()
        except TongzhouError as error:
            return Seen(journal=journal, asked_s=asked_s, error=error)
        return seen

    def _each_second(self) -> None:
        """Do what others asked to be done each second; the fault of one is not the store's, nor the next one's."""
        for task in tuple(self._world.each_second):
            try:
                task()
                self._faults.passed(task)
            except TongzhouError:
                raise
            except Exception as error:
                words = "What is done each second met a fault; it is tried again"
                self._faults.met(task, words, error, expected=False)

    def take(self, seen: Seen) -> None:
        """Let the world have what was found; nothing of it holds where another journal was begun meanwhile."""
        world = self._world
        if seen.journal is not world.journal:
            return
        if seen.error is not None:
            world.leads = world.leads and not isinstance(seen.error, StoreUnreachableError)
            world.watch.note(seen.error)
            return
        world.leads = seen.leads
        world.catch_up(seen.missed)
        world.watch.note_answer()
        world.watch.settle(seen.recorded)
        if not seen.is_current:
            try:
                world.take_up_latest()
            except TongzhouError as error:
                world.watch.note(error)
        elif seen.beat is not None:
            self._follow(seen.beat, time.monotonic() - seen.asked_s)

    def _follow(self, beat: ClockBeat, late_s: float) -> None:
        """Set the clock by a beat heard of ``late_s`` ago."""
        world = self._world
        if (told := told_now(beat, world.picture)) is not None:
            world.clock.follow(told + timedelta(seconds=late_s * beat.speed))


def told_now(beat: ClockBeat, picture: Picture) -> datetime | None:
    """Return the leader's world time now; None where the beat is of before the last change or of nobody alive.

    The age of a beat is the store's: two machines' clocks are never compared.
    """
    if beat.age_s > BEAT_FRESH_S or beat.speed != picture.clock_speed:
        return None
    return beat.world_at + timedelta(seconds=beat.age_s * beat.speed)


def joined_clock(picture: Picture, last_at: datetime, beat: ClockBeat | None) -> WorldClock:
    """Return the clock of a world taken up: the leader's if there is one, else from where the drill stopped."""
    if picture.mode == "live":
        return WallClock()
    moments = [last_at]
    if beat is not None:
        moments.append(told_now(beat, picture) or beat.world_at)
    return WorldClock(max(moments), picture.clock_speed)
