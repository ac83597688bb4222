"""Studies: asked once for all seats, shown with their age, dropped when nobody looks, said when they fail."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from console import studies
from console.studies import ANEW_EVERY_S, STUDIES, Seen, Study, StudyDesk, whole_step
from console.study_process import DIED
from console.world import World
from data.geography import Region
from data.scenario import read_scenario
from data.situation import Situation
from tests.console.study_samples import RememberingProcess

SAMPLES = "tests.console.study_samples"
PATIENCE_S = 60.0


@pytest.fixture
def world(zhoushan: Region, tmp_path: Path) -> Iterator[World]:
    opened = World.open(tmp_path, zhoushan, None, read_scenario("quiet-night", zhoushan))
    yield opened
    opened.close()


@dataclass
class Looker:
    """A seat that looks at studies: ``minutes`` since the start, ``changed`` what else is in the situation."""

    desk: StudyDesk
    world: World
    minutes: float = 0.0
    changed: dict[str, Any] = field(default_factory=dict)
    told: int = 0

    def look(self, name: str = "steady", **given: Any) -> Seen:
        now = self.world.start_at + timedelta(minutes=self.minutes)
        return self.desk.look(self, name, self._cut, now, tell=self._tell, **given)

    def _cut(self, moment: Any) -> Situation:
        return msgspec.structs.replace(self.world.picture.situation(moment), **self.changed)

    def _tell(self) -> None:
        self.told += 1


@pytest.fixture(autouse=True)
def some_studies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, work in (("steady", "twice"), ("refusing", "refuse"), ("dying", "die")):
        monkeypatch.setitem(STUDIES, name, Study(f"{SAMPLES}:{work}"))
    monkeypatch.setitem(STUDIES, "following", Study(f"{SAMPLES}:twice", follows=True))
    monkeypatch.setitem(STUDIES, "waiting", Study(f"{SAMPLES}:twice", waits=True))


@pytest.fixture
def process() -> RememberingProcess:
    return RememberingProcess()


@pytest.fixture
def desk(world: World, process: RememberingProcess) -> StudyDesk:
    return StudyDesk(world, process, process)  # type: ignore[arg-type]


def test_a_question_is_worked_out_once_for_all_seats(
    desk: StudyDesk, world: World, process: RememberingProcess
) -> None:
    first, second = Looker(desk, world), Looker(desk, world)
    assert first.look() == Seen(None, True)
    assert second.look() == Seen(None, True)
    assert len(process.asked) == 1
    process.find("answer")
    assert (first.told, second.told) == (1, 1)
    seen = second.look()
    assert seen.answer is not None
    assert (seen.answer.value, seen.working) == ("answer", False)
    assert seen.answer.at == whole_step(world.start_at)
    assert len(process.asked) == 1, "what is known is not asked again"


def test_an_answer_that_will_be_bettered_is_shown_while_it_is(
    desk: StudyDesk, world: World, process: RememberingProcess
) -> None:
    looker = Looker(desk, world)
    looker.look()
    process.find("first", last=False)
    seen = looker.look()
    assert seen.answer is not None
    assert (seen.answer.value, seen.working) == ("first", True)


def test_what_is_given_makes_another_question(desk: StudyDesk, world: World, process: RememberingProcess) -> None:
    looker = Looker(desk, world)
    looker.look(island_id="a")
    process.find("of a")
    assert looker.look(island_id="b").answer is None
    assert [one.given for one in process.asked] == [{"island_id": "a"}, {"island_id": "b"}]
    assert desk.known("steady", island_id="a").value == "of a"  # type: ignore[union-attr]
    assert desk.known("steady", island_id="c") is None


def test_a_closure_or_a_count_is_never_waited_with(desk: StudyDesk, world: World, process: RememberingProcess) -> None:
    looker = Looker(desk, world)
    looker.look()
    old = process.asked[-1].number
    looker.changed = {"relief_at": {"miaozihu": world.start_at}}
    assert looker.look().working
    assert process.dropped == [old], "what the old question comes to is not waited for"
    assert len(process.asked) == 2


def test_a_steady_study_keeps_its_answer_as_time_passes(
    desk: StudyDesk, world: World, process: RememberingProcess
) -> None:
    looker = Looker(desk, world)
    looker.look()
    process.find("plan")
    looker.minutes = 90
    assert not looker.look().working, "a plan does not change under the hand"
    desk.ask_anew("steady")
    assert looker.look().working
    assert looker.look().answer is not None, "the old one stays in sight meanwhile"


def test_a_following_study_is_made_anew_but_not_all_the_time(
    desk: StudyDesk, world: World, process: RememberingProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    looker = Looker(desk, world)
    looker.look("following")
    process.find("then")
    looker.minutes = 10
    assert not looker.look("following").working
    later = time.monotonic() + ANEW_EVERY_S + 1
    monkeypatch.setattr(studies.time, "monotonic", lambda: later)
    assert looker.look("following").working


def test_what_nobody_looks_at_is_dropped_and_taken_if_it_comes_all_the_same(
    desk: StudyDesk, world: World, process: RememberingProcess
) -> None:
    first, second = Looker(desk, world), Looker(desk, world)
    first.look()
    second.look()
    desk.leave(first)
    assert process.dropped == []
    desk.leave(second)
    number = process.asked[0].number
    assert process.dropped == [number]
    process.find("past stopping", number)
    assert first.told == 0
    seen = first.look()
    assert seen.answer is not None
    assert (seen.answer.value, seen.working) == ("past stopping", False)
    assert len(process.asked) == 1


def test_a_study_of_the_past_is_kept_apart(desk: StudyDesk, world: World, process: RememberingProcess) -> None:
    looker = Looker(desk, world)
    looker.look()
    process.find("now")
    assert looker.look(past=True) == Seen(None, True)


def test_a_study_that_cannot_be_stopped_waits_until_somebody_has_looked_a_while(
    desk: StudyDesk, world: World, process: RememberingProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(studies, "LOOKED_S", 0.05)
    looker = Looker(desk, world)
    assert looker.look("waiting").working
    assert process.asked == []
    desk.leave(looker)
    assert looker.look("waiting").working
    assert process.asked == [], "whoever comes back has not looked long"
    deadline = time.monotonic() + PATIENCE_S
    while not looker.told and time.monotonic() < deadline:
        time.sleep(0.01)
    assert looker.told, "the page is told to look again"
    looker.look("waiting")
    assert len(process.asked) == 1


def wait_for(looker: Looker, name: str, **given: Any) -> Seen:
    """Look until the study has come to its end."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        seen = looker.look(name, **given)
        if seen.answer is not None and seen.answer.last and not seen.working:
            return seen
        time.sleep(0.02)
    raise AssertionError("the child process gave no answer")


def test_the_child_works_refuses_in_words_and_is_replaced_when_it_dies(world: World) -> None:
    desk = StudyDesk(world)
    looker = Looker(desk, world)
    try:
        answer = wait_for(looker, "steady", number=21).answer
        assert answer is not None
        assert answer.value == ("zhoushan", 42)
        assert looker.told == 2, "the first answer and the last"
        refused = wait_for(looker, "refusing").answer
        assert refused is not None
        assert refused.fault is not None
        assert (refused.fault.zh, refused.fault.en) == ("没有船了", "no boat is left")
        died = wait_for(looker, "dying").answer
        assert died is not None
        assert died.fault == DIED
        again = wait_for(looker, "steady", number=4).answer
        assert again is not None
        assert again.value == ("zhoushan", 8), "another child has taken its place"
    finally:
        desk.close()
