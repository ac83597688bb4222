"""Isolation forecasts of the shipped region: order, spread, bridges, and what bad input leads to."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from random import Random

import msgspec
import pytest

from data.geography import Region
from data.isolation import IsolationReport
from data.roster import Forces
from data.situation import Situation
from routing.deploy.lane_book import LaneBook
from routing.isolate.check_walk import Walker
from routing.isolate.foresee import Foreseer, HorizonError
from routing.isolate.kinds import classes_at_hand
from tests.routing.isolate.storms import FIRST, START, closures, drawn, forecast, gale, question

# A craft of three classes is enough where the number of classes does not matter.
FEW = ("patrol-01", "fast-ferry-01", "heli-01")


def test_islands_come_in_the_order_of_their_last_safe_departure(report: IsolationReport) -> None:
    closing = [one.last_safe_departure.likely for one in report.islands if one.standing == "closing"]
    assert len(report.islands) == 49
    assert len(closing) > 10
    assert closing == sorted(closing, key=lambda moment: moment or START)
    assert [one.rank for one in report.islands] == list(range(1, 50))
    assert {one.island_id for one in report.islands[:3]} == {"dongfushan", "qingbang", "miaozihu"}
    assert report.faults == ()


def test_the_last_departure_is_the_latest_of_all_classes(report: IsolationReport) -> None:
    for island in report.islands:
        if island.last_departure is None:
            continue
        own = [row.last_departure for row in island.rows if row.last_departure is not None]
        assert island.last_departure.depart_at == island.last_safe_departure.likely
        until = [one.depart_at for one in own if one.depart_at <= island.last_departure.depart_at]
        assert max(until) == island.last_departure.depart_at
        if island.last_out_and_back is not None:
            assert island.last_out_and_back.turn_at is not None
            assert island.last_out_and_back.turn_at <= island.last_departure.depart_at


def test_severe_is_never_later_and_never_shorter(report: IsolationReport) -> None:
    for island in report.islands:
        last, hours = island.last_safe_departure, island.hours_cut_off
        assert hours.low <= hours.likely <= hours.high
        if last.low and last.likely:
            assert last.low <= last.likely
    assert any(one.hours_cut_off.high > one.hours_cut_off.likely > 0 for one in report.islands)


def test_spans_cover_the_horizon_and_say_why(report: IsolationReport) -> None:
    for island in report.islands:
        for row in island.rows:
            assert row.spans[0].from_at == report.at
            assert row.spans[-1].to_at >= report.horizon_to
            assert all(a.to_at == b.from_at for a, b in pairwise(row.spans))
            assert all(span.reason is not None for span in row.spans if span.state != "open")


@pytest.mark.parametrize("island_id", ["miaozihu", "taohua"])
def test_nothing_leaves_after_the_last_safe_departure(
    zhoushan: Region, report: IsolationReport, typhoon: Situation, foreseer: Foreseer, book: LaneBook, island_id: str
) -> None:
    """By brute force: every class, pier and haven at sampled minutes of the closed spell, by the check's own walk."""
    island = report.island(island_id)
    assert island is not None
    last = island.last_safe_departure.likely
    assert last is not None
    closed = island.cut_offs[0]
    assert closed.to_at is not None
    walker = Walker(zhoushan, book, typhoon.forecast, typhoon.closures, foreseer.charts.havens)
    draw, length = Random(1), int((closed.to_at - closed.from_at) / timedelta(minutes=1))
    sampled = [1, 2, *draw.sample(range(3, length), 4)]
    for classes in classes_at_hand(zhoushan, typhoon.craft).values():
        for craft_class in classes:
            places = foreseer.charts.sites[craft_class.mode].places
            legs = foreseer.charts.legs(craft_class)
            for chain in range(legs.count):
                site, haven = places[int(legs.from_site[chain])], places[int(legs.to_site[chain])]
                if site.island_id != island_id or not craft_class.berthing & getattr(
                    zhoushan.piers.get(site.id), "berthing", craft_class.berthing
                ):
                    continue
                for minutes in sampled:
                    moment = last + timedelta(minutes=minutes)
                    assert walker.arrival(craft_class, site, haven, moment, onward=True) is None


def test_an_island_with_a_bridge_is_cut_off_only_when_the_bridge_is_shut_too(
    zhoushan: Region, foreseer: Foreseer, forces: Forces
) -> None:
    at_sea = gale(zhoushan, 6, 20, zones=["putuo", "dongji", "liuheng", "qushan"])
    only_boats = msgspec.structs.replace(
        at_sea,
        hours=tuple(
            msgspec.structs.replace(hour, wind_mps=5.0, gust_mps=8.0) if hour.hs_m > 1 else hour
            for hour in at_sea.hours
        ),
    )
    swell = foreseer.report(question(zhoushan, forces, only_boats, craft=FEW), 22)
    storm = foreseer.report(question(zhoushan, forces, at_sea, craft=FEW), 22)
    by_swell, by_storm = swell.island("zhujiajian"), storm.island("zhujiajian")
    assert by_swell is not None
    assert by_storm is not None
    assert by_swell.standing == "joined"  # the channel bridge carries on over any sea
    assert by_storm.standing == "closing"
    assert by_storm.last_by_bridges
    assert by_storm.last_departure is None
    assert by_storm.last_safe_departure.likely == FIRST + timedelta(hours=6, minutes=-1)
    cut = swell.island("miaozihu")
    assert cut is not None
    assert 9 < cut.hours_cut_off.likely < 10  # no boat over the swell, and no helicopter until sunrise at 05:31


def test_an_island_nobody_can_judge_is_said_to_be_unknown(report: IsolationReport) -> None:
    unknown = [one for one in report.islands if one.standing == "unknown"]
    assert {"xuanshan", "damao"} <= {one.island_id for one in unknown}
    assert all(one.last_safe_departure.likely is None and one.hours_cut_off.high == 0 for one in unknown)
    assert any("Xuanshan" in words.en for words in report.assumptions)


def test_a_zone_without_forecast_and_a_forecast_that_ran_out_are_said(
    zhoushan: Region, foreseer: Foreseer, forces: Forces
) -> None:
    whole = gale(zhoushan, 4, 10, hours=12)
    holes = forecast([hour for hour in whole.hours if hour.zone_id != "dongji"], 12)
    found = foreseer.report(question(zhoushan, forces, holes, craft=FEW), 14)
    words = " ".join(one.en for one in found.assumptions)
    assert "Dongji" in words
    assert "says nothing" in words
    assert found.island("miaozihu").standing == "closing"  # type: ignore[union-attr]
    past = foreseer.report(
        msgspec.structs.replace(question(zhoushan, forces, whole, craft=FEW), at=START + timedelta(days=3)), 6
    )
    assert any("ran out" in one.en for one in past.assumptions)
    assert all(span.beyond_forecast for one in past.islands for row in one.rows for span in row.spans)


def test_without_a_forecast_calm_is_assumed_and_said(zhoushan: Region, foreseer: Foreseer, forces: Forces) -> None:
    found = foreseer.report(question(zhoushan, forces, None, craft=FEW), 12)
    assert found.forecast is None
    assert all(one.standing in ("open", "joined", "unknown") for one in found.islands)
    assert any("calm" in one.en for one in found.assumptions)


def test_a_horizon_outside_what_is_foreseen_is_refused(foreseer: Foreseer, typhoon: Situation) -> None:
    with pytest.raises(HorizonError, match="1 to 168"):
        foreseer.report(typhoon, 169)


def test_who_is_cut_off_already_remains_and_is_counted(zhoushan: Region, foreseer: Foreseer, forces: Forces) -> None:
    found = foreseer.report(question(zhoushan, forces, gale(zhoushan, -1, 10, hours=24), craft=FEW), 20)
    island = found.island("miaozihu")
    assert island is not None
    assert island.standing == "cut_off"
    assert island.last_safe_departure.likely is None
    assert found.moves == ()
    assert any(one.island_id == "miaozihu" and one.remain == island.visitors.persons for one in found.unmet)


@pytest.mark.parametrize("seed", [6, 9])
def test_reports_of_drawn_weather_and_closures_pass_their_own_check(
    zhoushan: Region, foreseer: Foreseer, forces: Forces, seed: int
) -> None:
    """Also where a start is not on a whole minute, bridges shut, and long ways out meet a later window."""
    asked = question(zhoushan, forces, drawn(zhoushan, seed), closures(zhoushan, seed))
    found = foreseer.report(msgspec.structs.replace(asked, at=START + timedelta(seconds=17 * seed)), 30)
    assert sum(one.standing == "closing" for one in found.islands) > 10
    assert found.faults == ()
