"""kill -9 of the whole PostgreSQL server loses nothing acknowledged; not waiting for the disk would."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.postgis_cluster import PostgisCluster
from tests.proof.killed_server import killed_server, killed_until_lost, wait_for_no_disk

pytestmark = pytest.mark.postgis


def test_killed_server(durable_server: PostgisCluster, durable_database: str, tmp_path: Path) -> None:
    findings = killed_server(durable_server, durable_database, tmp_path, kills=2, seed=1)
    assert findings.is_clean, findings
    assert findings.acked > 12


def test_a_database_set_not_to_wait_for_the_disk_is_overruled(
    durable_server: PostgisCluster, durable_database: str, tmp_path: Path
) -> None:
    wait_for_no_disk(durable_server, durable_database, by_force=False)
    findings = killed_server(durable_server, durable_database, tmp_path, kills=1, seed=2)
    assert findings.is_clean, findings


def test_commits_that_do_not_wait_for_the_disk_are_seen_to_lose(
    durable_server: PostgisCluster, durable_database: str, tmp_path: Path
) -> None:
    findings = killed_until_lost(durable_server, durable_database, tmp_path, seed=3)
    assert findings.lost > 0
