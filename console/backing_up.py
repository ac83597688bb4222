"""Take backups now and then, at the console that leads: in a folder store nobody else may read the journal."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from console.paths import positions_folder
from console.upkeep import Upkeep
from data.journal.backup import SUFFIX, lacking_words, write_backup
from data.text import Text

if TYPE_CHECKING:
    from console.world import World

KEEP = 24
PART_LIFE_S = 86_400.0  # a backup that is still being written after a day is none
_FAILED = Text("未备份。", "Not backed up.")
_AGAIN = Text("存储重新完整备份。", "The store is backed up whole again.")


class BackupTask(Upkeep):
    """Backs the store up every ``every_s`` seconds while this console leads, and keeps the last ``keep`` files."""

    def __init__(self, world: World, folder: Path, every_s: float, keep: int = KEEP) -> None:
        super().__init__(world, self._back_up, every_s, _FAILED, _AGAIN)
        self._folder, self._keep = folder, keep

    def _back_up(self) -> Text | None:
        """Take one backup and say what it lacks; older ones go only after it is whole.

        What a console that was killed left half written goes first: the room may be needed.
        """
        world, now = self._world, datetime.now(UTC)
        mode = world.mode
        for part in self._folder.glob(f".tongzhou-{mode}-*{SUFFIX}.*.part"):
            with suppress(OSError):
                if now.timestamp() - part.stat().st_mtime > PART_LIFE_S:
                    part.unlink()
        done = write_backup(
            world.store,
            world.journal,
            self._folder / f"tongzhou-{mode}-{now:%Y%m%dT%H%M%SZ}{SUFFIX}",
            program=version("tongzhou"),
            at=now,
            positions=positions_folder(world.store.shown, mode),
        )
        return self._left_over(mode) or lacking_words(done)

    def _left_over(self, mode: str) -> Text | None:
        """Take away the oldest backups, and say which of them cannot be."""
        for old in sorted(self._folder.glob(f"tongzhou-{mode}-*{SUFFIX}"))[: -self._keep]:
            try:
                old.unlink(missing_ok=True)
            except OSError as error:
                return Text(
                    f"已备份，但旧备份 {old} 无法删除（{error.strerror}）。请检查文件夹权限，否则磁盘会写满。",
                    f"Backed up, but the old backup {old} cannot be taken away ({error.strerror}). Check the folder's "
                    "rights, else its disk fills up.",
                )
        return None
