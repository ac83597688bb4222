"""Decide commands about closures and forecasts."""

from __future__ import annotations

from datetime import timedelta
from difflib import get_close_matches

from console.commands import IssueForecast, LiftClosure, SetClosure
from console.decide.ground import Ground, RefusedError
from console.decide.texts import PLACE_LIMIT, REASON_LIMIT, read_both, read_text
from data.journal.events import ClosureLifted, ClosureSet, ForecastIssued
from data.journal.interface import Entry
from data.text import Text
from data.weather import Closure

WEATHER_STREAM = "weather"
# One for all of them: whoever rests on the closures of now can name it, also where none is set yet.
CLOSURES_STREAM = "closures"


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
    """A forecast in force has not run out, speaks of known zones, and is newer than the one it replaces."""
    forecast, standing = command.forecast, ground.picture.forecast
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
    return [ground.entry(WEATHER_STREAM, ForecastIssued(forecast=forecast))]
