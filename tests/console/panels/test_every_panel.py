"""What holds for every panel: escaped, acts that exist, named controls, colours by token, both languages."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from data.text import Language
from tests.console.panels.every_panel import every_panel
from tests.console.panels.samples import Night

ROOT = Path(__file__).parents[3]
SHEETS = [ROOT / "console" / "static" / name for name in ("panels.css", "cutoff.css")]
ACTS = frozenset(
    {
        "accept",
        "ack-alarm",
        "allow",
        "choose-alternative",
        "choose-island",
        "clock-speed",
        "command",
        "command-complete",
        "drawer",
        "forbid",
        "goto",
        "incident-status",
        "open-island",
        "order-move",
        "language",
        "layer",
        "new-incident",
        "pick-on-map",
        "plan",
        "refit",
        "reject",
        "replay-live",
        "replay-play",
        "replay-seek",
        "report",
        "scenario-run",
        "select-incident",
        "select-unit",
        "status",
        "study-anew",
        "theme",
        "undo",
        "unit-search",
        "view",
        "withdraw-move",
    }
)
CONTROLS = frozenset({"button", "input", "select"})
VOID = frozenset({"input", "br", "hr"})
LANGUAGES: tuple[Language, ...] = ("zh", "en")


class Reader(HTMLParser):
    """Collects elements and text, and checks that tags close in order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(html)
        assert not self._open, f"left open: {self._open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_becomes_markup(night: Night, language: Language) -> None:
    for name, html in every_panel(night, language).items():
        tags = {tag for tag, _ in Reader(html).elements}
        assert "script" not in tags, name


def test_the_payload_is_shown_as_it_was_typed(night: Night) -> None:
    assert "<script>alert('x')</script>" in Reader(every_panel(night, "zh")["case"]).text


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_act_is_one_the_page_knows(night: Night, language: Language) -> None:
    found = {
        attributes["data-act"]
        for html in every_panel(night, language).values()
        for _, attributes in Reader(html).elements
        if "data-act" in attributes
    }
    assert found <= ACTS
    # The ones only the map or the page script send are not on any panel.
    assert ACTS - found <= {"layer", "goto", "map-click"}


def test_every_act_on_a_panel_has_its_handler() -> None:
    actions = pytest.importorskip("console.actions")
    assert actions.ACTIONS.keys() >= ACTS


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_control_is_named(night: Night, language: Language) -> None:
    for name, html in every_panel(night, language).items():
        labelled = {a.get("for") for tag, a in Reader(html).elements if tag == "label"}
        for tag, attributes in Reader(html).elements:
            if tag not in CONTROLS or attributes.get("type") in ("hidden", "radio", "submit"):
                continue
            assert attributes.get("aria-label") or attributes.get("id") in labelled, (name, tag, attributes)


def test_acts_sit_on_real_controls_only(night: Night) -> None:
    for name, html in every_panel(night, "en").items():
        for tag, attributes in Reader(html).elements:
            if "data-act" in attributes:
                assert tag in CONTROLS | {"form"}, (name, tag)


def test_no_colour_but_by_token(night: Night) -> None:
    colour = re.compile(r"#[0-9a-fA-F]{3,8}\b|rgba?\(|hsla?\(")
    assert not any(colour.search(sheet.read_text("utf-8")) for sheet in SHEETS)
    for name, html in every_panel(night, "en").items():
        for _, attributes in Reader(html).elements:
            assert not colour.search(attributes.get("style") or ""), name


def test_the_sheet_uses_only_tokens_of_the_theme() -> None:
    from console.theme import TOKENS

    used = {name for sheet in SHEETS for name in re.findall(r"var\(--([a-z0-9]+)\)", sheet.read_text("utf-8"))}
    assert used <= set(TOKENS["dark"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_left_unfilled(night: Night, language: Language) -> None:
    for name, html in every_panel(night, language).items():
        assert not re.search(r"\{[a-z_]+\}", Reader(html).text), name


def test_english_panels_hold_no_chinese_of_their_own(night: Night) -> None:
    for name, html in every_panel(night, "en").items():
        if name.startswith("top"):
            continue  # the language switch names both
        assert not re.search(r"[\u4e00-\u9fff]", Reader(html).text), name
