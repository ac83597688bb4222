"""Commands about places: sea routes, scenarios, and the validation of a region folder."""

from __future__ import annotations

import json
from datetime import UTC
from difflib import get_close_matches
from pathlib import Path

from console.cli_words import err, out, said, say
from console.paths import cache_folder
from data.array_cache import ArrayCache
from data.errors import TongzhouError, UnknownNameError
from data.geography import Place, Region
from data.region_tables import PIERS

KNOTS_A_MPS = 3600 / 1852


class RegionFolderError(ValueError, TongzhouError):
    """A region's folder that is none."""


def run_sea_route(folder: Path, from_pier: str, to_pier: str, craft: str | None, as_json: bool) -> int:
    """Print the way by water between two piers; raises UnknownNameError naming close matches."""
    from data.region_reader import read_region
    from routing.network.network import Network

    region = read_region(folder)
    a, b = _pier(folder, region, from_pier), _pier(folder, region, to_pier)
    craft_class = region.craft_classes.get(craft) if craft else None
    if craft and (craft_class is None or craft_class.mode != "sea"):
        boats = [one.id for one in region.craft_classes.values() if one.mode == "sea"]
        raise UnknownNameError("boat class", craft, get_close_matches(craft, boats, n=3), known=boats)
    with err().status(say("正在载入航路网", "Loading the sea lanes")):
        network = Network.build(region, ArrayCache(cache_folder()))
        route = network.sea_route(a, b, craft_class)
    if as_json:
        feature = {
            "type": "Feature",
            "geometry": {"type": "LineString", "coordinates": route.path},
            "properties": {
                "from": a.id,
                "to": b.id,
                "craft_class": craft,
                "length_m": round(route.length_m, 1),
                "time_s": round(route.time_s, 1),
                "zones": route.zone_ids,
                "attribution": region.attribution.en,
            },
        }
        out().print(json.dumps(feature, ensure_ascii=False), markup=False, soft_wrap=True)
        return 0
    speed_mps = route.length_m / route.time_s if route.time_s else 0.0
    rows = [
        (say("自", "from"), f"{said(a.name)} ({a.id})"),
        (say("至", "to"), f"{said(b.name)} ({b.id})"),
        (say("航程", "length"), f"{route.length_m / 1852:.1f} nm ({route.length_m / 1000:.1f} km)"),
        (
            say("用时", "time"),
            f"{route.time_s / 60:.0f} min"
            + (f", {speed_mps * KNOTS_A_MPS:.0f} kn" if speed_mps else "")
            + (f", {said(craft_class.name)}" if craft_class else ""),
        ),
        (say("经过", "through"), ", ".join(said(region.zones[zone].name) for zone in route.zone_ids)),
        (say("转向点", "turns"), str(max(0, len(route.path) - 2))),
    ]
    print_rows(rows)
    out().print(f"[dim]{said(region.attribution)}[/dim]")
    return 0


def _pier(folder: Path, region: Region, name: str) -> Place:
    """Return a pier by id, or by either of its names; raises UnknownNameError naming close matches."""
    if name in region.piers:
        return region.place(name)
    by_name = {word.casefold(): pier.id for pier in region.piers.values() for word in (pier.name.zh, pier.name.en)}
    if name.casefold() in by_name:
        return region.place(by_name[name.casefold()])
    near = get_close_matches(name.casefold(), [*(p.casefold() for p in region.piers), *by_name], n=3, cutoff=0.5)
    ids = list(dict.fromkeys(by_name.get(word, word) for word in near))
    if name:
        ids += [pier for pier in region.piers if name.casefold() in pier and pier not in ids][:3]
    raise UnknownNameError("pier", name, ids, where=f"{folder / PIERS.file}")


def run_scenarios(folder: Path) -> int:
    """List the scenarios of a region with their stories."""
    from rich.table import Table

    from data.region_reader import read_region
    from data.scenario import list_scenarios

    region = read_region(folder)
    table = Table(box=None, header_style="bold", pad_edge=False)
    for heading in (say("编号", "id"), say("名称", "title"), say("开始 (UTC)", "starts (UTC)"), say("情节", "story")):
        table.add_column(heading, no_wrap=heading in ("id", "编号"))
    for one in list_scenarios(region):
        table.add_row(
            one.id, said(one.title), f"{one.start_at.astimezone(UTC):%Y-%m-%d %H:%M}", said(one.story).strip()
        )
    out().print(table)
    return 0


def run_region_check(folder: Path) -> int:
    """Print every fault of a region folder; 1 when there is any."""
    from data.region_reader import check_region, read_region

    if not folder.is_dir():
        raise RegionFolderError(
            say(
                f"{folder} 不是文件夹。请给出 region.toml 所在的文件夹。",
                f"There is no folder {folder}. Give the folder that holds region.toml.",
            )
        )
    with err().status(say("正在核查", "Checking")):
        faults = check_region(folder)
    for fault in faults:
        out().print(str(fault), markup=False)
    if faults:
        err().print(
            say(
                f"{folder}：{len(faults)} 处错误。请逐条改正。",
                f"{folder}: {len(faults)} fault{'s' if len(faults) > 1 else ''}. Correct and check again.",
            )
        )
        return 1
    region = read_region(folder)
    rows = [
        (say("岛屿", "islands"), str(len(region.islands))),
        (say("码头", "piers"), str(len(region.piers))),
        (say("起降点", "helipads"), str(len(region.helipads))),
        (say("驻地", "stations"), str(len(region.stations))),
        (say("桥梁", "bridges"), str(len(region.bridges))),
        (say("海区", "sea zones"), str(len(region.zones))),
        (say("载具类型", "craft classes"), str(len(region.craft_classes))),
        (say("警情类型", "case types"), str(len(region.case_types))),
    ]
    out().print(say(f"{said(region.name)}：未发现错误", f"{said(region.name)}: no fault found"), style="bold")
    print_rows(rows)
    return 0


def print_rows(rows: list[tuple[str, str]]) -> None:
    """Print names and values in two columns."""
    from rich.table import Table

    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="dim")
    table.add_column()
    for name, value in rows:
        table.add_row(name, value)
    out().print(table)
