"""The layout of an archived hour: the same bytes from any slices, and short readings that agree with simple ones."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.journal import hour_file
from data.journal.archive import HourArchive
from data.journal.fixes import Fix, FixTable, fix_table, in_standard_order, micros_of
from tests.data.journal.journal_samples import START

HOUR = timedelta(hours=1)
METADATA = {b"of": b"a test"}


def fix(unit_id: str, second: float, lon_deg: float = 122.0, heading_deg: float | None = None) -> Fix:
    return Fix(unit_id, START + timedelta(seconds=second), lon_deg, 30.0, heading_deg, 1.5)


@pytest.fixture(scope="module", autouse=True)
def small_groups() -> Iterator[None]:
    """Row groups and sections so small that an hour of a test has many."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hour_file, "ROW_GROUP", 5)
        patch.setattr(hour_file, "SECTION_GROUPS", 2)
        yield


def written(folder: Path, slices: Iterable[FixTable], carried: Sequence[Fix] = ()) -> Path:
    file = folder / "hour.parquet"
    hour_file.write_hour_file(file, slices, fix_table(carried), METADATA)
    return file


def cut(fixes: Sequence[Fix], minutes: Sequence[float]) -> Iterator[FixTable]:
    """Yield an hour's fixes cut at these minutes."""
    borders = [START + timedelta(minutes=minute) for minute in (0.0, *sorted(minutes), 60.0)]
    for start, end in pairwise(borders):
        yield fix_table([one for one in fixes if start <= one.world_at < end])


def fleet(seed: int, units: int = 9) -> list[Fix]:
    """An hour of units that report each at its own pace; some fall silent, some join late, some never speak."""
    chance = np.random.default_rng(seed)
    fixes = []
    for number in range(units):
        begin, end = np.sort(chance.uniform(0, 3600, 2))
        step = chance.uniform(40, 900)
        for second in np.arange(begin, end, step):
            heading = None if chance.random() < 0.2 else float(chance.integers(0, 360))
            fixes.append(fix(f"u{number}", round(float(second)), float(chance.integers(120, 124)), heading))
    return fixes


@pytest.mark.parametrize("seed", range(3))
def test_bytes_do_not_depend_on_how_the_hour_was_cut(tmp_path: Path, seed: int) -> None:
    fixes, carried = fleet(seed, units=40), [fix(f"u{number}", -number - 1) for number in range(12)]
    assert len(fixes) > 100
    hashes = {
        step: hashlib.sha256(written(tmp_path, cut(fixes, range(step, 60, step)), carried).read_bytes()).hexdigest()
        for step in (1, 2, 7, 60)
    }
    backwards = fix_table(fixes[::-1])
    hashes[0] = hashlib.sha256(written(tmp_path, [backwards], carried[::-1]).read_bytes()).hexdigest()
    assert len(set(hashes.values())) == 1, hashes


def test_layout_is_what_is_said(tmp_path: Path) -> None:
    """Any Parquet reader finds it: full groups, sections that begin with whom they carry, encodings, extents."""
    fixes = [fix(f"u{second % 3}", second) for second in range(23)]
    file = written(tmp_path, cut(fixes, [0.1, 0.2]), [fix("u0", -9), fix("quiet", -8)])
    metadata = pq.ParquetFile(file).metadata
    groups = [metadata.row_group(number) for number in range(metadata.num_row_groups)]
    assert [(group.num_rows, group.column(6).statistics.max) for group in groups] == [
        (2, True), (5, False), (5, False),
        (4, True), (5, False), (5, False),
        (4, True), (3, False),
    ]  # fmt: skip
    for group in groups:
        columns = [group.column(number) for number in range(7)]
        assert {column.compression for column in columns} == {"ZSTD"}
        assert all(column.statistics.has_min_max for column in columns if column.path_in_schema != "heading_deg")
        encodings = {column.path_in_schema: set(column.encodings) - {"RLE", "PLAIN"} for column in columns}
        assert encodings == {
            "unit": {"RLE_DICTIONARY"},
            "world_at": {"DELTA_BINARY_PACKED"},
            "lon_deg": {"BYTE_STREAM_SPLIT"},
            "lat_deg": {"BYTE_STREAM_SPLIT"},
            "heading_deg": {"RLE_DICTIONARY"},
            "speed_mps": {"RLE_DICTIONARY"},
            "carried": set(),
        }
    plain = pq.read_table(file).to_pandas()
    own = plain[~plain["carried"]]
    assert list(zip(own["unit"], own["world_at"], strict=True)) == [(one.unit_id, one.world_at) for one in fixes]
    assert hour_file.metadata_of(file)[b"of"] == b"a test"


seconds = st.integers(0, 3599)
drawn_fixes = st.lists(
    st.builds(fix, st.sampled_from("abcdefg"), seconds, st.integers(1, 9).map(float), st.sampled_from([None, 45.5])),
    max_size=60,
    unique_by=lambda one: (one.unit_id, one.world_at),
)
drawn_carried = st.lists(
    st.builds(fix, st.sampled_from("abcxyz"), st.integers(-9000, -1)), max_size=6, unique_by=lambda one: one.unit_id
)


def simply_last(fixes: Iterable[Fix], end: datetime) -> dict[str, Fix]:
    found: dict[str, Fix] = {}
    for one in sorted(fixes, key=lambda one: one.world_at):
        if one.world_at < end:
            found[one.unit_id] = one
    return found


def reads_as_simply(folder: Path, fixes: list[Fix], carried: list[Fix], cuts: list[float], ends: list[float]) -> None:
    """Compare every short reading with one of the fixes themselves."""
    file = written(folder, cut(fixes, cuts), carried)
    assert hour_file.read_carried(file).latest() == {one.unit_id: one for one in carried}
    for second in ends:
        end = START + timedelta(seconds=second)
        assert hour_file.read_last(file, micros_of(end)).latest() == simply_last([*carried, *fixes], end)
        low = end - timedelta(minutes=10)
        window = hour_file.read_between(file, micros_of(low), micros_of(end))
        wanted = fix_table([one for one in fixes if low <= one.world_at < end])
        assert in_standard_order(window).same_as(in_standard_order(wanted))
        assert np.all(np.diff(window.world_us) >= 0)


@settings(max_examples=25, deadline=None)
@given(
    drawn_fixes,
    drawn_carried,
    st.lists(st.integers(1, 59).map(float), max_size=5, unique=True),
    st.lists(seconds.map(float), min_size=1, max_size=6),
)
def test_short_readings_agree_with_simple_ones(
    fixes: list[Fix], carried: list[Fix], cuts: list[float], ends: list[float]
) -> None:
    at_fixes = [(one.world_at - START).total_seconds() + shift for one in fixes[:5] for shift in (0.0, 1e-6)]
    with tempfile.TemporaryDirectory() as name:
        reads_as_simply(Path(name), fixes, carried, cuts, [0.0, *ends, *at_fixes, 3600.0])


@pytest.mark.parametrize("seed", range(4))
def test_who_fell_silent_or_joined_late_stands_where_last_heard(tmp_path: Path, seed: int) -> None:
    fixes, carried = fleet(seed, units=30), [fix(f"u{number}", -number - 1) for number in range(0, 40, 4)]
    reads_as_simply(tmp_path, fixes, carried, [20.0, 40.0], [float(second) for second in range(0, 3601, 150)])


def test_picture_at_a_time_reads_one_section(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = written(tmp_path, [fix_table([fix("a", second) for second in range(200)])], [fix("b", -1)])
    read: list[int] = []
    simple = hour_file._read

    def watched(source: object, groups: list[int]) -> FixTable:
        read.append(len(groups))
        return simple(source, groups)

    monkeypatch.setattr(hour_file, "_read", watched)
    for second in range(0, 200, 7):
        found = hour_file.read_last(file, micros_of(START + timedelta(seconds=second + 0.5))).latest()
        assert found == {"a": fix("a", second), "b": fix("b", -1)}
    assert max(read) == 1 + hour_file.SECTION_GROUPS


def write_format_1(file: Path, parts: list[tuple[FixTable, bool]], label: bytes) -> None:
    """Write a file as the archive did before it had sections: a row group of any length for each part."""
    schema = hour_file._SCHEMA.with_metadata({b"tongzhou.positions": label})
    with pq.ParquetWriter(file, schema, compression="zstd") as writer:
        for table, is_carried in parts:
            columns = [
                pa.DictionaryArray.from_arrays(pa.array(table.unit), pa.array(table.unit_ids, pa.string())),
                pa.array(table.world_us).cast(schema.field("world_at").type),
                pa.array(table.lon_deg),
                pa.array(table.lat_deg),
                pa.array(table.heading_deg, mask=np.isnan(table.heading_deg)),
                pa.array(table.speed_mps),
                pa.array(np.full(len(table), is_carried)),
            ]
            writer.write_table(pa.Table.from_arrays(columns, schema=schema))


def test_file_of_the_first_format_is_read(tmp_path: Path) -> None:
    chain: dict[datetime, str] = {}
    archive = HourArchive(tmp_path, mode="drill", journal_hash="ab" * 32, recorded=lambda: chain)
    archive.folder.mkdir()
    fixes, carried = fleet(1), [fix("quiet", -60), fix("u1", -5)]
    label = f'{{"format":1,"mode":"drill","journal":"{"ab" * 32}","hour":"{START.isoformat()}"}}'.encode()
    parts = [(in_standard_order(part), False) for part in cut(fixes, [20.0, 40.0])]
    write_format_1(archive.folder / "new", [(in_standard_order(fix_table(carried)), True), *parts], label)
    chain[START] = hashlib.sha256((archive.folder / "new").read_bytes()).hexdigest()
    (archive.folder / "new").rename(archive.folder / f"{START:%Y%m%dT%HZ}-{chain[START][:16]}.parquet")
    assert archive.carried(START) == {one.unit_id: one for one in carried}
    assert in_standard_order(archive.read_hour(START)).same_as(in_standard_order(fix_table(fixes)))
    for minute in (0, 1, 19, 20, 21, 39, 45, 59):
        moment = START + timedelta(minutes=minute)
        expected = simply_last([*carried, *fixes], moment + timedelta(microseconds=1))
        assert archive.positions_at(moment) == expected
