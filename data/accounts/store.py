"""Where accounts are kept: a file in a folder store, a schema of their own in a database."""

from __future__ import annotations

from pathlib import Path

from data.accounts.changes import Changes
from data.accounts.drivers import Driver
from data.accounts.logins import LoginRows
from data.accounts.people import People
from data.accounts.sqlite import FILE_NAME, SqliteDriver
from data.accounts.tokens import Tokens
from data.journal.store import is_database


class AccountStore:
    """People, tokens, live logins and the changes made to them, over one database; from any thread."""

    def __init__(self, driver: Driver) -> None:
        self._driver = driver
        self.shown = driver.shown
        self.people = People(driver)
        self.tokens = Tokens(driver)
        self.logins = LoginRows(driver)
        self.changes = Changes(driver)

    def close(self) -> None:
        """Release the database."""
        self._driver.close()


def open_accounts(address: str | Path | None) -> AccountStore:
    """Return the accounts of a store: ``accounts.db`` in a folder, the schema ``tongzhou_accounts`` in a database.

    Made if they are not there. None keeps them in memory, as long as the process lives. Raises
    AccountsUnreachableError in words.
    """
    if address is None:
        return AccountStore(SqliteDriver(None))
    if is_database(address):
        from data.accounts.postgis import PostgresDriver

        return AccountStore(PostgresDriver(str(address)))
    return AccountStore(SqliteDriver(Path(address) / FILE_NAME))
