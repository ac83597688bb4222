"""The logins this console honours: opened, found, ended; and which sockets and page sessions belong to each."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import secrets
import threading
import time
from collections.abc import Awaitable, Callable, Mapping

import msgspec

from console.door.token_desk import TokenDesk
from console.lasting import Lasting
from data.accounts.records import Account, AccountsUnreachableError, LoginRow
from data.accounts.store import AccountStore, open_accounts
from data.roles import Principal, Role

LINK_LIFE_S = 1800.0
SHIFT_S = 43_200.0  # a login and its page tokens last one shift
IDLE_LIMIT_S = 28_800.0  # without a command from a person; a heartbeat is not activity
LOOK_AGAIN_S = 2.0  # a login ended at another console is ended here after this at the latest
END_OVER_EVERY_S = 30.0

log = logging.getLogger(__name__)
CloseSocket = Callable[[int], Awaitable[None]]
Memory = Mapping[str, str | None]


class Login(msgspec.Struct, kw_only=True):
    """One seat let in: ``key`` names it in signed tokens and is worthless without the cookie."""

    key: str
    secret_hash: str
    actor: str
    opened_at_s: float
    seen_at_s: float
    memory: dict[str, str | None] = {}
    role: Role = "supervisor"
    account: str | None = None
    csrf: str = ""

    @property
    def principal(self) -> Principal:
        """Who this login lets in."""
        return Principal(name=self.actor, role=self.role, via=self.key)

    def row(self) -> LoginRow:
        """Return the login as the store keeps it."""
        return LoginRow(
            key=self.key,
            secret_hash=self.secret_hash,
            name=self.actor,
            role=self.role,
            account=self.account,
            opened_at_s=self.opened_at_s,
            seen_at_s=self.seen_at_s,
            memory=dict(self.memory),
            csrf=self.csrf,
        )


class Link(msgspec.Struct, kw_only=True):
    """One login link not yet used, kept only as the hash of its key."""

    key_hash: str
    expires_at_s: float


def hashed(secret: str) -> str:
    """Return the hash a random secret of at least 256 bits is kept as."""
    return hashlib.sha256(secret.encode()).hexdigest()


class LoginDesk:
    """What this console knows of the store's logins, looked at again every LOOK_AGAIN_S at the latest.

    Every method takes the moment ``at_s`` (seconds of a wall clock). While the store does not answer, the
    logins known go on. ``links`` lets login links in, and logins that came by one; without it they are nobody.
    """

    def __init__(self, accounts: AccountStore | None = None, *, links: bool = True) -> None:
        self.accounts = accounts or open_accounts(None)
        self.links = links
        self.faults = Lasting(log, "the accounts answer again")
        self.tokens = TokenDesk(self.accounts, self.faults)
        self._links: list[Link] = []
        self._logins: dict[str, Login] = {}
        self._by_hash: dict[str, Login] = {}
        self._written: dict[str, LoginRow] = {}
        self._added: dict[str, int] = {}
        self._ended: set[str] = set()  # here, but not yet in the store
        self._dead: set[str] = set()  # a reading begun before an end must not bring a login back
        self._count = 0
        self._lock = threading.RLock()
        self._looked_at = self._ended_over_at = self._unreachable_at = -1e9
        self._looking: asyncio.Task[int] | None = None
        self._sockets: dict[str, set[CloseSocket]] = {}
        self._owner: dict[str, str] = {}

    # ---- opening ----

    def new_link_key(self, at_s: float) -> str:
        """Return the key of a fresh link: 256 random bits, for one use, until LINK_LIFE_S have passed."""
        key = secrets.token_urlsafe(32)
        self._links = [link for link in self._links if link.expires_at_s > at_s]
        self._links.append(Link(key_hash=hashed(key), expires_at_s=at_s + LINK_LIFE_S))
        return key

    def redeem(self, key: str, at_s: float, memory: Memory | None = None) -> tuple[Login, str] | None:
        """Turn a link's key into a login and its cookie secret; None if used, expired or never given out."""
        wanted = hashed(key)
        with self._lock:
            for link in self._links:
                if self.links and secrets.compare_digest(link.key_hash, wanted):
                    self._links.remove(link)
                    break
            else:
                return None
        if link.expires_at_s <= at_s:
            return None
        row, secret = _fresh_row("seat-0", "supervisor", None, at_s, memory)
        return self._add(self.accounts.logins.open_by_link(row)), secret

    def open(self, account: Account, at_s: float, memory: Memory | None = None) -> tuple[Login, str] | None:
        """Return a login for an account and its cookie secret, always a new one; None where it was disabled meanwhile.

        ``memory`` is in the store from the first: another console may be asked for the login's page.
        Raises AccountsUnreachableError.
        """
        row, secret = _fresh_row(account.name, account.role, account.name, at_s, memory)
        return (self._add(row), secret) if self.accounts.logins.open(row) else None

    def _add(self, row: LoginRow) -> Login:
        with self._lock:
            known = self._logins.get(row.key)
            if known is not None:
                known.role = row.role
                if known.memory == self._written[row.key].memory:  # else this console knows better
                    known.memory = dict(row.memory)
                    self._written[row.key] = row
                known.seen_at_s = max(known.seen_at_s, row.seen_at_s)
                return known
            login = Login(
                key=row.key,
                secret_hash=row.secret_hash,
                actor=row.name,
                opened_at_s=row.opened_at_s,
                seen_at_s=row.seen_at_s,
                memory=dict(row.memory),
                role=row.role,
                account=row.account,
                csrf=row.csrf,
            )
            self._count += 1
            self._logins[row.key] = self._by_hash[row.secret_hash] = login
            self._added[row.key], self._written[row.key] = self._count, row
            return login

    # ---- finding ----

    def find(self, secret: str | None, at_s: float) -> Login | None:
        """Return the live login of a cookie secret as far as this console knows; never waits."""
        login = self._by_hash.get(hashed(secret)) if secret else None
        return None if login is None or self._is_over(login, at_s) else login

    async def seek(self, secret: str | None, at_s: float) -> Login | None:
        """Return the live login of a cookie secret, also one just opened at another console."""
        if not secret:
            return None
        if abs(at_s - self._looked_at) > LOOK_AGAIN_S:
            await self.look_again(at_s)
        if found := self.find(secret, at_s):
            return found
        row = await self._ask(at_s, lambda: self.accounts.logins.by_secret_hash(hashed(secret)))
        if row is None or row.key in self._dead or not (row.account or self.links):
            return None
        self._add(row)
        return self.find(secret, at_s)

    async def _ask(self, at_s: float, question: Callable[[], LoginRow | None]) -> LoginRow | None:
        """Ask the store, but not while it has just been found away: strangers must not make everybody wait."""
        if abs(at_s - self._unreachable_at) <= LOOK_AGAIN_S:
            return None
        try:
            return await asyncio.to_thread(question)
        except AccountsUnreachableError as error:
            self._unreachable_at = at_s
            self.faults.met("login", "a login could not be looked up", error, expected=True)
            return None

    def answers(self, at_s: float) -> bool:
        """Tell whether the store answered when it was last asked, so that a login not found is over."""
        return abs(at_s - self._unreachable_at) > LOOK_AGAIN_S

    def by_key(self, key: str) -> Login | None:
        """Return the login with this key."""
        return self._logins.get(key)

    def current(self, principal: Principal) -> Principal | None:
        """Return who came in as it is now; None once its login or token has ended. The console itself stays itself."""
        if not principal.via:
            return principal
        if principal.kind == "token":
            return self.tokens.current(principal, time.time())
        login = self._logins.get(principal.via)
        return login.principal if login is not None else None

    def touch(self, login: Login, at_s: float) -> None:
        """Note that a person did something at this seat."""
        login.seen_at_s = at_s

    @staticmethod
    def _is_over(login: Login, at_s: float) -> bool:
        return at_s - login.opened_at_s >= SHIFT_S or at_s - login.seen_at_s >= IDLE_LIMIT_S

    # ---- page sessions and sockets, of this console alone ----

    def own(self, session_id: str, login_key: str) -> None:
        """Note that a page session belongs to a login."""
        self._owner[session_id] = login_key

    def disown(self, session_id: str) -> None:
        """Forget a page session that has ended."""
        self._owner.pop(session_id, None)

    def owner_of(self, session_id: str) -> str | None:
        """Return the key of the login that owns a page session."""
        return self._owner.get(session_id)

    def socket_opened(self, login: Login, close: CloseSocket) -> Callable[[], None]:
        """Register a live socket of a login; returns the function that unregisters it."""
        sockets = self._sockets.setdefault(login.key, set())
        sockets.add(close)
        return lambda: sockets.discard(close)

    # ---- ending ----

    async def revoke(self, login: Login) -> None:
        """End a login everywhere: its cookie and tokens are dead, its live sockets closed with code 4401.

        Where the store does not answer it ends here, and elsewhere once the store is back.
        """
        self._ended.add(login.key)
        await self._drop(login)
        await self._end_in_store()

    async def _end_in_store(self) -> None:
        keys = tuple(self._ended)
        try:
            await asyncio.to_thread(self.accounts.logins.end, keys)
        except AccountsUnreachableError as error:
            self.faults.met("end", "a login ended here is not ended elsewhere yet", error, expected=True)
        else:
            self._ended.difference_update(keys)

    async def _drop(self, login: Login) -> None:
        with self._lock:
            self._dead.add(login.key)
            self._logins.pop(login.key, None)
            self._by_hash.pop(login.secret_hash, None)
            self._written.pop(login.key, None)
            self._added.pop(login.key, None)
        for close in list(self._sockets.pop(login.key, ())):
            await close(4401)

    async def sweep(self, at_s: float) -> int:
        """End every login that is idle or past its shift, here or at another console; returns how many ended here."""
        over = [login for login in list(self._logins.values()) if self._is_over(login, at_s)]
        for login in over:
            self._ended.add(login.key)
            await self._drop(login)
        return len(over) + await self.look_again(at_s)

    async def look_again(self, at_s: float) -> int:
        """Write down what seats did, read which logins live, close the others; returns how many ended here."""
        if self._looking is None or self._looking.done():
            self._looking = asyncio.ensure_future(self._look(at_s))
        return await asyncio.shield(self._looking)

    async def settle(self) -> None:
        """Wait for a look under way, as before the store of accounts is closed."""
        if self._looking is not None:
            await asyncio.wait([self._looking])

    async def _look(self, at_s: float) -> int:
        mark = self._count
        try:
            rows = await asyncio.to_thread(self._exchange, at_s)
        except AccountsUnreachableError as error:
            self.faults.met("look", "the logins of other consoles are not known", error, expected=True)
            self._unreachable_at = self._looked_at = at_s
            return 0
        except Exception as error:  # whatever it is, it must not become the answer to everybody's next request
            self.faults.met("look", "the logins could not be looked at", error, expected=False)
            self._unreachable_at = self._looked_at = at_s
            return 0
        self._looked_at = at_s
        self.faults.passed("look", "login", "token", "end")  # all of it was asked, and what had ended here is told
        for row in rows.values():
            if row.key not in self._dead:
                self._add(row)
        gone = [one for one in list(self._logins.values()) if one.key not in rows and self._added[one.key] <= mark]
        for login in gone:
            await self._drop(login)
        return len(gone)

    def _exchange(self, at_s: float) -> dict[str, LoginRow]:
        self.save()
        if self._ended:
            keys = tuple(self._ended)
            self.accounts.logins.end(keys)
            self._ended.difference_update(keys)
        if abs(at_s - self._ended_over_at) >= END_OVER_EVERY_S:
            self.accounts.logins.end_over(opened_before_s=at_s - SHIFT_S, seen_before_s=at_s - IDLE_LIMIT_S)
            self._ended_over_at = at_s
        self.tokens.look(at_s)
        return {row.key: row for row in self.accounts.logins.all() if row.account or self.links}

    def save(self) -> None:
        """Write down what seats look at and when they last did something; raises AccountsUnreachableError."""
        with self._lock:
            known = {key: login.row() for key, login in self._logins.items()}
            changed = {key: row for key, row in known.items() if row != self._written.get(key)}
        if changed:
            self.accounts.logins.seen(changed.values())
            with self._lock:
                self._written.update({key: row for key, row in changed.items() if key in self._logins})

    def close(self) -> None:
        """Write down what is not yet, and release the store of accounts."""
        try:
            self.save()
        except AccountsUnreachableError as error:
            log.warning("what seats last looked at is not kept: %s", error)
        self.accounts.close()


def _fresh_row(name: str, role: Role, account: str | None, at_s: float, memory: Memory | None) -> tuple[LoginRow, str]:
    secret = secrets.token_urlsafe(32)
    row = LoginRow(
        key=secrets.token_hex(16),
        secret_hash=hashed(secret),
        name=name,
        role=role,
        account=account,
        opened_at_s=at_s,
        seen_at_s=at_s,
        memory=dict(memory or {}),
        csrf=secrets.token_urlsafe(24),
    )
    return row, secret
