"""The shipped scenarios tell the stories they claim to; a broken one says what is wrong and where."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from data.errors import DataFaultsError, Fault, UnknownNameError
from data.forces import CraftClass
from data.forecast_gaps import assumptions
from data.geography import Pier, Region
from data.scenario import SCENARIO_FOLDER, find_scenario, list_scenarios, read_scenario

SHIPPED = ["quiet-night", "june-major-case", "may-swell-miaozihu", "typhoon-approach"]  # the default world first


def test_shipped_scenarios_are_listed_with_both_languages(zhoushan: Region) -> None:
    found = list_scenarios(zhoushan)
    assert [summary.id for summary in found] == SHIPPED
    assert all(s.title.zh and s.title.en and s.story.zh and s.story.en for s in found)
    assert all(s.incidents >= 1 and s.start_at.tzinfo for s in found)


@pytest.mark.parametrize("scenario_id", SHIPPED)
def test_shipped_scenario_reads_and_becomes_a_situation(zhoushan: Region, scenario_id: str) -> None:
    scenario = read_scenario(scenario_id, zhoushan)
    situation = scenario.situation()
    assert scenario.id == scenario_id
    assert situation.at == scenario.start_at
    assert situation.scenario_id == scenario_id
    assert len(situation.craft) == len(scenario.craft) > 40
    assert situation.content_hash() == read_scenario(scenario_id, zhoushan).situation().content_hash()
    assert all(incident.echelons and incident.status == "reported" for incident in situation.incidents)
    assert all(state.ready_in_min == state.craft.notice_min for state in situation.craft)


@pytest.mark.parametrize("scenario_id", SHIPPED)
def test_forecast_covers_every_zone_for_a_day(zhoushan: Region, scenario_id: str) -> None:
    scenario = read_scenario(scenario_id, zhoushan)
    assert scenario.forecast is not None
    for zone_id in zhoushan.zones:
        for hours in range(25):
            scenario.forecast.at(zone_id, scenario.start_at + timedelta(hours=hours))


def reached_by_waves(pier: Pier, wave_from_deg: float) -> bool:
    """Work the exposure sector out again, degree by degree, going clockwise."""
    assert pier.exposure_from_deg is not None
    assert pier.exposure_to_deg is not None
    degree, sector = int(pier.exposure_from_deg), []
    while degree != int(pier.exposure_to_deg):
        sector.append(degree)
        degree = (degree + 1) % 360
    return round(wave_from_deg) in sector


def test_may_swell_reaches_the_passenger_pier_and_not_beiao(zhoushan: Region) -> None:
    scenario = read_scenario("may-swell-miaozihu", zhoushan)
    assert scenario.forecast is not None
    passenger, beiao = zhoushan.piers["miaozihu"], zhoushan.piers["beiao"]
    boats = [c for c in zhoushan.craft_classes.values() if c.mode == "sea" and not c.id.startswith("cutter")]
    for hours in range(4):
        hour = scenario.forecast.at(passenger.zone_id, scenario.start_at + timedelta(hours=hours))
        assert reached_by_waves(passenger, hour.wave_from_deg)
        assert not reached_by_waves(beiao, hour.wave_from_deg)
        assert all(c.max_hs_m is not None and hour.hs_m > c.max_hs_m / 2 for c in boats)  # no berthing in such waves
        assert sum(can_sail(c, hour.hs_m) for c in boats) >= 3  # yet some still sail, and find the lee landing
        helicopters = [c for c in zhoushan.craft_classes.values() if "helipad" in c.berthing]
        assert all(hour.visibility_m < c.min_visibility_m for c in helicopters)  # fog: relief must come by sea
    assert [closure.target_id for closure in scenario.closures] == ["miaozihu"]
    assert scenario.incidents[0].island_id == "miaozihu"


def can_sail(craft_class: CraftClass, hs_m: float) -> bool:
    return craft_class.max_hs_m is not None and hs_m <= craft_class.max_hs_m


def test_june_case_asks_for_the_echelons_of_its_story_in_weather_every_boat_stands(zhoushan: Region) -> None:
    scenario = read_scenario("june-major-case", zhoushan)
    [incident] = scenario.incidents
    assert incident.island_id == "miaozihu"
    assert [(e.persons, e.skill) for e in incident.echelons] == [
        (12, None),
        (40, "ptu"),
        (100, "police"),
        (20, "armed"),
        (4, "medical"),
    ]
    assert scenario.forecast is not None
    hour = scenario.forecast.at("dongji", scenario.start_at)
    assert all(can_sail(c, hour.hs_m) for c in zhoushan.craft_classes.values() if c.mode == "sea")


def test_quiet_night_worsens_over_limits_before_the_morning_is_out(zhoushan: Region) -> None:
    scenario = read_scenario("quiet-night", zhoushan)
    assert scenario.forecast is not None
    boats = [c for c in zhoushan.craft_classes.values() if c.mode == "sea"]
    sailing = [
        sum(can_sail(c, scenario.forecast.at("dongji", scenario.start_at + timedelta(hours=h)).hs_m) for c in boats)
        for h in range(7)
    ]
    assert sailing[0] > sailing[2] > sailing[6]
    assert all(incident.priority >= 1 and incident.reported_at <= scenario.start_at for incident in scenario.incidents)
    assert 2 <= len(scenario.incidents) <= 4


def test_unknown_scenario_names_close_matches() -> None:
    with pytest.raises(UnknownNameError, match="Did you mean: june-major-case"):
        find_scenario("june-mayor-case")


# --- broken scenarios -------------------------------------------------------------------------------------------


@pytest.fixture
def scenario_path(tmp_path: Path) -> Path:
    """A copy of the May scenario that a test may break."""
    for path in SCENARIO_FOLDER.glob("may-swell-miaozihu.*"):
        shutil.copy(path, tmp_path)
    return tmp_path / "may-swell-miaozihu.yaml"


def faults_of(path: Path, region: Region) -> tuple[Fault, ...]:
    with pytest.raises(DataFaultsError) as caught:
        read_scenario(path, region)
    return caught.value.faults


def change(path: Path, old: str, new: str) -> int:
    """Replace a text once and return the line it stands on."""
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1


FORCES = "\nforces:\n  "
BROKEN = [
    # text, its replacement, key path of the fault, words of the message
    ("target: miaozihu", "target: miaozhu", "closures[0].target", "Did you mean 'miaozihu'"),
    ("kind: pier", "kind: peer", "closures[0].kind", "Invalid enum value"),
    ("kind: pier", "kind: helipad", "closures[0].target", "Did you mean 'miaozihu-pad'"),
    (
        "author: Dongji pier master",
        "autor: Dongji pier master",
        "closures[0]",
        "unknown key 'autor'. Did you mean 'author'",
    ),
    (
        "case_type: stranded-visitors",
        "case_type: stranded-visitor",
        "incidents[0].case_type",
        "Did you mean 'stranded-visitors'",
    ),
    ("lon_deg: 122.6785", "lon_deg: 122.62", "incidents[0].lon_deg", "Move the incident onto land"),
    ("lon_deg: 122.6785", "lon_deg: east", "incidents[0].lon_deg", "needs float"),
    ("    lon_deg: 122.6785\n    lat_deg: 30.1962", "    at: dongji", "incidents[0].at", "Did you mean: dongji-ps"),
    ("    lon_deg: 122.6785\n", "", "incidents[0]", "says nowhere"),
    ("priority: 2", "priority: 7", "incidents[0].priority", "Invalid enum value"),
    (
        "reported_at: 2026-05-31T09:45",
        "reported_at: 2026-05-31T10:45",
        "incidents[0].reported_at",
        "after the scenario's start",
    ),
    ("start_at: 2026-05-31T10:00:00+08:00", "start_at: 2026-05-31T10:00:00", "start_at", "no offset from UTC"),
    ("start_at: 2026-05-31T10:00:00+08:00", "start_at: tomorrow", "start_at", "is not a time"),
    ("start_at: 2026-05-31T10:00:00+08:00", "start_at: 2026-05-30T10:00:00+08:00", "forecast.file", "after the start"),
    ("start_at: 2026-05-31T10:00:00+08:00\n", "", "start_at", "key is missing"),
    ("region: zhoushan", "region: penghu", "region", "the region loaded is 'zhoushan'"),
    ("clock_speed: 10", "clock_speed: -1", "clock_speed", "out of range"),
    ("mode: drill", "mode: drll", "mode", "Invalid enum value"),
    ("seconds: 10", "second: 10", "options", "Did you mean 'seconds'"),
    ("file: may", "file: june", "june-swell-miaozihu.forecast.csv", "the file is missing"),
    ("file: may", "file: ../may", "forecast.file", "is a path"),
    ("valid_to: 2026-06-01T14:00:00+08:00", "valid_to: 2026-05-31T23:00:00+08:00", "forecast.valid_to", "last hour"),
    ("id: may-swell-miaozihu\n", "id: may-swell-miaozihu\nid: twice\n", "id", "there twice"),
    ("incidents:", "incident:", "incident", "Did you mean 'incidents'"),
    (
        "priority: 2",
        "priority: 2" + FORCES + "ready_in_min: {patrol-99: 5}",
        "forces.ready_in_min.patrol-99",
        "Did you mean",
    ),
    (
        "priority: 2",
        "priority: 2" + FORCES + "ready_in_min: {patrol-01: -5}",
        "forces.ready_in_min.patrol-01",
        "negative",
    ),
    ("priority: 2", "priority: 2" + FORCES + "moved_to: {patrol-01: gaotin}", "forces.moved_to.patrol-01", "gaoting"),
]


@pytest.mark.parametrize(("old", "new", "key", "words"), BROKEN)
def test_fault_is_named_with_its_line_and_key(
    zhoushan: Region, scenario_path: Path, old: str, new: str, key: str, words: str
) -> None:
    if new.startswith("priority: 2" + FORCES):  # a new section at the end, not amid the incident
        old, new = "# Island", new.removeprefix("priority: 2").lstrip("\n") + "\n# Island"
    change(scenario_path, old, new)
    faults = [f for f in faults_of(scenario_path, zhoushan) if words in f.message]
    assert [fault.column or fault.file for fault in faults] == [key]
    if faults[0].file == scenario_path.name and "missing" not in words:
        assert faults[0].row is not None


def test_line_is_the_one_of_the_key(zhoushan: Region, scenario_path: Path) -> None:
    line = change(scenario_path, "target: miaozihu", "target: miaozhu")
    assert [fault.row for fault in faults_of(scenario_path, zhoushan)] == [line]


def test_all_faults_come_in_one_go(zhoushan: Region, scenario_path: Path) -> None:
    lines = [
        change(scenario_path, "target: miaozihu", "target: miaozhu"),
        change(scenario_path, "case_type: stranded-visitors", "case_type: strandd"),
        change(scenario_path, "lon_deg: 122.6785", "lon_deg: 122.62"),
    ]
    forecast = scenario_path.with_name("may-swell-miaozihu.forecast.csv")
    change(forecast, "hangzhou-bay,2026-05-31T09:00+08:00,6.3", "hangzhou-bay,2026-05-31T09:00+08:00,fast")
    faults = faults_of(scenario_path, zhoushan)
    assert [fault.row for fault in faults if fault.file == scenario_path.name] == lines
    assert [(f.row, f.column) for f in faults if f.file == forecast.name] == [(2, "wind_mps")]


def test_forecast_without_a_zone_takes_the_worst_of_its_neighbours_and_says_so(
    zhoushan: Region, scenario_path: Path
) -> None:
    forecast = scenario_path.with_name("may-swell-miaozihu.forecast.csv")
    kept = [line for line in forecast.read_text(encoding="utf-8").splitlines() if not line.startswith("putuo,")]
    forecast.write_text("\n".join(kept), encoding="utf-8")
    read = read_scenario(scenario_path, zhoushan).forecast
    assert read is not None
    begin = read.hours[0].valid_from
    assert read.at("putuo", begin).hs_m == read.at("dongji", begin).hs_m  # the roughest of the zones beside it
    said = [text.en for text in assumptions(read, zhoushan)]
    assert [one.startswith("Putuo waters") and "the worst of" in one for one in said] == [True]


@pytest.mark.parametrize("content", ["", "- a\n- b\n", "id: [unclosed", "\tid: x"])
def test_file_that_is_no_mapping_is_refused(zhoushan: Region, tmp_path: Path, content: str) -> None:
    path = tmp_path / "broken.yaml"
    path.write_text(content, encoding="utf-8")
    assert faults_of(path, zhoushan)


def test_overrides_change_the_forces(zhoushan: Region, scenario_path: Path) -> None:
    section = (
        "forces:\n  out_of_service: {patrol-01: {zh: 检修, en: under repair}}\n  ready_in_min: {swat-1: 45}\n"
        "  moved_to: {patrol-02: gaoting}\n"
    )
    change(scenario_path, "# Island", section + "# Island")
    scenario = read_scenario(scenario_path, zhoushan)
    craft = {state.craft.id: state for state in scenario.craft}
    assert craft["patrol-01"].status == "out_of_service"
    assert scenario.situation().forbidden["patrol-01"].en == "under repair"
    assert craft["patrol-02"].site_id == "gaoting"
    assert craft["patrol-02"].lon_deg == zhoushan.piers["gaoting"].lon_deg
    assert next(state for state in scenario.groups if state.group.id == "swat-1").ready_in_min == 45


def test_own_echelons_replace_the_run_card(zhoushan: Region, scenario_path: Path) -> None:
    own = "priority: 2\n    echelons:\n      - {id: a, name: {zh: 甲, en: A}, persons: 7, weight: 1, skill: sniper}"
    change(scenario_path, "priority: 2", own)
    [fault] = faults_of(scenario_path, zhoushan)
    assert fault.column == "incidents[0].echelons[0].skill"
    change(scenario_path, ", skill: sniper", "")
    [incident] = read_scenario(scenario_path, zhoushan).incidents
    assert [echelon.persons for echelon in incident.echelons] == [7]
