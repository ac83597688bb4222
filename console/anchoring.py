"""Anchor the journal now and then, at the console that leads."""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from console.commands import LogNote
from data.errors import TongzhouError
from data.journal.anchor import AnchorFile, read_key
from data.journal.inventory import first_hashes

if TYPE_CHECKING:
    from console.world import World

ACTOR = "console"
EVERY_S = 300.0
_log = logging.getLogger(__name__)


class AnchorTask:
    """Adds an anchor every ``every_s`` seconds while this console leads; a fault is written into the log, once."""

    def __init__(self, world: World, key: Path, file: Path, every_s: float = EVERY_S) -> None:
        """Read the key; raises AnchorFileError where it is none."""
        self._world, self._every_s = world, every_s
        self._anchors = AnchorFile(file, read_key(key))
        self._told = ""

    async def run(self) -> None:
        """Anchor until cancelled."""
        while True:
            if self._world.leads:
                await asyncio.to_thread(self.anchor)
            await asyncio.sleep(self._every_s)

    def anchor(self) -> None:
        """Add one anchor, off the server's loop."""
        world = self._world
        try:
            self._anchors.add(world.journal, first_hashes(world.store), store=world.store.shown, at=datetime.now(UTC))
            self._told = ""
        except TongzhouError as error:
            _log.warning("The journal was not anchored: %s", error)
            text = f"未锚定。{error.said('zh')} Not anchored. {error.said('en')}"
            if text != self._told:
                self._told = text
                world.execute(LogNote(text=text), ACTOR)
