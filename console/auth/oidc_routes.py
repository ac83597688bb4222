"""The two steps of logging in through an identity provider: there, and back."""

from __future__ import annotations

import asyncio
import logging
import time

from fastapi import FastAPI, Request
from fastapi.responses import RedirectResponse, Response

from console.auth.front import Front
from console.auth.login_routes import NO_ANSWER, first_memory, let_in, login_form
from console.auth.notes import logged_in, provider_refused
from console.auth.oidc import ANSWER_WITHIN_S, OidcError
from console.auth.oidc_account import DISABLED, account_of
from console.door.cookies import sent_cookie
from console.door.pages import door_page
from data.accounts.records import AccountsUnreachableError

log = logging.getLogger(__name__)
RETURN_PATH = "/login/answer"


def add_provider(app: FastAPI, front: Front) -> None:
    """Put the way to the provider and back into the application, if there is a provider."""
    provider = front.provider
    if provider is None:
        return
    return_to = front.public_origin + RETURN_PATH  # ours alone: nothing of a request is in it

    @app.get("/login/provider")
    async def there(request: Request) -> Response:
        try:
            address, browser = await provider.begin(return_to, time.time())
        except OidcError as error:
            return _refused(request, front, error, 503)
        answer = RedirectResponse(address, 303)
        front.cookies.set_provider(answer, browser, ANSWER_WITHIN_S)
        return answer

    @app.get(RETURN_PATH)
    async def back(request: Request) -> Response:
        now_s = time.time()
        browser = sent_cookie({"cookie": request.headers.get("cookie", "")}, front.cookies.provider)
        try:
            claims = await provider.finish(dict(request.query_params), browser, return_to, now_s)
            account = await asyncio.to_thread(account_of, claims, provider.settings, front.desk.accounts.people, now_s)
            opened = await asyncio.to_thread(front.desk.open, account, now_s, first_memory(request))
            if opened is None:
                raise OidcError(DISABLED, "the account was disabled meanwhile")
        except OidcError as error:
            return _refused(request, front, error, 403)
        except AccountsUnreachableError as error:
            log.warning("nobody can log in: %s", error)
            return login_form(request, front, 503, NO_ANSWER)
        logged_in(front.note, account.name, request.scope["caller"], provider.settings.label)
        # The cookie is 'strict' and this answer comes from another site: our own page takes the next step.
        status, content_type, body = door_page("entered")
        answer = let_in(front, opened[1], onward=Response(body, status, media_type=content_type))
        front.cookies.drop(answer, front.cookies.provider)
        return answer


def _refused(request: Request, front: Front, error: OidcError, status: int) -> Response:
    log.warning("a log-in through the identity provider was refused: %s", error.reason)
    provider_refused(front.note, request.scope["caller"], error.text)
    answer = login_form(request, front, status, error.text)
    front.cookies.drop(answer, front.cookies.provider)
    return answer
