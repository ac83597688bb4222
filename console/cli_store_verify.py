"""What ``store verify`` and ``store anchor`` do."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from console.cli_words import LANGUAGE, out, say
from data.errors import TongzhouError
from data.journal.anchor import (
    AnchorFaultError,
    AnchorFile,
    check_anchor,
    check_signature,
    new_key,
    read_anchors,
    read_key,
    read_public_key,
    strange_journal,
)
from data.journal.archive import ArchiveFaultError
from data.journal.chain import chain_report, recorded_from
from data.journal.events import UnknownEvent
from data.journal.interface import BrokenChainError, Journal
from data.journal.inventory import Stored, each_journal, first_hashes, opened, stored_rows
from data.journal.store import Store, is_database
from data.situation import WorldMode


class JournalVerdict(msgspec.Struct, kw_only=True):
    """What was found of one journal; ``fault`` in the language of this run.

    ``unknown`` counts the events of each kind that only a newer program can read: the chain holds them all the same.
    """

    name: str | None
    events: int
    head: str
    first_bad: int | None
    fault: str | None
    unknown: dict[str, int]


def run_verify(
    store: Store, mode: WorldMode, anchors: Path | None, public_key: Path | None, positions: Path, as_json: bool
) -> int:
    """Check everything there is to check and say what holds and what does not; 0 where all does."""
    known = read_known(anchors)
    key = None if public_key is None else read_public_key(public_key)
    verdicts: list[JournalVerdict] = []
    hashes: dict[str, dict[int, str]] = {}
    others: list[str] = []
    unchecked = 0
    with opened(store) as current:
        for one in each_journal(store, current):
            verdict = _verdict(store, one, hashes)
            verdicts.append(verdict)
            if verdict.fault is None:
                faults, unseen = _check_archive(store, one.journal, positions)
                others, unchecked = [*others, *faults], unchecked + unseen
    if key is not None and known is not None:
        if isinstance(known, AnchorFaultError):
            others.append(known.said(LANGUAGE))
        else:
            # A broken chain is named above; what an anchor says of it adds nothing but noise.
            broken = any(one.fault for one in verdicts)
            for number, anchor in enumerate(known, 1):
                try:
                    check_signature(anchor, key, number)
                    of_journal = hashes.get(anchor.journal)
                    if broken:
                        continue
                    if of_journal is None:
                        raise strange_journal(anchor, number)
                    check_anchor(anchor, of_journal.get, len(of_journal), number)
                except AnchorFaultError as error:
                    others.append(error.said(LANGUAGE))
    is_sound = not others and all(one.fault is None for one in verdicts)
    count = len(known) if isinstance(known, tuple) else None
    _tell(store, verdicts, others, unchecked, positions, count, is_sound, as_json)
    return 0 if is_sound else 1


def read_known(path: Path | None) -> tuple[Any, ...] | AnchorFaultError | None:
    """Return the anchors of a file, or the fault of a line that is none; raises AnchorFileError."""
    if path is None:
        return None
    try:
        return read_anchors(path)
    except AnchorFaultError as error:
        return error


def run_new_key(path: Path) -> int:
    """Make a pair of keys and say what each is for."""
    public = new_key(path)
    out().print(
        say(
            f"私钥 {path}（只留在签名的机器上）；公钥 {public}（核查用，另处保存）",
            f"Private key {path} (keep it on the signing machine alone); public key {public} (for 'store verify')",
        ),
        markup=False,
    )
    return 0


def run_anchor(store: Store, key: Path, file: Path) -> int:
    """Add an anchor; 1 where the journal does not agree with itself or with the anchors before."""
    private = read_key(key)
    with opened(store) as journal:
        try:
            added = AnchorFile(file, private).add(journal, first_hashes(store), store=store.shown, at=datetime.now(UTC))
        except (AnchorFaultError, BrokenChainError) as error:
            _print_fault(error)
            return 1
    if added is None:
        out().print(say("日志是空的，没有可锚定的内容", "The journal is empty: there is nothing to anchor"))
        return 0
    out().print(
        say(
            f"已锚定第 {added.seq} 条 {added.hash[:12]}，写入 {file}",
            f"Anchored event {added.seq} {added.hash[:12]} in {file}",
        ),
        markup=False,
    )
    return 0


def _verdict(store: Store, stored: Stored, hashes: dict[str, dict[int, str]]) -> JournalVerdict:
    found: dict[int, str] = {}
    unknown: Counter[str] = Counter()

    def kept() -> Any:
        for row in stored_rows(stored.journal):
            yield row
            found[row.seq] = row.hash
            event = recorded_from(row).event
            if isinstance(event, UnknownEvent):
                unknown[event.kind] += 1

    report = chain_report(kept())
    if found and report.fault is None:
        hashes[found[1]] = found
    fault: TongzhouError | None = report.fault or _derived(store, stored.journal)
    return JournalVerdict(
        name=stored.name,
        events=report.events,
        head=report.head_hash,
        first_bad=report.first_bad,
        fault=None if fault is None else fault.said(LANGUAGE),
        unknown=dict(unknown),
    )


def _derived(store: Store, journal: Journal) -> BrokenChainError | None:
    """In a database, what stands beside the hashed text has to agree with it; an event that is unreadable shows."""
    try:
        from data.journal.postgis.journal import PostgisJournal
    except ImportError:  # without psycopg there is no database
        return None
    if not isinstance(journal, PostgisJournal):
        return None
    from data.journal.postgis.derived import derived_fault
    from data.journal.postgis.store import PostgisStore

    try:
        return derived_fault(store, journal.journal_id) if isinstance(store, PostgisStore) else None
    except BrokenChainError as error:
        return error


def _check_archive(store: Store, journal: Journal, positions: Path) -> tuple[list[str], int]:
    """Check the file of every archived hour the chain names; return the faults, and how many were not looked at.

    A database is shared by machines of which one has the archive: where nothing of it is here, nothing is judged.
    """
    from console.cli_store_keep import archive_of

    try:
        archive = archive_of(journal, positions)
    except BrokenChainError as error:
        return [error.said(LANGUAGE)], 0
    if archive is None:
        return [], 0
    if is_database(store.shown) and not archive.folder.is_dir():
        return [], len(archive.hours())
    faults = []
    for hour in archive.hours():
        try:
            archive.check(hour)
        except ArchiveFaultError as error:
            faults.append(error.said(LANGUAGE))
    return faults, 0


def _tell(
    store: Store,
    verdicts: list[JournalVerdict],
    others: list[str],
    unchecked: int,
    positions: Path,
    anchors: int | None,
    is_sound: bool,
    as_json: bool,
) -> None:
    if as_json:
        found = {
            "store": store.shown,
            "sound": is_sound,
            "journals": [msgspec.to_builtins(one) for one in verdicts],
            "anchors": anchors,
            "archived_hours_unchecked": unchecked,
            "faults": others,
        }
        print(msgspec.json.format(msgspec.json.encode(found), indent=1).decode())
        return
    for one in verdicts:
        name = one.name or say("使用中的日志", "journal in use")
        if one.fault is None:
            line = say(
                f"{name}：{one.events} 条事件完好，末端 {one.head[:12]}",
                f"{name}: {one.events} events hold, head {one.head[:12]}",
            )
        else:
            line = say(f"{name}：不成立。{one.fault}", f"{name}: does not hold. {one.fault}")
        out().print(line, markup=False)
        if one.unknown:
            out().print(_unknown_words(name, one.unknown), markup=False)
    for fault in others:
        out().print(fault, markup=False)
    if unchecked:
        out().print(
            say(
                f"{unchecked} 个小时的定位归档未核查：归档不在本机（{positions}）。请在有归档的机器上核查。",
                f"{unchecked} archived hours of positions were not checked: the archive is not on this machine "
                f"({positions}). Verify at the machine that has it.",
            ),
            markup=False,
        )
    if anchors is not None and not others:
        out().print(say(f"锚点：{anchors} 个", f"Anchors: {anchors} read"), markup=False)


def _unknown_words(name: str, unknown: dict[str, int]) -> str:
    count, kinds = sum(unknown.values()), sorted(unknown)
    return say(
        f"{name}：其中 {count} 条由更新的程序写入（{'、'.join(kinds)}），本程序保存并核查但不认识；"
        "指挥台以只读方式打开。请用该程序。",
        f"{name}: {count} of them were written by a newer program ({', '.join(kinds)}): kept and checked, but not "
        "understood by this one, which serves such a journal read-only. Use the newer program.",
    )


def _print_fault(error: TongzhouError) -> None:
    out().print(say("未锚定：", "Not anchored: ") + error.said(LANGUAGE), markup=False)
