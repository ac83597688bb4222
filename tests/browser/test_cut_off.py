"""Islands that will be cut off, as a duty officer works them: by key from page to page, in both languages."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from console.actions import ACTIONS
from tests.browser.conftest import serve

pytestmark = pytest.mark.browser
PATIENCE_MS = 120_000
CLOCK = r"(\w{3} |\d{1,2}日 )?\d\d:\d\d"


def live_acts(page: Page) -> list[str]:
    """Return the acts of every control of the page's middle that can be pressed."""
    return page.evaluate(
        """() => ['main', 'side'].map((id) => document.getElementById(id).shadowRoot)
             .flatMap((root) => [...root.querySelectorAll('[data-act]')])
             .filter((one) => !one.disabled).map((one) => one.dataset.act)"""
    )


def no_words_run_over(page: Page) -> list[str]:
    """Return the buttons of the page's middle whose words do not fit in them."""
    return page.evaluate(
        """() => ['main', 'side'].map((id) => document.getElementById(id).shadowRoot)
             .flatMap((root) => [...root.querySelectorAll('.btn')])
             .filter((one) => one.scrollWidth > one.clientWidth + 1).map((one) => one.textContent)"""
    )


def test_islands_that_will_be_cut_off(tmp_path: Path, open_console: Callable[..., Page], artefacts: Path) -> None:
    served = serve(tmp_path, "--scenario", "typhoon-approach", "--speed", "1")
    try:
        page = open_console(served, 1366, 768)
        main, side = page.locator("#main"), page.locator("#side")
        expect(page.locator("#queue [data-act='select-incident']").first).to_be_visible(timeout=PATIENCE_MS)
        page.wait_for_function("window.Bokeh && Bokeh.documents.length > 0", timeout=PATIENCE_MS)
        page.wait_for_timeout(1500)  # the socket opens after the first paint, and keys go through it
        assert main.evaluate("(one) => one.shadowRoot.textContent") == "", "nothing of other pages is built at first"

        page.keyboard.press("F3")
        expect(main).to_be_visible(timeout=PATIENCE_MS)
        expect(page.locator("#queue")).to_be_hidden()
        expect(main).to_contain_text(re.compile("正在计算|working it out"))
        rows = main.locator(".isorow[data-act='open-island']")
        expect(rows.first).to_be_visible(timeout=PATIENCE_MS)
        assert rows.count() > 20
        expect(rows.first.locator(".last")).to_contain_text(re.compile(CLOCK))
        expect(main.locator("header .study")).to_contain_text(re.compile("依据 14:00 预报|forecast of 14:00"))
        assert rows.first.locator("svg path.closed").count() == 1
        expect(main.locator(".nowline").first).to_be_attached()
        drawn = page.evaluate(
            """() => [...Bokeh.documents[0]._all_models.values()].filter((one) => one.type === 'ColumnDataSource'
                 && one.data.number && one.data.number.length > 20).length"""
        )
        assert drawn == 1, "the islands' numbers are on the map"

        moves = side.locator(".move")
        expect(moves.first).to_contain_text(re.compile(f"{CLOCK} 前|by {CLOCK}"))
        page.keyboard.press("1")
        expect(moves.first).to_contain_text(re.compile("已下令|ordered by"), timeout=PATIENCE_MS)
        page.keyboard.press("u")
        expect(moves.first.locator("[data-act='order-move']")).to_be_visible(timeout=PATIENCE_MS)
        assert set(live_acts(page)) <= set(ACTIONS)
        assert no_words_run_over(page) == []
        page.screenshot(path=str(artefacts / "cut-off-isolation.png"))

        page.keyboard.press("ArrowDown")
        page.keyboard.press("ArrowDown")
        name = rows.nth(1).locator(".isoname b").text_content()
        page.keyboard.press("Enter")
        expect(main.locator(".room.island header b").first).to_have_text(name or "", timeout=PATIENCE_MS)
        expect(main.locator(".sites tbody tr").first).to_be_visible()
        expect(main.locator(".window .track").first).to_be_visible(timeout=PATIENCE_MS)
        expect(side.locator(".counts").first).to_contain_text(re.compile("居民|residents"))
        expect(main.locator(".holdbox header, .holdbox .head").first).to_contain_text(
            re.compile("算出|worked out"), timeout=PATIENCE_MS
        )
        assert set(live_acts(page)) <= set(ACTIONS)
        main.locator("select").select_option("miaozihu")
        expect(main.locator(".room.island header b").first).to_have_text(re.compile("庙子湖|Miaozihu"))

        before = page.evaluate("frame.dataset.language")
        page.locator("#band-top [data-act='language']").click()
        other = {"zh": "Piers, pads, bridges", "en": "码头、停机坪、桥"}[before]
        expect(main).to_contain_text(other, timeout=PATIENCE_MS)
        page.keyboard.press("/")
        page.keyboard.type("/island 花鸟")
        page.keyboard.press("Enter")
        expect(main.locator(".room.island header b").first).to_have_text(re.compile("花鸟|Huaniao"))
        page.screenshot(path=str(artefacts / "cut-off-island.png"))

        page.keyboard.press("/")
        page.keyboard.type("/island 庙子湖")
        page.keyboard.press("Enter")
        expect(main.locator(".room.island header b").first).to_have_text(re.compile("庙子湖|Miaozihu"))
        page.keyboard.press("F4")
        waiting = main.locator("[data-figure='waiting'] b")
        expect(waiting).to_have_text(re.compile(r"[\d,]+"), timeout=PATIENCE_MS)
        expect(main.locator("svg.curve path.waits")).to_have_attribute("d", re.compile(r"^M\d+ \d+H"))
        expect(main.locator(".trip .bar3.sail").first).to_be_visible()
        expect(side.locator(".groups tbody tr").first).to_be_visible()
        expect(side.locator(".queuerow").first).to_be_visible()
        expect(side.locator(".ways .own")).to_contain_text("%")
        assert set(live_acts(page)) <= set(ACTIONS)
        assert no_words_run_over(page) == []
        page.screenshot(path=str(artefacts / "cut-off-evacuation.png"))

        page.keyboard.press("F1")
        expect(page.locator("#queue")).to_be_visible()
        expect(main).to_be_hidden()
        assert page.errors == []  # type: ignore[attr-defined]
    finally:
        served.stop()
