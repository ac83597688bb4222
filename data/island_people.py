"""Who and what is on an island at a moment: the newest count, else the region's standing figure, else not known."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import msgspec

from data.counts import BESIDE_RESIDENTS, COUNT_WORDS, STORE_WORDS, CountKind, IslandCount, StoreCount, StoreItem
from data.geography import Region
from data.situation import Situation
from data.text import Text


class IslandPeople(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of one island: ``residents`` None where unknown; counts by kind and stores by item.

    ``assumptions`` say which figures nobody has counted and which are missing.
    """

    island_id: str
    residents: int | None
    counts: dict[CountKind, IslandCount]
    stores: dict[StoreItem, StoreCount]
    assumptions: tuple[Text, ...]

    @property
    def from_outside(self) -> int:
        """Return how many are on the island besides its residents; a kind not known counts as nobody."""
        return sum(count.number for kind, count in self.counts.items() if kind in BESIDE_RESIDENTS)


def island_people(situation: Situation, region: Region, island_id: str) -> IslandPeople:
    """Return who and what is on an island at the situation's moment; raises KeyError for an island it does not hold."""
    island = region.islands[island_id]
    counts = _newest_counts((*region.standing_counts, *situation.counts), island_id, situation.at)
    stores = _newest_stores((*region.standing_stores, *situation.stores), island_id, situation.at)
    name = island.name
    assumptions = []
    if island.residents is None:
        assumptions.append(Text(f"{name.zh}常住人口不详", f"{name.en}: the number of residents is not known"))
    for kind, words in COUNT_WORDS.items():
        found = next((one for name, one in counts.items() if name == kind), None)
        if found is None and kind in BESIDE_RESIDENTS:
            assumptions.append(
                Text(
                    f"{name.zh}{words.zh}人数不详，按 0 计",
                    f"{name.en}: {words.en} not known, counted as 0",
                )
            )
        elif found is not None and found.at is None:
            assumptions.append(
                Text(
                    f"{name.zh}{words.zh} {found.number} 人为假定，未清点",
                    f"{name.en}: {found.number} {words.en} are assumed, not counted",
                )
            )
    for item, words in STORE_WORDS.items():
        if not any(name == item for name in stores):
            assumptions.append(Text(f"{name.zh}{words.zh}储备不详", f"{name.en}: {words.en} in store not known"))
    if any(store.at is None for store in stores.values()):
        assumptions.append(Text(f"{name.zh}物资储备为假定，未清点", f"{name.en}: its stores are assumed, not counted"))
    return IslandPeople(
        island_id=island_id,
        residents=island.residents,
        counts=counts,
        stores=stores,
        assumptions=tuple(assumptions),
    )


def _newest_counts(counts: Iterable[IslandCount], island_id: str, at: datetime) -> dict[CountKind, IslandCount]:
    found: dict[CountKind, IslandCount] = {}
    for count in counts:
        if count.island_id == island_id and (count.at is None or count.at <= at):
            older = found.get(count.kind)
            if older is None or older.at is None or (count.at is not None and count.at >= older.at):
                found[count.kind] = count
    return found


def _newest_stores(stores: Iterable[StoreCount], island_id: str, at: datetime) -> dict[StoreItem, StoreCount]:
    found: dict[StoreItem, StoreCount] = {}
    for store in stores:
        if store.island_id == island_id and (store.at is None or store.at <= at):
            older = found.get(store.item)
            if older is None or older.at is None or (store.at is not None and store.at >= older.at):
                found[store.item] = store
    return found
