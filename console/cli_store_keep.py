"""What the store commands that make, move and trim a store do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from console.cli_words import LANGUAGE, out, said, say
from data.accounts.store import open_accounts
from data.errors import worded
from data.journal.archive import ArchiveFaultError
from data.journal.interface import JournalStoreError, StoreReadOnlyError
from data.journal.inventory import check_store_is_there, each_journal, opened
from data.journal.store import Store, is_database, open_store
from data.situation import WorldMode

if TYPE_CHECKING:
    from data.journal.archive import HourArchive
    from data.journal.interface import Journal

_HOUR = timedelta(hours=1)


def run_migrate(address: str, mode: str, make: bool) -> int:
    """Make or migrate a store and say what was done."""
    if is_database(address):
        from data.journal.postgis.store import PostgisStore

        for of_mode in ("live", "drill"):
            base = PostgisStore(address, cast(WorldMode, of_mode))
            try:
                done = base.migrate()
            finally:
                base.close()
            applied = len(done.applied)
            out().print(
                say(
                    f"{base.shown} · {base.schema}：格式 {done.version}，应用了 {applied} 个迁移",
                    f"{base.shown} · {base.schema}: format {done.version}, {applied} migrations applied",
                ),
                markup=False,
            )
            if done.left_out is not None:
                out().print(said(done.left_out), markup=False)
        open_accounts(address).close()  # makes their schema too, and gives the console role its rights
        return 0
    store = open_store(address, cast(WorldMode, mode))
    if not make:
        check_store_is_there(store)
    store.open_journal().close()
    store.close()
    out().print(say(f"存储 {store.shown} 可用", f"The store {store.shown} is ready"), markup=False)
    return 0


def run_info(store: Store, as_json: bool) -> int:
    """Print what a store holds."""
    with opened(store) as current:
        journals = [_told(one.name, one.journal) for one in each_journal(store, current)]
        found = {"store": store.shown, "back_end": _back_end(store), "format": _format(store), "journals": journals}
    if as_json:
        import json

        print(json.dumps(found, ensure_ascii=False, indent=1))
        return 0
    from rich.table import Table

    out().print(f"{store.shown} · {found['back_end']} · {say('格式', 'format')} {found['format']}", markup=False)
    table = Table()
    heads = (
        say("日志", "Journal"),
        say("模式", "Mode"),
        say("事件", "Events"),
        say("末端", "Head"),
        say("起", "From"),
        say("止", "To"),
        say("定位小时", "Hours of positions"),
    )
    for head in heads:
        table.add_column(head)
    for one in journals:
        name = one["name"] or say("使用中", "in use")
        table.add_row(
            name, one["mode"] or "-", str(one["events"]), one["head"][:12], one["first"] or "-", one["last"] or "-",
            str(len(one["hours"])),
        )  # fmt: skip
    out().print(table)
    return 0


def run_backup(store: Store, file: Path, positions: Path) -> int:
    """Back a store up and say what is in the file; 1 where an archived hour its journal names is not in it."""
    from data.journal.backup import SUFFIX, lacking_words, write_backup

    target = file if file.suffix == SUFFIX else file.with_name(file.name + SUFFIX)
    try:
        with opened(store) as journal:
            done = write_backup(
                store, journal, target, program=version("tongzhou"), at=datetime.now(UTC), positions=positions
            )
    except JournalStoreError as error:
        if "in use by another console" not in str(error):
            raise
        raise worded(
            JournalStoreError(
                f"The console that serves {store.shown} holds it. Let that one take backups: tongzhou serve "
                "--backup-folder FOLDER; or stop it first."
            ),
            zh=f"{store.shown} 正由指挥台占用。请让它自己备份：tongzhou serve --backup-folder 文件夹；或先停止它。",
        ) from error
    last = done.journals[-1]
    out().print(
        say(
            f"已备份到 {target}：{len(done.journals)} 份日志，末端第 {last.seq} 条 {last.hash[:12]}",
            f"Backed up to {target}: {len(done.journals)} journals, head {last.seq} {last.hash[:12]}",
        ),
        markup=False,
    )
    if (lacking := lacking_words(done)) is None:
        return 0
    out().print(said(lacking), markup=False)
    return 1


def run_restore(store: Store, mode: WorldMode, file: Path, positions: Path, replace_unfinished: bool) -> int:
    """Restore a backup and say how the store ends."""
    from data.journal.restore import restore_backup

    try:
        done = restore_backup(file, store, mode, positions=positions, replace_unfinished=replace_unfinished)
    finally:
        store.close()
    last = done.journals[-1]
    out().print(
        say(
            f"已恢复到 {store.shown}：{len(done.journals)} 份日志，末端第 {last.seq} 条 {last.hash[:12]}，与备份一致",
            f"Restored to {store.shown}: {len(done.journals)} journals, head {last.seq} {last.hash[:12]}, as backed up",
        ),
        markup=False,
    )
    return 0


def run_retain(store: Store, hours: int, positions: Path) -> int:
    """Drop the archived hours older than so many from the store; their files stay. 1 where a file is at fault.

    Raises StoreReadOnlyError for a journal that holds events of a newer program.
    """
    dropped, kept, faults = 0, 0, list[str]()
    with opened(store) as journal:
        _check_known(journal, store.shown)
        archive, last = archive_of(journal, positions), journal.last_world_at()
        for hour in journal.fix_hours():
            if archive is None or last is None or hour + _HOUR + timedelta(hours=hours) > last:
                continue
            mark = journal.hour_mark(hour)
            try:
                is_covered = hour in archive.hours() and _holds_all(journal, archive, hour)
            except ArchiveFaultError as error:
                faults.append(error.said(LANGUAGE))
                is_covered = False
            if is_covered and journal.forget_hour(hour, mark):
                dropped += 1
            else:
                kept += 1
    out().print(
        say(
            f"去掉了 {dropped} 个小时的定位；另有 {kept} 个小时尚未完整归档，予以保留",
            f"Dropped {dropped} hours of positions; {kept} more are not wholly archived yet and were kept",
        ),
        markup=False,
    )
    for fault in faults:
        out().print(fault, markup=False)
    return 1 if faults else 0


def _check_known(journal: Journal, shown: str) -> None:
    """Nothing is dropped from a journal of which something is not understood."""
    from data.journal.events import UnknownEvent

    for one in journal.read():
        if isinstance(one.event, UnknownEvent):
            raise worded(
                StoreReadOnlyError(
                    f"Event {one.seq} of {shown} is of a kind this program does not know ('{one.event.kind}'): "
                    "nothing was dropped. Use the newer program that wrote it."
                ),
                zh=f"{shown} 第 {one.seq} 条事件属于本程序不认识的类型“{one.event.kind}”：未去掉任何内容。"
                "请用写入它的较新程序。",
            )


def archive_of(journal: Journal, positions: Path) -> HourArchive | None:
    """Return the archive of a journal as its own chain names it; None for an empty journal."""
    from data.journal.archive import HourArchive
    from data.journal.events import PositionsArchived

    recorded: dict[datetime, str] = {}
    first = None
    for one in journal.read():
        first = first or one
        if isinstance(one.event, PositionsArchived):
            recorded[one.event.hour] = one.event.sha256
    if first is None:
        return None
    return HourArchive(positions, mode=first.mode, journal_hash=first.hash, recorded=lambda: recorded)


def _holds_all(journal: Journal, archive: HourArchive, hour: datetime) -> bool:
    """Tell whether an hour's file holds every fix the store has of it; raises ArchiveFaultError."""
    from data.journal.history import PositionHistory

    history = PositionHistory(journal, archive)
    try:
        return history.holds_no_more_than_file(hour)
    finally:
        history.leave()


def _told(name: str | None, journal: Journal) -> dict[str, Any]:
    head = journal.head()
    first, last = next(iter(journal.rows()), None), journal.last_world_at()
    return {
        "name": name,
        "mode": journal.mode,
        "events": head.seq,
        "head": head.hash,
        "first": None if first is None else f"{first.world_at:%Y-%m-%dT%H:%M:%SZ}",
        "last": None if last is None else f"{last:%Y-%m-%dT%H:%M:%SZ}",
        "hours": [f"{hour:%Y-%m-%dT%H:00Z}" for hour in journal.fix_hours()],
    }


def _back_end(store: Store) -> str:
    return "PostGIS" if is_database(store.shown) else "SQLite"


def _format(store: Store) -> int:
    if is_database(store.shown):
        from data.journal.postgis.migrate import migrations

        return migrations()[-1].number
    from data.journal.sqlite_schema import FORMAT

    return FORMAT
