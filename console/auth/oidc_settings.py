"""The file that names an identity provider and what its claims mean here."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec

from data.errors import DataFaultsError, Fault
from data.roles import ROLES, Role
from data.text import Text

_KNOWN = frozenset(
    {
        "issuer",
        "client_id",
        "client_secret_file",
        "role_claim",
        "roles",
        "name_claim",
        "create_unknown",
        "scope",
        "label",
    }
)


class OidcSettings(msgspec.Struct, frozen=True, kw_only=True):
    """One provider. ``roles`` maps a value of ``role_claim`` to a role; ``client_secret`` None is a public client.

    ``create_unknown`` gives an account to whoever the provider vouches for: of the mapped role, of a viewer where
    no ``role_claim`` is named. Without ``role_claim`` everybody keeps the role their account has here.
    """

    issuer: str
    client_id: str
    client_secret: str | None
    role_claim: str | None
    roles: Mapping[str, Role]
    name_claim: str
    create_unknown: bool
    scope: str
    label: Text


def read_oidc_settings(file: Path) -> OidcSettings:
    """Return the settings in a TOML file; raises DataFaultsError with everything wrong in it, OSError if unreadable."""
    try:
        document = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DataFaultsError([Fault(file.name, None, None, f"is not TOML: {error}.")]) from error
    faults: list[Fault] = []

    def wrong(key: str, message: str) -> None:
        faults.append(Fault(file.name, None, key, message))

    for key in sorted(set(document) - _KNOWN):
        wrong(key, f"is not known. Known are: {', '.join(sorted(_KNOWN))}.")
    issuer = _text(document, "issuer", wrong, needed=True)
    if issuer and not _is_safe(issuer):
        wrong("issuer", "must begin with https:// (http:// only for this machine itself).")
    roles, role_claim = _roles(document, wrong), _text(document, "role_claim", wrong)
    if bool(roles) != bool(role_claim):
        wrong("role_claim", "and [roles] belong together: name both or neither.")
    create_unknown = document.get("create_unknown", False)
    if not isinstance(create_unknown, bool):
        wrong("create_unknown", "must be true or false.")
    settings = OidcSettings(
        issuer=issuer or "",
        client_id=_text(document, "client_id", wrong, needed=True) or "",
        client_secret=_secret(document, file, wrong),
        role_claim=role_claim,
        roles=roles,
        name_claim=_text(document, "name_claim", wrong) or "preferred_username",
        create_unknown=create_unknown is True,
        scope=_text(document, "scope", wrong) or "openid profile",
        label=_label(document, wrong),
    )
    if "openid" not in settings.scope.split():
        wrong("scope", "must contain openid.")
    if faults:
        raise DataFaultsError(faults)
    return settings


def _is_safe(address: str) -> bool:
    parts = urlsplit(address)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost", "::1"))


def _text(document: Mapping[str, Any], key: str, wrong: Any, *, needed: bool = False) -> str | None:
    value = document.get(key)
    if value is None and not needed:
        return None
    if not isinstance(value, str) or not value.strip():
        wrong(key, "is missing; write it as text." if value is None else "must be text.")
        return None
    return value


def _roles(document: Mapping[str, Any], wrong: Any) -> dict[str, Role]:
    given = document.get("roles", {})
    if not isinstance(given, dict):
        wrong("roles", "must be a table: claim value = role.")
        return {}
    found: dict[str, Role] = {}
    for value, role in given.items():
        if role in ROLES:
            found[value] = role
        else:
            wrong(f"roles.{value}", f"is '{role}', which is no role. Roles are: {', '.join(ROLES)}.")
    return found


def _secret(document: Mapping[str, Any], file: Path, wrong: Any) -> str | None:
    named = _text(document, "client_secret_file", wrong)
    if named is None:
        return None
    place = file.parent / named
    try:
        secret = place.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        wrong("client_secret_file", f"{place} cannot be read ({type(error).__name__}).")
        return None
    if not secret:
        wrong("client_secret_file", f"{place} is empty.")
    return secret


def _label(document: Mapping[str, Any], wrong: Any) -> Text:
    given = document.get("label", {"zh": "统一身份登录", "en": "Single sign-on"})
    if not isinstance(given, dict) or not all(isinstance(given.get(one), str) for one in ("zh", "en")):
        wrong("label", "needs both zh and en.")
        return Text("", "")
    return Text(zh=given["zh"], en=given["en"])
