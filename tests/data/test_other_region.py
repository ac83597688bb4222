"""Another archipelago is another folder: a made-up one of two islands loads with no code of its own."""

from __future__ import annotations

from pathlib import Path

import pytest
import shapely
from shapely.geometry import MultiPolygon

from data.coastline import write_coastline
from data.geography import MAINLAND
from data.region_reader import check_region, read_region
from data.region_tables import FORCE_TABLES, REGION_TABLES
from data.roster import read_forces
from data.scenario import read_scenario

FILES = {
    "region.toml": """id = "twins"
name = {zh = "双岛", en = "The Twins"}
bounds_deg = [-6.0, 56.0, -5.0, 57.0]
utm_epsg = 32630
timezone = "Europe/London"
road = {circuity = 1.3, speed_kmh = 50.0}
attribution = {zh = "虚构", en = "Made up"}
""",
    "islands.csv": """\
east,东岛,East,双岛,-5.45,56.5,68,200,made up,assumed
west,西岛,West,双岛,-5.75,56.5,68,,made up,assumed
""",
    "zones.csv": """\
sound,海峡,Sound,"POLYGON ((-6 56, -5 56, -5 57, -6 57, -6 56))",made up,assumed
""",
    "piers.csv": """\
east-pier,东埠,East pier,east,-5.5,56.5,1,quay,,,sound,made up,assumed
west-pier,西埠,West pier,west,-5.7,56.5,1,quay|ramp,350,80,sound,made up,assumed
""",
    "helipads.csv": """\
east-pad,东坪,East pad,east,-5.45,56.51,1,true,made up,assumed
""",
    "stations.csv": """\
east-post,station,东所,East post,east,-5.46,56.5,0,made up,assumed
shore-post,station,岸所,Shore post,mainland,-5.1,56.5,0,made up,assumed
""",
    "bridges.csv": """\
narrows,窄桥,Narrows,mainland,east,-5.19,56.5,-5.41,56.5,13.6,60,9,true,sound,made up,assumed
""",
    "craft_classes.csv": """\
launch,快艇,Launch,sea,12,0,20,,100,2,6,1.5,500,yes,quay,5,patrol_boat,made up,assumed
""",
    "skills.csv": "police,执法,Officer,assumed\n",
    "case_types.csv": "theft,盗窃,Theft,2,assumed\n",
    "run_cards.csv": """\
theft,first,到场,First,2,police,1,,assumed
""",
    "craft.csv": """\
launch-1,艇一,Launch 1,launch,west-pier,5,assumed
""",
    "groups.csv": """\
team-1,一组,Team 1,police,east-post,4,police,0,3,assumed
""",
}
SCENARIO = """id: theft-west
region: twins
title: {zh: 西岛盗窃, en: Theft on West}
story: {zh: 虚构, en: Made up}
source: assumed
start_at: 2026-03-01T12:00:00+00:00
incidents:
  - {id: theft, case_type: theft, title: {zh: 盗窃, en: Theft}, lon_deg: -5.75, lat_deg: 56.5}
"""


@pytest.fixture
def twins(tmp_path: Path) -> Path:
    """The folder of a made-up region west of Greenwich: two islands and a strip of mainland."""
    folder = tmp_path / "twins"
    folder.mkdir()
    headers = {
        spec.file: ",".join(column.name for column in spec.columns if not column.optional) + "\n"
        for spec in (*REGION_TABLES, *FORCE_TABLES)
    }
    for name, text in FILES.items():
        (folder / name).write_text(headers.get(name, "") + text, encoding="utf-8")
    boxes = [(-5.2, 56.0, -5.0, 57.0), (-5.5, 56.45, -5.4, 56.55), (-5.8, 56.45, -5.7, 56.55)]
    write_coastline(MultiPolygon([shapely.box(*box) for box in boxes]), folder / "coastline.geojson.gz")
    return folder


def test_made_up_region_is_sound_and_reads(twins: Path) -> None:
    assert check_region(twins) == []
    region = read_region(twins)
    assert set(region.island_polygons) == {"east", "west", MAINLAND}
    assert region.view_deg is None
    assert region.craft_classes["launch"].cruise_mps == pytest.approx(10.29, abs=0.01)


def test_made_up_region_runs_a_scenario_with_its_own_forces(twins: Path, tmp_path: Path) -> None:
    region = read_region(twins)
    path = tmp_path / "theft-west.yaml"
    path.write_text(SCENARIO, encoding="utf-8")
    scenario = read_scenario(path, region, read_forces(twins, region))
    assert scenario.forecast is None
    assert [(i.island_id, i.number, i.priority) for i in scenario.incidents] == [("west", "0301-001", 2)]
    assert [state.craft.id for state in scenario.craft] == ["launch-1"]
