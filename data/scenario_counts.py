"""The sections ``counts`` and ``stores`` of a scenario: who and what was counted on which island, and when."""

from __future__ import annotations

from datetime import datetime

import msgspec

from data.counts import CountKind, IslandCount, StoreCount, StoreItem
from data.geography import Region
from data.scenario_parts import check_offset
from data.tables import suggestion
from data.yaml_document import YamlDocument


class CountPart(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A number of people of one kind on an island; ``at`` defaults to the start."""

    island: str
    kind: CountKind
    number: int
    at: datetime | None = None
    source: str
    confidence: str = "estimate"


class StorePart(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An amount of one item on an island, in the unit its name ends with; ``at`` defaults to the start."""

    island: str
    item: StoreItem
    amount: float
    at: datetime | None = None
    source: str
    confidence: str = "estimate"


def read_counts(document: YamlDocument, region: Region, start_at: datetime | None) -> tuple[IslandCount, ...]:
    """Read the counts; each names an island, is not negative and not of the future, and is there once."""
    found: list[IslandCount] = []
    seen: dict[tuple[str, str], str] = {}
    for path, part in document.read_list("counts", CountPart):
        at = _moment(document, path, part.island, part.at, region, start_at)
        if _twice(document, path, (part.island, part.kind), seen) or at is None:
            continue
        try:
            found.append(
                IslandCount(
                    island_id=part.island,
                    kind=part.kind,
                    number=part.number,
                    at=at,
                    source=part.source,
                    confidence=part.confidence,
                )
            )
        except ValueError as error:
            document.fault(f"{path}.number", f"{error}. Correct it.")
    return tuple(found)


def read_stores(document: YamlDocument, region: Region, start_at: datetime | None) -> tuple[StoreCount, ...]:
    """Read the stores; each names an island, is not negative and not of the future, and is there once."""
    found: list[StoreCount] = []
    seen: dict[tuple[str, str], str] = {}
    for path, part in document.read_list("stores", StorePart):
        at = _moment(document, path, part.island, part.at, region, start_at)
        if _twice(document, path, (part.island, part.item), seen) or at is None:
            continue
        try:
            found.append(
                StoreCount(
                    island_id=part.island,
                    item=part.item,
                    amount=part.amount,
                    at=at,
                    source=part.source,
                    confidence=part.confidence,
                )
            )
        except ValueError as error:
            document.fault(f"{path}.amount", f"{error}. Correct it.")
    return tuple(found)


def _moment(
    document: YamlDocument, path: str, island: str, at: datetime | None, region: Region, start_at: datetime | None
) -> datetime | None:
    """Return when it was counted; None, with the fault noted, where that or the island is wrong."""
    if island not in region.islands:
        document.fault(
            f"{path}.island", f"unknown island '{island}'.{suggestion(island, region.islands) or ' Correct the id.'}"
        )
        return None
    moment = at or start_at
    if moment is None or not check_offset(document, f"{path}.at", moment):
        return None
    if start_at is not None and moment > start_at:
        document.fault(f"{path}.at", "lies after the scenario's start. Move it to the start or before.")
        return None
    return moment


def _twice(document: YamlDocument, path: str, what: tuple[str, str], seen: dict[tuple[str, str], str]) -> bool:
    if what in seen:
        document.fault(path, f"{what[1]} on {what[0]} stand in {seen[what]} too. Keep one.")
        return True
    seen[what] = path
    return False
