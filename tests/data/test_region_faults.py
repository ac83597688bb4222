"""Each kind of fault in a region folder is found at its line and column, with a remedy."""

from __future__ import annotations

from pathlib import Path

import pytest

from data.errors import DataFaultsError, Fault
from data.region_reader import check_region, read_region
from tests.data.conftest import SetCell

CELL_FAULTS = [
    # file, row, column, new value, words the message must hold
    ("piers.csv", "gaoting", "lon_deg", "east", "not a number"),
    ("piers.csv", "gaoting", "lat_deg", "nan", "out of range"),
    ("piers.csv", "gaoting", "lon_deg", "124.2", "outside the region's box"),
    ("piers.csv", "gaoting", "berths", "2.5", "not a whole number"),
    ("piers.csv", "gaoting", "berths", "0", "out of range"),
    ("piers.csv", "gaoting", "berthing", "quay|rmap", "Did you mean 'ramp'"),
    ("piers.csv", "gaoting", "island_id", "daishn", "Did you mean 'daishan'"),
    ("piers.csv", "gaoting", "island_id", "qushan", "wrong side: the nearest island is 'daishan'"),
    ("piers.csv", "gaoting", "zone_id", "daishann", "Did you mean 'daishan'"),
    ("piers.csv", "gaoting", "name_zh", "", "is blank"),
    ("piers.csv", "gaoting", "source", "", "is blank"),
    ("piers.csv", "gaoting", "id", "Gao Ting", "not an id"),
    ("piers.csv", "miaozihu", "exposure_to_deg", "", "Give both, or neither"),
    ("piers.csv", "gaoting", "exposure_from_deg", "10", None),
    ("piers.csv", "tawan-beach", "tide_from_m", "low", "not a number"),
    ("piers.csv", "tawan-beach", "tide_from_m", "120", "Give -10 to 20 m above the tide datum"),
    ("piers.csv", "tawan-beach", "tide_to_m", "1.2", "is not above tide_from_m, 1.2 m"),
    ("standing_needs.csv", "water", "what", "watr_m3", "unknown need 'watr_m3'"),
    ("standing_needs.csv", "water", "what", "police", "'police' is not for stores"),
    ("standing_needs.csv", "order", "what", "any-boat", "'any-boat' is not for persons"),
    ("standing_needs.csv", "own-boat", "absolute", "0", "asks for nothing"),
    ("standing_needs.csv", "ptu-miaozihu", "island_id", "miaozhu", "Did you mean 'miaozihu'"),
    ("standing_needs.csv", "water", "from_h", "-1", "out of range"),
    ("island_stores.csv", "miaozihu", "visitors", "many", "not a whole number"),
    ("island_stores.csv", "miaozihu", "water_m3", "-3", "out of range"),
    ("island_stores.csv", "miaozihu", "source", "", "is blank"),
    ("tides.csv", "putuo", "m2_m", "-1", "Give 0 to 10 m"),
    ("tides.csv", "putuo", "k1_deg", "361", "Give 0 to 360 degrees"),
    ("tides.csv", "putuo", "zone_id", "putou", "Did you mean 'putuo'"),
    ("tides.csv", "putuo", "source", "", "is blank"),
    ("helipads.csv", "miaozihu-pad", "night", "maybe", "neither true nor false"),
    ("helipads.csv", "miaozihu-pad", "lon_deg", "122.75", "lies in the sea"),
    ("stations.csv", "dongji-ps", "lon_deg", "122.75", "lies in the sea"),
    ("stations.csv", "dongji-ps", "keep_groups", "-1", "out of range"),
    ("bridges.csv", "xiushan-bridge", "to_island", "zhoushan", None),
    ("bridges.csv", "xiushan-bridge", "to_island", "guanshan", "island the bridge starts from"),
    ("bridges.csv", "xiushan-bridge", "length_km", "0.5", "less than the"),
    ("bridges.csv", "xiushan-bridge", "max_wind_bft", "13", "out of range"),
    ("craft_classes.csv", "van", "cruise_kmh", "", "needs it"),
    ("craft_classes.csv", "rhib-8m", "seats", "-8", "out of range"),
    ("craft_classes.csv", "rhib-8m", "mode", "see", "Did you mean 'sea'"),
    ("craft_classes.csv", "rhib-8m", "symbol", "boat", "not one of"),
    ("run_cards.csv", "affray", "skill", "polise", "Did you mean 'police'"),
    ("run_cards.csv", "affray", "persons", "0", "out of range"),
    ("islands.csv", "miaozihu", "lon_deg", "122.95", "from any land"),
    ("islands.csv", "qingbang", "lon_deg", "122.682", None),
    ("zones.csv", "putuo", "outline_wkt", "POLYGON ((1 2, 3 4))", "not a valid polygon"),
    ("craft.csv", "patrol-01", "class_id", "patrol-20", "Did you mean 'patrol-20m'"),
    ("craft.csv", "patrol-01", "home_site_id", "dunto", "Did you mean 'duntou'"),
    ("craft.csv", "patrol-01", "home_site_id", "dongji-ps", "is no pier"),
    ("craft.csv", "car-ferry-01", "home_site_id", "duntou", "Choose another pier"),
    ("craft.csv", "heli-01", "home_site_id", "duntou", "is no helipad"),
    ("craft.csv", "van-01", "home_site_id", "duntou", "is no station"),
    ("craft.csv", "patrol-01", "notice_min", "soon", "not a whole number"),
    ("groups.csv", "swat-1", "strength", "61", "out of range"),
    ("groups.csv", "swat-1", "strength", "0", "out of range"),
    ("groups.csv", "swat-1", "skills", "police|sniper", "unknown skill 'sniper'"),
    ("groups.csv", "swat-1", "kind", "swatt", "Did you mean 'swat'"),
    ("groups.csv", "swat-1", "home_site_id", "duntou", "unknown station 'duntou'"),
    ("groups.csv", "swat-1", "id", "patrol-01", "is the id of a craft"),
    ("groups.csv", "swat-2", "id", "swat-1", "duplicate id 'swat-1'"),
]


@pytest.mark.parametrize(("file", "row", "column", "value", "words"), CELL_FAULTS)
def test_fault_of_one_cell_is_found_in_its_place(
    region_folder: Path, set_cell: SetCell, file: str, row: str, column: str, value: str, words: str | None
) -> None:
    line = set_cell(file, row, column, value)
    faults = check_region(region_folder)
    assert faults
    if words is not None:
        assert [(f.file, f.row, f.column) for f in faults if words in f.message] == [(file, line, column)], faults
    else:  # the fault shows in another cell than the one changed, but in this file
        assert all(fault.file == file for fault in faults)
    assert all(fault.message.rstrip().endswith((".", "?")) for fault in faults)


def test_heights_of_the_tide_need_a_datum(region_folder: Path) -> None:
    settings = region_folder / "region.toml"
    lines = [one for one in settings.read_text(encoding="utf-8").splitlines() if not one.startswith("tide_datum")]
    settings.write_text("\n".join(lines), encoding="utf-8")
    found = [(f.file, f.column) for f in check_region(region_folder) if "Add tide_datum to region.toml" in f.message]
    assert found == [("piers.csv", "tide_from_m")] * 2 + [("tides.csv", "mean_level_m")]


def test_a_region_may_leave_its_tides_out(region_folder: Path) -> None:
    (region_folder / "tides.csv").unlink()
    assert check_region(region_folder) == []
    assert read_region(region_folder).tides == {}


def test_pier_far_inland_is_found(region_folder: Path, set_cell: SetCell) -> None:
    set_cell("piers.csv", "gaoting", "lon_deg", "122.13")
    line = set_cell("piers.csv", "gaoting", "lat_deg", "30.30")
    assert [(f.row, f.column) for f in check_region(region_folder) if "from water" in f.message] == [(line, "lon_deg")]


def test_pier_far_out_at_sea_is_found(region_folder: Path, set_cell: SetCell) -> None:
    line = set_cell("piers.csv", "dongfushan", "lon_deg", "123.1")
    assert [(f.row, f.column) for f in check_region(region_folder) if "off the shore" in f.message] == [
        (line, "lon_deg")
    ]


def test_swapped_lon_and_lat_are_named(region_folder: Path, set_cell: SetCell) -> None:
    set_cell("piers.csv", "gaoting", "lon_deg", "30.23857")
    line = set_cell("piers.csv", "gaoting", "lat_deg", "122.2039")
    [fault] = check_region(region_folder)
    assert (fault.row, fault.column) == (line, "lon_deg")
    assert "swapped" in fault.message


def test_duplicate_id_names_the_first_line(region_folder: Path, set_cell: SetCell) -> None:
    line = set_cell("helipads.csv", "xiazhi-pad", "id", "liuheng-pad")
    [fault] = [f for f in check_region(region_folder) if "duplicate" in f.message]
    assert (fault.row, fault.column) == (line, "id")
    assert f"first on line {line - 1}" in fault.message


def test_pad_with_the_id_of_a_pier_is_found(region_folder: Path, set_cell: SetCell) -> None:
    line = set_cell("helipads.csv", "xiazhi-pad", "id", "xiazhi")
    assert [(f.row, f.column) for f in check_region(region_folder)] == [(line, "id")]


def test_gap_between_zones_is_found(region_folder: Path, set_cell: SetCell) -> None:
    set_cell(
        "zones.csv",
        "putuo",
        "outline_wkt",
        "POLYGON ((122.25 29.85, 122.5 29.85, 122.5 30.0, 122.25 30.0, 122.25 29.85))",
    )
    assert ["no zone covers" in f.message for f in check_region(region_folder)] == [True]


def test_overlapping_zones_are_found(region_folder: Path, set_cell: SetCell) -> None:
    outline = "POLYGON ((122.25 29.85, 122.6 29.85, 122.6 30.07, 122.25 30.07, 122.25 29.85))"
    set_cell("zones.csv", "putuo", "outline_wkt", outline)
    assert any("overlaps zone" in f.message and f.column == "outline_wkt" for f in check_region(region_folder))


def test_case_type_without_run_card_is_found(region_folder: Path) -> None:
    path = region_folder / "case_types.csv"
    path.write_text(path.read_text(encoding="utf-8") + "flood,水灾,Flood,2,false,assumed\n", encoding="utf-8")
    [fault] = check_region(region_folder)
    assert fault.column == "id"
    assert "run_cards.csv" in fault.message


def test_floor_above_the_groups_of_a_station_is_found(region_folder: Path, set_cell: SetCell) -> None:
    set_cell("stations.csv", "dongji-ps", "keep_groups", "5")
    [fault] = check_region(region_folder)
    assert "'dongji-ps' must keep 5" in fault.message


def replace_bytes(path: Path, old: bytes, new: bytes) -> None:
    content = path.read_bytes()
    assert old in content
    path.write_bytes(content.replace(old, new, 1))


def test_missing_column_and_its_misspelling_are_named(region_folder: Path) -> None:
    replace_bytes(region_folder / "piers.csv", b"berths", b"berth")
    faults = [f for f in check_region(region_folder) if f.file == "piers.csv"]
    assert [(f.row, f.column) for f in faults] == [(1, "berth"), (1, "berths")]
    assert "Did you mean 'berth'" in faults[1].message


def test_extra_comma_and_missing_cell_are_found_by_line(region_folder: Path) -> None:
    path = region_folder / "helipads.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    lines[3] += ",extra"
    lines[5] = lines[5].rsplit(",", 1)[0]
    path.write_text("\n".join(lines), encoding="utf-8")
    faults = [f for f in check_region(region_folder) if f.file == "helipads.csv"]
    assert [f.row for f in faults] == [4, 6]
    assert "quotation marks" in faults[0].message


def test_line_numbers_count_line_breaks_inside_quotes(region_folder: Path, set_cell: SetCell) -> None:
    line = set_cell("helipads.csv", "xiazhi-pad", "night", "perhaps")
    replace_bytes(region_folder / "helipads.csv", b"zjol 2003-06-02 five", b"zjol\n2003-06-02\nfive")
    replace_bytes(
        region_folder / "helipads.csv", b"zjol\n2003-06-02\nfive helipads approved", b'"zjol\n2003-06-02\nfive"'
    )
    assert [(f.row, f.column) for f in check_region(region_folder)] == [(line + 2, "night")]


def test_row_over_several_lines_is_named_by_its_first(region_folder: Path, set_cell: SetCell) -> None:
    line = set_cell("helipads.csv", "xiazhi-pad", "night", "perhaps")
    set_cell("helipads.csv", "xiazhi-pad", "source", "two\nlines")
    assert [(f.row, f.column) for f in check_region(region_folder)] == [(line, "night")]


def test_unclosed_quotation_mark_is_found(region_folder: Path) -> None:
    replace_bytes(region_folder / "skills.csv", b"PTU tactics", b'"PTU tactics')
    assert any(f.file == "skills.csv" and "quotation mark" in f.message for f in check_region(region_folder))


def test_byte_order_mark_is_accepted(region_folder: Path) -> None:
    path = region_folder / "piers.csv"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert check_region(region_folder) == []


def test_gbk_file_is_named_with_its_remedy(region_folder: Path) -> None:
    path = region_folder / "skills.csv"
    path.write_bytes(path.read_text(encoding="utf-8").encode("gbk"))
    faults = [f for f in check_region(region_folder) if f.file == "skills.csv"]
    assert [f.row for f in faults] == [2]
    assert "CSV UTF-8" in faults[0].message


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"\n \n", "is empty"),
        (b"a\0b", "null bytes"),
        (b"id,name_zh,name_en,source\n", "holds no skill"),
    ],
)
def test_file_without_rows_is_found(region_folder: Path, content: bytes, words: str) -> None:
    (region_folder / "skills.csv").write_bytes(content)
    assert any(f.file == "skills.csv" and words in f.message for f in check_region(region_folder))


@pytest.mark.parametrize("file", ["piers.csv", "groups.csv", "region.toml", "coastline.geojson.gz"])
def test_missing_file_is_found(region_folder: Path, file: str) -> None:
    (region_folder / file).unlink()
    assert [(f.row, "missing" in f.message) for f in check_region(region_folder) if f.file == file] == [(None, True)]


def test_missing_folder_is_one_fault(tmp_path: Path) -> None:
    [fault] = check_region(tmp_path / "nowhere")
    assert "no such folder" in fault.message


@pytest.mark.parametrize("content", [b"", b"not gzip", b"\x1f\x8b\x08truncated"])
def test_broken_coastline_is_found(region_folder: Path, content: bytes) -> None:
    (region_folder / "coastline.geojson.gz").write_bytes(content)
    [fault] = check_region(region_folder)
    assert fault.file == "coastline.geojson.gz"
    assert "data.build_coastline" in fault.message


@pytest.mark.parametrize(
    ("old", "new", "column"),
    [
        (b"utm_epsg = 32651", b"utm_epsg = 4326", "utm_epsg"),
        (b"utm_epsg = 32651", b"utm_zone = 51", None),
        (b"circuity = 1.4", b"circuity = 0.4", "road.circuity"),
        (b'"Asia/Shanghai"', b'"Asia/Shanghigh"', "timezone"),
        (b"[121.2, 29.4, 123.3, 31.1]", b"[123.3, 29.4, 121.2, 31.1]", "bounds_deg"),
        (b"[121.2, 29.4, 123.3, 31.1]", b"[121.2, 29.4]", "bounds_deg"),
        (b"[road]", b"[road", None),
    ],
)
def test_fault_in_the_settings_is_found(region_folder: Path, old: bytes, new: bytes, column: str | None) -> None:
    replace_bytes(region_folder / "region.toml", old, new)
    [fault] = [f for f in check_region(region_folder) if f.file == "region.toml"]
    assert fault.column == column


def test_faults_of_all_files_come_in_one_go(region_folder: Path, set_cell: SetCell) -> None:
    expected = {
        ("piers.csv", set_cell("piers.csv", "gaoting", "berths", "x"), "berths"),
        ("piers.csv", set_cell("piers.csv", "beiao", "island_id", "qingbang"), "island_id"),
        ("helipads.csv", set_cell("helipads.csv", "xiazhi-pad", "night", "x"), "night"),
        ("skills.csv", set_cell("skills.csv", "ptu", "source", ""), "source"),
    }
    with pytest.raises(DataFaultsError) as caught:
        read_region(region_folder)
    assert {(f.file, f.row, f.column) for f in caught.value.faults} == expected
    assert str(caught.value).startswith("4 faults:")
    forces_too = check_region(region_folder)
    assert len(forces_too) == 4


def test_fault_shows_its_place_in_words() -> None:
    assert str(Fault("piers.csv", 7, "berths", "is blank.")) == "piers.csv, line 7, column 'berths': is blank."


def test_a_pier_whose_exposure_is_not_known_names_no_sector(region_folder: Path) -> None:
    path = region_folder / "piers.csv"
    header, *rows = path.read_text(encoding="utf-8").splitlines()
    unknown = [f"{row},{'false' if row.startswith(('gaoting,', 'miaozihu,')) else ''}" for row in rows]
    path.write_text("\n".join([f"{header},exposure_known", *unknown]) + "\n", encoding="utf-8")
    [fault] = check_region(region_folder)
    assert (fault.file, fault.column) == ("piers.csv", "exposure_known")
    assert "blank the sector" in fault.message
    path.write_text(path.read_text(encoding="utf-8").replace(",145,245,", ",,,"), encoding="utf-8")
    piers = read_region(region_folder).piers
    assert [pier.id for pier in piers.values() if not pier.exposure_known] == ["miaozihu", "gaoting"]
