"""What each path asks of the caller; a path not in the table is refused."""

from __future__ import annotations

from typing import Literal
from urllib.parse import unquote_plus

# "api": a login or an API token. "admin": a login of an admin; for everybody else there is no such page.
Need = Literal["nobody", "login", "api", "admin", "refused"]

# Exact paths first, then prefixes. Nothing else exists for anybody who is not logged in.
EXACT: dict[tuple[str, str], Need] = {
    ("GET", "/enter"): "nobody",
    ("GET", "/login"): "nobody",
    ("POST", "/login"): "nobody",
    ("GET", "/login/provider"): "nobody",
    ("GET", "/login/answer"): "nobody",
    ("GET", "/favicon.ico"): "nobody",
    ("GET", "/api/health"): "nobody",  # the watchdog of a page whose login has ended asks it too; it says only "ok"
    ("GET", "/"): "login",
    ("GET", "/password"): "login",
    ("POST", "/password"): "login",
    ("POST", "/leave"): "login",
    ("GET", "/accounts"): "admin",
    ("GET", "/api/openapi.json"): "api",
    ("WEBSOCKET", "/ws"): "login",
}
PREFIXES: dict[tuple[str, str], Need] = {
    ("GET", "/static/"): "login",
    ("GET", "/assets/"): "login",
    ("GET", "/components/"): "login",
    ("GET", "/tiles/"): "login",
    ("GET", "/api/v1/"): "api",
    ("POST", "/api/v1/"): "api",
    ("PATCH", "/api/v1/"): "api",
}
# Each of these hands out a signed token or takes over a session by its id.
SESSION_WORDS = ("bokeh-session-id", "bokeh_session_id")


def need_of(method: str, path: str) -> Need:
    """Return what a request needs; HEAD counts as GET, and an unknown path is 'refused'."""
    method = "GET" if method == "HEAD" else method
    if path.endswith("/autoload.js") or ".." in path:
        return "refused"
    if found := EXACT.get((method, path)):
        return found
    for (allowed, prefix), need in PREFIXES.items():
        if method == allowed and path.startswith(prefix):
            return need
    return "refused"


def names_a_session(query: str, header_names: set[str]) -> bool:
    """Tell whether a request tries to name the session it wants, also in letters written as percent signs."""
    lowered = unquote_plus(query).lower()
    return any(word in lowered or word in header_names for word in SESSION_WORDS)
