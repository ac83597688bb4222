"""Keep a world moving: five short looks a second at what is due."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING

from console.simulator import Simulator

if TYPE_CHECKING:
    from console.world import World

LOOK_EVERY_S = 0.2
FIXES_EVERY_S = 1.0

_log = logging.getLogger(__name__)


class Ticker:
    """Runs the simulator (drills only), positions and alarms of one world."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._generation = world.generation
        self._simulator = Simulator(world)
        self._fixes_at_s = 0.0

    async def run(self) -> None:
        """Look again and again until cancelled; a fault in one look is logged and the next one comes."""
        while True:
            try:
                self.look(time.monotonic())
            except Exception:
                _log.exception("The ticker met a fault; it goes on")
            await asyncio.sleep(LOOK_EVERY_S)

    def look(self, monotonic_s: float) -> None:
        """Do what is due at this moment."""
        world = self._world
        if world.generation != self._generation:
            self._generation, self._simulator = world.generation, Simulator(world)
        if world.mode != "drill":
            return
        now = world.now
        self._simulator.report(now)
        if monotonic_s - self._fixes_at_s >= FIXES_EVERY_S:
            self._fixes_at_s = monotonic_s
            world.record_fixes(self._simulator.fixes(now))
