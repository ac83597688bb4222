"""Two consoles on one store, with listeners that come and go: each hears each event once, in order."""

from __future__ import annotations

import itertools
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from data.journal.events import Recorded
from data.journal.store import is_database, open_store
from tests.data.journal.journal_samples import START
from tests.proof.acts import Act, begin_in
from tests.proof.planted import TellsTwice

_HEARD_WITHIN_S = 20.0
CONSOLES = st.integers(0, 1)
_names = itertools.count()


class Listener:
    """What one listener heard: the numbers of the events, in the order it heard them."""

    def __init__(self, journal: Any, head: int) -> None:
        self.joined_at, self.heard = head, list[int]()
        self.leave = journal.subscribe(self._hear)

    def _hear(self, news: tuple[Recorded, ...]) -> None:
        self.heard += [one.seq for one in news]

    def has_come_to(self, head: int) -> bool:
        """Whether it heard of the last event, or has none to hear of."""
        return self.joined_at == head or (bool(self.heard) and self.heard[-1] == head)

    def is_whole_up_to(self, head: int) -> bool:
        """Whether it heard every event since it joined, once and in order; it may have heard a few before."""
        first = self.heard[0] if self.heard else head + 1
        return first <= self.joined_at + 1 and self.heard == list(range(first, head + 1))


class TwoConsoles(RuleBasedStateMachine):
    """Two consoles append in any order; on a folder, which one console owns, both are the same one."""

    address: str
    planted = False

    @initialize()
    def open(self) -> None:
        self.closing = ExitStack()
        self.head = 1
        self.listeners: list[tuple[int, Listener]] = []
        self.left: list[tuple[list[int], list[int]]] = []
        self.numbers = itertools.count()
        store = open_store(self._fresh(), "drill")
        self.closing.callback(store.close)
        journal: Any = store.open_journal()
        if is_database(self.address):
            journal = store.begin_another(journal, f"trial {next(_names)}", START)
        begin_in(journal)
        self.journals = [journal, self._second(journal)]
        for one in dict.fromkeys(self.journals):
            self.closing.callback(one.close)
        if self.planted:
            self.journals = [TellsTwice(one) for one in self.journals]

    def _fresh(self) -> str:
        return self.address if is_database(self.address) else f"{self.address}/{next(_names)}"

    def _second(self, journal: Any) -> Any:
        if not is_database(self.address):
            return journal
        store = open_store(self.address, "drill")
        self.closing.callback(store.close)
        return store.open_journal()

    @rule(console=CONSOLES)
    def join(self, console: int) -> None:
        self.listeners.append((console, Listener(self.journals[console], self.head)))

    @precondition(lambda self: self.listeners)
    @rule(data=st.data())
    def leave(self, data: st.DataObject) -> None:
        number = data.draw(st.integers(0, len(self.listeners) - 1))
        _, listener = self.listeners.pop(number)
        listener.leave()
        self.left.append((listener.heard, list(listener.heard)))

    @rule(console=CONSOLES)
    def append(self, console: int) -> None:
        act = Act(f"console{console}", next(self.numbers), seed=0)
        recorded = act.write(self.journals[console])
        assert [one.seq for one in recorded] == list(range(self.head + 1, self.head + 1 + len(recorded)))
        self.head = recorded[-1].seq
        assert act.write(self.journals[console]) == recorded  # a repeat is no news
        for of, listener in self.listeners:
            if of == console:
                assert listener.is_whole_up_to(self.head), (listener.heard, self.head)

    @rule()
    def everybody_hears_everything(self) -> None:
        deadline = time.monotonic() + _HEARD_WITHIN_S
        for _, listener in self.listeners:
            while not listener.has_come_to(self.head) and time.monotonic() < deadline:
                time.sleep(0.005)
            assert listener.is_whole_up_to(self.head), (listener.heard, self.head)
        for heard, when_left in self.left:
            assert heard == when_left

    def teardown(self) -> None:
        if hasattr(self, "closing"):
            if not self.planted:
                self.everybody_hears_everything()
            self.closing.close()


@pytest.fixture(params=["folder", pytest.param("database", marks=pytest.mark.postgis)])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A store of each kind in turn."""
    return str(tmp_path / "store") if request.param == "folder" else request.getfixturevalue("durable_address")


def _run(address: str, *, planted: bool, examples: int) -> None:
    machine = type("Machine", (TwoConsoles,), {"address": address, "planted": planted})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=12,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_each_listener_hears_each_event_once_in_order(address: str) -> None:
    _run(address, planted=False, examples=12)


def test_an_event_told_twice_is_seen(tmp_path: Path) -> None:
    with pytest.raises(AssertionError):
        _run(str(tmp_path / "store"), planted=True, examples=12)
