"""What a store holds after a fault, judged against what its writers were told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from data.journal.events import NoteLogged, Recorded
from data.journal.interface import BrokenChainError, Journal
from tests.proof.acts import Ack

_WORDS_KEPT = 20
_ASKED_BY_COMMAND = 40


@dataclass
class Findings:
    """How many events there are, how many acts were acknowledged, and what is wrong.

    ``unacked`` acts were committed although their writer never heard: that is allowed, and why command ids are.
    ``faults`` says in words what is wrong, the first ones only.
    """

    events: int = 0
    acked: int = 0
    unacked: int = 0
    lost: int = 0
    doubled: int = 0
    partial: int = 0
    broken: int = 0
    faults: list[str] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        """Nothing lost, doubled or partial, and nothing else wrong."""
        return not (self.lost or self.doubled or self.partial or self.broken)

    def add(self, kind: str, words: str) -> None:
        """Note one thing wrong: ``lost``, ``doubled``, ``partial`` or ``broken``."""
        setattr(self, kind, getattr(self, kind) + 1)
        if len(self.faults) < _WORDS_KEPT:
            self.faults.append(f"{kind}: {words}")

    def __add__(self, other: Findings) -> Findings:
        both: dict[str, Any] = {name: value + getattr(other, name) for name, value in asdict(self).items()}
        both["faults"] = both["faults"][:_WORDS_KEPT]
        return Findings(**both)


@dataclass(frozen=True)
class Part:
    """One event of an act as the store has it."""

    number: int
    size: int
    event: Recorded


def audit(journal: Journal, acks: Sequence[Ack]) -> Findings:
    """Judge a journal that no writer is writing to against every acknowledgement given.

    Lost: an acknowledged event is not there, or not as it was told. Doubled: an act was recorded twice. Partial:
    an act is there in part, or not in one piece. Broken: numbers with gaps, versions out of order, the chain.
    """
    events = list(journal.read())
    findings = Findings(events=len(events), acked=len(acks))
    _check_chain(journal, events, findings)
    acts = _acts(events)
    for act_id, parts in acts.items():
        _check_whole(act_id, parts, findings)
    by_seq = {one.seq: one for one in events}
    for ack in acks:
        _check_kept(ack, acts.get(ack.act_id, []), by_seq, findings)
    findings.unacked = len(acts.keys() - {ack.act_id for ack in acks})
    for ack in acks[-_ASKED_BY_COMMAND:]:
        told = tuple(row[3] for row in ack.rows)
        if ack.rows and tuple(one.hash for one in journal.recorded_by(ack.act_id)) != told:
            findings.add("lost", f"asked by its command id, {ack.act_id} is not what was acknowledged")
    return findings


def _check_chain(journal: Journal, events: Sequence[Recorded], findings: Findings) -> None:
    try:
        count = journal.verify()
    except BrokenChainError as error:
        findings.add("broken", str(error))
    else:
        if count != len(events):
            findings.add("broken", f"{count} events verified, {len(events)} read")
    if [one.seq for one in events] != list(range(1, len(events) + 1)):
        findings.add("broken", "the numbers of the events have a gap")
    versions: Counter[str] = Counter()
    for one in events:
        versions[one.stream] += 1
        if one.version != versions[one.stream]:
            findings.add("broken", f"event {one.seq} has version {one.version} in '{one.stream}'")


def _acts(events: Iterable[Recorded]) -> dict[str, list[Part]]:
    acts: dict[str, list[Part]] = {}
    for one in events:
        if isinstance(one.event, NoteLogged):
            act_id, part, *_ = one.event.text.split(" ")
            number, size = part.split("/")
            acts.setdefault(act_id, []).append(Part(int(number), int(size), one))
    return acts


def _check_whole(act_id: str, parts: Sequence[Part], findings: Findings) -> None:
    size, numbers = parts[0].size, [part.number for part in parts]
    if len(set(numbers)) < len(numbers):
        findings.add("doubled", f"{act_id} was recorded more than once: parts {numbers} of {size}")
        return
    first = parts[0].event.seq
    in_one_piece = [part.event.seq for part in parts] == list(range(first, first + size))
    if numbers != list(range(1, size + 1)) or not in_one_piece:
        findings.add("partial", f"{act_id} has parts {numbers} of {size}, from event {first}")


def _check_kept(ack: Ack, parts: Sequence[Part], by_seq: dict[int, Recorded], findings: Findings) -> None:
    if len({part.number for part in parts}) < ack.size:
        findings.add("lost", f"{ack.act_id} was acknowledged; {len(parts)} of its {ack.size} events are there")
        return
    for seq, stream, version, told_hash in ack.rows:
        found = by_seq.get(seq)
        if found is None or (found.stream, found.version, found.hash) != (stream, version, told_hash):
            findings.add("lost", f"{ack.act_id}: event {seq} is not the one acknowledged")
    if len(ack.rows) != ack.size:
        findings.add("broken", f"{ack.act_id} was acknowledged with {len(ack.rows)} events of {ack.size}")
