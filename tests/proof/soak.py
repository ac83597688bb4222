"""Take every fault in turn for a given time: ``python -m tests.proof.soak --minutes 30``.

Ends with 1 when anything acknowledged was lost, doubled, partial or broken, with 2 when a planted fault was not seen,
with 130 when interrupted before either. Whatever it started it removes, also on Ctrl-C and SIGTERM.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import platform
import signal
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import apsw

from tests.postgis_cluster import NOT_INSTALLED, private_cluster
from tests.proof.audit import Findings
from tests.proof.disk_full import NoSmallDiskError, small_disk
from tests.proof.rounds import DATABASE, FAULTS, Fault, Ground
from tests.system_packages import postgis_bin

_COUNTS = ("events", "acked", "unacked", "lost", "doubled", "partial", "broken")
_HEAD = f"{'round':>5}  {'fault':<16} {'store':<8} " + " ".join(f"{name:>8}" for name in _COUNTS) + f" {'s':>7}"


@dataclass
class Line:
    """One round, or all rounds of a fault: what was found and how long it took."""

    fault: str
    store: str
    rounds: int = 0
    seconds: float = 0.0
    findings: Findings = field(default_factory=Findings)

    def __str__(self) -> str:
        counts = " ".join(f"{getattr(self.findings, name):>8}" for name in _COUNTS)
        return f"{self.rounds:>5}  {self.fault:<16} {self.store:<8} {counts} {self.seconds:>7.1f}"


class Soak:
    """Rounds one after another, their sums by fault, and what was left out."""

    def __init__(self, seed: int) -> None:
        self.seed, self.began = seed, time.monotonic()
        self.sums: dict[tuple[str, str], Line] = {}
        self.planted: list[dict[str, Any]] = []
        self.left_out: list[str] = []
        self.rounds = 0

    @property
    def is_clean(self) -> bool:
        """Whether every round was."""
        return all(line.findings.is_clean for line in self.sums.values())

    def sees(self, ground: Ground, faults: Sequence[Fault]) -> bool:
        """Run each planted fault once; tells whether all were seen."""
        print("Planted faults, each to be seen:", flush=True)
        for fault in faults:
            if not fault.plant:
                continue
            findings = fault.run(ground, fault.store, self.seed, fault.plant)
            count = getattr(findings, fault.kind)
            self.planted.append({"fault": fault.name, "planted": fault.plant, "seen as": fault.kind, "count": count})
            print(f"  {fault.name:<16} {fault.plant:<24} {fault.kind}: {count}", flush=True)
        return all(one["count"] for one in self.planted)

    def run(self, ground: Ground, faults: Sequence[Fault], until: float) -> None:
        """Take the faults in turn until the time is up, each at least once."""
        print(_HEAD, flush=True)
        while not self.rounds or time.monotonic() < until:
            for fault in faults:
                if self.rounds >= len(faults) and time.monotonic() >= until:
                    return
                self._round(ground, fault)

    def _round(self, ground: Ground, fault: Fault) -> None:
        self.rounds += 1
        start = time.monotonic()
        try:
            findings = fault.run(ground, fault.store, self.seed + self.rounds)
        except Exception as error:
            findings = Findings()
            findings.add("broken", f"the round itself failed: {type(error).__name__}: {error}")
        seconds = time.monotonic() - start
        print(Line(fault.name, fault.store, self.rounds, seconds, findings), flush=True)
        for words in findings.faults:
            print(f"       {words}", flush=True)
        line = self.sums.setdefault((fault.name, fault.store), Line(fault.name, fault.store))
        line.rounds, line.seconds, line.findings = line.rounds + 1, line.seconds + seconds, line.findings + findings

    def summary(self) -> str:
        """Return the table of all faults."""
        total = Line("all", "", self.rounds, time.monotonic() - self.began)
        for line in self.sums.values():
            total.findings += line.findings
        lines = ["", _HEAD.replace("round", "times", 1), *map(str, self.sums.values()), str(total), *self.left_out]
        return "\n".join(lines)

    def report(self) -> dict[str, Any]:
        """Return everything for a file."""
        return {
            "machine": f"{platform.machine()}, {os.cpu_count()} cores, {platform.system()} {platform.release()}",
            "python": platform.python_version(),
            "sqlite": apsw.sqlite_lib_version(),
            "seconds": round(time.monotonic() - self.began, 1),
            "seed": self.seed,
            "planted": self.planted,
            "left out": self.left_out,
            "faults": [asdict(line) for line in self.sums.values()],
            "clean": self.is_clean,
        }


@contextlib.contextmanager
def _ground() -> Iterator[Ground]:
    with tempfile.TemporaryDirectory(prefix="tz-soak-") as name, contextlib.ExitStack() as stack:
        cluster = stack.enter_context(private_cluster(durable=True)) if postgis_bin() else None
        yield Ground(Path(name), cluster)


def _possible(ground: Ground, only: Sequence[str], left_out: list[str]) -> list[Fault]:
    faults = [fault for fault in FAULTS if not only or fault.name in only]
    if ground.cluster is None:
        faults = [fault for fault in faults if fault.store != DATABASE]
        left_out.append(f"Left out: every fault on a database, {NOT_INSTALLED}")
    try:
        with small_disk(1):
            pass
    except NoSmallDiskError as error:
        faults = [fault for fault in faults if fault.name != "full disk"]
        left_out.append(f"Left out: full disk, {error}")
    return faults


def _interrupt(*_: object) -> None:
    """End the round; a second Ctrl-C must not stop the cleaning up after the first."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


def main(words: Sequence[str] | None = None) -> int:
    """Run the soak."""
    parser = argparse.ArgumentParser(prog="python -m tests.proof.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--report", type=Path, help="write everything found into this JSON file")
    parser.add_argument("--only", nargs="*", default=(), choices=sorted({fault.name for fault in FAULTS}))
    options = parser.parse_args(words)
    soak, code = Soak(options.seed), 130
    try:
        with _ground() as ground:
            faults = _possible(ground, options.only, soak.left_out)
            if soak.sees(ground, faults):
                soak.run(ground, faults, soak.began + 60 * options.minutes)
                code = 0
            else:
                print("A planted fault was not seen: this soak would prove nothing.", file=sys.stderr)
                code = 2
    except KeyboardInterrupt:
        print("Interrupted; what was found up to here:", file=sys.stderr)
    print(soak.summary(), flush=True)
    if options.report:
        options.report.write_text(json.dumps(soak.report(), indent=2))
    return code if soak.is_clean or code == 2 else 1


if __name__ == "__main__":
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, _interrupt)
    sys.exit(main())
