"""Passwords hashed and verified by argon2id, off the event loop and never more than two at once."""

from __future__ import annotations

import asyncio
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from console.auth.common_passwords import LONGEST, normal_password

AT_ONCE = 2  # each takes 64 MiB and a core for a tenth of a second or more


def hasher() -> PasswordHasher:
    """Return the hasher with argon2-cffi's own defaults: RFC 9106's low-memory profile (3 passes, 64 MiB, 4 lanes)."""
    return PasswordHasher()


@cache
def _nobodys_hash() -> str:
    return hasher().hash("nobody's password, verified where there is no account")


def hash_password(password: str) -> str:
    """Return the hash to keep of a password."""
    return hasher().hash(normal_password(password))


def is_outdated(kept: str) -> bool:
    """Tell whether a hash was made with weaker settings than today's."""
    return hasher().check_needs_rehash(kept)


def matches(kept: str | None, password: str) -> bool:
    """Tell whether a password belongs to a hash; without a hash it takes as long and is never right."""
    try:
        is_right = hasher().verify(kept or _nobodys_hash(), normal_password(password)[: LONGEST + 1])
    except (Argon2Error, InvalidHashError):
        return False
    return is_right and kept is not None


class Passwords:
    """Hashes and verifies in threads; the others wait their turn."""

    def __init__(self) -> None:
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def match(self, kept: str | None, password: str) -> bool:
        """Tell whether a password belongs to a hash."""
        async with self._turns:
            return await asyncio.to_thread(matches, kept, password)

    async def hash(self, password: str) -> str:
        """Return the hash to keep of a password."""
        async with self._turns:
            return await asyncio.to_thread(hash_password, password)
