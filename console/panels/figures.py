"""Write figures as people of the field read them: times, spans, weather, shares."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from console.i18n import say
from data.text import Language
from data.weather import beaufort

COMPASS = ("N", "NNE", "NE", "ENE", "E", "ESE", "SE", "SSE", "S", "SSW", "SW", "WSW", "W", "WNW", "NW", "NNW")
MINUS = "\u2212"
NONE = "\u2014"
DOT = " \u00b7 "


def epoch_ms(moment: datetime) -> int:
    """Return a moment as whole milliseconds since 1970, as the browser counts."""
    return int(moment.timestamp() * 1000)


def local(moment: datetime, timezone: str) -> datetime:
    """Return a moment in the region's local time."""
    return moment.astimezone(ZoneInfo(timezone))


def clock(moment: datetime | None, timezone: str, *, seconds: bool = False) -> str:
    """Return local time of day as 03:36, or 03:36:05; a dash where there is none."""
    if moment is None:
        return NONE
    return f"{local(moment, timezone):%H:%M:%S}" if seconds else f"{local(moment, timezone):%H:%M}"


def day_clock(moment: datetime, now: datetime, timezone: str) -> str:
    """Return local time of day, with month and day before it where that is not today."""
    there = local(moment, timezone)
    return f"{there:%H:%M}" if there.date() == local(now, timezone).date() else f"{there:%m-%d %H:%M}"


def offset(moment: datetime, timezone: str) -> str:
    """Return the local offset from UTC as +08:00."""
    written = f"{local(moment, timezone):%z}"
    return f"{written[:3]}:{written[3:]}"


def date(moment: datetime, timezone: str, language: Language) -> str:
    """Return the local date with its weekday."""
    day = local(moment, timezone)
    return f"{day:%Y-%m-%d} {say('weekday.' + str(day.isoweekday()), language)}"


def span(seconds: float) -> str:
    """Return a span as m:ss, h:mm:ss, or days once past two of them."""
    whole = max(0, int(seconds))
    if whole >= 2 * 86400:
        return f"{whole // 86400} d"
    hours, rest = divmod(whole, 3600)
    minutes, left = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{left:02}" if hours else f"{minutes}:{left:02}"


def share(part: float) -> str:
    """Return a share 0..1 as whole percent, with one digit under ten."""
    percent = part * 100
    digits = f"{percent:.1f}" if 0 < percent < 9.95 else f"{percent:.0f}"
    return f"{digits} %"


def change(part: float) -> str:
    """Return a signed share, e.g. -39 %, with a true minus sign."""
    percent = round(part * 100)
    sign = MINUS if percent < 0 else "+" if percent > 0 else "\u00b1"
    return f"{sign}{abs(percent)} %"


def compass(degrees: float) -> str:
    """Return the 16-point compass word of a bearing."""
    return COMPASS[int((degrees % 360) / 22.5 + 0.5) % 16]


def wind(speed_mps: float, from_deg: float, language: Language) -> str:
    """Return wind as direction, m/s and Beaufort force."""
    return say("weather.wind_value", language, point=compass(from_deg), mps=f"{speed_mps:.1f}", bft=beaufort(speed_mps))


def visibility(metres: float) -> str:
    """Return visibility in km, or in m under one."""
    return f"{metres / 1000:.1f} km" if metres >= 1000 else f"{metres:.0f} m"
