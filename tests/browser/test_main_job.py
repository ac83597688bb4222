"""The main job as a duty officer does it: a real server, a real Chromium, real mouse and keyboard."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Served, serve

pytestmark = pytest.mark.browser
PATIENCE_MS = 60_000
METRES_WIDE_OVER_HIGH = """() => {
  const map = [...Bokeh.documents[0]._all_models.values()].find((model) => model.type === 'Figure')
  const wide = (map.x_range.end - map.x_range.start) / map.inner_width
  return wide / ((map.y_range.end - map.y_range.start) / map.inner_height)
}"""
MIAOZIHU = re.compile("Miaozihu|庙子湖")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def quiet_night(store: Path) -> Iterator[Served]:
    served = serve(store, "--scenario", "quiet-night", "--speed", "1")
    yield served
    served.stop()


def _say(page: Page, line: str) -> None:
    """Type one command line and send it."""
    page.keyboard.press("/")
    page.keyboard.type(line)
    page.keyboard.press("Enter")


def _settled(page: Page) -> Page:
    expect(page.locator("#queue [data-act='select-incident']").first).to_be_visible(timeout=PATIENCE_MS)
    expect(page.locator("#map canvas").first).to_be_visible(timeout=PATIENCE_MS)
    page.wait_for_function("window.Bokeh && Bokeh.documents.length > 0", timeout=PATIENCE_MS)
    page.wait_for_timeout(1500)  # the socket opens after the first paint, and keys go through it
    return page


def _shot(page: Page, folder: Path, name: str) -> None:
    page.screenshot(path=str(folder / f"{name}.png"))


def test_the_whole_main_job(
    quiet_night: Served, store: Path, open_console: Callable[..., Page], artefacts: Path
) -> None:
    page = _settled(open_console(quiet_night))
    expect(page.locator("#band-top")).to_contain_text(re.compile("DRILL|演练"))

    # Report an incident by typing.
    before = page.locator("#queue [data-act='select-incident']").count()
    _say(page, "/new armed-affray Miaozihu three armed on the quay")
    expect(page.locator("#queue [data-act='select-incident']")).to_have_count(before + 1, timeout=PATIENCE_MS)
    row = page.locator("#queue [data-act='select-incident']", has_text=MIAOZIHU)
    row.click()
    expect(page.locator("#case")).to_contain_text(MIAOZIHU, timeout=PATIENCE_MS)

    # Plan, and read the plan card: alternatives, bound, nearest-first baseline.
    page.keyboard.press("p")
    accept = page.locator("#plan [data-act='accept']").first
    expect(accept).to_be_enabled(timeout=PATIENCE_MS)
    expect(page.locator("#plan")).to_contain_text(re.compile(r"Nearest|就近"))
    expect(page.locator("#plan")).to_contain_text(re.compile(r"\d %|\d\.\d %"), timeout=PATIENCE_MS)
    expect(page.locator("#legs .rows > *").first).to_be_visible(timeout=PATIENCE_MS)
    page.wait_for_timeout(4000)
    _shot(page, artefacts, "1-plan-1920")

    # Accept by key; undo is offered; orders are out.
    page.keyboard.press("Enter")
    expect(row).not_to_contain_text(re.compile("unassigned|未派"), timeout=PATIENCE_MS)
    expect(page.locator("#units")).to_contain_text(re.compile("Accepted|已接令|En route|途中"), timeout=PATIENCE_MS)
    _shot(page, artefacts, "2-accepted")

    # The craft move: at 60x the first units are on the scene within the simulated hour.
    page.locator("#band-top [data-act='clock-speed'][data-value='60']").click()
    expect(page.locator("#units")).to_contain_text(re.compile("En route|途中"), timeout=PATIENCE_MS)
    expect(page.locator("#units")).to_contain_text(re.compile("On scene|到场"), timeout=PATIENCE_MS)
    _shot(page, artefacts, "3-moving")

    # Replay what was known then: the band says so, and nothing can be accepted there.
    page.locator("#slider input[type='range']").focus()
    page.keyboard.press("Home")
    expect(page.locator("#band-top")).to_contain_text(re.compile("REPLAY|回放"), timeout=PATIENCE_MS)
    expect(page.locator("#queue [data-act='select-incident']")).to_have_count(before, timeout=PATIENCE_MS)
    expect(page.locator("#plan [data-act='accept']")).to_have_count(0)
    _shot(page, artefacts, "4-replay")
    page.keyboard.press("F1")
    expect(page.locator("#band-top")).to_contain_text(re.compile("DRILL|演练"), timeout=PATIENCE_MS)

    # Both languages and both themes without a reload.
    for language in ("zh", "en"):
        if page.evaluate("document.documentElement.lang").startswith(language) is False:
            page.locator("#band-top [data-act='language']").first.click()
        expect(page.locator("#queue")).to_contain_text({"zh": "警情", "en": "Incidents"}[language])
        for theme in ("light", "dark"):
            if page.evaluate("document.documentElement.dataset.theme") != theme:
                page.keyboard.press("t")
            page.wait_for_function(f"document.documentElement.dataset.theme === '{theme}'")
            page.wait_for_timeout(600)
            _shot(page, artefacts, f"5-{theme}-{language}-1920")

    assert page.hosts == {quiet_night.address}  # type: ignore[attr-defined]
    assert page.errors == []  # type: ignore[attr-defined]


def test_a_restart_resumes_where_it_was(
    quiet_night: Served, store: Path, open_console: Callable[..., Page], artefacts: Path
) -> None:
    assert quiet_night.stop() == 0
    again = serve(store)
    try:
        page = _settled(open_console(again, 1366, 768))
        page.locator("#queue [data-act='select-incident']", has_text=MIAOZIHU).click()
        expect(page.locator("#units")).to_contain_text(re.compile("On scene|到场"), timeout=PATIENCE_MS)
        expect(page.locator("#plan")).to_contain_text(re.compile("accepted|已采纳"), timeout=PATIENCE_MS)
        _shot(page, artefacts, "6-resumed-1366")
        # A metre is as high as wide on the map, whatever the window does.
        for width, height in ((1920, 1080), (1366, 768)):
            page.set_viewport_size({"width": width, "height": height})
            page.wait_for_timeout(1500)
            assert page.evaluate(METRES_WIDE_OVER_HIGH) == pytest.approx(1, abs=1e-6)
        assert page.errors == []  # type: ignore[attr-defined]
    finally:
        again.stop()


def test_a_click_on_the_map_reports_an_incident_and_the_sea_is_refused(
    tmp_path: Path, open_console: Callable[..., Page], artefacts: Path
) -> None:
    served = serve(tmp_path, "--scenario", "quiet-night", "--speed", "1")
    try:
        page = _settled(open_console(served))
        count = page.locator("#queue [data-act='select-incident']").count()
        _say(page, "/goto Daishan")
        page.wait_for_timeout(1500)
        page.keyboard.press("n")
        page.locator("#drawer [data-act='pick-on-map']").click()
        box = page.locator("#map canvas").first.bounding_box()
        assert box
        page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        page.wait_for_timeout(1000)
        _shot(page, artefacts, "7-picked")
        page.locator("#drawer [type='submit']").first.click()
        expect(page.locator("#queue [data-act='select-incident']")).to_have_count(count + 1, timeout=PATIENCE_MS)

        _say(page, "/new theft 122.9,30.45 nobody lives here")
        expect(page.locator("#toast")).to_contain_text(re.compile("sea|海", re.I), timeout=PATIENCE_MS)
        expect(page.locator("#queue [data-act='select-incident']")).to_have_count(count + 1)
    finally:
        served.stop()


def test_a_frozen_server_is_shown_as_stale(tmp_path: Path, open_console: Callable[..., Page], artefacts: Path) -> None:
    import os
    import signal

    served = serve(tmp_path, "--scenario", "may-swell-miaozihu")
    try:
        page = _settled(open_console(served))
        expect(page.locator("#stale")).to_be_hidden()
        os.kill(served.process.pid, signal.SIGSTOP)
        try:
            expect(page.locator("#stale")).to_be_visible(timeout=15_000)
            expect(page.locator("#stale")).to_contain_text(re.compile("STALE|陈旧"))
            _shot(page, artefacts, "8-stale")
        finally:
            os.kill(served.process.pid, signal.SIGCONT)
        expect(page.locator("#stale")).to_be_hidden(timeout=PATIENCE_MS)
    finally:
        served.stop()


def test_a_login_link_works_once(tmp_path: Path, open_console: Callable[..., Page]) -> None:
    served = serve(tmp_path)
    try:
        link = served.link()
        served.links.put(link)
        _settled(open_console(served))
        served.links.queue.clear()
        served.links.put(link)
        page = open_console(served)
        expect(page.locator("body")).to_contain_text(re.compile("used|expired|失效|用过|过期"))
        expect(page.locator("#queue")).to_have_count(0)
    finally:
        served.stop()
