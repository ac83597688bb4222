"""Passwords of ten characters and more that everybody tries first, and what makes one worthless."""

from __future__ import annotations

import unicodedata

from data.errors import TongzhouError, worded

# Long enough to pass the length rule: what published lists of leaked passwords name most, and this product's own.
_WORDS = """
1234567890 12345678910 123456789a 1234567891 0123456789 0987654321 9876543210 1122334455 1111111111
0000000000 12345678901 123456789012 1234567890a a123456789 aa123456789 q123456789 qq123456789
123456789q 123456789z 147258369a 1qaz2wsx3edc 1q2w3e4r5t 1q2w3e4r5t6y q1w2e3r4t5 q1w2e3r4t5y6
zaq12wsxcde3 qwertyuiop qwertyuiop123 qwerty12345 qwerty123456 qwerty1234567 asdfghjkl1 asdfghjkl123
zxcvbnm123 zxcvbnm1234 password12 password123 password1234 password12345 passw0rd123 p@ssw0rd123
p@ssword123 password01 mypassword administrator admin12345 admin123456 adminadmin administrator1
root123456 welcome123 welcome1234 welcome12345 iloveyou123 iloveyou12 letmein123 changeme123
changeme1234 abc1234567 abc12345678 abcd123456 abcd12345678 abcdefghij abcdefghijk woaini1314
woaini520 woaini521 woaini1314520 5201314520 1314520520 asd123456789 zxc123456789 qwe123456789
superman123 football123 baseball123 princess123 sunshine123 dragon12345 monkey12345 charlie123
michael123 jordan12345 1234512345 1212121212 1010101010 6666666666 8888888888 9999999999 7777777777
123123123123 1231231234 1234554321 zhoushan123 zhoushan1234 zhoushan12345 tongzhou123 tongzhou1234
tongzhou12345 dispatcher supervisor emergency123
"""
COMMON = frozenset(_WORDS.split())
SHORTEST, LONGEST = 10, 256


class PasswordRefusedError(ValueError, TongzhouError):
    """A password that may not be used; says why."""


def normal_password(given: str) -> str:
    """Return a password as it is hashed: the same letters whatever keyboard wrote them (NIST SP 800-63B, 5.1.1.2)."""
    return unicodedata.normalize("NFKC", given)


def check_password(given: str, name: str) -> None:
    """Raise PasswordRefusedError for one too short, too long or too common; no composition rules (NIST SP 800-63B)."""
    password = normal_password(given)
    if len(password) < SHORTEST:
        raise worded(
            PasswordRefusedError(f"The password needs at least {SHORTEST} characters. Several words make a good one."),
            zh=f"密码至少 {SHORTEST} 个字符。几个词连在一起就很好。",
        )
    if len(password) > LONGEST:
        raise worded(
            PasswordRefusedError(f"The password may have at most {LONGEST} characters."),
            zh=f"密码最多 {LONGEST} 个字符。",
        )
    lowered = password.casefold()
    if lowered in COMMON or len(set(lowered)) < 4 or lowered in (name * 8)[: len(lowered)] or name == lowered:
        raise worded(
            PasswordRefusedError("This password is among those tried first. Choose another."),
            zh="这个密码太常见，会被最先尝试。请换一个。",
        )
