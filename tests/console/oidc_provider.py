"""A small OpenID Connect provider with keys of its own, which can be told to lie."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response
from joserfc import jwt
from joserfc.jwk import RSAKey

ISSUER = "https://id.example"
CLIENT_ID, CLIENT_SECRET = "tongzhou", "a secret of the tests"
Lie = Callable[[dict[str, Any]], None]


class SmallProvider:
    """Discovery, keys and token endpoint, asked in memory; ``claims`` are those of the one person there is.

    ``lie`` changes the claims before they are signed; ``sign`` signs them in another way than it should.
    """

    def __init__(self) -> None:
        self.key = RSAKey.generate_key(2048, {"kid": "first", "use": "sig"})
        self.claims: dict[str, Any] = {"sub": "u-1", "preferred_username": "chen", "groups": ["watch"]}
        self.lie: Lie = lambda claims: None
        self.sign: Callable[[dict[str, Any]], str] = self.signed
        self.is_down = False
        self.keys_asked = 0
        self._codes: dict[str, dict[str, list[str]]] = {}
        self.app = self._built()

    def client(self) -> httpx.AsyncClient:
        """Return a client whose every request reaches this provider."""
        return httpx.AsyncClient(transport=httpx.ASGITransport(self.app), timeout=5)

    def signed(self, claims: dict[str, Any]) -> str:
        """Return the claims signed as they should be."""
        return jwt.encode({"alg": "RS256", "kid": self.key.kid}, claims, self.key)

    def signed_with_none(self, claims: dict[str, Any]) -> str:
        """Return the claims with 'alg: none' and no signature."""
        return b".".join((_encoded(b'{"alg":"none"}'), _encoded(json.dumps(claims).encode()), b"")).decode()

    def signed_with_public_key(self, claims: dict[str, Any]) -> str:
        """Return the claims signed by HS256 with the public key, which everybody has, as the secret."""
        header = json.dumps({"alg": "HS256", "kid": self.key.kid}).encode()
        body = b".".join(_encoded(one) for one in (header, json.dumps(claims).encode()))
        signature = hmac.digest(self.key.as_pem(private=False), body, "sha256")
        return b".".join((body, _encoded(signature))).decode()

    def signed_by_stranger(self, claims: dict[str, Any]) -> str:
        """Return the claims signed by another key of the same name."""
        return jwt.encode({"alg": "RS256", "kid": self.key.kid}, claims, RSAKey.generate_key(2048))

    def rotate(self) -> None:
        """Sign with another key from now on, and name only that one."""
        self.key = RSAKey.generate_key(2048, {"kid": "second", "use": "sig"})

    def authorize(self, address: str) -> dict[str, str]:
        """Be the person at the provider's page: return the query that the browser brings back."""
        asked = parse_qs(urlsplit(address).query)
        assert asked["response_type"] == ["code"]
        assert asked["code_challenge_method"] == ["S256"]
        code = f"code-{len(self._codes)}"
        self._codes[code] = asked
        return {"code": code, "state": asked["state"][0]}

    def _built(self) -> FastAPI:
        app = FastAPI()

        @app.middleware("http")
        async def down(request: Request, call_next: Any) -> Response:
            return Response("", 502) if self.is_down else await call_next(request)

        @app.get("/.well-known/openid-configuration")
        def discovery() -> dict[str, str]:
            return {
                "issuer": ISSUER,
                "authorization_endpoint": f"{ISSUER}/authorize",
                "token_endpoint": f"{ISSUER}/token",
                "jwks_uri": f"{ISSUER}/keys",
            }

        @app.get("/keys")
        def keys() -> dict[str, Any]:
            self.keys_asked += 1
            return {"keys": [self.key.as_dict(private=False)]}

        @app.post("/token")
        async def token(request: Request) -> JSONResponse:
            form = {name: value[0] for name, value in parse_qs((await request.body()).decode()).items()}
            asked = self._codes.pop(form["code"], None)
            challenge = base64.urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest())
            basic = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
            if (
                asked is None
                or challenge.decode().rstrip("=") != asked["code_challenge"][0]
                or form["redirect_uri"] != asked["redirect_uri"][0]
                or request.headers.get("authorization") != f"Basic {basic}"
            ):
                return JSONResponse({"error": "invalid_grant"}, 400)
            now_s = int(time.time())
            claims = {
                "iss": ISSUER,
                "aud": CLIENT_ID,
                "iat": now_s,
                "exp": now_s + 300,
                "nonce": asked["nonce"][0],
                **self.claims,
            }
            self.lie(claims)
            return JSONResponse({"id_token": self.sign(claims), "token_type": "Bearer", "access_token": "x"})

        return app


def _encoded(one: bytes) -> bytes:
    return base64.urlsafe_b64encode(one).rstrip(b"=")
