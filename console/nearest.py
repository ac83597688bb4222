"""The nearest units of an incident for the page: worked out in a thread, kept for all seats, no wait for the server."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from console.map.background import KeptAnswers
from console.paths import cache_folder
from data.array_cache import ArrayCache
from data.errors import TongzhouError
from data.situation import Situation
from data.text import Text
from routing.deploy.lane_book import LaneBook
from routing.dispatch.callout import Callout, Kind, call_out, call_sign, coming_times, strength_of, unit_id
from routing.dispatch.coming import ComingTimes
from routing.dispatch.nearest import NearestUnits, nearest_units
from routing.network.network import Network
from routing.network.rings import Way

if TYPE_CHECKING:
    from console.world import World
    from data.journal.picture import Picture

log = logging.getLogger(__name__)
SHOWN: dict[Kind, int] = {"groups": 10, "craft": 5}
PASSED_SHOWN = 6
# A list is made anew at most this often, however much happens; it says of which moment it is.
ANEW_EVERY_S = 3.0
KEPT = 32
FAILED = Text("未能算出，已写入日志。", "It could not be worked out; it is in the log.")


@dataclass(frozen=True)
class NearRow:
    """One unit that can go; ``craft`` fetches it and lands it at ``landing``.

    ``cover`` is how many free groups its station has, has left, and must keep.
    """

    unit_id: str
    name: Text
    strength: int
    minutes: float
    way: Way
    craft: Text | None
    landing: Text | None
    cover: tuple[int, int, int] | None
    own_patch: bool
    limit: Text | None


@dataclass(frozen=True)
class PassedRow:
    """One unit that is nearer but cannot go, and why."""

    unit_id: str
    name: Text
    minutes: float
    reason: Text


@dataclass(frozen=True)
class NearList:
    """The nearest of an incident at a moment; ``took_ms`` is what working it out took. ``fault`` says what failed."""

    incident_id: str
    at: datetime
    issued_at: datetime | None
    skills: tuple[str, ...] = ()
    groups: tuple[NearRow, ...] = ()
    craft: tuple[NearRow, ...] = ()
    passed: tuple[PassedRow, ...] = ()
    took_ms: float = 0.0
    fault: Text | None = None


def find_nearest(situation: Situation, network: Network, book: LaneBook) -> NearList:
    """Return the nearest of a situation's first incident: groups, then craft with who they bring."""
    begun_s = time.perf_counter()
    times = coming_times(situation, network, book)
    groups, first = _of_kind(situation, times, book, "groups")
    craft, _ = _of_kind(situation, times, book, "craft")
    called, found = first if first is not None else (None, None)
    return NearList(
        incident_id=situation.incidents[0].id,
        at=situation.at,
        issued_at=situation.forecast.issued_at if situation.forecast else None,
        skills=tuple(sorted(called.problem.skills_needed[0])) if called is not None else (),
        groups=groups,
        craft=craft,
        passed=_passed(called, found) if called is not None and found is not None else (),
        took_ms=1000 * (time.perf_counter() - begun_s),
    )


def _of_kind(
    situation: Situation, times: ComingTimes, book: LaneBook, kind: Kind
) -> tuple[tuple[NearRow, ...], tuple[Callout, NearestUnits] | None]:
    if not (situation.groups if kind == "groups" else situation.craft):
        return (), None
    network = times.crossings.network
    called = call_out(situation, network, book, kind, times=times)
    found = nearest_units(called.problem, 0, SHOWN[kind])
    rows = []
    for unit, seconds in zip(found.units.tolist(), found.seconds.tolist(), strict=True):
        landing = called.site(int(called.comings.landing[unit, 0]))
        carrier, way = called.carrier(0, unit), called.comings.way_of(unit, 0)
        assert way is not None  # who can go has a way
        one = called.units[unit]
        rows.append(
            NearRow(
                unit_id=unit_id(one),
                name=call_sign(one),
                strength=strength_of(one, network.region),
                minutes=seconds / 60,
                way=way,
                craft=call_sign(carrier) if carrier is not None else None,
                landing=landing.name if landing is not None else None,
                cover=called.cover_after(0, unit),
                own_patch=bool(called.own_patch[0, unit]),
                limit=called.limit_on(0, unit),
            )
        )
    return tuple(rows), (called, found)


def _passed(called: Callout, found: NearestUnits) -> tuple[PassedRow, ...]:
    """Return the nearest of those that cannot go but have a way there."""
    rows = []
    for unit, seconds, block in found.nearest_passed(PASSED_SHOWN):
        one = called.units[unit]
        if called.comings.way_of(unit, 0) is not None:
            rows.append(PassedRow(unit_id(one), call_sign(one), seconds / 60, called.why_blocked(0, unit, block)))
    return tuple(rows)


class NearestDesk:
    """Answers about one world. The latest answer of an incident is shown until a newer one is there."""

    def __init__(self) -> None:
        self._answers = KeptAnswers(KEPT)
        self._latest: dict[tuple[int, str, bool], tuple[Any, float, NearList]] = {}
        self._book: tuple[Network, LaneBook] | None = None

    def look(
        self, world: World, picture: Picture, incident_id: str, now: datetime, tell: Callable[[], None] | None
    ) -> tuple[NearList | None, bool]:
        """Return the latest answer for an incident, None before the first, and whether a newer one is on its way.

        ``tell`` is called in the server's loop when it is there; without it the answer is waited for.
        """
        network, incident = world.network, picture.incidents.get(incident_id)
        if network is None or incident is None:
            return None, False
        minute = now.replace(second=0, microsecond=0)
        slot = (world.generation, incident_id, picture is world.picture)
        key = (*slot, picture.seq, minute)
        kept = self._latest.get(slot)
        if kept is not None and (kept[0] == key or time.monotonic() - kept[1] < ANEW_EVERY_S):
            return kept[2], False
        situation = picture.situation(now, [incident_id])
        told = None if tell is None else (lambda: world.call_in_loop(tell))
        found: NearList | None = self._answers.get(key, lambda: self._work(situation, network), told)
        if found is None:
            return (kept[2] if kept is not None else None), True
        while len(self._latest) >= KEPT:
            self._latest.pop(next(iter(self._latest)))
        self._latest[slot] = (key, time.monotonic(), found)
        return found, False

    def _work(self, situation: Situation, network: Network) -> NearList:
        incident_id = situation.incidents[0].id
        issued_at = situation.forecast.issued_at if situation.forecast else None
        try:
            return find_nearest(situation, network, self._lanes(network))
        except TongzhouError as error:
            fault = error.text or Text(str(error), str(error))
        except Exception:
            log.exception("the nearest units of %s could not be worked out", incident_id)
            fault = FAILED
        return NearList(incident_id, situation.at, issued_at, fault=fault)

    def _lanes(self, network: Network) -> LaneBook:
        if self._book is None or self._book[0] is not network:
            self._book = (network, LaneBook.build(network, ArrayCache(cache_folder())))
        return self._book[1]


_DESKS: WeakKeyDictionary[World, NearestDesk] = WeakKeyDictionary()


def nearest_desk(world: World) -> NearestDesk:
    """Return the desk of a world, the same for all its seats."""
    if world not in _DESKS:
        _DESKS[world] = NearestDesk()
    return _DESKS[world]
