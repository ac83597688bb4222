"""A situation named on the command line: a scenario, a situation file, or a plan file that carries its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import msgspec

from console.cli_words import err, said, say
from console.paths import cache_folder
from data.array_cache import ArrayCache
from data.errors import TongzhouError
from data.forces import CraftState
from data.geography import Region
from data.situation import Situation

if TYPE_CHECKING:
    from routing.deploy.lane_book import LaneBook
    from routing.network.network import Network


class SituationFileError(ValueError, TongzhouError):
    """A file that holds no situation of this region, with what is wrong and where."""


class OutputFileError(ValueError, TongzhouError):
    """A file that cannot be written."""


@dataclass(frozen=True)
class Asked:
    """A situation and what it is called."""

    title: str
    situation: Situation


def read_asked(name: str, folder: Path, region: Region) -> Asked:
    """Read a scenario by id or YAML file, or a situation from JSON.

    Raises SituationFileError naming the field or the place where the JSON breaks off, and what reading a scenario
    raises.
    """
    from data.roster import read_forces
    from data.scenario import find_scenario, read_scenario

    file = Path(name)
    if file.suffix == ".json":
        return Asked(file.name, _read_file(file, region))
    scenario = read_scenario(find_scenario(name), region, read_forces(folder, region))
    return Asked(said(scenario.title), scenario.situation())


def _read_file(file: Path, region: Region) -> Situation:
    document = file.read_bytes()
    try:
        keys = msgspec.json.decode(document, type=dict[str, msgspec.Raw])
        inside = "situation" in keys and "at" not in keys  # a plan file
        found = msgspec.json.decode(keys["situation"] if inside else document, type=Situation | None)
    except (msgspec.DecodeError, UnicodeDecodeError, ValueError) as error:
        raise SituationFileError(
            say(
                f"{file} 不是有效的态势：{error}。请用 tongzhou deploy --json 导出的方案，或其中的 situation。",
                f"{file} is not a situation: {error}. "
                "Give a plan written by 'tongzhou deploy --json', or the 'situation' inside one.",
            )
        ) from None
    if found is None:
        raise SituationFileError(
            say(f"{file} 未附态势。请用 --json 重新导出。", f"{file} holds no situation. Export it again with --json.")
        )
    if found.region_id != region.id:
        raise SituationFileError(
            say(
                f"{file} 属于区域“{found.region_id}”，而不是“{region.id}”。请用 --region 指明其文件夹。",
                f"{file} is of the region '{found.region_id}', not '{region.id}'. Name its folder with --region.",
            )
        )
    for zh, en in _strange(found, region):
        raise SituationFileError(say(f"{file}：{zh}请更正。", f"{file}: {en} Correct it."))
    return found


def _strange(situation: Situation, region: Region) -> Iterator[tuple[str, str]]:
    """Yield what a situation speaks of that the region does not hold, and moments without an offset."""
    places = {place.id for place in region.places()}
    moments = {"at": situation.at}
    if situation.forecast is not None:
        moments |= {
            "forecast.issued_at": situation.forecast.issued_at,
            "forecast.valid_to": situation.forecast.valid_to,
        }
        moments |= {f"forecast.hours[{n}]": hour.valid_from for n, hour in enumerate(situation.forecast.hours)}
    for closure in situation.closures:
        moments[f"closures {closure.id}.from_at"] = closure.from_at
        if closure.until_at is not None:
            moments[f"closures {closure.id}.until_at"] = closure.until_at
    for name, moment in moments.items():
        if moment.tzinfo is None:
            yield f"{name} 没有时区。", f"{name} has no offset from UTC."
    for craft in situation.craft:
        if craft.craft.class_id not in region.craft_classes:
            yield (
                f"船艇 {craft.craft.id} 的类型“{craft.craft.class_id}”不在本区域。",
                f"craft {craft.craft.id} is of class '{craft.craft.class_id}', which the region does not have.",
            )
    for unit in (*situation.craft, *situation.groups):
        name = unit.craft.id if isinstance(unit, CraftState) else unit.group.id
        if unit.site_id is not None and unit.site_id not in places:
            yield (
                f"{name} 在“{unit.site_id}”，本区域没有此地。",
                f"{name} is at '{unit.site_id}', a place the region does not have.",
            )
        if not (-90 <= unit.lat_deg <= 90 and -180 <= unit.lon_deg <= 180):
            yield f"{name} 的经纬度超出范围。", f"{name} is at a longitude or latitude out of range."
    for incident in situation.incidents:
        if incident.island_id not in region.islands:
            yield (
                f"警情 {incident.id} 在“{incident.island_id}”，本区域没有此岛。",
                f"incident {incident.id} is on '{incident.island_id}', an island the region does not have.",
            )


def networks(region: Region) -> tuple[Network, LaneBook]:
    """Return the networks of a region and the lanes between its piers, from the cache or built now."""
    from routing.deploy.lane_book import LaneBook
    from routing.network.network import Network

    with err().status(say("正在载入海陆空路网", "Loading the networks")):
        cache = ArrayCache(cache_folder())
        network = Network.build(region, cache)
        return network, LaneBook.build(network, cache)


def clock(moment: datetime, region: Region) -> str:
    """Return a moment in the region's local time."""
    return f"{moment.astimezone(ZoneInfo(region.timezone)):%Y-%m-%d %H:%M} {region.timezone}"


def forecast_words(situation: Situation, region: Region) -> str:
    """Return which forecast an answer rests on, and how old it is."""
    forecast = situation.forecast
    if forecast is None:
        return say("无预报，按平静天气（假定）", "no forecast: calm weather assumed")
    age_min = max(0, round((situation.at - forecast.issued_at).total_seconds() / 60))
    return say(
        f"预报 {forecast.id}，{clock(forecast.issued_at, region)} 发布（{age_min} 分钟前）",
        f"forecast {forecast.id}, issued {clock(forecast.issued_at, region)} ({age_min} min before)",
    )


def check_writable(file: Path) -> None:
    """Refuse at once what could not be written at the end; raises OutputFileError naming file and remedy."""
    folder = file.absolute().parent
    try:
        if file.is_dir():
            raise IsADirectoryError(21, say("是文件夹", "it is a folder"))
        if file.exists():
            file.open("ab").close()
        else:
            file.open("xb").close()
            file.unlink()
    except OSError as error:
        reason = error.strerror if folder.is_dir() else say("没有这个文件夹", "there is no such folder")
        raise OutputFileError(
            say(
                f"不能写入 {file}（{folder}：{reason}）。请指明可写的文件。",
                f"{file} cannot be written ({folder}: {reason}). Name a file you may write.",
            )
        ) from None


def write_out(document: object, file: Path) -> None:
    """Write a document as JSON to a file, or to standard output for ``-``."""
    import json

    from console.cli_words import out

    if str(file) == "-":
        out().print(json.dumps(document, ensure_ascii=False), markup=False, soft_wrap=True)
        return
    file.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    err().print(say(f"已写入 {file}", f"Written to {file}"), markup=False)
