"""Who a page belongs to: written into the signed token when the page is built, read back by the page."""

from __future__ import annotations

import time
from typing import Any

from bokeh.application.handlers.handler import Handler
from bokeh.document import Document

from console.door.logins import Login, LoginDesk


class IdentityHandler(Handler):
    """Puts the login's key and the page's path into each token, and notes who owns each session."""

    def __init__(self, desk: LoginDesk, cookie_name: str, page: str) -> None:
        super().__init__()
        self._desk, self._cookie_name, self._page = desk, cookie_name, page

    def modify_document(self, doc: Document) -> None:
        """Leave the document as it is."""

    def process_request(self, request: Any) -> dict[str, Any]:
        """Return what goes into the signed token; the gate has let the request in already."""
        morsel = request.cookies.get(self._cookie_name)
        login = self._desk.find(morsel.value if morsel else None, time.time())
        return {"door": {"login": login.key if login else None, "page": self._page}}

    async def on_session_created(self, session_context: Any) -> None:
        """Note the owner of a new session."""
        if key := (session_context.token_payload.get("door") or {}).get("login"):
            self._desk.own(session_context.id, key)

    async def on_session_destroyed(self, session_context: Any) -> None:
        """Forget the owner of a session that has ended."""
        self._desk.disown(session_context.id)


def login_of(session_context: Any, desk: LoginDesk) -> Login | None:
    """Return the login a page was built for, if it is still alive."""
    key = (session_context.token_payload.get("door") or {}).get("login")
    return desk.by_key(key) if key else None
