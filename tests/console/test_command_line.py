"""The command line: verbs and names by their beginning in both scripts, and worded errors."""

from __future__ import annotations

import pytest

from console.command_line import (
    Dispatch,
    GoTo,
    NewIncident,
    OpenIsland,
    PlanFor,
    SetStatus,
    TypedCommand,
    WriteLog,
    complete_command,
    read_command,
)
from console.command_words import NotUnderstoodError, Vocabulary, build_vocabulary, name, plain
from data.geography import Region
from data.journal.picture import Picture
from data.text import Text
from tests.console.panels.samples import build_night

STATUS_WORDS = {
    "available": ("待命", "Available"),
    "en_route": ("途中", "En route"),
    "on_scene": ("到场", "On scene"),
    "out_of_service": ("停用", "Out of service"),
}


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    """A small world with names that begin alike."""
    return Vocabulary(
        case_types=(
            name("armed-affray", Text("持械重大警情", "Armed major case")),
            name("affray", Text("打架斗殴", "Affray")),
        ),
        places=(
            name("miaozihu-island", Text("庙子湖岛", "Miaozihu")),
            name("miaozihu-pier", Text("庙子湖码头", "Miaozihu pier"), rank=1),
            name("beiao", Text("北岙登陆点", "Beiao landing"), rank=1),
            name("putuoshan-ps", Text("普陀山派出所", "Putuoshan PS"), rank=2),
            name("putuo-ps", Text("普陀分局", "Putuo sub-bureau"), rank=2),
        ),
        islands=(name("miaozihu-island", Text("庙子湖岛", "Miaozihu")), name("huaniao", Text("花鸟岛", "Huaniao"))),
        units=(
            name("b11", Text("艇 11", "BOAT 11")),
            name("b12", Text("艇 12", "BOAT 12")),
            name("h1", Text("空警01", "HELI 01")),
        ),
        incidents=(
            name("i21", Text("0614-021", "0614-021"), "021"),
            name("i22", Text("0614-022", "0614-022"), "022"),
        ),
        statuses=tuple(name(key, Text(zh, en)) for key, (zh, en) in STATUS_WORDS.items()),
    )


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        (
            "/new armed miaozihu p1 3 armed men",
            NewIncident(case_type="armed-affray", place_id="miaozihu-island", priority=1, note="3 armed men"),
        ),
        (
            "/new 持械 庙子湖 围观约40人",
            NewIncident(case_type="armed-affray", place_id="miaozihu-island", priority=None, note="围观约40人"),
        ),
        ("/n affray 北岙", NewIncident(case_type="affray", place_id="beiao", priority=None, note="")),
        ("/新建 打架 庙子湖码头 P3", NewIncident(case_type="affray", place_id="miaozihu-pier", priority=3, note="")),
        ("/d 艇11 艇12 空警01 0614-021", Dispatch(unit_ids=("b11", "b12", "h1"), incident_id="i21")),
        ("/d BOAT 11 boat12 HELI 0614-021", Dispatch(unit_ids=("b11", "b12", "h1"), incident_id="i21")),
        ("/d 艇11 艇11 022", Dispatch(unit_ids=("b11",), incident_id="i22")),
        ("/s 艇11 途中", SetStatus(unit_id="b11", status="en_route")),
        ("/s boat 12 out of service", SetStatus(unit_id="b12", status="out_of_service")),
        ("/s HELI 01 on", SetStatus(unit_id="h1", status="on_scene")),
        ("/log  wind rising at the pier", WriteLog(text="wind rising at the pier")),
        ("/goto miao", GoTo(place_id="miaozihu-island")),
        ("/goto 122.68,30.195", GoTo(place_id="122.68,30.195")),
        (
            "/new affray 122.68,30.195 p2 a boat",
            NewIncident(case_type="affray", place_id="122.68,30.195", priority=2, note="a boat"),
        ),
        ("/g 庙子湖码头", GoTo(place_id="miaozihu-pier")),
        ("/plan 0614-022", PlanFor(incident_id="i22")),
        ("/p 021", PlanFor(incident_id="i21")),
        ("/island 花鸟", OpenIsland(island_id="huaniao")),
        ("/i miao", OpenIsland(island_id="miaozihu-island")),
    ],
)
def test_a_line_is_read(vocabulary: Vocabulary, line: str, wanted: TypedCommand) -> None:
    assert read_command(line, vocabulary) == wanted


@pytest.mark.parametrize(
    ("line", "en", "zh"),
    [
        ("/", "Type a command", "请输入命令"),
        ("/fly h1", "No command 'fly'", "没有命令“fly”"),
        ("/new", "The incident type is missing", "还缺警情类型"),
        ("/new affray", "The place is missing", "还缺地点"),
        ("/new affray atlantis", "No place 'atlantis'", "没有地点“atlantis”"),
        ("/goto putuo", "fits 2 places", "对应 2 个地点"),
        ("/island atlantis", "No island 'atlantis'", "没有岛屿“atlantis”"),
        ("/goto putosan ps", "Did you mean", "是否"),
        ("/d boat 1 021", "fits 2 units: BOAT 11, BOAT 12", "对应 2 个单位:艇 11、艇 12"),
        ("/d 021", "The unit is missing", "还缺单位"),
        ("/d 艇11", "No incident '艇11'", "没有警情“艇11”"),
        ("/s 艇11", "No status '艇11'", "没有状态“艇11”"),
        ("/s 途中", "The unit is missing", "还缺单位"),
        ("/s 艇11 空警01 途中", "'空警01' is left over", "多出“空警01”"),
        ("/log", "The text is missing", "还缺内容"),
        ("/goto", "The place is missing", "还缺地点"),
        ("/plan 999", "No incident '999'", "没有警情“999”"),
    ],
)
def test_what_cannot_be_read_is_said_in_both_languages(vocabulary: Vocabulary, line: str, en: str, zh: str) -> None:
    with pytest.raises(NotUnderstoodError) as caught:
        read_command(line, vocabulary)
    assert en in caught.value.text.en
    assert zh in caught.value.text.zh


@pytest.mark.parametrize(
    ("typed", "completed"),
    [
        ("/n", "/new "),
        ("/g", "/goto "),
        ("/new", ""),
        ("/new arm", "/new Armed major case "),
        ("/new 持", "/new 持械重大警情 "),
        ("/new affray bei", "/new affray Beiao landing "),
        ("/goto miao", "/goto Miaozihu "),
        ("/goto 北", "/goto 北岙登陆点 "),
        ("/d boat 1", "/d BOAT 11 "),
        ("/d 艇11 空", "/d 艇11 空警01 "),
        ("/d 艇11 06", "/d 艇11 0614-021 "),
        ("/s boat 11 out", "/s boat 11 Out of service "),
        ("/plan 0614-02", "/plan 0614-021 "),
        ("/log any", ""),
        ("/d ", ""),
        ("/goto atlantis", ""),
        ("no slash", ""),
    ],
)
def test_tab_goes_on_from_what_was_typed(vocabulary: Vocabulary, typed: str, completed: str) -> None:
    assert complete_command(typed, vocabulary, "en") == completed


def test_what_tab_gives_can_be_read(vocabulary: Vocabulary) -> None:
    line = complete_command("/d boat 1", vocabulary, "en") + "0614-02"
    line = complete_command(line, vocabulary, "en")
    assert read_command(line, vocabulary) == Dispatch(unit_ids=("b11",), incident_id="i21")


def test_names_compare_without_case_space_or_sign() -> None:
    assert plain("BOAT 11") == plain("boat-11") == "boat11"
    assert plain("艇 11") == "艇11"


def test_the_shipped_region_can_be_named(zhoushan: Region) -> None:
    night = build_night(zhoushan)
    vocabulary = build_vocabulary(night.picture, zhoushan)
    assert read_command("/goto 庙子湖", vocabulary) == GoTo(place_id="miaozihu")
    typed = read_command("/new 持械 庙子湖 p1", vocabulary)
    assert typed == NewIncident(case_type="armed-affray", place_id="miaozihu", priority=1, note="")
    assert read_command("/d 11 12 001", vocabulary) == Dispatch(unit_ids=("11", "12"), incident_id="incident-1")


def test_an_empty_world_refuses_in_words(zhoushan: Region) -> None:
    vocabulary = build_vocabulary(Picture(zhoushan), zhoushan)
    with pytest.raises(NotUnderstoodError, match="No unit 'x'"):
        read_command("/s x available", vocabulary)
