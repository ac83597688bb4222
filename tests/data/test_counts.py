"""Counts and stores of islands: the newest count goes before a standing figure, and what is assumed is said."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from data.counts import IslandCount, StandingNeed, StoreCount
from data.errors import DataFaultsError
from data.geography import Region
from data.island_people import island_people
from data.region_reader import read_region
from data.scenario import SCENARIO_FOLDER, read_scenario
from data.text import Text


def need(**changes: object) -> StandingNeed:
    plain = StandingNeed(
        id="n", name=Text("需", "need"), kind="stores", what="water_m3", from_h=6, absolute=1.0, per_day=True,
        per_1000_residents=15.0, per_1000_visitors=10.0, source="t", confidence="assumed",
    )  # fmt: skip
    return msgspec.structs.replace(plain, **changes)


def test_a_need_counts_people_and_days_from_its_hour_on() -> None:
    assert need().amount(2000, 400, 5.9) == 0.0
    assert need().amount(2000, 400, 12.0) == pytest.approx((1 + 30 + 4) / 2)
    assert need(per_day=False).amount(2000, 400, 48.0) == pytest.approx(35.0)


def test_persons_and_craft_are_whole_and_rounded_up() -> None:
    persons = need(kind="persons", what="crowd", absolute=0.0, per_1000_residents=0.0, per_day=False)
    assert persons.amount(0, 412, 6.0) == 5.0
    assert persons.amount(0, 400, 6.0) == 4.0


def test_the_newest_count_of_now_goes_before_older_and_standing_ones(zhoushan: Region) -> None:
    situation = read_scenario("typhoon-approach", zhoushan).situation()
    assert island_people(situation, zhoushan, "miaozihu").counts["visitors"].number == 412
    template = situation.counts[0]
    counted = [
        msgspec.structs.replace(
            template, island_id="miaozihu", kind="visitors", number=number, at=situation.at + timedelta(hours=hours)
        )
        for number, hours in ((500, -5), (300, 0), (100, 1))  # the last is of the future
    ]
    later = msgspec.structs.replace(situation, counts=tuple(counted))
    found = island_people(later, zhoushan, "miaozihu")
    assert found.counts["visitors"].number == 300
    assert found.from_outside == 300
    assert not any("visitors are assumed" in text.en for text in found.assumptions)
    uncounted = island_people(msgspec.structs.replace(situation, counts=(), stores=()), zhoushan, "miaozihu")
    assert uncounted.counts["visitors"].at is None
    said = [text.en for text in uncounted.assumptions]
    assert "Miaozihu: 260 visitors are assumed, not counted" in said
    assert "Miaozihu: its stores are assumed, not counted" in said
    assert "Miaozihu: workers from outside not known, counted as 0" in said


def test_shipped_counts_agree_with_the_story(zhoushan: Region) -> None:
    visitors = {
        name: sum(one.number for one in read_scenario(name, zhoushan).counts if one.kind == "visitors")
        for name in ("typhoon-approach", "may-swell-miaozihu", "quiet-night")
    }
    assert visitors["typhoon-approach"] > 17_000
    stores = {(one.island_id, one.item): one for one in read_scenario("typhoon-approach", zhoushan).stores}
    assert stores["dongfushan", "generator_kw"].amount == 0
    assert stores["dongfushan", "water_m3"].unit.en == "m³"
    may = read_scenario("may-swell-miaozihu", zhoushan)
    assert [one.number for one in may.counts if (one.island_id, one.kind) == ("miaozihu", "visitors")] == [986]


def test_every_inhabited_island_has_stores_marked_as_assumed(zhoushan: Region) -> None:
    stored = {one.island_id for one in zhoushan.standing_stores}
    assert {name for name, island in zhoushan.islands.items() if island.residents} <= stored
    assert {one.confidence for one in zhoushan.standing_stores} == {"assumed"}
    assert all("assumed" in one.source for one in (*zhoushan.standing_counts, *zhoushan.standing_stores))


def test_a_region_without_the_two_tables_still_reads(region_folder: Path) -> None:
    for name in ("standing_needs.csv", "island_stores.csv"):
        (region_folder / name).unlink()
    region = read_region(region_folder)
    assert (region.standing_needs, region.standing_counts, region.standing_stores) == ((), (), ())


EIGHT, ELEVEN, NOON = (f"2026-05-31T{clock}:00+08:00" for clock in ("08:00", "11:00", "12:00"))
WARNED = f"id: w, kind: wind, issued_at: {EIGHT}, issuer: {{zh: t, en: t}}, text: {{zh: a, en: a}}, source: t"
SEEN = f"id: m, zone: dongji, until_at: {NOON}, author: t, reason: {{zh: a, en: a}}"
BAD = [
    ("counts", "island: miaozhu, kind: visitors, number: 3, source: t", "Did you mean 'miaozihu'"),
    ("counts", "island: miaozihu, kind: tourists, number: 3, source: t", "Invalid enum value 'tourists'"),
    ("counts", "island: miaozihu, kind: visitors, number: -3, source: t", "人数不得为负"),
    ("counts", f"island: miaozihu, kind: visitors, number: 3, source: t, at: {NOON}", "after the scenario's start"),
    ("counts", "island: miaozihu, kind: visitors, number: 3, source: t, at: 2026-05-01T00:00:00", "offset from UTC"),
    ("stores", "island: miaozihu, item: water_m3, amount: .nan, source: t", "数量不得为负"),
    ("stores", "island: miaozihu, item: beer_m3, amount: 3, source: t", "Invalid enum value 'beer_m3'"),
    ("warnings", f"{WARNED}, level: green", "Invalid enum value 'green'"),
    ("warnings", f"{WARNED}, level: red, zones: [dongj]", "Did you mean 'dongji'"),
    ("warnings", f"{WARNED}, level: red, until_at: 2026-05-31T07:00:00+08:00", "ends before it begins"),
    ("manual_weather", f"{SEEN}, issued_at: {EIGHT}", "gives no value"),
    ("manual_weather", f"{SEEN}, issued_at: {ELEVEN}, hs_m: 1", "lies after the scenario's start"),
    ("manual_weather", f"{SEEN}, issued_at: {EIGHT}, hs_m: 99", "give 0 to 25 m"),
]


@pytest.mark.parametrize(("section", "item", "words"), BAD)
def test_a_broken_section_says_what_is_wrong_on_its_line(
    zhoushan: Region, tmp_path: Path, section: str, item: str, words: str
) -> None:
    for path in SCENARIO_FOLDER.glob("may-swell-miaozihu.*"):
        (tmp_path / path.name).write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    broken = tmp_path / "may-swell-miaozihu.yaml"
    text = broken.read_text(encoding="utf-8").split("counts:")[0]
    broken.write_text(f"{text}{section}:\n  - {{{item}}}\n", encoding="utf-8")
    with pytest.raises(DataFaultsError) as error:
        read_scenario(broken, zhoushan)
    [fault] = error.value.faults
    assert words in fault.message
    assert fault.row == text.count("\n") + 2
    assert fault.column is not None
    assert fault.column.startswith(section)


def test_a_count_given_twice_is_refused(zhoushan: Region, tmp_path: Path) -> None:
    for path in SCENARIO_FOLDER.glob("may-swell-miaozihu.*"):
        (tmp_path / path.name).write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    twice = tmp_path / "may-swell-miaozihu.yaml"
    again = "counts:\n  - {island: miaozihu, kind: visitors, number: 3, source: t}\n"
    twice.write_text(twice.read_text(encoding="utf-8").replace("counts:\n", again, 1), encoding="utf-8")
    with pytest.raises(DataFaultsError, match="stand in counts"):
        read_scenario(twice, zhoushan)


def test_no_number_of_people_or_stores_is_negative() -> None:
    with pytest.raises(ValueError, match="give 0 or more"):
        IslandCount(island_id="a", kind="visitors", number=-1, at=None, source="t", confidence="t")
    with pytest.raises(ValueError, match="give 0 or more"):
        StoreCount(island_id="a", item="fuel_l", amount=-1.0, at=None, source="t")
