"""Writers killed with SIGKILL, again and again, while they append."""

from __future__ import annotations

import random
import time
from pathlib import Path

from tests.proof.acts import begin, journal_at
from tests.proof.audit import Findings, audit
from tests.proof.crew import Crew


def killed_writers(
    address: str,
    folder: Path,
    *,
    kills: int,
    seed: int,
    writers: int = 3,
    plant: str | None = None,
    looked_for: str | None = None,
) -> Findings:
    """Kill every writer so many times at a random moment, and judge the store each time it is opened again.

    ``folder`` takes the acknowledgements. The counts are those of the end; anything wrong at any time is kept.
    Ends at the first thing wrong; with ``looked_for``, a count of the findings, at the first of that kind: a planted
    fault may show in several ways, and a busy machine in another one first.
    """
    chance = random.Random(seed)
    begin(address)
    crew = Crew(address, folder, writers=writers, seed=seed, plant=plant)
    findings, unacked = Findings(), 0
    for _ in range(kills):
        try:
            crew.start()
            time.sleep(chance.uniform(0.02, 0.3))
        finally:
            crew.kill(chance)
        with journal_at(address) as journal:
            found = audit(journal, crew.acks())
        if crew.broken():
            found.add("broken", crew.broken())
        unacked += found.unacked
        found.unacked = unacked
        if getattr(found, looked_for) if looked_for else not found.is_clean:
            return found
        findings = found
    return findings
