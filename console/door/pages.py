"""The plain pages of the door, in both languages, with nothing loaded from anywhere."""

from __future__ import annotations

import json
from html import escape
from typing import Literal

from console.theme import css_variables, theme_sheet
from data.text import Text

DoorPage = Literal[
    "entered",
    "link_dead",
    "not_logged_in",
    "log_in",
    "not_logged_in_api",
    "ended",
    "ended_link",
    "refused",
    "not_found",
    "wrong_host",
    "too_many",
    "too_large",
    "too_slow",
    "failed",
    "left",
    "left_link",
]

NEW_LINK = Text(
    zh="请在运行同舟的终端按回车键，即得到新的登录链接。",
    en="Press Enter in the terminal that runs Tongzhou to get a new login link.",
)
WHY_ENDED = Text(
    zh="登录会在退出、更改密码、账号变更或停用、长时间无操作、超过一班时结束。结束之后的按键未被执行，态势和指令不受影响。",
    en="A login ends by logging out, another password, a changed or disabled account, a long time without a press, "
    "or the end of a shift. Nothing pressed after that was done; the picture and its orders go on.",
)
ASK_ADMIN = Text(zh="请重新登录；不能登录时请找管理员。", en="Log in again; if you cannot, ask an administrator.")
# page: status, title, what happened, remedy
PAGES: dict[DoorPage, tuple[int, Text, Text]] = {
    "entered": (200, Text(zh="已登录", en="You are in"), Text(zh="正在打开态势…", en="Opening the console…")),
    "link_dead": (410, Text(zh="登录链接已失效", en="This login link is used or expired"), NEW_LINK),
    "not_logged_in": (
        401,
        Text(zh="尚未登录", en="Not logged in"),
        Text(
            zh="有账号的请登录。没有账号、在本机演练的：在运行同舟的终端按回车键，即得到登录链接。",
            en="With an account, log in. Without one, in a drill on this machine: press Enter in its terminal.",
        ),
    ),
    "log_in": (
        401,
        Text(zh="尚未登录", en="Not logged in"),
        Text(zh="正在打开登录页…", en="Opening the login page…"),
    ),
    "not_logged_in_api": (
        401,
        Text(zh="尚未登录", en="Not logged in"),
        Text(
            zh="请附上有效的令牌：Authorization: Bearer tz_…，或在浏览器中登录。",
            en="Send a valid token: Authorization: Bearer tz_..., or log in with a browser.",
        ),
    ),
    "ended": (
        401,
        Text(zh="登录已结束", en="This login has ended"),
        Text(zh=f"{WHY_ENDED.zh}{ASK_ADMIN.zh}", en=f"{WHY_ENDED.en} {ASK_ADMIN.en}"),
    ),
    "ended_link": (
        401,
        Text(zh="登录已结束", en="This login has ended"),
        Text(
            zh=f"{WHY_ENDED.zh}{ASK_ADMIN.zh}没有账号、在本机演练的：{NEW_LINK.zh}",
            en=f"{WHY_ENDED.en} {ASK_ADMIN.en} In a drill on this machine, without an account: {NEW_LINK.en}",
        ),
    ),
    "refused": (
        403,
        Text(zh="请求被拒绝", en="Request refused"),
        Text(
            zh="此请求不是由同舟的页面发出。请回到首页重试。",
            en="It did not come from Tongzhou's own page. Go back to it and try again.",
        ),
    ),
    "not_found": (
        404,
        Text(zh="没有这个页面", en="No such page"),
        Text(zh="请回到首页。", en="Go back to the console."),
    ),
    "wrong_host": (
        421,
        Text(zh="地址不对", en="Wrong address"),
        Text(zh="请使用终端上打印的地址。", en="Use the address printed in the terminal."),
    ),
    "too_many": (
        429,
        Text(zh="尝试过于频繁", en="Too many attempts"),
        Text(zh="请稍候片刻再试。", en="Wait a little, then try again."),
    ),
    "too_large": (
        413,
        Text(zh="内容过大", en="Too large"),
        Text(
            zh="最多 1 MiB；批量位置最多 16 MiB。请分批发送。",
            en="At most 1 MiB, a batch of positions 16 MiB. Send it in several parts.",
        ),
    ),
    "too_slow": (
        408,
        Text(zh="发送过慢", en="Too slow"),
        Text(
            zh="内容未在时限内送达，未执行。请重发。", en="It did not arrive in time and was not done. Send it again."
        ),
    ),
    "failed": (
        500,
        Text(zh="服务器出错", en="Something failed on the server"),
        Text(
            zh="已写入服务器日志；日志与数据未受影响。请重新打开页面。",
            en="It is in the server's log; the journal is unharmed. Open the page again.",
        ),
    ),
    "left": (
        200,
        Text(zh="已退出", en="You have left"),
        Text(zh="可以关闭此窗口，或重新登录。", en="Close this window, or log in again."),
    ),
    "left_link": (200, Text(zh="已退出", en="You have left"), NEW_LINK),
}
ONWARD: dict[DoorPage, str] = {"entered": "/", "log_in": "/login"}
_SHEET = (
    "body{margin:0;background:var(--sea);color:var(--text);"
    "font:15px/1.6 'Noto Sans CJK SC','Microsoft YaHei',sans-serif}"
    "main{max-width:640px;margin:18vh auto 0;padding:24px 28px;background:var(--panel);border:1px solid var(--line2)}"
    "b{display:block;font-size:13px;color:var(--text2)}"
    "h1{font-size:20px;margin:10px 0 0}p{margin:6px 0 0;color:var(--text2)}"
    "a{color:var(--accent)}"
)


def door_page(page: DoorPage, *, as_json: bool = False) -> tuple[int, str, bytes]:
    """Return status, content type and body of one plain page."""
    status, title, remedy = PAGES[page]
    if as_json:
        kind = page.removesuffix("_api")
        said = Text(f"{title.zh}。{remedy.zh}", f"{title.en}. {remedy.en}")
        body = {  # problem details, RFC 9457
            "type": f"urn:tongzhou:problem:{kind.replace('_', '-')}",
            "title": title.en,
            "title_zh": title.zh,
            "status": status,
            "detail": said.en,
            "detail_zh": said.zh,
            "ok": False,
            "error": kind,
            "message": {"zh": said.zh, "en": said.en},
        }
        return status, "application/problem+json", json.dumps(body, ensure_ascii=False).encode()
    # The cookie is 'strict': only a step taken by our own page sends it, so the page moves on by itself.
    onward = ONWARD.get(page)
    refresh = f'<meta http-equiv="refresh" content="0;url={onward}">' if onward else ""
    html = (
        f'<!doctype html><html lang="zh"><head><meta charset="utf-8">{refresh}'
        f"<title>同舟 Tongzhou · {escape(title.en)}</title>"
        f"<style>{door_sheet()}</style></head><body>{door_words(page)}</body></html>"
    )
    return status, "text/html; charset=utf-8", html.encode()


def door_sheet() -> str:
    """Return the style of the plain pages: the theme the system prefers, without a script."""
    light = f"@media (prefers-color-scheme:light){{:root{{{css_variables('light')}color-scheme:light}}}}"
    return theme_sheet() + light + _SHEET


def door_words(page: DoorPage) -> str:
    """Return what one plain page says, in both languages."""
    _, title, remedy = PAGES[page]
    home = ""
    if page in {"entered", "not_found", "failed", "refused"}:
        home = '<p><a href="/">同舟 Tongzhou</a></p>'
    elif page in {"not_logged_in", "log_in", "ended", "ended_link", "left", "left_link", "too_many", "link_dead"}:
        home = '<p><a href="/login">登录 Log in</a></p>'
    return (
        f"<main><b>同舟 Tongzhou</b><h1>{escape(title.zh)}</h1><p>{escape(remedy.zh)}</p>"
        f'<h1 lang="en">{escape(title.en)}</h1><p lang="en">{escape(remedy.en)}</p>{home}</main>'
    )
