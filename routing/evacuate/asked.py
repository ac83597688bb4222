"""Fill in what an evacuation's question leaves open, and say what was assumed: people, muster points, piers, drops."""

from __future__ import annotations

from dataclasses import dataclass

from data.evacuation import PRIORITIES_IN_ORDER, EvacuationPriority
from data.evacuation_ask import AskedBerth, AskedDrop, AskedGroup, AskedMuster, AskedPier, EvacuationAsk
from data.geography import Pier, Region
from data.island_people import island_people
from data.situation import Situation
from data.text import Text
from routing.deploy.lane_book import LaneBook

# Assumed: one gangway passes 12 people a minute on a landing of an outer island, 30 a minute at a harbour quay.
BOARDING_S, LANDING_S = 5, 2
# Assumed: from the order until the first people walk.
NOTICE_MIN = 10
# Assumed: a landing holds so many in a queue for each of its berths.
QUEUE_A_BERTH = 100
MOST_DROPS, LEAST_DROP_BERTHS = 3, 3


@dataclass(frozen=True)
class Asked:
    """The question with nothing left open, and what was assumed for it."""

    ask: EvacuationAsk
    boarding_s: int
    landing_s: int
    notice_min: int
    assumptions: tuple[Text, ...]


def fill_in(situation: Situation, region: Region, book: LaneBook, island_id: str) -> Asked:
    """Return the question about an island; raises KeyError for an island the region does not hold."""
    island = region.islands[island_id]
    found = next((one for one in situation.evacuations if one.island_id == island_id), None)
    ask = found or EvacuationAsk(island_id=island_id)
    notes: list[Text] = []
    if found is not None and ask.source.startswith("assumed"):
        notes.append(Text("撤离要求中的人数、泊位与限额为假定", "the groups, berths and limits asked for are assumed"))
    musters = ask.musters or _musters(region, island_id, notes)
    groups = ask.groups or _groups(situation, region, island_id, notes)
    first = musters[0].id
    groups = tuple(
        one if one.muster_id is not None else AskedGroup(
            id=one.id, name=one.name, persons=one.persons, priority=one.priority, together=one.together, muster_id=first
        )
        for one in groups
    )  # fmt: skip
    piers = ask.piers or tuple(AskedPier(pier_id=one.id) for one in region.piers.values() if one.island_id == island_id)
    if not ask.piers:
        notes.append(Text("上客点为岛上全部码头", "people may board at every pier of the island"))
    piers = tuple(_with_berths(one, region.piers[one.pier_id], notes) for one in piers)
    drops = ask.drops or _drops(region, book, piers, island_id, notes)
    rates = ask.boarding_s, ask.landing_s, ask.notice_min
    boarding = BOARDING_S if ask.boarding_s is None else ask.boarding_s
    landing = LANDING_S if ask.landing_s is None else ask.landing_s
    notice = NOTICE_MIN if ask.notice_min is None else ask.notice_min
    if None in rates:
        notes.append(
            Text(
                f"上船每人 {boarding} 秒、下船每人 {landing} 秒，另计靠泊装卸；下令 {notice} 分钟后开始步行（假定）",
                f"{boarding} s a person to board and {landing} s to land, besides berthing; people start walking "
                f"{notice} min after the order (assumed)",
            )
        )
    if any(one.usable and island_id in (one.from_island, one.to_island) for one in region.bridges.values()):
        notes.append(
            Text(
                "岛有桥，能走桥的人未计入，全部按乘船",
                "the island has a bridge: who could leave by road is counted by boat all the same",
            )
        )
    filled = EvacuationAsk(
        island_id=island.id,
        groups=groups,
        musters=musters,
        piers=piers,
        drops=drops,
        craft_ids=ask.craft_ids,
        source=ask.source,
    )
    return Asked(filled, boarding, landing, notice, tuple(notes))


def _groups(situation: Situation, region: Region, island_id: str, notes: list[Text]) -> tuple[AskedGroup, ...]:
    """Return who is on an island from outside, the counted kinds first; residents stay."""
    people = island_people(situation, region, island_id)
    counted: dict[EvacuationPriority, int] = {"injured": 0, "children": 0, "elderly": 0}
    for kind, count in people.counts.items():
        if kind in ("patients", "children", "elderly"):
            counted["injured" if kind == "patients" else kind] += count.number
    left = people.from_outside + counted["injured"]
    words: dict[EvacuationPriority, Text] = {
        "injured": Text("伤病员", "Injured and sick"),
        "children": Text("儿童及家长", "Children with parents"),
        "elderly": Text("老年人", "Elderly"),
        "others": Text("其他游客及外来人员", "Other visitors and workers"),
    }
    found = []
    for priority in PRIORITIES_IN_ORDER:
        persons = left if priority == "others" else min(left, counted[priority])
        left -= persons
        if persons:
            found.append(AskedGroup(id=priority, name=words[priority], persons=persons, priority=priority))
    name = region.islands[island_id].name
    notes.append(
        Text(
            f"{name.zh}撤离对象为岛上游客与外来人员，居民留岛；清点的儿童、老人先上船",
            f"{name.en}: visitors and workers are taken off, residents stay; counted children and elderly board first",
        )
    )
    notes += [one for one in people.assumptions if "储备" not in one.zh and "物资" not in one.zh]
    return tuple(found)


def _musters(region: Region, island_id: str, notes: list[Text]) -> tuple[AskedMuster, ...]:
    for kinds in (("muster", "school"), ("tourist", "market"), ("station", "clinic", "pier")):
        points = [one for one in region.points_of_interest.values() if one.island_id == island_id and one.kind in kinds]
        if points:
            best = max(points, key=lambda one: (one.weight, one.id))
            notes.append(Text(f"集合点假定为{best.name.zh}", f"people are assumed to gather at {best.name.en}"))
            return (AskedMuster(id=best.id, name=best.name, lon_deg=best.lon_deg, lat_deg=best.lat_deg),)
    island = region.islands[island_id]
    notes.append(Text("集合点假定在岛中央", "people are assumed to gather in the middle of the island"))
    return (AskedMuster(id=island.id, name=island.name, lon_deg=island.lon_deg, lat_deg=island.lat_deg),)


def _with_berths(asked: AskedPier, pier: Pier, notes: list[Text]) -> AskedPier:
    berths, limit = asked.berths, asked.queue_limit
    if not berths:
        berths = tuple(AskedBerth(name=f"B{n + 1}", berthing=pier.berthing) for n in range(pier.berths))
    if limit is None:
        limit = QUEUE_A_BERTH * max(1, len(berths))
        notes.append(
            Text(f"{pier.name.zh}候船上限 {limit} 人（假定）", f"{pier.name.en}: at most {limit} queue there (assumed)")
        )
    return AskedPier(pier_id=pier.id, berths=berths, queue_limit=limit)


def _drops(
    region: Region, book: LaneBook, piers: tuple[AskedPier, ...], island_id: str, notes: list[Text]
) -> tuple[AskedDrop, ...]:
    """Return the nearest large piers of islands that a bridge joins to the mainland or each other."""
    joined = {end for one in region.bridges.values() if one.usable for end in (one.from_island, one.to_island)}
    ports = [
        one
        for one in region.piers.values()
        if one.island_id in joined and one.island_id != island_id and one.berths >= LEAST_DROP_BERTHS
    ]
    if not piers or not ports:
        return ()
    here = [region.place(one.pier_id) for one in piers]
    metres = book.zone_metres(here, [region.place(one.id) for one in ports]).sum(axis=2).min(axis=0)
    near = sorted(range(len(ports)), key=lambda n: (metres[n], ports[n].id))[:MOST_DROPS]
    chosen = [ports[n] for n in near if metres[n] < float("inf")]
    names_zh, names_en = "、".join(one.name.zh for one in chosen), ", ".join(one.name.en for one in chosen)
    notes.append(
        Text(
            f"下客点假定为{names_zh}，泊位全部可用，接待不限",
            f"people are assumed to be taken to {names_en}, all berths free and no limit to whom they receive",
        )
    )
    return tuple(AskedDrop(pier_id=one.id) for one in chosen)
