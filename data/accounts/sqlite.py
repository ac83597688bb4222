"""Accounts in one SQLite file, for a console that owns its folder and a command line beside it."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import apsw

from data.accounts.drivers import FORMAT, Rows, Run, migration
from data.accounts.records import AccountsUnreachableError
from data.errors import worded
from data.journal.sqlite_schema import check_sqlite_version

FILE_NAME = "accounts.db"
_BUSY_MS = 5000


class SqliteDriver:
    """One file that its owner alone may read; several processes may have it open. ``None`` keeps it in memory."""

    def __init__(self, path: Path | None) -> None:
        """Open the file, made if it is not there; raises AccountsUnreachableError in words."""
        check_sqlite_version(apsw.sqlite_lib_version())
        self.shown = ":memory:" if path is None else str(path)
        self._lock = threading.RLock()
        try:
            if path is not None:
                path.parent.mkdir(parents=True, exist_ok=True)
                os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
                path.chmod(0o600)
            self._database = apsw.Connection(self.shown)
        except (OSError, apsw.Error) as error:
            raise self._unusable(error) from error
        try:
            self._database.set_busy_timeout(_BUSY_MS)
            self._database.execute("PRAGMA journal_mode = WAL").fetchall()
            self._database.execute("PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON").fetchall()
            with self.transaction():
                self._bring_up()
        except apsw.Error as error:
            self._database.close(True)
            raise self._unusable(error) from error
        except BaseException:
            self._database.close(True)
            raise

    @contextmanager
    def transaction(self, *, writing: bool = True) -> Iterator[Run]:
        """Run statements in one transaction, under the file's write lock where it writes."""
        with self._lock:
            try:
                self._database.execute("BEGIN IMMEDIATE" if writing else "BEGIN")
                try:
                    yield self._run
                    self._database.execute("COMMIT")
                finally:
                    if self._database.in_transaction:
                        self._database.execute("ROLLBACK")
            except apsw.ConstraintError:
                raise
            except apsw.Error as error:
                raise self._unusable(error) from error

    def close(self) -> None:
        """Release the file."""
        with self._lock:
            self._database.close()

    def _run(self, statement: str, *values: object) -> Rows:
        return self._database.execute(statement, values).fetchall()

    def _bring_up(self) -> None:
        found = self._database.pragma("user_version")
        if found == FORMAT:
            return
        if found > FORMAT:
            raise worded(
                AccountsUnreachableError(
                    f"The accounts in {self.shown} are of format {found}, this program knows {FORMAT}. "
                    "Use the program that wrote them."
                ),
                zh=f"{self.shown} 中的账号格式为 {found}，本程序使用 {FORMAT}。请用写它的程序。",
            )
        for number in range(found + 1, FORMAT + 1):
            self._database.execute(migration("sqlite", number)).fetchall()
        self._database.execute(f"PRAGMA user_version = {FORMAT}")

    def _unusable(self, error: Exception) -> AccountsUnreachableError:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        return worded(
            AccountsUnreachableError(
                f"The accounts in {self.shown} cannot be read or written: {reason}. Check the file, its rights and "
                "the room on the disk; nothing was changed."
            ),
            zh=f"{self.shown} 中的账号无法读写（{reason}）。请检查文件、权限和磁盘空间；未作任何更改。",
        )
