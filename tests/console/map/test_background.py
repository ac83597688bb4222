"""Slow answers are worked out once, off the loop, and a failure is said."""

from __future__ import annotations

import logging
from threading import Event, get_ident

import pytest

from console.map.background import KeptAnswers


def test_without_anyone_to_tell_the_answer_is_waited_for() -> None:
    kept = KeptAnswers(2)
    assert kept.get("a", lambda: 7) == 7
    assert kept.get("a", lambda: 8) == 7


def test_work_runs_in_another_thread_and_tells_when_done() -> None:
    kept, done, threads = KeptAnswers(2), Event(), []
    assert kept.get("a", lambda: threads.append(get_ident()) or 5, done.set) is None
    assert done.wait(5)
    assert kept.get("a", lambda: 6, done.set) == 5
    assert threads != [get_ident()]


def test_the_oldest_is_let_go() -> None:
    kept = KeptAnswers(2)
    for name in "abc":
        kept.get(name, lambda: 1)
    assert kept.get("a", lambda: 2) == 2


def test_a_failure_is_logged_and_the_map_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    def fail() -> int:
        raise RuntimeError("no water")

    with caplog.at_level(logging.ERROR):
        assert KeptAnswers(2).get("reach", fail) is None
    assert "reach" in caplog.text
    caplog.clear()
