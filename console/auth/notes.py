"""What the door writes into the access journal: who came in, who did not, who left."""

from __future__ import annotations

import logging
from typing import Any, Protocol

from data.accounts.records import Change, ChangeKind
from data.accounts.store import AccountStore
from data.text import Text

log = logging.getLogger(__name__)
DOOR = "door"


class NoteAccess(Protocol):
    """How the access journal is written; never given a password or a secret."""

    def __call__(self, who: str, what: str, subject: str, detail: Text, *, refused: bool) -> Any:
        """Write one note."""


def note_nothing(who: str, what: str, subject: str, detail: Text, *, refused: bool) -> None:
    """Nobody keeps a journal."""


def _written(note: NoteAccess, who: str, what: str, subject: str, detail: Text, *, refused: bool = False) -> None:
    try:
        note(who, what, subject, detail, refused=refused)
    except Exception:  # a journal that cannot be written must not keep anybody out
        log.exception("an access could not be journalled")


def logged_in(note: NoteAccess, name: str, caller: str, way: Text) -> None:
    """Somebody came in."""
    _written(
        note, name, "login", name, Text(f"登录（{way.zh}），来自 {caller}", f"logged in by {way.en}, from {caller}")
    )


def login_failed(note: NoteAccess, known_name: str | None, caller: str) -> None:
    """Somebody did not get in; what was typed as a name is kept only where it is one: it may be a password."""
    who = known_name or ""
    detail = Text(
        f"登录未成功，来自 {caller}" + ("" if known_name else "（没有此账号）"),
        f"failed to log in, from {caller}" + ("" if known_name else " (no such account)"),
    )
    _written(note, DOOR, "login_failed", who, detail, refused=True)


def locked_out(note: NoteAccess, name: str, caller: str) -> None:
    """Too many attempts have locked an account."""
    detail = Text(f"多次尝试失败，账号暂时锁定，来自 {caller}", f"locked after too many attempts, from {caller}")
    _written(note, DOOR, "locked_out", name, detail, refused=True)


def provider_refused(note: NoteAccess, caller: str, why: Text) -> None:
    """The identity provider's answer let nobody in."""
    detail = Text(f"统一身份登录被拒，来自 {caller}：{why.zh}", f"single sign-on refused, from {caller}: {why.en}")
    _written(note, DOOR, "login_failed", "", detail, refused=True)


def logged_out(note: NoteAccess, name: str) -> None:
    """Somebody left."""
    _written(note, name, "logout", name, Text("退出", "logged out"))


def token_refused(note: NoteAccess) -> None:
    """A token was sent that is none of ours, revoked or expired."""
    _written(note, DOOR, "token_refused", "", Text("令牌无效", "a token was not valid"), refused=True)


_SAID: dict[ChangeKind, Text] = {
    "account_added": Text("新建账号", "account added"),
    "account_disabled": Text("停用账号", "account disabled"),
    "account_enabled": Text("启用账号", "account enabled"),
    "account_role": Text("更改角色", "role changed"),
    "account_password": Text("更改密码", "password changed"),
    "account_locked": Text("账号锁定", "account locked"),
    "token_added": Text("新建令牌", "token added"),
    "token_revoked": Text("吊销令牌", "token revoked"),
}


def carry_changes(accounts: AccountStore, reader: str, note: NoteAccess) -> int:
    """Write the changes to accounts made since, at any console or command line, into the journal; returns how many.

    ``reader`` names the journal. Raises AccountsUnreachableError.
    """
    changes: tuple[Change, ...] = accounts.changes.after(accounts.changes.carried(reader))
    for change in changes:
        said = _SAID[change.what]
        more = f": {change.detail}" if change.detail else ""
        _written(note, change.by, change.what, change.subject, Text(said.zh + more, said.en + more))
    if changes:
        accounts.changes.carry(reader, changes[-1].number)
    return len(changes)
