"""The journal's events: a page at a time, or as a stream of server-sent events."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Header, Query, Request
from starlette.responses import Response

from console.api.bodies import answer, not_understood
from console.api.context import Api
from console.api.event_rows import event_rows, journal_name
from console.api.event_stream import EventStream
from console.api.openapi import STREAM_TYPE, described
from console.api.problems import ProblemError
from console.api.shapes import EventPage

PAGE_LIMIT = 1000
STREAMS_LIMIT = 200
STREAMS_OF_ONE = 50  # one system that errs must not leave none for the others


def add_events(router: APIRouter, api: Api) -> None:
    """Add the routes of events."""

    @router.get("/events", **described("Events in words, a page at a time", gives={200: EventPage}))
    def page(
        request: Request,
        after: Annotated[int, Query(ge=0, description="the number of the last event you have")] = 0,
        limit: Annotated[int, Query(ge=1, le=PAGE_LIMIT)] = 200,
    ) -> Response:
        principal = api.ask("see_log", request)
        journal = api.world.journal
        rows = event_rows(api.world, journal, after, limit + 1, api.service.may(principal, "see_access"))
        following = rows[limit - 1].seq if len(rows) > limit else None
        return answer(
            EventPage(
                mode=api.world.mode,
                journal=journal_name(journal),
                events=tuple(rows[:limit]),
                next_after=following,
            )
        )

    @router.get(
        "/stream",
        **described("Events as they happen, from a number on", gives={200: None}, gives_type=STREAM_TYPE),
    )
    async def stream(
        request: Request,
        after: Annotated[int, Query(ge=0, description="the number of the last event you have")] = 0,
        journal: Annotated[
            str, Query(max_length=64, description="the journal you read last; another one is read from its beginning")
        ] = "",
        last_event_id: Annotated[
            str | None, Header(alias="Last-Event-ID", description="what a reader that comes back sends; before 'after'")
        ] = None,
    ) -> Response:
        principal = api.ask("stream_events", request)
        if last_event_id is not None:
            if not (last_event_id.isascii() and last_event_id.isdigit() and len(last_event_id) < 16):
                raise not_understood("Last-Event-ID is not the number of an event")
            after = int(last_event_id)
        if api.streams_of[principal.name] >= STREAMS_OF_ONE:
            raise _too_many(
                f"“{principal.name}”的事件流已达 {STREAMS_OF_ONE} 路上限。请关闭不用的。",
                f"'{principal.name}' has {STREAMS_OF_ONE} streams already. Close those not in use.",
            )
        if api.streams >= STREAMS_LIMIT:
            raise _too_many(
                f"事件流已达 {STREAMS_LIMIT} 路上限。请稍后再试。",
                f"There are {STREAMS_LIMIT} streams already. Try again later.",
            )
        return EventStream(api, after, journal, principal)


def _too_many(zh: str, en: str) -> ProblemError:
    return ProblemError("too-many", zh, en, headers={"Retry-After": "30"})
