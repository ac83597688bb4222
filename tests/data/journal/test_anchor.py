"""Anchors and events of a newer program: every way of tampering is named."""

from __future__ import annotations

import os
import resource
from pathlib import Path

import msgspec
import pytest

from data.errors import TongzhouError
from data.geography import Region
from data.journal.anchor import (
    AnchorFaultError,
    AnchorFile,
    AnchorFileError,
    check_anchor,
    check_signature,
    new_key,
    read_anchors,
    read_key,
    read_public_key,
)
from data.journal.chain import canonical_body, chain_report, recorded_from
from data.journal.events import UnknownEvent
from data.journal.folder_store import JOURNAL_NAME
from data.journal.interface import BrokenChainError
from data.journal.inventory import stored_rows
from data.journal.picture import picture_from
from data.journal.sqlite import SqliteJournal
from tests.data.journal.journal_samples import START, note, opened, write
from tests.data.journal.tampering import rehash, tamper


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A store of four events."""
    journal = SqliteJournal(tmp_path / JOURNAL_NAME)
    write(journal, opened(), note("one"), note("two"), note("three"), command_id="c1")
    journal.close()
    return tmp_path


@pytest.fixture
def anchors(folder: Path) -> AnchorFile:
    """A file of anchors that knows the store."""
    new_key(folder / "key")
    file = AnchorFile(folder / "anchors", read_key(folder / "key"))
    add(file, folder)
    return file


def add(file: AnchorFile, folder: Path) -> None:
    """Anchor a store."""
    journal = SqliteJournal(folder / JOURNAL_NAME)
    try:
        file.add(journal, (), store="here", at=START)
    finally:
        journal.close()


def found_in(folder: Path) -> tuple[int | None, str]:
    """Return the first bad event of a store and its wording."""
    journal = SqliteJournal(folder / JOURNAL_NAME)
    report = chain_report(stored_rows(journal))
    journal.close()
    return report.first_bad, str(report.fault)


def test_a_sound_chain_is_reported_so(folder: Path) -> None:
    assert found_in(folder) == (None, "None")


@pytest.mark.parametrize(
    ("statement", "first_bad", "words"),
    [
        ("UPDATE event SET body = replace(body, 'one', 'ONE') WHERE seq = 2", 2, "Event 2 .* was changed"),
        ("UPDATE event SET actor = 'b' WHERE seq = 3", 3, "Event 3 .* was changed"),
        ("UPDATE event SET world_us = world_us + 1 WHERE seq = 4", 4, "Event 4 .* was changed"),
        ("DELETE FROM event WHERE seq = 3", 3, "Event 3 is missing"),
        (
            "UPDATE event SET seq = 99 WHERE seq = 2; UPDATE event SET seq = 2 WHERE seq = 3; "
            "UPDATE event SET seq = 3 WHERE seq = 99",
            2,
            "Event 2 .* does not follow",
        ),
    ],
)
def test_each_tampering_names_the_first_bad_event(folder: Path, statement: str, first_bad: int, words: str) -> None:
    tamper(folder, statement)
    bad, said = found_in(folder)
    assert bad == first_bad
    with pytest.raises(AssertionError, match=words):
        raise AssertionError(said)


def test_a_cut_tail_verifies_and_is_told_by_the_anchor(folder: Path, anchors: AnchorFile) -> None:
    tamper(folder, "DELETE FROM event WHERE seq > 2")
    assert found_in(folder)[0] is None
    with pytest.raises(AnchorFaultError, match=r"cut off after event 2.* knew 4"):
        add(anchors, folder)
    with pytest.raises(AnchorFaultError, match=r"cut off after event 2.* knew 4"):
        add(AnchorFile(folder / "anchors", read_key(folder / "key")), folder)
    assert len(read_anchors(folder / "anchors")) == 1


@pytest.mark.parametrize(("seq", "words"), [(3, "written anew: its event 4"), (1, "written anew from its first")])
def test_a_rehashed_journal_verifies_and_is_told_by_the_anchor(
    folder: Path, anchors: AnchorFile, seq: int, words: str
) -> None:
    tamper(folder, f"UPDATE event SET actor = 'b' WHERE seq = {seq}")
    rehash(folder)
    assert found_in(folder)[0] is None
    with pytest.raises(AnchorFaultError, match=words):
        add(anchors, folder)


def test_a_journal_that_does_not_verify_is_not_anchored(folder: Path, anchors: AnchorFile) -> None:
    tamper(folder, "UPDATE event SET actor = 'b' WHERE seq = 2")
    with pytest.raises(BrokenChainError, match="Event 2"):
        add(AnchorFile(folder / "anchors", read_key(folder / "key")), folder)


def test_a_growing_journal_is_anchored_again_and_again(folder: Path, anchors: AnchorFile) -> None:
    journal = SqliteJournal(folder / JOURNAL_NAME)
    write(journal, note("more"), command_id="c2")
    journal.close()
    add(anchors, folder)
    add(anchors, folder)
    assert [one.seq for one in read_anchors(folder / "anchors")] == [4, 5, 5]


def test_another_key_and_an_edited_line_are_told_apart(folder: Path, anchors: AnchorFile) -> None:
    (anchor,) = read_anchors(folder / "anchors")
    public = read_public_key(folder / "key.pub")
    check_signature(anchor, public, 1)
    new_key(folder / "other")
    with pytest.raises(AnchorFaultError, match="line 1 names the key"):
        check_signature(anchor, read_public_key(folder / "other.pub"), 1)
    with pytest.raises(AnchorFaultError, match="line 1 was changed"):
        check_signature(msgspec.structs.replace(anchor, seq=3), public, 1)
    with pytest.raises(AnchorFaultError, match="written anew"):
        check_anchor(anchor, {4: "0"}.get, 4, 1)


def test_a_torn_line_is_named(folder: Path, anchors: AnchorFile) -> None:
    with (folder / "anchors").open("ab") as file:
        file.write(b'{"format":1,"sto')
    with pytest.raises(AnchorFaultError, match=r"Line 2 of .*anchors"):
        read_anchors(folder / "anchors")


def test_the_private_key_is_for_its_owner_alone_and_never_overwritten(folder: Path, anchors: AnchorFile) -> None:
    assert os.stat(folder / "key").st_mode & 0o777 == 0o600
    before = (folder / "key").read_bytes()
    with pytest.raises(AnchorFileError, match="already"):
        new_key(folder / "key")
    assert (folder / "key").read_bytes() == before
    for read in (read_key, read_public_key):
        with pytest.raises(AnchorFileError, match="Ed25519"):
            read(folder / "anchors")
        with pytest.raises(TongzhouError, match="nowhere"):
            read(folder / "nowhere")


def strange(folder: Path, body: str) -> None:
    """Give the last event another body, and seal the chain afresh."""
    tamper(folder, f"UPDATE event SET body = '{body}' WHERE seq = 4")
    rehash(folder)


def test_an_event_of_a_newer_program_is_kept_verified_and_never_written(folder: Path, zhoushan: Region) -> None:
    body = '{"kind":"Teleported","to":[1,2]}'
    strange(folder, body)
    journal = SqliteJournal(folder / JOURNAL_NAME)
    assert journal.verify() == 4
    events = list(journal.read())
    assert events[-1].event == UnknownEvent(kind="Teleported", body=body)
    picture = picture_from(events, zhoushan)
    assert picture.log[-1].text.en == "an event of a newer program (Teleported)"
    assert picture.seq == 4
    with pytest.raises(ValueError, match="newer program"):
        canonical_body(events[-1].event)  # type: ignore[arg-type]
    journal.close()


@pytest.mark.parametrize("body", ["no json", '{"text":"no kind"}', '{"kind":"NoteLogged","text":5}'])
def test_an_event_that_misfits_is_no_event_of_a_newer_program(folder: Path, body: str) -> None:
    strange(folder, body)
    journal = SqliteJournal(folder / JOURNAL_NAME)
    with pytest.raises(BrokenChainError, match="Event 4 cannot be read"):
        recorded_from(list(journal.rows())[-1])
    journal.close()


def test_half_an_anchor_is_taken_back_where_the_disk_is_full(anchors: AnchorFile, folder: Path) -> None:
    whole = (folder / "anchors").read_bytes()
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(whole) + 60, limit[1]))
    try:
        with pytest.raises(AnchorFileError, match="cannot be read or written"):
            anchors._append(b"x" * 200 + b"\n")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
    assert (folder / "anchors").read_bytes() == whole
    add(anchors, folder)
    assert len(read_anchors(folder / "anchors")) == 2
