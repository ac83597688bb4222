"""Take backups now and then, at the console that leads: in a folder store nobody else may read the journal."""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from console.commands import LogNote
from console.paths import positions_folder
from data.errors import TongzhouError
from data.journal.backup import SUFFIX, write_backup

if TYPE_CHECKING:
    from console.world import World

ACTOR = "console"
KEEP = 24
_log = logging.getLogger(__name__)


class BackupTask:
    """Backs the store up every ``every_s`` seconds while this console leads, and keeps the last ``keep`` files."""

    def __init__(self, world: World, folder: Path, every_s: float, keep: int = KEEP) -> None:
        self._world, self._folder, self._every_s, self._keep = world, folder, every_s, keep

    async def run(self) -> None:
        """Back up until cancelled."""
        while True:
            if self._world.leads:
                await asyncio.to_thread(self.back_up)
            await asyncio.sleep(self._every_s)

    def back_up(self) -> None:
        """Take one backup, off the server's loop; older ones go only after it is whole."""
        world, now = self._world, datetime.now(UTC)
        mode = world.mode
        target = self._folder / f"tongzhou-{mode}-{now:%Y%m%dT%H%M%SZ}{SUFFIX}"
        try:
            write_backup(
                world.store,
                world.journal,
                target,
                program=version("tongzhou"),
                at=now,
                positions=positions_folder(world.store.shown, mode),
            )
        except TongzhouError as error:
            _log.warning("The store was not backed up: %s", error)
            world.execute(LogNote(text=f"未备份。{error.said('zh')} Not backed up. {error.said('en')}"), ACTOR)
            return
        for old in sorted(self._folder.glob(f"tongzhou-{mode}-*{SUFFIX}"))[: -self._keep]:
            old.unlink(missing_ok=True)
