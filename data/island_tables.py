"""The two tables about islands that are cut off: what each should have, and what is assumed to be there."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import get_args

from data.counts import (
    ANY_BOAT,
    ANY_SKILL,
    BESIDE_RESIDENTS,
    STORE_UNITS,
    CountKind,
    IslandCount,
    StandingNeed,
    StoreCount,
    StoreItem,
)
from data.tables import Table, suggestion
from data.text import Text


def check_needs_name_their_kind(needs: Table, skills: Collection[str], classes: Collection[str]) -> None:
    """Persons are asked for by skill, stores by item, craft by class; and a need asks for something."""
    allowed: Mapping[str, tuple[Collection[str], str]] = {
        "persons": (skills, ANY_SKILL),
        "stores": (STORE_UNITS, ""),
        "craft": (classes, ANY_BOAT),
    }
    for row in needs.whole_rows():
        kind, what = row.values["kind"], row.values["what"]
        names, anyone = allowed[kind]
        if what not in names and what != anyone:
            near = suggestion(what, [*names, *([anyone] if anyone else [])])
            needs.fault(row.line, "what", f"'{what}' is not for {kind}.{near or ' Correct it, or the kind.'}")
        if not any(row.values[name] for name in ("absolute", "per_1000_residents", "per_1000_visitors")):
            needs.fault(row.line, "absolute", "asks for nothing. Give an amount, or remove the row.")


def standing_needs(table: Table) -> tuple[StandingNeed, ...]:
    """Return what islands should have when cut off."""
    fields = set(StandingNeed.__struct_fields__) - {"name"}
    return tuple(
        StandingNeed(
            name=Text(zh=row.values["name_zh"], en=row.values["name_en"]),
            **{name: value for name, value in row.values.items() if name in fields},
        )
        for row in table.rows
    )


def standing_counts(table: Table) -> tuple[IslandCount, ...]:
    """Return the visitors and workers assumed on each island; a blank cell is not known."""
    kinds: list[CountKind] = [kind for kind in get_args(CountKind) if kind in BESIDE_RESIDENTS]
    return tuple(
        IslandCount(
            island_id=row.values["island_id"],
            kind=kind,
            number=row.values[kind],
            at=None,
            source=row.values["source"],
            confidence=row.values["confidence"],
        )
        for row in table.rows
        for kind in kinds
        if row.values[kind] is not None
    )


def standing_stores(table: Table) -> tuple[StoreCount, ...]:
    """Return the stores assumed on each island; a blank cell is not known."""
    items: tuple[StoreItem, ...] = get_args(StoreItem)
    return tuple(
        StoreCount(
            island_id=row.values["island_id"],
            item=item,
            amount=row.values[item],
            at=None,
            source=row.values["source"],
            confidence=row.values["confidence"],
        )
        for row in table.rows
        for item in items
        if row.values.get(item) is not None
    )
