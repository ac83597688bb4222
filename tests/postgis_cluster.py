"""A private throw-away PostgreSQL cluster with PostGIS in its template, for tests, soaks and benches."""

from __future__ import annotations

import contextlib
import itertools
import os
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import psycopg
from psycopg import sql

from tests.system_packages import postgis_bin

NOT_INSTALLED = "no PostGIS: apt-get install postgresql-15-postgis-3"
# A throw-away cluster for ordinary tests: nothing there tests what a power cut leaves.
_QUICK = ("fsync=off", "full_page_writes=off", "synchronous_commit=off")
_START_S = 30.0


class PostgisCluster:
    """One cluster in one folder, on a socket of its own, superuser ``console`` without a password.

    ``durable`` keeps fsync on, for tests that kill the server. ``tcp_port`` lets it listen on 127.0.0.1 too.
    """

    def __init__(self, folder: Path, *, durable: bool = False, tcp_port: int | None = None) -> None:
        found = postgis_bin()
        if found is None:
            raise RuntimeError(NOT_INSTALLED)
        self._bin, self.folder, self.data = found, folder, folder / "cluster"
        self._durable, self.tcp_port, self._port = durable, tcp_port, tcp_port or 5432
        self._numbers = itertools.count(1)

    @property
    def conninfo(self) -> str:
        """The connection string without a database."""
        return f"host={self.folder} port={self._port} user=console"

    @property
    def socket(self) -> Path:
        """The socket the server listens on."""
        return self.folder / f".s.PGSQL.{self._port}"

    def address(self, database: str, user: str = "console") -> str:
        """Return the ``postgresql://`` address of a database, as a user would type it."""
        return f"postgresql:///{database}?host={self.folder}&port={self._port}&user={user}"

    def create(self) -> None:
        """Make the cluster, start it and put PostGIS into its template."""
        if self._user:
            subprocess.run(["chown", "postgres", str(self.folder)], check=True)
        sync = () if self._durable else ("--no-sync",)
        self._run("initdb", "-U", "console", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", *sync)
        self.start()
        with psycopg.connect(f"{self.conninfo} dbname=template1", autocommit=True) as connection:
            connection.execute("CREATE EXTENSION postgis")

    def start(self) -> None:
        """Start the server and wait until it answers; tried again while orphans of a killed one still live."""
        listen = f"-c listen_addresses={'127.0.0.1' if self.tcp_port else ''!r} -c port={self._port}"
        quick = "" if self._durable else " ".join(f"-c {setting}" for setting in _QUICK)
        options = f"{listen} -k {self.folder} {quick}"
        deadline = time.monotonic() + _START_S
        while True:
            try:
                self._run("pg_ctl", "-w", "-l", str(self.folder / "log"), "-o", options, "start")
                return
            except subprocess.CalledProcessError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.2)

    def stop(self, mode: str = "fast") -> None:
        """Stop the server: ``fast`` ends every connection, ``immediate`` is a crash without its file locks."""
        self._run("pg_ctl", "-m", mode, "-w", "stop")

    def kill(self, *, only_the_first: bool = False) -> None:
        """Send SIGKILL to the server and to every process it started, all at once, and wait until they are gone.

        ``only_the_first`` leaves its children behind as orphans, which end by themselves after a while.
        """
        pid = int((self.data / "postmaster.pid").read_text().split()[0])
        server = psutil.Process(pid)
        processes = [server] if only_the_first else [server, *server.children(recursive=True)]
        for process in processes:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.send_signal(signal.SIGKILL)
        psutil.wait_procs(processes, timeout=10)

    def fresh_database(self, template: str = "template1") -> str:
        """Make a database with PostGIS from a template (30 ms) and return its name."""
        name = f"trial_{os.getpid()}_{next(self._numbers)}"
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template))
        self._administer(statement)
        return name

    def empty_database(self, name: str) -> None:
        """End whoever is connected to a database and drop every schema in it but PostGIS's own.

        It takes a tenth of the time that a fresh database does.
        """
        with psycopg.connect(f"{self.conninfo} dbname={name}", autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            found = connection.execute(
                "SELECT nspname FROM pg_namespace "
                "WHERE nspname !~ '^pg_' AND nspname NOT IN ('public', 'information_schema')"
            ).fetchall()
            for (schema,) in found:
                connection.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(sql.Identifier(schema)))

    def drop_database(self, name: str) -> None:
        """Drop a database together with whoever is still connected."""
        self._administer(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def _administer(self, statement: sql.Composed) -> None:
        with psycopg.connect(f"{self.conninfo} dbname=postgres", autocommit=True) as connection:
            connection.execute(statement)

    @property
    def _user(self) -> dict[str, Any]:
        # PostgreSQL refuses to run as root, so root hands the cluster to the user its package made.
        return {"user": "postgres", "extra_groups": []} if os.geteuid() == 0 else {}

    def _run(self, program: str, *words: str) -> None:
        command = [str(self._bin / program), "-D", str(self.data), *words]
        subprocess.run(command, check=True, cwd="/", capture_output=True, **self._user)


def free_port() -> int:
    """Return a TCP port that was free a moment ago."""
    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))
        return int(line.getsockname()[1])


@contextlib.contextmanager
def private_cluster(*, durable: bool = False, tcp_port: int | None = None) -> Iterator[PostgisCluster]:
    """Run a fresh cluster and remove it afterwards; raises RuntimeError where PostGIS is not installed."""
    with tempfile.TemporaryDirectory(prefix="tz-pg-") as name:
        cluster = PostgisCluster(Path(name), durable=durable, tcp_port=tcp_port)
        try:
            cluster.create()
            yield cluster
        finally:
            with contextlib.suppress(subprocess.CalledProcessError):  # a test may have left it stopped
                cluster.stop("immediate")
