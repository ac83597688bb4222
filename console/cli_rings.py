"""Rings of minutes round places and units, as a table and as GeoJSON."""

from __future__ import annotations

from difflib import get_close_matches
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any

from console.cli_situation import Asked, check_writable, clock, forecast_words, networks, read_asked, write_out
from console.cli_tables import MODES
from console.cli_words import err, out, said, say
from data.errors import TongzhouError, UnknownNameError
from data.forces import FREE
from data.geography import Place, Region
from data.text import Text

if TYPE_CHECKING:
    from routing.network.network import Network
    from routing.network.rings import Moment, Rings, StandingUnit

M2_A_KM2 = 1e6


class RingQuestionError(ValueError, TongzhouError):
    """A question about rings that leaves something out or says it twice."""


def run_rings(
    folder: Path,
    place: str | None,
    lon: float | None,
    lat: float | None,
    units: str | None,
    by: str,
    minutes: str,
    weather: str | None,
    output: Path | None,
) -> int:
    """Print what is reached in so many minutes and by which way; 1 where nothing is reached at all."""
    from data.region_reader import read_region
    from routing.network.rings import rings

    counts = _minutes(minutes)
    if sum((place is not None, lon is not None or lat is not None, units is not None)) != 1:
        raise RingQuestionError(
            say(
                "请给出 --place，或 --lon 与 --lat，或 --units，三者取一。",
                "Give one of --place, --lon with --lat, or --units.",
            )
        )
    if output is not None and str(output) != "-":
        check_writable(output)
    region = read_region(folder)
    named = weather if weather is not None else units
    asked = read_asked(named, folder, region) if named is not None else None
    network, _ = networks(region)
    standing = (
        _units_of(read_asked(units, folder, region), network)
        if units is not None
        else _at(_place(region, network, place, lon, lat), by, region)
    )
    moment = _moment(asked)
    with err().status(say("正在计算", "Working")):
        found = rings(network, standing, counts, moment)
    if output is not None:
        write_out(_document(found, standing, region, moment), output)
    if output is None or str(output) != "-":
        _print(found, standing, region, network, moment, asked)
    return 0 if any(not found.area(count).is_empty for count in counts) else 1


def _held(standing: list[StandingUnit], network: Network, moment: Moment) -> list[str]:
    """Return which classes may not be under way where they stand, and why."""
    if moment.at is None:
        return []
    found: dict[str, str] = {}
    for unit in standing:
        craft_class, place = unit.craft_class, unit.place
        if craft_class is None or craft_class.mode == "road":
            continue
        zone_id = network.zone_of(place.lon_deg, place.lat_deg)
        state = network.craft_state(craft_class, zone_id, moment.forecast, moment.at, moment.closures)
        if state.status == "closed" and state.text is not None:
            key = f"{said(craft_class.name)}, {said(network.region.zones[zone_id].name)}"
            found[key] = f"{key}: {said(state.text)}"
    return list(found.values())


def _minutes(given: str) -> list[int]:
    try:
        counts = sorted({int(one) for one in given.split(",")})
    except ValueError:
        raise RingQuestionError(
            say(
                f"--minutes “{given}”应为整数，以逗号分隔，如 1,3,5。",
                f"--minutes '{given}': give whole numbers like 1,3,5.",
            )
        ) from None
    return counts


def _place(region: Region, network: Network, name: str | None, lon: float | None, lat: float | None) -> Place:
    if name is not None:
        for place in region.places():
            if name in (place.id, place.name.zh, place.name.en):
                return place
        ids = [place.id for place in region.places()]
        near = get_close_matches(name.casefold(), ids, n=3, cutoff=0.5) or [one for one in ids if name in one][:3]
        raise UnknownNameError("place", name, near, where=say("区域数据文件夹", "the region folder"))
    west, south, east, north = region.bounds_deg
    if lon is None or lat is None or not (isfinite(lon) and isfinite(lat)):
        raise RingQuestionError(say("请同时给出 --lon 与 --lat。", "Give both --lon and --lat."))
    if not (west <= lon <= east and south <= lat <= north):
        raise RingQuestionError(
            say(
                f"{lon:g}, {lat:g} 不在本区域（经度 {west:g}-{east:g}，纬度 {south:g}-{north:g}）内。请更正。",
                f"{lon:g}, {lat:g} lies outside the region (longitude {west:g} to {east:g}, "
                f"latitude {south:g} to {north:g}). Correct it.",
            )
        )
    island_id = network.island_at(lon, lat) or ""
    return Place(
        id="point", kind="field", name=Text("所给位置", "point"), island_id=island_id, lon_deg=lon, lat_deg=lat
    )


def _at(place: Place, by: str, region: Region) -> list[StandingUnit]:
    """Return one unit of each way at a place; boats and helicopters cast off at once."""
    from routing.network.rings import StandingUnit

    standing = []
    for name in dict.fromkeys(one.strip() for one in by.split(",")):
        if name == "foot":
            standing.append(StandingUnit("foot", place))
        elif name in region.craft_classes:
            standing.append(StandingUnit(name, place, region.craft_classes[name]))
        else:
            known = ["foot", *region.craft_classes]
            raise UnknownNameError("class", name, get_close_matches(name, known, n=3), known=known)
    return standing


def _units_of(asked: Asked, network: Network) -> list[StandingUnit]:
    """Return the free units of a situation where they stand: groups by road, craft by their own way, after notice."""
    from routing.network.rings import StandingUnit

    region, situation = network.region, asked.situation
    car = next((one for one in region.craft_classes.values() if one.mode == "road"), None)
    standing = []
    for state in (*situation.craft, *situation.groups):
        name = state.craft.id if hasattr(state, "craft") else state.group.id
        craft_class = region.craft_classes[state.craft.class_id] if hasattr(state, "craft") else car
        if state.status not in FREE or state.excluded is not None or name in situation.forbidden:
            continue
        if craft_class is not None and not craft_class.seats:
            continue
        place = (
            region.place(state.site_id)
            if state.site_id
            else Place(
                id=name,
                kind="field",
                name=Text(name, name),
                island_id=network.island_at(state.lon_deg, state.lat_deg) or "",
                lon_deg=state.lon_deg,
                lat_deg=state.lat_deg,
            )
        )
        standing.append(StandingUnit(name, place, craft_class, state.ready_in_min))
    if not standing:
        raise RingQuestionError(say(f"{asked.title}：没有空闲力量。", f"{asked.title}: no unit is free."))
    return standing


def _moment(asked: Asked | None) -> Moment:
    from routing.network.rings import CALM, Moment

    if asked is None:
        return CALM
    situation = asked.situation
    return Moment(situation.at, situation.forecast, situation.closures)


def _document(found: Rings, standing: list[StandingUnit], region: Region, moment: Moment) -> dict[str, Any]:
    """Return the areas as GeoJSON features, one a number of minutes and way, the largest first."""
    from shapely.geometry import mapping

    features = [
        {
            "type": "Feature",
            "geometry": mapping(area),
            "properties": {"minutes": count, "way": way, "estimate": way == "road", "units": len(standing)},
        }
        for count, by_way in sorted(found.by_way.items(), reverse=True)
        for way, area in by_way.items()
        if not area.is_empty
    ]
    return {
        "type": "FeatureCollection",
        "features": features,
        "properties": {
            "format": "tongzhou-rings/1",
            "region": region.id,
            "at": moment.at.isoformat() if moment.at else None,
            "forecast": moment.forecast.id if moment.forecast else None,
            "assumes": [{"zh": zh, "en": en} for zh, en in ASSUMED],
            "attribution": {"zh": region.attribution.zh, "en": region.attribution.en},
        },
    }


ASSUMED = (
    ("步行 5 公里/时、曲折系数 1.3（假定）", "on foot 5 km/h, ways 1.3 times the straight line (assumed)"),
    ("陆路为估算（直线×曲折系数）", "by road an estimate (straight line x circuity)"),
)


def _print(
    found: Rings, standing: list[StandingUnit], region: Region, network: Network, moment: Moment, asked: Asked | None
) -> None:
    from rich.table import Table

    from routing.network.projection import projection

    metric = projection(region.utm_epsg)
    one = standing[0]
    where = said(one.place.name) if len({unit.place for unit in standing}) == 1 else say("各处", "many places")
    when = clock(moment.at, region) if moment.at else say("平静、开放（假定）", "calm and open (assumed)")
    out().print(f"[bold]{where}[/bold]  {len(standing)} {say('个单位', 'units')}  {when}")
    table = Table(box=None, header_style="bold", pad_edge=False)
    for heading in (say("分钟", "min"), say("方式", "way"), say("面积 (km²)", "area (km2)")):
        table.add_column(heading, justify="left" if heading in ("way", "方式") else "right")
    for count, by_way in found.by_way.items():
        rows = [(way, area) for way, area in by_way.items() if not area.is_empty]
        if not rows:
            table.add_row(str(count), "-", "0")
        for way, area in rows:
            km2 = metric.geometry_to_metres(area).area / M2_A_KM2
            table.add_row(str(count), say(*MODES[way]), f"{km2:.3f}" if km2 < 1 else f"{km2:.1f}")
    out().print(table)
    for words in _held(standing, network, moment):
        out().print(words, style="yellow", markup=False)
    if any(unit.ready_in_min for unit in standing):
        out().print(
            say("自下令起计，含各单位准备时间", "counted from the order, each unit's notice included"), style="dim"
        )
    if asked is not None:
        out().print(forecast_words(asked.situation, region), style="dim", markup=False)
    for zh, en in ASSUMED:
        out().print(say(zh, en), style="dim", markup=False)
    out().print(f"[dim]{said(region.attribution)}[/dim]")
