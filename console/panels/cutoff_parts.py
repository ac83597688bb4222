"""What the pages of an island that is cut off share: the state of a study in words, moments, counts, a time scale."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from console.i18n import say
from console.panels.figures import DOT, clock, epoch_ms, local, span
from console.panels.markup import Html, join, tag
from console.studies import Seen
from data.geography import Region
from data.text import Language, Text

HOUR = timedelta(hours=1)
SOON = timedelta(hours=3)


@dataclass(frozen=True)
class Scale:
    """Where moments lie across a chart, in percent of its width."""

    from_at: datetime
    to_at: datetime
    timezone: str

    @property
    def hours(self) -> float:
        """How long the chart is."""
        return (self.to_at - self.from_at) / HOUR

    def percent(self, moment: datetime) -> float:
        """Return where a moment lies, 0 to 100, held within the chart."""
        return max(0.0, min(100.0, 100.0 * ((moment - self.from_at) / (self.to_at - self.from_at))))

    def left(self, moment: datetime) -> str:
        """Return the style that puts something at a moment."""
        return f"left:{self.percent(moment):.2f}%"

    def holds(self, moment: datetime) -> bool:
        """Tell whether a moment lies within the chart."""
        return self.from_at <= moment <= self.to_at

    def ticks(self, every_h: int) -> list[datetime]:
        """Return the whole local hours divisible by so many, within the chart."""
        found, moment = [], local(self.from_at, self.timezone).replace(minute=0, second=0, microsecond=0)
        while moment <= self.to_at:
            if moment >= self.from_at and moment.hour % every_h == 0:
                found.append(moment)
            moment = local(moment + HOUR, self.timezone)
        return found


def study_state(seen: Seen, timezone: str, language: Language) -> Html:
    """Return how old a study is and on which forecast it rests, or that it is being worked out; at the head's end."""
    answer = seen.answer
    parts: list[object] = []
    if answer is not None:
        parts.append(say("study.as_of", language, at=clock(answer.worked_out_at, timezone)))
        if answer.issued_at is None:
            parts.append(say("study.no_forecast", language))
        else:
            parts.append(say("study.forecast", language, at=clock(answer.issued_at, timezone)))
    if seen.working:
        bar = tag("progress", cls="working", aria_label=say("study.working", language))
        parts.append(tag("span", bar, say("study.again" if answer else "study.working", language), cls="busy"))
    return tag("span", join(parts, DOT), cls="dim study", role="status")


def without_answer(seen: Seen, timezone: str, language: Language) -> Html | None:
    """Return what stands in place of an answer that is not there: that it is being worked out, or why it failed."""
    answer = seen.answer
    if answer is not None and answer.value is not None:
        return None
    if answer is not None and answer.fault is not None:
        when = say("study.failed", language, at=clock(answer.worked_out_at, timezone))
        return tag("p", tag("b", when), " ", answer.fault.said(language), cls="loud", role="alert")
    words = "study.working" if seen.working else "study.not_asked"
    return tag("p", say(words, language), cls="note first", role="status")


def day_clock(moment: datetime, timezone: str, language: Language) -> str:
    """Return a moment as its day and local time, e.g. 12日 17:29 or Sat 17:29."""
    there = local(moment, timezone)
    day = Text(f"{there.day}日", say(f"weekday.{there.isoweekday()}", "en")[:3]).said(language)
    return f"{day} {there:%H:%M}"


def near_clock(moment: datetime, now: datetime, timezone: str, language: Language) -> str:
    """Return the local time of day, with the day where it is another than today's."""
    same = local(moment, timezone).date() == local(now, timezone).date()
    return clock(moment, timezone) if same else day_clock(moment, timezone, language)


def time_left(moment: datetime, now: datetime, language: Language, warn: timedelta = SOON) -> Html:
    """Return a timer to a moment: an amber chip in its last hours, red once it has passed, always with words."""
    ms = (moment - now).total_seconds()
    state = "late" if ms < 0 else "soon" if ms <= warn.total_seconds() else "ok"
    return tag(
        "pt-timer",
        say("timer.over" if ms < 0 else "timer.left", language, t=span(abs(ms))),
        data_kind="down",
        data_at=epoch_ms(moment),
        data_limit=epoch_ms(moment),
        data_left=say("timer.left", language, t="{t}"),
        data_over=say("timer.over", language, t="{t}"),
        data_warn=int(warn.total_seconds() * 1000),
        data_state=state,
    )


def count(number: float | None, language: Language) -> str:
    """Return a count with its thousands apart; that it is not known where nobody counted."""
    return say("study.unknown", language) if number is None else f"{round(number):,}"


def age(minutes: int | None, language: Language) -> str:
    """Return the age of a count in its largest whole unit."""
    if minutes is None:
        return say("study.age_unknown", language)
    if minutes < 120:
        return say("study.age_min", language, n=minutes)
    if minutes < 2 * 1440:
        return say("study.age_h", language, n=minutes // 60)
    return say("study.age_d", language, n=minutes // 1440)


def texts(title: str, rows: Sequence[Text], language: Language, *, cls: str = "assumed") -> Html | None:
    """Return sentences under a title that folds them away; nothing where there are none."""
    if not rows:
        return None
    items = [tag("li", one.said(language)) for one in rows]
    return tag("details", tag("summary", f"{title} ({len(rows)})"), tag("ul", *items), cls=f"texts {cls}")


def now_line(scale: Scale, now: datetime, language: Language, *, worded: bool = True) -> Html | None:
    """Return the line of now, with its time in words at the top."""
    if not scale.holds(now):
        return None
    # At either end of the chart the words stand beside the line instead of over it.
    side = " start" if scale.percent(now) < 6 else " end" if scale.percent(now) > 94 else ""
    words = None
    if worded:
        words = tag("b", say("study.now", language, at=clock(now, scale.timezone)), cls=f"nowtag{side}")
    return tag("i", words, cls="nowline", style=scale.left(now))


def island_chooser(region: Region, island_id: str, language: Language) -> Html:
    """Return the list of islands, by name in the language shown."""
    rows = sorted(region.islands.values(), key=lambda one: one.name.said(language))
    options = [tag("option", one.name.said(language), value=one.id, selected=one.id == island_id) for one in rows]
    label = say("island.choose", language)
    return tag("select", *options, data_act="choose-island", aria_label=label, title=label, cls="chooser")
