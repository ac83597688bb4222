"""Official weather warnings: kind, level, where and from when until when."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from data.text import Text

WarningKind = Literal["wind", "typhoon", "waves", "fog", "rain", "surge", "thunder"]
# China Meteorological Administration: four levels, blue the lowest (Order 16, 2007).
WarningLevel = Literal["blue", "yellow", "orange", "red"]
LEVELS_IN_ORDER: tuple[WarningLevel, ...] = ("blue", "yellow", "orange", "red")
KIND_WORDS: dict[str, Text] = {
    "wind": Text("大风", "wind"),
    "typhoon": Text("台风", "typhoon"),
    "waves": Text("海浪", "wave"),
    "fog": Text("海雾", "fog"),
    "rain": Text("暴雨", "rain"),
    "surge": Text("风暴潮", "storm surge"),
    "thunder": Text("雷电", "thunderstorm"),
}
LEVEL_WORDS: dict[str, Text] = {
    "blue": Text("蓝色", "blue"),
    "yellow": Text("黄色", "yellow"),
    "orange": Text("橙色", "orange"),
    "red": Text("红色", "red"),
}


class WeatherWarning(msgspec.Struct, frozen=True, kw_only=True):
    """A warning as an authority issued it; no ``zone_ids`` means everywhere, ``until_at`` None until it is lifted."""

    id: str
    kind: WarningKind
    level: WarningLevel
    zone_ids: tuple[str, ...]
    issued_at: datetime
    from_at: datetime
    until_at: datetime | None
    issuer: Text
    text: Text
    source: str

    def __post_init__(self) -> None:
        if self.until_at is not None and self.until_at <= self.from_at:
            raise ValueError(f"warning {self.id} ends before it begins; correct until_at (预警结束不晚于开始)")

    @property
    def name(self) -> Text:
        """Return what it is called, e.g. "orange wind warning"."""
        kind, level = KIND_WORDS[self.kind], LEVEL_WORDS[self.level]
        return Text(f"{kind.zh}{level.zh}预警", f"{level.en} {kind.en} warning")

    @property
    def rank(self) -> int:
        """Return 0 for blue to 3 for red."""
        return LEVELS_IN_ORDER.index(self.level)

    def holds(self, moment: datetime, zone_id: str | None = None) -> bool:
        """Tell whether it is in force at a moment, in a zone where one is given."""
        if zone_id is not None and self.zone_ids and zone_id not in self.zone_ids:
            return False
        return self.from_at <= moment and (self.until_at is None or moment < self.until_at)
