"""The isolation forecast: until when each island can be left or reached, who is there, and whom to move first.

The JSON form of ``IsolationReport`` is the public format of ``tongzhou isolate --json``. Times are UTC; people are
counts.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

import msgspec

from data.counts import NeedKind
from data.text import Text

ISOLATION_FORMAT = "tongzhou-isolation/1"

# Craft are shown by kind, not by class: the classes of one kind share a row of the board.
CraftKind = Literal["fast_ferry", "ferry", "patrol_boat", "helicopter", "fast_boat", "landing_craft"]
CRAFT_KINDS: tuple[CraftKind, ...] = ("fast_ferry", "ferry", "patrol_boat", "helicopter", "fast_boat", "landing_craft")
# The four rows an island has on the board; the others stand in the report and on the island's page.
BOARD_KINDS: tuple[CraftKind, ...] = CRAFT_KINDS[:4]
KIND_NAMES: dict[CraftKind, Text] = {
    "fast_ferry": Text("高速客船", "fast ferry"),
    "ferry": Text("普通客船", "ordinary ferry"),
    "patrol_boat": Text("巡逻艇", "patrol boat"),
    "helicopter": Text("直升机", "helicopter"),
    "fast_boat": Text("冲锋艇、高速艇", "assault and fast boats"),
    "landing_craft": Text("登陆艇", "landing craft"),
}
# One glyph a kind, for rows of 11 px.
KIND_SHORT: dict[CraftKind, Text] = {
    "fast_ferry": Text("高", "FF"),
    "ferry": Text("普", "OF"),
    "patrol_boat": Text("巡", "PB"),
    "helicopter": Text("直", "HE"),
    "fast_boat": Text("冲", "AB"),
    "landing_craft": Text("登", "LC"),
}

POLICE_KINDS = frozenset({"police", "ptu", "swat", "riot", "motorcycle", "reinforcement"})

WindowState = Literal["open", "limited", "closed"]
# joined: by road to the mainland or a larger island all the while; unknown: no pier, pad or bridge of it is listed.
Standing = Literal["joined", "open", "closing", "cut_off", "unknown"]
MoveWhat = Literal["visitors", "patients", "forces", "stores"]


class HoursSpread(msgspec.Struct, frozen=True, kw_only=True):
    """Hours under the mild, the likely and the severe outlook; ``low`` is never more than ``high``."""

    low: float
    likely: float
    high: float


class MomentSpread(msgspec.Struct, frozen=True, kw_only=True):
    """A moment under three outlooks: ``low`` the earliest, ``high`` the latest; None where it does not come about.

    For a last safe departure the severe outlook gives ``low``; None there means that nothing shuts within the horizon,
    or, where the island is cut off already, that no departure is left: the island's ``standing`` tells which.
    """

    low: datetime | None
    likely: datetime | None
    high: datetime | None


class WindowSpan(msgspec.Struct, frozen=True, kw_only=True):
    """A span of one state: departures within it are safe (open), safe by some ways only (limited), or none is (closed).

    ``reason`` says which rule and until when, for spans that are not open. ``beyond_forecast`` marks a span after the
    forecast's validity, where its last hour is taken to persist: an outlook, no forecast.
    """

    from_at: datetime
    to_at: datetime
    state: WindowState
    beyond_forecast: bool = False
    reason: Text | None = None


class Passage(msgspec.Struct, frozen=True, kw_only=True):
    """A departure by one class whose whole passage and berthing is open; a minute later it no longer is.

    For an out-and-back, ``depart_at`` is from the haven, ``turn_at`` when the craft leaves the island again,
    ``arrive_at`` when it is back and unloaded. ``passage_min`` is from departure to arrival. ``ended_by`` says which
    rule ends it; None where nothing ends it within the horizon.
    """

    craft_kind: CraftKind
    craft_class: str
    class_name: Text
    from_site: str
    from_name: Text
    to_site: str
    to_name: Text
    depart_at: datetime
    arrive_at: datetime
    passage_min: int
    turn_at: datetime | None = None
    ended_rule: str | None = None
    ended_by: Text | None = None
    beyond_forecast: bool = False


class CraftRow(msgspec.Struct, frozen=True, kw_only=True):
    """The windows of one kind of craft at one island, by the likely outlook; spans cover ``at`` to ``horizon_to``.

    ``last_departure`` is the last before the first closed spell that lasts (the report's assumptions say how long);
    None where there is none or no such spell comes.
    """

    kind: CraftKind
    class_ids: tuple[str, ...]
    spans: tuple[WindowSpan, ...]
    last_departure: Passage | None
    last_out_and_back: Passage | None


class CutOff(msgspec.Struct, frozen=True, kw_only=True):
    """A spell in which nothing reaches a haven from the island; ``to_at`` None where it outlasts the horizon."""

    from_at: datetime
    to_at: datetime | None
    hours: float
    beyond_forecast: bool = False


class Headcount(msgspec.Struct, frozen=True, kw_only=True):
    """People of one kind as counted: ``persons`` None where nobody counted; ``age_min`` is of the count at ``at``."""

    persons: int | None
    counted_at: datetime | None
    age_min: int | None
    source: str
    estimate: bool = True


class ForceCount(msgspec.Struct, frozen=True, kw_only=True):
    """The free groups of one kind on an island, and their persons together."""

    kind: str
    groups: int
    persons: int


class CraftCount(msgspec.Struct, frozen=True, kw_only=True):
    """The free craft of one class lying at an island."""

    craft_class: str
    class_name: Text
    craft_ids: tuple[str, ...]


class StoreHeld(msgspec.Struct, frozen=True, kw_only=True):
    """A store held on an island: how much, counted when and by whom."""

    item: str
    name: Text
    amount: float
    unit: Text
    counted_at: datetime | None
    age_min: int | None
    source: str


class Missing(msgspec.Struct, frozen=True, kw_only=True):
    """What an island lacks against its standing need; ``held`` None where nobody counted, which is not nothing.

    ``kind`` is persons, stores or craft; ``what`` the skill, item or class needed.
    """

    need_id: str
    kind: NeedKind
    what: str
    name: Text
    needed: float
    held: float | None
    short: float
    unit: Text
    source: str


class IslandOutlook(msgspec.Struct, frozen=True, kw_only=True):
    """What is ahead of one island; ``rank`` 1 is cut off first, the last safe departure being that of the last class.

    ``spans`` is the island as a whole: open while anything, by bridge, sea or air, reaches a haven. ``joined_by`` names
    its bridges that are open now. Where it can be left last by bridges, ``last_by_bridges`` names them,
    ``last_departure`` is None and ``last_safe_departure`` is when the way over them ends.
    """

    island_id: str
    name: Text
    lon_deg: float
    lat_deg: float
    rank: int
    standing: Standing
    joined_by: tuple[Text, ...]
    last_safe_departure: MomentSpread
    left_min: int | None
    last_departure: Passage | None
    last_out_and_back: Passage | None
    last_by_bridges: tuple[Text, ...]
    hours_cut_off: HoursSpread
    cut_offs: tuple[CutOff, ...]
    reopens: MomentSpread
    spans: tuple[WindowSpan, ...]
    rows: tuple[CraftRow, ...]
    residents: Headcount
    visitors: Headcount
    workers: Headcount
    patients: Headcount
    forces: tuple[ForceCount, ...]
    craft: tuple[CraftCount, ...]
    stores: tuple[StoreHeld, ...]
    missing: tuple[Missing, ...]

    @property
    def police(self) -> int:
        """Police persons on the island, of every police kind."""
        return sum(one.persons for one in self.forces if one.kind in POLICE_KINDS)

    @property
    def volunteers(self) -> int:
        """Everybody else of the forces there: auxiliaries, volunteers, township staff, guards, medical."""
        return sum(one.persons for one in self.forces) - self.police

    def row(self, kind: CraftKind) -> CraftRow | None:
        """Return the row of a kind, None where the region has no class of it."""
        return next((row for row in self.rows if row.kind == kind), None)


class MoveTrip(msgspec.Struct, frozen=True, kw_only=True):
    """One trip of one craft: loaded from ``from_site`` to ``to_site``, where it is unloaded at ``done_at``.

    ``leaves_at`` is when it casts off from where it lay before, ``start_site``, to come to ``from_site``.
    """

    craft_id: str
    craft_name: Text
    craft_class: str
    start_site: str
    start_name: Text
    from_site: str
    from_name: Text
    to_site: str
    to_name: Text
    leaves_at: datetime
    load_at: datetime
    depart_at: datetime
    arrive_at: datetime
    done_at: datetime
    carried: float


class Move(msgspec.Struct, frozen=True, kw_only=True):
    """One line of "move these before 19:30".

    ``latest_start_at`` is when the first craft has to cast off from where it lies, by the last departure of its own
    class; ``before_at`` when its last craft leaves the pier of boarding at the latest. ``amount`` of ``wanted`` is what
    the craft there are can take in the window; the rest stands in the report's ``unmet``. ``group_ids`` are the forces
    brought in. ``fits`` is False where less than wanted can be moved. ``severe_before_at`` is ``before_at`` by the
    severe outlook, None where a trip would then meet a limit: it should go sooner if it can.
    """

    id: str
    rank: int
    island_id: str
    island_name: Text
    what: MoveWhat
    name: Text
    amount: float
    wanted: float
    unit: Text
    from_site: str
    from_name: Text
    to_site: str
    to_name: Text
    craft_ids: tuple[str, ...]
    craft_names: tuple[Text, ...]
    craft_class: str
    class_name: Text
    trips: tuple[MoveTrip, ...]
    latest_start_at: datetime
    before_at: datetime
    left_min: int
    reason: Text
    fits: bool
    severe_before_at: datetime | None = None
    group_ids: tuple[str, ...] = ()


class Unmet(msgspec.Struct, frozen=True, kw_only=True):
    """What no craft can move within the window, and how many remain."""

    island_id: str
    what: MoveWhat
    remain: float
    unit: Text
    text: Text


class NextClosing(msgspec.Struct, frozen=True, kw_only=True):
    """The next row that closes, of all islands and kinds, after the report's moment."""

    island_id: str
    island_name: Text
    kind: CraftKind
    kind_name: Text
    at: datetime
    reason: Text | None


class ForecastNote(msgspec.Struct, frozen=True, kw_only=True):
    """Which forecast a report stands on."""

    id: str
    issued_at: datetime
    valid_to: datetime
    author: str
    source: str


class TonightValue(msgspec.Struct, frozen=True, kw_only=True):
    """What acting now is worth against waiting until the forecast is surer, over the outlooks and their weights.

    Shortfalls are points of standing need not held, summed over islands while cut off (the assumptions name the
    points). ``bound`` is a lower bound of ``act_expected``; ``gap`` = (act_expected - bound) / act_expected, 0..1.
    """

    outlooks: tuple[Text, ...]
    weights: tuple[float, ...]
    wait_until: datetime
    act_by_outlook: tuple[float, ...]
    wait_by_outlook: tuple[float, ...]
    act_expected: float
    wait_expected: float
    act_worst: float
    wait_worst: float
    bound: float
    gap: float
    moves: tuple[Text, ...]
    text: Text


class IsolationReport(msgspec.Struct, frozen=True, kw_only=True):
    """Until when each island can be left, and whom to move first; ``islands`` are in the order of being cut off.

    ``visitors_total`` counts visitors on islands that will be cut off, ``visitors_planned`` those a move takes.
    ``faults`` is what the solver-free check found: empty on every report that may be shown as checked.
    """

    format: str = ISOLATION_FORMAT
    id: str
    region_id: str
    scenario_id: str | None
    at: datetime
    horizon_to: datetime
    forecast: ForecastNote | None
    islands: tuple[IslandOutlook, ...]
    moves: tuple[Move, ...]
    unmet: tuple[Unmet, ...]
    next_closing: NextClosing | None
    visitors_total: int
    visitors_planned: int
    assumptions: tuple[Text, ...]
    faults: tuple[Text, ...]
    tonight: TonightValue | None = None
    solve_s: float = 0.0

    def island(self, island_id: str) -> IslandOutlook | None:
        """Return the outlook of an island, None if it is not in the report."""
        return next((one for one in self.islands if one.island_id == island_id), None)


def isolation_schema() -> dict[str, Any]:
    """Return the JSON Schema of a report; each type carries its docstring as its description."""
    return msgspec.json.schema(IsolationReport)
