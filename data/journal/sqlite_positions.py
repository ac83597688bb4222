"""Positions in the SQLite store: one table a UTC hour, in order of time, so that forgetting an hour is a DROP.

Rows lie in order of time because a batch then touches a few pages at the end of its table; in order of unit
it would touch one page for every unit. What order of unit would give, the last fix of each unit at a moment,
comes from the table ``seen``: every five seconds it notes when each unit was last heard of in that hour.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import apsw
import numpy as np
import numpy.typing as npt

from data.journal.fixes import HOUR_US, Fix, FixTable, micros_of, moment_of

SLOT_US = 5_000_000
_SLOTS = HOUR_US // SLOT_US
_CHUNK = 50_000

# ``slot`` counts SLOT_US since 1970. ``last_us`` holds one little-endian uint32 a unit, in order of its number:
# 1 + microseconds into the hour of its last fix before the slot's end, 0 for none in this hour.
SCHEMA = "CREATE TABLE seen (slot INTEGER PRIMARY KEY, last_us BLOB NOT NULL) STRICT;"
_HOUR_TABLE = """
CREATE TABLE position_{hour} (
    world_us INTEGER NOT NULL,
    unit INTEGER NOT NULL REFERENCES unit,
    lon_deg REAL NOT NULL,
    lat_deg REAL NOT NULL,
    heading_deg REAL,
    speed_mps REAL NOT NULL,
    PRIMARY KEY (world_us, unit)
) STRICT, WITHOUT ROWID
"""
_ROW = np.dtype([("us", "i8"), ("unit", "i4"), ("lon", "f8"), ("lat", "f8"), ("heading", "f8"), ("speed", "f8")])
_TIME = np.dtype([("us", "i8"), ("unit", "i4")])
_Seen = npt.NDArray[np.uint32]


class PositionTables:
    """The positions of one open file; ``lock`` guards its connection.

    ``record`` and ``forget`` run inside the caller's transaction; after one that failed call ``distrust``.
    Hours are numbered from 1970, times are microseconds since then.
    """

    def __init__(self, database: apsw.Connection, lock: threading.RLock) -> None:
        self._database, self._lock = database, lock
        self._known: tuple[dict[str, int], set[int]] | None = None
        self._written: Counter[int] = Counter()

    def distrust(self) -> None:
        """Forget which units and hours the file holds; the next to ask reads it again.

        Not read at once, since a disk that failed a transaction may well fail this too: a unit noted of a
        transaction that was rolled back would take positions under a number that the file does not know.
        """
        self._known = None

    def _look(self) -> tuple[dict[str, int], set[int]]:
        if self._known is None:
            names = _all(self._database, "SELECT number, unit_id FROM unit ORDER BY number")
            tables = _all(self._database, "SELECT name FROM sqlite_schema WHERE name GLOB 'position_[0-9]*'")
            numbers = {str(unit_id): int(number) for number, unit_id in names}
            self._known = numbers, {int(name.removeprefix("position_")) for (name,) in tables}
        return self._known

    @property
    def _numbers(self) -> dict[str, int]:
        return self._look()[0]

    @property
    def _hours(self) -> set[int]:
        return self._look()[1]

    def hours(self) -> list[int]:
        """Return the hours of which there are positions, oldest first."""
        return sorted(self._hours)

    def mark(self, hour: int) -> int:
        """Return how often this connection, the file's only writer, has written to an hour."""
        return self._written[hour]

    def last_us(self) -> int | None:
        """Return the time of the latest fix; None where there is none."""
        if not self._hours:
            return None
        found: Any = self._database.execute(f"SELECT MAX(world_us) FROM position_{max(self._hours)}").fetchone()
        return int(found[0])

    def record(self, fixes: Sequence[Fix]) -> None:
        """Store fixes; one of the same unit and moment takes the place of the older."""
        numbers = self._numbers
        for unit_id in sorted({fix.unit_id for fix in fixes} - numbers.keys()):
            numbers[unit_id] = len(numbers) + 1
            self._database.execute("INSERT INTO unit VALUES (?, ?)", (numbers[unit_id], unit_id))
        rows_by_hour: dict[int, list[tuple[Any, ...]]] = {}
        moment, us = None, 0
        for fix in fixes:
            if fix.world_at is not moment:  # a batch mostly has one moment
                moment, us = fix.world_at, micros_of(fix.world_at)
            row = (us, numbers[fix.unit_id], fix.lon_deg, fix.lat_deg, fix.heading_deg, fix.speed_mps)
            rows_by_hour.setdefault(us // HOUR_US, []).append(row)
        for hour, rows in rows_by_hour.items():
            self._written[hour] += 1
            if hour not in self._hours:
                self._database.execute(_HOUR_TABLE.format(hour=hour))
                self._hours.add(hour)
            self._database.executemany(f"INSERT OR REPLACE INTO position_{hour} VALUES (?, ?, ?, ?, ?, ?)", rows)
            times = np.fromiter((row[:2] for row in rows), dtype=_TIME, count=len(rows))
            self._note_late(hour, times)
            self._close_slots(hour, int(times["us"].max()) // SLOT_US)

    def forget(self, hour: int) -> None:
        """Drop an hour."""
        if hour in self._hours:
            self._database.execute(f"DROP TABLE position_{hour}")
            self._database.execute("DELETE FROM seen WHERE slot >= ? AND slot < ?", _slots_of(hour))
            self._hours.discard(hour)

    def at(self, moment_us: int) -> dict[str, Fix]:
        """Return the last fix of each unit at or before a moment: from its hour, then from the hours before."""
        unit_ids = list(self._numbers)
        missing = np.ones(len(unit_ids), dtype=bool)
        found: dict[str, Fix] = {}
        for hour in sorted((one for one in self._hours if one * HOUR_US <= moment_us), reverse=True):
            seen = self._seen(hour, min(moment_us + 1, (hour + 1) * HOUR_US))
            units = np.flatnonzero(missing & (seen > 0))
            keys = zip((hour * HOUR_US - 1 + seen[units].astype(np.int64)).tolist(), (units + 1).tolist(), strict=True)
            query = f"SELECT * FROM position_{hour} WHERE world_us = ? AND unit = ?"
            for us, unit, lon, lat, heading, speed in self._database.executemany(query, keys):
                unit_id = unit_ids[unit - 1]
                found[unit_id] = Fix(unit_id, moment_of(us), lon, lat, heading, speed)
            missing[units] = False
            if not missing.any():
                break
        return found

    def between(self, start_us: int, end_us: int) -> FixTable:
        """Return the fixes from ``start_us`` up to before ``end_us``; takes the lock for one chunk at a time."""
        with self._lock:
            hours = [one for one in self.hours() if start_us < (one + 1) * HOUR_US and one * HOUR_US < end_us]
        chunks = [chunk for hour in hours for chunk in self._chunks(hour, start_us, end_us)]
        rows = np.concatenate(chunks) if chunks else np.empty(0, dtype=_ROW)
        with self._lock:
            unit_ids = tuple(self._numbers)
        return FixTable(
            unit_ids=unit_ids,
            unit=rows["unit"] - np.int32(1),
            world_us=np.ascontiguousarray(rows["us"]),
            lon_deg=np.ascontiguousarray(rows["lon"]),
            lat_deg=np.ascontiguousarray(rows["lat"]),
            heading_deg=np.where(np.isinf(rows["heading"]), np.nan, rows["heading"]).astype(np.float32),
            speed_mps=rows["speed"].astype(np.float32),
        )

    def _chunks(self, hour: int, start_us: int, end_us: int) -> Iterator[npt.NDArray[np.void]]:
        """Read in chunks, so that a long read never keeps a writer waiting."""
        query = f"""
            SELECT world_us, unit, lon_deg, lat_deg, IFNULL(heading_deg, 9e999), speed_mps FROM position_{hour}
            WHERE (world_us, unit) > (?, ?) AND world_us < ? ORDER BY world_us, unit LIMIT {_CHUNK}
        """
        after = (start_us, 0)
        while True:
            with self._lock:
                if hour not in self._hours:  # forgotten meanwhile
                    return
                rows = np.fromiter(self._database.execute(query, (*after, end_us)), dtype=_ROW)
            if len(rows):
                yield rows
            if len(rows) < _CHUNK:
                return
            after = (int(rows["us"][-1]), int(rows["unit"][-1]))

    def _seen(self, hour: int, until_us: int) -> _Seen:
        """Return when each unit was last heard of in an hour before a time, as in the table ``seen``."""
        seen, start_us = self._noted(hour, until_us // SLOT_US)
        times = self._times(hour, start_us, until_us)
        # In order of time: where a unit comes twice, its later one stays.
        seen[times["unit"] - 1] = times["us"] - hour * HOUR_US + 1
        return seen

    def _noted(self, hour: int, before_slot: int) -> tuple[_Seen, int]:
        """Return the last note of an hour before a slot, and the time up to which it holds."""
        query = "SELECT slot, last_us FROM seen WHERE slot >= ? AND slot < ? ORDER BY slot DESC LIMIT 1"
        first, after_last = _slots_of(hour)
        for slot, last_us in _all(self._database, query, first, min(before_slot, after_last)):
            return self._unpacked(last_us), (slot + 1) * SLOT_US
        return self._unpacked(b""), hour * HOUR_US

    def _unpacked(self, last_us: bytes) -> _Seen:
        seen = np.zeros(len(self._numbers), dtype=np.uint32)
        seen[: len(last_us) // 4] = np.frombuffer(last_us, dtype="<u4")
        return seen

    def _times(self, hour: int, start_us: int, end_us: int) -> npt.NDArray[np.void]:
        query = f"SELECT world_us, unit FROM position_{hour} WHERE world_us >= ? AND world_us < ? ORDER BY world_us"
        return np.fromiter(self._database.execute(query, (start_us, end_us)), dtype=_TIME)

    def _note_late(self, hour: int, times: npt.NDArray[np.void]) -> None:
        """Bring the notes already written of an hour up to fixes that come after them."""
        first, after_last = int(times["us"].min()) // SLOT_US, _slots_of(hour)[1]
        query = "SELECT slot, last_us FROM seen WHERE slot >= ? AND slot < ? ORDER BY slot"
        for slot, last_us in _all(self._database, query, first, after_last):
            seen = self._unpacked(last_us)
            due = times[times["us"] < (slot + 1) * SLOT_US]
            np.maximum.at(seen, due["unit"] - 1, (due["us"] - hour * HOUR_US + 1).astype(np.uint32))
            self._write_note(slot, seen)

    def _close_slots(self, hour: int, open_slot: int) -> None:
        """Write the notes of the slots with fixes before the one being filled."""
        seen, start_us = self._noted(hour, open_slot)
        times = self._times(hour, start_us, open_slot * SLOT_US)
        slots = times["us"] // SLOT_US
        for slot in np.unique(slots):
            part = times[slots == slot]
            seen[part["unit"] - 1] = part["us"] - hour * HOUR_US + 1
            self._write_note(int(slot), seen)

    def _write_note(self, slot: int, seen: _Seen) -> None:
        self._database.execute("INSERT OR REPLACE INTO seen VALUES (?, ?)", (slot, seen.astype("<u4").tobytes()))


def take_over_single_table(database: apsw.Connection) -> None:
    """Move the rows of format 1's one table ``position`` into tables of their hour, and drop it."""
    hours = [int(row[0]) for row in _all(database, "SELECT DISTINCT world_us / ? FROM position ORDER BY 1", HOUR_US)]
    for hour in hours:
        database.execute(_HOUR_TABLE.format(hour=hour))
        database.execute(
            f"""INSERT INTO position_{hour} SELECT world_us, unit, lon_deg, lat_deg, heading_deg, speed_mps
                FROM position WHERE world_us >= ? AND world_us < ? ORDER BY world_us, unit""",
            (hour * HOUR_US, (hour + 1) * HOUR_US),
        )
    database.execute("DROP TABLE position")
    tables = PositionTables(database, threading.RLock())
    for hour in hours:
        tables._close_slots(hour, (hour + 1) * _SLOTS)


def _slots_of(hour: int) -> tuple[int, int]:
    """Return the first slot of an hour and the one after its last."""
    return hour * _SLOTS, (hour + 1) * _SLOTS


def _all(database: apsw.Connection, query: str, *bindings: int) -> list[tuple[Any, ...]]:
    return database.execute(query, bindings).fetchall()
