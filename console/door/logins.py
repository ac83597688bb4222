"""One-time login links and the logins they open, held by this server and remembered over a restart."""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Awaitable, Callable
from pathlib import Path

import msgspec

from data.roles import Principal, Role

LINK_LIFE_S = 1800.0
SHIFT_S = 43_200.0  # a login and its page tokens last one shift
IDLE_LIMIT_S = 28_800.0  # without a command from a person; a heartbeat is not activity

CloseSocket = Callable[[int], Awaitable[None]]


class Login(msgspec.Struct, kw_only=True):
    """One seat let in: ``key`` names it in signed tokens and is worthless without the cookie."""

    key: str
    secret_hash: str
    actor: str
    opened_at_s: float
    seen_at_s: float
    memory: dict[str, str | None] = {}
    role: Role = "supervisor"

    @property
    def principal(self) -> Principal:
        """Who this login lets in."""
        return Principal(name=self.actor, role=self.role, via=self.key)


class Link(msgspec.Struct, kw_only=True):
    """One login link not yet used, kept only as the hash of its key."""

    key_hash: str
    expires_at_s: float


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


class LoginDesk:
    """Gives out links, opens, finds and revokes logins, and knows which sockets and sessions belong to each.

    Every method takes the moment ``at_s`` (seconds of a wall clock). ``file`` keeps the logins (hashes
    only, readable by the owner alone) so that a restarted server still knows its seats.
    """

    def __init__(self, file: Path | None = None) -> None:
        self._file = file
        self._links: list[Link] = []
        self._logins: dict[str, Login] = {}
        self._sockets: dict[str, set[CloseSocket]] = {}
        self._owner: dict[str, str] = {}
        self._seats = 0
        if file is not None and file.exists():
            self._remember(file.read_bytes())

    def _remember(self, document: bytes) -> None:
        try:
            logins = msgspec.json.decode(document, type=list[Login])
        except msgspec.MsgspecError:
            return  # an unreadable file lets nobody in: seats ask for a new link
        self._logins = {login.key: login for login in logins}
        self._seats = max((int(login.actor.rpartition("-")[2]) for login in logins), default=0)

    def save(self) -> None:
        """Write the logins to the file, if there is one, in one step."""
        if self._file is None:
            return
        self._file.parent.mkdir(parents=True, exist_ok=True)
        fresh = self._file.with_suffix(".new")
        with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
            out.write(msgspec.json.encode(list(self._logins.values())))
        fresh.replace(self._file)

    def new_link_key(self, at_s: float) -> str:
        """Return the key of a fresh link: 256 random bits, for one use, until LINK_LIFE_S have passed."""
        key = secrets.token_urlsafe(32)
        self._links = [link for link in self._links if link.expires_at_s > at_s]
        self._links.append(Link(key_hash=_hash(key), expires_at_s=at_s + LINK_LIFE_S))
        return key

    def redeem(self, key: str, at_s: float) -> tuple[Login, str] | None:
        """Turn a link's key into a login and its cookie secret; None if used, expired or never given out."""
        wanted = _hash(key)
        for link in self._links:
            if secrets.compare_digest(link.key_hash, wanted):
                self._links.remove(link)
                return self._open(at_s) if link.expires_at_s > at_s else None
        return None

    def _open(self, at_s: float) -> tuple[Login, str]:
        secret = secrets.token_urlsafe(32)
        self._seats += 1
        login = Login(
            key=secrets.token_hex(16),
            secret_hash=_hash(secret),
            actor=f"seat-{self._seats}",
            opened_at_s=at_s,
            seen_at_s=at_s,
        )
        self._logins[login.key] = login
        self.save()
        return login, secret

    def find(self, secret: str | None, at_s: float) -> Login | None:
        """Return the live login of a cookie secret; None if there is none."""
        if not secret:
            return None
        wanted = _hash(secret)
        for login in self._logins.values():
            if secrets.compare_digest(login.secret_hash, wanted):
                return None if self._is_over(login, at_s) else login
        return None

    def by_key(self, key: str) -> Login | None:
        """Return the login with this key."""
        return self._logins.get(key)

    def touch(self, login: Login, at_s: float) -> None:
        """Note that a person did something at this seat."""
        login.seen_at_s = at_s

    @staticmethod
    def _is_over(login: Login, at_s: float) -> bool:
        return at_s - login.opened_at_s >= SHIFT_S or at_s - login.seen_at_s >= IDLE_LIMIT_S

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

    async def revoke(self, login: Login) -> None:
        """End a login: its cookie and tokens are dead, its live sockets closed with code 4401."""
        self._logins.pop(login.key, None)
        self.save()
        for close in list(self._sockets.pop(login.key, ())):
            await close(4401)

    async def sweep(self, at_s: float) -> int:
        """Revoke every login that is idle or past its shift; returns how many."""
        over = [login for login in self._logins.values() if self._is_over(login, at_s)]
        for login in over:
            await self.revoke(login)
        return len(over)
