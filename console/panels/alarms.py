"""The alarm strip: cause, action, deadline; an unacknowledged one never scrolls away."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from console.i18n import say
from console.panels.figures import NONE, clock
from console.panels.markup import Html, button, incident_mark, tag
from console.panels.timers import countdown
from data.geography import Region
from data.text import Language

if TYPE_CHECKING:
    from data.journal.picture import Picture
    from data.journal.views import Alarm

# EEMUA 191: more than ten new alarms in ten minutes is a flood.
FLOOD_COUNT = 10
FLOOD_WINDOW = timedelta(minutes=10)
STRIP_ROWS = 3


def alarm_rows(picture: Picture) -> list[Alarm]:
    """Return the alarms that stand, unacknowledged first, then by priority, then oldest.

    A cleared alarm leaves once it is acknowledged; a handled one is not worth a row.
    """
    standing = [alarm for alarm in picture.alarms.values() if not (alarm.cleared and alarm.acked_by)]
    return sorted(
        standing, key=lambda alarm: (alarm.acked_by is not None, alarm.priority, alarm.raised_at, alarm.alarm_id)
    )


def recent_count(picture: Picture, now: datetime) -> int:
    """Return how many alarms were raised in the last ten minutes."""
    return sum(now - FLOOD_WINDOW < alarm.raised_at <= now for alarm in picture.alarms.values())


def is_flood(picture: Picture, now: datetime) -> bool:
    """More than ten alarms in ten minutes are a flood, and the console says so."""
    return recent_count(picture, now) > FLOOD_COUNT


def alarms_html(
    picture: Picture,
    region: Region,
    now: datetime,
    language: Language,
    *,
    can_act: bool = True,
    above: Sequence[Html] = (),
) -> Html:
    """Return the strip; every unacknowledged alarm has its row, and the strip scrolls when they are many.

    ``above`` are rows that go before any alarm: what waits for a second person.
    """
    rows = alarm_rows(picture)
    if not rows and not above:
        return tag("section", tag("p", say("alarms.none", language), cls="note"), cls="room alarms")
    body = [
        _row(alarm, region, now, language, can_act, top=index == 0 and alarm.acked_by is None)
        for index, alarm in enumerate(rows)
    ]
    return tag("section", tag("div", *above, *body, cls="rows", role="list"), cls="room alarms")


def alarm_count_html(picture: Picture, now: datetime, language: Language) -> Html:
    """Return the count beside the command line: how many lately, how many more below, or a flood."""
    recent = recent_count(picture, now)
    if is_flood(picture, now):
        return tag("b", say("alarms.flood", language, count=recent), cls="chip amber", role="status")
    below = len(alarm_rows(picture)) - STRIP_ROWS
    words = say("alarms.recent", language, count=recent)
    more = say("alarms.more", language, count=below) if below > 0 else ""
    return tag("span", words, tag("b", more) if more else None, cls="dim count")


def _row(alarm: Alarm, region: Region, now: datetime, language: Language, can_act: bool, *, top: bool) -> Html:
    waiting = alarm.acked_by is None
    if alarm.cleared:
        deadline: object = tag("span", say("alarms.cleared", language))
    elif alarm.deadline_at is None:
        deadline = NONE
    elif waiting:
        deadline = countdown(alarm.deadline_at, now, language)
    else:
        deadline = say("alarms.by", language, at=clock(alarm.deadline_at, region.timezone))
    if waiting:
        state: list[object] = [tag("b", say("alarms.unacknowledged", language), cls="unacked")]
        if can_act:
            label = f"{say('alarms.acknowledge', language)}: {alarm.cause.said(language)}"
            words = say("alarms.acknowledge", language)
            state.append(
                button(words, "ack-alarm", key="A" if top else None, cls="small", label=label, id=alarm.alarm_id)
            )
    else:
        state = [
            "\u2713 "
            + say(
                "alarms.acknowledged",
                language,
                actor=alarm.acked_by,
                at=clock(alarm.acked_at, region.timezone, seconds=True),
            )
        ]
    return tag(
        "div",
        incident_mark(alarm.priority, 18),
        tag("span", clock(alarm.raised_at, region.timezone, seconds=True), cls="num"),
        tag("span", alarm.cause.said(language), cls="cut cause", title=alarm.cause.said(language)),
        tag("span", say("alarms.action", language, what=alarm.action.said(language)), cls="cut"),
        tag("span", deadline, cls="due"),
        tag("span", *state, cls="ackstate"),
        role="listitem",
        data_key=f"alarm-{alarm.alarm_id}",
        cls=f"alarm p{alarm.priority}" + ("" if waiting else " quiet"),
    )
