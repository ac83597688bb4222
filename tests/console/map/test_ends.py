"""A label on the map says until when a place is shut, whatever is cut off its reason."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest

from console.i18n import say
from console.map.links import bridge_label
from console.map.sites import reason_words, status_words
from console.map.states import LinkStates, State
from data.geography import Region
from data.text import Language, Text

NOW = datetime(2026, 9, 12, 19, tzinfo=UTC)  # 03:00 on the 13th in Shanghai
WIND = Text("桥面风速 25.2 m/s 超过限值 24.4,至 08:00", "deck wind 25.2 m/s over its limit 24.4 until 08:00")


def scene_of(region: Region, language: Language, bridges: dict[str, State], ground_m_per_px: float = 100.0) -> Any:
    scene = SimpleNamespace(region=region, language=language, now=NOW, states=LinkStates({}, bridges))
    scene.say = lambda key, **values: say(f"map.{key}", language, **values)
    scene.words = lambda text: text.said(language)
    scene.viewport = SimpleNamespace(to_px=lambda x, y: (0.0, 0.0), ground_m_per_px=ground_m_per_px)
    return cast(Any, scene)


@pytest.mark.parametrize(("language", "words"), [("en", "CLOSED until 08:00"), ("zh", "封闭 至 08:00")])
def test_the_end_stands_beside_the_status_and_not_in_the_reason(
    zhoushan: Region, language: Language, words: str
) -> None:
    scene = scene_of(zhoushan, language, {})
    state = State("closed", WIND, NOW + timedelta(hours=5))
    assert status_words(scene, state) == words
    assert reason_words(scene, state) == WIND.said(language).split(" until ")[0].split(",至 ")[0]


def test_an_end_on_another_day_has_its_date_and_an_open_end_none(zhoushan: Region) -> None:
    scene = scene_of(zhoushan, "en", {})
    assert status_words(scene, State("closed", WIND, NOW + timedelta(days=1))) == "CLOSED until 09-14 03:00"
    by_people = State("closed", Text("已封闭:修好为止", "closed: shut until repaired"), None)
    assert status_words(scene, by_people) == "CLOSED"
    assert reason_words(scene, by_people) == "closed: shut until repaired"


def test_from_afar_reasons_are_left_to_the_tips_when_a_storm_shuts_most_bridges(zhoushan: Region) -> None:
    names = [name for name, bridge in zhoushan.bridges.items() if bridge.usable][:6]
    shut = {name: State("closed", WIND, NOW + timedelta(hours=5)) for name in names}

    def lines(bridges: dict[str, State], ground_m_per_px: float) -> int:
        label = bridge_label(scene_of(zhoushan, "en", bridges, ground_m_per_px), zhoushan.bridges[names[0]])
        assert label is not None
        assert "CLOSED until 08:00" in label[1]
        return len(label[1].split("\n"))

    assert lines(shut, 200.0) == 1
    assert lines(shut, 100.0) == 2
    assert lines({names[0]: shut[names[0]]}, 200.0) == 2
