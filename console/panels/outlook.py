"""What the weather closes now and next: the links strip, the units' limits, the hatches of the legs chart."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal

import msgspec

from console.i18n import both
from data.errors import OutsideForecastError, TongzhouError
from data.forces import CraftClass
from data.geography import Helipad, Pier, Region
from data.plans import Plan
from data.text import Text
from data.weather import Closure, Forecast
from routing.network.conditions import Conditions

if TYPE_CHECKING:
    from data.journal.picture import Picture
    from routing.network.limits import LinkState
    from routing.network.network import Network

LOOK_AHEAD = timedelta(hours=12)
STEP = timedelta(minutes=30)
CHART_STEP = timedelta(minutes=10)
MINUTE = timedelta(minutes=1)


class LinkNote(msgspec.Struct, frozen=True, kw_only=True):
    """One place or class that is, or will be, limited or closed, with the limit in words."""

    subject_id: str
    name: Text
    status: Literal["limited", "closed"]
    at: datetime
    text: Text | None
    short: Text | None = None


class UnitLimit(msgspec.Struct, frozen=True, kw_only=True):
    """The limit a craft runs into where it is: a few words for a row, and the whole sentence."""

    short: Text
    full: Text


class Outlook(msgspec.Struct, frozen=True, kw_only=True):
    """What is closed or limited now, and the first further closure within twelve hours."""

    now: tuple[LinkNote, ...]
    following: LinkNote | None


def build_outlook(
    region: Region,
    network: Network,
    forecast: Forecast | None,
    closures: Iterable[Closure],
    now: datetime,
    zone_id: str,
) -> Outlook:
    """Look over the piers, pads, bridges and classes that carry people in one zone, now and for twelve hours ahead.

    Outside the forecast's hours nothing is said, since nothing is known.
    """
    standing = tuple(closures)
    present = _notes(region, network, forecast, standing, now, zone_id)
    shut = {note.subject_id for note in present if note.status == "closed"}
    for moment in sorted({*moments_ahead(forecast, zone_id, now), *tide_closings(region, forecast, zone_id, now)}):
        later = [
            note
            for note in _notes(region, network, forecast, standing, moment, zone_id)
            if note.status == "closed" and note.subject_id not in shut
        ]
        if later:
            return Outlook(now=present, following=min(later, key=lambda note: _weight(note, region)))
    return Outlook(now=present, following=None)


def _weight(note: LinkNote, region: Region) -> tuple[int, int]:
    """Of what closes at one moment a class of craft is named first, the one with most seats, then a pier."""
    craft_class = region.craft_classes.get(note.subject_id)
    if craft_class is not None:
        return 0, -craft_class.seats
    return (1 if note.subject_id in region.piers else 2), 0


def moments_ahead(forecast: Forecast | None, zone_id: str, now: datetime) -> list[datetime]:
    """Return when things may change within the look-ahead: the forecast's own hours, and each half hour for daylight.

    None of them depends on the minute it is asked, so a closure to come keeps its time.
    """
    hour = now.replace(minute=0, second=0, microsecond=0)
    found = {hour + STEP * step for step in range(1, LOOK_AHEAD // STEP + 2)}
    if forecast is not None:
        found |= {one.valid_from for one in forecast.hours if one.zone_id == zone_id}
    return sorted(moment for moment in found if now < moment <= now + LOOK_AHEAD)


def tide_closings(region: Region, forecast: Forecast | None, zone_id: str, now: datetime) -> set[datetime]:
    """Return when, within the look-ahead, the tide shuts a landing of the zone to a class; it keeps no whole hours."""
    conditions = Conditions(region, forecast, ())
    found: set[datetime] = set()
    for pier in (one for one in region.piers.values() if one.is_tidal and one.zone_id == zone_id):
        for craft_class in (one for one in region.craft_classes.values() if one.berthing & pier.berthing):
            try:
                shuts = conditions.tide_shuts(pier, craft_class)
            except OutsideForecastError:
                return set()
            found |= {shut.from_at for shut in shuts if shut.from_at and now < shut.from_at <= now + LOOK_AHEAD}
    return found


def _notes(
    region: Region,
    network: Network,
    forecast: Forecast | None,
    closures: tuple[Closure, ...],
    at: datetime,
    zone_id: str,
) -> tuple[LinkNote, ...]:
    found: list[LinkNote] = []
    try:
        for bridge in (bridge for bridge in region.bridges.values() if bridge.usable):
            _note(found, bridge.id, bridge.name, network.bridge_state(bridge, forecast, closures, at), at)
        for pier in region.piers.values():
            if pier.zone_id == zone_id:
                _note(found, pier.id, pier.name, network.pier_state(pier, None, forecast, closures, at), at)
        if forecast is not None:
            for craft_class in region.craft_classes.values():
                if craft_class.mode != "road" and craft_class.seats > 0:
                    state = network.craft_state(craft_class, zone_id, forecast, at)
                    _note(found, craft_class.id, craft_class.name, state, at)
    except TongzhouError:  # an hour or zone the forecast does not cover
        return tuple(found)
    return tuple(sorted(found, key=lambda note: note.status))


def _note(found: list[LinkNote], subject_id: str, name: Text, state: object, at: datetime) -> None:
    status = state.status  # type: ignore[attr-defined]
    if status != "open":
        text = state.text  # type: ignore[attr-defined]
        short = short_limit(state) if state.limit else None  # type: ignore[attr-defined,arg-type]
        found.append(LinkNote(subject_id=subject_id, name=name, status=status, at=at, text=text, short=short))


def unit_limits(picture: Picture, region: Region, network: Network, now: datetime) -> dict[str, UnitLimit]:
    """Return, for each craft that the weather limits where it is, that limit."""
    if picture.forecast is None:
        return {}
    known: dict[tuple[str, str], UnitLimit | None] = {}
    found: dict[str, UnitLimit] = {}
    for unit in picture.units.values():
        if unit.class_id is None:
            continue
        key = (unit.class_id, network.zone_of(unit.lon_deg, unit.lat_deg))
        if key not in known:
            known[key] = _craft_limit(region, network, picture.forecast, key, now)
        if limit := known[key]:
            found[unit.unit_id] = limit
    return found


def _craft_limit(
    region: Region, network: Network, forecast: Forecast, key: tuple[str, str], now: datetime
) -> UnitLimit | None:
    try:
        state = network.craft_state(region.craft_classes[key[0]], key[1], forecast, now)
    except TongzhouError:
        return None
    if state.status == "open" or state.text is None:
        return None
    return UnitLimit(short=short_limit(state), full=state.text)


def short_limit(state: LinkState) -> Text:
    """Return a limit as its name, the value met and the bound, e.g. waves 1.6 > 1.5 m; its name alone without them."""
    name = both(f"limit.{state.limit}")
    if state.value is None or state.bound is None:
        return name
    sign = ">" if state.value > state.bound else "<"
    figures = f"{state.value:g} {sign} {state.bound:g} {state.unit or ''}".rstrip()
    return Text(zh=f"{name.zh} {figures}", en=f"{name.en} {figures}")


def landing_closures(
    plan: Plan, picture: Picture, region: Region, network: Network
) -> dict[str, list[tuple[datetime, datetime, Text]]]:
    """Return, by craft, when the landings it uses are closed to it between the plan's start and end."""
    found: dict[str, list[tuple[datetime, datetime, Text]]] = {}
    end = max((leg.arrive_at for leg in plan.legs), default=plan.start_at) + timedelta(hours=1)
    for leg in plan.legs:
        craft_class = region.craft_classes.get(leg.craft_class or "")
        if leg.purpose != "carry" or leg.craft_id is None or craft_class is None:
            continue
        site = region.piers.get(leg.to_site) or region.helipads.get(leg.to_site)
        if site is None or leg.craft_id in found:
            continue
        spans = _closed_spans(site, craft_class, picture, network, plan.start_at, end)
        if spans:
            found[leg.craft_id] = spans
    return found


def _closed_spans(
    site: Pier | Helipad,
    craft_class: CraftClass,
    picture: Picture,
    network: Network,
    start: datetime,
    end: datetime,
) -> list[tuple[datetime, datetime, Text]]:
    closures = tuple(picture.closures.values())

    def state_at(moment: datetime) -> LinkState:
        if isinstance(site, Pier):
            return network.pier_state(site, craft_class, picture.forecast, closures, moment)
        return network.pad_state(site, craft_class, picture.forecast, closures, moment)

    spans: list[tuple[datetime, datetime, Text]] = []
    moment = start
    while moment < end:
        try:
            state = state_at(moment)
            if state.status == "closed":
                text = state.text or site.name
                if spans and spans[-1][1] == moment:
                    spans[-1] = (spans[-1][0], moment + CHART_STEP, spans[-1][2])
                else:
                    spans.append((_first_closed(state_at, moment, start), moment + CHART_STEP, text))
        except TongzhouError:
            break
        moment += CHART_STEP
    return spans


def _first_closed(state_at: Callable[[datetime], LinkState], moment: datetime, start: datetime) -> datetime:
    """Return the minute of the step before ``moment`` from which it is closed: the tide keeps no round times."""
    first, open_at = moment, moment - CHART_STEP
    while first - MINUTE > max(open_at, start - MINUTE) and state_at(first - MINUTE).status == "closed":
        first -= MINUTE
    return first


def tightest_departure(
    plan: Plan, picture: Picture, closed: Mapping[str, list[tuple[datetime, datetime, Text]]], language: str
) -> tuple[str, datetime, Text] | None:
    """Return the craft whose landing closes soonest after it, the last moment it may leave, and why."""
    found: list[tuple[datetime, str, Text]] = []
    for leg in plan.legs:
        if leg.purpose != "carry" or leg.craft_id is None:
            continue
        sail = leg.arrive_at - leg.depart_at
        after = [(begin, text) for begin, _, text in closed.get(leg.craft_id, ()) if begin >= leg.arrive_at]
        if after:
            found.append((after[0][0] - sail, leg.craft_id, after[0][1]))
    if not found:
        return None
    at, craft_id, text = min(found, key=lambda entry: entry[:2])
    unit = picture.units.get(craft_id)
    name = (unit.call_sign.zh if language == "zh" else unit.call_sign.en) if unit else craft_id
    return name, at, text
