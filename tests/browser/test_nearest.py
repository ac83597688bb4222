"""Asking who is nearest, as a dispatcher does: one key, a list with minutes, a row chosen by keyboard and by mouse."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import serve

pytestmark = pytest.mark.browser
PATIENCE_MS = 60_000


def test_the_nearest_units_of_an_incident(tmp_path: Path, open_console: Callable[..., Page], artefacts: Path) -> None:
    served = serve(tmp_path, "--scenario", "june-major-case", "--speed", "1")
    try:
        page = open_console(served, 1366, 768)
        expect(page.locator("#queue [data-act='select-incident']").first).to_be_visible(timeout=PATIENCE_MS)
        page.wait_for_function("window.Bokeh && Bokeh.documents.length > 0", timeout=PATIENCE_MS)
        page.wait_for_timeout(1500)  # the socket opens after the first paint, and keys go through it

        page.keyboard.press("d")
        rows = page.locator("#drawer .near[data-act='select-unit']")
        expect(rows).to_have_count(15, timeout=PATIENCE_MS)
        expect(rows.first).to_contain_text(re.compile("Dongji police 1|东极警组1"))
        expect(page.locator("#drawer")).to_contain_text(re.compile("as of|的态势"))
        minutes = [float(words.split()[0]) for words in page.locator("#drawer .near b.num").all_text_contents()]
        assert minutes[:10] == sorted(minutes[:10])
        assert minutes[10:] == sorted(minutes[10:])

        page.keyboard.press("Tab")  # from the button that closes the drawer to the first row
        page.keyboard.press("Enter")
        expect(rows.first).to_have_attribute("aria-pressed", "true")
        rows.nth(3).click()
        expect(rows.nth(3)).to_have_attribute("aria-pressed", "true")
        expect(rows.first).to_have_attribute("aria-pressed", "false")
        rows.nth(3).click()  # once more shows it on the map, with its rings
        page.wait_for_timeout(1500)
        page.screenshot(path=str(artefacts / "nearest.png"))
        drawn = page.evaluate(
            """() => [...Bokeh.documents[0]._all_models.values()].filter((one) => one.type === 'ColumnDataSource'
                 && one.data.text && [...one.data.text].some((text) => /^[135] (min|分)$/.test(text))).length"""
        )
        assert drawn == 1

        page.keyboard.press("d")
        expect(page.locator("#drawer.open")).to_have_count(0)
        assert page.errors == []  # type: ignore[attr-defined]
    finally:
        served.stop()
