"""A file system that loses power: what was not synced reaches the disk in part, in random 512-byte sectors.

The idea is that of SQLite's own test6.c.
"""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import apsw

SECTOR = 512


class LosingFile(apsw.VFSFile):
    """Keeps unsynced writes in memory, over what the disk has."""

    def __init__(self, disk: LosingDisk, name: Any, flags: list[int]) -> None:
        super().__init__("", name, flags)
        self.path = Path(name.filename() if isinstance(name, apsw.URIFilename) else name)
        self.unsynced: list[tuple[int, bytes]] = []
        self._disk = disk
        disk.files.append(self)

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802
        self._disk.tick()
        if self._disk.is_over:
            return
        for start in range(0, len(data), SECTOR):
            self.unsynced.append((offset + start, bytes(data[start : start + SECTOR])))

    def xRead(self, amount: int, offset: int) -> bytes:  # noqa: N802
        size = self.xFileSize()
        found = bytearray(super().xRead(min(amount, max(0, super().xFileSize() - offset)), offset))
        found.extend(bytes(max(0, min(amount, size - offset) - len(found))))
        for start, data in self.unsynced:
            low, high = max(start, offset), min(start + len(data), offset + len(found))
            if low < high:
                found[low - offset : high - offset] = data[low - start : high - start]
        return bytes(found)

    def xFileSize(self) -> int:  # noqa: N802
        ends = [start + len(data) for start, data in self.unsynced]
        return max([super().xFileSize(), *ends])

    def xTruncate(self, size: int) -> None:  # noqa: N802
        self._disk.tick()
        self._settle()
        if not self._disk.is_over:
            super().xTruncate(size)

    def xSync(self, flags: int) -> None:  # noqa: N802
        self._disk.tick()
        self._settle()

    def _settle(self) -> None:
        for start, data in self.unsynced:
            super().xWrite(data, start)
        self.unsynced = []


class LosingDisk(apsw.VFS):
    """Loses power after so many writes, syncs and truncations."""

    def __init__(self, name: str, seed: int, cut_after: int) -> None:
        super().__init__(name, "")
        self.files: list[LosingFile] = []
        self._random = random.Random(seed)
        self._left = cut_after
        self.is_over = False

    def xOpen(self, name: Any, flags: list[int]) -> LosingFile:  # noqa: N802
        return LosingFile(self, name, flags)

    def tick(self) -> None:
        """Count one thing done to the disk, and fail once the power is gone."""
        self._left -= 1
        if self._left < 0 and not self.is_over:
            raise apsw.IOError("the power is gone")

    def cut(self) -> None:
        """The power is gone: each unsynced sector reaches the disk or not, and nothing after."""
        for file in self.files:
            if not file.path.exists():
                continue
            with file.path.open("r+b") as disk:
                for start, data in file.unsynced:
                    if self._random.random() < 0.5:
                        disk.seek(start)
                        disk.write(data)
            file.unsynced = []
        self.is_over = True
