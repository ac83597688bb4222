"""What travels over the API: the documents taken in and given out.

People are counts: no document has a field for who somebody is, and an unknown field is refused.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from data.forces import Symbol, UnitStatus
from data.incidents import Echelon, Incident, IncidentStatus, Priority
from data.plans import Order
from data.roles import Role
from data.situation import WorldMode
from data.text import Text

# No control characters: a database may not be able to hold them, and none belongs in a report.
_CLEAN = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$"
Line = Annotated[str, Meta(max_length=200, pattern=_CLEAN)]
Paragraph = Annotated[str, Meta(max_length=2000, pattern=_CLEAN)]
Id = Annotated[str, Meta(min_length=1, max_length=200, pattern=_CLEAN)]
Lon = Annotated[float, Meta(ge=-180, le=180)]
Lat = Annotated[float, Meta(ge=-90, le=90)]
Small = Annotated[int, Meta(ge=1, le=100_000)]
Zone = Annotated[datetime, Meta(tz=True)]


class _In(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of what is taken in: a field nobody knows is refused by name."""


class Phrase(_In, frozen=True, kw_only=True):
    """A phrase in Chinese and English."""

    zh: Line
    en: Line


class EchelonIn(_In, frozen=True, kw_only=True):
    """A step of reinforcement: so many persons in all by then; ``due_min`` after the plan starts, null for no date."""

    id: Id
    name: Phrase
    persons: Small
    skill: Line | None = None
    weight: Small = 1
    due_min: Annotated[int, Meta(ge=0, le=10_080)] | None = None

    def echelon(self) -> Echelon:
        """Return it as the picture keeps it."""
        return Echelon(
            id=self.id,
            name=Text(self.name.zh, self.name.en),
            persons=self.persons,
            skill=self.skill,
            weight=self.weight,
            due_min=self.due_min,
        )


class NewIncident(_In, frozen=True, kw_only=True):
    """An incident to report, at a named place (island, pier, pad, station) or at a point.

    What is left out comes from the case type's run card.
    """

    case_type: Annotated[str, Meta(min_length=1, max_length=100, pattern=_CLEAN)]
    place: Line = ""
    lon_deg: Lon | None = None
    lat_deg: Lat | None = None
    priority: Priority | None = None
    echelons: Annotated[tuple[EchelonIn, ...], Meta(max_length=20)] | None = None
    title: Phrase | None = None
    note: Paragraph = ""


class IncidentFacts(_In, frozen=True, kw_only=True):
    """Facts to correct; what is left out or null stays as it is."""

    place: Line = ""
    lon_deg: Lon | None = None
    lat_deg: Lat | None = None
    priority: Priority | None = None
    echelons: Annotated[tuple[EchelonIn, ...], Meta(max_length=20)] | None = None
    title: Phrase | None = None
    note: Paragraph | None = None


class NewIncidentStatus(_In, frozen=True, kw_only=True):
    """The status an incident moves on to; closing it sends its units home."""

    status: IncidentStatus
    disposition: Paragraph = ""


class NewUnitStatus(_In, frozen=True, kw_only=True):
    """The status a unit reports; place left out stays as the picture has it."""

    status: UnitStatus
    site_id: Line | None = None
    lon_deg: Lon | None = None
    lat_deg: Lat | None = None
    leg_id: Line | None = None


class FixIn(_In, frozen=True, kw_only=True):
    """One position of one unit; ``heading_deg`` clockwise from north, null where unknown."""

    unit_id: Id
    world_at: Zone
    lon_deg: Lon
    lat_deg: Lat
    heading_deg: Annotated[float, Meta(ge=0, le=360)] | None = None
    speed_mps: Annotated[float, Meta(ge=0, le=400)] = 0.0


class PointIn(msgspec.Struct, frozen=True, kw_only=True):
    """A GeoJSON point: longitude, latitude, and a height that is not kept."""

    type: Literal["Point"]
    coordinates: Annotated[tuple[float, ...], Meta(min_length=2, max_length=4)]


class FixProperties(msgspec.Struct, frozen=True, kw_only=True):
    """What a GeoJSON point must say of itself; other properties are left aside and not kept."""

    unit_id: Id
    world_at: Zone
    heading_deg: float | None = None
    speed_mps: float = 0.0


class FixFeature(msgspec.Struct, frozen=True, kw_only=True):
    """A position as a GeoJSON feature."""

    type: Literal["Feature"]
    geometry: PointIn
    properties: FixProperties


class FixCollection(msgspec.Struct, frozen=True, kw_only=True):
    """Positions as a GeoJSON feature collection."""

    type: Literal["FeatureCollection"]
    features: tuple[FixFeature, ...]


class RejectedFix(msgspec.Struct, frozen=True, kw_only=True):
    """A position not taken in: which one of the batch (from 0), and why."""

    index: int
    unit_id: str | None
    reason: Literal["unknown_unit", "out_of_range", "too_far_ahead", "too_old", "not_understood"]
    detail: Text


class FixResult(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a batch: all those not in ``rejected`` are stored.

    ``unknown_units`` counts by name; ``rejected`` lists the first 100 of ``rejected_count``. ``late`` of the
    accepted were older than what is known of their unit: they are history and did not move it.
    """

    accepted: int
    late: int
    rejected_count: int
    unknown_units: dict[str, int]
    rejected: tuple[RejectedFix, ...]


class IncidentOut(Incident, frozen=True, kw_only=True):
    """An incident; ``version`` is what If-Match takes, ``seq`` the last event about it."""

    version: int
    seq: int


class UnitOut(msgspec.Struct, frozen=True, kw_only=True):
    """A craft or a group; ``strength`` is the persons of a group, the seats of a craft."""

    unit_id: str
    kind: Literal["craft", "group"]
    call_sign: Text
    symbol: Symbol
    class_id: str | None
    home_site_id: str
    strength: int
    skills: tuple[str, ...]
    status: UnitStatus
    status_at: datetime
    site_id: str | None
    lon_deg: float
    lat_deg: float
    heading_deg: float | None
    speed_mps: float
    fix_at: datetime
    incident_id: str | None
    plan_id: str | None
    leg_id: str | None
    ready_at: datetime | None
    reason: Text | None
    version: int
    seq: int


OrderState = Literal["issued", "acknowledged", "ended", "withdrawn"]


class OrderOut(Order, frozen=True, kw_only=True):
    """An order to one unit; ``seq`` is the event that issued it or took it back."""

    state: OrderState
    seq: int


class IncidentList(msgspec.Struct, frozen=True, kw_only=True):
    """Incidents as of event ``seq``."""

    mode: WorldMode
    seq: int
    world_at: datetime
    incidents: tuple[IncidentOut, ...]


class UnitList(msgspec.Struct, frozen=True, kw_only=True):
    """Units as of event ``seq``."""

    mode: WorldMode
    seq: int
    world_at: datetime
    units: tuple[UnitOut, ...]


class OrderList(msgspec.Struct, frozen=True, kw_only=True):
    """Orders as of event ``seq``, in the order they were issued or taken back."""

    mode: WorldMode
    seq: int
    world_at: datetime
    orders: tuple[OrderOut, ...]


class PositionOut(msgspec.Struct, frozen=True, kw_only=True):
    """One position of one unit."""

    unit_id: str
    world_at: datetime
    lon_deg: float
    lat_deg: float
    heading_deg: float | None
    speed_mps: float


class PositionList(msgspec.Struct, frozen=True, kw_only=True):
    """The last position of each unit at ``world_at``."""

    mode: WorldMode
    seq: int
    world_at: datetime
    positions: tuple[PositionOut, ...]


class PositionPage(msgspec.Struct, frozen=True, kw_only=True):
    """A page of history in order of time; ``next`` asks for the page after it, null at the end.

    A page may be short, or empty, and still have one after it.
    """

    mode: WorldMode
    positions: tuple[PositionOut, ...]
    next: str | None


class EventOut(msgspec.Struct, frozen=True, kw_only=True):
    """One event of the journal in words, with the ids it is about."""

    seq: int
    kind: str
    stream: str
    version: int
    world_at: datetime
    recorded_at: datetime
    actor: str
    text: Text
    subject_ids: tuple[str, ...]


class EventPage(msgspec.Struct, frozen=True, kw_only=True):
    """Events in order; ``next_after`` asks for the page after it, null where this one reaches the end.

    ``journal`` names the journal: another scenario begins another one, in which numbers start from 1.
    """

    mode: WorldMode
    journal: str
    events: tuple[EventOut, ...]
    next_after: int | None


class JournalNamed(msgspec.Struct, frozen=True, kw_only=True):
    """Which journal a stream reads, where it begins and where the journal ends now."""

    journal: str
    mode: WorldMode
    title: Text
    after: int
    seq: int


class Geometry(msgspec.Struct, frozen=True, kw_only=True):
    """A GeoJSON geometry in longitude, latitude (WGS 84)."""

    type: Literal["Point", "LineString", "Polygon"]
    coordinates: Any


class Feature(msgspec.Struct, frozen=True, kw_only=True):
    """A GeoJSON feature; properties always hold ``kind``, ``mode``, ``seq`` and times."""

    type: Literal["Feature"] = "Feature"
    id: str
    geometry: Geometry | None
    properties: dict[str, Any]


class PictureOut(msgspec.Struct, frozen=True, kw_only=True):
    """The picture as a GeoJSON feature collection, with foreign members (RFC 7946, section 6.1).

    ``unread_position_hours`` are the archived hours that a past picture should rest on and could not read: units may
    have been elsewhere than where they are shown.
    """

    type: Literal["FeatureCollection"] = "FeatureCollection"
    mode: WorldMode
    seq: int
    world_at: datetime
    unread_position_hours: tuple[datetime, ...] = ()
    generated_at: datetime
    attribution: Text
    features: tuple[Feature, ...]


class HealthOut(msgspec.Struct, frozen=True, kw_only=True):
    """How the console is: what its store does, who leads, how old the newest position is."""

    mode: WorldMode
    journal: str
    seq: int
    world_at: datetime
    store: Literal["ok", "unreachable", "read_only"]
    store_detail: Text | None
    leader: bool
    events: int
    units: int
    last_fix_age_s: float | None
    seats: int
    streams: int


class SeatOut(msgspec.Struct, frozen=True, kw_only=True):
    """One seat that is on: its account, and the incident it holds, as it has since ``since`` (the machine's time)."""

    name: str
    role: Role
    console: str
    incident_id: str | None
    since: datetime


class PresenceOut(msgspec.Struct, frozen=True, kw_only=True):
    """The seats on at every console heard of in the last 10 seconds, oldest first."""

    mode: WorldMode
    seats: tuple[SeatOut, ...]


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """Problem details (RFC 9457): what is wrong and what to do, in both languages."""

    type: str
    title: str
    title_zh: str
    status: int
    detail: str
    detail_zh: str
