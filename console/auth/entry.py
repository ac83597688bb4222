"""Let somebody in by name and password: counted, verified, told in one way whatever was wrong."""

from __future__ import annotations

import asyncio
import time

from console.auth.notes import NoteAccess, locked_out, logged_in, login_failed
from console.auth.passwords import Passwords, is_outdated
from console.door.logins import Login, LoginDesk, Memory
from data.accounts.people import FAILURES_ALLOWED, FIRST_LOCK_S
from data.accounts.records import Account
from data.text import Text

# A failure is answered at a multiple of this, so that the time taken does not tell whether there is such an account.
FAILURE_TICK_S = 0.5
# The same words whatever was wrong, so that they do not tell whether there is such an account.
WRONG = Text(
    f"账号或密码不对，或该账号暂时不能登录。连续输错 {FAILURES_ALLOWED} 次，账号锁定 {FIRST_LOCK_S / 60:.0f} 分钟，"
    "此后每次加倍。",
    "Name or password is wrong, or this account cannot log in just now. "
    f"After {FAILURES_ALLOWED} wrong passwords in a row an account is locked for {FIRST_LOCK_S / 60:.0f} minutes, "
    "and each time for twice as long.",
)
BY_PASSWORD = Text("密码", "password")


class Entry:
    """Looks at names and passwords for one console."""

    def __init__(self, desk: LoginDesk, note: NoteAccess) -> None:
        self._desk, self._note = desk, note
        self._people = desk.accounts.people
        self._passwords = Passwords()

    async def let_in(
        self, name: str, password: str, caller: str, at_s: float, memory: Memory
    ) -> tuple[Login, str] | None:
        """Return a new login and its cookie secret; None for whatever reason. Raises AccountsUnreachableError."""
        started = time.monotonic()
        account = await self.verified(name, password, caller, at_s)
        opened = await asyncio.to_thread(self._desk.open, account, at_s, memory) if account is not None else None
        if opened is None:
            spent = time.monotonic() - started
            await asyncio.sleep(FAILURE_TICK_S - spent % FAILURE_TICK_S)
            return None
        logged_in(self._note, opened[0].actor, caller, BY_PASSWORD)
        return opened

    async def verified(self, name: str, password: str, caller: str, at_s: float) -> Account | None:
        """Return the account a name and password belong to; every failure is counted and journalled."""
        account = await asyncio.to_thread(self._people.begin_attempt, name, at_s)
        kept = account.password_hash if account is not None else None
        if account is None or not await self._passwords.match(kept, password):
            if account is None:
                await self._passwords.match(None, password)
            await self._failed(account, name, caller, at_s)
            return None
        await asyncio.to_thread(self._people.succeeded, account.name)
        if kept is not None and is_outdated(kept):
            fresh = await self._passwords.hash(password)
            await asyncio.to_thread(self._people.renew_hash, account.name, fresh)
        return account

    async def _failed(self, account: Account | None, name: str, caller: str, at_s: float) -> None:
        if account is None:
            there = await asyncio.to_thread(self._people.find, name)
            login_failed(self._note, there.name if there else None, caller)
            return
        login_failed(self._note, account.name, caller)
        if await asyncio.to_thread(self._people.failed, account, at_s):
            locked_out(self._note, account.name, caller)

    async def change_password(self, login: Login, fresh: str, at_s: float) -> tuple[Login, str] | None:
        """Give the account of a login another password: every login of it ends, and a new one is returned."""
        hashed = await self._passwords.hash(fresh)
        people = self._people
        account = await asyncio.to_thread(people.set_password, login.account or "", hashed, by=login.actor, at_s=at_s)
        opened = await asyncio.to_thread(self._desk.open, account, at_s, login.memory)
        await self._desk.look_again(at_s)
        return opened
