"""Units: listed, looked at, their status reported."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from console.api.bodies import answer, decoded, not_understood
from console.api.context import Api
from console.api.incidents import IdempotencyKey
from console.api.openapi import JSON_TYPE, described, ref
from console.api.problems import not_found
from console.api.shapes import NewUnitStatus, UnitList, UnitOut
from console.api.views import unit_row
from console.commands import SetUnitStatus
from data.journal.events import Event, UnitStatusChanged


def add_units(router: APIRouter, api: Api) -> None:
    """Add the routes of units."""

    @router.get("/units", **described("List units", gives={200: UnitList}))
    def listed(request: Request) -> Response:
        api.ask("see_picture", request)
        picture, touched, seq = api.look()
        rows = tuple(unit_row(unit, touched, seq) for unit in list(picture.units.values()))
        return answer(UnitList(mode=picture.mode, seq=seq, world_at=api.world.now, units=rows))

    @router.get("/units/{unit_id}", **described("One unit", gives={200: UnitOut}, problems=(404,)))
    def one(request: Request, unit_id: str) -> Response:
        api.ask("see_picture", request)
        return answer(unit_now(api, unit_id))

    @router.post(
        "/units/{unit_id}/status",
        **described(
            "Report a unit's status",
            gives={200: UnitOut},
            problems=(404, 409, 413, 415),
            takes={JSON_TYPE: ref(NewUnitStatus)},
        ),
    )
    async def report(request: Request, unit_id: str, key: IdempotencyKey = None) -> Response:
        body = await decoded(request, NewUnitStatus)
        if (body.lon_deg is None) != (body.lat_deg is None):
            raise not_understood("lon_deg and lat_deg come together")
        command = SetUnitStatus(
            unit_id=unit_id,
            status=body.status,
            leg_id=body.leg_id,
            site_id=body.site_id,
            lon_deg=body.lon_deg,
            lat_deg=body.lat_deg,
        )

        def reported() -> Response:
            unit_now(api, unit_id)
            did = became(unit_id, body.status)
            api.execute(command, request, key, did=did, now_holds=lambda: unit_now(api, unit_id))
            return answer(unit_now(api, unit_id))

        return await run_in_threadpool(reported)


def became(unit_id: str, status: str) -> Callable[[Event], bool]:
    """Return what tells whether an event gives a unit a status."""

    def did(event: Event) -> bool:
        return isinstance(event, UnitStatusChanged) and (event.unit_id, event.status) == (unit_id, status)

    return did


def unit_now(api: Api, unit_id: str) -> UnitOut:
    """Return a unit as it is now; raises ProblemError (404)."""
    picture, touched, seq = api.look()
    unit = picture.units.get(unit_id)
    if unit is None:
        raise not_found("单位", "unit", unit_id, "units")
    return unit_row(unit, touched, seq)
