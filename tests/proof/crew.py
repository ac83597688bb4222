"""Writers in processes of their own, to be killed."""

from __future__ import annotations

import contextlib
import itertools
import multiprocessing
import random
import signal
import threading
import time
import traceback
from collections.abc import Callable, Sequence
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from data.journal.interface import Journal, StoreUnreachableError
from data.journal.store import is_database
from tests.proof.acts import Ack, AckFile, Act, ack_of, acks_in, journal_at

# One parent imports everything once; each child is a fork of that parent, which has no threads and no store open.
CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["tests.proof.crew", "psycopg_pool"])
_REPEAT_EVERY = 7
_WAIT_S = 60.0


class Crew:
    """Writers ``w0``, ``w1``... on one store, each with a file of acknowledgements in ``folder``.

    A folder store has one writing process by design: there the writers are threads of one. Each goes on after
    what it was last acknowledged, so an act whose answer was never heard is sent again.
    """

    def __init__(self, address: str, folder: Path, *, writers: int, seed: int, plant: str | None = None) -> None:
        self.address, self.folder, self._seed, self._plant = address, folder, seed, plant
        names = [f"w{number}" for number in range(writers)]
        self._groups = [[name] for name in names] if is_database(address) else [names]
        self._names, self._processes = names, list[BaseProcess]()
        self._broken = folder / "broken"

    def start(self) -> None:
        """Start every writer and return once each process has written something."""
        before = self.num_acked()
        for group in self._groups:
            settings = (self.address, self.folder, group, self._seed, self._plant)
            process = CONTEXT.Process(target=_write_on, args=settings)
            process.start()
            self._processes.append(process)
        self.wait_for(before + len(self._names))

    def wait_for(self, num_acked: int) -> None:
        """Wait until so many acts are acknowledged or a writer broke; raises RuntimeError when that does not come."""
        deadline = time.monotonic() + _WAIT_S
        while self.num_acked() < num_acked and not self.broken():
            if time.monotonic() > deadline or not all(process.is_alive() for process in self._processes):
                raise RuntimeError("The writers have ended, or write too little.")
            time.sleep(0.005)

    def kill(self, chance: random.Random) -> None:
        """Send SIGKILL to every writer, in any order and with any small gap, and wait until they are gone."""
        for process in chance.sample(self._processes, len(self._processes)):
            process.kill()
            if chance.random() < 0.5:
                time.sleep(chance.uniform(0, 0.03))
        self._forget()

    def stop(self) -> None:
        """Let every writer finish the act it is at, and wait for it."""
        for process in self._processes:
            process.terminate()
        deadline = time.monotonic() + _WAIT_S
        for process in self._processes:
            process.join(max(0.1, deadline - time.monotonic()))
            process.kill()
        self._forget()

    def num_acked(self) -> int:
        """Return how many acts are acknowledged so far."""
        return sum(path.read_bytes().count(b"\n") for path in self.folder.glob("*.acks"))

    def acks(self) -> list[Ack]:
        """Return every acknowledgement given."""
        return [ack for name in self._names for ack in acks_in(self.folder / f"{name}.acks")]

    def broken(self) -> str:
        """Return what broke a writer that nobody killed; empty while all is well."""
        return self._broken.read_text() if self._broken.exists() else ""

    def _forget(self) -> None:
        for process in self._processes:
            process.join()
            process.close()
        self._processes.clear()


def leave_interrupts_to_the_parent() -> None:
    """Ignore Ctrl-C, which reaches every process of a terminal: whoever started this one ends it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _write_on(address: str, folder: Path, names: Sequence[str], seed: int, plant: str | None) -> None:
    """Write acts until told to stop, or until the process that started this one is gone."""
    leave_interrupts_to_the_parent()
    done = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: done.set())
    parent = multiprocessing.parent_process()
    assert parent is not None

    def guarded(work: Callable[..., None], *words: Any) -> None:
        try:
            work(*words)
        except BaseException:
            with (folder / "broken").open("a") as file:
                file.write(traceback.format_exc())
            done.set()

    def opened(stack: contextlib.ExitStack) -> Journal:
        """The server may be killed before a slow writer has opened the store: it tries again, as its user would."""
        while True:
            try:
                return stack.enter_context(journal_at(address, plant))
            except StoreUnreachableError:
                if done.is_set() or not parent.is_alive():
                    raise
                time.sleep(0.1)

    def write_all() -> None:
        with contextlib.ExitStack() as stack:
            journal = opened(stack)
            threads = [
                threading.Thread(target=guarded, args=(_write, journal, folder / f"{name}.acks", name, seed, done))
                for name in names
            ]
            for thread in threads:
                thread.start()
            while any(thread.is_alive() for thread in threads):
                if not parent.is_alive():
                    done.set()
                time.sleep(0.05)

    guarded(write_all)


def _write(journal: Journal, path: Path, writer: str, seed: int, done: threading.Event) -> None:
    acked = acks_in(path)
    first = int(acked[-1].act_id.rpartition("-")[2]) + 1 if acked else 0
    acks = AckFile(path)
    for number in itertools.count(first):
        if done.is_set():
            break
        act = Act(writer, number, seed)
        recorded = act.insist(journal)
        acks.note(ack_of(act.act_id, len(act.entries), recorded))
        if number % _REPEAT_EVERY == 0 and act.insist(journal) != recorded:
            raise AssertionError(f"{act.act_id} sent again was answered otherwise")
    acks.close()
