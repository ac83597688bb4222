"""The PostgreSQL server killed with SIGKILL, again and again, while consoles write and ask again."""

from __future__ import annotations

import random
import time
from pathlib import Path

import psycopg
from psycopg import sql

from tests.postgis_cluster import PostgisCluster
from tests.proof.acts import begin, journal_at
from tests.proof.audit import Findings, audit
from tests.proof.crew import Crew

# A commit that does not wait for the disk stays in the server's memory up to this long.
_WRITER_DELAY = "10s"


def killed_server(
    cluster: PostgisCluster, database: str, folder: Path, *, kills: int, seed: int, writers: int = 3
) -> Findings:
    """Kill the server so many times at a random moment under running writers, and judge the store at the end.

    One time in three only its first process is killed and the others are left as orphans.
    """
    chance = random.Random(seed)
    address = cluster.address(database)
    begin(address)
    crew = Crew(address, folder, writers=writers, seed=seed)
    try:
        crew.start()
        for _ in range(kills):
            crew.wait_for(crew.num_acked() + 2 * writers)
            time.sleep(chance.uniform(0, 0.2))
            cluster.kill(only_the_first=chance.random() < 1 / 3)
            cluster.start()
        crew.wait_for(crew.num_acked() + 2 * writers)
        crew.stop()
    finally:
        crew.kill(chance)
    with journal_at(address) as journal:
        findings = audit(journal, crew.acks())
    if crew.broken():
        findings.add("broken", crew.broken())
    return findings


def killed_until_lost(cluster: PostgisCluster, database: str, folder: Path, *, seed: int) -> Findings:
    """Plant commits that do not wait for the disk, and kill the server until something is lost, ten times at most.

    Not each kill loses something: now and then the server writes its log of its own accord just before.
    """
    begin(cluster.address(database))
    wait_for_no_disk(cluster, database, by_force=True)
    findings = Findings()
    for _ in range(10):
        findings = killed_server(cluster, database, folder, kills=1, seed=seed)
        if findings.lost:
            break
    return findings


def wait_for_no_disk(cluster: PostgisCluster, database: str, *, by_force: bool) -> None:
    """Let the database commit without waiting for the disk.

    Without ``by_force`` as an administrator would, whom the store overrules; with it from within each
    transaction, which nothing overrules: the planted fault.
    """
    with psycopg.connect(f"{cluster.conninfo} dbname={database}", autocommit=True) as connection:
        connection.execute(sql.SQL("ALTER SYSTEM SET wal_writer_delay = {}").format(_WRITER_DELAY))
        connection.execute("SELECT pg_reload_conf()")
        if not by_force:
            name = sql.Identifier(database)
            connection.execute(sql.SQL("ALTER DATABASE {} SET synchronous_commit = off").format(name))
            return
        connection.execute(
            "CREATE FUNCTION planted() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN PERFORM set_config('synchronous_commit', 'off', true); RETURN NULL; END $$"
        )
        connection.execute(
            "CREATE TRIGGER planted AFTER INSERT ON tongzhou_drill.event "
            "FOR EACH STATEMENT EXECUTE FUNCTION public.planted()"
        )
