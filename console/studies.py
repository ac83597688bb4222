"""Studies for the page: worked out in a child process, kept for all seats, dropped when nobody looks any more."""

from __future__ import annotations

import hashlib
import itertools
import threading
import time
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import msgspec

from console.study_child import Ask, Drop, Failed, Found
from console.study_process import DIED, StudyProcess
from data.situation import Situation
from data.text import Text

if TYPE_CHECKING:
    from console.world import World

# The moment a study starts from is a whole one, so that a clock's seconds do not make another question of it.
STEP = timedelta(minutes=5)
# While only positions and statuses change, a study is worked out anew at most this often.
ANEW_EVERY_S = 20.0
# How long somebody has looked before a study that waits is begun.
LOOKED_S = 6.0
KEPT = 16
# Of a situation, what an answer is never kept beyond.
FIRM = ("closures", "incidents", "counts", "stores", "tasks", "local_teams", "relief_at", "evacuations")


@dataclass(frozen=True)
class Study:
    """One kind of study: ``work`` is 'module:function', called with a Bench, a situation and what was given.

    A study that ``follows`` the clock is worked out again as time passes; one that does not keeps its answer until
    the weather, a closure, a count or a task changes, or somebody asks anew: a plan must not change under the hand. One
    that ``waits`` is begun only when somebody has looked for a while, in a process of its own: it cannot be stopped.
    """

    work: str
    follows: bool = False
    waits: bool = False


# A new study is a line here and a function in study_work.py.
STUDIES: dict[str, Study] = {
    "isolation": Study("console.study_work:isolation", follows=True),
    "tonight": Study("console.study_work:tonight", waits=True),
    "circles": Study("console.study_work:circles"),
    "hold": Study("console.study_work:hold"),
    "evacuation": Study("console.study_work:evacuation"),
    "robust": Study("console.study_work:robust_evacuation", waits=True),
}


@dataclass(frozen=True)
class Answer:
    """What a study has come to. ``at`` is the moment it starts from, ``issued_at`` that of the forecast it rests on.

    ``worked_out_at`` is in the world's time. ``last`` is False while a better answer may come. ``fault`` says why
    there is no value.
    """

    value: Any
    at: datetime
    worked_out_at: datetime
    issued_at: datetime | None
    took_s: float
    last: bool
    fault: Text | None = None


@dataclass(frozen=True)
class Seen:
    """What a page shows of a study: the latest answer, if any, and whether another is being worked out."""

    answer: Answer | None = None
    working: bool = False


@dataclass(frozen=True)
class _Basis:
    """What an answer rests on: ``firm`` is never waited with when it changes, ``loose`` may wait a little."""

    firm: Hashable
    loose: Hashable


@dataclass
class _Job:
    number: int
    basis: _Basis
    situation: Situation


@dataclass
class _Slot:
    """One question: its name and what was given with it."""

    name: str
    lookers: dict[int, Callable[[], None]] = field(default_factory=dict)
    job: _Job | None = None
    # Dropped, but perhaps past stopping: what it comes to is taken all the same.
    dropped: _Job | None = None
    answer: Answer | None = None
    basis: _Basis | None = None
    ended_s: float = 0.0
    since_s: float | None = None

    def is_due(self, basis: _Basis) -> bool:
        """Tell whether another answer is wanted than the one there is."""
        if self.basis is None or self.basis.firm != basis.firm:
            return True
        return self.basis.loose != basis.loose and time.monotonic() - self.ended_s >= ANEW_EVERY_S


class StudyDesk:
    """The studies of one world. All methods are called in the server's loop."""

    def __init__(self, world: World, process: StudyProcess | None = None, later: StudyProcess | None = None) -> None:
        self._world = world
        self._slots: dict[Hashable, _Slot] = {}
        self._numbers = itertools.count(1)
        self._process, self._later = process or StudyProcess(world.region), later or StudyProcess(world.region)
        for one in (self._process, self._later):
            one.on_message = lambda message: world.call_in_loop(lambda: self._take(message))

    def look(
        self,
        looker: object,
        name: str,
        cut: Callable[[datetime], Situation],
        now: datetime,
        *,
        tell: Callable[[], None],
        past: bool = False,
        beside: Mapping[str, Any] | None = None,
        **given: Any,
    ) -> Seen:
        """Return what is known of a study and have it worked out where that is out of date.

        ``cut`` makes the situation of a moment. ``tell`` is called when there is news, until the looker leaves. A
        study of the ``past`` is kept apart from that of now. What is ``given`` makes a question of its own; what is
        given ``beside``, a plan with an id or None, makes another answer to the same. Raises KeyError for a study that
        is not in STUDIES.
        """
        study = STUDIES[name]
        slot = self._slot(self._key(name, past, given), name)
        slot.lookers[id(looker)] = tell
        situation = cut(whole_step(now))
        more = dict(beside or {})
        basis = basis_of(situation, follows=study.follows, past=past, beside=[one and one.id for one in more.values()])
        if slot.job is not None and slot.job.basis.firm != basis.firm:
            self._drop(slot)
        if slot.job is None and slot.is_due(basis):
            if study.waits and not self._has_looked(slot):
                return Seen(slot.answer, True)
            slot.job = _Job(next(self._numbers), basis, situation)
            self._process_of(slot).send(Ask(slot.job.number, study.work, situation, {**given, **more}))
        return Seen(slot.answer, slot.job is not None)

    def known(self, name: str, *, past: bool = False, **given: Any) -> Answer | None:
        """Return the latest answer to a question, if there is one; nothing is begun."""
        slot = self._slots.get(self._key(name, past, given))
        return slot.answer if slot is not None else None

    def ask_anew(self, name: str) -> None:
        """Have the studies of a name worked out again when they are next looked at."""
        for slot in self._slots.values():
            if slot.name == name and slot.job is None:
                slot.basis = None

    def leave(self, looker: object) -> None:
        """Tell that a looker looks at something else; what nobody looks at is not worked out to the end."""
        for slot in self._slots.values():
            slot.lookers.pop(id(looker), None)
            if not slot.lookers:
                slot.since_s = None
                self._drop(slot)

    def close(self) -> None:
        """End the processes; studies under way are lost."""
        self._process.close()
        self._later.close()

    def _process_of(self, slot: _Slot) -> StudyProcess:
        return self._later if STUDIES[slot.name].waits else self._process

    def _has_looked(self, slot: _Slot) -> bool:
        """Tell whether somebody has looked for a while; where it begins now, its lookers are told when it has."""
        now_s = time.monotonic()
        if slot.since_s is None:
            slot.since_s = now_s
            again = threading.Timer(LOOKED_S + 0.1, lambda: self._world.call_in_loop(lambda: self._tell(slot)))
            again.daemon = True
            again.start()
        return now_s - slot.since_s >= LOOKED_S

    @staticmethod
    def _tell(slot: _Slot) -> None:
        for tell in list(slot.lookers.values()):
            tell()

    def _key(self, name: str, past: bool, given: Mapping[str, Any]) -> Hashable:
        return (self._world.generation, name, past, tuple(sorted(given.items())))

    def _slot(self, key: Hashable, name: str) -> _Slot:
        """Return the slot of a question, making room for it among those nobody looks at."""
        if key not in self._slots:
            unseen = [one for one, slot in self._slots.items() if not slot.lookers]
            for one in unseen[: max(0, len(self._slots) + 1 - KEPT)]:
                del self._slots[one]
            self._slots[key] = _Slot(name)
        return self._slots[key]

    def _drop(self, slot: _Slot) -> None:
        if slot.job is not None:
            self._process_of(slot).send(Drop(slot.job.number))
            slot.job, slot.dropped = None, slot.job

    def _take(self, message: Found | Failed) -> None:
        for slot in self._slots.values():
            if slot.job is not None and slot.job.number == message.number:
                self._take_over(slot, slot.job, message)
                return
            if slot.dropped is not None and slot.dropped.number == message.number:
                job, slot.dropped = slot.dropped, None
                if isinstance(message, Found) and message.last:
                    if slot.job is not None and slot.job.basis == job.basis:
                        self._drop(slot)
                    self._take_over(slot, job, message)
                return

    def _take_over(self, slot: _Slot, job: _Job, message: Found | Failed) -> None:
        found = message if isinstance(message, Found) else None
        fault = None if isinstance(message, Found) else message.text or DIED
        slot.answer = Answer(
            value=found.value if found is not None else None,
            at=job.situation.at,
            worked_out_at=self._world.now,
            issued_at=job.situation.forecast.issued_at if job.situation.forecast else None,
            took_s=found.took_s if found is not None else 0.0,
            last=found is None or found.last,
            fault=fault,
        )
        if slot.answer.last:
            slot.basis, slot.ended_s = job.basis, time.monotonic()
            if slot.job is job:
                slot.job = None
        self._tell(slot)


def whole_step(moment: datetime) -> datetime:
    """Return the last whole five minutes at or before a moment."""
    return moment - timedelta(seconds=moment.timestamp() % STEP.total_seconds())


def basis_of(situation: Situation, *, follows: bool, past: bool, beside: Sequence[Hashable] = ()) -> _Basis:
    """Return what an answer about a situation rests on; the clock counts where the study follows it, or of the past."""
    forecast = situation.forecast
    firm: tuple[Hashable, ...] = (
        forecast and (forecast.id, forecast.issued_at, forecast.valid_to),
        *(_hash(getattr(situation, name)) for name in FIRM),
        situation.at if past else None,
        *beside,
    )
    return _Basis(firm, _hash(msgspec.structs.replace(situation, forecast=None)) if follows else None)


def _hash(value: Any) -> str:
    return hashlib.sha256(msgspec.json.encode(value, order="deterministic")).hexdigest()


_DESKS: WeakKeyDictionary[World, StudyDesk] = WeakKeyDictionary()


def study_desk(world: World) -> StudyDesk:
    """Return the desk of a world, the same for all its seats."""
    if world not in _DESKS:
        _DESKS[world] = StudyDesk(world)
    return _DESKS[world]
