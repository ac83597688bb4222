"""One who asks the API of a small world, in this process, without a door: the principal is put there by hand."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any

import httpx
from fastapi import FastAPI

from console.api.context import Api
from console.api.routes import add_api
from console.service import Service
from console.world import World
from data.roles import Principal, Role


@dataclass
class Staff:
    """Who is let in now, by name; a name taken out has had its token revoked."""

    roles: dict[str, Role] = field(default_factory=lambda: {"fire-brigade": "supervisor"})

    def current(self, principal: Principal) -> Principal | None:
        role = self.roles.get(principal.name)
        return None if role is None else Principal(name=principal.name, role=role, kind="token", via=principal.via)


@dataclass
class Caller:
    """Asks in the name of ``name``; keeps the API so that a test may look inside."""

    world: World
    staff: Staff = field(default_factory=Staff)
    name: str | None = "fire-brigade"

    def __post_init__(self) -> None:
        self.service = Service(self.world, current=self.staff.current)
        self.app = FastAPI(openapi_url=None)
        self.api: Api = add_api(self.app, self.service, self.world)

    def principal(self) -> Principal | None:
        if self.name is None:
            return None
        return Principal(name=self.name, role=self.staff.roles.get(self.name, "viewer"), kind="token", via=self.name)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Let the request in as the door does."""
        scope["principal"] = self.principal()
        await self.app(scope, receive, send)

    def ask(self, method: str, path: str, **given: Any) -> httpx.Response:
        """Return the answer to one request below the API's path."""

        async def asked() -> httpx.Response:
            transport = httpx.ASGITransport(self, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url="http://console") as client:
                return await client.request(method, f"/api/v1{path}", **given)

        return asyncio.run(asked())

    def get(self, path: str, **given: Any) -> httpx.Response:
        return self.ask("GET", path, **given)

    def post(self, path: str, body: Any = None, **given: Any) -> httpx.Response:
        return self.ask("POST", path, json=body, **given)

    def problem(self, answer: httpx.Response, status: int) -> dict[str, Any]:
        """Return the problem document of an answer that must have this status, in both languages."""
        assert answer.status_code == status, answer.text
        assert answer.headers["content-type"] == "application/problem+json"
        document: dict[str, Any] = json.loads(answer.content)
        assert document["status"] == status
        assert document["type"].startswith("urn:tongzhou:problem:")
        assert "" not in (document["detail"], document["detail_zh"])
        assert document["detail"] != document["detail_zh"]
        assert "Traceback" not in answer.text
        return document
