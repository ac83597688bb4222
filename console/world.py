"""One running world: its journal, picture and clock, and the one way to change them."""

from __future__ import annotations

import asyncio
import logging
import threading
import uuid
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from console.clock import MAX_SPEED, WallClock, WorldClock
from console.commands import Command, SetClock
from console.decide.ground import Ground, RefusedError
from console.decide.table import decide
from console.opening import Story, opening_entries
from console.replay import Replay
from console.ticker import Ticker
from data.errors import CommandRefusedError, TongzhouError, worded
from data.geography import Region
from data.journal.events import Recorded
from data.journal.interface import BrokenChainError, ConflictError, Entry, Fix, Journal
from data.journal.picture import Picture, picture_from
from data.journal.store import Store, open_store
from data.plans import Plan
from data.situation import Situation, WorldMode
from data.text import Text
from routing.check import check_plan

_log = logging.getLogger(__name__)
Listener = Callable[[tuple[Recorded, ...]], None]
FixListener = Callable[[tuple[Fix, ...]], None]


@dataclass(frozen=True)
class Outcome:
    """What became of a command: its events, or a refusal in words; ``permitted`` is False where the role may not.

    ``winner`` is what somebody else wrote first, where that is why.
    """

    ok: bool
    events: tuple[Recorded, ...] = ()
    refusal: Text | None = None
    permitted: bool = True
    winner: Recorded | None = None


class World:
    """Journal, picture, clock and network of one running console.

    ``generation`` goes up when another scenario is started: everything a view holds is then of the past.
    """

    def __init__(self, store: Store, region: Region, network: Any, journal: Journal, worker: Any = None) -> None:
        self.store, self.region, self.network, self.worker = store, region, network, worker
        self.generation = 0
        self._lock = threading.RLock()
        self._listeners: list[Listener] = []
        self._fix_listeners: list[FixListener] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        self._loop_thread = 0
        self._take_up(journal)

    @classmethod
    def open(
        cls,
        store: Store | Path | str,
        region: Region,
        network: Any,
        scenario: Story | None = None,
        *,
        mode: WorldMode = "drill",
        speed: float | None = None,
        worker: Any = None,
    ) -> World:
        """Open the journal of a store, or of the one at an address: resume it, or begin it from the scenario.

        Raises CommandRefusedError when it is empty and no scenario is given, or is of another region;
        JournalStoreError when another console holds it; BrokenChainError when an event was changed in the file.
        """
        if isinstance(store, str | Path):
            store = open_store(store, mode)
        journal = store.open_journal()
        try:
            _verify(journal)
            if journal.mode is None:
                if scenario is None:
                    raise worded(
                        CommandRefusedError(f"The journal in {store.shown} is empty. Name a scenario to begin with."),
                        zh=f"{store.shown} 中的日志是空的。请指明从哪个想定开始。",
                    )
                _begin(journal, _opening(scenario, region, mode, speed), scenario.start_at)
            world = cls(store, region, network, journal, worker)
            if world.picture.region_id != region.id:
                of_region = world.picture.region_id
                raise worded(
                    CommandRefusedError(
                        f"The journal in {store.shown} is of the region '{of_region}', not '{region.id}'. "
                        "Name that region (--region FOLDER), or another store (--store FOLDER)."
                    ),
                    zh=f"{store.shown} 中的日志属于区域“{of_region}”，而不是“{region.id}”。"
                    "请指明该区域（--region FOLDER），或换一个存放文件夹（--store FOLDER）。",
                )
        except BaseException:
            journal.close()
            raise
        return world

    @property
    def mode(self) -> WorldMode:
        """The mode of the journal; fixed when it began."""
        return self.picture.mode

    @property
    def now(self) -> datetime:
        """World time, never behind the picture."""
        now = self.clock.now()
        return max(now, self.picture.world_at) if self.picture.world_at else now

    @property
    def start_at(self) -> datetime:
        """World time at which the journal begins."""
        return self.picture.start_at or self.now

    def execute(self, command: Command, actor: str, command_id: str | None = None) -> Outcome:
        """Decide a command against the picture, record its events, fold them in and tell everyone.

        A refusal is an outcome, not an error. A ``command_id`` seen before returns what it recorded then.
        """
        with self._lock:
            command_id = command_id or uuid.uuid4().hex
            if repeated := self.journal.recorded_by(command_id):
                return Outcome(ok=True, events=repeated)
            try:
                recorded = self._recorded(command, actor, command_id)
            except RefusedError as refused:
                return Outcome(ok=False, refusal=refused.text)
            except ConflictError as conflict:
                return Outcome(ok=False, refusal=_conflict_text(conflict), winner=conflict.winner)
            except TongzhouError as error:
                return Outcome(ok=False, refusal=Text(f"未执行:{error}", f"Not done: {error}"))
            self._fold(recorded)
            if isinstance(command, SetClock):
                self.clock.set_speed(command.speed)
        if recorded:
            self._tell(self._listeners, recorded)
        return Outcome(ok=True, events=recorded)

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Call the listener in the server's loop after each commit; returns the function that ends it."""
        return _enlisted(self._listeners, listener)

    def subscribe_fixes(self, listener: FixListener) -> Callable[[], None]:
        """Call the listener with each batch of new positions; returns the function that ends it."""
        return _enlisted(self._fix_listeners, listener)

    def record_fixes(self, fixes: tuple[Fix, ...]) -> None:
        """Store positions, move the units of the picture and tell everyone."""
        if not fixes:
            return
        with self._lock:
            self.journal.record_positions(fixes)
            self.picture.apply_fixes(fixes)
        self._tell(self._fix_listeners, fixes)

    def picture_at(self, moment: datetime) -> Picture:
        """Return the picture as it was known at a moment; shared, so never change it."""
        with self._lock:
            return self._replay.picture_at(moment)

    def rehearse(self, plan: Plan) -> None:
        """Check a plan off the server's loop, so that its routes are remembered and accepting it is quick."""
        if self._loop is not None and self.network is not None:
            situation = self.picture.situation(plan.start_at, plan.incident_ids)
            self._loop.run_in_executor(None, _rehearsed, plan, situation, self.region, self.network)

    def call_in_loop(self, task: Callable[[], None]) -> None:
        """Run a task in the server's loop, from whatever thread; at once where there is no loop."""
        loop = self._loop
        if loop is not None and threading.get_ident() != self._loop_thread:
            with suppress(RuntimeError):  # the loop closed while the server was stopping
                loop.call_soon_threadsafe(task)
            return
        task()

    async def run(self) -> None:
        """Keep the world moving until cancelled: simulator, positions, timers and alarms."""
        self._loop, self._loop_thread = asyncio.get_running_loop(), threading.get_ident()
        try:
            await Ticker(self).run()
        finally:
            self._loop = None

    def restart(self, scenario: Story, *, speed: float | None = None) -> None:
        """Put the journal into the archive and begin another from a scenario; nothing is deleted."""
        with self._lock:
            opening = _opening(
                scenario, self.region, self.mode, speed
            )  # a broken scenario fails before anything is moved
            journal = self.store.begin_another(self.journal, self.picture.scenario_id or "world", datetime.now(UTC))
            _begin(journal, opening, scenario.start_at)
            self._take_up(journal)
            self.generation += 1
            events = tuple(journal.read())
        self._tell(self._listeners, events)

    def close(self) -> None:
        """Release the journal."""
        with self._lock:
            self.journal.close()
            self.store.close()

    def _take_up(self, journal: Journal) -> None:
        """Rebuild the picture and set the clock to where the journal stopped."""
        self.journal = journal
        events = list(journal.read())
        last_at = journal.last_world_at() or datetime.now(UTC)
        self.picture = picture_from(events, self.region, journal.positions_at(last_at).values())
        self._replay = Replay(self.region, lambda moment: self.journal.positions_at(moment))
        self._replay.add(events)
        self.clock: WorldClock
        if self.picture.mode == "live":
            self.clock = WallClock()
        else:
            self.clock = WorldClock(last_at, self.picture.clock_speed)

    def _recorded(self, command: Command, actor: str, command_id: str) -> tuple[Recorded, ...]:
        now, wall_now = self.now, datetime.now(UTC)
        ground = Ground(
            picture=self.picture, region=self.region, network=self.network, now=now, wall_now=wall_now, actor=actor
        )
        entries = decide(command, ground)
        return self.journal.append(entries, command_id=command_id, actor=actor, world_at=now, recorded_at=wall_now)

    def _fold(self, recorded: tuple[Recorded, ...]) -> None:
        for one in recorded:
            self.picture.apply(one)
        self._replay.add(recorded)

    def _tell(self, listeners: list[Any], news: tuple[Any, ...]) -> None:
        """Call listeners in the server's loop; at once where there is none, as in a test."""
        current = list(listeners)
        self.call_in_loop(lambda: _call_each(current, news))


def _rehearsed(plan: Plan, situation: Situation, region: Region, network: Any) -> None:
    try:
        check_plan(plan, situation, region, network)
    except Exception:  # the acceptance itself will meet it and say so
        _log.exception("A plan could not be rehearsed")


def _call_each(listeners: list[Any], news: tuple[Any, ...]) -> None:
    for listener in listeners:
        try:
            listener(news)
        except Exception:  # one seat's fault must not keep the news from the others
            _log.exception("A view failed on news of the world")


def _enlisted(listeners: list[Any], listener: Any) -> Callable[[], None]:
    listeners.append(listener)

    def end() -> None:
        with suppress(ValueError):
            listeners.remove(listener)

    return end


def _opening(scenario: Story, region: Region, mode: WorldMode, speed: float | None) -> list[Entry]:
    chosen = min(scenario.clock_speed if speed is None else speed, MAX_SPEED)
    return opening_entries(scenario, region, mode, 1.0 if mode == "live" else chosen)


def _begin(journal: Journal, opening: list[Entry], start_at: datetime) -> None:
    journal.append(
        opening,
        command_id=f"open-{uuid.uuid4().hex}",
        actor="scenario",
        world_at=start_at,
        recorded_at=datetime.now(UTC),
    )


def _verify(journal: Journal) -> None:
    """Refuse a journal that was changed after it was written: nothing on screen may rest on it."""
    try:
        journal.verify()
    except BrokenChainError as error:
        raise worded(
            BrokenChainError(f"{error} Serve from a copy made before, or begin another journal (--store FOLDER)."),
            zh=f"日志的哈希链不成立，文件被改动过：{error} 请用改动前的副本，或另开日志（--store 文件夹）。",
        ) from error


def _conflict_text(conflict: ConflictError) -> Text:
    who = conflict.winner.actor if conflict.winner else "?"
    return Text(
        f"{who} 先一步更改了“{conflict.stream}”。请看最新态势后再定。",
        f"{who} changed '{conflict.stream}' first. Look again, then decide.",
    )
