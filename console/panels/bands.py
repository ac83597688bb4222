"""The top band: mode, pages, clock and its speed, language, theme, seat, age of data."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from console.i18n import say
from console.panels.figures import clock, date, epoch_ms, offset
from console.panels.markup import Html, button, join, tag
from console.panels.presence import seats_button
from console.permits import ROLE_WORDS
from data.journal.shared import SeatSeen
from data.roles import Role
from data.text import Language

if TYPE_CHECKING:
    from data.journal.picture import Picture

SPEEDS = (0, 1, 10, 60)
# Pages that exist, each with its key; the one shown is marked.
PAGES = (
    ("operate", "F1", "replay-live", ""),
    ("isolation", "F3", "view", "isolation"),
    ("evacuation", "F4", "view", "evacuation"),
    ("island", "", "view", "island"),
    ("replay", "F6", "replay-seek", "now"),
)


def top_band_html(
    picture: Picture,
    now: datetime,
    language: Language,
    *,
    theme: str,
    actor: str,
    timezone: str,
    replay_at: datetime | None = None,
    role: Role = "supervisor",
    seats: Sequence[SeatSeen] = (),
    view: str = "operate",
) -> Html:
    """Return the band that is on every page: mode first, the data lamp last.

    ``now`` is the moment the seat shows: the world's clock, or ``replay_at`` in a replay.
    """
    mode = "replay" if replay_at is not None else picture.mode
    return tag(
        "section",
        _mode(mode, replay_at, timezone, language),
        tag("b", say("product.name", language), cls="product"),
        _pages(replay_at, now, language, view),
        tag("span", cls="spring"),
        _speeds(picture, replay_at, language),
        _clocks(now, timezone, language),
        _seat(language, theme, actor, role, seats),
        cls=f"room band-top mode-{mode}",
    )


def _mode(mode: str, replay_at: datetime | None, timezone: str, language: Language) -> Html:
    at = clock(replay_at, timezone, seconds=True) if replay_at else None
    return tag("span", tag("b", say(f"mode.{mode}", language)), tag("b", at) if at else None, cls="mode", role="status")


def _pages(replay_at: datetime | None, now: datetime, language: Language, view: str) -> Html:
    shown = "replay" if replay_at is not None and view == "operate" else view
    tabs = [
        tag(
            "button",
            say(f"page.{name}", language),
            tag("kbd", key) if key else None,
            type="button",
            cls="tab on" if name == shown else "tab",
            data_act=act,
            data_value=epoch_ms(now) if value == "now" else value or None,
            aria_current="page" if name == shown else None,
            aria_label=say(f"page.{name}", language),
        )
        for name, key, act, value in PAGES
    ]
    return tag("nav", *tabs, aria_label=say("page.pages", language))


def _speeds(picture: Picture, replay_at: datetime | None, language: Language) -> Html | None:
    """A drill's clock may be paused and hurried; nobody hurries a live clock or a replay's past."""
    if picture.mode != "drill" or replay_at is not None:
        return None
    choices = [
        button(
            say("clock.pause", language) if speed == 0 else f"{speed}\u00d7",
            "clock-speed",
            cls="seg on" if picture.clock_speed == speed else "seg",
            label=say("clock.pause", language) if speed == 0 else say("clock.speed_of", language, speed=speed),
            value=speed,
        )
        for speed in SPEEDS
    ]
    return tag("span", *choices, cls="segments", role="group", aria_label=say("clock.speed", language))


def _clocks(now: datetime, timezone: str, language: Language) -> Html:
    def ticking(form: str, written: str, cls: str) -> Html:
        return tag("pt-clock", written, cls=cls, data_at=epoch_ms(now), data_form=form, data_tz=timezone)

    return tag(
        "span",
        tag("span", date(now, timezone, language), cls="dim wide"),
        ticking("local", clock(now, timezone, seconds=True), "clock"),
        tag("span", offset(now, timezone), cls="dim"),
        tag("i", cls="bar"),
        tag("span", "UTC ", ticking("utc", f"{now.astimezone(UTC):%H:%M:%S}", ""), cls="dim"),
        cls="clocks",
    )


def _seat(language: Language, theme: str, actor: str, role: Role, seats: Sequence[SeatSeen]) -> Html:
    role_words = ROLE_WORDS[role].said(language)
    other = "en" if language == "zh" else "zh"
    return join(
        [
            button("\u4e2d / EN", "language", cls="quiet", label=say("seat.language", language), value=other),
            button(
                say(f"theme.{theme}", language),
                "theme",
                key="T",
                cls="quiet",
                label=say("seat.theme", language),
                value="light" if theme == "dark" else "dark",
            ),
            button(say("drawer.log", language), "drawer", cls="quiet", value="log"),
            button(say("drawer.scenarios", language), "drawer", cls="quiet", value="scenarios"),
            button("?", "drawer", cls="quiet", label=say("drawer.help", language), value="help"),
            seats_button(seats, language),
            button(
                f"{actor} · {role_words}",
                "drawer",
                cls="quiet",
                label=say("account.open", language, name=actor, role=role_words),
                value="account",
            ),
            tag(
                "pt-lamp",
                say("lamp.data", language),
                cls="lamp",
                data_words=say("lamp.age", language, t="{t}"),
                data_stale=say("lamp.stale", language, t="{t}"),
            ),
        ]
    )
