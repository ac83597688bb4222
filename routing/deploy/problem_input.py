"""Refuse a deployment problem that cannot be meant, naming the field and the remedy, before anything is solved.

The limits keep every sum of the compiled tables within 32 bits and every plan's points below the search's own marks.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from operator import index
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from data.errors import TongzhouError, worded

# A travel time no horizon reaches: the link does not exist. Sums of a few of them still fit 32 bits.
UNREACHABLE = 1_000_000
# A group's station when it counts towards no standing cover.
NO_STATION = -1
# The pool of a group or landing whose road vehicles are never scarce.
NO_POOL = -1
MAX_HORIZON_MIN = 2_880
# Persons of all groups together, seats of one craft, persons asked for: beyond any force, and 32 bits hold the sums.
MOST_COUNTED = 1_000_000
# Points of the worst plan: the search marks an impossible one with 2**40, and the bound counts in doubles.
MOST_POINTS = 2**40 - 1
MOST_PRICE = 2**31 - 1

Spans = tuple[tuple[int, int], ...]
# What a problem compiled from a real situation may hold, where bad weather and losses are no fault of the input.
Oddity = Literal["cut-off sites", "repeated echelons"]
ODDITIES: frozenset[Oddity] = frozenset(("cut-off sites", "repeated echelons"))


class ProblemFaultError(ValueError, TongzhouError):
    """A deployment problem whose fields contradict each other or lie outside what the model covers."""


def fault(en: str, zh: str) -> ProblemFaultError:
    """Return the error in both languages."""
    return worded(ProblemFaultError(en), zh=zh)


def whole_number(name: str, value: Any, low: int, high: int) -> int:
    """Return a whole number within limits; raises ProblemFaultError naming the field otherwise."""
    try:
        number = index(value) if not isinstance(value, bool | np.bool_) else None
    except TypeError:
        number = None
    if number is None:
        raise fault(
            f"{name}: must be a whole number, is {value!r}; round it first",
            f"{name}：须为整数，而非 {value!r}；请取整",
        )
    if not low <= number <= high:
        raise fault(
            f"{name}: must lie in {low}..{high}, is {number}; correct it",
            f"{name}：须在 {low}..{high} 之间，现为 {number}；请更正",
        )
    return number


def whole_array(name: str, value: Any, shape: tuple[int, ...], low: int, high: int) -> npt.NDArray[np.int64]:
    """Return a read-only copy of an array of whole numbers; raises ProblemFaultError on shape, type or limits."""
    given = any_array(name, value)
    if given.size and not np.issubdtype(given.dtype, np.integer):
        raise fault(
            f"{name}: must hold whole numbers, holds {given.dtype}; round minutes up first",
            f"{name}：须为整数，现为 {given.dtype}；分钟请先向上取整",
        )
    if given.shape != shape:
        raise fault(
            f"{name}: needs shape {shape}, has {given.shape}; give one entry for each row and column",
            f"{name}：形状须为 {shape}，现为 {given.shape}；每行每列各给一个数",
        )
    if given.size:
        for value_at, beyond in ((given.argmin(), int(given.min()) < low), (given.argmax(), int(given.max()) > high)):
            if beyond:
                at = tuple(int(i) for i in np.unravel_index(int(value_at), given.shape))
                _refuse_entry(name, at, int(given[at]), low, high)
    array = np.array(given, dtype=np.int64, order="C")  # a copy: freezing must not reach the caller's array
    array.setflags(write=False)
    return array


def any_array(name: str, value: Any) -> npt.NDArray[Any]:
    """Return what was given as an array; raises ProblemFaultError where rows differ in length."""
    try:
        return np.asarray(value)
    except ValueError:
        raise fault(
            f"{name}: its rows differ in length; give a full matrix", f"{name}：各行长度不同；请给出完整矩阵"
        ) from None


def _refuse_entry(name: str, at: tuple[int, ...], number: int, low: int, high: int) -> None:
    where = f"{name}{list(at)}"
    if number < low:
        raise fault(
            f"{where}: must be {low} or more, is {number}; correct it",
            f"{where}：须不小于 {low}，现为 {number}",
        )
    hint = ("; UNREACHABLE stands for no link", "；无此航路请用 UNREACHABLE") if name.endswith("_min") else ("", "")
    raise fault(
        f"{where}: must be {high} or less, is {number}{hint[0]}", f"{where}：须不大于 {high}，现为 {number}{hint[1]}"
    )


def check_spans(name: str, closed: Any, shape: tuple[int, ...]) -> None:
    """Refuse closed spans of links that do not exist, and spans that end before they start."""
    if not isinstance(closed, Mapping):
        raise fault(
            f"{name}: must map links to closed spans, is {type(closed).__name__}",
            f"{name}：须为航路到封闭时段的映射，现为 {type(closed).__name__}",
        )
    if _are_sound(closed, shape):
        return
    for key, spans in closed.items():
        inside = isinstance(key, tuple) and len(key) == len(shape) and all(map(_is_below, key, shape))
        if not inside:
            raise fault(
                f"{name}[{key}]: no such link (indices must lie below {shape})",
                f"{name}[{key}]：无此航路（序号须小于 {shape}）",
            )
        if not isinstance(spans, tuple | list):
            raise fault(
                f"{name}[{key}]: must be spans (from, to), is {spans!r}",
                f"{name}[{key}]：须为时段，现为 {spans!r}",
            )
        for span in spans:
            if not isinstance(span, tuple | list) or len(span) != 2:
                raise fault(
                    f"{name}[{key}]: a span is (from, to) in minutes, not {span!r}",
                    f"{name}[{key}]：时段须为（起, 止）分钟，现为 {span!r}",
                )
            start, end = (whole_number(f"{name}[{key}]", one, -UNREACHABLE, UNREACHABLE) for one in span)
            if end <= start:
                raise fault(
                    f"{name}[{key}]: the span {start}..{end} ends before it starts; swap its ends or leave it out",
                    f"{name}[{key}]：时段 {start}..{end} 在开始前结束；请对调起止或删去",
                )


def _are_sound(closed: Mapping[Any, Any], shape: tuple[int, ...]) -> bool:
    """Say whether thousands of spans are right at one look; where not, each is looked at to name the one at fault."""
    if not closed:
        return True
    try:
        links = np.array(list(closed))
        spans = np.array([span for one in {id(one): one for one in closed.values()}.values() for span in one])
    except (TypeError, ValueError):
        return False
    if links.dtype != np.int64 or links.ndim != 2 or links.shape[1] != len(shape):
        return False
    if spans.dtype != np.int64 or spans.ndim != 2 or spans.shape[1] != 2:
        return False
    inside = bool((links >= 0).all() and (links < np.array(shape)).all())
    lasting = bool((spans[:, 0] < spans[:, 1]).all())
    return inside and lasting and int(spans.min()) >= -UNREACHABLE and int(spans.max()) <= UNREACHABLE


def _is_below(at: Any, size: int) -> bool:
    return isinstance(at, int | np.integer) and not isinstance(at, bool) and 0 <= int(at) < size


def check_skills(name: str, skills: Any, count: int) -> None:
    """Refuse anything but one set of skill names for each group."""
    if not isinstance(skills, tuple | list) or len(skills) != count:
        entries = len(skills) if isinstance(skills, tuple | list) else 0
        raise fault(
            f"{name}: {entries} entries for {count} groups; give one set a group",
            f"{name}：{count} 个警组只有 {entries} 项；每组给一个集合",
        )
    for g, held in enumerate(skills):
        if not isinstance(held, frozenset | set) or not all(isinstance(skill, str) for skill in held):
            raise fault(
                f"{name}[{g}]: must be a set of skill names, is {held!r}", f"{name}[{g}]：须为技能名集合，现为 {held!r}"
            )


def check_names(name: str, given: Any, among: frozenset[str] | None = None) -> None:
    """Refuse anything but a set of names, each of them known where all known ones are given."""
    is_set = isinstance(given, frozenset | set) and all(isinstance(one, str) for one in given)
    if not is_set or (among is not None and not given <= among):
        known = f" of: {', '.join(sorted(among))}" if among is not None else ""
        known_zh = f"，可用：{'、'.join(sorted(among))}" if among is not None else ""
        raise fault(
            f"{name}: must be a set of names{known}; it is {given!r}", f"{name}：须为名称集合{known_zh}；现为 {given!r}"
        )


def check_echelon(n: int, need: Any, num_incidents: int, known_skills: Iterable[str]) -> None:
    """Refuse an echelon of an incident or a skill that does not exist, or that asks for nobody."""
    where = f"echelons[{n}]"
    for name in ("incident", "persons", "skill", "weight"):
        if not hasattr(need, name):
            raise fault(f"{where}: must be an EchelonNeed, is {need!r}", f"{where}：须为 EchelonNeed，现为 {need!r}")
    if whole_number(f"{where} incident", need.incident, -MOST_COUNTED, MOST_COUNTED) not in range(num_incidents):
        raise fault(
            f"{where}: incident {need.incident} does not exist ({num_incidents} incidents); correct its number",
            f"{where}：没有警情 {need.incident}（共 {num_incidents} 起）；请更正序号",
        )
    whole_number(f"{where} persons", need.persons, 1, MOST_COUNTED)
    whole_number(f"{where} weight", need.weight, 1, MOST_COUNTED)
    known = sorted(known_skills)
    if need.skill is not None and need.skill not in known:
        there = ", ".join(known) or "none"
        raise fault(
            f"{where}: skill {need.skill!r} is unknown; known are: {there}. Correct its name, or ask for anybody",
            f"{where}：没有技能“{need.skill}”；现有：{'、'.join(known) or '无'}。请更正名称，或不限技能",
        )


def check_repeats(echelons: Iterable[Any]) -> None:
    """Refuse an echelon that asks for what another asks for already."""
    seen: dict[tuple[int, int, str | None], int] = {}
    for n, need in enumerate(echelons):
        first = seen.setdefault((need.incident, need.persons, need.skill), n)
        if first != n:
            raise fault(
                f"echelons[{n}]: asks for the same as echelons[{first}]; leave one out and add their weights",
                f"echelons[{n}]：与 echelons[{first}] 相同；请删去其一并将权重相加",
            )


def check_sites(access_min: npt.NDArray[np.int64], last_mile_min: npt.NDArray[np.int64]) -> None:
    """Refuse a pickup no group can reach and a landing that leads to no incident."""
    for name, other, unused, no_use in (
        ("pickup", "access_min", (access_min >= UNREACHABLE).all(axis=0), ("no group reaches it", "没有警组能到达")),
        (
            "landing",
            "last_mile_min",
            (last_mile_min >= UNREACHABLE).all(axis=1),
            ("it leads nowhere", "不通任何现场"),
        ),
    ):
        if (name == "landing" or len(access_min)) and unused.any():
            site = int(np.flatnonzero(unused)[0])
            raise fault(
                f"{other}: {name} {site} is of no use, {no_use[0]}; leave it out or correct its minutes",
                f"{other}：{'上客点' if name == 'pickup' else '登陆点'} {site} 无用，{no_use[1]}；请删去或更正分钟数",
            )


def check_total(worst_points: int) -> None:
    """Refuse prices and numbers whose worst plan costs more points than the search can count."""
    if worst_points > MOST_POINTS:
        raise fault(
            f"weights: the worst plan would cost {worst_points} points, more than {MOST_POINTS}; lower the prices, the "
            "echelons' weights or the persons asked for",
            f"weights：最差方案将计 {worst_points} 分，超过 {MOST_POINTS}；请调低单价、梯次权重或人数",
        )
