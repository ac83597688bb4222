"""Errors as RFC 9457 problem details, each in both languages, never with a traceback."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from data.text import Text

PROBLEM_TYPE = "application/problem+json"
RETRY_AFTER_S = 5

# kind: status and title
KINDS: dict[str, tuple[int, Text]] = {
    "not-logged-in": (401, Text("未登录", "Not logged in")),
    "forbidden": (403, Text("无权限", "Not allowed")),
    "not-found": (404, Text("没有此对象", "No such thing")),
    "wrong-method": (405, Text("方法不对", "Method not allowed")),
    "refused": (409, Text("当前态势不允许", "The picture does not allow it")),
    "conflict": (409, Text("他人已先一步更改", "Somebody else was first")),
    "changed": (412, Text("所见已不是最新", "Changed since you looked")),
    "too-large": (413, Text("内容过大", "Too large")),
    "wrong-type": (415, Text("内容类型不对", "Wrong content type")),
    "key-used": (422, Text("该键已用于另一请求", "This key was used for another request")),
    "not-understood": (422, Text("内容有误", "Not understood")),
    "version-needed": (428, Text("须注明所见版本", "Say which version you saw")),
    "too-many": (429, Text("请求过多", "Too many requests")),
    "failed": (500, Text("服务器出错", "Something failed on the server")),
    "unavailable": (503, Text("存储暂不可用", "The store is not available now")),
}


class ProblemError(Exception):
    """A request that cannot be done: its kind, what is wrong and what to do, and what now holds.

    ``more`` are extension members of the document; ``headers`` go with the answer.
    """

    def __init__(self, kind: str, zh: str, en: str, *, headers: Mapping[str, str] | None = None, **more: Any) -> None:
        self.kind, self.text, self.headers, self.more = kind, Text(zh, en), dict(headers or {}), more
        self.status = KINDS[kind][0]
        super().__init__(en)


def problem_document(kind: str, text: Text, more: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return the members of a problem document; ``detail`` is English, beside it both languages by name."""
    status, title = KINDS[kind]
    return {
        "type": f"urn:tongzhou:problem:{kind}",
        "title": title.en,
        "title_zh": title.zh,
        "status": status,
        "detail": text.en,
        "detail_zh": text.zh,
        **(more or {}),
    }


def problem_answer(error: ProblemError) -> Response:
    """Return the HTTP answer of a problem."""
    document = problem_document(error.kind, error.text, error.more)
    headers = dict(error.headers)
    if error.status == 503:
        headers.setdefault("Retry-After", str(RETRY_AFTER_S))
    body = json.dumps(document, ensure_ascii=False).encode()
    return Response(body, error.status, headers, media_type=PROBLEM_TYPE)


def not_found(kind_zh: str, kind_en: str, name: str, where: str) -> ProblemError:
    """Return the problem of an id that the picture does not hold; ``where`` lists those there are."""
    shown = name[:80]
    return ProblemError(
        "not-found",
        f"没有{kind_zh}“{shown}”。现有的见 GET /api/v1/{where}。",
        f"There is no {kind_en} '{shown}'. GET /api/v1/{where} lists those there are.",
    )
