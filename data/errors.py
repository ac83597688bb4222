"""The errors a person may meet, each naming the thing at fault and the remedy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from data.text import Language, Text


class TongzhouError(Exception):
    """Base of every error whose message may be shown to a user as it stands.

    ``text`` holds it in both languages where both are written; the message itself is English.
    """

    text: Text | None = None

    def said(self, language: Language) -> str:
        """Return the message in the language asked for, else in English."""
        return str(self) if self.text is None else self.text.said(language)


Told = TypeVar("Told", bound=TongzhouError)


def worded(error: Told, zh: str) -> Told:
    """Return an error with its Chinese wording beside the English it carries."""
    error.text = Text(zh=zh, en=str(error))
    return error


KINDS_ZH = {
    "pier": "码头",
    "place": "地点",
    "scenario": "想定",
    "incident": "警情",
    "skill": "技能",
    "class": "载具类型",
    "boat class": "船艇类型",
    "table": "数据表",
    "unit of this plan": "本方案力量",
    "unit": "单位",
    "zone": "海区",
    "island": "岛屿",
    "craft": "载具",
    "group": "警组",
}


class UnknownNameError(KeyError, TongzhouError):
    """An id (pier, craft, island, ...) that the region or the picture does not hold.

    ``near`` are close matches to suggest; ``known``, where short, all there are, told when nothing is close.
    """

    def __init__(
        self, kind: str, name: str, near: list[str] | None = None, known: Sequence[str] = (), where: str = ""
    ) -> None:
        self.kind, self.name, self.near, self.known = kind, name, near or [], tuple(known)
        if near:
            hint, hint_zh = f" Did you mean: {', '.join(near)}?", f"是否指：{'、'.join(near)}？"
        elif known:
            hint, hint_zh = f" There are: {', '.join(known)}.", f"现有：{'、'.join(known)}。"
        elif where:
            hint, hint_zh = f" The ids are listed in {where}.", f"编号见 {where}。"
        else:
            hint, hint_zh = " Correct its id.", "请核对编号。"
        self.message = f"Unknown {kind} '{name}'.{hint}"
        self.text = Text(zh=f"没有名为“{name}”的{KINDS_ZH.get(kind, kind)}。{hint_zh}", en=self.message)
        super().__init__(self.message)

    def __str__(self) -> str:  # KeyError would print the repr
        return self.message


class OutsideForecastError(ValueError, TongzhouError):
    """A question about an hour or a zone that the forecast does not cover."""


class NotAtSeaError(ValueError, TongzhouError):
    """A point asked for as water that lies on land, or in a pool cut off from the sea."""


class NotOnLandError(ValueError, TongzhouError):
    """A point asked for as land (an incident, a station) that lies in the sea."""


class CommandRefusedError(ValueError, TongzhouError):
    """A command that the current picture does not allow."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong in one file, with its place.

    ``row`` is the line number a text editor shows (the header is line 1); None for the whole file.
    """

    file: str
    row: int | None
    column: str | None
    message: str

    def __str__(self) -> str:
        place = self.file
        if self.row is not None:
            place += f", line {self.row}"
        if self.column:
            place += f", column '{self.column}'"
        return f"{place}: {self.message}"


class DataFaultsError(ValueError, TongzhouError):
    """Every fault found in a set of input files, raised once after all of them were read."""

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = tuple(faults)
        noun = "fault" if len(faults) == 1 else "faults"
        lines = "\n".join(f"  {fault}" for fault in faults)
        super().__init__(f"{len(faults)} {noun}:\n{lines}")
        self.text = Text(zh=f"共 {len(faults)} 处：\n{lines}", en=str(self))
