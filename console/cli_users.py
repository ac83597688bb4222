"""The ``user`` and ``token`` commands: who may log in, and which systems may call the API."""

from __future__ import annotations

import getpass
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from console.cli_options import LanguageOption, RegionOption, StoreOption, address_of, checked_mode, doer
from console.cli_words import out, said, say
from data.roles import ROLES, Role

if TYPE_CHECKING:
    from data.accounts.store import AccountStore

DAY_S = 86_400.0

user_app = typer.Typer(
    help=say("管理账号：谁可以登录", "Manage accounts: who may log in."), no_args_is_help=True, rich_markup_mode=None
)
token_app = typer.Typer(
    help=say("管理 API 令牌：哪些系统可以调用", "Manage API tokens: which systems may call."),
    no_args_is_help=True,
    rich_markup_mode=None,
)
NameArgument = Annotated[str, typer.Argument(metavar="NAME", help=say("名称", "The name."))]
RoleOption = Annotated[str, typer.Option("--role", metavar="|".join(ROLES), help=say("角色", "The role."))]
ModeOption = Annotated[
    str,
    typer.Option(
        "--mode",
        metavar="drill|live",
        help=say("未指明存储时：演练或实战的文件夹", "Without a store: the folder of drills or of live work."),
    ),
]
StdinOption = Annotated[
    bool,
    typer.Option("--password-stdin", help=say("从标准输入读一行作为密码", "Read the password from stdin, one line.")),
]


@contextmanager
def _accounts(store: str | None, mode: str, region: Path | None, language: str | None) -> Iterator[AccountStore]:
    from data.accounts.store import open_accounts

    accounts = open_accounts(address_of(store, checked_mode(mode, language), region))
    try:
        yield accounts
    finally:
        accounts.close()


def _checked_role(given: str) -> Role:
    if given not in ROLES:
        raise typer.BadParameter(
            say(
                f"没有角色“{given}”。可用：{'、'.join(ROLES)}",
                f"there is no role '{given}'; roles are {', '.join(ROLES)}",
            )
        )
    return cast(Role, given)


def _asked_password(name: str, from_stdin: bool) -> str:
    """Return the hash of a password read without showing it; raises PasswordRefusedError."""
    from console.auth.common_passwords import PasswordRefusedError, check_password
    from console.auth.passwords import hash_password
    from data.errors import worded

    if from_stdin:
        password = sys.stdin.readline().rstrip("\r\n")
    elif not sys.stdin.isatty():
        raise worded(
            PasswordRefusedError("There is no terminal to ask for the password. Pipe it in: --password-stdin"),
            zh="没有终端可供输入密码。请用管道输入：--password-stdin",
        )
    else:
        password = getpass.getpass(say("密码（至少 10 个字符）：", "Password (at least 10 characters): "))
        if password != getpass.getpass(say("再输入一次：", "Once more: ")):
            raise worded(
                PasswordRefusedError("The password was not the same twice. Begin again."),
                zh="两次输入不一致。请重新开始。",
            )
    check_password(password, name)
    return hash_password(password)


def _told(zh: str, en: str) -> None:
    out().print(say(zh, en), markup=False)


def _print_table(rows: list[tuple[str, ...]]) -> None:
    from rich.table import Table

    table = Table(box=None, show_header=False, pad_edge=False)
    for _ in rows[0]:
        table.add_column()
    for row in rows:
        table.add_row(*row)
    out().print(table, markup=False)


@user_app.command("add", help=say("新建账号", "Add an account."))
def user_add(
    name: NameArgument,
    role: RoleOption,
    password_stdin: StdinOption = False,
    oidc_subject: Annotated[
        str | None,
        typer.Option(
            "--oidc-subject",
            metavar="'ISSUER SUBJECT'",
            help=say("只由统一身份系统登录：其 iss 和 sub", "Log in by the identity provider alone: its iss and sub."),
        ),
    ] = None,
    store: StoreOption = None,
    mode: ModeOption = "drill",
    region: RegionOption = None,
    language: LanguageOption = None,
) -> None:
    """Add an account."""
    from data.accounts.records import checked_name

    kept, as_role = checked_name(name), _checked_role(role)
    with _accounts(store, mode, region, language) as accounts:
        hashed = None if oidc_subject else _asked_password(kept, password_stdin)
        added = accounts.people.add(kept, as_role, hashed, by=doer(), at_s=time.time(), oidc_subject=oidc_subject)
        _told(
            f"已新建账号 {added.name}（{added.role}），存于 {accounts.shown}",
            f"added {added.name} ({added.role}) in {accounts.shown}",
        )


@user_app.command("list", help=say("列出账号", "List accounts."))
def user_list(
    store: StoreOption = None, mode: ModeOption = "drill", region: RegionOption = None, language: LanguageOption = None
) -> None:
    """List accounts."""
    from console.auth.accounts_page import account_state, moment_words

    with _accounts(store, mode, region, language) as accounts:
        people, logins = accounts.people.all(), [one.account for one in accounts.logins.all()]
        if not people:
            _told(f"{accounts.shown} 中还没有账号。", f"There is no account in {accounts.shown} yet.")
            return
        now_s = time.time()
        _print_table(
            [
                (
                    one.name,
                    one.role,
                    said(account_state(one, now_s)),
                    say(f"{logins.count(one.name)} 处登录", f"{logins.count(one.name)} logins"),
                    moment_words(one.created_at_s),
                )
                for one in people
            ]
        )


@user_app.command("disable", help=say("停用账号并结束其登录", "Disable an account and end its logins."))
def user_disable(
    name: NameArgument,
    store: StoreOption = None,
    mode: ModeOption = "drill",
    region: RegionOption = None,
    language: LanguageOption = None,
) -> None:
    """Disable an account."""
    with _accounts(store, mode, region, language) as accounts:
        done = accounts.people.disable(name, by=doer(), at_s=time.time())
    _told(f"已停用 {done.name}；各处登录随即结束。", f"{done.name} is disabled; its logins end everywhere at once.")


@user_app.command("enable", help=say("重新启用账号，或解除锁定", "Enable an account again, or end its lock-out."))
def user_enable(
    name: NameArgument,
    store: StoreOption = None,
    mode: ModeOption = "drill",
    region: RegionOption = None,
    language: LanguageOption = None,
) -> None:
    """Enable an account."""
    with _accounts(store, mode, region, language) as accounts:
        done = accounts.people.enable(name, by=doer(), at_s=time.time())
    _told(f"{done.name} 可以登录。", f"{done.name} may log in.")


@user_app.command("passwd", help=say("更改密码并结束各处登录", "Change a password and end the logins."))
def user_passwd(
    name: NameArgument,
    password_stdin: StdinOption = False,
    store: StoreOption = None,
    mode: ModeOption = "drill",
    region: RegionOption = None,
    language: LanguageOption = None,
) -> None:
    """Change a password."""
    with _accounts(store, mode, region, language) as accounts:
        found = accounts.people.required(name)
        hashed = _asked_password(found.name, password_stdin)
        accounts.people.set_password(found.name, hashed, by=doer(), at_s=time.time())
    _told(
        f"已更改 {found.name} 的密码；各处登录随即结束。",
        f"The password of {found.name} is changed; its logins end at once.",
    )


@user_app.command("role", help=say("更改角色并结束各处登录", "Change a role and end the logins."))
def user_role(
    name: NameArgument,
    role: Annotated[str, typer.Argument(metavar="ROLE", help=say("角色", "The role."))],
    store: StoreOption = None,
    mode: ModeOption = "drill",
    region: RegionOption = None,
    language: LanguageOption = None,
) -> None:
    """Change a role."""
    as_role = _checked_role(role)
    with _accounts(store, mode, region, language) as accounts:
        done = accounts.people.set_role(name, as_role, by=doer(), at_s=time.time())
    _told(f"{done.name} 现为 {done.role}；须重新登录。", f"{done.name} is {done.role} now and has to log in again.")


@token_app.command("add", help=say("新建令牌，只显示一次", "Add a token; it is shown once."))
def token_add(
    name: NameArgument,
    role: RoleOption,
    days: Annotated[int, typer.Option("--days", min=1, max=3650, help=say("有效天数", "Days it is valid."))],
    store: StoreOption = None,
    mode: ModeOption = "drill",
    region: RegionOption = None,
    language: LanguageOption = None,
) -> None:
    """Add a token."""
    from console.auth.accounts_page import moment_words
    from console.door.token_desk import new_token

    as_role, now_s = _checked_role(role), time.time()
    with _accounts(store, mode, region, language) as accounts:
        token_id, whole, hashed = new_token()
        expires_at_s = now_s + days * DAY_S
        added = accounts.tokens.add(token_id, name, as_role, hashed, expires_at_s=expires_at_s, by=doer(), at_s=now_s)
    until = moment_words(added.expires_at_s)
    _told(
        f"令牌 {added.name}（{added.role}），有效至 {until} UTC。只显示这一次：",
        f"token {added.name} ({added.role}), valid until {until} UTC. It is shown this once:",
    )
    typer.echo(whole)


@token_app.command("list", help=say("列出令牌", "List tokens."))
def token_list(
    store: StoreOption = None, mode: ModeOption = "drill", region: RegionOption = None, language: LanguageOption = None
) -> None:
    """List tokens."""
    from console.auth.accounts_page import moment_words, token_state

    with _accounts(store, mode, region, language) as accounts:
        tokens = accounts.tokens.all()
        if not tokens:
            _told(f"{accounts.shown} 中还没有令牌。", f"There is no token in {accounts.shown} yet.")
            return
        now_s = time.time()
        _print_table(
            [
                (
                    one.name,
                    one.id,
                    one.role,
                    said(token_state(one, now_s)),
                    say("有效至 ", "until ") + moment_words(one.expires_at_s),
                    say("最近使用 ", "last used ") + moment_words(one.last_used_at_s),
                )
                for one in tokens
            ]
        )


@token_app.command("revoke", help=say("吊销令牌", "Revoke a token."))
def token_revoke(
    name: Annotated[str, typer.Argument(metavar="NAME|ID", help=say("名称或编号", "Name or id."))],
    store: StoreOption = None,
    mode: ModeOption = "drill",
    region: RegionOption = None,
    language: LanguageOption = None,
) -> None:
    """Revoke a token."""
    with _accounts(store, mode, region, language) as accounts:
        done = accounts.tokens.revoke(name, by=doer(), at_s=time.time())
    _told(f"已吊销令牌 {done.name}。", f"The token {done.name} is revoked.")
