"""The cookies of the door: their names, and that no script and no other site gets at them."""

from __future__ import annotations

from collections.abc import Sequence
from http.cookies import CookieError, SimpleCookie
from typing import Literal
from urllib.parse import urlsplit

import msgspec
from starlette.responses import Response

LOOPBACK_HOSTS = frozenset({"127.0.0.1", "localhost", "[::1]"})
FORM_LIFE_S = 3600


class Cookies(msgspec.Struct, frozen=True):
    """The login's cookie ``name``, and the two short-lived ones of forms and of an identity provider's answer.

    ``secure`` cookies travel over TLS alone; their ``__Host-`` prefix makes browsers refuse one set by a neighbour.
    """

    name: str
    secure: bool = False

    @property
    def form(self) -> str:
        """The cookie that binds a login form to this browser before anybody is logged in."""
        return f"{self.name}_form"

    @property
    def provider(self) -> str:
        """The cookie that binds an identity provider's answer to the browser that asked."""
        return f"{self.name}_oidc"

    def set_login(self, answer: Response, secret: str, life_s: float) -> None:
        """Give the browser a login."""
        self._set(answer, self.name, secret, int(life_s), "strict")

    def set_form(self, answer: Response, secret: str) -> None:
        """Bind a login form to the browser."""
        self._set(answer, self.form, secret, FORM_LIFE_S, "strict")

    def set_provider(self, answer: Response, secret: str, life_s: float) -> None:
        """Bind an answer of the identity provider to the browser; 'lax', for it comes from another site."""
        self._set(answer, self.provider, secret, int(life_s), "lax")

    def drop(self, answer: Response, name: str) -> None:
        """Have the browser forget a cookie."""
        answer.delete_cookie(name, path="/", secure=self.secure, httponly=True, samesite="strict")

    def _set(self, answer: Response, name: str, value: str, life_s: int, same_site: Literal["strict", "lax"]) -> None:
        answer.set_cookie(name, value, max_age=life_s, httponly=True, samesite=same_site, secure=self.secure, path="/")


def cookies_for(origins: Sequence[str], port: int) -> Cookies:
    """Return the cookies for these page origins, the first of which is the one people use.

    Consoles behind one proxy have the same name; several on one machine, each at its own port, have not, for
    browsers do not keep cookies apart by port.
    """
    public = urlsplit(origins[0])
    if public.scheme == "https":
        suffix = "" if public.port in (None, 443) else f"_{public.port}"
        return Cookies(f"__Host-tongzhou{suffix}", secure=True)
    return Cookies(f"tongzhou_{public.port or port}")


def is_loopback(origin: str) -> bool:
    """Tell whether an origin is this machine as seen from itself."""
    host = (
        urlsplit(origin).netloc.rsplit(":", 1)[0]
        if "]" not in origin
        else "[" + origin.split("[")[1].split("]")[0] + "]"
    )
    return host in LOOPBACK_HOSTS


def sent_cookie(headers: dict[str, str], name: str) -> str | None:
    """Return the value of a cookie a request brings."""
    try:
        morsel = SimpleCookie(headers.get("cookie", "")).get(name)
    except CookieError:
        return None
    return morsel.value if morsel else None
