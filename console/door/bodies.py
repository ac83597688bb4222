"""How much a request may carry: refused by its announced length, or cut off once it has sent too much."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

MAX_BODY_BYTES = 1024 * 1024
MAX_FORM_BYTES = 16 * 1024
# A batch of positions is the one thing that is large.
_BY_PATH = {
    "/api/v1/positions": 16 * 1024 * 1024,
    "/login": MAX_FORM_BYTES,
    "/password": MAX_FORM_BYTES,
    "/leave": MAX_FORM_BYTES,
}


def max_body_bytes(path: str) -> int:
    """Return how many bytes a request to this path may carry."""
    return _BY_PATH.get(path.rstrip("/"), MAX_BODY_BYTES)


def announces_more(headers: dict[str, str], limit: int) -> bool:
    """Tell whether a request says it carries more than a limit, or gives a length that is none."""
    announced = headers.get("content-length")
    if announced is None:
        return False
    return not (announced.isascii() and announced.isdigit()) or len(announced) > 15 or int(announced) > limit


def cut_off(receive: Receive, send: Send, limit: int, answer: Callable[[], Awaitable[None]]) -> tuple[Receive, Send]:
    """Return a receive that answers and ends the request once it has sent more than a limit, and the send beside it."""
    received, answered, started = 0, False, False

    async def counted() -> Message:
        nonlocal received, answered
        if answered:
            return {"type": "http.disconnect"}
        message = await receive()
        if message["type"] == "http.request":
            received += len(message.get("body", b""))
            if received > limit:
                answered = True
                if not started:
                    await answer()
                return {"type": "http.disconnect"}
        return message

    async def unless_answered(message: Message) -> None:
        nonlocal started
        if not answered:
            started = True
            await send(message)

    return counted, unless_answered
