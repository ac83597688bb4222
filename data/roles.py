"""Who acts: the six roles of a command room, and the principal every command and query is made by."""

from __future__ import annotations

from typing import Literal, get_args

import msgspec

Role = Literal["viewer", "dispatcher", "planner", "analyst", "supervisor", "admin"]
ROLES: tuple[Role, ...] = get_args(Role)
PrincipalKind = Literal["person", "token", "console"]


class Principal(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody let in: a person at a seat, an API token, or the console itself.

    ``name`` is what the journal records as the actor. ``via`` is the login key or token id it came by, empty
    for the console itself. ``role`` is the role when it came in; the service asks again what it is now.
    """

    name: str
    role: Role
    kind: PrincipalKind = "person"
    via: str = ""
