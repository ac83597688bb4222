"""The symbol script in a real browser: every kind in every status is drawn, and no two look alike."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from playwright.sync_api import Page, sync_playwright

from console.theme import theme_sheet
from data.forces import Symbol, UnitStatus

SCRIPT = Path(__file__).parents[3] / "console" / "static" / "symbols.js"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
FORMS = {"hollow": "available", "half": "en_route", "solid": "on_scene", "out": "out_of_service", "stale": "stale"}
DRAW = """([name, args]) => {
  const canvas = document.createElement('canvas'); canvas.width = canvas.height = 96;
  const ctx = canvas.getContext('2d'); ctx.translate(48, 48);
  window.PTSYM[name](ctx, ...args);
  const data = ctx.getImageData(0, 0, 96, 96).data;
  let ink = 0; for (let k = 3; k < data.length; k += 4) ink += data[k] > 0;
  return [ink, canvas.toDataURL()];
}"""


@pytest.fixture(scope="module")
def page(chromium_path: str) -> Iterator[Page]:
    """A page with both themes' tokens and the symbol script; any error of the page fails the test."""
    faults: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path, args=FLAGS)
        opened = browser.new_page()
        opened.on("pageerror", lambda error: faults.append(str(error)))
        opened.on("console", lambda message: faults.append(message.text) if message.type == "warning" else None)
        opened.set_content(f"<html><head><style>{theme_sheet()}</style></head><body></body></html>")
        opened.add_script_tag(content=SCRIPT.read_text("utf-8"))
        yield opened
        browser.close()
    assert not faults


def draw(page: Page, name: str, *args: Any) -> tuple[int, str]:
    ink, image = page.evaluate(DRAW, [name, list(args)])
    return ink, image


def test_every_kind_of_the_data_floor_is_drawn(page: Page) -> None:
    assert set(page.evaluate("PTSYM.KINDS")) == set(get_args(Symbol))


def test_every_status_of_the_data_floor_has_a_form(page: Page) -> None:
    assert set(page.evaluate("Object.keys(PTSYM.FORMS)")) == {*get_args(UnitStatus), "stale"}


def test_no_two_kinds_or_forms_look_alike(page: Page) -> None:
    seen: dict[str, tuple[str, str]] = {}
    for kind in get_args(Symbol):
        for form, status in FORMS.items():
            ink, image = draw(page, "unit", kind, status, 72)
            assert ink > 200, (kind, form)
            assert image not in seen, ((kind, form), seen[image])
            seen[image] = (kind, form)


def test_priorities_and_states_of_sites_differ(page: Page) -> None:
    images = {draw(page, "incident", priority, 60)[1] for priority in (1, 2, 3, 4)}
    kinds, states = ("pier", "helipad", "station"), ("open", "limited", "closed")
    images |= {draw(page, "site", kind, state, 60)[1] for kind in kinds for state in states}
    assert len(images) == 13


def test_an_unknown_kind_or_a_broken_row_does_not_stop_the_map(page: Page) -> None:
    assert draw(page, "unit", "submarine", "lost", 60)[0] > 0
    page.evaluate(
        "PTSYM.mark('forces', document.createElement('canvas').getContext('2d'),"
        " {data: {rows: ['{'], look: ['stack']}}, 0, 5)"
    )


def test_table_symbols_follow_the_theme(page: Page) -> None:
    page.evaluate(
        "document.body.innerHTML = '<pt-sym kind=ferry status=on_scene size=17></pt-sym><pt-inc p=1 size=17></pt-inc>'"
    )
    pixels = "() => [...document.querySelectorAll('canvas')].map((one) => one.toDataURL())"
    page.wait_for_function("document.querySelectorAll('canvas').length === 2")  # drawn when they come into sight
    dark = page.evaluate(pixels)
    page.evaluate("() => { document.documentElement.dataset.theme = 'light'; ptRepaint(); }")
    light = page.evaluate(pixels)
    assert len(dark) == 2
    assert all(one != other for one, other in zip(dark, light, strict=True))


def test_the_scale_bar_is_round_and_true(page: Page) -> None:
    page.evaluate("() => { document.body.innerHTML = '<pt-scale max=130></pt-scale>'; PTMAP.scale(100); }")
    assert "5 nm · 9.3 km" in page.inner_text("pt-scale")
    assert page.evaluate("document.querySelector('pt-scale i').style.width") == "93px"
