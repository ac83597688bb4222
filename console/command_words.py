"""The names a typed command may use, in both scripts, and how what was typed is matched to them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING

import msgspec

from console.i18n import both
from data.errors import TongzhouError
from data.forces import UNIT_TRANSITIONS
from data.geography import Region
from data.incidents import OPEN_STATUSES
from data.text import Language, Text

if TYPE_CHECKING:
    from data.journal.picture import Picture

SHOWN_CANDIDATES = 4


class NotUnderstoodError(ValueError, TongzhouError):
    """A typed command that cannot be read; ``text`` says what was expected."""

    def __init__(self, text: Text) -> None:
        self.text = text
        super().__init__(text.en)


class Name(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that may be named: its id, what it is called, other spellings, and how near it ranks."""

    id: str
    text: Text
    spellings: frozenset[str]
    rank: int = 0


class Vocabulary(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that may be named now."""

    case_types: tuple[Name, ...]
    places: tuple[Name, ...]
    islands: tuple[Name, ...]
    units: tuple[Name, ...]
    incidents: tuple[Name, ...]
    statuses: tuple[Name, ...]
    zones: tuple[Name, ...] = ()
    teams: tuple[Name, ...] = ()


def plain(words: str) -> str:
    """Return words as they are compared: folded case, letters and digits of any script only."""
    return "".join(character for character in words.casefold() if character.isalnum())


def name(identifier: str, text: Text, *more: str, rank: int = 0) -> Name:
    """Return a name known by its id, both languages, and other spellings."""
    spellings = frozenset(filter(None, (plain(words) for words in (identifier, text.zh, text.en, *more))))
    return Name(id=identifier, text=text, spellings=spellings, rank=rank)


def build_vocabulary(picture: Picture, region: Region) -> Vocabulary:
    """Return what may be named: the region's places and case types, the picture's units and open incidents.

    Islands come before piers, stations and pads of the same beginning.
    """
    islands = [name(island.id, island.name) for island in region.islands.values()]
    places = list(islands)
    places += [name(pier.id, pier.name, rank=1) for pier in region.piers.values()]
    places += [name(station.id, station.name, rank=2) for station in region.stations.values()]
    places += [name(pad.id, pad.name, rank=3) for pad in region.helipads.values()]
    return Vocabulary(
        case_types=tuple(name(case.id, case.name) for case in region.case_types.values()),
        places=tuple(places),
        islands=tuple(islands),
        units=tuple(name(unit.unit_id, unit.call_sign) for unit in picture.units.values()),
        incidents=tuple(
            name(one.id, Text(one.number, one.number), one.number.split("-")[-1])
            for one in picture.incidents.values()
            if one.status in OPEN_STATUSES
        ),
        statuses=tuple(name(status, both(f"unit_status.{status}")) for status in UNIT_TRANSITIONS),
        zones=tuple(name(zone.id, zone.name) for zone in region.zones.values()),
        teams=tuple(name(team.id, team.name) for team in region.local_teams.values()),
    )


def candidates(typed: str, names: Iterable[Name]) -> list[Name]:
    """Return the names typed exactly, or else those that begin so, nearest rank first.

    One name of a better rank hides the rest: an island hides the piers called after it.
    """
    wanted = plain(typed)
    if not wanted:
        return []
    every = list(names)
    found = [one for one in every if wanted in one.spellings]
    if not found:
        found = [one for one in every if any(spelling.startswith(wanted) for spelling in one.spellings)]
    best = min((one.rank for one in found), default=0)
    return [one for one in found if one.rank == best]


def take_first(tokens: Sequence[str], names: Sequence[Name], kind: str) -> tuple[Name, list[str]]:
    """Read one name off the front, the longest run of tokens that names something; returns it and the rest."""
    for length in range(len(tokens), 0, -1):
        typed = " ".join(tokens[:length])
        found = candidates(typed, names)
        if found:
            return _only(found, typed, kind), list(tokens[length:])
    raise _unknown(tokens[0] if tokens else "", names, kind)


def take_last(tokens: Sequence[str], names: Sequence[Name], kind: str) -> tuple[Name, list[str]]:
    """Read one name off the end, the longest run of tokens that names something; returns it and what stands before."""
    for start in range(len(tokens)):
        typed = " ".join(tokens[start:])
        found = candidates(typed, names)
        if found:
            return _only(found, typed, kind), list(tokens[:start])
    raise _unknown(tokens[-1] if tokens else "", names, kind)


def _only(found: list[Name], typed: str, kind: str) -> Name:
    if len(found) == 1:
        return found[0]
    raise NotUnderstoodError(
        both("misread.ambiguous", typed=typed, kind=both(f"misread.{kind}"), names=listed(found), count=len(found))
    )


def _unknown(typed: str, names: Sequence[Name], kind: str) -> NotUnderstoodError:
    if not typed:
        return NotUnderstoodError(both("misread.missing", kind=both(f"misread.{kind}")))
    by_spelling = {spelling: one for one in names for spelling in sorted(one.spellings)}
    near = [by_spelling[match] for match in get_close_matches(plain(typed), list(by_spelling), n=SHOWN_CANDIDATES)]
    if near:
        unique = list({one.id: one for one in near}.values())
        return NotUnderstoodError(both("misread.near", typed=typed, kind=both(f"misread.{kind}"), names=listed(unique)))
    return NotUnderstoodError(both("misread.unknown", typed=typed, kind=both(f"misread.{kind}")))


def listed(names: Sequence[Name]) -> Text:
    """Return a few names in a row, in both languages."""
    shown = names[:SHOWN_CANDIDATES]

    def row(language: Language, comma: str) -> str:
        return comma.join(one.text.said(language) for one in shown) + ("…" if len(names) > len(shown) else "")

    return Text(zh=row("zh", "、"), en=row("en", ", "))
