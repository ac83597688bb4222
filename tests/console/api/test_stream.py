"""The stream of events: nothing missed, nothing doubled, whatever happens while it is read."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest

from console.api import event_stream
from console.commands import LogNote
from console.world import World
from tests.console.api.caller import Caller
from tests.console.api.reader import Reader
from tests.console.world_samples import SampleStory


def note(world: World, count: int, who: str = "seat-1") -> None:
    for number in range(count):
        assert world.execute(LogNote(text=f"note {number}"), who).ok


def test_what_was_then_what_happens(caller: Caller) -> None:
    async def run() -> None:
        reader = Reader(caller)
        first = caller.world.picture.seq + 1  # the reading itself is written down
        await reader.until(lambda one: len(one.seqs()) == first)
        assert reader.status == 200
        named = reader.frames()[0]
        assert (named["event"], named["data"]["mode"], named["data"]["after"]) == ("journal", "drill", 0)
        await asyncio.to_thread(note, caller.world, 3)
        await reader.until(lambda one: len(one.seqs()) == first + 3)
        assert reader.seqs() == list(range(1, first + 4))
        last = reader.frames()[-1]["data"]
        assert (last["kind"], last["actor"], last["text"]["zh"]) == ("NoteLogged", "seat-1", "note 2")
        assert caller.api.streams == 1
        await reader.leave()
        assert caller.api.streams == 0

    asyncio.run(run())


def test_appends_during_the_catch_up_are_neither_missed_nor_doubled(
    caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_stream, "PAGE", 7)
    note(caller.world, 100)
    writing = threading.Thread(target=note, args=(caller.world, 150, "seat-2"))

    async def run() -> None:
        readers = [Reader(caller, f"after={after}") for after in (0, 5, 60)]
        writing.start()
        await asyncio.to_thread(writing.join)
        note(caller.world, 1, "the last")
        last = caller.world.picture.seq
        for reader, after in zip(readers, (0, 5, 60), strict=True):
            await reader.until(lambda one: bool(one.seqs()) and one.seqs()[-1] == last)
            assert reader.seqs() == list(range(after + 1, last + 1))
            await reader.leave()

    asyncio.run(run())


def test_a_reader_that_comes_back_goes_on_from_its_last_id(caller: Caller) -> None:
    note(caller.world, 5)

    async def run() -> None:
        reader = Reader(caller, "after=1", {"Last-Event-ID": "6"})
        await reader.until(lambda one: len(one.seqs()) > 2)
        assert reader.seqs()[0] == 7
        await reader.leave()

    asyncio.run(run())


@pytest.mark.parametrize("given", ["x", "-1", "1" * 40, "١"])
def test_an_id_nobody_gave_is_refused(caller: Caller, given: str) -> None:
    answer = caller.get("/stream", headers={"Last-Event-ID": given.encode()})
    caller.problem(answer, 422)


def test_it_ends_with_a_word_when_the_token_is_revoked_or_its_role_changed(
    caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_stream, "CHECK_S", 0.02)

    def revoke() -> None:
        del caller.staff.roles["fire-brigade"]

    def demote() -> None:
        caller.staff.roles["fire-brigade"] = "dispatcher"

    async def run(change: Any) -> None:
        caller.staff.roles["fire-brigade"] = "supervisor"
        reader = Reader(caller)
        await reader.until(lambda one: bool(one.seqs()))
        change()
        note(caller.world, 1)
        secret = caller.world.picture.seq
        await reader.until(lambda one: one.is_over)
        ended = reader.frames()[-1]
        assert (ended["event"], ended["data"]["reason"]) == ("ended", "not_allowed")
        assert secret not in reader.seqs()
        await reader.task

    asyncio.run(run(revoke))
    asyncio.run(run(demote))


def test_it_says_that_it_is_still_there(caller: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_stream, "CHECK_S", 0.01)
    monkeypatch.setattr(event_stream, "HEARTBEAT_S", 0.02)

    async def run() -> None:
        reader = Reader(caller)
        await reader.until(lambda one: one.text.count(": still here\n\n") >= 2)
        await reader.leave()

    asyncio.run(run())


def test_a_reader_that_takes_nothing_in_is_cut_with_a_word_and_may_resume(
    caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_stream, "PAGE", 10)
    monkeypatch.setattr(event_stream, "STALL_S", 0.05)
    note(caller.world, 60)

    async def run() -> None:
        reader = Reader(caller)
        await reader.until(lambda one: bool(one.seqs()))
        reader.taking.clear()
        await asyncio.sleep(0.2)
        reader.taking.set()
        await reader.until(lambda one: one.is_over)
        assert reader.frames()[-1]["data"]["reason"] == "slow"
        last = reader.seqs()[-1]
        assert last < caller.world.picture.seq
        await reader.task
        again = Reader(caller, "", {"Last-Event-ID": str(last)})
        await again.until(lambda one: bool(one.seqs()) and one.seqs()[-1] == caller.world.picture.seq)
        assert reader.seqs() + again.seqs() == list(range(1, caller.world.picture.seq + 1))
        await again.leave()

    asyncio.run(run())


def test_a_slow_reader_costs_one_page_however_far_it_is_behind(caller: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_stream, "PAGE", 10)
    asked: list[int] = []
    real = event_stream.event_rows

    def counted(*given: Any) -> Any:
        rows = real(*given)
        asked.append(len(rows))
        return rows

    monkeypatch.setattr(event_stream, "event_rows", counted)

    async def run() -> None:
        reader = Reader(caller)
        await reader.until(lambda one: len(one.seqs()) == caller.world.picture.seq)
        reader.taking.clear()
        asked.clear()
        for _ in range(50):
            note(caller.world, 1)
            await asyncio.sleep(0.002)
        assert sum(asked) <= 20, "it read on although nothing was taken in"
        reader.taking.set()
        await reader.until(lambda one: len(one.seqs()) == caller.world.picture.seq)
        assert reader.seqs() == list(range(1, caller.world.picture.seq + 1))
        await reader.leave()

    asyncio.run(run())


def test_another_scenario_is_told_and_read_from_its_beginning(caller: Caller) -> None:
    note(caller.world, 40)

    async def run() -> None:
        reader = Reader(caller)
        await reader.until(lambda one: len(one.seqs()) == caller.world.picture.seq)
        old = caller.world.picture.seq
        await asyncio.to_thread(caller.world.restart, SampleStory(caller.world.region))
        new = caller.world.picture.seq
        await reader.until(lambda one: len(one.seqs()) >= old + new)
        assert reader.seqs() == [*range(1, old + 1), *range(1, new + 1)]
        named = [one["data"]["journal"] for one in reader.frames() if one["event"] == "journal"]
        assert len(set(named)) == 2
        await reader.leave()
        # One that was away meanwhile says which journal it read: its number is of the past.
        back = Reader(caller, f"after=3&journal={named[0]}")
        await back.until(lambda one: bool(one.seqs()))
        assert back.seqs()[0] == 1
        await back.leave()
        beyond = Reader(caller, f"after={old}")
        await beyond.until(lambda one: bool(one.seqs()))
        assert beyond.seqs()[0] == 1
        await beyond.leave()

    asyncio.run(run())


def test_it_ends_with_a_word_when_the_server_stops(caller: Caller) -> None:
    async def run() -> None:
        reader = Reader(caller)
        await reader.until(lambda one: bool(one.seqs()))
        reader.task.cancel()
        await reader.until(lambda one: one.is_over)
        assert reader.frames()[-1]["data"]["reason"] == "stopping"
        await asyncio.wait([reader.task])
        assert caller.api.streams == 0

    asyncio.run(run())


def test_only_so_many_at_once(caller: Caller) -> None:
    caller.api.streams_of["others"] = 200
    assert caller.get("/stream").headers["retry-after"] == "30"


def test_the_access_journal_is_not_shown_to_who_may_not_see_it(caller: Caller) -> None:
    caller.staff.roles["harbour"] = "viewer"
    caller.name = "harbour"
    caller.problem(caller.get("/events"), 403)
    caller.staff.roles["desk"] = "dispatcher"
    caller.name = "desk"
    rows = caller.get("/events").json()["events"]
    assert [one["seq"] for one in rows] == list(range(1, len(rows) + 1)), "the numbers have no gaps"
    withheld = [one for one in rows if one["stream"] == "access"]
    assert withheld
    assert {one["actor"] for one in withheld} == {""}
    caller.name = "fire-brigade"
    shown = [one for one in caller.get("/events").json()["events"] if one["stream"] == "access"]
    assert "harbour" in {one["actor"] for one in shown}
    assert any("harbour" in one["text"]["en"] or "viewer" in one["text"]["en"] or one["text"]["en"] for one in shown)
