"""Read a typed command: verbs and names by their beginning, in both scripts; nothing is done here."""

from __future__ import annotations

import re
from collections.abc import Callable

import msgspec

from console.command_words import Name, NotUnderstoodError, Vocabulary, plain, take_first, take_last
from console.i18n import both
from console.team_line import TeamReport, read_team
from console.weather_line import ClearWeather, SetWeather, read_weather
from data.forces import UnitStatus
from data.incidents import Priority
from data.text import Language

VERBS: dict[str, tuple[str, ...]] = {
    "new": ("new", "新建"),
    "dispatch": ("d", "dispatch", "派单"),
    "status": ("s", "status", "状态"),
    "log": ("log", "记事"),
    "goto": ("goto", "定位"),
    "plan": ("plan", "方案"),
    "island": ("island", "岛屿"),
    "weather": ("weather", "天气"),
    "team": ("team", "队伍"),
}
POINT = re.compile(r"-?\d+(\.\d+)?[,，]-?\d+(\.\d+)?")
PRIORITY = re.compile(r"p([1-4])", re.IGNORECASE)
LONGEST_NAME = 6


class NewIncident(msgspec.Struct, frozen=True, kw_only=True):
    """``/new type place [p1-p4] [note]``; priority None takes the run card's."""

    case_type: str
    place_id: str
    priority: Priority | None
    note: str


class Dispatch(msgspec.Struct, frozen=True, kw_only=True):
    """``/d units... incident``."""

    unit_ids: tuple[str, ...]
    incident_id: str


class SetStatus(msgspec.Struct, frozen=True, kw_only=True):
    """``/s unit status``; the status word is read from the end."""

    unit_id: str
    status: UnitStatus


class WriteLog(msgspec.Struct, frozen=True, kw_only=True):
    """``/log text``."""

    text: str


class GoTo(msgspec.Struct, frozen=True, kw_only=True):
    """``/goto place``; a place is an id or 'lon,lat'."""

    place_id: str


class OpenIsland(msgspec.Struct, frozen=True, kw_only=True):
    """``/island name``: its page."""

    island_id: str


class PlanFor(msgspec.Struct, frozen=True, kw_only=True):
    """``/plan incident``."""

    incident_id: str


TypedCommand = (
    NewIncident | Dispatch | SetStatus | WriteLog | GoTo | PlanFor | OpenIsland | SetWeather | ClearWeather | TeamReport
)


def read_command(line: str, vocabulary: Vocabulary) -> TypedCommand:
    """Return what a line asks for; raises NotUnderstoodError saying what was expected in both languages."""
    verb, rest = _verb(line)
    return _READERS[verb](rest, vocabulary)


def _verb(line: str) -> tuple[str, str]:
    typed, _, rest = line.strip().removeprefix("/").strip().partition(" ")
    if not typed:
        raise NotUnderstoodError(both("misread.empty"))
    for verb, spellings in VERBS.items():
        if plain(typed) in spellings:
            return verb, rest.strip()
    found = _verbs_beginning(typed)
    if len(found) == 1:
        return found[0], rest.strip()
    raise NotUnderstoodError(both("misread.verb", typed=typed))


def _verbs_beginning(typed: str) -> list[str]:
    wanted = plain(typed)
    return [verb for verb, spellings in VERBS.items() if wanted and any(word.startswith(wanted) for word in spellings)]


def _read_new(rest: str, vocabulary: Vocabulary) -> NewIncident:
    case, tokens = take_first(rest.split(), vocabulary.case_types, "case_type")
    place_id, tokens = _take_place(tokens, vocabulary)
    priority: Priority | None = None
    if tokens and (match := PRIORITY.fullmatch(tokens[0])):
        priority = int(match[1])  # type: ignore[assignment]
        tokens = tokens[1:]
    return NewIncident(case_type=case.id, place_id=place_id, priority=priority, note=" ".join(tokens))


def _read_dispatch(rest: str, vocabulary: Vocabulary) -> Dispatch:
    incident, tokens = take_last(rest.split(), vocabulary.incidents, "incident")
    unit_ids: list[str] = []
    while tokens:
        unit, tokens = take_first(tokens, vocabulary.units, "unit")
        unit_ids.append(unit.id)
    if not unit_ids:
        raise NotUnderstoodError(both("misread.missing", kind=both("misread.unit")))
    return Dispatch(unit_ids=tuple(dict.fromkeys(unit_ids)), incident_id=incident.id)


def _read_status(rest: str, vocabulary: Vocabulary) -> SetStatus:
    status, tokens = take_last(rest.split(), vocabulary.statuses, "status")
    unit, left = take_first(tokens, vocabulary.units, "unit")
    if left:
        raise NotUnderstoodError(both("misread.left_over", typed=" ".join(left)))
    return SetStatus(unit_id=unit.id, status=status.id)  # type: ignore[arg-type]


def _read_log(rest: str, vocabulary: Vocabulary) -> WriteLog:
    if not rest:
        raise NotUnderstoodError(both("misread.missing", kind=both("misread.text")))
    return WriteLog(text=rest)


def _read_goto(rest: str, vocabulary: Vocabulary) -> GoTo:
    if POINT.fullmatch(rest):
        return GoTo(place_id=rest)
    return GoTo(place_id=_whole(rest, vocabulary.places, "place").id)


def _take_place(tokens: list[str], vocabulary: Vocabulary) -> tuple[str, list[str]]:
    """Return the id of the place named first, or 'lon,lat' as typed, and the words after it."""
    if tokens and POINT.fullmatch(tokens[0]):
        return tokens[0], tokens[1:]
    place, left = take_first(tokens, vocabulary.places, "place")
    return place.id, left


def _read_plan(rest: str, vocabulary: Vocabulary) -> PlanFor:
    return PlanFor(incident_id=_whole(rest, vocabulary.incidents, "incident").id)


def _read_weather(rest: str, vocabulary: Vocabulary) -> SetWeather | ClearWeather:
    return read_weather(rest, vocabulary.zones)


def _read_team(rest: str, vocabulary: Vocabulary) -> TeamReport:
    return read_team(rest, vocabulary.teams)


def _read_island(rest: str, vocabulary: Vocabulary) -> OpenIsland:
    return OpenIsland(island_id=_whole(rest, vocabulary.islands, "island").id)


def _whole(rest: str, names: tuple[Name, ...], kind: str) -> Name:
    found, left = take_first(rest.split(), names, kind)
    if left:
        raise NotUnderstoodError(both("misread.left_over", typed=" ".join(left)))
    return found


_READERS: dict[str, Callable[[str, Vocabulary], TypedCommand]] = {
    "new": _read_new,
    "dispatch": _read_dispatch,
    "status": _read_status,
    "log": _read_log,
    "goto": _read_goto,
    "plan": _read_plan,
    "island": _read_island,
    "weather": _read_weather,
    "team": _read_team,
}


def complete_command(line: str, vocabulary: Vocabulary, language: Language) -> str:
    """Return the line as it reads after Tab, or nothing where it cannot go on from what was typed."""
    if not line.startswith("/") or line.endswith(" "):
        return ""
    typed, space, rest = line[1:].partition(" ")
    if not space:
        return _complete_verb(typed)
    try:
        verb, _ = _verb(line)
    except NotUnderstoodError:
        return ""
    tokens = rest.split()
    for start in range(max(0, len(tokens) - LONGEST_NAME), len(tokens)):
        wanted = plain(" ".join(tokens[start:]))
        if whole := _begins(wanted, _expected(verb, tokens[:start], vocabulary), language):
            return " ".join([f"/{typed}", *tokens[:start], whole]) + " "
    return ""


def _complete_verb(typed: str) -> str:
    if any(plain(typed) in spellings for spellings in VERBS.values()):
        return ""
    found = _verbs_beginning(typed)
    if not found or not typed:
        return ""
    word = next(word for word in VERBS[found[0]] if word.startswith(plain(typed)))
    return f"/{word} "


def _begins(wanted: str, names: tuple[Name, ...], language: Language) -> str | None:
    """Return the nearest name that goes on from what was typed, in the script it was typed in."""
    for one in sorted(names, key=lambda name: (name.rank, name.text.said(language))):
        ordered = [one.text.said(language), one.text.zh, one.text.en]
        for words in ordered:
            if wanted and plain(words).startswith(wanted) and plain(words) != wanted:
                return words
    return None


def _expected(verb: str, before: list[str], vocabulary: Vocabulary) -> tuple[Name, ...]:
    """Return what may stand next in a command after the tokens before it."""
    if verb == "new":
        return _after_case_type(before, vocabulary)
    if verb == "dispatch":
        return (*vocabulary.units, *(vocabulary.incidents if before else ()))
    if verb == "status":
        return (*vocabulary.statuses, *vocabulary.units) if before else vocabulary.units
    if verb == "goto":
        return vocabulary.places if not before else ()
    if verb == "island":
        return vocabulary.islands if not before else ()
    if verb == "plan":
        return vocabulary.incidents if not before else ()
    if verb == "weather":
        return vocabulary.zones if not before else ()
    if verb == "team":
        return vocabulary.teams if not before else ()
    return ()


def _after_case_type(before: list[str], vocabulary: Vocabulary) -> tuple[Name, ...]:
    if not before:
        return vocabulary.case_types
    try:
        _, left = take_first(before, vocabulary.case_types, "case_type")
    except NotUnderstoodError:
        return ()
    return vocabulary.places if not left else ()
