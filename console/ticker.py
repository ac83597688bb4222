"""Keep a world moving: five short looks a second at what is due, at the console that leads."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING

from console.alarm_rules import CLOSING_ALARM, Watch, due_alarms
from console.closing_links import ClosingKey, LegClosing, closing_key, find_closings
from console.commands import RaiseAlarms
from console.simulator import Simulator

if TYPE_CHECKING:
    from console.world import World

LOOK_EVERY_S = 0.2
FIXES_EVERY_S = 1.0
ALARMS_EVERY_S = 1.0
ARCHIVE_EVERY_S = 60.0
ACTOR = "console"

_log = logging.getLogger(__name__)


class Ticker:
    """Runs the simulator (drills only), positions and alarms of one world."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._archiving: asyncio.Task[None] | None = None
        self._begin()

    def _begin(self) -> None:
        self._generation = self._world.generation
        self._simulator = Simulator(self._world)
        self._fixes_at_s = self._alarms_at_s = self._archived_at_s = 0.0
        self._closings: dict[ClosingKey, tuple[LegClosing, ...]] = {}

    async def run(self) -> None:
        """Look again and again until cancelled; a fault is logged once while it lasts."""
        told = ""
        while True:
            try:
                self.look(time.monotonic())
                await self._record_fixes(time.monotonic())
                await self._learn_closings()
                self._archive(time.monotonic())
                told = ""
            except Exception as error:
                if repr(error) != told:
                    _log.exception("The ticker met a fault; it goes on")
                told = repr(error)
            await asyncio.sleep(LOOK_EVERY_S)

    def look(self, monotonic_s: float) -> None:
        """Do what is due at this moment, if this console is the one that does it."""
        world = self._world
        if world.generation != self._generation:
            self._begin()
        if not self._has_work:
            return
        if world.mode == "drill":
            self._simulator.report(world.now)
        if monotonic_s - self._alarms_at_s >= ALARMS_EVERY_S:
            self._alarms_at_s = monotonic_s
            self._see_to_alarms()

    @property
    def _has_work(self) -> bool:
        """Only the leader moves anything, and only while the store takes it in."""
        return self._world.leads and self._world.health.may_try

    async def _record_fixes(self, monotonic_s: float) -> None:
        """Store where the units of a drill are, off the loop: a batch may take a while."""
        world = self._world
        if world.mode == "drill" and self._has_work and monotonic_s - self._fixes_at_s >= FIXES_EVERY_S:
            self._fixes_at_s = monotonic_s
            await asyncio.to_thread(world.record_fixes, self._simulator.fixes(world.now))

    def _archive(self, monotonic_s: float) -> None:
        """Put closed hours of positions away each minute, beside the looks: an hour of a large fleet takes a while."""
        busy = self._archiving is not None and not self._archiving.done()
        if not busy and self._has_work and monotonic_s - self._archived_at_s >= ARCHIVE_EVERY_S:
            self._archived_at_s = monotonic_s
            self._archiving = asyncio.create_task(self._each_minute())

    async def _each_minute(self) -> None:
        for task in tuple(self._world.each_minute):
            try:
                await asyncio.to_thread(task)
            except Exception:
                _log.exception("What is done each minute met a fault; it is tried again")

    def _see_to_alarms(self) -> None:
        """Raise what is due and clear what is gone, in one command if there is either."""
        world, picture = self._world, self._world.picture
        closings = {plan.id: self._closings.get(closing_key(plan, picture), ()) for plan in picture.accepted.values()}
        due = due_alarms(Watch(picture=picture, region=world.region, now=world.now, closings=closings))
        standing = {alarm_id for alarm_id, alarm in picture.alarms.items() if not alarm.cleared}
        raised = tuple(alarm for alarm_id, alarm in due.items() if alarm_id not in standing)
        cleared = tuple(sorted(one for one in standing - due.keys() if self._is_over(one)))
        if raised or cleared:
            world.execute(RaiseAlarms(raised=raised, cleared_ids=cleared), ACTOR)

    def _is_over(self, alarm_id: str) -> bool:
        """An alarm of something closing stands until the closings of every plan are worked out again."""
        if not alarm_id.startswith(CLOSING_ALARM) or self._world.network is None:
            return True
        picture = self._world.picture
        watch = Watch(picture=picture, region=self._world.region, now=self._world.now)
        return all(closing_key(plan, picture) in self._closings for plan in watch.working_plans())

    async def _learn_closings(self) -> None:
        """Work out, off the loop, what closes on the way of one plan that is not looked at yet."""
        world, picture = self._world, self._world.picture
        if world.network is None or not self._has_work:
            return
        watch = Watch(picture=picture, region=world.region, now=world.now)
        for plan in watch.working_plans():
            key = closing_key(plan, picture)
            if key not in self._closings:
                twin = picture.copy()  # the picture may change while the thread looks at it
                found = await asyncio.to_thread(find_closings, plan, twin, world.region, world.network)
                if world.generation == self._generation:
                    self._closings[key] = found
                return
