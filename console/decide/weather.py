"""Decide commands about closures and forecasts."""

from __future__ import annotations

from datetime import datetime, timedelta
from difflib import get_close_matches

from console.commands import IssueForecast, LiftClosure, LiftZoneWeather, SetClosure, SetZoneWeather
from console.decide.ground import Ground, RefusedError
from console.decide.texts import PLACE_LIMIT, REASON_LIMIT, read_both, read_text
from data.forecast_gaps import filled
from data.journal.events import ClosureLifted, ClosureSet, ForecastIssued, ZoneWeatherLifted, ZoneWeatherSet
from data.journal.interface import Entry
from data.manual_weather import FIELD_BOUNDS, ManualValue, bounds_fault
from data.text import Text
from data.weather import Closure

WEATHER_STREAM = "weather"
# One for all of them: whoever rests on the closures of now can name it, also where none is set yet.
CLOSURES_STREAM = "closures"
# What an officer sees does not hold for longer: what comes later is the forecast's.
LONGEST_MANUAL = timedelta(hours=24)


def set_closure(command: SetClosure, ground: Ground) -> list[Entry]:
    """A closure names a place that exists, gives a reason, and ends after it begins."""
    region = ground.region
    known = {
        "pier": region.piers,
        "helipad": region.helipads,
        "bridge": region.bridges,
        "island": region.islands,
        "zone": region.zones,
        "road": region.islands,
    }[command.target_kind]
    target_id = read_text(command.target_id, Text("编号", "id"), PLACE_LIMIT)
    if target_id not in known:
        near = get_close_matches(target_id, [*known], n=3)
        raise RefusedError(
            f"没有“{target_id}”可封闭。" + (f"是否为:{'、'.join(near)}?" if near else "请查名称。"),
            f"There is no {command.target_kind} '{target_id}' to close. "
            + (f"Did you mean {', '.join(near)}?" if near else "Check the name."),
        )
    reason = read_both(command.reason, Text("理由", "reason"), REASON_LIMIT)
    if not (reason.zh or reason.en):
        raise RefusedError("请写明封闭原因。", "Give the reason for the closure.")
    if command.minutes is not None and command.minutes < 1:
        raise RefusedError("封闭时长至少 1 分钟。", "A closure lasts 1 minute or more.")
    closure = Closure(
        id=f"closure-{ground.picture.seq + 1}",
        target_kind=command.target_kind,
        target_id=target_id,
        from_at=ground.now,
        until_at=None if command.minutes is None else ground.now + timedelta(minutes=command.minutes),
        reason=reason,
        author=ground.actor,
    )
    return [ground.entry(CLOSURES_STREAM, ClosureSet(closure=closure))]


def lift_closure(command: LiftClosure, ground: Ground) -> list[Entry]:
    """Only a closure that stands can be lifted."""
    if command.closure_id not in ground.picture.closures:
        raise RefusedError(
            f"没有封闭“{command.closure_id}”;可能已解除。",
            f"There is no closure '{command.closure_id}'; it may be lifted.",
        )
    return [ground.entry(CLOSURES_STREAM, ClosureLifted(closure_id=command.closure_id))]


def issue_forecast(command: IssueForecast, ground: Ground) -> list[Entry]:
    """A forecast in force has not run out, speaks of known zones, and is newer than the one it replaces.

    What it leaves out goes into the journal as it is assumed, marked.
    """
    forecast, standing = command.forecast, ground.picture.grid
    strange = sorted({hour.zone_id for hour in forecast.hours} - set(ground.region.zones))
    if strange:
        raise RefusedError(
            f"预报 {forecast.id} 中的海区不存在:{'、'.join(strange[:4])}。",
            f"The forecast {forecast.id} speaks of unknown zones: {', '.join(strange[:4])}. Correct its zones.",
        )
    if forecast.valid_to <= ground.now:
        raise RefusedError(
            f"预报 {forecast.id} 已过有效期。请用更新的预报。",
            f"The forecast {forecast.id} has run out. Issue a newer one.",
        )
    if standing is not None and forecast.issued_at < standing.issued_at:
        raise RefusedError(
            f"预报 {forecast.id} 早于现行预报 {standing.id}。",
            f"The forecast {forecast.id} is older than {standing.id}.",
        )
    return [ground.entry(WEATHER_STREAM, ForecastIssued(forecast=filled(forecast, ground.region)))]


def set_zone_weather(command: SetZoneWeather, ground: Ground) -> list[Entry]:
    """An officer's value names a zone of the forecast in force, a reason, an end within a day, values within bounds."""
    zone_id = read_text(command.zone_id, Text("海区", "zone"), PLACE_LIMIT)
    zone = ground.region.zones.get(zone_id)
    if zone is None:
        near = get_close_matches(zone_id, [*ground.region.zones], n=3)
        raise RefusedError(
            f"没有海区“{zone_id}”。" + (f"是否为:{'、'.join(near)}?" if near else "请查名称。"),
            f"There is no zone '{zone_id}'. " + (f"Did you mean {', '.join(near)}?" if near else "Check the name."),
        )
    grid = ground.picture.grid
    if grid is None or all(hour.zone_id != zone_id for hour in grid.hours):
        raise RefusedError(
            f"{zone.name.zh}没有生效的预报,人工值无从订正。请先发布预报。",
            f"No forecast is in force for {zone.name.en}, so there is nothing to correct. Issue a forecast first.",
        )
    reason = read_both(command.reason, Text("理由", "reason"), REASON_LIMIT)
    if not (reason.zh or reason.en):
        raise RefusedError(
            "请写明人工值的依据,例如“码头目测”。", "Say what the value rests on, e.g. 'seen from the pier'."
        )
    _check_end(command.until_at, ground)
    given = {name: value for name in FIELD_BOUNDS if (value := getattr(command, name)) is not None}
    if fault := bounds_fault(given):
        raise RefusedError(fault.zh, fault.en)
    value = ManualValue(
        id=f"manual-{ground.picture.seq + 1}",
        zone_id=zone_id,
        from_at=ground.now,
        until_at=command.until_at,
        issued_at=ground.now,
        author=ground.actor,
        reason=reason,
        **given,
    )
    return [ground.entry(WEATHER_STREAM, ZoneWeatherSet(value=value))]


def _check_end(until_at: datetime, ground: Ground) -> None:
    if until_at.tzinfo is None:
        raise RefusedError("结束时间没有时区。", "The end has no offset from UTC. Give one.")
    if until_at <= ground.now:
        raise RefusedError("结束时间已过。请给以后的时间。", "The end lies in the past. Give a later time.")
    if until_at - ground.now > LONGEST_MANUAL:
        raise RefusedError(
            "人工值最长 24 小时;更远以预报为准。",
            "A manual value holds for 24 hours at most; beyond, the forecast does.",
        )


def lift_zone_weather(command: LiftZoneWeather, ground: Ground) -> list[Entry]:
    """Only values that still hold can be taken back: one by its id, or all of a zone."""
    standing = [one for one in ground.picture.manual_weather.values() if one.until_at > ground.now]
    wanted = [
        one
        for one in standing
        if (command.value_id and one.id == command.value_id) or (command.zone_id and one.zone_id == command.zone_id)
    ]
    if not wanted:
        name = (command.value_id or command.zone_id)[:PLACE_LIMIT]
        raise RefusedError(
            f"“{name}”没有仍有效的人工值;可能已到期或已撤回。",
            f"No manual value of '{name}' still holds; it may have ended or been taken back.",
        )
    first, *rest = wanted
    entries = [ground.entry(WEATHER_STREAM, ZoneWeatherLifted(value_id=first.id))]
    return entries + [Entry(stream=WEATHER_STREAM, event=ZoneWeatherLifted(value_id=one.id)) for one in rest]
