"""Random appends, stale writes, repeats and re-openings against a model of the journal."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import hypothesis.strategies as st
import pytest
from hypothesis import settings
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from data.journal.events import NoteLogged, Recorded
from data.journal.interface import ConflictError, Journal
from data.journal.store import open_store
from tests.data.journal.journal_samples import note, opened, write
from tests.postgis_cluster import PostgisCluster

STREAMS = st.sampled_from(["unit:a", "unit:b", "log"])


class JournalMachine(RuleBasedStateMachine):
    """The model: a list of what was recorded, and the version of each stream."""

    addresses: Iterator[str]

    def __init__(self) -> None:
        super().__init__()
        self.address = next(self.addresses)
        self.open()
        self.recorded: list[Recorded] = []
        self.commands: dict[str, tuple[Recorded, ...]] = {}

    def open(self) -> None:
        self.store = open_store(self.address, "drill")
        self.journal: Journal = self.store.open_journal()

    def close(self) -> None:
        self.journal.close()
        self.store.close()

    @initialize()
    def begin(self) -> None:
        self.recorded += write(self.journal, opened(), command_id="open")

    def version(self, stream: str) -> int:
        return sum(one.stream == stream for one in self.recorded)

    @rule(streams=st.lists(STREAMS, min_size=1, max_size=4), text=st.text(max_size=20))
    def append(self, streams: list[str], text: str) -> None:
        command_id = f"c{len(self.commands)}"
        written = write(self.journal, *(note(text, stream) for stream in streams), command_id=command_id)
        assert [one.event for one in written] == [NoteLogged(text=text, incident_id=None)] * len(streams)
        self.recorded += written
        self.commands[command_id] = written

    @rule(stream=STREAMS, expected=st.integers(0, 6))
    def append_expecting(self, stream: str, expected: int) -> None:
        actual = self.version(stream)
        command_id = f"c{len(self.commands)}"
        if expected == actual:
            written = write(self.journal, note("x", stream, expected), command_id=command_id)
            self.recorded += written
            self.commands[command_id] = written
        else:
            with pytest.raises(ConflictError) as caught:
                write(self.journal, note("x", stream, expected), command_id=command_id)
            assert caught.value.actual == actual

    @precondition(lambda self: self.commands)
    @rule(data=st.data())
    def repeat(self, data: st.DataObject) -> None:
        command_id = data.draw(st.sampled_from(sorted(self.commands)))
        assert write(self.journal, note("other"), command_id=command_id) == self.commands[command_id]

    @rule()
    def reopen(self) -> None:
        self.close()
        self.open()

    @invariant()
    def journal_equals_model(self) -> None:
        assert list(self.journal.read()) == self.recorded
        assert self.journal.verify() == len(self.recorded)

    def teardown(self) -> None:
        self.close()


def _run(addresses: Iterator[str], examples: int) -> None:
    JournalMachine.addresses = addresses
    run_state_machine_as_test(
        JournalMachine, settings=settings(max_examples=examples, stateful_step_count=15, deadline=None)
    )


def test_sqlite_equals_the_model(tmp_path: Path) -> None:
    _run((str(tmp_path / str(number)) for number in itertools.count()), 25)


@pytest.mark.postgis
def test_postgis_equals_the_model(postgis_server: PostgisCluster) -> None:
    name = postgis_server.fresh_database()

    def addresses() -> Iterator[str]:
        while True:
            postgis_server.empty_database(name)
            yield postgis_server.address(name)

    _run(addresses(), 15)
