"""The API behind the real door on a real server, for real clients."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from fastapi import FastAPI

from console.api.routes import add_api
from console.door.token_desk import new_token
from console.service import Service
from console.world import World
from data.roles import Role
from tests.console.door_server import Door, served_door

DAY_S = 86_400.0


@dataclass
class Served:
    """A served console; ``address`` is its origin."""

    door: Door

    @property
    def address(self) -> str:
        return self.door.origin

    def token(self, name: str, role: Role, life_s: float = DAY_S) -> str:
        """Give out a token."""
        now_s = time.time()
        token_id, sent, secret_hash = new_token()
        tokens = self.door.logins.accounts.tokens
        tokens.add(token_id, name, role, secret_hash, expires_at_s=now_s + life_s, by="the tests", at_s=now_s)
        return sent

    def revoke(self, name: str) -> None:
        """Revoke a token, and let the door know as its next look would."""
        self.door.logins.accounts.tokens.revoke(name, by="the tests", at_s=time.time())
        self.door.logins.tokens.look(time.time())


@contextmanager
def served(world: World) -> Iterator[Served]:
    """Serve the API of a world until the block ends."""
    doors: list[Door] = []
    service = Service(world, current=lambda principal: doors[0].logins.current(principal))

    def extend(app: FastAPI) -> None:
        add_api(app, service, world)

    with served_door(None, extend=extend) as door:
        doors.append(door)
        yield Served(door)
