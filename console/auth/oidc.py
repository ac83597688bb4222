"""Log in through an OpenID Connect provider: authorization code with PKCE, every claim checked.

OpenID Connect Core 1.0, sections 3.1.2 and 3.1.3; RFC 7636 (S256); RFC 9207 is honoured where the provider does.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import httpx
import msgspec
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from console.auth.oidc_settings import OidcSettings
from data.errors import TongzhouError
from data.text import Text

ANSWER_WITHIN_S = 600.0
MOST_WAITING = 1000
KEYS_AT_MOST_EVERY_S = 10.0  # a forger's unknown key ids must not have us ask the provider without end
ALGORITHMS = ("RS256", "ES256")
LEEWAY_S = 30
ANSWER_S = 10.0

AWAY = Text(
    "统一身份系统没有应答。请稍后再试，或用密码登录。",
    "The identity provider does not answer. Try again later, or log in by password.",
)
NOT_ASKED = Text(
    "这次登录不是从本窗口发起的，或已过期。请重新开始。",
    "This log-in was not begun in this window, or is too old. Begin again.",
)
NOT_TRUSTED = Text(
    "统一身份系统的应答未通过核验。请找管理员。",
    "What the identity provider said did not pass the check. Ask an administrator.",
)
SAID_NO = Text("统一身份系统没有让您登录。", "The identity provider did not let you in.")


class OidcError(TongzhouError):
    """Nobody is let in by this answer; ``text`` is for the person, ``reason`` for the log and holds no secret."""

    def __init__(self, text: Text, reason: str) -> None:
        super().__init__(text.en)
        self.text, self.reason = text, reason


class Asked(msgspec.Struct, frozen=True):
    """One log-in begun: what must come back with it, and the hash of the cookie of the browser that began it."""

    nonce: str
    verifier: str
    browser: str
    asked_at_s: float


class Endpoints(msgspec.Struct, frozen=True, kw_only=True):
    """What is used of the provider's discovery document."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str


class Provider:
    """One identity provider; discovery and keys are kept, and keys are fetched again when it has new ones."""

    def __init__(self, settings: OidcSettings, client: httpx.AsyncClient | None = None) -> None:
        self.settings = settings
        self._client = client or httpx.AsyncClient(timeout=ANSWER_S, follow_redirects=False)
        self._endpoints: Endpoints | None = None
        self._keys: KeySet | None = None
        self._keys_at = -1e9
        self._asked: dict[str, Asked] = {}

    async def begin(self, return_to: str, at_s: float) -> tuple[str, str]:
        """Return the provider's address to send the browser to, and the secret its cookie keeps meanwhile.

        Raises OidcError where the provider does not answer.
        """
        endpoints = await self._found()
        state, nonce, verifier, browser = (secrets.token_urlsafe(32) for _ in range(4))
        self._asked = {key: one for key, one in self._asked.items() if at_s - one.asked_at_s < ANSWER_WITHIN_S}
        while len(self._asked) >= MOST_WAITING:
            self._asked.pop(next(iter(self._asked)))
        self._asked[state] = Asked(nonce, verifier, _hash(browser), at_s)
        query = {
            "response_type": "code",
            "client_id": self.settings.client_id,
            "redirect_uri": return_to,
            "scope": self.settings.scope,
            "state": state,
            "nonce": nonce,
            "code_challenge": base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("="),
            "code_challenge_method": "S256",
        }
        glue = "&" if "?" in endpoints.authorization_endpoint else "?"
        return f"{endpoints.authorization_endpoint}{glue}{urlencode(query)}", browser

    async def finish(
        self, answer: Mapping[str, str], browser: str | None, return_to: str, at_s: float
    ) -> dict[str, Any]:
        """Return the checked claims of an answer; each answer is taken once. Raises OidcError."""
        asked = self._asked.pop(answer.get("state", ""), None)
        if asked is None or not browser or not secrets.compare_digest(asked.browser, _hash(browser)):
            raise OidcError(NOT_ASKED, "the state is not known, used, or of another browser")
        if at_s - asked.asked_at_s >= ANSWER_WITHIN_S:
            raise OidcError(NOT_ASKED, "the answer came too late")
        if answer.get("iss", self.settings.issuer) != self.settings.issuer:
            raise OidcError(NOT_TRUSTED, "the answer names another issuer")
        if "error" in answer or not answer.get("code"):
            raise OidcError(SAID_NO, "the provider refused")
        return await self._checked(await self._id_token(answer["code"], asked.verifier, return_to), asked.nonce, at_s)

    async def _found(self) -> Endpoints:
        if self._endpoints is None:
            address = self.settings.issuer.rstrip("/") + "/.well-known/openid-configuration"
            try:
                endpoints = msgspec.json.decode((await self._get(address)), type=Endpoints)
            except msgspec.MsgspecError as error:
                raise OidcError(AWAY, "the discovery document is not one") from error
            if endpoints.issuer != self.settings.issuer:
                raise OidcError(NOT_TRUSTED, "the discovery document is of another issuer")
            self._endpoints = endpoints
        return self._endpoints

    async def _get(self, address: str) -> bytes:
        try:
            answer = await self._client.get(address)
            answer.raise_for_status()
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise OidcError(AWAY, f"{type(error).__name__} at {address}") from error
        return answer.content

    async def _id_token(self, code: str, verifier: str, return_to: str) -> str:
        endpoints = await self._found()
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": return_to,
            "client_id": self.settings.client_id,
            "code_verifier": verifier,
        }
        auth = None
        if self.settings.client_secret is not None:
            auth = httpx.BasicAuth(self.settings.client_id, self.settings.client_secret)
        try:
            answer = await self._client.post(endpoints.token_endpoint, data=form, auth=auth or httpx.USE_CLIENT_DEFAULT)
        except httpx.HTTPError as error:
            raise OidcError(AWAY, f"{type(error).__name__} at the token endpoint") from error
        if answer.status_code >= 500:
            raise OidcError(AWAY, f"status {answer.status_code} at the token endpoint")
        try:
            id_token = answer.json()["id_token"]
        except (ValueError, KeyError, TypeError) as error:
            raise OidcError(SAID_NO, f"no id_token, status {answer.status_code}") from error
        if not isinstance(id_token, str):
            raise OidcError(NOT_TRUSTED, "the id_token is no text")
        return id_token

    async def _key_set(self, *, fresh: bool = False) -> KeySet:
        is_due = time.monotonic() - self._keys_at >= KEYS_AT_MOST_EVERY_S
        if self._keys is None or (fresh and is_due):
            document = await self._get((await self._found()).jwks_uri)
            self._keys_at = time.monotonic()
            try:
                held = msgspec.json.decode(document)["keys"]
                # A symmetric key has no place there: with it a public key could pass for a secret.
                usable = [one for one in held if one.get("kty") in ("RSA", "EC") and one.get("use", "sig") == "sig"]
                self._keys = KeySet.import_key_set({"keys": usable})
            except (JoseError, ValueError, KeyError, TypeError, AttributeError) as error:
                raise OidcError(AWAY, "the provider's keys cannot be read") from error
        return self._keys

    async def _checked(self, id_token: str, nonce: str, at_s: float) -> dict[str, Any]:
        try:
            claims = jwt.decode(id_token, await self._key_set(), algorithms=ALGORITHMS).claims
        except (JoseError, ValueError):
            try:  # the provider may have changed its keys
                claims = jwt.decode(id_token, await self._key_set(fresh=True), algorithms=ALGORITHMS).claims
            except (JoseError, ValueError) as error:
                raise OidcError(NOT_TRUSTED, f"the id_token is not signed by the provider: {error}") from error
        registry = jwt.JWTClaimsRegistry(
            now=int(at_s),
            leeway=LEEWAY_S,
            iss={"essential": True, "value": self.settings.issuer},
            aud={"essential": True, "value": self.settings.client_id},
            exp={"essential": True},
            iat={"essential": True},
            sub={"essential": True},
            nonce={"essential": True, "value": nonce},
        )
        try:
            registry.validate(claims)
        except JoseError as error:
            raise OidcError(NOT_TRUSTED, f"a claim of the id_token is not right: {error}") from error
        self._check_audience(claims)
        return dict(claims)

    def _check_audience(self, claims: Mapping[str, Any]) -> None:
        audience = claims["aud"]
        others = isinstance(audience, list) and len(audience) > 1
        if (others or "azp" in claims) and claims.get("azp") != self.settings.client_id:
            raise OidcError(NOT_TRUSTED, "the id_token was issued for another client")
        if not isinstance(claims["sub"], str) or not claims["sub"]:
            raise OidcError(NOT_TRUSTED, "the id_token names nobody")

    async def close(self) -> None:
        """Release the connections."""
        await self._client.aclose()


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
