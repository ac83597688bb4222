"""The time slider: the journal's span with a tick an event, for looking back and coming back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from console.i18n import say
from console.panels.figures import clock, date, epoch_ms
from console.panels.markup import Html, button, tag
from data.geography import Region
from data.journal.history import HOUR
from data.text import Language

STEP = timedelta(minutes=1)
# Marks closer than this share of the track are drawn as one.
MARK_PERCENT = 0.25
THUMB_PX = 16


def slider_marks(start: datetime, end: datetime, moments: Iterable[datetime]) -> list[float]:
    """Return where the events stand on the slider, in percent, merged where they would touch."""
    length = (end - start).total_seconds()
    if length <= 0:
        return []
    found: list[float] = []
    for moment in sorted(moments):
        place = 100 * (moment - start).total_seconds() / length
        if 0 <= place <= 100 and (not found or place - found[-1] >= MARK_PERCENT):
            found.append(place)
    return found


def mark_style(place: float) -> str:
    """Return where a mark stands: the thumb's centre keeps half its width from either end of the track."""
    return f"left:calc({THUMB_PX / 2:g}px + (100% - {THUMB_PX}px) * {place / 100:.4f})"


def slider_html(
    start: datetime,
    end: datetime,
    replay_at: datetime | None,
    moments: Iterable[datetime],
    region: Region,
    language: Language,
    *,
    playing: bool = False,
    unread_hours: Sequence[datetime] = (),
) -> Html:
    """Return the slider from the journal's first moment to now; ``moments`` are the events' world times.

    ``unread_hours`` are those whose positions the replayed moment should rest on and does not.
    """
    at = min(max(replay_at or end, start), end)
    events = sorted(set(moments))
    earlier = max((moment for moment in events if moment < at), default=start)
    later = min((moment for moment in events if moment > at), default=end)
    marks = [tag("i", cls="mark", style=mark_style(place)) for place in slider_marks(start, end, events)]
    zone = region.timezone

    def seek(words: str, moment: datetime, mark: str) -> Html:
        return button(mark, "replay-seek", cls="small", label=words, value=epoch_ms(min(max(moment, start), end)))

    track = tag(
        "div",
        *marks,
        tag(
            "input",
            type="range",
            id="replay-slider",
            min=epoch_ms(start),
            max=max(epoch_ms(end), epoch_ms(start) + 1000),
            value=epoch_ms(at),
            step=1000,
            data_act="replay-seek",
            data_key="replay-slider",
            aria_label=say("slider.label", language),
            aria_valuetext=clock(at, zone, seconds=True),
        ),
        cls="track",
    )
    return tag(
        "section",
        button(
            "\u2016" if playing else "\u25b6",
            "replay-play",
            cls="small",
            label=say("slider.stop" if playing else "slider.play", language),
        ),
        seek(say("slider.previous", language), earlier, "|<"),
        seek(say("slider.back", language), at - STEP, "\u22121 min"),
        tag("span", clock(start, zone), cls="num dim"),
        track,
        tag("span", clock(end, zone), cls="num dim"),
        seek(say("slider.forward", language), at + STEP, "+1 min"),
        seek(say("slider.next", language), later, ">|"),
        tag("b", f"{date(at, zone, language)} {clock(at, zone, seconds=True)}", cls="num") if replay_at else None,
        button(say("slider.now", language), "replay-live", key="F1", cls="primary") if replay_at else None,
        _note(replay_at, len(events), unread_hours, zone, language),
        cls="room slider" + (" replaying" if replay_at else ""),
    )


def _note(
    replay_at: datetime | None, count: int, unread_hours: Sequence[datetime], timezone: str, language: Language
) -> Html:
    """What the replay does not know comes before how much there is to see."""
    if replay_at is None:
        return tag("span", say("slider.hint", language, count=count), cls="dim")
    if not unread_hours:
        return tag("span", say("slider.events", language, count=count), cls="dim")
    first, end = min(unread_hours), max(unread_hours) + HOUR
    hours = f"{clock(first, timezone)}\u2013{clock(end, timezone)}"
    why = say("history.missing_why", language, span=f"{date(first, timezone, language)} {hours}")
    return tag("b", say("history.missing", language, span=hours), cls="chip amber", role="status", title=why)
