"""Several consoles on one PostGIS: what tests/console/test_shared_world.py shows, over the real store."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from console.commands import AcceptPlan, LogNote, SetClock
from console.health import Answer
from console.outcome import Outcome
from console.pulse import Pulse
from console.world import World
from data.geography import Region
from data.journal.interface import Fix, StoreUnreachableError
from data.journal.store import open_store
from tests.console.test_server import REGION, wait_for_links
from tests.console.world_samples import SampleStory, at, sample_plan
from tests.postgis_cluster import PostgisCluster, private_cluster
from tests.system_packages import postgis_bin

LIMIT_S = 20.0
Join = Callable[[], World]


@pytest.fixture(autouse=True)
def sound_plans(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("console.decide.plans.check_plan", lambda *_: [])


@contextmanager
def joining(address: str, region: Region) -> Iterator[Join]:
    """Yield a function that opens one more console on an address; all of them are closed at the end."""
    with ExitStack() as stack:

        def join() -> World:
            world = World.open(open_store(address, "drill"), region, None, SampleStory(region))
            stack.callback(world.close)
            return world

        yield join


@pytest.fixture
def join(postgis_store_address: str, zhoushan: Region) -> Iterator[Join]:
    with joining(postgis_store_address, zhoushan) as join:
        yield join


@pytest.fixture(scope="module")
def own_server() -> Iterator[PostgisCluster]:
    """A cluster of this module's own, to be stopped and started."""
    if postgis_bin() is None:
        pytest.skip("no PostGIS")
    with private_cluster() as cluster:
        yield cluster


def eventually(holds: Callable[[], Any], what: str) -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + LIMIT_S
    while not holds():
        assert time.monotonic() < deadline, what
        time.sleep(0.02)


def texts(world: World) -> list[str]:
    return [line.text.en for line in world.picture.log]


def test_an_order_here_is_in_the_picture_there(join: Join) -> None:
    here, there = join(), join()
    assert (here.leads, there.leads) == (True, False)
    assert here.execute(AcceptPlan(plan_id="plan-1", plan=sample_plan(here)), "wang").ok
    eventually(lambda: there.picture.seq == here.picture.seq, "the order was not heard of")
    assert there.picture.units["g0"].incident_id == "i1"
    assert there.picture.units == here.picture.units
    here.record_fixes((Fix("boat-1", at(1), 122.5, 30.5, 90.0, 7.0),))
    eventually(lambda: there.picture.units["boat-1"].lon_deg == 122.5, "the position was not heard of")


def test_both_press_at_once_and_exactly_one_wins(join: Join) -> None:
    here, there = join(), join()
    plans = {
        here: sample_plan(here, "plan-a"),
        there: sample_plan(there, "plan-b", craft_id="boat-1", group_ids=("g1", "g2"), incident_id="i2"),
    }
    outcomes: dict[World, Outcome] = {}
    barrier = threading.Barrier(2)

    def press(world: World, who: str) -> None:
        barrier.wait()
        outcomes[world] = world.execute(AcceptPlan(plan_id=plans[world].id, plan=plans[world]), who)

    threads = [threading.Thread(target=press, args=pair) for pair in ((here, "wang"), (there, "li"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(one.ok for one in outcomes.values()) == [False, True]
    winner, loser = ("wang", there) if outcomes[here].ok else ("li", here)
    refusal = outcomes[loser].refusal
    assert refusal is not None
    assert winner in refusal.en
    assert winner in refusal.zh
    assert re.search(r"Group 1 (is now under orders for|was sent to) incident 0614-00[12]", refusal.en)
    eventually(lambda: here.picture.seq == there.picture.seq, "the pictures differ")
    assert here.picture.accepted.keys() == there.picture.accepted.keys()
    assert len(here.picture.accepted) == 1
    assert here.journal.verify() == here.picture.seq


def test_next_console_leads_once_the_leader_is_gone(join: Join, postgis_store_address: str, zhoushan: Region) -> None:
    first, second = join(), join()
    pulse = Pulse(second)
    pulse.look()
    assert not second.leads
    first.close()
    eventually(lambda: (pulse.look(), second.leads)[1], "nobody leads")
    third = World.open(open_store(postgis_store_address, "drill"), zhoushan, None)
    assert not third.leads, "exactly one leads"
    third.close()


def test_served_world_that_ends_leaves_no_thread(join: Join) -> None:
    before = set(threading.enumerate())
    world = join()
    looked = threading.Event()
    world.each_second.append(looked.set)

    async def served() -> None:
        running = asyncio.create_task(world.run())
        assert await asyncio.to_thread(looked.wait, LIMIT_S)
        assert world.execute(LogNote(text="served"), "wang").ok
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    asyncio.run(served())
    pulse = Pulse(world)
    world.close()
    eventually(lambda: set(threading.enumerate()) <= before, "a thread is left")
    late = pulse.ask()  # a look that comes after the end
    assert "has closed the store" in str(late.error)
    eventually(lambda: set(threading.enumerate()) <= before, "the late look opened what nobody closes")


def test_clocks_agree_within_a_second_at_sixty_times(join: Join) -> None:
    leader, follower = join(), join()
    assert follower.execute(SetClock(speed=60.0), "wang").ok
    eventually(lambda: leader.clock.speed == 60.0, "the leader's clock was not set")
    Pulse(leader).look()
    Pulse(follower).look()
    gap = follower.clock.now() - leader.clock.now()
    assert abs(gap) < timedelta(seconds=1) * 60 * 0.25, "a quarter of a second of this machine"
    joined = join()
    assert abs(joined.clock.now() - leader.clock.now()) < timedelta(seconds=15)
    assert leader.execute(SetClock(speed=0.0), "li").ok
    eventually(lambda: follower.clock.speed == 0.0, "the pause was not heard of")
    Pulse(leader).look()
    Pulse(follower).look()
    paused = follower.now
    assert abs(paused - leader.now) < timedelta(seconds=15)
    assert follower.now == paused


def test_scenario_begun_here_is_seen_there(join: Join, zhoushan: Region) -> None:
    here, there = join(), join()
    here.execute(LogNote(text="of the past"), "wang")
    here.restart(SampleStory(zhoushan, id="second"))
    late = there.execute(LogNote(text="too late"), "li")
    assert not late.ok
    Pulse(there).look()
    assert (there.generation, there.picture.scenario_id) == (1, "second")
    assert there.execute(LogNote(text="of now"), "li").ok
    eventually(lambda: "of now" in texts(here), "the new journal is not followed")
    assert "of the past" not in texts(there)
    assert abs(there.now - here.now) < timedelta(minutes=1), "the clock is the new story's"


def test_database_away_and_back_loses_and_doubles_nothing(own_server: PostgisCluster, zhoushan: Region) -> None:
    address = own_server.address(own_server.fresh_database())
    with joining(address, zhoushan) as join:
        here, there = join(), join()
        here.execute(LogNote(text="before"), "wang")
        found: list[Answer] = []
        here.subscribe_answers(found.append)
        own_server.stop()
        first = here.execute(LogNote(text="pressed into silence"), "wang")
        assert (first.ok, first.why) == (False, "store")
        assert here.health.state == "unreachable"
        second = here.execute(LogNote(text="pressed again"), "wang")
        assert second.refusal is not None
        assert "nothing you press is recorded" in second.refusal.en
        assert "一律不记录" in second.refusal.zh
        Pulse(there).look()
        assert there.health.state == "unreachable"
        own_server.start()
        pulses = Pulse(here), Pulse(there)

        def back() -> bool:
            for pulse in pulses:
                pulse.look()
            return here.health.is_ok and there.health.is_ok and bool(found)

        eventually(back, "the store was not taken up again")
        assert [one.recorded for one in found] == [False]
        assert here.execute(LogNote(text="after"), "wang").ok
        eventually(lambda: there.picture.seq == here.picture.seq, "the other console is behind")
        assert texts(there)[-2:] == ["before", "after"]
        assert here.journal.verify() == here.picture.seq
        assert here.leads != there.leads


def test_answer_lost_at_commit_is_found_again(join: Join, monkeypatch: pytest.MonkeyPatch) -> None:
    here, there = join(), join()
    found: list[Answer] = []
    here.subscribe_answers(found.append)
    append = here.journal.append

    def cut(*given: Any, **named: Any) -> Any:
        append(*given, **named)
        raise StoreUnreachableError("The connection was cut at COMMIT.")

    with monkeypatch.context() as patched:
        patched.setattr(here.journal, "append", cut)
        outcome = here.execute(LogNote(text="is it there"), "wang")
    assert outcome.refusal is not None
    assert "not known" in outcome.refusal.en
    pulse = Pulse(here)
    eventually(lambda: (pulse.look(), found)[1], "nothing was told of it")
    assert found[0].recorded
    assert texts(here).count("is it there") == 1
    eventually(lambda: texts(there).count("is it there") == 1, "the other console did not hear")


def test_two_served_consoles_show_one_picture(postgis_store_address: str, tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from console.server import serve;"
        "serve(sys.argv[1], Path(sys.argv[2]), port=0)"
    )
    command = [sys.executable, "-c", script, postgis_store_address, str(REGION)]
    environment = {**os.environ, "TONGZHOU_HOME": str(tmp_path / "home")}
    said = [tmp_path / f"lines-{number}" for number in range(2)]
    processes = []
    try:
        for lines in said:  # both find the database empty
            with lines.open("w") as out:
                processes.append(subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT, env=environment))
        links = [wait_for_links(process, lines, 1)[0] for process, lines in zip(processes, said, strict=True)]
        leads = [("leading console" in lines.read_text()) for lines in said]
        assert sorted(leads) == [False, True], [lines.read_text() for lines in said]
        first, second = leads.index(True), leads.index(False)
        with ExitStack() as stack:
            seats = [stack.enter_context(httpx.Client(timeout=60)) for _ in links]
            origins = [link.partition("/enter")[0] for link in links]
            for seat, link in zip(seats, links, strict=True):
                assert seat.get(link).status_code == 200
            body = {"case_type": "affray", "place": "Miaozihu"}
            made = seats[first].post(
                f"{origins[first]}/api/v1/incidents", json=body, headers={"Origin": origins[first]}
            )
            assert made.status_code == 201, made.text

            def asked(number: int, path: str) -> Any:
                return seats[number].get(f"{origins[number]}/api/v1/{path}").json()

            def known(number: int) -> set[str]:
                return {one["id"] for one in asked(number, "incidents")["incidents"]}

            eventually(lambda: made.json()["id"] in known(second), "the incident is not there")
            assert known(first) == known(second)
            processes[first].kill()
            processes[first].wait(20)
            eventually(lambda: asked(second, "health")["leader"], "nobody took the lead")
    finally:
        for process in processes:
            process.terminate()
        codes = [process.wait(20) for process in processes]
    assert codes[second] == 0
    assert not re.search(r"Traceback|error|could not|has closed", said[second].read_text(), re.IGNORECASE)
