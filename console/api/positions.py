"""Positions: in by the batch; out as of a moment, and as history."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import AwareDatetime
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from console.api.bodies import answer, body_of, content_type, not_understood
from console.api.context import Api
from console.api.fix_intake import FIXES_LIMIT, judge_fixes, read_fixes
from console.api.history import Cursor, history_page
from console.api.openapi import GEOJSON_TYPE, JSON_TYPE, described, ref
from console.api.problems import ProblemError
from console.api.shapes import FixCollection, FixIn, FixResult, PositionList, PositionOut, PositionPage
from data.journal.fixes import Fix

BODY_LIMIT_BYTES = 8 * 1024 * 1024
PAGE_LIMIT = 10_000


def add_positions(router: APIRouter, api: Api) -> None:
    """Add the routes of positions."""

    @router.post(
        "/positions",
        **described(
            "Send positions in, up to 10,000 at once",
            gives={200: FixResult, 207: FixResult},
            problems=(413, 415),
            takes={
                JSON_TYPE: {"type": "array", "maxItems": FIXES_LIMIT, "items": ref(FixIn)},
                GEOJSON_TYPE: ref(FixCollection),
            },
        ),
    )
    async def take_in(request: Request) -> Response:
        api.ask("write_positions", request)
        kind = content_type(request, JSON_TYPE, GEOJSON_TYPE)
        body = await body_of(request, BODY_LIMIT_BYTES)
        result = await run_in_threadpool(_taken_in, api, body, kind == GEOJSON_TYPE)
        return answer(result, 207 if result.rejected_count else 200)

    @router.get("/positions", **described("The last position of each unit", gives={200: PositionList}))
    def at_moment(
        request: Request,
        at: Annotated[AwareDatetime | None, Query(description="a past moment of world time; now if left out")] = None,
    ) -> Response:
        if at is None:
            api.ask("see_picture", request)
            picture = api.world.picture
            fixes = [
                Fix(one.unit_id, one.fix_at, one.lon_deg, one.lat_deg, one.heading_deg, one.speed_mps)
                for one in list(picture.units.values())
            ]
            at = api.world.now
        else:
            api.ask("read_positions", request, f"{at.isoformat()}")
            fixes = list(api.world.history.positions_at(at).values())
        return answer(
            PositionList(
                mode=api.world.mode,
                seq=api.world.picture.seq,
                world_at=at,
                positions=tuple(_position(fix) for fix in fixes),
            )
        )

    @router.get("/positions/history", **described("Past positions, a page at a time", gives={200: PositionPage}))
    def history(
        request: Request,
        start: Annotated[AwareDatetime, Query(alias="from")],
        end: Annotated[AwareDatetime, Query(alias="to", description="up to, not including, this moment")],
        unit: Annotated[str | None, Query(min_length=1, max_length=200)] = None,
        limit: Annotated[int, Query(ge=1, le=PAGE_LIMIT)] = 1000,
        cursor: Annotated[str | None, Query(max_length=40, description="'next' of the page before")] = None,
    ) -> Response:
        subject = f"{start.isoformat()}/{end.isoformat()}"
        api.ask("read_positions", request, subject, noted=cursor is None)
        begin = Cursor(start)
        if cursor is not None:
            try:
                begin = Cursor.read(cursor)
            except ValueError as error:
                raise not_understood(str(error)) from error
        if not start <= begin.at <= max(start, end):
            raise not_understood("the cursor is of another question: it lies outside 'from' and 'to'")
        earliest, latest = api.kept_between()
        begin = begin if begin.at >= earliest else Cursor(earliest)
        rows, following = history_page(api.world.history, begin, min(end, latest), unit, limit)
        return answer(
            PositionPage(mode=api.world.mode, positions=tuple(rows), next=None if following is None else str(following))
        )


def _taken_in(api: Api, body: bytes, is_geojson: bool) -> FixResult:
    try:
        read = read_fixes(body, is_geojson)
    except ValueError as error:
        raise not_understood(str(error)) from error
    if len(read) > FIXES_LIMIT:
        raise ProblemError(
            "too-large",
            f"一次最多 {FIXES_LIMIT} 个定位，这里有 {len(read)} 个。请分批发送。",
            f"At most {FIXES_LIMIT} positions at once; there are {len(read)}. Send them in parts.",
        )
    world = api.world
    now = world.now
    last_fix_at = {unit.unit_id: unit.fix_at for unit in list(world.picture.units.values())}
    good, result = judge_fixes(read, last_fix_at, now, now - api.taken_in_for)
    if not world.record_fixes(good):
        raise api.store_is_away()
    return result


def _position(fix: Fix) -> PositionOut:
    return PositionOut(
        unit_id=fix.unit_id,
        world_at=fix.world_at,
        lon_deg=fix.lon_deg,
        lat_deg=fix.lat_deg,
        heading_deg=fix.heading_deg,
        speed_mps=fix.speed_mps,
    )
