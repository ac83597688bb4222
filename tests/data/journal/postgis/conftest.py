"""What the tests of the database share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from data.journal.postgis.journal import PostgisJournal
from data.journal.postgis.store import PostgisStore
from tests.data.journal.journal_samples import opened, write


@pytest.fixture
def journal(postgis_store_address: str) -> Iterator[PostgisJournal]:
    """A journal that has begun, in a database of its own."""
    store = PostgisStore(postgis_store_address, "drill")
    journal = store.open_journal()
    write(journal, opened(), command_id="open")
    yield journal
    journal.close()
    store.close()
