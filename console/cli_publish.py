"""The ``region publish`` command: a region's places as PostGIS tables."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from console.cli_places import print_rows
from console.cli_words import err, out, say
from data.errors import TongzhouError, worded

if TYPE_CHECKING:
    import psycopg


class PublishError(TongzhouError):
    """The database could not take the region; says why and what to do."""


def run_region_publish(folder: Path, address: str) -> int:
    """Write a region's places to PostGIS and print the rows by table; raises PublishError in words."""
    import psycopg

    from data.postgis import SCHEMA, publish_region
    from data.region_reader import read_region

    region = read_region(folder)
    try:
        with err().status(say("正在写入", "Writing")), psycopg.connect(address, connect_timeout=10) as connection:
            written = publish_region(connection, region)
            database = connection.info.dbname
    except psycopg.Error as error:
        raise publish_error(error) from error
    where = f"{database}.{SCHEMA}"
    out().print(say(f"已写入 {where} (EPSG:4326)", f"written to {where} (EPSG:4326)"), style="bold")
    print_rows([(table, str(rows)) for table, rows in written.items()])
    return 0


def publish_error(error: psycopg.Error) -> PublishError:
    """Return what PostgreSQL said in words, with a remedy; the address is not repeated, it may hold a password."""
    import psycopg

    lines = str(error).strip().splitlines()
    reason = lines[0] if lines else type(error).__name__
    if isinstance(error, psycopg.errors.InsufficientPrivilege):
        en = f"This role may not do that ({reason}). Ask for it: GRANT CREATE ON DATABASE name TO role."
        zh = f"该角色没有权限（{reason}）。请申请在该库建立模式的权限：GRANT CREATE ON DATABASE 库名 TO 角色。"
    elif isinstance(error, (psycopg.errors.UndefinedObject, psycopg.errors.UndefinedFunction)):
        en = f"The database has no PostGIS ({reason}). As its owner: CREATE EXTENSION postgis; then publish again."
        zh = f"数据库没有 PostGIS（{reason}）。请由库主执行 CREATE EXTENSION postgis; 再发布。"
    elif isinstance(error, psycopg.ProgrammingError) and error.sqlstate is None:
        en = f"The address is not one PostgreSQL understands ({reason}). Write e.g. postgresql://user@host:5432/name."
        zh = f"数据库地址无法识别（{reason}）。写法如 postgresql://user@host:5432/name。"
    elif isinstance(error, psycopg.OperationalError):
        en = f"The database cannot be reached ({reason}). Check that it runs, and its host, port, name and user."
        zh = f"无法连接数据库（{reason}）。请确认它在运行，并核对主机、端口、库名和用户。"
    else:
        en = f"The database refused the region ({reason}). Nothing was changed."
        zh = f"数据库拒绝写入（{reason}）。库中内容未变。"
    return worded(PublishError(en), zh)
