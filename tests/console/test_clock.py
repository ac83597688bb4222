"""The world's clock."""

from __future__ import annotations

from datetime import timedelta

import pytest

from console.clock import WallClock, WorldClock
from tests.console.world_samples import START, HandClock


def test_clock_runs_at_its_speed_and_keeps_its_time_when_that_changes() -> None:
    hand = HandClock()
    clock = WorldClock(START, 10.0, hand)
    hand.seconds = 6
    assert clock.now() == START + timedelta(minutes=1)
    clock.set_speed(60.0)
    assert clock.now() == START + timedelta(minutes=1)
    hand.seconds = 7
    assert clock.now() == START + timedelta(minutes=2)
    clock.set_speed(0.0)
    hand.seconds = 100
    assert clock.now() == START + timedelta(minutes=2)


def test_clock_that_is_ahead_of_the_leader_waits_and_never_goes_back() -> None:
    hand = HandClock()
    clock = WorldClock(START, 60.0, hand)
    hand.seconds = 10
    clock.follow(START + timedelta(minutes=9))
    assert clock.now() == START + timedelta(minutes=10)
    hand.seconds = 10.5
    assert clock.now() == START + timedelta(minutes=10)
    hand.seconds = 12
    assert clock.now() == START + timedelta(minutes=11)
    clock.follow(START + timedelta(minutes=20))
    assert clock.now() == START + timedelta(minutes=20)
    clock.set_speed(0.0, not_before=START + timedelta(minutes=21))
    assert clock.now() == START + timedelta(minutes=21)


@pytest.mark.parametrize("speed", [-1.0, 60.5, float("nan")])
def test_speed_out_of_range_is_refused(speed: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 60"):
        WorldClock(START).set_speed(speed)


def test_wall_clock_follows_the_machine_and_keeps_speed_one() -> None:
    clock = WallClock(lambda: START)
    assert (clock.now(), clock.speed, clock.is_simulated) == (START, 1.0, False)
    with pytest.raises(ValueError, match="live"):
        clock.set_speed(2.0)
