"""Bring a schema to this program's format by plain SQL files, applied in order, each in one transaction."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, LiteralString

import psycopg
from psycopg import errors, sql

from data.errors import worded
from data.journal.interface import JournalStoreError, StoreReadOnlyError, StoreUnreachableError
from data.text import Text

CONSOLE_ROLE = "tongzhou_console"
MIGRATION_WAIT_S = 120.0
Connection = psycopg.Connection[Any]


@dataclass(frozen=True)
class Migration:
    """One SQL file: its number, name and text."""

    number: int
    name: str
    text: str

    @property
    def sha256(self) -> str:
        """The hash kept beside what was applied, so that a later change of the file is seen."""
        return hashlib.sha256(self.text.encode()).hexdigest()


@dataclass(frozen=True)
class Migrated:
    """What ``migrate`` did: the version now, the files applied, and what its user could not do."""

    version: int
    applied: tuple[str, ...]
    left_out: Text | None = None


def migrations() -> tuple[Migration, ...]:
    """Return the program's migrations in order."""
    folder = files("data.journal.postgis") / "migrations"
    names = sorted(one.name for one in folder.iterdir() if one.name.endswith(".sql"))
    return tuple(Migration(int(name[:4]), name, (folder / name).read_text("utf-8")) for name in names)


def current_version(connection: Connection, schema: str) -> int | None:
    """Return the number of the last migration applied; None where the schema holds no store."""
    table = sql.Identifier(schema, "migration")
    found = connection.execute("SELECT to_regclass(%s)", (table.as_string(connection),)).fetchone()
    if found is None or found[0] is None:
        return None
    row = connection.execute(sql.SQL("SELECT max(number) FROM {}").format(table)).fetchone()
    return int(row[0]) if row and row[0] is not None else None


def check_version(connection: Connection, schema: str, shown: str) -> None:
    """Refuse a schema of another format than this program's.

    Raises StoreReadOnlyError when it is newer, JournalStoreError when it is older or a migration was changed
    after it was applied.
    """
    known = {one.number: one for one in migrations()}
    applied = connection.execute(
        sql.SQL("SELECT number, name, sha256 FROM {} ORDER BY number").format(sql.Identifier(schema, "migration"))
    ).fetchall()
    if applied and applied[-1][0] > max(known):
        raise worded(
            StoreReadOnlyError(
                f"The store {shown} has format {applied[-1][0]}, this program writes {max(known)}. Use the newer "
                "program that wrote it."
            ),
            zh=f"存储 {shown} 的格式为 {applied[-1][0]}，本程序使用 {max(known)}。请用写它的较新程序。",
        )
    for number, name, sha256 in applied:
        if sha256 != known[number].sha256:
            raise worded(
                JournalStoreError(
                    f"The migration {name} of {shown} was changed after it was applied: the store and this program do "
                    "not belong together. Install the program again as it was released."
                ),
                zh=f"{shown} 的迁移 {name} 在应用后被改动，存储与本程序不相配。请重新安装发布的程序。",
            )
    if not applied or applied[-1][0] < max(known):
        have = applied[-1][0] if applied else 0
        raise worded(
            JournalStoreError(
                f"The store {shown} has format {have}, this program needs {max(known)}. Stop its consoles, then run: "
                "tongzhou store migrate ADDRESS"
            ),
            zh=f"存储 {shown} 的格式为 {have}，本程序需要 {max(known)}。"
            "请停止各指挥台，再运行：tongzhou store migrate 地址",
        )


def migrate(connection: Connection, schema: str, shown: str = "") -> Migrated:
    """Apply what is not applied yet and give the console role its rights; harmless when there is nothing to do.

    ``connection`` is in autocommit mode; its user becomes the owner of a new schema. Raises JournalStoreError
    when the user may not, or the store is of a newer program.
    """
    shown = shown or f"{connection.info.dbname}"
    try:
        with _migrating(connection, shown):
            return _migrated(connection, schema, shown)
    except (errors.InsufficientPrivilege, errors.UndefinedFile, errors.FeatureNotSupported) as error:
        raise needs_owner(error, shown) from error


def wait_for_migration(connection: Connection, shown: str) -> None:
    """Return once no other console is bringing the database up, as when several find it empty at once.

    Raises StoreUnreachableError when that one takes longer than ``MIGRATION_WAIT_S``.
    """
    _wait_for_lock(connection, "pg_advisory_lock_shared", shown)
    connection.execute("SELECT pg_advisory_unlock_shared(hashtext('tongzhou migrate'))")


@contextmanager
def _migrating(connection: Connection, shown: str) -> Iterator[None]:
    """Keep everybody else from migrating, and from judging a format that is still on its way."""
    _wait_for_lock(connection, "pg_advisory_lock", shown)
    try:
        yield
    finally:
        connection.execute("SELECT pg_advisory_unlock(hashtext('tongzhou migrate'))")


_TIMES = "SELECT set_config('lock_timeout', %s, false), set_config('statement_timeout', %s, false)"


def _wait_for_lock(connection: Connection, function: LiteralString, shown: str) -> None:
    """Take the session's lock of migrations: making a store takes longer than a statement at work may."""
    times = connection.execute("SELECT current_setting('lock_timeout'), current_setting('statement_timeout')")
    usual = times.fetchone() or ("0", "0")
    connection.execute(_TIMES, (f"{MIGRATION_WAIT_S * 1000:.0f}", "0"))
    try:
        connection.execute(sql.SQL("SELECT {}(hashtext('tongzhou migrate'))").format(sql.SQL(function)))
    except errors.LockNotAvailable as error:
        raise worded(
            StoreUnreachableError(
                f"Another console has been bringing the store {shown} to its format for over {MIGRATION_WAIT_S:.0f} s. "
                "Wait for it to end, then start again."
            ),
            zh=f"另一指挥台正在升级存储 {shown}，已超过 {MIGRATION_WAIT_S:.0f} 秒。请等其结束后重新启动。",
        ) from error
    connection.execute(_TIMES, usual)


def _migrated(connection: Connection, schema: str, shown: str) -> Migrated:
    _make_ground(connection, schema)
    have = current_version(connection, schema) or 0
    if have > max(one.number for one in migrations()):
        check_version(connection, schema, shown)
    applied = [one.name for one in migrations() if _apply(connection, schema, one)]
    check_version(connection, schema, shown)
    left_out = _grant(connection, schema)
    return Migrated(version=migrations()[-1].number, applied=tuple(applied), left_out=left_out)


def needs_owner(error: psycopg.Error, shown: str) -> JournalStoreError:
    """Return the wording of a database in which this user may not make the store."""
    if "postgis" in str(error) and not isinstance(error, errors.InsufficientPrivilege):
        return worded(
            JournalStoreError(
                f"The server of {shown} has no PostGIS. Install it there (Debian: apt-get install "
                "postgresql-15-postgis-3), then run: tongzhou store init ADDRESS"
            ),
            zh=f"{shown} 的服务器没有 PostGIS。请在服务器上安装（Debian：apt-get install postgresql-15-postgis-3），"
            "再运行：tongzhou store init 地址",
        )
    return worded(
        JournalStoreError(
            f"There is no store in {shown} that this user may use, and it may not make one. The owner of the database "
            "has to run: tongzhou store init ADDRESS, and GRANT tongzhou_console TO this user. Where only a superuser "
            "may add PostGIS, that one first runs in the database: CREATE EXTENSION postgis"
        ),
        zh=f"{shown} 中没有该用户可用的存储，该用户也无权建立。请库主运行：tongzhou store init 地址，"
        "并执行 GRANT tongzhou_console TO 该用户。若只有超级用户可加装 PostGIS，"
        "请其先在库中执行：CREATE EXTENSION postgis",
    )


def _make_ground(connection: Connection, schema: str) -> None:
    """Make the schema, the extension and the table of migrations where they are missing."""
    with connection.transaction():
        if not connection.execute("SELECT 1 FROM pg_extension WHERE extname = 'postgis'").fetchone():
            connection.execute("CREATE EXTENSION postgis")
        if not connection.execute("SELECT 1 FROM pg_namespace WHERE nspname = %s", (schema,)).fetchone():
            connection.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(schema)))
        connection.execute(
            sql.SQL(
                "CREATE TABLE IF NOT EXISTS {} (number integer PRIMARY KEY, name text NOT NULL, sha256 text NOT NULL, "
                "applied_at timestamptz NOT NULL DEFAULT now())"
            ).format(sql.Identifier(schema, "migration"))
        )


def _apply(connection: Connection, schema: str, migration: Migration) -> bool:
    table = sql.Identifier(schema, "migration")
    with connection.transaction():
        if connection.execute(
            sql.SQL("SELECT 1 FROM {} WHERE number = %s").format(table), (migration.number,)
        ).fetchone():
            return False
        _stand_in(connection, schema)
        connection.execute(migration.text.encode())
        connection.execute(
            sql.SQL("INSERT INTO {} (number, name, sha256) VALUES (%s, %s, %s)").format(table),
            (migration.number, migration.name, migration.sha256),
        )
    return True


def _stand_in(connection: Connection, schema: str) -> None:
    """Let the names of this transaction be those of the schema and of PostGIS; no time limit holds in it."""
    connection.execute("SET LOCAL statement_timeout = 0")
    connection.execute("SET LOCAL client_min_messages = warning")
    connection.execute(
        "SELECT set_config('search_path', quote_ident(%s) || ', ' || quote_ident(n.nspname) || ', pg_temp', true) "
        "FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'postgis'",
        (schema,),
    )


def _grant(connection: Connection, schema: str) -> Text | None:
    """Make the console role where it is missing and may be made, and give it its rights."""
    if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (CONSOLE_ROLE,)).fetchone():
        try:
            connection.execute(sql.SQL("CREATE ROLE {} NOLOGIN").format(sql.Identifier(CONSOLE_ROLE)))
        except errors.DuplicateObject:  # another migration of this cluster was quicker
            pass
        except errors.InsufficientPrivilege:
            return Text(
                f"该用户无权建立角色 {CONSOLE_ROLE}。请管理员执行：CREATE ROLE {CONSOLE_ROLE} NOLOGIN，"
                "再运行：tongzhou store migrate 地址",
                f"This user may not make the role {CONSOLE_ROLE}. An administrator runs: CREATE ROLE {CONSOLE_ROLE} "
                "NOLOGIN; then run: tongzhou store migrate ADDRESS",
            )
    text = (files("data.journal.postgis") / "grants.sql").read_text("utf-8")
    with connection.transaction():
        _stand_in(connection, schema)
        connection.execute(sql.SQL(text).format(schema=sql.Identifier(schema)))
    return None
