"""Anchor the journal now and then, at the console that leads."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from console.upkeep import Upkeep
from data.journal.anchor import AnchorFile, read_key
from data.journal.inventory import first_hashes
from data.text import Text

if TYPE_CHECKING:
    from console.world import World

EVERY_S = 300.0
_FAILED = Text("未锚定。", "Not anchored.")
_AGAIN = Text("日志重新锚定。", "The journal is anchored again.")


class AnchorTask(Upkeep):
    """Adds an anchor every ``every_s`` seconds while this console leads."""

    def __init__(self, world: World, key: Path, file: Path, every_s: float = EVERY_S) -> None:
        """Read the key; raises AnchorFileError where it is none."""
        self._anchors = AnchorFile(file, read_key(key))
        super().__init__(world, self._anchor, every_s, _FAILED, _AGAIN)

    def _anchor(self) -> None:
        world = self._world
        self._anchors.add(world.journal, first_hashes(world.store), store=world.store.shown, at=datetime.now(UTC))
