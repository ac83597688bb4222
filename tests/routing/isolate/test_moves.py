"""The moves before islands are cut off, and the check that judges them: every fault planted is found."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from data.forecast_gaps import filled
from data.forecast_spread import outlooks
from data.geography import Region
from data.isolation import IsolationReport, Move
from data.roster import Forces
from data.situation import Situation
from routing.deploy.lane_book import LaneBook
from routing.isolate.check import check_report
from routing.isolate.check_walk import Walker
from routing.isolate.foresee import Foreseer
from routing.isolate.trips import Berths
from tests.routing.isolate.storms import gale, question

MINUTE = timedelta(minutes=1)


def test_a_move_uses_the_last_departure_of_its_own_craft(report: IsolationReport) -> None:
    move = next(one for one in report.moves if one.island_id == "miaozihu" and one.what == "visitors")
    island = report.island("miaozihu")
    assert island is not None
    assert move.craft_class == "fast-ferry"
    assert island.last_safe_departure.likely is not None
    assert move.latest_start_at < move.before_at < island.last_safe_departure.likely - timedelta(hours=2)
    row = island.row("fast_ferry")
    assert row is not None
    assert row.last_departure is not None
    assert move.before_at <= row.last_departure.depart_at


def test_a_move_that_holds_if_severe_holds_by_a_walk_through_the_severe_forecast(
    report: IsolationReport, typhoon: Situation, zhoushan: Region, book: LaneBook, foreseer: Foreseer
) -> None:
    assert typhoon.forecast is not None
    severe = outlooks(filled(typhoon.forecast, zhoushan)).severe
    walker = Walker(zhoushan, book, severe, typhoon.closures, foreseer.charts.havens)
    held = 0
    for move in report.moves:
        open_trips = [
            walker.arrival(
                zhoushan.craft_classes[trip.craft_class], zhoushan.place(trip.from_site), zhoushan.place(trip.to_site),
                trip.depart_at, onward=False,
            ) is not None
            for trip in move.trips
        ]  # fmt: skip
        if move.severe_before_at is not None:
            assert all(open_trips)
            assert move.severe_before_at <= move.before_at
            held += 1
    assert 0 < held < len(report.moves)


def test_moves_come_by_time_left_and_count_up(report: IsolationReport) -> None:
    starts = [one.latest_start_at for one in report.moves]
    assert starts == sorted(starts)
    assert [one.rank for one in report.moves] == list(range(1, len(starts) + 1))
    assert report.visitors_planned == sum(round(one.amount) for one in report.moves if one.what == "visitors")
    for move in report.moves:
        assert sum(trip.carried for trip in move.trips) == pytest.approx(move.amount, abs=1.0)
        assert move.left_min == round((move.latest_start_at - report.at) / MINUTE)
    assert {"visitors", "forces", "stores"} <= {one.what for one in report.moves}


def test_no_boats_leave_everybody_unmet(zhoushan: Region, foreseer: Foreseer, forces: Forces) -> None:
    storm = gale(zhoushan, 6, 30, hours=40)
    few = foreseer.report(question(zhoushan, forces, storm, craft=["assault-01"]), 36)
    island = few.island("putuoshan")
    assert island is not None
    moved = sum(one.amount for one in few.moves if one.island_id == "putuoshan" and one.what == "visitors")
    remain = sum(one.remain for one in few.unmet if one.island_id == "putuoshan" and one.what == "visitors")
    assert moved + remain == pytest.approx(island.visitors.persons)
    assert remain > 0
    assert any(str(f"{remain:,.0f}") in one.text.en for one in few.unmet)
    assert few.faults == ()


def test_a_berth_is_free_only_while_fewer_lie_there_than_it_has() -> None:
    berths = Berths({"pier": 2})
    berths.take("pier", 0, 10)
    assert berths.is_free("pier", 5, 8)
    berths.take("pier", 8, 20)
    assert not berths.is_free("pier", 9, 12)
    assert berths.is_free("pier", 10, 12)
    assert not berths.is_free("pier", 0, 30)
    assert berths.is_free("pier", 20, 30)


def faults(
    report: IsolationReport, typhoon: Situation, region: Region, book: LaneBook, foreseer: Foreseer, **changes: Any
) -> str:
    """Return what the check says of a report with some fields changed, in English."""
    changed = msgspec.structs.replace(report, **changes)
    found = check_report(changed, typhoon, region, book, foreseer.charts.havens)
    return " ".join(one.en for one in found)


def with_move(report: IsolationReport, number: int, change: Callable[[Move], Move]) -> tuple[Move, ...]:
    """Return the report's moves with one of them changed."""
    moves = list(report.moves)
    moves[number] = change(moves[number])
    return tuple(moves)


def test_the_check_passes_what_is_right(
    report: IsolationReport, typhoon: Situation, zhoushan: Region, book: LaneBook, foreseer: Foreseer
) -> None:
    assert faults(report, typhoon, zhoushan, book, foreseer) == ""


@pytest.mark.parametrize(("minutes", "words"), [(1, "is not safe"), (-1, "a minute later is still safe")])
@pytest.mark.parametrize("field", ["last_departure", "last_out_and_back"])
def test_a_last_departure_off_by_a_minute_is_found(
    report: IsolationReport, typhoon: Situation, zhoushan: Region, book: LaneBook, foreseer: Foreseer,
    minutes: int, words: str, field: str,
) -> None:  # fmt: skip
    islands = list(report.islands)
    replace, passage = msgspec.structs.replace, getattr(islands[2], field)
    moved = replace(
        passage, depart_at=passage.depart_at + minutes * MINUTE, arrive_at=passage.arrive_at + minutes * MINUTE
    )
    islands[2] = replace(islands[2], **{field: moved})
    assert words in faults(report, typhoon, zhoushan, book, foreseer, islands=tuple(islands))


def _late(move: Move) -> Move:
    return msgspec.structs.replace(move, latest_start_at=move.latest_start_at + 8 * timedelta(hours=1))


def _overloaded(move: Move) -> Move:
    trips = tuple(msgspec.structs.replace(trip, carried=trip.carried + 500) for trip in move.trips)
    return msgspec.structs.replace(move, trips=trips, amount=move.amount + 500 * len(trips))


def _short(move: Move) -> Move:
    return msgspec.structs.replace(move, amount=move.amount + 50)


def _too_soon(move: Move) -> Move:
    first = msgspec.structs.replace(move.trips[0], leaves_at=move.trips[0].leaves_at - timedelta(hours=1))
    return msgspec.structs.replace(move, trips=(first, *move.trips[1:]))


def _wrong_end(move: Move) -> Move:
    first = msgspec.structs.replace(move.trips[0], to_site="guoju")
    return msgspec.structs.replace(move, trips=(first, *move.trips[1:]))


def _another_craft(move: Move) -> Move:
    first = msgspec.structs.replace(move.trips[0], craft_id="no-such-boat")
    return msgspec.structs.replace(move, trips=(first, *move.trips[1:]))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (_late, "latest start is too late"),
        (_overloaded, "more than its seats"),
        (_short, "do not add up"),
        (_too_soon, "two places at once"),
        (_wrong_end, "is not safe"),
        (_another_craft, "cannot be used"),
    ],
)
def test_a_fault_planted_in_a_move_is_found(
    report: IsolationReport, typhoon: Situation, zhoushan: Region, book: LaneBook, foreseer: Foreseer,
    change: Callable[[Move], Move], words: str,
) -> None:  # fmt: skip
    number = next(n for n, one in enumerate(report.moves) if one.island_id == "miaozihu" and one.what == "visitors")
    moves = with_move(report, number, change)
    assert words in faults(report, typhoon, zhoushan, book, foreseer, moves=moves)


def test_a_pier_with_more_craft_than_berths_is_found(
    report: IsolationReport, typhoon: Situation, zhoushan: Region, book: LaneBook, foreseer: Foreseer
) -> None:
    number = next(n for n, one in enumerate(report.moves) if one.island_id == "putuoshan")

    def together(move: Move) -> Move:
        first = move.trips[0]
        return msgspec.structs.replace(
            move,
            trips=tuple(
                msgspec.structs.replace(trip, load_at=first.load_at, depart_at=first.depart_at) for trip in move.trips
            ),
        )

    assert "berths enough" in faults(
        report, typhoon, zhoushan, book, foreseer, moves=with_move(report, number, together)
    )


def test_a_group_sent_to_two_places_is_found(
    report: IsolationReport, typhoon: Situation, zhoushan: Region, book: LaneBook, foreseer: Foreseer
) -> None:
    numbers = [n for n, one in enumerate(report.moves) if one.group_ids]
    twice = with_move(
        report, numbers[1], lambda one: msgspec.structs.replace(one, group_ids=report.moves[numbers[0]].group_ids)
    )
    assert "two places" in faults(report, typhoon, zhoushan, book, foreseer, moves=twice)


def test_an_island_for_which_no_group_is_free_is_said_to_be_short(
    zhoushan: Region, foreseer: Foreseer, forces: Forces
) -> None:
    storm = question(zhoushan, forces, gale(zhoushan, 6, 30, hours=40), craft=["patrol-01", "patrol-03"])
    busy = tuple(
        msgspec.structs.replace(state, status="on_scene") if "police" in state.group.skills else state
        for state in storm.groups
    )
    found = foreseer.report(msgspec.structs.replace(storm, groups=busy), 36)
    short = [one for one in found.unmet if one.what == "forces" and one.island_id == "miaozihu"]
    assert short
    assert all(one.remain > 0 and "no group can be sent" in one.text.en for one in short)
    assert not any(move.group_ids for move in found.moves)
