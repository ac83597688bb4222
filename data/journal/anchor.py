"""Anchors: a journal's head, signed and kept outside the store, so that a cut tail or a re-hashed chain shows."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import msgspec
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from data.errors import TongzhouError, worded
from data.journal.chain import Mark, verified
from data.journal.interface import Journal
from data.situation import WorldMode

FORMAT = 1


class AnchorFaultError(TongzhouError):
    """An anchor that does not agree with the journal, is not signed by the key, or cannot be read."""


class AnchorFileError(TongzhouError):
    """A key or a file of anchors cannot be read or written."""


class Anchor(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the file: at ``at`` the journal beginning with ``journal`` had event ``seq`` with ``hash``."""

    format: int
    store: str
    mode: WorldMode
    journal: str
    seq: int
    hash: str
    at: datetime
    key: str
    signature: str = ""


def new_key(path: Path) -> Path:
    """Write a new Ed25519 key pair and return the public file: ``path`` (mode 0600) and ``path.pub``.

    Raises AnchorFileError when either is there already or cannot be written.
    """
    public_path = path.with_name(path.name + ".pub")
    key = Ed25519PrivateKey.generate()
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    try:
        if public_path.exists():
            raise FileExistsError
        for file, content, rights in ((path, private, 0o600), (public_path, public, 0o644)):
            with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, rights), "wb") as target:
                target.write(content)
                target.flush()
                os.fsync(target.fileno())
    except FileExistsError as error:
        raise worded(
            AnchorFileError(f"There is a key already at {path} or {public_path}. Name another file."),
            zh=f"{path} 或 {public_path} 处已有密钥。请换一个文件名。",
        ) from error
    except OSError as error:
        raise _unusable(path, error) from error
    return public_path


def read_key(path: Path) -> Ed25519PrivateKey:
    """Return the private key in a PEM file; raises AnchorFileError."""
    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except OSError as error:
        raise _unusable(path, error) from error
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise _no_key(path, "private", "私钥") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise _no_key(path, "private", "私钥")
    return key


def read_public_key(path: Path) -> Ed25519PublicKey:
    """Return the public key in a PEM file; raises AnchorFileError."""
    try:
        key = load_pem_public_key(path.read_bytes())
    except OSError as error:
        raise _unusable(path, error) from error
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise _no_key(path, "public", "公钥") from error
    if not isinstance(key, Ed25519PublicKey):
        raise _no_key(path, "public", "公钥")
    return key


def key_id(key: Ed25519PublicKey) -> str:
    """Return the short name of a key: the beginning of the SHA-256 of its 32 bytes."""
    return hashlib.sha256(key.public_bytes(Encoding.Raw, PublicFormat.Raw)).hexdigest()[:16]


def read_anchors(path: Path) -> tuple[Anchor, ...]:
    """Return the anchors of a file in order; raises AnchorFileError, AnchorFaultError naming the line."""
    try:
        lines = path.read_bytes().splitlines()
    except OSError as error:
        raise _unusable(path, error) from error
    return tuple(_anchor(line, path, number) for number, line in enumerate(lines, 1))


def check_signature(anchor: Anchor, key: Ed25519PublicKey, number: int) -> None:
    """Raise AnchorFaultError where the anchor of a line was not signed by this key as it stands."""
    try:
        key.verify(bytes.fromhex(anchor.signature), _sealed(anchor))
    except (InvalidSignature, ValueError) as error:
        if anchor.key != key_id(key):
            raise worded(
                AnchorFaultError(
                    f"The anchor in line {number} names the key {anchor.key}, not {key_id(key)}. Give the public key "
                    "that belongs to it (--public-key), or it was written by somebody else."
                ),
                zh=f"第 {number} 行的锚点属于密钥 {anchor.key}，而非 {key_id(key)}。"
                "请用 --public-key 给出相配的公钥，否则它是他人所写。",
            ) from error
        raise worded(
            AnchorFaultError(f"The anchor in line {number} was changed after it was signed. Use a copy of the file."),
            zh=f"第 {number} 行的锚点在签名后被改动。请用该文件的副本。",
        ) from error


def check_anchor(anchor: Anchor, hash_at: Callable[[int], str | None], last_seq: int, number: int) -> None:
    """Raise AnchorFaultError where a journal is shorter than its anchor, or has another event in its place."""
    if anchor.seq > last_seq:
        raise worded(
            AnchorFaultError(
                f"The journal was cut off after event {last_seq}: the anchor of {anchor.at:%Y-%m-%d %H:%M:%S}Z "
                f"(line {number}) knew {anchor.seq} events. Restore it from a backup."
            ),
            zh=f"日志在第 {last_seq} 条之后被截断：{anchor.at:%Y-%m-%d %H:%M:%S}Z 的锚点（第 {number} 行）"
            f"曾有 {anchor.seq} 条。请从备份恢复。",
        )
    if hash_at(anchor.seq) != anchor.hash:
        raise worded(
            AnchorFaultError(
                f"The journal was written anew: its event {anchor.seq} is not the one that the anchor of "
                f"{anchor.at:%Y-%m-%d %H:%M:%S}Z (line {number}) knew. Restore it from a backup."
            ),
            zh=f"日志被整体重写：第 {anchor.seq} 条与 {anchor.at:%Y-%m-%d %H:%M:%S}Z 的锚点（第 {number} 行）"
            "不符。请从备份恢复。",
        )


def strange_journal(anchor: Anchor, number: int) -> AnchorFaultError:
    """Return the fault of an anchor whose journal the store does not hold."""
    return worded(
        AnchorFaultError(
            f"The anchor of {anchor.at:%Y-%m-%d %H:%M:%S}Z (line {number}) knew a journal of {anchor.seq} events that "
            f"began with {anchor.journal[:12]}; the store holds none such. It was written anew from its first event, "
            "taken away, or this is another store."
        ),
        zh=f"{anchor.at:%Y-%m-%d %H:%M:%S}Z 的锚点（第 {number} 行）对应首条哈希为 {anchor.journal[:12]}、"
        f"共 {anchor.seq} 条的日志，存储中没有这样的日志：它被从头重写、被移走，或这是另一个存储。",
    )


class AnchorFile:
    """A file that anchors of one store are added to; ``key`` signs them.

    Each check goes on from where the one before ended, so that anchoring a long journal stays quick.
    """

    def __init__(self, path: Path, key: Ed25519PrivateKey) -> None:
        self.path, self._key = path, key
        self._first, self._mark = "", Mark()
        self._hashes: dict[int, str] = {}

    def add(self, journal: Journal, others: Iterable[str], *, store: str, at: datetime) -> Anchor | None:
        """Check a journal, sign its head and return the anchor once it is on the disk; None for an empty journal.

        ``others`` are the first hashes of the store's journals that were put aside. Raises BrokenChainError where
        the journal does not verify, AnchorFaultError where it does not agree with the last anchors, AnchorFileError
        where the file cannot be written.
        """
        first = next(iter(journal.rows()), None)
        if first is None or journal.mode is None:
            return None
        self._check(journal, first.hash)
        known = read_anchors(self.path) if self.path.exists() else ()
        self._agree(known, first.hash, set(others))
        public = self._key.public_key()
        anchor = Anchor(
            format=FORMAT,
            store=store,
            mode=journal.mode,
            journal=first.hash,
            seq=self._mark.seq,
            hash=self._mark.hash,
            at=at,
            key=key_id(public),
        )
        anchor = msgspec.structs.replace(anchor, signature=self._key.sign(_sealed(anchor)).hex())
        self._append(msgspec.json.encode(anchor) + b"\n")
        return anchor

    def _check(self, journal: Journal, first: str) -> None:
        """Check what is new since the last look, or all where what was looked at is no longer there."""
        head = journal.head()
        if first != self._first or self._hashes.get(head.seq, head.hash) != head.hash or head.seq < self._mark.seq:
            self._first, self._mark, self._hashes = first, Mark(), {}
        try:
            for row in verified(journal.rows(self._mark.seq), self._mark):
                self._hashes[row.seq] = row.hash
        except BaseException:
            self._first = ""
            raise

    def _agree(self, known: Sequence[Anchor], first: str, others: set[str]) -> None:
        last = {anchor.journal: (number, anchor) for number, anchor in enumerate(known, 1)}
        for journal, (number, anchor) in last.items():
            check_signature(anchor, self._key.public_key(), number)
            if journal == first:
                check_anchor(anchor, self._hashes.get, self._mark.seq, number)
            elif journal not in others:
                raise strange_journal(anchor, number)

    def _append(self, line: bytes) -> None:
        """Add a whole line or nothing: half of one would keep every later anchor out."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("ab", buffering=0) as target:
                before = target.tell()
                try:
                    while line:
                        line = line[target.write(line) :]
                    os.fsync(target.fileno())
                except OSError:
                    with suppress(OSError):
                        os.ftruncate(target.fileno(), before)
                    raise
        except OSError as error:
            raise _unusable(self.path, error) from error


def _anchor(line: bytes, path: Path, number: int) -> Anchor:
    try:
        anchor = msgspec.json.decode(line, type=Anchor)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise worded(
            AnchorFaultError(
                f"Line {number} of {path} is no anchor: it was changed, or not written to its end. Use a copy of the "
                "file, or put it aside and begin another."
            ),
            zh=f"{path} 第 {number} 行不是锚点：被改动，或没有写完。请用副本，或把它放到一边另建一个。",
        ) from error
    if anchor.format > FORMAT:
        raise worded(
            AnchorFileError(f"Line {number} of {path} is of a newer program (format {anchor.format}). Use that one."),
            zh=f"{path} 第 {number} 行由更新的程序写成（格式 {anchor.format}）。请使用该程序。",
        )
    return anchor


def _sealed(anchor: Anchor) -> bytes:
    return b"tongzhou anchor\n" + msgspec.json.encode(msgspec.structs.replace(anchor, signature=""))


def _no_key(path: Path, kind: str, kind_zh: str) -> AnchorFileError:
    return worded(
        AnchorFileError(
            f"{path} is no Ed25519 {kind} key in PEM form. Make a pair with: tongzhou store anchor --new-key FILE"
        ),
        zh=f"{path} 不是 PEM 格式的 Ed25519 {kind_zh}。可用以下命令生成一对：tongzhou store anchor --new-key 文件",
    )


def _unusable(path: Path, error: OSError) -> AnchorFileError:
    return worded(
        AnchorFileError(f"{path} cannot be read or written: {error.strerror}. Check the path and its rights."),
        zh=f"{path} 无法读写（{error.strerror}）。请检查路径和权限。",
    )
