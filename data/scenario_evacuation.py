"""The section ``evacuation`` of a scenario: whom to take off which island, where they gather, where craft take them."""

from __future__ import annotations

from collections.abc import Collection

import msgspec

from data.evacuation import EvacuationPriority
from data.evacuation_ask import AskedBerth, AskedDrop, AskedGroup, AskedMuster, AskedPier, EvacuationAsk
from data.geography import Berthing, Region
from data.roster import Forces
from data.tables import suggestion
from data.text import Text
from data.yaml_document import YamlDocument

MOST_PERSONS = 100_000
MOST_RIDE_S = 600


class _Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of every part: an unknown key is a fault."""


class GroupPart(_Part, frozen=True, kw_only=True):
    """A group of people, at a muster point of the section."""

    id: str
    name: Text
    persons: int
    priority: EvacuationPriority = "others"
    together: bool = False
    muster: str | None = None


class MusterPart(_Part, frozen=True, kw_only=True):
    """A muster point: a known point of interest, or a name and a position."""

    id: str
    name: Text | None = None
    lon_deg: float | None = None
    lat_deg: float | None = None
    capacity: int | None = None


class BerthPart(_Part, frozen=True, kw_only=True):
    """One berth of a pick-up."""

    name: str
    berthing: tuple[Berthing, ...]
    most_seats: int | None = None


class PierPart(_Part, frozen=True, kw_only=True):
    """A pick-up pier of the island."""

    pier: str
    berths: tuple[BerthPart, ...] = ()
    queue_limit: int | None = None


class DropPart(_Part, frozen=True, kw_only=True):
    """A pier people are taken to."""

    pier: str
    capacity: int | None = None
    berths: int | None = None


class EvacuationPart(_Part, frozen=True, kw_only=True):
    """One island's evacuation."""

    island: str
    groups: tuple[GroupPart, ...] = ()
    musters: tuple[MusterPart, ...] = ()
    piers: tuple[PierPart, ...] = ()
    drops: tuple[DropPart, ...] = ()
    craft: tuple[str, ...] = ()
    boarding_s: int | None = None
    landing_s: int | None = None
    notice_min: int | None = None
    source: str = "assumed"


def read_evacuations(document: YamlDocument, region: Region, forces: Forces) -> tuple[EvacuationAsk, ...]:
    """Read the section; every island, pier, point and craft it names exists, and every number can be meant."""
    found: list[EvacuationAsk] = []
    seen: dict[str, str] = {}
    for path, part in document.read_list("evacuation", EvacuationPart):
        if part.island in seen:
            document.fault(f"{path}.island", f"'{part.island}' stands in {seen[part.island]} too. Keep one.")
            continue
        seen[part.island] = path
        if _known(document, f"{path}.island", "island", part.island, region.islands):
            found.append(_ask(document, path, part, region, forces))
    return tuple(found)


def _ask(document: YamlDocument, path: str, part: EvacuationPart, region: Region, forces: Forces) -> EvacuationAsk:
    musters = [
        _muster(document, f"{path}.musters[{n}]", one, part.island, region) for n, one in enumerate(part.musters)
    ]
    names = {one.id for one in part.musters}
    for n, group in enumerate(part.groups):
        where = f"{path}.groups[{n}]"
        _between(document, f"{where}.persons", group.persons, 1, MOST_PERSONS)
        if group.muster is not None:
            _known(document, f"{where}.muster", "muster point", group.muster, names)
    _ids_once(document, f"{path}.groups", [one.id for one in part.groups])
    _ids_once(document, f"{path}.musters", [one.id for one in part.musters])
    for n, pier in enumerate(part.piers):
        where = f"{path}.piers[{n}]"
        if _known(document, f"{where}.pier", "pier", pier.pier, region.piers):
            home = region.piers[pier.pier].island_id
            if home != part.island:
                document.fault(f"{where}.pier", f"'{pier.pier}' lies on '{home}', not '{part.island}'. Correct it.")
        _between(document, f"{where}.queue_limit", pier.queue_limit, 1, MOST_PERSONS)
        _ids_once(document, f"{where}.berths", [one.name for one in pier.berths])
        for k, berth in enumerate(pier.berths):
            if not berth.berthing:
                document.fault(f"{where}.berths[{k}].berthing", "names no berthing. Give quay, ramp or beach.")
            _between(document, f"{where}.berths[{k}].most_seats", berth.most_seats, 1, MOST_PERSONS)
    for n, drop in enumerate(part.drops):
        where = f"{path}.drops[{n}]"
        is_known = _known(document, f"{where}.pier", "pier", drop.pier, region.piers)
        if is_known and region.piers[drop.pier].island_id == part.island:
            document.fault(f"{where}.pier", f"'{drop.pier}' lies on the island itself. Name a pier elsewhere.")
        _between(document, f"{where}.capacity", drop.capacity, 0, MOST_PERSONS)
        _between(document, f"{where}.berths", drop.berths, 1, 50)
    for n, craft_id in enumerate(part.craft):
        _known(document, f"{path}.craft[{n}]", "craft", craft_id, {one.id for one in forces[0]})
    for name, value, high in (
        ("boarding_s", part.boarding_s, MOST_RIDE_S),
        ("landing_s", part.landing_s, MOST_RIDE_S),
        ("notice_min", part.notice_min, 600),
    ):
        _between(document, f"{path}.{name}", value, 0, high)
    return EvacuationAsk(
        island_id=part.island,
        groups=tuple(
            AskedGroup(
                id=one.id,
                name=one.name,
                persons=one.persons,
                priority=one.priority,
                together=one.together,
                muster_id=one.muster,
            )
            for one in part.groups
        ),
        musters=tuple(one for one in musters if one is not None),
        piers=tuple(
            AskedPier(
                pier_id=one.pier,
                berths=tuple(
                    AskedBerth(name=berth.name, berthing=frozenset(berth.berthing), most_seats=berth.most_seats)
                    for berth in one.berths
                ),
                queue_limit=one.queue_limit,
            )
            for one in part.piers
        ),
        drops=tuple(AskedDrop(pier_id=one.pier, capacity=one.capacity, berths=one.berths) for one in part.drops),
        craft_ids=part.craft,
        boarding_s=part.boarding_s,
        landing_s=part.landing_s,
        notice_min=part.notice_min,
        source=part.source,
    )


def _muster(document: YamlDocument, path: str, part: MusterPart, island: str, region: Region) -> AskedMuster | None:
    point = region.points_of_interest.get(part.id)
    if part.lon_deg is None or part.lat_deg is None or part.name is None:
        if point is None:
            near = suggestion(part.id, region.points_of_interest)
            document.fault(
                path, f"'{part.id}' is no point of interest.{near or ' Give its name, lon_deg and lat_deg too.'}"
            )
            return None
        if point.island_id != island:
            document.fault(
                path, f"'{part.id}' lies on '{point.island_id}', not '{island}'. Name a point of the island."
            )
            return None
        name, lon, lat = part.name or point.name, point.lon_deg, point.lat_deg
    else:
        name, lon, lat = part.name, part.lon_deg, part.lat_deg
        if not (-180 <= lon <= 180 and -90 <= lat <= 90):
            document.fault(path, f"{lon}, {lat} is no position. Give lon_deg and lat_deg in degrees.")
            return None
    _between(document, f"{path}.capacity", part.capacity, 0, MOST_PERSONS)
    return AskedMuster(id=part.id, name=name, lon_deg=lon, lat_deg=lat, capacity=part.capacity)


def _known(document: YamlDocument, path: str, kind: str, name: str, known: Collection[str]) -> bool:
    if name in known:
        return True
    document.fault(path, f"unknown {kind} '{name}'.{suggestion(name, known) or ' Correct the id.'}")
    return False


def _between(document: YamlDocument, path: str, value: int | None, low: int, high: int) -> None:
    if value is not None and not low <= value <= high:
        document.fault(path, f"{value} is out of range. Give {low} to {high}.")


def _ids_once(document: YamlDocument, path: str, ids: list[str]) -> None:
    for name in sorted({one for one in ids if ids.count(one) > 1}):
        document.fault(path, f"'{name}' is there twice. Choose another.")
