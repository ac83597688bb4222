"""Live logins as every console on the store knows them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from data.accounts.drivers import Driver
from data.accounts.records import LoginRow

# The role is that of the account as it is now; a disabled account has no login.
_SELECT = (
    "SELECT login.key, login.secret_hash, login.name, COALESCE(account.role, login.link_role), login.account, "
    "login.opened_at_s, login.seen_at_s, login.memory, login.csrf "
    "FROM login LEFT JOIN account ON account.name = login.account "
    "WHERE (login.account IS NULL OR account.is_disabled = ?)"
)
_LONGEST_MEMORY = 240


class LoginRows:
    """The live logins of a store; a row that is gone is a login that has ended."""

    def __init__(self, driver: Driver) -> None:
        self._driver = driver

    def open(self, row: LoginRow) -> bool:
        """Add a login; False where its account was disabled or its role changed meanwhile."""
        with self._driver.transaction() as run:
            if row.account is not None:
                there = run("SELECT role FROM account WHERE name = ? AND is_disabled = ?", row.account, False)
                if not there or there[0][0] != row.role:
                    return False
            run(
                "INSERT INTO login (key, secret_hash, name, link_role, account, opened_at_s, seen_at_s, memory, csrf) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                row.key,
                row.secret_hash,
                row.name,
                row.role if row.account is None else None,
                row.account,
                row.opened_at_s,
                row.seen_at_s,
                _written(row.memory),
                row.csrf,
            )
        return True

    def open_by_link(self, row: LoginRow) -> LoginRow:
        """Add a login that came by a link, named after the next free seat."""
        with self._driver.transaction() as run:
            names = [name for (name,) in run("SELECT name FROM login WHERE account IS NULL")]
            taken = max((int(name.removeprefix("seat-")) for name in names), default=0)
            named = msgspec.structs.replace(row, name=f"seat-{taken + 1}")
            run(
                "INSERT INTO login (key, secret_hash, name, link_role, account, opened_at_s, seen_at_s, memory, csrf) "
                "VALUES (?, ?, ?, ?, NULL, ?, ?, ?, ?)",
                named.key,
                named.secret_hash,
                named.name,
                named.role,
                named.opened_at_s,
                named.seen_at_s,
                _written(named.memory),
                named.csrf,
            )
        return named

    def all(self) -> tuple[LoginRow, ...]:
        """Return every live login, oldest first."""
        with self._driver.transaction(writing=False) as run:
            return tuple(_row(found) for found in run(f"{_SELECT} ORDER BY login.opened_at_s", False))

    def by_secret_hash(self, secret_hash: str) -> LoginRow | None:
        """Return the live login of a cookie's hash."""
        with self._driver.transaction(writing=False) as run:
            found = run(f"{_SELECT} AND login.secret_hash = ?", False, secret_hash)
        return _row(found[0]) if found else None

    def seen(self, rows: Iterable[LoginRow]) -> None:
        """Keep what seats look at and when they last did something, never earlier than another console knows."""
        with self._driver.transaction() as run:
            for row in rows:
                run(
                    "UPDATE login SET memory = ?, seen_at_s = CASE WHEN seen_at_s < ? THEN ? ELSE seen_at_s END "
                    "WHERE key = ?",
                    _written(row.memory),
                    row.seen_at_s,
                    row.seen_at_s,
                    row.key,
                )

    def end(self, keys: Iterable[str]) -> None:
        """End logins, at every console."""
        with self._driver.transaction() as run:
            for key in keys:
                run("DELETE FROM login WHERE key = ?", key)

    def end_over(self, *, opened_before_s: float, seen_before_s: float) -> tuple[str, ...]:
        """End every login opened or last seen at or before a moment; returns their names."""
        with self._driver.transaction() as run:
            over = run(
                "SELECT key, name FROM login WHERE opened_at_s <= ? OR seen_at_s <= ?", opened_before_s, seen_before_s
            )
            for key, _ in over:
                run("DELETE FROM login WHERE key = ?", key)
        return tuple(name for _, name in over)


def _written(memory: dict[str, str | None]) -> str:
    """What one seat looks at must never keep the logins of all others from being written and read."""
    kept = {key: value and value.encode("utf-8", "replace").decode()[:_LONGEST_MEMORY] for key, value in memory.items()}
    return msgspec.json.encode(kept).decode()


def _row(found: tuple[Any, ...]) -> LoginRow:
    key, secret_hash, name, role, account, opened_at_s, seen_at_s, memory, csrf = found
    return LoginRow(
        key=key,
        secret_hash=secret_hash,
        name=name,
        role=role,
        account=account,
        opened_at_s=opened_at_s,
        seen_at_s=seen_at_s,
        memory=msgspec.json.decode(memory, type=dict[str, str | None]),
        csrf=csrf,
    )
