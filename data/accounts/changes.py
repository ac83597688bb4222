"""What was done to accounts and tokens, kept for good, and how far each journal has taken it over."""

from __future__ import annotations

from data.accounts.drivers import Driver, Run
from data.accounts.records import Change, ChangeKind


def note_change(run: Run, what: ChangeKind, subject: str, by: str, at_s: float, detail: str = "") -> None:
    """Write a change in the transaction that makes it."""
    run(
        "INSERT INTO change (at_s, done_by, what, subject, detail) VALUES (?, ?, ?, ?, ?)",
        at_s,
        by,
        what,
        subject,
        detail,
    )


class Changes:
    """The changes of a store; a reader (a journal's mode) takes each over once."""

    def __init__(self, driver: Driver) -> None:
        self._driver = driver

    def after(self, number: int, limit: int = 200) -> tuple[Change, ...]:
        """Return the changes after a number, oldest first."""
        query = (
            "SELECT number, at_s, done_by, what, subject, detail FROM change WHERE number > ? ORDER BY number LIMIT ?"
        )
        with self._driver.transaction(writing=False) as run:
            rows = run(query, number, limit)
        return tuple(
            Change(number=number, at_s=at_s, by=by, what=what, subject=subject, detail=detail)
            for number, at_s, by, what, subject, detail in rows
        )

    def carried(self, reader: str) -> int:
        """Return the number of the last change a reader has taken over."""
        with self._driver.transaction(writing=False) as run:
            found = run("SELECT number FROM carried WHERE reader = ?", reader)
        return int(found[0][0]) if found else 0

    def carry(self, reader: str, number: int) -> None:
        """Note that a reader has taken over every change up to a number."""
        with self._driver.transaction() as run:
            run("DELETE FROM carried WHERE reader = ?", reader)
            run("INSERT INTO carried (reader, number) VALUES (?, ?)", reader, number)
