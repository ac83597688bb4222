"""The page on which an administrator sees accounts, tokens and who is logged in; for others it is not there."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import Response

from console.auth.forms import form_page
from console.auth.front import Front
from data.accounts.records import Account, ApiToken
from data.text import Text


def add_accounts_page(app: FastAPI, front: Front) -> None:
    """Put the page into the application behind the gate, which lets administrators alone through to it."""

    @app.get("/accounts")
    def accounts(request: Request) -> Response:
        principal = request.scope["principal"]
        front.note(principal.name, "see_accounts", "", Text("查看账号", "looked at the accounts"), refused=False)
        now_s, store = time.time(), front.desk.accounts
        logins = [login.account for login in store.logins.all()]
        people = [_person(one, now_s, logins.count(one.name)) for one in store.people.all()]
        tokens = [_token(one, now_s) for one in store.tokens.all()]
        return form_page("accounts.html", front.mode, accounts=people, tokens=tokens)


def account_state(account: Account, now_s: float) -> Text:
    """Return whether a person may log in now."""
    if account.is_disabled:
        return Text("已停用", "disabled")
    if account.locked_until_s > now_s:
        return Text("暂时锁定", "locked for a while")
    return Text("可用", "active") if account.password_hash or account.oidc_subject else Text("无密码", "no password")


def token_state(token: ApiToken, now_s: float) -> Text:
    """Return whether a token is taken now."""
    if token.is_disabled:
        return Text("已吊销", "revoked")
    return Text("已过期", "expired") if token.expires_at_s <= now_s else Text("有效", "valid")


def moment_words(at_s: float | None) -> str:
    """Return a moment as people read it, UTC; a dash for never."""
    return f"{datetime.fromtimestamp(at_s, UTC):%Y-%m-%d %H:%M}" if at_s is not None else "—"


def _person(account: Account, now_s: float, logins: int) -> dict[str, Any]:
    state = account_state(account, now_s)
    return {"name": account.name, "role": account.role, "state": f"{state.zh} {state.en}", "logins": logins}


def _token(token: ApiToken, now_s: float) -> dict[str, Any]:
    state = token_state(token, now_s)
    last_used = moment_words(token.last_used_at_s)
    return {"name": token.name, "role": token.role, "state": f"{state.zh} {state.en}", "last_used": last_used}
