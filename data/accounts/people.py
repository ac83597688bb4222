"""People who may log in: added, disabled, given another role or password, locked out for a while."""

from __future__ import annotations

from typing import Any

from data.accounts.changes import note_change
from data.accounts.drivers import Driver, Run
from data.accounts.records import Account, AccountsError, ChangeKind, checked_name, known_name
from data.errors import worded
from data.roles import Role

FAILURES_ALLOWED = 5
FIRST_LOCK_S = 900.0  # doubled with every further five failures
LONGEST_LOCK_S = 86_400.0
_COLUMNS = "name, role, password_hash, is_disabled, created_at_s, oidc_subject, failed_attempts, locked_until_s"


class People:
    """The accounts of a store. Every change names who made it (``by``) and the moment ``at_s``.

    A change of role or password and a disabling end the person's logins in the same transaction.
    """

    def __init__(self, driver: Driver) -> None:
        self._driver = driver

    def add(
        self,
        name: str,
        role: Role,
        password_hash: str | None,
        *,
        by: str,
        at_s: float,
        oidc_subject: str | None = None,
    ) -> Account:
        """Add an account; raises AccountsError for a name that is taken or is no name."""
        kept = checked_name(name)
        with self._driver.transaction() as run:
            if run("SELECT 1 FROM account WHERE name = ?", kept) or run("SELECT 1 FROM token WHERE name = ?", kept):
                raise worded(
                    AccountsError(f"The name '{kept}' is taken. Choose another, or change that one."),
                    zh=f"名称“{kept}”已被使用。请换一个，或更改原有的。",
                )
            if oidc_subject and run("SELECT 1 FROM account WHERE oidc_subject = ?", oidc_subject):
                raise worded(
                    AccountsError("That identity of the provider belongs to another account already."),
                    zh="该身份提供方的身份已属于另一账号。",
                )
            values = (kept, role, password_hash, False, at_s, oidc_subject, 0, 0.0)
            run(f"INSERT INTO account ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", *values)
            note_change(run, "account_added", kept, by, at_s, role)
            return _found(run, kept)

    def find(self, name: str) -> Account | None:
        """Return the account of this name, however its letters are written."""
        with self._driver.transaction(writing=False) as run:
            found = run(f"SELECT {_COLUMNS} FROM account WHERE name = ?", known_name(name))
        return _account(found[0]) if found else None

    def required(self, name: str) -> Account:
        """Return the account of this name; raises AccountsError where there is none."""
        with self._driver.transaction(writing=False) as run:
            return _found(run, name)

    def by_oidc_subject(self, subject: str) -> Account | None:
        """Return the account an identity provider knows by this subject."""
        with self._driver.transaction(writing=False) as run:
            found = run(f"SELECT {_COLUMNS} FROM account WHERE oidc_subject = ?", subject)
        return _account(found[0]) if found else None

    def all(self) -> tuple[Account, ...]:
        """Return every account by name."""
        with self._driver.transaction(writing=False) as run:
            return tuple(_account(row) for row in run(f"SELECT {_COLUMNS} FROM account ORDER BY name"))

    def disable(self, name: str, *, by: str, at_s: float) -> Account:
        """Let nobody in by this account; raises AccountsError for the last admin."""
        with self._driver.transaction() as run:
            account = _found(run, name)
            _keep_an_admin(run, account)
            return self._changed(run, account, "is_disabled", True, ("account_disabled", ""), by, at_s)

    def enable(self, name: str, *, by: str, at_s: float) -> Account:
        """Let the person in again, also before a lock-out is over."""
        with self._driver.transaction() as run:
            account = _found(run, name)
            run("UPDATE account SET failed_attempts = 0, locked_until_s = 0 WHERE name = ?", account.name)
            return self._changed(run, account, "is_disabled", False, ("account_enabled", ""), by, at_s, ends=False)

    def set_role(self, name: str, role: Role, *, by: str, at_s: float) -> Account:
        """Give a person another role; raises AccountsError where that would leave no admin."""
        with self._driver.transaction() as run:
            account = _found(run, name)
            if role == account.role:
                return account
            if role != "admin":
                _keep_an_admin(run, account)
            return self._changed(run, account, "role", role, ("account_role", role), by, at_s)

    def set_password(self, name: str, password_hash: str, *, by: str, at_s: float) -> Account:
        """Give a person another password; a lock-out ends."""
        with self._driver.transaction() as run:
            account = _found(run, name)
            run("UPDATE account SET failed_attempts = 0, locked_until_s = 0 WHERE name = ?", account.name)
            return self._changed(run, account, "password_hash", password_hash, ("account_password", ""), by, at_s)

    def renew_hash(self, name: str, password_hash: str) -> None:
        """Keep the same password under a stronger hash; nobody's login ends."""
        with self._driver.transaction() as run:
            run("UPDATE account SET password_hash = ? WHERE name = ?", password_hash, name)

    def begin_attempt(self, name: str, at_s: float) -> Account | None:
        """Count an attempt before its password is looked at, so that attempts side by side cannot slip through.

        Returns the account, or None where there is none, it is disabled or locked out. The fifth attempt in a row
        that no ``succeeded`` follows locks it for FIRST_LOCK_S, every further five for twice as long.
        """
        with self._driver.transaction() as run:
            found = run(f"SELECT {_COLUMNS} FROM account WHERE name = ?", known_name(name))
            account = _account(found[0]) if found else None
            if account is None or account.is_disabled or account.locked_until_s > at_s:
                return None
            failed = account.failed_attempts + 1
            locked_until_s = account.locked_until_s
            if failed % FAILURES_ALLOWED == 0:
                doubled = FIRST_LOCK_S * 2.0 ** min(failed // FAILURES_ALLOWED - 1, 10)
                locked_until_s = at_s + min(doubled, LONGEST_LOCK_S)
            run(
                "UPDATE account SET failed_attempts = ?, locked_until_s = ? WHERE name = ?",
                failed,
                locked_until_s,
                account.name,
            )
            return _found(run, account.name)

    def failed(self, account: Account, at_s: float) -> bool:
        """Note that an attempt begun was in vain; returns whether the account is locked now."""
        if account.locked_until_s <= at_s:
            return False
        with self._driver.transaction() as run:
            note_change(run, "account_locked", account.name, "door", at_s, str(account.failed_attempts))
        return True

    def succeeded(self, name: str) -> None:
        """Forget the attempts before a good one."""
        with self._driver.transaction() as run:
            run("UPDATE account SET failed_attempts = 0, locked_until_s = 0 WHERE name = ?", name)

    @staticmethod
    def _changed(
        run: Run,
        account: Account,
        column: str,
        value: object,
        change: tuple[ChangeKind, str],
        by: str,
        at_s: float,
        *,
        ends: bool = True,
    ) -> Account:
        run(f"UPDATE account SET {column} = ? WHERE name = ?", value, account.name)
        if ends:
            run("DELETE FROM login WHERE account = ?", account.name)
        what, detail = change
        note_change(run, what, account.name, by, at_s, detail)
        return _found(run, account.name)


def _found(run: Run, name: str) -> Account:
    found = run(f"SELECT {_COLUMNS} FROM account WHERE name = ?", known_name(name))
    if not found:
        raise worded(
            AccountsError(f"There is no account '{name}'. 'tongzhou user list' names those there are."),
            zh=f"没有账号“{name}”。可用 tongzhou user list 查看。",
        )
    return _account(found[0])


def _keep_an_admin(run: Run, account: Account) -> None:
    if account.role != "admin" or account.is_disabled:
        return
    others = run(
        "SELECT COUNT(*) FROM account WHERE role = ? AND is_disabled = ? AND name <> ?", "admin", False, account.name
    )
    if not others[0][0]:
        raise worded(
            AccountsError(f"'{account.name}' is the last admin. Make another one first."),
            zh=f"“{account.name}”是最后一名管理员。请先另设一名。",
        )


def _account(row: tuple[Any, ...]) -> Account:
    name, role, password_hash, is_disabled, created_at_s, oidc_subject, failed_attempts, locked_until_s = row
    return Account(
        name=name,
        role=role,
        password_hash=password_hash,
        is_disabled=bool(is_disabled),
        created_at_s=created_at_s,
        oidc_subject=oidc_subject,
        failed_attempts=failed_attempts,
        locked_until_s=locked_until_s,
    )
