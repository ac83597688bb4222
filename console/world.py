"""One running world: its journal, picture and clock, and the one way to change them."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from console.audience import Audience
from console.clock import WorldClock
from console.commands import Command
from console.conflict_words import said_of, told_loser
from console.decide.ground import Ground, RefusedError
from console.decide.table import decide
from console.folded import Folded
from console.follow import News
from console.health import Health, in_both
from console.i18n import both
from console.opening import Opening, Story, begin, begin_if_empty, check_chain, check_mode, check_region, opening_of
from console.outcome import Outcome
from console.paths import positions_folder
from console.pulse import Pulse, joined_clock
from console.store_watch import StoreWatch
from console.ticker import Ticker
from console.turns import Turns
from data.errors import CommandRefusedError, TongzhouError, worded
from data.geography import Region
from data.journal.events import ClockChanged
from data.journal.history import PositionHistory
from data.journal.interface import ConflictError, Fix, Journal, StoreUnreachableError, SupersededError
from data.journal.picture import Picture
from data.journal.shared import ClockBeat
from data.journal.store import Store, open_store
from data.plans import Plan
from data.situation import Situation, WorldMode
from data.text import Text
from routing.check import check_plan

__all__ = ["Outcome", "World"]

_log = logging.getLogger(__name__)


class World(Audience):
    """Journal, picture, clock and network of one running console.

    What the journal tells is folded, whichever console wrote it. ``generation`` goes up when another scenario is
    started: everything a view holds is then of the past. ``leads`` tells whether this console runs what moves by
    itself. Each of ``each_second`` is called off the server's loop while the store answers, at every console; each
    of ``each_minute`` at the leader alone. ``console`` is this console's name among those on the store.
    """

    def __init__(self, store: Store, region: Region, network: Any, journal: Journal, worker: Any = None) -> None:
        super().__init__()
        self.store, self.region, self.network, self.worker = store, region, network, worker
        self.console = ""
        self.generation = 0
        self.each_second: list[Callable[[], None]] = []
        self.each_minute: list[Callable[[], None]] = []
        self.watch = StoreWatch(self.tell_health, self.tell_answer)
        self._turns = Turns(self._fold, lambda: self._folded.is_behind, self.tell)
        self._pulse: Pulse | None = None
        with self._turns.holding():
            self._take_up(journal, store.shared.last_beat(journal))
        self.leads = store.shared.lead()

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

        Raises CommandRefusedError when it is empty and no scenario is given, or is of another region or mode;
        JournalStoreError when it cannot be opened; BrokenChainError when an event was changed in the store.
        """
        if isinstance(store, str | Path):
            store = open_store(store, mode)
        journal = store.open_journal()
        try:
            check_chain(journal)
            check_mode(journal, mode, store.shown)
            begin_if_empty(journal, scenario, region, mode, speed, store.shown)
            check_region(journal, region, store.shown)
            return cls(store, region, network, journal, worker)
        except BaseException:
            journal.close()
            store.close()
            raise

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

    @property
    def journal(self) -> Journal:
        """The journal in use."""
        return self._folded.journal

    @property
    def picture(self) -> Picture:
        """What is known now; changed in the server's loop alone."""
        return self._folded.picture

    @property
    def health(self) -> Health:
        """Whether the store answers and may be written."""
        return self.watch.health

    def execute(self, command: Command, actor: str, command_id: str | None = None) -> Outcome:
        """Decide a command against the picture, record its events, fold them in and tell everyone.

        A refusal is an outcome, not an error. A ``command_id`` seen before returns what it recorded then.
        May be called from any thread; it is done in the server's loop.
        """
        return self.answer_of(lambda: self._executed(command, actor, command_id))

    def record_fixes(self, fixes: tuple[Fix, ...]) -> bool:
        """Store positions and tell whether they are stored; from any thread.

        The units of every picture move when the journal tells of them.
        """
        if not fixes or not self.health.may_try:
            return not fixes
        try:
            self.journal.record_positions(fixes)
        except TongzhouError as error:
            self.call_in_loop(partial(self.watch.note, error))
            return False
        self.call_in_loop(self.watch.note_written)
        return True

    @property
    def history(self) -> PositionHistory:
        """The positions of all hours, of the journal in use."""
        return self._folded.history

    def picture_at(self, moment: datetime) -> Picture:
        """Return the picture as it was known at a moment; shared, so never change it."""
        with self._turns.lock:
            return self._folded.replay.picture_at(moment)

    def rehearse(self, plan: Plan) -> None:
        """Check a plan off the server's loop, so that its routes are remembered and accepting it is quick."""
        if self.network is not None:
            situation = self.picture.situation(plan.start_at, plan.incident_ids)
            self.in_executor(_rehearsed, plan, situation, self.region, self.network)

    async def run(self) -> None:
        """Keep the world moving until cancelled: the store's pulse; at the leader simulator, positions and alarms."""
        self.enter_loop()
        self._pulse = Pulse(self)
        beside = asyncio.create_task(self._pulse.run())
        try:
            self._turns.take_in()
            await Ticker(self).run()
        finally:
            beside.cancel()
            self._pulse = None
            self.leave_loop()

    def restart(self, scenario: Story, *, speed: float | None = None) -> None:
        """Put the journal aside and begin another from a scenario; nothing is deleted.

        A broken scenario fails before anything is moved. Where another console was first with another scenario,
        that one is taken up and CommandRefusedError raised. Raises JournalStoreError.
        """
        opening = opening_of(scenario, self.region, self.mode, speed)
        with self._turns.holding():
            try:
                journal = self.store.begin_another(self.journal, self.picture.scenario_id or "world", datetime.now(UTC))
            except SupersededError as error:
                if self.take_up_latest(opening):
                    return
                text = both("health.superseded")
                raise worded(CommandRefusedError(text.en), zh=text.zh) from error
            begin(journal, opening)
            self._change_to(journal)

    def catch_up(self, missed: News = ()) -> None:
        """Fold in what was read of the journal beside what it told."""
        self._folded.add(missed)
        self._turns.take_in()

    def take_up_latest(self, opening: Opening | None = None) -> bool:
        """Take up the journal another console has begun; one still empty begins with ``opening``, or waits.

        Returns whether that opening is the one that holds.
        """
        with self._turns.holding():
            journal = self.store.open_journal()
            if journal.mode is None and opening is not None:
                begin(journal, opening)
            if journal.mode is None:
                journal.close()
                return False
            check_chain(journal)
            self._change_to(journal)
            return opening is not None and bool(journal.recorded_by(opening.command_id))

    def close(self) -> None:
        """Release the journal and the store."""
        with self._turns.lock:
            self._folded.leave()
            self.store.close()

    def _take_up(self, journal: Journal, beat: ClockBeat | None = None) -> None:
        """Rebuild the picture and set the clock to the leader's by its beat, or to where the journal stopped."""
        folder = positions_folder(self.store.shown, journal.mode or "drill")
        folded = Folded(journal, self.region, lambda: self.call_in_loop(self._turns.take_in), folder)
        folded.is_silent = lambda: self.health.state == "unreachable"
        # The clock first: whoever finds this journal here must not find the clock of the one before beside it.
        self.clock: WorldClock = joined_clock(folded.picture, folded.last_at, beat)
        self._folded = folded
        self.watch.look_for_unknown(folded.opening)

    def _change_to(self, journal: Journal) -> None:
        """Leave the journal for another, from which everybody starts afresh."""
        before = self._folded
        self.watch.note_another_journal()
        self._take_up(journal)
        self.generation += 1
        self._turns.untold.append((self._folded.opening, ()))
        before.leave()

    def _executed(self, command: Command, actor: str, command_id: str | None) -> Outcome:
        with self._turns.holding():
            if (refusal := self.watch.refusal()) is not None:
                return Outcome(ok=False, refusal=refusal, why="store")
            try:
                self._fold()
                return self._recorded(command, actor, command_id)
            except RefusedError as refused:
                return Outcome(ok=False, refusal=refused.text, why="refused")
            except ConflictError as conflict:
                return self._lost_to(conflict)
            except SupersededError:
                with suppress(TongzhouError):
                    self.take_up_latest()
                return Outcome(ok=False, refusal=both("health.superseded"), why="store")
            except TongzhouError as error:
                self.watch.note(error)
                said = in_both(error)
                return Outcome(ok=False, refusal=Text(f"未执行:{said.zh}", f"Not done: {said.en}"), why="store")

    def _recorded(self, command: Command, actor: str, command_id: str | None) -> Outcome:
        if command_id and (repeated := self.journal.recorded_by(command_id)):
            return Outcome(ok=True, events=repeated)
        now, wall_now = self.now, datetime.now(UTC)
        ground = Ground(
            picture=self.picture, region=self.region, network=self.network, now=now, wall_now=wall_now, actor=actor
        )
        entries = decide(command, ground)
        if not entries:
            return Outcome(ok=True)
        own_id = command_id or uuid.uuid4().hex
        try:
            recorded = self.journal.append(entries, command_id=own_id, actor=actor, world_at=now, recorded_at=wall_now)
        except StoreUnreachableError as error:
            self.watch.note(error)
            self.watch.lost(own_id, actor, said_of(entries[0].event, self.picture))
            return Outcome(ok=False, refusal=both("health.outcome_unknown"), why="store")
        self.watch.note_written()
        self._folded.add(recorded)
        self._fold()
        return Outcome(ok=True, events=recorded)

    def _lost_to(self, conflict: ConflictError) -> Outcome:
        """Look at what won before saying what now holds; the command is never given again by itself."""
        try:
            self._folded.add_missed()
            self._fold()
        except TongzhouError as error:
            self.watch.note(error)
        refusal = told_loser(conflict, self.picture)
        return Outcome(ok=False, refusal=refusal, winner=conflict.winner, why="conflict")

    def _fold(self) -> bool:
        """Fold in what was heard; returns False where the store does not answer for a gap in it."""
        try:
            for events, fixes in self._folded.fresh():
                self._turns.untold.append((events, fixes))
                self._heed(events)
        except StoreUnreachableError as error:
            self.watch.note(error)
            return False
        except Exception:  # whatever is wrong with an event, what the picture shows must not be taken for the whole
            _log.exception("An event of the journal could not be folded")
            self.watch.note_unfoldable(self.picture.seq + 1)
            return False
        return True

    def _heed(self, events: News) -> None:
        """See to what events mean for the console itself."""
        self.watch.look_for_unknown(events)
        for one in events:
            if isinstance(one.event, ClockChanged):
                self.clock.set_speed(one.event.speed, not_before=one.event.world_at)
                if self._pulse is not None:
                    self._pulse.hurry()


def _rehearsed(plan: Plan, situation: Situation, region: Region, network: Any) -> None:
    try:
        check_plan(plan, situation, region, network)
    except Exception:  # the acceptance itself will meet it and say so
        _log.exception("A plan could not be rehearsed")
