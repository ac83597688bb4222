"""Incidents: listed, reported, corrected, moved on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Header, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from console.api.bodies import answer, decoded, not_understood
from console.api.context import Api
from console.api.openapi import JSON_TYPE, described, ref
from console.api.problems import ProblemError, not_found
from console.api.shapes import (
    EchelonIn,
    IncidentFacts,
    IncidentList,
    IncidentOut,
    NewIncident,
    NewIncidentStatus,
    Phrase,
)
from console.api.views import incident_row
from console.commands import ChangeIncidentStatus, ReportIncident, ReviseIncident
from console.decide.incidents import says_the_same
from data.incidents import OPEN_STATUSES, Echelon, Incident
from data.journal.events import Event, IncidentReported, IncidentRevised, IncidentStatusChanged
from data.text import Text

IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=8,
        max_length=80,
        pattern=r"^[A-Za-z0-9._:-]+$",
        description="Names this request: sent again, it changes nothing and gets the same answer.",
    ),
]
IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match",
        description='The version of the incident you saw, in quotes, as ETag gave it: "3"; or * for whatever it is.',
    ),
]


def add_incidents(router: APIRouter, api: Api) -> None:
    """Add the routes of incidents."""

    @router.get("/incidents", **described("List incidents", gives={200: IncidentList}))
    def listed(
        request: Request,
        open: Annotated[bool | None, Query(description="only open ones, or only closed ones")] = None,
        since_seq: Annotated[int, Query(ge=0, description="only those written about after this event")] = 0,
    ) -> Response:
        api.ask("see_picture", request)
        picture, touched, seq = api.look()
        rows = [incident_row(one, touched, seq) for one in list(picture.incidents.values())]
        chosen = [
            row for row in rows if row.seq > since_seq and (open is None or (row.status in OPEN_STATUSES) == open)
        ]
        return answer(IncidentList(mode=picture.mode, seq=seq, world_at=api.world.now, incidents=tuple(chosen)))

    @router.get("/incidents/{incident_id}", **described("One incident", gives={200: IncidentOut}, problems=(404,)))
    def one(request: Request, incident_id: str) -> Response:
        api.ask("see_picture", request)
        return _row_answer(api, _known(api, incident_id))

    @router.post(
        "/incidents",
        status_code=201,
        **described(
            "Report an incident",
            gives={200: IncidentOut, 201: IncidentOut},
            problems=(409, 413, 415),
            takes={JSON_TYPE: ref(NewIncident)},
        ),
    )
    async def report(request: Request, key: IdempotencyKey = None) -> Response:
        body = await decoded(request, NewIncident)
        _both_or_neither(body)
        command = ReportIncident(
            case_type=body.case_type,
            place=body.place,
            lon_deg=body.lon_deg,
            lat_deg=body.lat_deg,
            priority=body.priority,
            echelons=_echelons(body.echelons),
            title=_text(body.title),
            note=body.note,
        )

        def reported() -> Response:
            done = api.execute(command, request, key, did=_reported_as(command, api), refused_as="not-understood")
            incident_id = next(one.event.incident.id for one in done.events if isinstance(one.event, IncidentReported))
            headers = {"Location": f"/api/v1/incidents/{incident_id}"}
            return _row_answer(api, _known(api, incident_id), 200 if done.is_repeated else 201, headers)

        return await run_in_threadpool(reported)

    @router.patch(
        "/incidents/{incident_id}",
        **described(
            "Correct facts of an incident",
            gives={200: IncidentOut},
            problems=(404, 409, 412, 413, 415, 428),
            takes={JSON_TYPE: ref(IncidentFacts)},
        ),
    )
    async def revise(
        request: Request, incident_id: str, key: IdempotencyKey = None, if_match: IfMatch = None
    ) -> Response:
        body = await decoded(request, IncidentFacts)
        _both_or_neither(body)
        seen = _seen_version(if_match)
        known = _known(api, incident_id)
        command = ReviseIncident(
            incident_id=known.id,
            place=body.place,
            lon_deg=body.lon_deg,
            lat_deg=body.lat_deg,
            priority=body.priority,
            echelons=_echelons(body.echelons),
            title=_text(body.title),
            note=body.note,
            seen_version=seen,
        )

        def revised() -> Response:
            # What is wrong with a closed one is its state; with an open one, what was asked.
            refused_as = "refused" if known.status == "closed" else "not-understood"
            api.execute(
                command,
                request,
                key,
                did=_revised_as(command, api),
                refused_as=refused_as,
                now_holds=lambda: _now(api, known.id),
            )
            return _row_answer(api, _known(api, known.id))

        return await run_in_threadpool(revised)

    @router.post(
        "/incidents/{incident_id}/status",
        **described(
            "Move an incident on",
            gives={200: IncidentOut},
            problems=(404, 409, 412, 413, 415),
            takes={JSON_TYPE: ref(NewIncidentStatus)},
        ),
    )
    async def move_on(
        request: Request, incident_id: str, key: IdempotencyKey = None, if_match: IfMatch = None
    ) -> Response:
        body = await decoded(request, NewIncidentStatus)
        known = _known(api, incident_id)
        command = ChangeIncidentStatus(
            incident_id=known.id,
            status=body.status,
            disposition=body.disposition,
            seen_version=None if if_match is None else _seen_version(if_match),
        )

        def moved_on() -> Response:
            wanted = (known.id, body.status, body.disposition.split())

            def did(event: Event) -> bool:
                if not isinstance(event, IncidentStatusChanged):
                    return False
                return (event.incident_id, event.status, event.disposition.split()) == wanted

            api.execute(command, request, key, did=did, now_holds=lambda: _now(api, known.id))
            return _row_answer(api, _known(api, known.id))

        return await run_in_threadpool(moved_on)


def _reported_as(command: ReportIncident, api: Api) -> Callable[[Event], bool]:
    """Tell whether an event is what this command asks for, in everything that it says."""

    def did(event: Event) -> bool:
        return isinstance(event, IncidentReported) and says_the_same(command, event.incident, api.world.region)

    return did


def _revised_as(command: ReviseIncident, api: Api) -> Callable[[Event], bool]:
    def did(event: Event) -> bool:
        if not isinstance(event, IncidentRevised) or event.incident.id != command.incident_id:
            return False
        return says_the_same(command, event.incident, api.world.region)

    return did


def _known(api: Api, incident_id: str) -> Incident:
    picture = api.world.picture
    if found := picture.incidents.get(incident_id):
        return found
    for incident in list(picture.incidents.values()):
        if incident.number == incident_id:
            return incident
    raise not_found("警情", "incident", incident_id, "incidents")


def _now(api: Api, incident_id: str) -> IncidentOut:
    _, touched, seq = api.look()
    return incident_row(_known(api, incident_id), touched, seq)


def _row_answer(api: Api, incident: Incident, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    _, touched, seq = api.look()
    row = incident_row(incident, touched, seq)
    return answer(row, status, {"ETag": f'"{row.version}"', **(headers or {})})


def _seen_version(if_match: str | None) -> int | None:
    if if_match is None:
        raise ProblemError(
            "version-needed",
            '请用 If-Match 注明所见的版本（即 ETag），例如 If-Match: "3"。',
            'Say in If-Match which version you saw, as ETag gave it, for example If-Match: "3".',
        )
    given = if_match.strip()
    if given == "*":
        return None
    number = given.removeprefix('"').removesuffix('"')
    if not (number.isascii() and number.isdigit() and len(number) <= 9):
        raise not_understood(f'If-Match is {given[:40]!r}, not a version like "3"')
    return int(number)


def _both_or_neither(body: NewIncident | IncidentFacts) -> None:
    if (body.lon_deg is None) != (body.lat_deg is None):
        raise not_understood("lon_deg and lat_deg come together")


def _echelons(given: tuple[EchelonIn, ...] | None) -> tuple[Echelon, ...] | None:
    return None if given is None else tuple(one.echelon() for one in given)


def _text(phrase: Phrase | None) -> Text | None:
    return None if phrase is None else Text(phrase.zh, phrase.en)
