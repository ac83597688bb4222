"""Which account an identity provider's claims belong to, and which role it has from them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from console.auth.oidc import OidcError
from console.auth.oidc_settings import OidcSettings
from data.accounts.people import People
from data.accounts.records import Account, AccountsError, AccountsUnreachableError
from data.roles import Role
from data.text import Text

BY_PROVIDER = "provider"
NO_ROLE = Text(
    "统一身份系统没有给您同舟的角色。请找管理员。",
    "The identity provider gives you no role in Tongzhou. Ask an administrator.",
)
NO_ACCOUNT = Text(
    "您在同舟还没有账号。请找管理员。",
    "You have no account in Tongzhou yet. Ask an administrator.",
)
DISABLED = Text("您的账号已停用。请找管理员。", "Your account is disabled. Ask an administrator.")


def account_of(claims: Mapping[str, Any], settings: OidcSettings, people: People, at_s: float) -> Account:
    """Return the account that checked claims belong to, with the role they give it; raises OidcError in words.

    An account is found by issuer and subject alone: names can be chosen, subjects cannot.
    """
    role = _mapped_role(claims, settings)
    if settings.role_claim is not None and role is None:
        raise OidcError(NO_ROLE, "no value of the role claim is mapped")
    subject = oidc_subject(settings.issuer, claims["sub"])
    account = people.by_oidc_subject(subject)
    if account is None:
        return _created(claims, settings, people, role or "viewer", subject, at_s)
    if account.is_disabled:
        raise OidcError(DISABLED, "the account is disabled")
    if role is not None and role != account.role:
        try:
            return people.set_role(account.name, role, by=BY_PROVIDER, at_s=at_s)
        except AccountsUnreachableError:
            raise
        except AccountsError as error:
            raise OidcError(Text(error.said("zh"), error.said("en")), "the role cannot be changed") from error
    return account


def oidc_subject(issuer: str, subject: str) -> str:
    """Return how an account keeps a provider's subject."""
    return f"{issuer} {subject}"


def _mapped_role(claims: Mapping[str, Any], settings: OidcSettings) -> Role | None:
    """Return the first role of the file that a value of the claim maps to; dots step into nested claims."""
    if settings.role_claim is None:
        return None
    value: Any = claims
    for step in settings.role_claim.split("."):
        value = value.get(step) if isinstance(value, Mapping) else None
    values = value if isinstance(value, list) else [value]
    return next((role for given, role in settings.roles.items() if given in values), None)


def _created(
    claims: Mapping[str, Any], settings: OidcSettings, people: People, role: Role, subject: str, at_s: float
) -> Account:
    name = claims.get(settings.name_claim)
    if not settings.create_unknown or not isinstance(name, str):
        raise OidcError(NO_ACCOUNT, "no account has this subject")
    try:
        return people.add(name, role, None, by=BY_PROVIDER, at_s=at_s, oidc_subject=subject)
    except AccountsUnreachableError:
        raise
    except AccountsError as error:
        raise OidcError(NO_ACCOUNT, "no account can be made of the name the provider gives") from error
