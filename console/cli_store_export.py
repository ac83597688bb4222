"""What ``store export`` does: the files, and the record of who took them."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import typer

from console.cli_options import doer
from console.cli_words import LANGUAGE, err, out, say
from data.errors import CommandRefusedError, TongzhouError, worded
from data.journal.chain import recorded_from, verified
from data.journal.events import AccessNoted, Recorded, UnknownEvent
from data.journal.export import Span, tables_of
from data.journal.export_files import EXPORT_FORMATS, ExportFormat, write_tables
from data.journal.fixes import FixTable
from data.journal.history import PositionHistory
from data.journal.interface import Entry, Journal
from data.journal.inventory import opened, stored_rows
from data.journal.store import Store
from data.region_reader import read_region
from data.text import Text

_FIRST, _LAST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


def run_export(
    store: Store,
    region_folder: Path,
    folder: Path,
    form: str,
    since: str | None,
    until: str | None,
    archive: Path | None,
) -> int:
    """Export a store and say where the files are; ``archive`` holds archived hours, None leaves positions out.

    Raises BrokenChainError naming the first bad event: what was tampered with is not handed on as data.
    """
    if form not in EXPORT_FORMATS:
        raise typer.BadParameter(
            say(f"--format 只能是 {'、'.join(EXPORT_FORMATS)}", f"--format is one of {', '.join(EXPORT_FORMATS)}")
        )
    span = Span(_moment("--since", since), _moment("--until", until))
    region = read_region(region_folder)
    with opened(store) as journal:
        events = tuple(recorded_from(row) for row in verified(stored_rows(journal)))
        if not events or journal.mode is None:
            raise worded(
                CommandRefusedError(f"The store {store.shown} is empty: there is nothing to export."),
                zh=f"存储 {store.shown} 是空的，没有可导出的内容。",
            )
        if (of_region := getattr(events[0].event, "region_id", region.id)) != region.id:
            raise worded(
                CommandRefusedError(
                    f"The journal is of region '{of_region}', not '{region.id}'. Name its folder (--region FOLDER)."
                ),
                zh=f"日志属于区域“{of_region}”，而非“{region.id}”。请用 --region 指明其文件夹。",
            )
        fixes = None if archive is None else _fixes(journal, archive, span)
        now = datetime.now(UTC)
        _record(journal, events, form, _what(span, fixes is not None), now)
        tables = tables_of(events, region, span, at=now, fixes=fixes)
        stem = f"tongzhou-{journal.mode.upper()}-{now:%Y%m%dT%H%M%SZ}"
        files = write_tables(tables, folder, stem, cast(ExportFormat, form))
    for file in files:
        out().print(str(file), markup=False)
    return 0


def _record(journal: Journal, events: tuple[Recorded, ...], form: str, detail: Text, now: datetime) -> None:
    """Write into the chain who takes the data, or say that it could not be written."""
    if any(isinstance(one.event, UnknownEvent) for one in events):
        why = say("日志含新版程序的事件，本程序不写入", "the journal holds events of a newer program")
    else:
        event = AccessNoted(what="export", subject=form, detail=detail, refused=False)
        try:
            journal.append(
                [Entry(stream="access", event=event)],
                command_id=uuid.uuid4().hex,
                actor=doer(),
                world_at=events[-1].world_at,
                recorded_at=now,
            )
            return
        except TongzhouError as error:
            why = error.said(LANGUAGE)
    err().print(
        say(f"注意：此次导出未能记入日志（{why}）。", f"Note: this export could not be recorded ({why})."), markup=False
    )


def _what(span: Span, with_positions: bool) -> Text:
    """Return what is taken, as the record of it says."""
    zh, en = ("导出数据及定位", "data and positions exported") if with_positions else ("导出数据", "data exported")
    if span.since is not None:
        zh, en = f"{zh}，自 {span.since:%Y-%m-%d %H:%M%z}", f"{en} from {span.since:%Y-%m-%d %H:%M%z}"
    if span.until is not None:
        zh, en = f"{zh}，至 {span.until:%Y-%m-%d %H:%M%z}", f"{en} until {span.until:%Y-%m-%d %H:%M%z}"
    return Text(zh, en)


def _fixes(journal: Journal, archive: Path, span: Span) -> FixTable:
    from console.cli_store_keep import archive_of

    history = PositionHistory(journal, archive_of(journal, archive))
    try:
        return history.fixes_between(span.since or _FIRST, span.until or _LAST)
    finally:
        history.leave()


def _moment(option: str, given: str | None) -> datetime | None:
    if given is None:
        return None
    try:
        moment = datetime.fromisoformat(given)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise typer.BadParameter(
            say(
                f"{option} 要写成带时区的时间，如 2026-06-13T19:00Z，而不是“{given}”",
                f"{option} is a time with its zone, e.g. 2026-06-13T19:00Z, not '{given}'",
            )
        )
    return moment
