"""A screen that may be out of date says so: a cut wire, an ended login, a killed server, a stopped database."""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from data.journal.events import NoteLogged
from data.journal.interface import Entry
from data.journal.store import open_store
from tests.browser.conftest import Served, free_port, serve
from tests.browser.cutting_wire import Wire
from tests.postgis_cluster import PostgisCluster, private_cluster
from tests.system_packages import postgis_bin

pytestmark = [pytest.mark.browser, pytest.mark.postgis]

ROOT = Path(__file__).parents[2]
PASSWORD = "a long word for the test seat"
LIMIT_MS = 60_000
LOST = re.compile("may not have arrived|可能未送达")


@dataclass
class Room:
    """One console on a database, reached over a wire that can be cut."""

    cluster: PostgisCluster
    address: str
    folder: Path
    port: int
    wire: Wire
    served: Served

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.wire.port}"

    def start(self) -> Served:
        return serve(self.folder, "--store", self.address, "--origin", self.origin, port=self.port)

    def tongzhou(self, *words: str, typed: str = "") -> None:
        """Run a command on the room's store."""
        subprocess.run(
            [sys.executable, "-m", "console.cli", *words, "--store", self.address],
            input=typed,
            text=True,
            check=True,
            cwd=ROOT,
            capture_output=True,
            env={**os.environ, "TONGZHOU_HOME": str(self.folder)},
        )


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    if postgis_bin() is None:
        pytest.skip("no PostGIS")
    folder, port = tmp_path_factory.mktemp("room"), free_port()
    with private_cluster() as cluster:
        wire = Wire(port)
        address = cluster.address(cluster.fresh_database())
        served = serve(folder, "--store", address, "--origin", f"http://127.0.0.1:{wire.port}", port=port)
        room = Room(cluster, address, folder, port, wire, served)
        try:
            yield room
        finally:
            room.served.stop()
            wire.close()


def is_live(page: Page) -> None:
    page.wait_for_function("() => window.Bokeh && document.querySelector('#map canvas, #map div')")
    expect(page.locator("#stale")).to_be_hidden(timeout=LIMIT_MS)


def opened(browser: Browser, room: Room, theme: str, language: str) -> Page:
    """Open a page by a login link, in one theme and language."""
    context = browser.new_context(
        viewport={"width": 1366, "height": 768}, locale="zh-CN" if language == "zh" else "en-GB"
    )
    page = context.new_page()
    page.set_default_timeout(LIMIT_MS)
    page.goto(re.sub(r"//[^/]+", f"//127.0.0.1:{room.wire.port}", room.served.link()))
    is_live(page)
    if page.evaluate("document.documentElement.dataset.theme") != theme:
        page.locator("tz-view#band-top [data-act=theme]").click()
        page.wait_for_function(f"() => document.documentElement.dataset.theme === '{theme}'")
    return page


def note(page: Page, words: str) -> None:
    """Type a line into the log."""
    line = page.locator("tz-view#command input[data-act=command]")
    line.fill(f"/log {words}")
    line.press("Enter")


def write_elsewhere(room: Room, words: str) -> None:
    """Write a line as another console would, past the one that is served."""
    with contextlib.closing(open_store(room.address, "drill")) as store:
        journal = store.open_journal()
        before = datetime(2026, 1, 1, tzinfo=UTC)  # the journal lifts it to the time of its last event
        entry = Entry(stream="log", event=NoteLogged(text=words, incident_id=None))
        journal.append((entry,), command_id="elsewhere", actor="zhao", world_at=before, recorded_at=before)


def log_of(page: Page) -> str:
    """Open the log drawer and read it."""
    page.locator("tz-view#band-top [data-act=drawer][data-value=log]").click()
    rows = page.locator("tz-view#drawer .logline")
    expect(rows.first).to_be_visible(timeout=LIMIT_MS)
    return "\n".join(rows.all_inner_texts())


def test_a_cut_wire_is_said_and_the_page_comes_back_as_it_was(browser: Browser, room: Room, artefacts: Path) -> None:
    page = opened(browser, room, "dark", "zh")
    rows = page.locator("tz-view#queue [data-act=select-incident]")
    rows.nth(1).click()
    expect(rows.nth(1)).to_have_attribute("aria-pressed", "true", timeout=LIMIT_MS)
    chosen = rows.nth(1).get_attribute("data-id")
    room.wire.cut()
    cut_s = time.monotonic()
    expect(page.locator("#stale")).to_be_visible(timeout=LIMIT_MS)
    assert time.monotonic() - cut_s < 10, "a person must not look at an old picture for long"
    expect(page.locator("#stale")).to_contain_text("陈旧")
    note(page, "pressed while cut off")
    page.screenshot(path=artefacts / "stale-cut-wire-dark-zh.png")
    room.wire.mend()
    expect(page.locator("#stale")).to_be_hidden(timeout=LIMIT_MS)
    expect(page.locator(f"tz-view#queue [data-id='{chosen}']")).to_have_attribute(
        "aria-pressed", "true", timeout=LIMIT_MS
    )
    # What was pressed meanwhile is done, or the seat is told that it may not have been: never silence.
    toast = page.locator("#toast").inner_text()
    recorded = "pressed while cut off" in log_of(page)
    assert recorded or "未" in toast, toast
    page.context.close()


def test_a_dropped_websocket_alone_is_said_though_pages_still_come(
    browser: Browser, room: Room, artefacts: Path
) -> None:
    page = opened(browser, room, "light", "en")
    row = page.locator("tz-view#queue [data-act=select-incident]").nth(2)
    chosen = row.get_attribute("data-id")
    row.click()
    expect(row).to_have_attribute("aria-pressed", "true", timeout=LIMIT_MS)
    room.wire.cut_sockets()
    try:
        note(page, "pressed without a socket")
        expect(page.locator("#stale")).to_be_visible(timeout=LIMIT_MS)
        expect(page.locator("#toast")).to_contain_text(LOST, timeout=LIMIT_MS)
        expect(page.locator("#stale")).to_be_visible(timeout=LIMIT_MS)
        page.screenshot(path=artefacts / "stale-socket-light-en.png")
    finally:
        room.wire.mend()
    is_live(page)
    expect(page.locator(f"tz-view#queue [data-id='{chosen}']")).to_have_attribute(
        "aria-pressed", "true", timeout=LIMIT_MS
    )
    assert "pressed without a socket" not in log_of(page), "what the seat was told is lost is not done afterwards"
    page.context.close()


def test_a_stopped_database_is_said_and_nothing_is_lost(browser: Browser, room: Room, artefacts: Path) -> None:
    page = opened(browser, room, "light", "en")
    if page.evaluate("document.getElementById('frame').dataset.language") != "en":
        page.locator("tz-view#band-top [data-act=language]").click()
    note(page, "before the outage")
    expect(page.locator("tz-view#command input[data-act=command]")).to_have_value("", timeout=LIMIT_MS)
    room.cluster.stop()
    try:
        expect(page.locator("#health")).to_be_visible(timeout=LIMIT_MS)
        expect(page.locator("#health")).to_contain_text("nothing you press is recorded")
        note(page, "during the outage")
        expect(page.locator("#toast")).to_contain_text("nothing you press is recorded", timeout=LIMIT_MS)
        page.screenshot(path=artefacts / "stale-database-light-en.png")
    finally:
        room.cluster.start()
    write_elsewhere(room, "written by another while the console was cut off")
    expect(page.locator("#health")).to_be_hidden(timeout=LIMIT_MS)
    note(page, "after the outage")
    page.wait_for_timeout(1000)
    log = log_of(page)
    assert log.count("before the outage") == 1
    assert log.count("after the outage") == 1
    assert log.count("written by another while the console was cut off") == 1
    assert "during the outage" not in log, "what was refused is not there"
    page.context.close()


def test_an_ended_login_shows_nothing_that_goes_on_looking_fresh(browser: Browser, room: Room, artefacts: Path) -> None:
    room.tongzhou("user", "add", "duty", "--role", "dispatcher", "--password-stdin", typed=PASSWORD + "\n")
    context = browser.new_context(viewport={"width": 1366, "height": 768}, locale="en-GB")
    page = context.new_page()
    page.set_default_timeout(LIMIT_MS)
    page.goto(f"{room.origin}/login")
    page.fill("input[name=name]", "duty")
    page.fill("input[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    is_live(page)
    room.tongzhou("user", "disable", "duty")
    expect(page.get_by_role("link", name="登录 Log in")).to_be_visible(timeout=LIMIT_MS)
    assert page.locator("#queue").count() == 0, "no row of the picture is left on the screen"
    page.screenshot(path=artefacts / "stale-ended-login.png")
    context.close()


def test_a_killed_server_is_said_and_its_successor_taken_up(browser: Browser, room: Room, artefacts: Path) -> None:
    page = opened(browser, room, "dark", "en")
    note(page, "before the kill")
    page.wait_for_timeout(1000)
    room.served.process.kill()
    room.served.process.wait(20)
    expect(page.locator("#stale")).to_be_visible(timeout=LIMIT_MS)
    page.screenshot(path=artefacts / "stale-killed-server.png")
    room.served.stop()
    room.served = room.start()
    expect(page.locator("#stale")).to_be_hidden(timeout=LIMIT_MS)
    is_live(page)
    assert log_of(page).count("before the kill") == 1
    page.context.close()
