"""Whether the store answers and may be written: what stops commands, in words, and since when."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from console.i18n import both
from data.errors import TongzhouError
from data.journal.interface import StoreReadOnlyError, StoreUnreachableError
from data.text import Language, Text

HealthState = Literal["ok", "unreachable", "read_only"]


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """The state of a world's store ``since`` a moment of the machine's clock, and why in words.

    ``may_try`` tells whether a command is still put to the store: a full disk may have room again, a store
    that does not answer is asked by the console itself. The words of ``why`` hold ``{t}`` where the seconds go.
    """

    state: HealthState
    since: datetime
    why: Text = Text("", "")
    may_try: bool = True

    @property
    def is_ok(self) -> bool:
        """Tell whether nothing is wrong."""
        return self.state == "ok"

    def seconds(self, now: datetime) -> int:
        """Return how long it has been so, in whole seconds."""
        return max(0, int((now - self.since).total_seconds()))

    @property
    def standing(self) -> Text:
        """Return why nothing can be pressed, in words that stay true while they stand on a page."""
        return both("health.silent") if self.state == "unreachable" else self.why

    def refusal(self, now: datetime) -> Text:
        """Return why a command pressed now is not recorded."""
        seconds = str(self.seconds(now))
        return Text(self.why.zh.replace("{t}", seconds), self.why.en.replace("{t}", seconds))


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What was found, once the store answered again, about a command whose outcome was unknown."""

    actor: str
    command_id: str
    recorded: bool
    text: Text


def well(now: datetime) -> Health:
    """Return the health of a store that answers."""
    return Health(state="ok", since=now)


def unreachable(now: datetime) -> Health:
    """Return the health of a store that does not answer."""
    return Health(state="unreachable", since=now, why=both("health.unreachable", t="{t}"), may_try=False)


def unknown_event(kind: str, seq: int, now: datetime) -> Health:
    """Return the health of a journal that holds an event of a newer program: it may be read, not written."""
    return Health(state="read_only", since=now, why=both("health.unknown_event", kind=kind, seq=seq), may_try=False)


def unfoldable_event(seq: int, now: datetime) -> Health:
    """Return the health of a world whose picture lacks an event that could not be taken into it."""
    return Health(state="read_only", since=now, why=both("health.unfoldable_event", seq=seq), may_try=False)


def not_writable(error: TongzhouError, now: datetime) -> Health:
    """Return the health of a store that may be read but not written now; the error says what to do."""
    return Health(state="read_only", since=now, why=both("health.read_only", why=in_both(error)))


def health_after(error: Exception, now: datetime) -> Health | None:
    """Return the health an error of the store stands for; None where it says nothing of the store."""
    if isinstance(error, StoreUnreachableError):
        return unreachable(now)
    if isinstance(error, StoreReadOnlyError):
        return not_writable(error, now)
    return None


def health_over(before: Health, after: Health) -> Text | None:
    """Return the line that tells an end of trouble and how long it lasted; None where there is none."""
    if before.is_ok or not after.is_ok:
        return None
    lasted = before.seconds(after.since)
    if before.state == "unreachable":
        return both("health.over", t=lasted)
    return both("health.writable", t=lasted)


def health_band(health: Health, language: Language) -> dict[str, str] | None:
    """Return what the page's band says of trouble with the store: ``since`` tells one trouble from the next."""
    if health.is_ok:
        return None
    return {"state": health.state, "words": health.why.said(language), "since": health.since.isoformat()}


def in_both(error: TongzhouError) -> Text:
    """Return an error's words in both languages, the English ones for both where there are no others."""
    return error.text or Text(str(error), str(error))
