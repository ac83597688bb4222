"""The plain forms of the door, and the token each carries so that no other site can send it."""

from __future__ import annotations

import hmac
import secrets
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment
from starlette.requests import Request
from starlette.responses import HTMLResponse

from console.door.pages import door_sheet
from data.situation import WorldMode

MODE_WORDS: dict[WorldMode, str] = {
    "live": "实战 LIVE",
    "drill": "演练 DRILL",
    "replay": "回放 REPLAY",
    "plan": "推演 PLAN",
}
_SHEET = (
    "main{max-width:400px;margin-top:12vh}main.wide{max-width:900px}"
    "header{display:flex;justify-content:space-between;align-items:baseline}"
    ".mode{font-size:13px;color:var(--text2)}"
    "[data-mode=live] .mode{background:var(--redbg);color:var(--redtx);padding:0 8px}"
    "h1 small{font-size:14px;font-weight:400;color:var(--text2)}"
    "form{margin-top:14px}label{display:block;margin:12px 0 4px;color:var(--text)}"
    "label span,.help,.help span{color:var(--text2)}"
    "input{box-sizing:border-box;width:100%;height:38px;padding:0 10px;font:inherit;color:var(--text);"
    "background:var(--sea);border:1px solid var(--line2)}"
    "button,.button{box-sizing:border-box;display:block;width:100%;margin-top:20px;padding:8px;font:inherit;text-align:center;"
    "color:var(--text);background:var(--accentbg);border:1px solid var(--accent);text-decoration:none;cursor:pointer}"
    "kbd{font:12px monospace;color:var(--text2);border:1px solid var(--line2);padding:0 4px;margin-left:6px}"
    "input:focus-visible,button:focus-visible,a:focus-visible{outline:2px solid var(--accent);outline-offset:1px}"
    ".problem{border-left:4px solid var(--red);padding-left:10px;color:var(--text)}"
    ".help{font-size:13px;margin-top:18px}"
    "table{width:100%;border-collapse:collapse;margin-top:8px}th,td{text-align:left;padding:4px 8px;"
    "border-bottom:1px solid var(--line)}th{font-size:13px;font-weight:400;color:var(--text2)}"
)


@cache
def _template(name: str) -> Any:
    source = files("console.door").joinpath(name).read_text("utf-8")
    return Environment(autoescape=True).from_string(source)


def form_page(template: str, mode: WorldMode, status: int = 200, **values: Any) -> HTMLResponse:
    """Return one of the plain pages, every value in it escaped."""
    html = _template(template).render(sheet=door_sheet() + _SHEET, mode=mode, mode_words=MODE_WORDS[mode], **values)
    return HTMLResponse(html, status)


def fresh_form_secret() -> str:
    """Return the secret that a browser keeps in a cookie while nobody is logged in."""
    return secrets.token_urlsafe(32)


def form_token(secret: str, purpose: str) -> str:
    """Return what a form carries: from it the cookie's secret cannot be told, nor another form's token.

    It stands on the cookie alone, so that a form given by one console may be sent to another.
    """
    return hmac.digest(secret.encode(), purpose.encode(), "sha256").hex()


def is_own_form(sent: str, secret: str | None, purpose: str) -> bool:
    """Tell whether a form was given to the browser that sends it."""
    return bool(secret) and hmac.compare_digest(sent.encode(), form_token(secret or "", purpose).encode())


async def fields_of(request: Request) -> dict[str, str]:
    """Return the fields of a form sent; files and repeated fields are left out, and what no database can hold."""
    form = await request.form(max_files=0, max_fields=20)
    return {name: _storable(value) for name, value in form.items() if isinstance(value, str)}


def _storable(value: str) -> str:
    return value.encode("utf-8", "replace").decode().replace("\x00", "\ufffd")
