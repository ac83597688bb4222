"""Several racing for the same units, all having seen the same version."""

from __future__ import annotations

import json
import random
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from data.journal.interface import ConflictError, Journal
from data.journal.store import is_database
from tests.data.journal.journal_samples import START, note
from tests.proof.acts import begin, journal_at
from tests.proof.audit import Findings, audit
from tests.proof.crew import CONTEXT, leave_interrupts_to_the_parent

RACERS = 4
_WAIT_S = 120.0
_STREAMS, _AT_ONCE = 6, 3


@dataclass(frozen=True)
class Answer:
    """What a racer was told of one try: the streams, the winner by name, and the version told to a loser."""

    racer: str
    act_id: str
    streams: tuple[str, ...]
    winner: str
    version: int = 0


Race = Callable[[Journal, str, int, int], list[Answer]]


def race_for_units(journal: Journal, racer: str, units: int, seed: int) -> list[Answer]:
    """Try to take each unit in turn, as one who saw nobody have it."""
    return [_take(journal, racer, f"{racer}-{unit}", {f"unit:{unit}": 0}) for unit in range(units)]


def race_for_several(journal: Journal, racer: str, tries: int, seed: int) -> list[Answer]:
    """Try so many times to change several streams at once, each at the version last heard of."""
    chance, seen, answers = random.Random(f"{seed}/{racer}"), Counter[str](), list[Answer]()
    for number in range(tries):
        streams = chance.sample([f"unit:{unit}" for unit in range(_STREAMS)], _AT_ONCE)
        answer = _take(journal, racer, f"{racer}-{number}", {stream: seen[stream] for stream in streams})
        answers.append(answer)
        if not answer.version:
            seen.update(streams)
        else:
            seen[answer.streams[0]] = answer.version
    return answers


def _take(journal: Journal, racer: str, act_id: str, expected: dict[str, int]) -> Answer:
    size = len(expected)
    entries = [
        note(f"{act_id} {part}/{size}", stream, version) for part, (stream, version) in enumerate(expected.items(), 1)
    ]
    try:
        journal.append(entries, command_id=act_id, actor=racer, world_at=START, recorded_at=START)
    except ConflictError as error:
        return Answer(racer, act_id, (error.stream,), error.winner.actor if error.winner else "", error.actual)
    return Answer(racer, act_id, tuple(expected), racer)


def run_race(address: str, folder: Path, race: Race, count: int, *, seed: int, plant: str | None = None) -> Findings:
    """Let four race, released at once: processes on a database, threads of the one process on a folder.

    Besides what every store is judged by: an act was recorded just where its racer was told that it won, and
    each loser was told who holds the stream and its version.
    """
    begin(address)
    names = [f"racer{number}" for number in range(RACERS)]
    answers = (_by_processes if is_database(address) else _by_threads)(address, folder, race, count, names, seed, plant)
    with journal_at(address) as journal:
        findings = audit(journal, [])
        events = list(journal.read())
    holders = {(one.stream, one.version): one.actor for one in events}
    recorded = {one.event.text.split(" ")[0] for one in events if one.stream != "world"}  # type: ignore[union-attr]
    winners = [one for one in answers if one.version == 0]
    findings.acked, findings.unacked = len(winners), 0
    if len(answers) != RACERS * count:
        findings.add("broken", f"{len(answers)} answers of {RACERS * count}")
    for act_id in recorded ^ {one.act_id for one in winners}:
        findings.add("lost", f"{act_id}: what its racer was told is not what the journal holds")
    for one in answers:
        if one.version and holders.get((one.streams[0], one.version)) != one.winner:
            findings.add("broken", f"{one.act_id} lost '{one.streams[0]}' and was told '{one.winner}' holds it")
    if race is race_for_units:
        wins = Counter(one.streams[0] for one in winners)
        for unit in range(count):
            if wins[f"unit:{unit}"] != 1:
                findings.add("doubled", f"unit:{unit} was won {wins[f'unit:{unit}']} times")
    return findings


def _by_threads(
    address: str, folder: Path, race: Race, count: int, names: list[str], seed: int, plant: str | None
) -> list[Answer]:
    answers: list[Answer] = []
    barrier = threading.Barrier(len(names))
    with journal_at(address, plant) as journal:

        def run(name: str) -> None:
            barrier.wait(_WAIT_S)
            answers.extend(race(journal, name, count, seed))

        threads = [threading.Thread(target=run, args=(name,)) for name in names]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    return answers


def _by_processes(
    address: str, folder: Path, race: Race, count: int, names: list[str], seed: int, plant: str | None
) -> list[Answer]:
    barrier = CONTEXT.Barrier(len(names))
    processes = [
        CONTEXT.Process(
            target=_race_on, args=(address, folder / f"{name}.json", race, count, name, seed, plant, barrier)
        )
        for name in names
    ]
    try:
        for process in processes:
            process.start()
        for process in processes:
            process.join(_WAIT_S)
    finally:
        for process in processes:
            process.kill()
            process.join()
            process.close()
    paths = [path for name in names if (path := folder / f"{name}.json").exists()]
    return [
        Answer(racer, act_id, tuple(streams), winner, version)
        for path in paths
        for racer, act_id, streams, winner, version in json.loads(path.read_text())
    ]


def _race_on(
    address: str, path: Path, race: Race, count: int, name: str, seed: int, plant: str | None, barrier: Any
) -> None:
    leave_interrupts_to_the_parent()
    with journal_at(address, plant) as journal:
        barrier.wait(_WAIT_S)
        answers = race(journal, name, count, seed)
    path.write_text(json.dumps([(one.racer, one.act_id, one.streams, one.winner, one.version) for one in answers]))
