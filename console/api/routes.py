"""Put the API behind the door: every router, its failures, its description."""

from __future__ import annotations

from typing import Any, cast

from fastapi import APIRouter, FastAPI, Request
from starlette.responses import Response

from console.api.context import Api
from console.api.events import add_events
from console.api.frame import Stamped, add_failures
from console.api.health import add_health
from console.api.incidents import add_incidents
from console.api.openapi import API_PATH, JSON_TYPE, schema_text
from console.api.orders import add_orders
from console.api.picture import add_picture
from console.api.positions import add_positions
from console.api.presence import add_presence
from console.api.units import add_units
from console.retention import KEEP_HOURS
from console.service import Service
from console.world import World

ROUTERS = (
    add_incidents,
    add_units,
    add_positions,
    add_orders,
    add_picture,
    add_events,
    add_presence,
    add_health,
)


def build_api(api: Api) -> FastAPI:
    """Return the API's application, with paths below API_PATH."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False)
    router = APIRouter()
    for add in ROUTERS:
        add(router, api)
    app.include_router(router)
    add_failures(app)
    return app


def add_api(app: FastAPI, service: Service, world: World, keep_hours: int = KEEP_HOURS) -> Api:
    """Put the API and its description into the application behind the door, and return it.

    Positions are taken in while they are no older than ``keep_hours``.
    """
    api = Api(service, world, keep_hours)
    inner = build_api(api)
    described = schema_text(inner)

    @app.get("/api/openapi.json")
    def openapi(_: Request) -> Response:
        return Response(described, media_type=JSON_TYPE)

    app.mount(API_PATH, Stamped(inner, api))
    return api


def described_api() -> str:
    """Return the OpenAPI description without a world: what docs/openapi.json holds."""
    return schema_text(build_api(Api(cast(Any, None), cast(Any, None))))
