"""Whether a websocket's token is ours, alive, and belongs to this login and this page."""

from __future__ import annotations

from bokeh.util.token import check_token_signature, get_session_id, get_token_payload

from console.door.logins import Login, LoginDesk


def why_refused(token: str, path: str, login: Login, desk: LoginDesk, secret_key: bytes, at_s: float) -> str | None:
    """Return why a token does not open this websocket, or None if it does.

    All of: our signature, not expired, the login written into it is this login, the page written into it is
    this path's page, and the session it names is owned by this login or by nobody yet.
    """
    try:
        if not check_token_signature(token, secret_key=secret_key, signed=True):
            return "not our signature"  # before anything of it is unpacked
        payload = get_token_payload(token)
        session_id = get_session_id(token)
    except Exception:  # anything a stranger may send: broken base64, broken zip, broken JSON
        return "not a token"
    if at_s >= payload.get("session_expiry", 0):
        return "expired"
    door = payload.get("door") or {}
    if door.get("login") != login.key:
        return "another login's token"
    if door.get("page") != (path.removesuffix("/ws") or "/"):
        return "another page's token"
    if desk.owner_of(session_id) not in (None, login.key):
        return "another login's session"
    return None
