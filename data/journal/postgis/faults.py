"""What PostgreSQL says when something is wrong, in words that name the thing and the remedy."""

from __future__ import annotations

import re
from typing import Any

import psycopg
from psycopg import errors
from psycopg.conninfo import conninfo_to_dict

from data.errors import TongzhouError, worded
from data.journal.interface import JournalStoreError, StoreReadOnlyError, StoreUnreachableError

# Asking again may help: nobody answered, or somebody else was in the way for too long.
PASSING = (psycopg.OperationalError, psycopg.InterfaceError, errors.UniqueViolation)
_LASTING = (errors.DiskFull, errors.OutOfMemory, errors.InsufficientPrivilege, errors.InvalidPassword)

# What libpq says when it cannot connect, whether waiting may help, and what to do about it.
_CONNECTING: tuple[tuple[str, bool, str, str], ...] = (
    (
        r"translate host name|resolve host|Name or service",
        True,
        "no machine of that name is known. Check the host in the address",
        "找不到该主机名。请检查地址中的主机",
    ),
    (
        r"password authentication|no password supplied|authentication failed|role .* does not exist",
        False,
        "the user or password is not accepted. Check the user in the address, and give the password by PGPASSWORD "
        "or ~/.pgpass",
        "用户名或口令不被接受。请检查地址中的用户，口令请用 PGPASSWORD 或 ~/.pgpass 提供",
    ),
    (
        r"database .* does not exist",
        False,
        "there is no such database. Check its name in the address, or make it (createdb NAME)",
        "没有该数据库。请检查地址中的名称，或先建库（createdb 名称）",
    ),
    (
        r"pg_hba\.conf",
        False,
        "the server does not let this user in from here. Ask its administrator for a line in pg_hba.conf",
        "服务器不允许该用户从本机连接。请管理员在 pg_hba.conf 中加一行",
    ),
    (
        r"too many (clients|connections)|remaining connection slots",
        True,
        "the server has no connection left. Raise its max_connections, or stop consoles that are not needed",
        "服务器连接数已满。请提高 max_connections，或关闭不用的指挥台",
    ),
)


def shown_address(address: str) -> str:
    """Return a database address fit to be shown: without password or options."""
    try:
        parts = conninfo_to_dict(address)
    except psycopg.Error:
        return "postgresql://..."
    user = f"{parts['user']}@" if parts.get("user") else ""
    host, port = str(parts.get("host") or ""), parts.get("port")
    database = parts.get("dbname") or ""
    if host.startswith("/"):
        return f"postgresql://{user}/{database}?host={host}"
    return f"postgresql://{user}{host}{f':{port}' if port else ''}/{database}"


def check_address(address: str) -> None:
    """Raise JournalStoreError where a database address cannot be read; its text is not repeated."""
    try:
        conninfo_to_dict(address)
    except psycopg.Error as error:
        raise worded(
            JournalStoreError(
                "The database address cannot be read. Write it as postgresql://USER@HOST:PORT/DATABASE; "
                "special characters in it as %XX."
            ),
            zh="数据库地址无法识别。请写成 postgresql://用户@主机:端口/数据库；其中的特殊字符写成 %XX。",
        ) from error


def connecting_fault(error: psycopg.Error, shown: str) -> JournalStoreError:
    """Return the wording of a connection that could not be made."""
    said = str(error)
    for pattern, passes, en, zh in _CONNECTING:
        if re.search(pattern, said, re.IGNORECASE):
            kind = StoreUnreachableError if passes else JournalStoreError
            return worded(kind(f"The database {shown} cannot be used: {en}."), zh=f"数据库 {shown} 无法使用：{zh}。")
    return unreachable(shown)


def unreachable(shown: str) -> StoreUnreachableError:
    """Return the wording of a store that does not answer."""
    return worded(
        StoreUnreachableError(
            f"The database {shown} does not answer. Check that the server runs, and the host and port in the address."
        ),
        zh=f"数据库 {shown} 没有应答。请检查服务器是否在运行，以及地址中的主机和端口。",
    )


def outcome_unknown(error: StoreUnreachableError) -> StoreUnreachableError:
    """Return the wording of a store that went silent while it was written to."""
    said = error.text.zh if error.text else str(error)
    return worded(
        StoreUnreachableError(f"{error} What was asked may have been recorded."), f"{said}刚才的操作可能已被记录。"
    )


def store_closed(shown: str) -> JournalStoreError:
    """Return the wording of a store that this program has closed and is asked all the same."""
    return worded(
        JournalStoreError(f"This console has closed the store {shown}; nothing was recorded. Serve it again."),
        zh=f"本指挥台已关闭存储 {shown}，未记录任何内容。请重新启动服务。",
    )


def is_passing(error: Exception) -> bool:
    """Tell whether asking again may help."""
    return isinstance(error, PASSING) and not isinstance(error, _LASTING)


def fault(error: Exception, shown: str) -> TongzhouError:
    """Return the wording of an error met while the store was in use."""
    if isinstance(error, TongzhouError):
        return error
    if isinstance(error, errors.DiskFull):
        return worded(
            StoreReadOnlyError(f"The disk of {shown} is full; nothing was recorded. Free some space, then try again."),
            zh=f"{shown} 的磁盘已满，未记录任何内容。请腾出空间后重试。",
        )
    if isinstance(error, errors.ReadOnlySqlTransaction):
        return worded(
            StoreReadOnlyError(
                f"The database {shown} is read-only, as a replica is; nothing was recorded. Name the primary server."
            ),
            zh=f"数据库 {shown} 是只读的（如副本），未记录任何内容。请改用主服务器的地址。",
        )
    if isinstance(error, errors.InsufficientPrivilege):
        return worded(
            JournalStoreError(
                f"This user may not do that in {shown} ({_first_line(error)}); nothing was recorded. Ask the owner to "
                "run: tongzhou store migrate ADDRESS, and to GRANT tongzhou_console TO this user."
            ),
            zh=f"该用户在 {shown} 中无此权限（{_first_line(error)}），未记录任何内容。请库主运行："
            "tongzhou store migrate 地址，并执行 GRANT tongzhou_console TO 该用户。",
        )
    if isinstance(error, errors.UniqueViolation):
        return worded(
            JournalStoreError(
                f"{shown} was written to by something that is no console ({_first_line(error)}); nothing was recorded. "
                "Run: tongzhou store verify ADDRESS."
            ),
            zh=f"{shown} 被非指挥台程序写入（{_first_line(error)}），未记录任何内容。"
            "请运行：tongzhou store verify 地址。",
        )
    if is_passing(error):
        return unreachable(shown)
    return worded(
        JournalStoreError(f"The store {shown} could not be used ({_first_line(error)}); nothing was recorded."),
        zh=f"存储 {shown} 无法使用（{_first_line(error)}），未记录任何内容。",
    )


def _first_line(error: Any) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)
