"""Who is on, at every console on the store."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from console.api.bodies import answer
from console.api.context import Api
from console.api.openapi import described
from console.api.shapes import PresenceOut, SeatOut


def add_presence(router: APIRouter, api: Api) -> None:
    """Add the route of the seats that are on."""

    @router.get("/presence", **described("Who is on, at every console", gives={200: PresenceOut}))
    def presence(request: Request) -> Response:
        api.ask("see_presence", request)
        found = api.world.store.shared.seats()
        seats = tuple(
            SeatOut(
                name=seat.name, role=seat.role, console=seat.console, incident_id=seat.incident_id, since=seat.since
            )
            for seat in found
        )
        return answer(PresenceOut(mode=api.world.mode, seats=seats))
