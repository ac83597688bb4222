"""How much a request may carry: refused by its announced length, or cut off once it has sent too much."""

from __future__ import annotations

import asyncio
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


def within_s(limit: int) -> float:
    """Return how long a request of at most so many bytes may take to send them: 64 KiB/s, and half a minute."""
    return 30.0 + limit / 65_536


def cut_off(
    receive: Receive,
    send: Send,
    limit: int,
    answer: Callable[[], Awaitable[None]],
    slow: Callable[[], Awaitable[None]],
    within_s: float,
) -> tuple[Receive, Send]:
    """Return a receive that answers and ends the request once it has sent too much or taken too long to send it, and
    the send beside it.

    ``answer`` says that it was too much, ``slow`` that it took longer than ``within_s``.
    """
    received, answered, started, is_whole = 0, False, False, False
    late_at = asyncio.get_running_loop().time() + within_s

    async def ended(say: Callable[[], Awaitable[None]]) -> Message:
        nonlocal answered
        answered = True
        if not started:
            await say()
        return {"type": "http.disconnect"}

    async def counted() -> Message:
        nonlocal received, is_whole
        if answered:
            return {"type": "http.disconnect"}
        if is_whole:
            return await receive()  # only that it has gone can come now
        try:
            async with asyncio.timeout_at(late_at):
                message = await receive()
        except TimeoutError:
            return await ended(slow)
        if message["type"] == "http.request":
            received += len(message.get("body", b""))
            is_whole = not message.get("more_body", False)
            if received > limit:
                return await ended(answer)
        return message

    async def unless_answered(message: Message) -> None:
        nonlocal started
        if not answered:
            started = True
            await send(message)

    return counted, unless_answered
