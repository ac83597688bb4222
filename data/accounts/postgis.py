"""Accounts in a schema of a PostgreSQL database, shared by live and drill and by every console on it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, LiteralString

import psycopg
from psycopg import sql
from psycopg_pool import ConnectionPool, PoolTimeout

from data.accounts.drivers import FORMAT, Rows, Run, migration
from data.accounts.records import AccountsUnreachableError
from data.errors import worded

SCHEMA = "tongzhou_accounts"
CONSOLE_ROLE = "tongzhou_console"
_RIGHTS: dict[LiteralString, tuple[str, ...]] = {
    "SELECT": ("format",),
    "SELECT, INSERT": ("change",),
    "SELECT, INSERT, UPDATE": ("account", "token"),
    "SELECT, INSERT, UPDATE, DELETE": ("login", "carried"),
}
_ANSWER_S = 5
# Any numbers, the same at every console: one makes the tables, or writes, while the others wait.
_MAKING_LOCK, _WRITING_LOCK = 0x546F6E67, 0x546F6E68


class PostgresDriver:
    """A few connections to one database; its tables are made where there are none."""

    def __init__(self, address: str) -> None:
        """Connect and bring the tables up to this format; raises AccountsUnreachableError in words."""
        self.shown = without_password(address)
        self._pool = ConnectionPool(
            address,
            min_size=1,
            max_size=3,
            timeout=_ANSWER_S,
            open=False,
            check=ConnectionPool.check_connection,
            kwargs={
                "connect_timeout": _ANSWER_S,
                "options": f"-c search_path={SCHEMA} -c statement_timeout={_ANSWER_S}s -c lock_timeout={_ANSWER_S}s",
            },
        )
        try:
            with psycopg.connect(address, connect_timeout=_ANSWER_S) as connection:
                migrate(connection)
            self._pool.open()
        except psycopg.Error as error:
            raise self._unreachable(error) from error

    @contextmanager
    def transaction(self, *, writing: bool = True) -> Iterator[Run]:
        """Run statements in one transaction of a connection that answers."""
        try:
            with self._pool.connection() as connection:

                def run(statement: str, *values: object) -> Rows:
                    cursor: psycopg.Cursor[Any] = connection.cursor()
                    with cursor:
                        cursor.execute(statement.replace("?", "%s").encode(), values)
                        return cursor.fetchall() if cursor.description else []

                if writing:
                    run("SELECT pg_advisory_xact_lock(?)", _WRITING_LOCK)
                yield run
        except psycopg.IntegrityError:
            raise
        except (psycopg.Error, PoolTimeout) as error:
            raise self._unreachable(error) from error

    def close(self) -> None:
        """Close the connections."""
        self._pool.close()

    def _unreachable(self, error: Exception) -> AccountsUnreachableError:
        lines = str(error).strip().splitlines()
        reason = re.sub(r"password=\S+", "password=***", lines[0]) if lines else type(error).__name__
        return worded(
            AccountsUnreachableError(
                f"The accounts in {self.shown} cannot be reached ({reason}). Check that the database runs, its address "
                f"and the role's rights on the schema {SCHEMA}."
            ),
            zh=f"无法访问 {self.shown} 中的账号（{reason}）。请确认数据库在运行，并核对地址及角色对模式 {SCHEMA} "
            "的权限。",
        )


def migrate(connection: psycopg.Connection[Any]) -> int:
    """Bring the schema of accounts up to this format in one transaction; returns how many steps were taken.

    Several consoles may do it at once. The owner also gives the console role its rights. Raises
    AccountsUnreachableError for a newer format, psycopg.Error where the user may not make a schema.
    """
    schema = sql.Identifier(SCHEMA)
    with connection.transaction():
        # Before the grants too: two at once would meet "tuple concurrently updated".
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (_MAKING_LOCK,))
        found = _format(connection)
        if found == FORMAT:
            _grant(connection)
            return 0
        if found > FORMAT:
            raise worded(
                AccountsUnreachableError(
                    f"The schema {SCHEMA} is of format {found}, this program knows {FORMAT}. Use the newer program."
                ),
                zh=f"模式 {SCHEMA} 的格式为 {found}，本程序使用 {FORMAT}。请使用较新的程序。",
            )
        if found == 0:
            connection.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(schema))
            connection.execute(sql.SQL("CREATE TABLE {}.format (number integer NOT NULL)").format(schema))
        connection.execute(sql.SQL("SET LOCAL search_path TO {}").format(schema))
        for number in range(found + 1, FORMAT + 1):
            connection.execute(migration("postgis", number).encode())
        connection.execute("DELETE FROM format")
        connection.execute("INSERT INTO format VALUES (%s)", (FORMAT,))
        _grant(connection)
        return FORMAT - found


def _grant(connection: psycopg.Connection[Any]) -> None:
    """Let the console role work with accounts where it exists and this user owns the schema; changes stay written."""
    query = (
        "SELECT 1 FROM pg_namespace, pg_roles WHERE nspname = %s AND rolname = %s AND pg_has_role(nspowner, 'USAGE')"
    )
    if not connection.execute(query, (SCHEMA, CONSOLE_ROLE)).fetchone():
        return
    role, schema = sql.Identifier(CONSOLE_ROLE), sql.Identifier(SCHEMA)
    for rights, tables in _RIGHTS.items():
        named = sql.SQL(", ").join(sql.Identifier(SCHEMA, table) for table in tables)
        connection.execute(sql.SQL("GRANT {} ON {} TO {}").format(sql.SQL(rights), named, role))
    connection.execute(sql.SQL("GRANT USAGE ON SCHEMA {} TO {}").format(schema, role))


def _format(connection: psycopg.Connection[Any]) -> int:
    # Not by to_regclass: what that did not find once it still misses after waiting for whoever makes it.
    there = "SELECT 1 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE nspname = %s AND relname = %s"
    if not connection.execute(there, (SCHEMA, "format")).fetchone():
        return 0
    query = sql.SQL("SELECT number FROM {}.format").format(sql.Identifier(SCHEMA))
    found = connection.execute(query).fetchone()
    return int(found[0]) if found else 0


def without_password(address: str) -> str:
    """Return a database address fit to be shown."""
    shown = re.sub(r"//([^:@/]*):[^@/]*@", r"//\1@", address)
    return re.sub(r"([?&]password=)[^&]*", r"\1***", shown)
