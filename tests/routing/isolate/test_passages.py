"""Passages through weather that changes: a case by hand, and the engine against a second walk hour by hour."""

from __future__ import annotations

from datetime import timedelta
from random import Random

import numpy as np
import pytest

from data.geography import Region
from routing.deploy.lane_book import LaneBook
from routing.isolate.check_walk import Walker
from routing.isolate.foresee import Foreseer
from routing.isolate.kernels import advance, forbidden, retreat, walk
from routing.isolate.kinds import classes_at_hand
from routing.isolate.windows import Outlook
from tests.routing.isolate.storms import START, closures, drawn

HOURS = 16
# Steps at 0 and 60 minutes; resource 0 passes at full rate, then at half; resource 1 is a pier.
BOUNDS, RATES = np.array([0.0, 60.0]), np.array([[1.0, 0.5], [1.0, 1.0]])


def test_a_way_half_in_the_slow_hour_takes_longer_and_back_again() -> None:
    assert advance(BOUNDS, RATES[0], 30.0, 40.0) == pytest.approx(80.0)  # 30 at full rate, 10 at half
    assert retreat(BOUNDS, RATES[0], 80.0, 40.0) == pytest.approx(30.0)
    assert advance(BOUNDS, RATES[1], 30.0, 40.0) == 70.0


def test_departures_are_forbidden_from_the_first_that_meets_a_shut_pier() -> None:
    # 40 minutes of water, then 10 at a pier that is shut from minute 100 to 200. Whoever leaves at 35 sails 25 minutes
    # at full rate and 30 at half, is there at 90, unloaded at 100 as it shuts; whoever leaves at 120 is there at 200.
    resource, amount = np.array([0, 1]), np.array([40.0, 10.0])
    shut = np.array([0, 0, 1]), np.array([100.0]), np.array([200.0])
    firsts, ends = np.empty(4, np.int64), np.empty(4, np.int64)
    count = forbidden(0, 2, resource, amount, BOUNDS, RATES, *shut, 400, firsts, ends)
    assert count == 1
    first, end = int(firsts[0]), int(ends[0])
    out = np.empty(3)
    for minute in range(400):
        is_open = walk(0, 2, resource, amount, BOUNDS, RATES, *shut, float(minute), out)
        assert is_open == (not first <= minute < end), minute
    assert (first, end) == (35, 120)


@pytest.mark.parametrize("seed", [1, 2])
def test_the_engine_and_a_second_walk_agree_on_drawn_weather(
    zhoushan: Region, foreseer: Foreseer, book: LaneBook, seed: int
) -> None:
    """Sampled passages of every class, at sampled minutes and on both sides of every minute at which they change."""
    weather, closed, draw = drawn(zhoushan, seed), closures(zhoushan, seed), Random(seed)
    outlook = Outlook(foreseer.charts, weather, closed, START, HOURS * 60 + 1)
    walker = Walker(zhoushan, book, weather, closed, foreseer.charts.havens)
    compared = opened = 0
    for craft_class in (one for classes in classes_at_hand(zhoushan, ()).values() for one in classes):
        places = foreseer.charts.sites[craft_class.mode].places
        for and_back in (False, True):
            legs = foreseer.charts.legs(craft_class, and_back)
            for chain in draw.sample(range(legs.count), 3):
                site, haven = places[int(legs.from_site[chain])], places[int(legs.to_site[chain])]
                is_open = [outlook.walked(craft_class, chain, m, and_back).is_open for m in range(HOURS * 60)]
                turns = [m for m in range(1, HOURS * 60) if is_open[m] != is_open[m - 1]]
                turning = [m for turn in draw.sample(turns, min(3, len(turns))) for m in (turn - 1, turn)]
                for minute in (*draw.sample(range(HOURS * 60), 3), *turning):
                    walked = outlook.walked(craft_class, chain, minute, and_back)
                    moment = START + timedelta(minutes=minute)
                    slow = (
                        (walker.back(craft_class, haven, site, moment) or (None, None))[1]
                        if and_back
                        else walker.arrival(craft_class, site, haven, moment, onward=True)
                    )
                    assert walked.is_open == (slow is not None), (craft_class.id, site.id, haven.id, minute, and_back)
                    if slow is not None:
                        opened += 1
                        assert (slow - START) / timedelta(minutes=1) == pytest.approx(walked.arrive_min, abs=1e-3)
                    compared += 1
    assert compared > 120
    assert 0.03 * compared < opened < 0.97 * compared


@pytest.mark.parametrize("seed", [4, 5])
def test_open_minutes_are_those_at_which_a_walk_is_open(zhoushan: Region, foreseer: Foreseer, seed: int) -> None:
    outlook = Outlook(foreseer.charts, drawn(zhoushan, seed), closures(zhoushan, seed), START, HOURS * 60 + 1)
    draw = Random(seed)
    for classes in classes_at_hand(zhoushan, ()).values():
        craft_class = classes[0]
        by_island, by_site = outlook.by_island(craft_class), outlook.by_site(craft_class)
        sites = foreseer.charts.sites[craft_class.mode]
        legs = foreseer.charts.legs(craft_class)
        site = draw.randrange(len(sites.sites))
        chains = [chain for chain in range(legs.count) if int(legs.from_site[chain]) == site]
        for minute in range(0, HOURS * 60, 7):
            is_open = any(outlook.walked(craft_class, chain, minute).is_open for chain in chains)
            assert bool(by_site[site, minute]) == is_open
        row = foreseer.charts.row[sites.islands[site]]
        assert not (by_site[site] & ~by_island[row]).any()
