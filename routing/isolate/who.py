"""Who and what is on an island that will be cut off, and what it lacks against its standing need."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from data.counts import ANY_BOAT, ANY_SKILL, STORE_UNITS, STORE_WORDS, CountKind, IslandCount, StandingNeed
from data.forces import FREE, CraftState, GroupState
from data.geography import Region
from data.island_people import IslandPeople, island_people
from data.isolation import CraftCount, ForceCount, Headcount, Missing, StoreHeld
from data.local_teams import LocalTeam
from data.situation import Situation
from data.text import Text
from routing.network.network import Network

PERSONS = Text("人", "persons")
BOATS = Text("艘", "craft")


class Present:
    """Who and what of a situation is on which island."""

    def __init__(self, situation: Situation, region: Region, network: Network) -> None:
        self.situation, self.region, self.network = situation, region, network
        self._groups: dict[str, list[GroupState]] = {}
        self._craft: dict[str, list[CraftState]] = {}
        self._people: dict[str, IslandPeople] = {}
        for group in situation.groups:
            if group.status in FREE and group.excluded is None and (where := self._island_of(group)):
                self._groups.setdefault(where, []).append(group)
        for craft in situation.craft:
            mode = region.craft_classes[craft.craft.class_id].mode
            if craft.status in FREE and craft.excluded is None and mode != "road" and (where := self._island_of(craft)):
                self._craft.setdefault(where, []).append(craft)

    def people(self, island_id: str) -> IslandPeople:
        """Return the counts and stores of an island, the newest of each."""
        if island_id not in self._people:
            self._people[island_id] = island_people(self.situation, self.region, island_id)
        return self._people[island_id]

    def groups(self, island_id: str) -> Sequence[GroupState]:
        """Return the free groups on an island."""
        return self._groups.get(island_id, ())

    def craft(self, island_id: str) -> Sequence[CraftState]:
        """Return the free boats and aircraft lying at an island."""
        return self._craft.get(island_id, ())

    def residents(self, island_id: str) -> Headcount:
        """Return the island's residents, a rounded figure of the region's table."""
        island = self.region.islands[island_id]
        return Headcount(persons=island.residents, counted_at=None, age_min=None, source=island.source)

    def count(self, island_id: str, kind: CountKind) -> Headcount:
        """Return a count of one kind, with its age and source; None persons where nobody counted."""
        found = self.people(island_id).counts.get(kind)
        if found is None:
            return Headcount(persons=None, counted_at=None, age_min=None, source="")
        return Headcount(
            persons=found.number,
            counted_at=found.at,
            age_min=_age_min(found.at, self.situation.at),
            source=found.source,
            estimate=_is_estimate(found),
        )

    def forces(self, island_id: str) -> tuple[ForceCount, ...]:
        """Return who can hold the island by kind: its own teams, and free groups that belong to none of them."""
        by_kind: dict[str, list[int]] = {}
        for team in self._teams(island_id):
            away = sum(group.group.strength for group in self._away(team, island_id))
            by_kind.setdefault(team.kind, []).append(max(0, team.people - away))
        for state in self._besides(island_id):
            by_kind.setdefault(state.group.kind, []).append(state.group.strength)
        return tuple(ForceCount(kind=kind, groups=len(some), persons=sum(some)) for kind, some in by_kind.items())

    def craft_counts(self, island_id: str) -> tuple[CraftCount, ...]:
        """Return the free craft by class."""
        by_class: dict[str, list[str]] = {}
        for state in self.craft(island_id):
            by_class.setdefault(state.craft.class_id, []).append(state.craft.id)
        names = self.region.craft_classes
        return tuple(
            CraftCount(craft_class=one, class_name=names[one].name, craft_ids=tuple(ids))
            for one, ids in by_class.items()
        )

    def stores(self, island_id: str) -> tuple[StoreHeld, ...]:
        """Return the stores held."""
        return tuple(
            StoreHeld(
                item=one.item,
                name=STORE_WORDS[one.item],
                amount=one.amount,
                unit=one.unit,
                counted_at=one.at,
                age_min=_age_min(one.at, self.situation.at),
                source=one.source,
            )
            for one in self.people(island_id).stores.values()
        )

    def missing(self, island_id: str, hours_cut_off: float, fewer_visitors: int = 0) -> tuple[Missing, ...]:
        """Return what the island lacks for so many hours cut off; ``fewer_visitors`` have been taken off before."""
        people = self.people(island_id)
        residents, visitors = people.residents or 0, max(0, people.from_outside - fewer_visitors)
        found = []
        for need in self.needs(island_id):
            needed = need.amount(residents, visitors, hours_cut_off)
            held = self._held(need, island_id)
            short = max(0.0, needed - (held or 0.0))
            if short > 0:
                found.append(
                    Missing(
                        need_id=need.id,
                        kind=need.kind,
                        what=need.what,
                        name=need.name,
                        needed=round(needed, 1),
                        held=held,
                        short=round(short, 1),
                        unit=_unit(need),
                        source=need.source,
                    )
                )
        return tuple(found)

    def needs(self, island_id: str) -> tuple[StandingNeed, ...]:
        """Return the standing needs that hold for an island: its own outrank the general one of the same thing."""
        own = [one for one in self.region.standing_needs if one.island_id == island_id]
        named = {(one.kind, one.what) for one in own}
        general = [
            one for one in self.region.standing_needs if one.island_id is None and (one.kind, one.what) not in named
        ]
        return (*own, *general)

    def _held(self, need: StandingNeed, island_id: str) -> float | None:
        if need.kind == "persons":
            return float(self._persons(need.what, island_id))
        if need.kind == "craft":
            return float(sum(need.what in (ANY_BOAT, state.craft.class_id) for state in self.craft(island_id)))
        found = next((one for item, one in self.people(island_id).stores.items() if item == need.what), None)
        return found.amount if found else None

    def _persons(self, skill: str, island_id: str) -> int:
        """Return how many people on an island have a skill, those of its teams whose group is away left out."""
        found = 0
        for team in self._teams(island_id):
            able = sum(one.people for one in team.members if skill == ANY_SKILL or skill in one.skills)
            away = sum(one.group.strength for one in self._away(team, island_id) if _is_able(one, skill))
            found += max(0, able - away)
        return found + sum(one.group.strength for one in self._besides(island_id) if _is_able(one, skill))

    def _teams(self, island_id: str) -> list[LocalTeam]:
        return [team for team in self.region.local_teams.values() if team.island_id == island_id]

    def _away(self, team: LocalTeam, island_id: str) -> list[GroupState]:
        """Return the groups among a team's people that are not free on its island now."""
        here = {state.group.id for state in self.groups(island_id)}
        return [one for one in self.situation.groups if one.group.id in team.group_ids and one.group.id not in here]

    def _besides(self, island_id: str) -> list[GroupState]:
        """Return the free groups on an island that none of its teams counts."""
        counted = {group_id for team in self._teams(island_id) for group_id in team.group_ids}
        return [state for state in self.groups(island_id) if state.group.id not in counted]

    def _island_of(self, state: GroupState | CraftState) -> str | None:
        if state.site_id is not None:
            return self.region.place(state.site_id).island_id
        return self.network.island_at(state.lon_deg, state.lat_deg)


def _is_able(state: GroupState, skill: str) -> bool:
    return skill == ANY_SKILL or skill in state.group.skills


def _age_min(counted_at: datetime | None, at: datetime) -> int | None:
    return None if counted_at is None else round((at - counted_at) / timedelta(minutes=1))


def _is_estimate(count: IslandCount) -> bool:
    return count.confidence not in ("counted", "stated", "high")


def _unit(need: StandingNeed) -> Text:
    if need.kind == "stores":
        return next((unit for item, unit in STORE_UNITS.items() if item == need.what), Text("", ""))
    return PERSONS if need.kind == "persons" else BOATS
