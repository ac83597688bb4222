"""The picture as GeoJSON, as it is or as it was."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import AwareDatetime
from starlette.responses import Response

from console.api.bodies import answer, not_understood
from console.api.context import Api
from console.api.geojson import picture_document
from console.api.openapi import GEOJSON_TYPE, described
from console.api.shapes import PictureOut


def add_picture(router: APIRouter, api: Api) -> None:
    """Add the route of the picture."""

    @router.get("/picture", **described("The picture as GeoJSON", gives={200: PictureOut}, gives_type=GEOJSON_TYPE))
    def picture(
        request: Request,
        at: Annotated[AwareDatetime | None, Query(description="a past moment of world time; now if left out")] = None,
    ) -> Response:
        api.ask("see_picture", request)
        now, generated_at = api.world.now, datetime.now(UTC)
        shown, touched, seq = api.look()
        if at is not None:
            if at > now:
                raise not_understood(f"'at' is in the future: it is {now:%Y-%m-%dT%H:%M:%SZ}")
            api.ask("replay", request, at.isoformat())
            shown = api.world.picture_at(at)
            seq = shown.seq
        document = picture_document(shown, touched, seq, now if at is None else at, generated_at)
        return answer(document, kind=GEOJSON_TYPE)
