"""Around every answer of the API: the stamps, the rate limit, and an end to every error in words."""

from __future__ import annotations

import logging
import time
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from console.api.bodies import not_understood
from console.api.context import Api, principal_of
from console.api.problems import ProblemError, not_found, problem_answer
from data.errors import TongzhouError, UnknownNameError
from data.journal.archive import ArchiveFaultError
from data.journal.interface import JournalStoreError

log = logging.getLogger(__name__)


class Stamped:
    """ASGI app that stamps each answer with mode and last event, and slows a caller that asks too often."""

    def __init__(self, app: ASGIApp, api: Api) -> None:
        self._app, self._api = app, api

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        started = False

        async def stamped(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                message = {**message, "headers": [*message.get("headers", ()), *self._stamps()]}
            await send(message)

        try:
            self._not_too_often(Request(scope))
            await self._app(scope, receive, stamped)
        except ProblemError as error:
            await problem_answer(error)(scope, receive, stamped)
        except Exception:
            log.exception("a request to the API met a fault")
            if not started:
                await problem_answer(_failed())(scope, receive, stamped)

    def _stamps(self) -> list[tuple[bytes, bytes]]:
        picture = self._api.world.picture
        return [(b"x-tongzhou-mode", picture.mode.encode()), (b"x-tongzhou-seq", str(picture.seq).encode())]

    def _not_too_often(self, request: Request) -> None:
        principal = principal_of(request)
        wait_s = self._api.rates.wait_s(principal.via or principal.name, time.monotonic())
        if wait_s:
            raise ProblemError(
                "too-many",
                f"请求过于频繁。请 {wait_s} 秒后再试，或成批发送。",
                f"Too many requests. Try again in {wait_s} s, or send more in one.",
                headers={"Retry-After": str(wait_s)},
            )


def add_failures(app: FastAPI) -> None:
    """Answer whatever goes wrong in a route with a problem document."""

    @app.exception_handler(ProblemError)
    async def problem(_: Request, error: ProblemError) -> Response:
        return problem_answer(error)

    @app.exception_handler(RequestValidationError)
    async def misread(_: Request, error: RequestValidationError) -> Response:
        return problem_answer(not_understood("; ".join(_fault(one) for one in error.errors()[:5])))

    @app.exception_handler(HTTPException)
    async def refused(request: Request, error: HTTPException) -> Response:
        if error.status_code == 405:
            allowed = (error.headers or {}).get("Allow", "")
            words = (f"此地址只接受 {allowed}。", f"Only {allowed} is taken at this address.")
            return problem_answer(ProblemError("wrong-method", *words, headers={"Allow": allowed}))
        return problem_answer(not_found("地址", "path", request.url.path, "openapi.json"))

    @app.exception_handler(ArchiveFaultError)
    @app.exception_handler(JournalStoreError)
    async def store_away(_: Request, error: TongzhouError) -> Response:
        return problem_answer(ProblemError("unavailable", error.said("zh"), error.said("en")))

    @app.exception_handler(Exception)
    async def failed(_: Request, error: Exception) -> Response:
        return problem_answer(_failed())

    @app.exception_handler(TongzhouError)
    async def told(_: Request, error: TongzhouError) -> Response:
        kind = "not-found" if isinstance(error, UnknownNameError) else "refused"
        return problem_answer(ProblemError(kind, error.said("zh"), error.said("en")))


def _failed() -> ProblemError:
    return ProblemError(
        "failed",
        "服务器出错，已写入日志；已记录的不受影响。请稍后重试。",
        "It is in the server's log; what is recorded is unharmed. Try again later.",
    )


def _fault(one: Any) -> str:
    place = ".".join(str(part) for part in one.get("loc", ())[1:])
    return f"{place}: {one.get('msg', '')}"
