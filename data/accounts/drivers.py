"""What the SQL of accounts runs on: one statement at a time, inside a transaction, over either database."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from importlib.resources import files
from typing import Any, Protocol

Rows = list[tuple[Any, ...]]
Run = Callable[..., Rows]
FORMAT = 1


class Driver(Protocol):
    """A database of accounts. ``shown`` is its address fit to be shown: without a password."""

    shown: str

    def transaction(self, *, writing: bool = True) -> AbstractContextManager[Run]:
        """Give a function that runs one statement with ``?`` for each value; commit at the end, or nothing.

        One that writes waits for the others that do, so that what it read still holds when it commits. Raises
        AccountsUnreachableError where the database does not answer.
        """

    def close(self) -> None:
        """Release the database."""


def migration(kind: str, number: int) -> str:
    """Return the plain SQL that takes the tables from the format before to this one."""
    return files("data.accounts").joinpath("migrations", f"{kind}_{number}.sql").read_text("utf-8")
