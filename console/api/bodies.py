"""Read the body of a request: its type, its size, and what it says."""

from __future__ import annotations

from typing import TypeVar

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from console.api.problems import ProblemError

COMMAND_LIMIT_BYTES = 64 * 1024
Shape = TypeVar("Shape")


def content_type(request: Request, *allowed: str) -> str:
    """Return the content type of a request; raises ProblemError (415) naming those that are taken."""
    given = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if given in allowed:
        return given
    taken = " / ".join(allowed)
    shown = given[:80] or "-"
    raise ProblemError(
        "wrong-type",
        f"内容类型为“{shown}”，这里只接受 {taken}。请设置 Content-Type。",
        f"The content type is '{shown}'; only {taken} is taken here. Set Content-Type.",
    )


async def body_of(request: Request, limit_bytes: int) -> bytes:
    """Return the body; raises ProblemError (413) as soon as it is known to be longer than the limit."""
    declared = request.headers.get("content-length", "0")
    if declared.isdigit() and int(declared) > limit_bytes:
        raise _too_large(limit_bytes)
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > limit_bytes:
            raise _too_large(limit_bytes)
        parts.append(part)
    return b"".join(parts)


async def decoded(request: Request, shape: type[Shape]) -> Shape:
    """Return the JSON body of a command; raises ProblemError (413, 415, 422)."""
    content_type(request, "application/json")
    body = await body_of(request, COMMAND_LIMIT_BYTES)
    try:
        return msgspec.json.decode(body, type=shape)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise not_understood(str(error)) from error


def not_understood(reason: str) -> ProblemError:
    """Return the problem of a body that is not what the API takes; ``reason`` is the reader's own."""
    return ProblemError(
        "not-understood",
        f"内容无法读取：{reason[:300]}。请对照 /api/openapi.json 改正。",
        f"The body cannot be read: {reason[:300]}. Correct it as /api/openapi.json describes.",
    )


def _too_large(limit_bytes: int) -> ProblemError:
    return ProblemError(
        "too-large",
        f"内容超过 {limit_bytes // 1024} KiB。请分批发送。",
        f"The body is longer than {limit_bytes // 1024} KiB. Send it in parts.",
    )


def answer(value: object, status: int = 200, headers: dict[str, str] | None = None, kind: str = "") -> Response:
    """Return a document as the answer; ``kind`` is its content type where it is not plain JSON."""
    return Response(msgspec.json.encode(value), status, headers, media_type=kind or "application/json")
