"""Who and what should be moved before an island is cut off: people off it, forces and stores to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from data.counts import ANY_SKILL, STORE_UNITS, STORE_WORDS
from data.forces import GroupState
from data.isolation import IslandOutlook, Missing, MoveWhat
from data.text import Text
from routing.isolate.who import PERSONS, Present

# What a seat takes of each store, by weight: about 100 kg a seat. Assumed; water and fuel in their containers.
STORE_A_SEAT: dict[str, float] = {
    "water_m3": 0.1,
    "food_person_days": 100.0,
    "generator_kw": 5.0,
    "fuel_l": 100.0,
    "medicine_kits": 5.0,
}
# Groups of these kinds belong to their own island and are not sent to another. Assumed.
STAYS_HOME = frozenset({"volunteers", "township", "guards", "auxiliary", "motorcycle"})
SHELTERED = Text(
    "居民与避险地的游客就地避险;末班靠桥的岛由陆路离岛,不排船",
    "residents, and visitors on havens, take shelter where they are; islands left last by bridge are left by road",
)


@dataclass(frozen=True)
class Demand:
    """One thing to move; ``seats`` is what it takes of a craft, ``amount`` in its own unit.

    ``groups`` are the forces that go in, each of them whole; ``deadline_min`` is the island's last safe departure.
    """

    island: IslandOutlook
    what: MoveWhat
    name: Text
    amount: float
    unit: Text
    seats: int
    patients: int
    deadline_min: int
    groups: tuple[GroupState, ...] = field(default=())
    store: str | None = None


def demands_of(
    islands: Sequence[IslandOutlook], present: Present, havens: frozenset[str], deadlines: dict[str, int]
) -> list[Demand]:
    """Return what should be moved, the island first that is cut off first; on each what goes in before who goes off.

    Islands that are havens keep their people; those left last by bridges are left by road.
    """
    found: list[Demand] = []
    taken: set[str] = set()
    for island in islands:
        if island.standing != "closing" or island.island_id in havens or island.last_by_bridges:
            continue
        deadline = deadlines[island.island_id]
        found += forces_in(island, present, havens, taken, deadline)
        found += stores_in(island, deadline)
        if (off := people_off(island, deadline)) is not None:
            found.append(off)
    return found


def people_off(island: IslandOutlook, deadline_min: int) -> Demand | None:
    """Return the visitors and patients to bring off, together so that patients go by the first boat."""
    visitors, patients = island.visitors.persons or 0, island.patients.persons or 0
    if visitors + patients == 0:
        return None
    words = [Text(f"游客 {visitors:,}", f"{visitors:,} visitors")] if visitors else []
    if patients:
        words.append(Text(f"病患 {patients:,}", f"{patients:,} patients"))
    return Demand(
        island=island,
        what="visitors" if visitors else "patients",
        name=Text("、".join(one.zh for one in words), ", ".join(one.en for one in words)),
        amount=float(visitors + patients),
        unit=PERSONS,
        seats=visitors + patients,
        patients=patients,
        deadline_min=deadline_min,
    )


def forces_in(
    island: IslandOutlook, present: Present, havens: frozenset[str], taken: set[str], deadline_min: int
) -> list[Demand]:
    """Return the groups to bring in for the skills the island lacks once its visitors are off, nearest stations first.

    ``taken`` are groups spoken for already and takes those chosen here; a station keeps its standing cover. What
    anybody can do is left to the island's own people.
    """
    chosen: list[GroupState] = []
    for need in sorted(still_missing(island, present), key=lambda one: -one.short):
        lacking = need.short - sum(state.group.strength for state in chosen if need.what in state.group.skills)
        for state in _nearest(island, present, havens):
            if lacking <= 0 or need.what == ANY_SKILL:
                break
            if state.group.id in taken or need.what not in state.group.skills or not _is_spare(state, present, taken):
                continue
            taken.add(state.group.id)
            chosen.append(state)
            lacking -= state.group.strength
    if not chosen:
        return []
    persons = sum(state.group.strength for state in chosen)
    words = Text(
        "、".join(state.group.call_sign.zh for state in chosen), ", ".join(state.group.call_sign.en for state in chosen)
    )
    return [
        Demand(
            island=island,
            what="forces",
            name=Text(f"前置力量 {persons} 人:{words.zh}", f"{persons} officers in: {words.en}"),
            amount=float(persons),
            unit=PERSONS,
            seats=persons,
            patients=0,
            deadline_min=deadline_min,
            groups=tuple(chosen),
        )
    ]


def stores_in(island: IslandOutlook, deadline_min: int) -> list[Demand]:
    """Return the stores to bring in, one demand an item."""
    found = []
    for need in island.missing:
        if need.kind != "stores" or need.what not in STORE_A_SEAT:
            continue
        unit, word = _unit_of(need), _word_of(need)
        found.append(
            Demand(
                island=island,
                what="stores",
                name=Text(f"{word.zh} {need.short:,.0f} {unit.zh}", f"{need.short:,.0f} {unit.en} of {word.en}"),
                amount=need.short,
                unit=unit,
                seats=max(1, -int(-need.short // STORE_A_SEAT[need.what])),
                patients=0,
                deadline_min=deadline_min,
                store=need.what,
            )
        )
    return found


def still_missing(island: IslandOutlook, present: Present) -> tuple[Missing, ...]:
    """Return what persons the island lacks once its visitors are off."""
    hours = island.hours_cut_off.likely
    found = present.missing(island.island_id, hours, island.visitors.persons or 0)
    return tuple(one for one in found if one.kind == "persons")


def _nearest(island: IslandOutlook, present: Present, havens: frozenset[str]) -> list[GroupState]:
    """Return the groups on havens that go on foot and may be sent, nearest first as the crow flies."""
    found = [
        state
        for haven in sorted(havens)
        for state in present.groups(haven)
        if state.group.kind not in STAYS_HOME and state.group.deck_slots == 0
    ]
    return sorted(
        found,
        key=lambda state: (
            (state.lon_deg - island.lon_deg) ** 2 * 0.75 + (state.lat_deg - island.lat_deg) ** 2,
            state.group.id,
        ),
    )


def _is_spare(state: GroupState, present: Present, taken: set[str]) -> bool:
    """Say whether the station a group stands at keeps its standing cover without it."""
    station = present.region.stations.get(state.group.home_site_id)
    if station is None or state.site_id != station.id:
        return True
    there = [
        other
        for other in present.groups(station.island_id)
        if other.site_id == station.id and other.group.id not in taken
    ]
    return len(there) > station.keep_groups


def _unit_of(need: Missing) -> Text:
    return next((unit for item, unit in STORE_UNITS.items() if item == need.what), need.unit)


def _word_of(need: Missing) -> Text:
    return next((word for item, word in STORE_WORDS.items() if item == need.what), need.name)
