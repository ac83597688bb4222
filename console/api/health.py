"""How the console is, for those who watch over it."""

from __future__ import annotations

from datetime import UTC, datetime

from fastapi import APIRouter, Request
from starlette.responses import Response

from console.api.bodies import answer
from console.api.context import Api
from console.api.event_rows import journal_name
from console.api.openapi import described
from console.api.shapes import HealthOut


def add_health(router: APIRouter, api: Api) -> None:
    """Add the route of detailed health; ``/api/health`` beside it says only that the server answers."""

    @router.get("/health", **described("How the console is", gives={200: HealthOut}))
    def detail(request: Request) -> Response:
        api.ask("see_picture", request)
        world = api.world
        picture, now = world.picture, world.now
        fixes = [unit.fix_at for unit in list(picture.units.values())]
        health = world.health
        return answer(
            HealthOut(
                mode=picture.mode,
                journal=journal_name(world.journal),
                seq=picture.seq,
                world_at=now,
                store=health.state,
                store_detail=None if health.is_ok else health.refusal(datetime.now(UTC)),
                leader=world.leads,
                events=picture.seq,
                units=len(fixes),
                last_fix_age_s=max(0.0, (now - max(fixes)).total_seconds()) if fixes else None,
                seats=len(world.store.shared.seats()),
                streams=api.streams,
            )
        )
