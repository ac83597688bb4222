"""How long a database that is away may keep whoever asks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from unittest.mock import MagicMock

import pytest
from psycopg import errors

from data.journal.interface import JournalStoreError
from data.journal.postgis.connections import Connection, Connections
from data.journal.postgis.journal import PostgisJournal
from tests.data.journal.journal_samples import note, write

SEAT_WAITS_S = 2.0  # within which whoever presses is told, whatever the store does


class _Refusing(Connections):
    """Connections to an empty store, until it is away; then how long each is asked for is noted."""

    def __init__(self) -> None:
        super().__init__("postgresql:///nowhere", "nowhere", "tongzhou_drill")
        self.asked_s: list[float] = []
        self.is_away = False

    @contextmanager
    def lent(self, within_s: float = 0.0) -> Iterator[Connection]:
        if self.is_away:
            self.asked_s.append(within_s)
            raise errors.InsufficientPrivilege("no")
        empty = MagicMock()
        empty.execute.return_value.fetchone.return_value = None
        yield empty


@pytest.mark.parametrize(
    "act", [lambda journal: write(journal, note("1"), command_id="c"), lambda journal: journal.recorded_by("c")]
)
def test_what_a_seat_waits_for_is_given_up_before_the_seat_gives_up(act: Callable[[PostgisJournal], object]) -> None:
    connections = _Refusing()
    journal = PostgisJournal(connections, 1)
    connections.is_away = True
    with pytest.raises(JournalStoreError):
        act(journal)
    assert max(connections.asked_s) < SEAT_WAITS_S
