"""The isolation board: what each mark says, what is due, what cannot be moved, and that it stays small and quick."""

from __future__ import annotations

import re
from datetime import timedelta

import msgspec
import pytest

from console.panels.cutoff_parts import Scale, day_clock, near_clock, study_state, time_left, without_answer
from console.panels.isolation import due_soon, isolation_html
from console.panels.isolation_moves import move_key, move_text, moves_html
from console.panels.isolation_tracks import island_windows, windows_svg
from console.studies import Seen
from data.geography import Region
from data.isolation import HoursSpread, IsolationReport, WindowSpan
from data.journal.views import OrderedMove
from data.text import Text
from tests.console.panels import cutoff_samples
from tests.console.panels.cutoff_samples import AT, after, isolation_report, seen
from tests.console.panels.test_every_panel import Reader

ZONE = "Asia/Shanghai"
MOST_BYTES = 150_000


@pytest.fixture
def report(zhoushan: Region) -> IsolationReport:
    return isolation_report(zhoushan)


def test_each_state_has_its_own_height_and_the_closed_a_line_through() -> None:
    scale = Scale(AT, after(4), ZONE)
    spans = (
        WindowSpan(from_at=AT, to_at=after(1), state="open"),
        WindowSpan(from_at=after(1), to_at=after(2), state="limited"),
        WindowSpan(from_at=after(2), to_at=after(9), state="closed"),
    )
    svg = windows_svg([(spans, True)], scale)
    assert 'class="open" d="M0 1h60v8h-60z"' in svg
    assert 'class="limited" d="M60 5.2h60v3.8h-60z"' in svg
    assert 'class="closed" d="M120 1h120v8h-120z"' in svg, "cut off at the end of the chart"
    assert 'class="through" d="M120 5h120"' in svg


def test_an_island_shows_a_row_for_each_kind(report: IsolationReport) -> None:
    scale = Scale(AT, after(48), ZONE)
    svg = island_windows(report.islands[0], scale)
    assert 'viewBox="0 0 2880 40"' in svg
    assert svg.count("M0 ") + svg.count("M0 1") >= 4


def test_the_board_says_until_when_how_long_and_who(report: IsolationReport, zhoushan: Region) -> None:
    html = isolation_html(seen(report), zhoushan, None, AT, report.islands[1].island_id, "zh")
    words = Reader(html).text
    first = report.islands[0]
    assert first.name.zh in words
    assert "12日 17:42" in words, "the last safe departure in the region's time"
    assert "16 h" in words
    assert "12–21" in words, "the hours as low to high"
    assert "≈412" in words
    assert "9 / 32" in words
    assert "饮用水 缺 40 m³" in words
    assert "已断航" in words
    assert "1 岛有路桥相连" in words
    doors = [a for tag, a in Reader(html).elements if a.get("data-act") == "open-island"]
    assert [one["data-id"] for one in doors] == [one.island_id for one in report.islands]
    assert len([one for one in doors if "data-walk" in one]) == len(report.islands) - 2
    assert [one["data-id"] for one in doors if "on" in (one.get("class") or "").split()] == [
        report.islands[1].island_id
    ]


def test_what_nobody_counted_is_said_to_be_unknown(report: IsolationReport, zhoushan: Region) -> None:
    first = msgspec.structs.replace(
        report.islands[0], visitors=cutoff_samples.head(None, None), hours_cut_off=HoursSpread(low=0, likely=0, high=0)
    )
    changed = msgspec.structs.replace(report, islands=(first,))
    words = Reader(isolation_html(seen(changed), zhoushan, None, AT, None, "en")).text
    assert "unknown" in words


def test_a_report_that_fails_its_check_says_so(report: IsolationReport, zhoushan: Region) -> None:
    bad = msgspec.structs.replace(report, faults=(Text("窗口与浪高不符", "a window contradicts the waves"),))
    html = isolation_html(seen(bad), zhoushan, None, AT, None, "en")
    assert '<p class="loud">a window contradicts the waves</p>' in html


def test_a_board_of_every_island_stays_small(zhoushan: Region) -> None:
    whole = isolation_report(zhoushan, len(zhoushan.islands))
    html = isolation_html(seen(whole), zhoushan, None, AT, None, "en")
    assert len(html.encode()) < MOST_BYTES


def test_a_move_that_is_due_is_amber_and_one_with_time_is_not(report: IsolationReport, zhoushan: Region) -> None:
    html = moves_html(seen(report), {}, zhoushan, AT, "en")
    assert re.search(r'class="chip amber">by 15:42', html)
    assert re.search(r'class="chip plain">by 23:12', html)
    assert due_soon(report, AT) == {report.islands[0].island_id}
    late = moves_html(seen(report), {}, zhoushan, after(2), "en")
    assert re.search(r'class="chip red">by 15:42', late)


def test_who_cannot_be_moved_stands_first_in_red(report: IsolationReport, zhoushan: Region) -> None:
    html = moves_html(seen(report), {}, zhoushan, AT, "zh")
    assert html.index('<p class="loud">仍有 114 人</p>') < html.index("下令")
    assert "仍有 114 人 无船可送" in Reader(html).text


def test_a_move_is_ordered_by_its_key_and_then_only_taken_back(report: IsolationReport, zhoushan: Region) -> None:
    one = report.moves[0]
    text = move_text(one, zhoushan)
    done = OrderedMove(
        move_id=move_key(one), island_id=one.island_id, text=text, before_at=one.before_at, by="seat-2", at=AT
    )
    acts = [a.get("data-act") for _, a in Reader(moves_html(seen(report), {}, zhoushan, AT, "en")).elements]
    assert acts.count("order-move") == 2
    html = moves_html(seen(report), {done.move_id: done}, zhoushan, AT, "en")
    reader = Reader(html)
    acts = [a.get("data-act") for _, a in reader.elements]
    assert (acts.count("order-move"), acts.count("withdraw-move")) == (1, 1)
    assert "ordered by seat-2" in reader.text
    in_replay = moves_html(seen(report), {done.move_id: done}, zhoushan, AT, "en", can_act=False)
    assert "data-act" not in in_replay


def test_an_ordered_move_that_left_the_list_is_still_shown(report: IsolationReport, zhoushan: Region) -> None:
    gone = OrderedMove(move_id="gone", island_id="x", text=Text("撤离", "gone now"), before_at=AT, by="a", at=AT)
    assert "gone now" in moves_html(seen(report), {"gone": gone}, zhoushan, AT, "en")


def test_a_study_says_how_old_it_is_and_on_which_forecast() -> None:
    assert Reader(study_state(seen(object()), ZONE, "zh")).text == "14:18 算出 · 依据 14:00 预报"
    again = Reader(study_state(seen(object(), working=True), ZONE, "en")).text
    assert again.endswith("working it out again…")
    assert Reader(study_state(Seen(None, True), ZONE, "en")).text == "working it out…"


def test_a_failed_study_is_said_in_words() -> None:
    failed = seen(None, fault=Text("没有预报", "no forecast"))
    html = without_answer(failed, ZONE, "en")
    assert html is not None
    assert 'role="alert"' in html
    assert "Could not be worked out at 14:18: no forecast" in Reader(html).text
    assert without_answer(seen(object()), ZONE, "en") is None


def test_a_moment_names_its_day_where_it_is_another() -> None:
    assert near_clock(after(1), AT, ZONE, "en") == "15:12"
    assert near_clock(after(12), AT, ZONE, "en") == "Sun 02:12"
    assert day_clock(after(12), ZONE, "zh") == "13日 02:12"


def test_the_time_left_warns_three_hours_ahead_and_says_what_is_past() -> None:
    assert 'data-state="ok"' in time_left(after(4), AT, "en")
    assert 'data-state="soon"' in time_left(after(2), AT, "en")
    past = time_left(AT - timedelta(minutes=5), AT, "en")
    assert 'data-state="late"' in past
    assert "overdue" in past


def test_what_tonight_is_worth_stands_under_the_moves(report: IsolationReport, zhoushan: Region) -> None:
    worth = seen(cutoff_samples.tonight())
    words = Reader(moves_html(seen(report), {}, zhoushan, AT, "en", tonight=worth)).text
    assert "lowers the expected shortfall from 130 to 1" in words
    assert "25 %" in words
    assert "worth" not in Reader(moves_html(seen(report), {}, zhoushan, AT, "en")).text
