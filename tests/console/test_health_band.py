"""A store that falls silent, seen by a person at a page: a band, words for what is pressed, and its end."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from tests.console.test_server import LINK, REGION, wait_for_links
from tests.console.test_stale_screen import FLAGS, LONG_MS


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """Yield the login link of a console and the folder of its store."""
    lines, folder = tmp_path / "lines", tmp_path / "store"
    command = [sys.executable, "-m", "tests.console.outage_server", str(folder), str(REGION), "0"]
    with lines.open("w") as out:
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT, cwd=REGION.parents[1])
    try:
        wait_for_links(process, lines, 1)
        yield LINK.findall(lines.read_text())[0], folder
    finally:
        process.terminate()
        process.wait(20)
    assert "Traceback" not in lines.read_text(), lines.read_text()


def note(page: Page, words: str) -> None:
    """Type a line into the log."""
    line = page.locator("tz-view#command input[data-act=command]")
    line.fill(words)
    line.press("Enter")


@pytest.mark.browser
def test_a_silent_store_is_said_and_its_end_too(chromium_path: str, served: tuple[str, Path], artefacts: Path) -> None:
    link, folder = served
    silent = folder / "silent"
    expect.set_options(timeout=LONG_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path, args=FLAGS)
        page = browser.new_page(viewport={"width": 1920, "height": 1080}, locale="en-GB")
        page.set_default_timeout(LONG_MS)
        page.goto(link)
        page.wait_for_function("() => window.Bokeh && document.querySelector('#map canvas, #map div')")
        band, toast = page.locator("#health"), page.locator("#toast")
        expect(band).to_be_hidden()

        silent.touch()
        expect(band).to_have_text(re.compile(r"DOES NOT ANSWER for [1-9]\d* s: nothing you press is recorded"))
        expect(page.locator("#stale")).to_be_hidden()
        for theme in ("dark", "light"):
            page.wait_for_function(f"() => document.documentElement.dataset.theme === '{theme}'")
            for language in ("en", "zh"):
                page.wait_for_function(f"() => document.getElementById('frame').dataset.language === '{language}'")
                words = "DOES NOT ANSWER" if language == "en" else "无应答"
                expect(band).to_contain_text(words)
                page.screenshot(path=artefacts / f"health-{theme}-{language}.png")
                page.locator("tz-view#band-top [data-act=language]").click()
            page.locator("tz-view#band-top [data-act=theme]").click()
        box, top = band.bounding_box(), page.locator("#band-top").bounding_box()
        assert box is not None
        assert top is not None
        assert box["y"] + box["height"] <= top["y"], "nothing is covered"

        note(page, "/log nobody hears this")
        expect(toast).to_contain_text("nothing you press is recorded")
        silent.unlink()
        expect(band).to_be_hidden()
        expect(toast).to_contain_text(re.compile(r"answers again after [1-9]\d* s"))

        cut = folder / "cut"
        cut.touch()
        note(page, "/log was this heard")
        expect(toast).to_contain_text("not known whether it was")
        expect(band).to_be_visible()
        page.screenshot(path=artefacts / "health-unknown-outcome.png")
        cut.unlink()
        expect(toast).to_contain_text(re.compile(r"was recorded \(was this heard\)"))
        browser.close()
