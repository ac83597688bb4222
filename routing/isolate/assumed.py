"""What an isolation forecast takes for granted, in words: of the weather, the rules, the places and the people."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from data.forces import CraftClass
from data.forecast_gaps import assumptions as weather_assumptions
from data.geography import Region
from data.isolation import CraftKind, IslandOutlook
from data.text import Text
from routing.isolate.departures import LASTING_MIN
from routing.isolate.havens import HAVEN_RESIDENTS
from routing.isolate.who import Present
from routing.isolate.windows import Outlook
from routing.network.limits import exposure_unknown

RULES = (
    Text(
        "各类船艇、直升机限值为典型值,未经本地核定;泊位浪高限值取航行限值之半,背浪面浪高按 0.3 折算",
        "limits of craft are typical, not local rules; at a berth half the passage limit, 0.3 of the waves in the lee",
    ),
    Text(
        "安全离港:整段航程各海区、离泊、靠泊至卸完均开放;海流按全程顶流计,浪大减速;直升机按无风计,仅用登记停机坪",
        "a departure is safe if every zone of the passage and both berths, until unloaded, are open; currents count "
        "as against the craft all the way, waves slow it; flights as in still air, from listed pads only",
    ),
    Text(
        "往返:自避险地出航、到岛即装载、即返原码头,须在该岛最晚离港前离岛;由桥相通的岛互借码头,车程不计",
        "out and back: from a haven, loaded at once on the island, away again by its last safe departure, back to the "
        "same pier; islands joined by bridge use each other's piers, the road there not counted",
    ),
    Text(
        f"避险地:大陆及常住 {HAVEN_RESIDENTS:,} 人以上的岛;与其通桥的岛,登岸后桥须再开放 60 分钟(假定)",
        f"havens: the mainland and islands of {HAVEN_RESIDENTS:,} residents or more; islands joined to one by bridge "
        "if the bridges stay open for 60 min after landing (assumed)",
    ),
    Text(
        f"连续 {LASTING_MIN // 60} 小时以上没有安全离港才算断航;更短的可以等(假定)",
        f"cut off is {LASTING_MIN // 60} hours or more without a safe departure; shorter breaks are waited out",
    ),
)


def what_is_assumed(
    outlook: Outlook,
    kinds: dict[CraftKind, tuple[CraftClass, ...]],
    present: Present,
    islands: Sequence[IslandOutlook],
    spread_assumes: Sequence[Text],
) -> tuple[Text, ...]:
    """Return every assumption of a report, the weather's first."""
    region = outlook.charts.region
    found = [*weather_assumptions(outlook.forecast, region, outlook.start, outlook.horizon_to), *spread_assumes]
    names = [one.name for classes in kinds.values() for one in classes]
    found.append(
        Text(f"计入在役船机的类型:{_zh(names)}", f"classes counted, of which a craft is in service: {_en(names)}")
    )
    return (*found, *RULES, *_places(region, islands), *_people(present, islands))


def _places(region: Region, islands: Sequence[IslandOutlook]) -> list[Text]:
    found = []
    unknown = [one.name for one in islands if one.standing == "unknown"]
    if unknown:
        found.append(
            Text(
                f"没有登记码头、停机坪和桥,不作判断:{_zh(unknown)}",
                f"no pier, pad or bridge is listed, so nothing is said of: {_en(unknown)}",
            )
        )
    return [*found, *(words for pier in region.piers.values() if (words := exposure_unknown(pier)) is not None)]


def _people(present: Present, islands: Sequence[IslandOutlook]) -> list[Text]:
    """Return which figures of the islands that will be cut off are assumed or missing, a line each."""
    cut = [one for one in islands if one.standing in ("closing", "cut_off")]
    lines = (
        ("常住人口不详", "residents not known on", [one.name for one in cut if one.residents.persons is None]),
        ("游客人数不详,按 0 计", "visitors not known, counted as 0, on",
         [one.name for one in cut if one.visitors.persons is None]),
        ("游客人数为常年估计,未清点", "visitors are a standing estimate, not counted, on",
         [one.name for one in cut if one.visitors.persons is not None and one.visitors.counted_at is None]),
        ("病患人数不详", "patients not known on", [one.name for one in cut if one.patients.persons is None]),
        ("物资储备不详", "stores not known on", [one.name for one in cut if not one.stores]),
        ("物资储备为假定,未清点", "stores are assumed, not counted, on",
         [one.name for one in cut if any(store.counted_at is None for store in one.stores)]),
    )  # fmt: skip
    found = [Text(f"{zh}:{_zh(names)}", f"{en}: {_en(names)}") for zh, en, names in lines if names]
    if cut and not present.region.standing_needs:
        found.append(
            Text("区域未给常备需求,缺口未算", "the region gives no standing needs: nothing is counted missing")
        )
    return found


def _zh(names: Iterable[Text]) -> str:
    return "、".join(one.zh for one in names)


def _en(names: Iterable[Text]) -> str:
    return ", ".join(one.en for one in names)
