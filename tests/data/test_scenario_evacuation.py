"""The section ``evacuation``: read as written, and every slip named with its path and remedy."""

from __future__ import annotations

from pathlib import Path

import pytest

from data.errors import DataFaultsError
from data.geography import Region
from data.scenario import SCENARIO_FOLDER, read_scenario

STORY = (SCENARIO_FOLDER / "quiet-night.yaml").read_text(encoding="utf-8")
SECTION = """
evacuation:
  - island: miaozihu
    musters: [{id: miaozihu-school, capacity: 300}]
    groups:
      - {id: all, name: {zh: 全部, en: All}, persons: 120, muster: miaozihu-school}
    piers: [{pier: beiao, queue_limit: 50, berths: [{name: B1, berthing: [quay]}]}]
    drops: [{pier: duntou, berths: 2}]
    craft: [patrol-01]
"""


def read(region: Region, folder: Path, section: str) -> str:
    """Return what is said of a scenario with this section, nothing if it is sound."""
    for file in SCENARIO_FOLDER.glob("quiet-night.forecast.csv"):
        (folder / file.name).write_bytes(file.read_bytes())
    path = folder / "story.yaml"
    path.write_text(STORY + section, encoding="utf-8")
    try:
        read_scenario(path, region)
    except DataFaultsError as error:
        return str(error)
    return ""


def test_the_section_is_read_as_written(zhoushan: Region) -> None:
    ask = read_scenario("may-swell-miaozihu", zhoushan).situation().evacuations[0]
    assert ask.island_id == "miaozihu"
    assert sum(group.persons for group in ask.groups) == 986
    assert [berth.name for berth in ask.piers[0].berths] == ["B1", "B2", "R"]
    assert ask.musters[0].name.en == "Dongji school ground"
    assert ask.musters[0].capacity == 800


@pytest.mark.parametrize(
    ("written", "slip", "words"),
    [
        ("persons: 120", "persons: 0", "0 is out of range. Give 1 to 100000"),
        ("island: miaozihu", "island: miaozhu", "unknown island 'miaozhu'. Did you mean 'miaozihu'"),
        ("muster: miaozihu-school}", "muster: square}", "unknown muster point 'square'"),
        ("{id: miaozihu-school, capacity: 300}", "{id: nowhere}", "Give its name, lon_deg and lat_deg too"),
        ("pier: beiao", "pier: duntou", "'duntou' lies on 'zhoushan', not 'miaozihu'"),
        ("drops: [{pier: duntou", "drops: [{pier: beiao", "lies on the island itself. Name a pier elsewhere"),
        ("berthing: [quay]", "berthing: []", "names no berthing"),
        ("craft: [patrol-01]", "craft: [patrol-99]", "unknown craft 'patrol-99'. Did you mean"),
        ("queue_limit: 50", "queue_limit: 0", "0 is out of range"),
        ("berths: 2", "bertsh: 2", "bertsh"),
    ],
)
def test_a_slip_is_named(zhoushan: Region, tmp_path: Path, written: str, slip: str, words: str) -> None:
    assert read(zhoushan, tmp_path, SECTION) == ""
    assert written in SECTION
    assert words in read(zhoushan, tmp_path, SECTION.replace(written, slip))
