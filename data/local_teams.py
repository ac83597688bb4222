"""Who lives and works on an island and can hold it, and what a kind of case asks of them: counts, never identities."""

from __future__ import annotations

from typing import Literal

import msgspec

from data.text import Text

# Station police, auxiliaries, city management, the township's 七站八所, volunteers, 东海渔嫂, company guards, the four
# grids, medical staff; "reinforcement" is a group from elsewhere that stands on the island.
LocalKind = Literal[
    "police",
    "auxiliary",
    "enforcement",
    "township",
    "volunteers",
    "fisherwomen",
    "guards",
    "grid",
    "medical",
    "reinforcement",
]
TaskKind = Literal[
    "secure_pier",
    "crowd_line",
    "cordon",
    "first_aid",
    "search",
    "shelter",
    "watch_suspect",
    "restore_power",
    "restore_comms",
    "guide",
    "other",
]
# Where a task of a template is done: at the scene, at the island's piers (all, those shut now, those open now), at its
# muster points (schools and squares), at its station or township office.
TaskPlaceRule = Literal["scene", "piers", "shut_piers", "open_piers", "muster", "station", "township"]
PointKind = Literal["pier", "school", "muster", "station", "tourist", "clinic", "market", "plant"]


class LocalMember(msgspec.Struct, frozen=True, kw_only=True):
    """So many people of one team who have the same skills."""

    people: int
    skills: frozenset[str]


class LocalTeam(msgspec.Struct, frozen=True, kw_only=True):
    """A team that stands on an island: how many people of which skills, where, and how long they can work.

    ``notice_min`` is the time from the call to moving, ``duty_min`` the longest from the call to the end of the shift,
    ``stretch_min`` the longest work before a rest of ``rest_min``. ``group_ids`` are the roster's groups whose people
    are among these: they count once, and not at all while the group is away.
    """

    id: str
    name: Text
    kind: LocalKind
    island_id: str
    place_id: str
    members: tuple[LocalMember, ...]
    notice_min: int
    duty_min: int
    stretch_min: int
    rest_min: int
    group_ids: frozenset[str]
    confidence: str
    source: str

    @property
    def people(self) -> int:
        """Return how many people the team is."""
        return sum(member.people for member in self.members)


class CrewNeed(msgspec.Struct, frozen=True, kw_only=True):
    """So many people of one skill; ``skill`` None takes anybody. Needs of one task are met by different people."""

    people: int
    skill: str | None


class TaskTemplate(msgspec.Struct, frozen=True, kw_only=True):
    """What one kind of case asks of the island: where, when, for how long, by whom, and what it is worth.

    Minutes count from the report of the case. ``duration_min`` None lasts until relief. A standing post is held by
    rotation in slots of ``slot_min``; None for work done in one go. ``after`` are templates of the same case that must
    be done first, at the same place where they have it. ``value`` is in points, higher first.
    """

    id: str
    case_type: str
    name: Text
    kind: TaskKind
    where: TaskPlaceRule
    earliest_min: int
    latest_min: int
    duration_min: int | None
    slot_min: int | None
    crew: tuple[CrewNeed, ...]
    after: frozenset[str]
    value: int
    source: str

    @property
    def people(self) -> int:
        """Return how many people the task takes at a time."""
        return sum(need.people for need in self.crew)


class PointOfInterest(msgspec.Struct, frozen=True, kw_only=True):
    """A place where something may happen any minute: who must be there in one minute, and who in three.

    ``own_people`` are guards or staff on the spot at all hours, ``weight`` how much the point matters beside others.
    """

    id: str
    kind: PointKind
    name: Text
    island_id: str
    lon_deg: float
    lat_deg: float
    own_people: int
    weight: int
    confidence: str
    source: str
