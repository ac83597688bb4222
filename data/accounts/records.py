"""What is kept of people, tokens and logins, and the rules for their names."""

from __future__ import annotations

import re
import unicodedata
from typing import Literal

import msgspec

from data.errors import TongzhouError, worded
from data.roles import Role

_NAME = re.compile(r"[^\W_][\w.-]{0,31}")
# The console's own voices in the journal, and the names that login links give to seats.
_RESERVED = re.compile(
    r"seat-\d+|console|door|scenario|simulator|ticker|alarms?|system|tongzhou|unknown|nobody|anonymous"
)

ChangeKind = Literal[
    "account_added",
    "account_disabled",
    "account_enabled",
    "account_role",
    "account_password",
    "account_locked",
    "token_added",
    "token_revoked",
]


class AccountsError(ValueError, TongzhouError):
    """Something asked of accounts or tokens that cannot be done; says why and what to do instead."""


class AccountsUnreachableError(AccountsError):
    """The store of accounts does not answer, cannot be written, or is of another format."""


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """One person who may log in; times are seconds of the machine's clock since 1970, UTC.

    Without ``password_hash`` nobody gets in by password. ``oidc_subject`` is the name an identity provider knows
    the person by. ``failed_attempts`` counts since the last good login.
    """

    name: str
    role: Role
    password_hash: str | None
    is_disabled: bool
    created_at_s: float
    oidc_subject: str | None
    failed_attempts: int
    locked_until_s: float


class ApiToken(msgspec.Struct, frozen=True, kw_only=True):
    """One token of another system; only the hash of its secret is kept."""

    id: str
    name: str
    role: Role
    secret_hash: str
    expires_at_s: float
    is_disabled: bool
    created_at_s: float
    last_used_at_s: float | None


class LoginRow(msgspec.Struct, frozen=True, kw_only=True):
    """One live login as every console on the store knows it.

    ``role`` is the account's role of now. Without ``account`` it came by a login link. ``memory`` is what the
    seat looks at; ``csrf`` the secret its forms carry.
    """

    key: str
    secret_hash: str
    name: str
    role: Role
    account: str | None
    opened_at_s: float
    seen_at_s: float
    memory: dict[str, str | None]
    csrf: str


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """Something done to an account or token; ``number`` counts up without end."""

    number: int
    at_s: float
    by: str
    what: ChangeKind
    subject: str
    detail: str


def checked_name(given: str) -> str:
    """Return a name as it is kept: normal form, small letters.

    Raises AccountsError where it is no name, or one the console uses itself.
    """
    name = unicodedata.normalize("NFKC", given).casefold().strip()
    if not _NAME.fullmatch(name):
        raise worded(
            AccountsError(
                f"'{given}' is no name. Use 1 to 32 letters, digits, or . _ - and begin with a letter or digit."
            ),
            zh=f"“{given}”不能作名称。请用 1 至 32 个字母、汉字、数字或 . _ -，并以字母、汉字或数字开头。",
        )
    if _RESERVED.fullmatch(name):
        raise worded(
            AccountsError(f"'{name}' is a name the console uses itself. Choose another."),
            zh=f"“{name}”是指挥台自用的名称。请换一个。",
        )
    return name


def known_name(given: str) -> str:
    """Return what a name typed at the door or a command line is kept as; it need not be one."""
    return unicodedata.normalize("NFKC", given).casefold().strip()
