"""The forms people log in and change their password by."""

from __future__ import annotations

import logging
import time

from fastapi import FastAPI, Request
from fastapi.responses import RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from console.auth.common_passwords import PasswordRefusedError, check_password
from console.auth.entry import WRONG, Entry
from console.auth.forms import fields_of, form_page, form_token, fresh_form_secret, is_own_form
from console.auth.front import Front
from console.door.cookies import sent_cookie
from console.door.logins import SHIFT_S, Login
from console.door.pages import door_page
from data.accounts.records import AccountsUnreachableError
from data.errors import TongzhouError
from data.text import Text

log = logging.getLogger(__name__)
LOGIN, PASSWORD = "login", "password"
STALE_FORM = Text("表单已过期，请再试一次。", "The form was too old. Try once more.")
NO_ANSWER = Text(
    "账号存储没有应答，暂时不能登录。已登录的席位不受影响。",
    "The store of accounts does not answer, so nobody can log in just now. Seats logged in are not affected.",
)
NOT_THE_SAME = Text("两次输入的新密码不一致。", "The new password was not the same twice.")
WRONG_NOW = Text("现在的密码不对。", "The password now in use is not right.")


def add_login(app: FastAPI, front: Front) -> None:
    """Put the login form and the password form into the application behind the gate."""
    entry = Entry(front.desk, front.note)

    @app.get("/login")
    async def form(request: Request) -> Response:
        return RedirectResponse("/", 303) if request.scope.get("login") else login_form(request, front)

    @app.post("/login")
    async def log_in(request: Request) -> Response:
        fields = await fields_of(request)
        name, password = fields.get("name", "")[:64], fields.get("password", "")[:1024]
        if not is_own_form(fields.get("form", ""), sent_cookie(_headers(request), front.cookies.form), LOGIN):
            return login_form(request, front, 403, STALE_FORM, name)
        try:
            opened = await entry.let_in(name, password, request.scope["caller"], time.time(), first_memory(request))
        except AccountsUnreachableError as error:
            log.warning("nobody can log in: %s", error)
            return login_form(request, front, 503, NO_ANSWER, name)
        if opened is None:
            return login_form(request, front, 401, WRONG, name)
        if before := request.scope.get("login"):
            await front.desk.revoke(before)
        return let_in(front, opened[1], onward=RedirectResponse("/", 303))

    _add_password(app, front, entry)


def _add_password(app: FastAPI, front: Front, entry: Entry) -> None:
    @app.get("/password")
    async def form(request: Request) -> Response:
        login: Login = request.scope["login"]
        return _password_form(front, login) if await _has_password(front, login) else _not_there()

    @app.post("/password")
    async def change(request: Request) -> Response:
        login: Login = request.scope["login"]
        if not await _has_password(front, login):
            return _not_there()
        fields, now_s, caller = await fields_of(request), time.time(), request.scope["caller"]
        if not is_own_form(fields.get("form", ""), login.csrf, PASSWORD):
            return _password_form(front, login, 403, STALE_FORM)
        fresh = fields.get("fresh", "")[:1024]
        if fresh != fields.get("again", "")[:1024]:
            return _password_form(front, login, 422, NOT_THE_SAME)
        try:
            check_password(fresh, login.actor)
            if await entry.verified(login.actor, fields.get("old", "")[:1024], caller, now_s) is None:
                return _password_form(front, login, 401, WRONG_NOW)
            opened = await entry.change_password(login, fresh, now_s)
        except PasswordRefusedError as error:
            return _password_form(front, login, 422, _in_both(error))
        except AccountsUnreachableError as error:
            log.warning("a password could not be changed: %s", error)
            return _password_form(front, login, 503, _in_both(error))
        if opened is None:
            return _not_there()
        done = form_page("password.html", front.mode, is_done=True)
        front.cookies.set_login(done, opened[1], SHIFT_S)
        return done


def login_form(
    request: Request, front: Front, status: int = 200, problem: Text | None = None, name: str = ""
) -> Response:
    """Return the login form, bound to the browser by a cookie of its own."""
    secret = sent_cookie(_headers(request), front.cookies.form) or fresh_form_secret()
    provider = front.provider_label
    page = form_page(
        "login.html",
        front.mode,
        status,
        form_token=form_token(secret, LOGIN),
        problem=problem,
        name=name,
        provider=provider,
    )
    front.cookies.set_form(page, secret)
    return page


def first_memory(request: Request) -> dict[str, str | None]:
    """Return what a seat looks at first: the page in its browser's language."""
    return {"language": "zh" if request.headers.get("accept-language", "zh").startswith("zh") else "en"}


def let_in(front: Front, secret: str, *, onward: Response) -> Response:
    """Give the browser its login, and forget what led to it."""
    front.cookies.set_login(onward, secret, SHIFT_S)
    front.cookies.drop(onward, front.cookies.form)
    return onward


async def _has_password(front: Front, login: Login) -> bool:
    if login.account is None:
        return False
    try:
        account = await run_in_threadpool(front.desk.accounts.people.find, login.account)
    except AccountsUnreachableError:
        return True  # the form itself then says what is wrong
    return account is not None and account.password_hash is not None


def _password_form(front: Front, login: Login, status: int = 200, problem: Text | None = None) -> Response:
    token = form_token(login.csrf, PASSWORD)
    return form_page("password.html", front.mode, status, form_token=token, problem=problem, name=login.actor)


def _not_there() -> Response:
    status, content_type, body = door_page("not_found")
    return Response(body, status, media_type=content_type)


def _in_both(error: TongzhouError) -> Text:
    return Text(zh=error.said("zh"), en=error.said("en"))


def _headers(request: Request) -> dict[str, str]:
    return {"cookie": request.headers.get("cookie", "")}
