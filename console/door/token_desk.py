"""The API tokens this console honours, and the form they are sent in."""

from __future__ import annotations

import asyncio
import hashlib
import re
import secrets

from console.lasting import Lasting
from data.accounts.records import AccountsUnreachableError, ApiToken
from data.accounts.store import AccountStore
from data.roles import Principal

TOKEN = re.compile(r"tz_([0-9a-f]{12})_([A-Za-z0-9_-]{43})")
USED_EVERY_S = 60.0
ASK_AGAIN_S = 2.0


def new_token() -> tuple[str, str, str]:
    """Return a fresh token's id, the whole token as it is sent, and the hash to keep of its secret (256 bits)."""
    token_id, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
    return token_id, f"tz_{token_id}_{secret}", _hash(secret)


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


class TokenDesk:
    """The tokens of the store as last read; one added since is found by asking once."""

    def __init__(self, accounts: AccountStore, faults: Lasting) -> None:
        self._accounts, self._faults = accounts, faults
        self._tokens: dict[str, ApiToken] = {}
        self._used: dict[str, float] = {}
        self._used_written_at = self._unreachable_at = -1e9

    def look(self, at_s: float) -> None:
        """Read the tokens, and each minute write which were used; raises AccountsUnreachableError."""
        if self._used and abs(at_s - self._used_written_at) >= USED_EVERY_S:
            used, self._used = self._used, {}
            self._accounts.tokens.used(used)
            self._used_written_at = at_s
        self._tokens = {token.id: token for token in self._accounts.tokens.all()}

    async def seek(self, sent: str, at_s: float) -> Principal | None:
        """Return whom a token lets in; None where it is none of ours, revoked or expired."""
        found = TOKEN.fullmatch(sent)
        if found is None:
            return None
        token_id, secret = found.groups()
        token = self._tokens.get(token_id) or await self._ask(token_id, at_s)
        if token is None or not secrets.compare_digest(token.secret_hash, _hash(secret)):
            return None
        if token.is_disabled or token.expires_at_s <= at_s:
            return None
        self._used[token.id] = at_s
        return Principal(name=token.name, role=token.role, kind="token", via=token.id)

    async def _ask(self, token_id: str, at_s: float) -> ApiToken | None:
        if abs(at_s - self._unreachable_at) <= ASK_AGAIN_S:
            return None
        try:
            token = await asyncio.to_thread(self._accounts.tokens.find, token_id)
        except AccountsUnreachableError as error:
            self._unreachable_at = at_s
            self._faults.met("token", "a token could not be looked up", error, expected=True)
            return None
        if token is not None:
            self._tokens = {**self._tokens, token.id: token}
        return token

    def current(self, principal: Principal, at_s: float) -> Principal | None:
        """Return who came in by a token as it is now; None once it is revoked or expired."""
        token = self._tokens.get(principal.via)
        if token is None or token.is_disabled or token.expires_at_s <= at_s:
            return None
        return Principal(name=token.name, role=token.role, kind="token", via=token.id)
