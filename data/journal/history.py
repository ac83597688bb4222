"""Positions of all hours: those in the archive and those in the store behind the same two questions."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta

from data.journal.archive import ArchivedHour, ArchiveFaultError, HourArchive
from data.journal.fixes import Fix, FixTable, fix_table, hour_of, in_standard_order, joined, merged
from data.journal.interface import Journal

HOUR = timedelta(hours=1)
SLICE = timedelta(minutes=2)  # what is held at once of an hour put away: 1.2 million fixes of 10,000 units each second
_INSTANT = timedelta(microseconds=1)
_log = logging.getLogger(__name__)


class PositionHistory:
    """Reads an archived hour from its file and any other from the store.

    A fix that comes after its hour was archived lies in the store until the hour is archived again; where both
    may hold fixes of an hour both are read. ``faults`` are the hours whose file could not be read when last asked
    for, with the error.
    Calls may come from any thread.
    """

    def __init__(self, journal: Journal, archive: HourArchive | None = None) -> None:
        self._journal, self.archive = journal, archive
        self.faults: dict[datetime, ArchiveFaultError] = {}
        self._whole: set[datetime] = set()  # archived hours whose file and store were found to hold the same
        self._heard: Counter[datetime] = Counter()
        self._leave = journal.subscribe_fixes(self._hear)

    def positions_at(self, moment: datetime) -> dict[str, Fix]:
        """Return the last fix of each unit at or before a world time.

        Where the file for it cannot be read, the hours before it answer and ``faults`` tells.
        """
        found = self._journal.positions_at(moment)
        for unit_id, fix in self._archived_at(moment).items():
            if unit_id not in found or fix.world_at > found[unit_id].world_at:
                found[unit_id] = fix
        return found

    def unread_at(self, moment: datetime) -> tuple[datetime, ...]:
        """Return the archived hours, latest first, without whose positions a moment is answered.

        Units of which nothing newer is known then stand where they were before those hours. Empty where all is
        known, or where the store is known to hold those hours too.
        """
        unread: list[datetime] = []
        for hour in reversed([hour for hour in self._archived_hours() if hour <= moment]):
            if hour in self._whole or (self.archive is not None and self.archive.is_sound(hour)):
                break
            unread.append(hour)
        return tuple(unread)

    def fixes_between(self, start: datetime, end: datetime) -> FixTable:
        """Return the fixes with ``start <= world_at < end``, ordered by time; raises ArchiveFaultError."""
        hours = {hour for hour in (*self._journal.fix_hours(), *self._archived_hours()) if start < hour + HOUR}
        parts = [self._part(hour, max(start, hour), min(end, hour + HOUR)) for hour in sorted(hours) if hour < end]
        return joined(parts)

    def slices(self, hour: datetime) -> Iterator[FixTable]:
        """Yield every fix known of an hour in standard order, a slice at a time; raises ArchiveFaultError."""
        is_archived = hour in self._archived_hours()
        for start, end in _windows(hour):
            stored = in_standard_order(self._journal.fixes_between(start, end))
            yield merged(self._file_part(hour, start, end), stored) if is_archived else stored

    def unsettled_hours(self) -> tuple[datetime, ...]:
        """Return the archived hours of which the store may hold fixes that are in no file."""
        return tuple(h for h in self._journal.fix_hours() if h in self._archived_hours() and h not in self._whole)

    def unarchived_hours(self, before: datetime) -> tuple[datetime, ...]:
        """Return the hours in the store alone that ended by a moment, oldest first."""
        known = self._archived_hours()
        return tuple(hour for hour in self._journal.fix_hours() if hour not in known and hour + HOUR <= before)

    def holds_no_more_than_file(self, hour: datetime) -> bool:
        """Tell whether every fix the store holds of an archived hour is in its file; raises ArchiveFaultError."""
        heard = self._heard[hour]
        is_same = is_covered = True
        for start, end in _windows(hour):
            stored = in_standard_order(self._journal.fixes_between(start, end))
            kept = in_standard_order(self._file_part(hour, start, end))
            is_same = is_same and kept.same_as(stored)
            is_covered = is_covered and kept.same_as(merged(kept, stored))
        if is_same and heard == self._heard[hour]:
            self._whole.add(hour)
        return is_covered

    def put_away(self, hour: datetime) -> list[ArchivedHour]:
        """Write an hour into the archive and return what is to be recorded in the chain, in that order.

        Archived hours after it come first where they carry a fix over that this hour has later. Raises
        ArchiveFaultError when a file cannot be written, or when the hour's own former file cannot be read.
        """
        archive = self._archive_to_write()
        last: dict[str, Fix] = {}
        written = []
        if following := [later for later in self._archived_hours() if later > hour]:
            for part in self.slices(hour):
                last.update(part.latest())
        for later in following:
            if (again := self._carried_anew(later, last)) is not None:
                written.append(again)
        own = archive.write_hour(self.slices(hour), hour, self.positions_at(hour - _INSTANT))
        return [*written, own]

    def forget(self, hour: datetime) -> bool:
        """Drop an archived hour from the store if its file is sound and holds all of it; tell whether it was."""
        mark, heard = self._journal.hour_mark(hour), self._heard[hour]
        self._archive_to_write().check(hour)
        if not self.holds_no_more_than_file(hour) or heard != self._heard[hour]:
            return False
        self._whole.discard(hour)  # first, so that nobody looks for it in the store alone
        return self._journal.forget_hour(hour, mark)

    def leave(self) -> None:
        """Hear no more of the journal."""
        self._leave()

    def _hear(self, fixes: tuple[Fix, ...]) -> None:
        for hour in {hour_of(fix.world_at) for fix in fixes}:
            self._heard[hour] += 1
            self._whole.discard(hour)

    def _archived_hours(self) -> tuple[datetime, ...]:
        return () if self.archive is None else self.archive.hours()

    def _archive_to_write(self) -> HourArchive:
        if self.archive is None:
            raise ValueError("this history has no archive")
        return self.archive

    def _archived_at(self, moment: datetime) -> dict[str, Fix]:
        """Return what the archive knows beyond the store: nothing while the store still holds all of it."""
        hours = [hour for hour in self._archived_hours() if hour <= moment]
        if self.archive is None or all(hour in self._whole for hour in hours):
            return {}
        for hour in reversed(hours):
            try:
                if hour in self._whole:  # the store has the hour's own fixes
                    found = self.archive.carried(hour)
                else:
                    found = self.archive.positions_at(min(moment, hour + HOUR - _INSTANT))
                self.faults.pop(hour, None)
                return found
            except ArchiveFaultError as error:
                self._note(hour, error)
        return {}

    def _part(self, hour: datetime, start: datetime, end: datetime) -> FixTable:
        in_store, in_archive = hour in self._journal.fix_hours(), hour in self._archived_hours()
        if not in_archive:
            return self._journal.fixes_between(start, end)
        try:
            filed = self._file_part(hour, start, end)
        except ArchiveFaultError as error:
            if hour not in self._whole:
                raise
            self._note(hour, error)
            return self._journal.fixes_between(start, end)
        self.faults.pop(hour, None)
        if not in_store or hour in self._whole:
            return filed
        return merged(filed, self._journal.fixes_between(start, end))

    def _file_part(self, hour: datetime, start: datetime, end: datetime) -> FixTable:
        if self.archive is None:
            return fix_table(())
        return self.archive.fixes_between(start, end)

    def _carried_anew(self, hour: datetime, last: dict[str, Fix]) -> ArchivedHour | None:
        """Write an hour again where a fix before it has come that is later than the one it carries."""
        archive = self._archive_to_write()
        try:
            carried = archive.carried(hour)
            newer = {
                unit_id: fix
                for unit_id, fix in last.items()
                if unit_id not in carried or fix.world_at > carried[unit_id].world_at
            }
            return archive.write_hour(self.slices(hour), hour, carried | newer) if newer else None
        except ArchiveFaultError as error:
            self._note(hour, error)
            return None

    def _note(self, hour: datetime, error: ArchiveFaultError) -> None:
        if hour not in self.faults:
            _log.error("%s", error)
        self.faults[hour] = error


def _windows(hour: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Yield the borders of an hour's slices; no moment lies in two of them."""
    for number in range(HOUR // SLICE):
        yield hour + number * SLICE, hour + (number + 1) * SLICE
