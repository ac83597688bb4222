"""Lets a folder store write through a disk of ours, without a word of it in the store."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import apsw

_Connection = apsw.Connection


class NormalConnection(_Connection):
    """A connection that does not sync at each commit, whatever it is told: the planted fault."""

    def execute(self, statements: str, *rest: Any, **more: Any) -> Any:
        if "synchronous" in statements.lower():
            statements = "PRAGMA synchronous = NORMAL"
        return super().execute(statements, *rest, **more)


@contextmanager
def through(vfs: str, plant: str | None = None) -> Iterator[None]:
    """Let every connection opened inside go through a file system of ours; ``plant`` may be ``normal``."""
    kind = NormalConnection if plant == "normal" else _Connection
    quietly = _without_apsw(sys.unraisablehook)
    with (
        patch.object(apsw, "Connection", lambda name: kind(name, vfs=vfs)),
        patch.object(sys, "unraisablehook", quietly),
    ):
        yield


def _without_apsw(told: Callable[[Any], Any]) -> Callable[[Any], None]:
    # A file that fails while SQLite closes it can raise to nobody; that it fails is what was planned.
    def hook(found: Any) -> None:
        if not isinstance(found.exc_value, apsw.Error):
            told(found)

    return hook
