"""The drawer of one's own login: who sits here, what the role may, and the way out."""

from __future__ import annotations

from console.i18n import say
from console.panels.drawers import drawer
from console.panels.markup import Html, tag
from console.permits import ROLE_WORDS
from data.roles import Principal
from data.text import Language


def account_html(principal: Principal, language: Language, *, has_account: bool) -> Html:
    """Return who is logged in and what can be done about it.

    ``has_account`` is false for a one-time link, which has no password. Leaving is a plain form: it works also when
    the page's own connection does not.
    """
    ways = [
        tag("a", say("account.password", language), href="/password", cls="btn") if has_account else None,
        tag("a", say("account.accounts", language), href="/accounts", cls="btn") if principal.role == "admin" else None,
    ]
    leaving = tag(
        "form",
        tag("button", say("account.leave", language), type="submit", cls="btn"),
        method="post",
        action="/leave",
        data_key="leave-form",
    )
    role = ROLE_WORDS[principal.role].said(language)
    return drawer(
        say("account.title", language),
        language,
        tag("p", tag("b", principal.name), " · ", role),
        tag("p", say("account.role_note" if has_account else "account.link_note", language), cls="note"),
        *ways,
        leaving,
        tag("p", say("account.leave_note", language), cls="note"),
    )
