"""The shipped region is sound, complete and says where everything comes from."""

from __future__ import annotations

import csv
import subprocess
import sys
from pathlib import Path

import pytest
import shapely

from data.geography import MAINLAND, Region
from data.region_reader import check_region, read_region
from data.region_tables import FORCE_TABLES, REGION_TABLES
from data.roster import read_forces

FOLDER = Path(__file__).parents[2] / "data" / "zhoushan"


def test_shipped_region_has_no_fault() -> None:
    assert check_region(FOLDER) == []


def test_all_islands_have_a_polygon_of_their_own_of_the_stated_size(zhoushan: Region) -> None:
    assert len(zhoushan.islands) == 49
    polygons = [zhoushan.island_polygons[island] for island in zhoushan.islands]
    assert len({polygon.wkb for polygon in polygons}) == 49
    for island in zhoushan.islands.values():
        polygon = zhoushan.island_polygons[island.id]
        area_km2 = polygon.area * 111.2 * 111.2 * 0.864  # cos of the region's mid latitude
        assert 0.75 < area_km2 / island.area_km2 < 1.3, island.id
    assert zhoushan.island_polygons[MAINLAND].area > max(polygon.area for polygon in polygons)


@pytest.mark.parametrize("spec", [*REGION_TABLES, *FORCE_TABLES], ids=lambda spec: spec.file)
def test_every_row_names_its_source(spec: object) -> None:
    with (FOLDER / spec.file).open(encoding="utf-8", newline="") as file:  # type: ignore[attr-defined]
        rows = list(csv.DictReader(file))
    assert rows
    assert all(row["source"].strip() for row in rows)


def test_forces_are_of_the_agreed_size_and_marked_as_invented(zhoushan: Region) -> None:
    craft, groups = read_forces(FOLDER, zhoushan)
    assert 40 <= len(craft) <= 50
    assert 110 <= len(groups) <= 140
    assert all(unit.source.startswith("assumed") for unit in (*craft, *groups))
    assert all(4 <= group.strength <= 20 for group in groups)
    assert len({unit.call_sign.zh for unit in (*craft, *groups)}) == len(craft) + len(groups)
    assert len({unit.call_sign.en for unit in (*craft, *groups)}) == len(craft) + len(groups)


def test_every_inhabited_island_of_the_city_has_volunteers_and_township_staff(zhoushan: Region) -> None:
    _, groups = read_forces(FOLDER, zhoushan)
    for kind in ("volunteers", "township"):
        manned = {zhoushan.stations[group.home_site_id].island_id for group in groups if group.kind == kind}
        inhabited = {i.id for i in zhoushan.islands.values() if i.residents and "宁波" not in i.district_zh}
        assert inhabited <= manned


def test_every_police_station_has_police_and_a_floor_below_its_strength(zhoushan: Region) -> None:
    _, groups = read_forces(FOLDER, zhoushan)
    for station in zhoushan.stations.values():
        homes = [group for group in groups if group.home_site_id == station.id]
        assert len(homes) > station.keep_groups, station.id


def test_main_island_can_send_the_hundred_officers_of_a_major_case(zhoushan: Region) -> None:
    _, groups = read_forces(FOLDER, zhoushan)
    officers = [g for g in groups if "police" in g.skills and zhoushan.stations[g.home_site_id].island_id == "zhoushan"]
    assert sum(group.strength for group in officers) >= 140
    assert sum(group.strength for group in officers if "ptu" in group.skills) >= 60


def test_some_groups_need_deck_slots_and_some_craft_have_them(zhoushan: Region) -> None:
    craft, groups = read_forces(FOLDER, zhoushan)
    assert sum(group.deck_slots for group in groups) > 0
    assert any(zhoushan.craft_classes[unit.class_id].deck_slots for unit in craft)


def test_every_class_speed_is_plausible(zhoushan: Region) -> None:
    speeds = {c.id: c.cruise_mps for c in zhoushan.craft_classes.values()}
    assert speeds["landing-craft"] == pytest.approx(4.63, abs=0.01)
    assert speeds["van"] == pytest.approx(13.89, abs=0.01)


def test_bridge_under_construction_is_not_usable(zhoushan: Region) -> None:
    assert [bridge.id for bridge in zhoushan.bridges.values() if not bridge.usable] == [
        "liuheng-highway-bridge-meishan-fodu-liuheng"
    ]


def test_zones_fill_the_box(zhoushan: Region) -> None:
    filled = shapely.union_all([shapely.Polygon(zone.ring) for zone in zhoushan.zones.values()])
    assert filled.symmetric_difference(shapely.box(*zhoushan.bounds_deg)).area < 1e-9


def test_case_types_take_their_echelons_from_the_run_cards(zhoushan: Region) -> None:
    assert [(e.persons, e.skill, e.weight) for e in zhoushan.case_types["armed-affray"].echelons] == [
        (12, None, 3),
        (40, "ptu", 2),
        (100, "police", 2),
        (4, "medical", 1),
    ]


def test_content_hash_follows_the_files(zhoushan: Region, region_folder: Path) -> None:
    assert read_region(region_folder).content_hash == zhoushan.content_hash
    (region_folder / "craft.csv").write_bytes((region_folder / "craft.csv").read_bytes() + b"\n")
    assert read_region(region_folder).content_hash == zhoushan.content_hash
    (region_folder / "piers.csv").write_bytes((region_folder / "piers.csv").read_bytes() + b"\n")
    assert read_region(region_folder).content_hash != zhoushan.content_hash


def test_reading_a_region_imports_no_table_library() -> None:
    code = (
        "import sys; from pathlib import Path; from data.region_reader import read_region; "
        f"read_region(Path({str(FOLDER)!r})); assert not {{'geopandas', 'pandas', 'pyproj'}} & set(sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=FOLDER.parents[1], check=False).returncode == 0
