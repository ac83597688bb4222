"""Seats for tests: a desk that only remembers, a roster of roles, what a seat was told."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import msgspec

from console.decide.access import ACCESS_STREAM
from console.outlooks import Outlooks
from console.planning import PlanJob
from console.seat import Seat
from console.service import Service
from console.world import World
from data.roles import Principal, Role


@dataclass
class FakeDesk:
    """A planning desk that only remembers what it was asked."""

    world: World
    asked: list[dict[str, Any]] = field(default_factory=list)
    jobs: dict[str, PlanJob] = field(default_factory=dict)

    def request(self, incident_ids: tuple[str, ...], actor: str, **more: Any) -> None:
        self.asked.append({"incident_ids": incident_ids, "actor": actor, **more})

    def job(self, incident_id: str) -> PlanJob | None:
        return self.jobs.get(incident_id)

    def cancel(self, incident_id: str) -> None:
        self.jobs.pop(incident_id, None)


def toasts(seat: Seat) -> list[str]:
    """Return every line the seat was told."""
    return [message["text"] for message in seat.said if message["type"] == "toast"]


def happened(world: World) -> list[str]:
    """Everything on record but who looked at what."""
    return [line.text.en for line in world.picture.log if line.stream != ACCESS_STREAM]


@dataclass
class Roster:
    """The role of everybody who is logged in now."""

    roles: dict[str, Role]

    def current(self, principal: Principal) -> Principal | None:
        role = self.roles.get(principal.name)
        return None if role is None else msgspec.structs.replace(principal, role=role)


def seat_of(world: World, roster: Roster, name: str) -> Seat:
    """Return the page of somebody, opened while it had the role it has in the roster."""
    desk = FakeDesk(world)
    principal = Principal(name=name, role=roster.roles[name], via=f"login-{name}")
    made = Seat(world, desk, principal, Service(world, desk, roster.current), language="en")
    made.outlooks, made.scenarios, made.said = Outlooks(world), (), []
    made.send = made.said.append
    return made
