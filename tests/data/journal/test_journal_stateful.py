"""Random appends, stale writes, repeats and re-openings against a model of the journal."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import hypothesis.strategies as st
import pytest
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from data.journal.events import NoteLogged, Recorded
from data.journal.interface import ConflictError, Journal
from tests.data.journal.journal_samples import STORES, note, opened, write

STREAMS = st.sampled_from(["unit:a", "unit:b", "log"])


class JournalMachine(RuleBasedStateMachine):
    """The model: a list of what was recorded, and the version of each stream."""

    store = "sqlite"

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="tz-journal-"))
        self.journal: Journal = STORES[self.store](self.folder / "world.journal")
        self.recorded: list[Recorded] = []
        self.commands: dict[str, tuple[Recorded, ...]] = {}

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
        self.journal.close()
        self.journal = STORES[self.store](self.folder / "world.journal")

    @invariant()
    def journal_equals_model(self) -> None:
        assert list(self.journal.read()) == self.recorded
        assert self.journal.verify() == len(self.recorded)

    def teardown(self) -> None:
        self.journal.close()
        shutil.rmtree(self.folder)


JournalMachine.TestCase.settings = settings(max_examples=25, stateful_step_count=15, deadline=None)
TestJournal = JournalMachine.TestCase
