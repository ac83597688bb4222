"""A forecast in words: what it covers and lacks, warnings, officers' values, what is closed until when and why."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from console.cli_situation import check_writable, clock, read_asked, write_out
from console.cli_words import out, said, say
from data.errors import TongzhouError, UnknownNameError
from data.forecast_file import file_assumptions, read_forecast_file
from data.forecast_gaps import AssumedSpan, assumed_spans, assumptions, filled
from data.geography import Region
from data.manual_weather import ManualValue
from data.region_reader import read_region
from data.text import Text
from data.weather import Closure, Forecast, ZoneHour, beaufort
from data.weather_warnings import WeatherWarning
from routing.network.closed_now import PlaceState, closed_now
from routing.network.limits import compass_point

FORMAT = "tongzhou-forecast/1"
KINDS = {
    "pier": ("码头", "pier"),
    "helipad": ("停机坪", "helipad"),
    "bridge": ("桥梁", "bridge"),
    "road": ("道路", "roads of"),
    "island": ("岛屿", "island"),
    "zone": ("海区", "zone"),
}
STATUSES = {"open": ("开放", "open"), "limited": ("受限", "limited"), "closed": ("封闭", "closed")}
CLOCK = re.compile(r"(\d{1,2})[:：](\d{2})")


class WhenError(ValueError, TongzhouError):
    """A moment that cannot be read, with how to write one."""


class NoForecastError(ValueError, TongzhouError):
    """A situation that holds no forecast to look at."""


@dataclass(frozen=True)
class Sky:
    """A forecast to look at: as it stands with officers' values, the closures of people, and the moment meant."""

    title: str
    forecast: Forecast
    closures: tuple[Closure, ...]
    at: datetime
    values: tuple[ManualValue, ...]
    assumed: tuple[Text, ...]


def run_check(folder: Path, named: str, json_file: Path | None) -> int:
    """Say what a forecast covers and what is assumed where it does not; 1 where something is."""
    if json_file is not None and str(json_file) != "-":
        check_writable(json_file)
    region = read_region(folder)
    sky = _read(named, folder, region)
    gaps = assumed_spans(sky.forecast)
    told = (*sky.assumed, *assumptions(sky.forecast, region))
    if json_file is not None:
        write_out({**_document(sky, region, sky.at), "gaps": msgspec.to_builtins(gaps)}, json_file)
    if json_file is None or str(json_file) != "-":
        _print_head(sky, region)
        _print_coverage(sky.forecast, gaps, region)
        _print_said(sky, region, sky.at, told, region.zones)
        out().print(
            say(f"{len(gaps)} 处缺失", f"{len(gaps)} gap{'' if len(gaps) == 1 else 's'}")
            if gaps
            else say("无缺失", "no gaps"),
            style="bold",
        )
    return 1 if gaps else 0


def run_show(
    folder: Path, named: str, at: str | None, zone: str | None, island: str | None, json_file: Path | None
) -> int:
    """Say what the weather is at a moment and what is closed, until when and why."""
    if json_file is not None and str(json_file) != "-":
        check_writable(json_file)
    region = read_region(folder)
    for kind, name, known in (("zone", zone, region.zones), ("island", island, region.islands)):
        if name is not None and name not in known:
            raise UnknownNameError(kind, name, get_close_matches(name, list(known), n=3), known=list(known))
    sky = _read(named, folder, region)
    moment = _moment(at, sky.at, region)
    places = [
        one
        for one in closed_now(region, sky.forecast, sky.closures, moment)
        if (zone is None or one.zone_id == zone) and (island is None or one.island_id == island)
    ]
    told = (*sky.assumed, *assumptions(sky.forecast, region, moment))
    told += tuple(one.assumed for one in places if one.assumed is not None)
    if json_file is not None:
        write_out(_document(sky, region, moment, places, told), json_file)
    if json_file is None or str(json_file) != "-":
        _print_head(sky, region)
        zones = [one for one in region.zones if _concerns(one, zone, island, places)]
        _print_weather(sky.forecast, region, moment, zones)
        _print_closed(places, region, moment)
        _print_said(sky, region, moment, told, zones)
    return 0


def _read(named: str, folder: Path, region: Region) -> Sky:
    if named.lower().endswith(".csv"):
        forecast = read_forecast_file(Path(named), region)
        return Sky(forecast.id, forecast, (), forecast.issued_at, (), (file_assumptions(forecast),))
    values: tuple[ManualValue, ...] = ()
    if named.lower().endswith(".json"):
        asked = read_asked(named, folder, region)
        title, situation = asked.title, asked.situation
    else:
        from data.roster import read_forces
        from data.scenario import find_scenario, read_scenario

        scenario = read_scenario(find_scenario(named), region, read_forces(folder, region))
        title, situation, values = said(scenario.title), scenario.situation(), scenario.manual_weather
    forecast = situation.forecast
    if forecast is None:
        raise NoForecastError(
            say(f"“{title}”没有预报。请给带预报的想定。", f"'{title}' holds no forecast. Name one that does.")
        )
    if set(region.zones) - {hour.zone_id for hour in forecast.hours}:  # a situation's, as somebody else wrote it
        forecast = filled(forecast, region)
    return Sky(title, forecast, situation.closures, situation.at, values, ())


def _moment(given: str | None, usual: datetime, region: Region) -> datetime:
    """Return the moment meant; a bare clock is of the situation's day, a time without offset the region's."""
    local = ZoneInfo(region.timezone)
    if given is None:
        return usual
    if (match := CLOCK.fullmatch(given.strip())) and int(match[1]) < 24 and int(match[2]) < 60:
        return usual.astimezone(local).replace(hour=int(match[1]), minute=int(match[2]), second=0, microsecond=0)
    try:
        moment = datetime.fromisoformat(given.strip())
    except ValueError:
        raise WhenError(
            say(
                f"--at “{given}”不是时刻。例：18:00、2026-09-13T06:00、2026-09-13T06:00+08:00。",
                f"--at '{given}' is no time. Write e.g. 18:00, 2026-09-13T06:00 or 2026-09-13T06:00+08:00.",
            )
        ) from None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=local)


def _print_head(sky: Sky, region: Region) -> None:
    forecast = sky.forecast
    out().print(f"{sky.title}  {forecast.id}", style="bold", markup=False)
    author = f"{forecast.author}; " if forecast.author else ""
    out().print(
        say(
            f"{clock(forecast.issued_at, region)} 发布，有效至 {clock(forecast.valid_to, region)}；"
            f"{author}来源：{forecast.source}",
            f"issued {clock(forecast.issued_at, region)}, valid to {clock(forecast.valid_to, region)}; "
            f"{author}source: {forecast.source}",
        ),
        style="dim",
        markup=False,
    )


def _print_coverage(forecast: Forecast, gaps: Sequence[AssumedSpan], region: Region) -> None:
    from console.cli_tables import print_table

    headings = (
        say("海区", "zone"), say("时次", "rows"), say("自", "from"), say("至", "to"), say("人工值", "manual"),
        say("缺失", "missing"),
    )  # fmt: skip
    rows = []
    for zone_id, zone in region.zones.items():
        own = [one for one in forecast.hours if one.zone_id == zone_id and _is_own(one)]
        missing = [
            f"{_short(gap.from_at, region)} - {_short(gap.until_at, region)}" for gap in gaps if gap.zone_id == zone_id
        ]
        manual = sum(one.mark is not None and one.mark.kind == "manual" for one in own)
        rows.append(
            (
                said(zone.name),
                str(len(own)),
                _short(own[0].valid_from, region) if own else "-",
                _short(forecast.valid_to, region) if own else "-",
                str(manual) if manual else "",
                "; ".join(missing),
            )
        )
    print_table(say("覆盖", "Coverage"), headings, rows, right=(headings[1], headings[4]))


def _is_own(hour: ZoneHour) -> bool:
    return hour.mark is None or hour.mark.kind != "assumed"


def _concerns(zone_id: str, zone: str | None, island: str | None, places: Sequence[PlaceState]) -> bool:
    """Tell whether a zone is asked for: by name, or as that of a place on the island asked for."""
    if zone is not None:
        return zone_id == zone
    return island is None or any(one.zone_id == zone_id for one in places)


def _print_weather(forecast: Forecast, region: Region, at: datetime, zones: Sequence[str]) -> None:
    from console.cli_tables import print_table

    headings = (
        say("海区", "zone"), say("风", "wind"), say("阵风", "gusts"), say("浪高", "waves"), say("能见度", "sight"),
        say("流", "current"), say("来历", "whose"),
    )  # fmt: skip
    rows = []
    for zone_id in zones:
        hour = _nearest(forecast, zone_id, at)
        rows.append(
            (
                said(region.zones[zone_id].name),
                f"{said(compass_point(hour.wind_from_deg))} {hour.wind_mps:.1f} m/s ({_bft(hour.wind_mps)})",
                f"{hour.gust_mps:.1f} m/s",
                f"{hour.hs_m:.1f} m {said(compass_point(hour.wave_from_deg))}",
                f"{hour.visibility_m:.0f} m",
                f"{hour.current_kn:.1f} kn",
                _whose(hour, region),
            )
        )
    print_table(say(f"天气 {clock(at, region)}", f"Weather at {clock(at, region)}"), headings, rows)


def _nearest(forecast: Forecast, zone_id: str, at: datetime) -> ZoneHour:
    hours = forecast.zone_hours(zone_id)
    return next((one for one in reversed(hours) if one.valid_from <= at), hours[0])


def _bft(wind_mps: float) -> str:
    return say(f"{beaufort(wind_mps)} 级", f"Bft {beaufort(wind_mps)}")


def _whose(hour: ZoneHour, region: Region) -> str:
    mark = hour.mark
    if mark is None:
        return say("预报", "forecast")
    if mark.kind == "assumed" or mark.issued_at is None:
        return say("假定", "assumed")
    return say(
        f"人工值 {mark.author} {_short(mark.issued_at, region)}",
        f"manual, {mark.author} {_short(mark.issued_at, region)}",
    )


def _print_closed(places: Sequence[PlaceState], region: Region, at: datetime) -> None:
    from console.cli_tables import print_table

    headings = (
        say("地点", "place"),
        say("状态", "status"),
        say("对象", "for"),
        say("原因与结束时间", "why, until when"),
    )
    rows = []
    for place in places:
        for one in place.states:
            everybody = not one.class_ids or (place.status == "closed" and len(place.states) == 1)
            classes = [said(region.craft_classes[name].name) for name in one.class_ids]
            rows.append(
                (
                    f"{said(place.name)} ({say(*KINDS[place.kind])})",
                    say(*STATUSES[place.status]),
                    say("全部", "all") if everybody else ", ".join(classes),
                    said(one.state.text) if one.state.text else "",
                )
            )
    if rows:
        print_table(say("不开放之处", "What is not open"), headings, rows)
    counts = {status: sum(place.status == status for place in places) for status in STATUSES}
    out().print(
        say(
            f"{len(places)} 处：开放 {counts['open']}，受限 {counts['limited']}，封闭 {counts['closed']}",
            f"{len(places)} places: {counts['open']} open, {counts['limited']} limited, {counts['closed']} closed",
        ),
        style="bold",
    )


def _print_said(sky: Sky, region: Region, at: datetime, told: Sequence[Text], zones: Collection[str]) -> None:
    for warning in _standing(sky.forecast, at, zones):
        out().print(said(_warning_words(warning, region)), style="yellow", markup=False)
    for value in sky.values:
        if value.until_at > at and value.zone_id in zones:
            out().print(said(_value_words(value, region)), markup=False)
    for text in told:
        out().print(f"- {said(text)}", style="dim", markup=False)


def _standing(forecast: Forecast, at: datetime, zones: Collection[str]) -> list[WeatherWarning]:
    """Return the warnings not yet over that concern any of some zones, the gravest first."""
    standing = [
        one
        for one in forecast.warnings
        if (one.until_at is None or one.until_at > at) and (not one.zone_ids or set(one.zone_ids) & set(zones))
    ]
    return sorted(standing, key=lambda one: (-one.rank, one.from_at))


def _warning_words(warning: WeatherWarning, region: Region) -> Text:
    zones = [region.zones[name].name if name in region.zones else Text(name, name) for name in warning.zone_ids]
    where = Text("、".join(one.zh for one in zones) or "全域", ", ".join(one.en for one in zones) or "everywhere")
    since, until = _short(warning.from_at, region), _short(warning.until_at, region) if warning.until_at else ""
    return Text(
        f"{warning.name.zh}：{where.zh}，{since} 至 {until or '解除为止'}，{warning.text.zh}"
        f"（{warning.issuer.zh} {_short(warning.issued_at, region)} 发布）",
        f"{warning.name.en}: {where.en}, {since} to {until or 'further notice'}, {warning.text.en} "
        f"({warning.issuer.en}, issued {_short(warning.issued_at, region)})",
    )


def _value_words(value: ManualValue, region: Region) -> Text:
    zone = region.zones[value.zone_id].name
    words, since, until = value.words(), _short(value.issued_at, region), _short(value.until_at, region)
    return Text(
        f"人工值 {zone.zh}：{words.zh}，{value.author} {since} 设定，至 {until}（{value.reason.zh}）",
        f"manual value, {zone.en}: {words.en}, by {value.author} at {since}, until {until} ({value.reason.en})",
    )


def _short(moment: datetime, region: Region) -> str:
    return f"{moment.astimezone(ZoneInfo(region.timezone)):%m-%d %H:%M}"


def _document(
    sky: Sky,
    region: Region,
    at: datetime,
    places: Sequence[PlaceState] | None = None,
    told: Sequence[Text] | None = None,
) -> dict[str, Any]:
    forecast = sky.forecast
    assumed = told if told is not None else (*sky.assumed, *assumptions(forecast, region, at))
    document: dict[str, Any] = {
        "format": FORMAT,
        "region": region.id,
        "at": at.isoformat(),
        "forecast": {
            "id": forecast.id,
            "issued_at": forecast.issued_at.isoformat(),
            "valid_to": forecast.valid_to.isoformat(),
            "author": forecast.author,
            "source": forecast.source,
        },
        "weather": {zone: msgspec.to_builtins(_nearest(forecast, zone, at)) for zone in region.zones},
        "warnings": msgspec.to_builtins(_standing(forecast, at, region.zones)),
        "manual": msgspec.to_builtins([one for one in sky.values if one.until_at > at]),
        "assumes": [{"zh": one.zh, "en": one.en} for one in assumed],
    }
    if places is not None:
        document["places"] = msgspec.to_builtins(places)
    return document
