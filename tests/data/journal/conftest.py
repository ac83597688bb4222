"""A store of each back end in turn, for the tests that hold for all of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from data.journal.interface import Journal
from data.journal.store import Store, open_store
from tests.data.journal.journal_samples import opened, write

BACK_ENDS = ["sqlite", pytest.param("postgis", marks=pytest.mark.postgis)]


@pytest.fixture(params=BACK_ENDS)
def store_address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a store that is not there yet."""
    if request.param == "sqlite":
        return str(tmp_path / "store")
    return str(request.getfixturevalue("postgis_store_address"))


@pytest.fixture
def store(store_address: str) -> Iterator[Store]:
    """A store of a drill, of each back end in turn."""
    store = open_store(store_address, "drill")
    yield store
    store.close()


@pytest.fixture
def empty_journal(store: Store) -> Iterator[Journal]:
    """A journal without an event, of each back end in turn."""
    journal = store.open_journal()
    yield journal
    journal.close()


@pytest.fixture
def journal(empty_journal: Journal) -> Journal:
    """A journal with its first event, of each back end in turn."""
    write(empty_journal, opened(), command_id="open")
    return empty_journal
