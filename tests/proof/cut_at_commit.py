"""Consoles that write over a line which is cut at COMMIT."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from unittest.mock import patch

from data.journal.interface import Journal
from data.journal.postgis import attempts
from tests.postgis_cluster import PostgisCluster
from tests.proof.acts import Ack, Act, ack_of, begin, journal_at
from tests.proof.audit import Findings, audit
from tests.proof.cutting_proxy import CuttingProxy


def cut_at_commit(
    cluster: PostgisCluster,
    database: str,
    *,
    acts: int,
    seed: int,
    writers: int = 3,
    share: float = 0.3,
    plant: str | None = None,
) -> tuple[Findings, CuttingProxy]:
    """Let each writer do its share of the acts over one cut line each, and judge the store over a sound one.

    Returns what was found and the proxy, which tells how often it cut.
    """
    sound = cluster.address(database)
    begin(sound)
    acks: list[Ack] = []
    broken: list[str] = []
    with CuttingProxy(cluster.socket, seed=seed, share=share) as proxy:
        address = f"postgresql://console@127.0.0.1:{proxy.port}/{database}"

        def write(writer: str) -> None:
            try:
                with journal_at(address, plant) as journal:
                    acks.extend(_written(journal, writer, acts // writers, seed))
            except Exception as error:
                broken.append(f"{writer}: {type(error).__name__}: {error}")

        threads = [threading.Thread(target=write, args=(f"w{number}",)) for number in range(writers)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    with journal_at(sound) as journal:
        findings = audit(journal, acks)
    for words in broken:
        findings.add("broken", words)
    return findings, proxy


@contextlib.contextmanager
def giving_up_at_once() -> Iterator[None]:
    """Let a journal not look its command up again by itself: whoever wrote has to ask again."""
    with patch.object(attempts, "_PAUSES_S", (attempts.PERSIST_S + 1,)):
        yield


def _written(journal: Journal, writer: str, acts: int, seed: int) -> list[Ack]:
    acks = []
    for number in range(acts):
        act = Act(writer, number, seed)
        acks.append(ack_of(act.act_id, len(act.entries), act.insist(journal)))
    return acks
