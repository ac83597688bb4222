"""Keep computed arrays on disk under the hash of what they were computed from."""

from __future__ import annotations

import contextlib
import os
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

Arrays = dict[str, np.ndarray[Any, Any]]


class ArrayCache:
    """A folder of ``.npz`` files named by key; losing it costs only time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def fetch(self, key: str, build: Callable[[], Mapping[str, np.ndarray[Any, Any]]]) -> Arrays:
        """Return the arrays kept under ``key``, building and keeping them if absent or unreadable."""
        path = self.folder / f"{key}.npz"
        kept = self._read(path)
        if kept is not None:
            return kept
        arrays = dict(build())
        self._write(path, arrays)
        return arrays

    def _read(self, path: Path) -> Arrays | None:
        try:
            with path.open("rb") as file, np.load(file, allow_pickle=False) as kept:
                return {name: kept[name] for name in kept.files}
        except (OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile):
            return None

    def _write(self, path: Path, arrays: Arrays) -> None:
        """Write beside the target and rename, so that no reader sees half a file; a full disk is no failure."""
        temporary: str | None = None
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            handle, temporary = tempfile.mkstemp(dir=self.folder, prefix=path.stem, suffix=".part")
            with os.fdopen(handle, "wb") as file:
                np.savez(file, allow_pickle=False, **arrays)
            os.replace(temporary, path)
        except OSError:
            if temporary is not None:
                with contextlib.suppress(OSError):
                    os.unlink(temporary)
