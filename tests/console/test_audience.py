"""The way into the server's loop from other threads."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from console import audience
from console.audience import Audience
from data.errors import TongzhouError


async def _what_another_thread_gave_up_waiting_for_is_not_done_later() -> None:
    world, done = Audience(), list[str]()
    world.enter_loop()
    told: list[BaseException] = []

    def ask() -> None:
        try:
            world.answer_of(lambda: done.append("recorded"))
        except TongzhouError as error:
            told.append(error)

    asking = threading.Thread(target=ask)
    asking.start()
    time.sleep(0.2)  # the loop is held up for longer than the other waits
    asking.join(5)
    await asyncio.sleep(0.05)
    assert "not done" in str(told[0])
    assert done == [], "what was told as not done is never done afterwards"


async def _what_has_begun_is_waited_for() -> None:
    world = Audience()
    world.enter_loop()
    begun = threading.Event()

    def slow() -> str:
        begun.set()
        time.sleep(0.2)
        return "recorded"

    assert await asyncio.to_thread(world.answer_of, slow) == "recorded"
    assert begun.is_set()


async def _a_fault_of_the_task_is_the_askers() -> None:
    world = Audience()
    world.enter_loop()

    def broken() -> None:
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        await asyncio.to_thread(world.answer_of, broken)


@pytest.mark.parametrize(
    "story",
    [
        _what_another_thread_gave_up_waiting_for_is_not_done_later,
        _what_has_begun_is_waited_for,
        _a_fault_of_the_task_is_the_askers,
    ],
)
def test_another_thread_is_told_what_was_done(
    story: Callable[[], Coroutine[Any, Any, None]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audience, "CALL_LIMIT_S", 0.05)
    asyncio.run(story())
