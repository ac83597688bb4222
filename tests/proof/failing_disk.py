"""A disk that fails at the n-th thing done to it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import apsw


class FailingFile(apsw.VFSFile):
    """Passes everything on to the real disk, but for what fails."""

    def __init__(self, disk: FailingDisk, name: Any, flags: list[int]) -> None:
        super().__init__("", name, flags)
        self._disk = disk

    def xRead(self, amount: int, offset: int) -> bytes:  # noqa: N802
        self._disk.count("read")
        return bytes(super().xRead(amount, offset))

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802
        self._disk.count("write")
        super().xWrite(data, offset)

    def xTruncate(self, size: int) -> None:  # noqa: N802
        self._disk.count("truncate")
        super().xTruncate(size)

    def xSync(self, flags: int) -> None:  # noqa: N802
        self._disk.count("sync")  # nothing here cuts the power, so what is written need not be waited for


class FailingDisk(apsw.VFS):
    """Fails ``times`` times from the ``first`` thing done on, and is sound before and after."""

    def __init__(self, name: str, first: int, times: int, error: Callable[[str], Exception]) -> None:
        super().__init__(name, "")
        self._first, self._last, self._error = first, first + times - 1, error
        self.num_calls = 0

    @property
    def has_failed(self) -> bool:
        """Whether the failure was reached."""
        return self.num_calls >= self._first

    def xOpen(self, name: Any, flags: list[int]) -> FailingFile:  # noqa: N802
        return FailingFile(self, name, flags)

    def count(self, what: str) -> None:
        """Count one thing done, and fail where it is due."""
        self.num_calls += 1
        if self._first <= self.num_calls <= self._last:
            raise self._error(f"the disk failed to {what}")
