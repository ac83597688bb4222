"""Tokens of other systems: given out, found by id, revoked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from data.accounts.changes import note_change
from data.accounts.drivers import Driver
from data.accounts.records import AccountsError, ApiToken, checked_name, known_name
from data.errors import worded
from data.roles import Role

_COLUMNS = "id, name, role, secret_hash, expires_at_s, is_disabled, created_at_s, last_used_at_s"


class Tokens:
    """The API tokens of a store; the secret itself never comes here."""

    def __init__(self, driver: Driver) -> None:
        self._driver = driver

    def add(
        self, token_id: str, name: str, role: Role, secret_hash: str, *, expires_at_s: float, by: str, at_s: float
    ) -> ApiToken:
        """Add a token; raises AccountsError for a name that is taken or is no name.

        A person's name is taken too: the journal tells who acted by name alone.
        """
        kept = checked_name(name)
        with self._driver.transaction() as run:
            if run("SELECT 1 FROM account WHERE name = ?", kept) or run("SELECT 1 FROM token WHERE name = ?", kept):
                raise worded(
                    AccountsError(f"The name '{kept}' is taken. Choose another."),
                    zh=f"名称“{kept}”已被使用。请换一个。",
                )
            values = (token_id, kept, role, secret_hash, expires_at_s, False, at_s, None)
            run(f"INSERT INTO token ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", *values)
            note_change(run, "token_added", kept, by, at_s, role)
        return _token(values)

    def all(self) -> tuple[ApiToken, ...]:
        """Return every token by name, those revoked or expired too."""
        with self._driver.transaction(writing=False) as run:
            return tuple(_token(row) for row in run(f"SELECT {_COLUMNS} FROM token ORDER BY name"))

    def find(self, token_id: str) -> ApiToken | None:
        """Return the token of this id."""
        with self._driver.transaction(writing=False) as run:
            found = run(f"SELECT {_COLUMNS} FROM token WHERE id = ?", token_id)
        return _token(found[0]) if found else None

    def revoke(self, name_or_id: str, *, by: str, at_s: float) -> ApiToken:
        """Let nobody in by this token any more; raises AccountsError where there is none."""
        with self._driver.transaction() as run:
            found = run(f"SELECT {_COLUMNS} FROM token WHERE id = ? OR name = ?", name_or_id, known_name(name_or_id))
            if not found:
                raise worded(
                    AccountsError(f"There is no token '{name_or_id}'. 'tongzhou token list' names those there are."),
                    zh=f"没有令牌“{name_or_id}”。可用 tongzhou token list 查看。",
                )
            token = _token(found[0])
            run("UPDATE token SET is_disabled = ? WHERE id = ?", True, token.id)
            note_change(run, "token_revoked", token.name, by, at_s)
        return token

    def used(self, last_used_at_s: Mapping[str, float]) -> None:
        """Note when tokens were last used, by id."""
        with self._driver.transaction() as run:
            for token_id, at_s in last_used_at_s.items():
                run("UPDATE token SET last_used_at_s = ? WHERE id = ?", at_s, token_id)


def _token(row: tuple[Any, ...]) -> ApiToken:
    token_id, name, role, secret_hash, expires_at_s, is_disabled, created_at_s, last_used_at_s = row
    return ApiToken(
        id=token_id,
        name=name,
        role=role,
        secret_hash=secret_hash,
        expires_at_s=expires_at_s,
        is_disabled=bool(is_disabled),
        created_at_s=created_at_s,
        last_used_at_s=last_used_at_s,
    )
