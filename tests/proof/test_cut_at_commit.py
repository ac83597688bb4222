"""A line cut at COMMIT costs nothing and doubles nothing, since a command is known by its id."""

from __future__ import annotations

import pytest

from tests.postgis_cluster import PostgisCluster
from tests.proof.cut_at_commit import cut_at_commit, giving_up_at_once

pytestmark = pytest.mark.postgis


def test_line_cut_at_commit(durable_server: PostgisCluster, durable_database: str) -> None:
    findings, proxy = cut_at_commit(durable_server, durable_database, acts=300, seed=1)
    assert findings.is_clean, findings
    assert (findings.acked, findings.unacked) == (300, 0)
    assert min(proxy.cuts[kind] for kind in ("before", "after", "late")) > 5


def test_whoever_asks_again_by_command_id_doubles_nothing(
    durable_server: PostgisCluster, durable_database: str
) -> None:
    with giving_up_at_once():
        findings, _ = cut_at_commit(durable_server, durable_database, acts=60, seed=2)
    assert findings.is_clean, findings
    assert (findings.acked, findings.unacked) == (60, 0)


def test_asking_again_as_a_new_command_is_seen_to_double(durable_server: PostgisCluster, durable_database: str) -> None:
    with giving_up_at_once():
        findings, _ = cut_at_commit(durable_server, durable_database, acts=60, seed=2, plant="forgets command ids")
    assert findings.doubled > 0
