"""A page that hears nothing says so, and comes back by itself; it never asks any other host."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from tests.console.test_server import LINK, REGION, wait_for_links

SERVE = (
    "import sys; from pathlib import Path; from console.server import serve;"
    "serve(Path(sys.argv[1]), Path(sys.argv[2]), port=int(sys.argv[3]))"
)
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
FLAGS += ["--disable-component-update", "--disable-sync"]
LONG_MS = 60_000


def start(store: Path, lines: Path, port: int) -> subprocess.Popen[bytes]:
    with lines.open("w") as out:
        command = [sys.executable, "-c", SERVE, str(store), str(REGION), str(port)]
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT)
    wait_for_links(process, lines, 1)
    return process


def state(page: Page) -> str:
    return str(page.evaluate("() => document.documentElement.dataset.theme"))


@pytest.mark.browser
def test_a_stale_screen_says_so_and_comes_back(chromium_path: str, tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    lines = tmp_path / "lines"
    process = start(tmp_path / "store", lines, port)
    hosts: set[str] = set()
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium_path, args=FLAGS)
            page = browser.new_page(viewport={"width": 1366, "height": 768})
            page.set_default_timeout(LONG_MS)
            page.on("request", lambda request: hosts.add(re.sub(r"^(blob:)?(\w+://[^/]*).*", r"\2", request.url)))
            page.goto(f"http://127.0.0.1:{port}/nothing")
            page.goto(LINK.findall(lines.read_text())[0])
            band = page.locator("#stale")
            page.wait_for_function("() => window.Bokeh && document.querySelector('#map canvas, #map div')")
            page.locator("tz-view#units").get_by_role("searchbox").or_(page.locator("tz-view#units input")).first.fill(
                "patrol"
            )
            expect(band).to_be_hidden()

            os.kill(process.pid, signal.SIGSTOP)
            expect(band).to_be_visible(timeout=LONG_MS)
            assert re.search(r"STALE|陈旧", band.inner_text())
            os.kill(process.pid, signal.SIGCONT)
            expect(band).to_be_hidden(timeout=LONG_MS)

            page.locator("#map").click(position={"x": 300, "y": 200})
            page.keyboard.press("t")
            page.wait_for_function("() => document.documentElement.dataset.theme === 'light'")
            process.terminate()
            assert process.wait(20) == 0
            expect(band).to_be_visible(timeout=LONG_MS)
            process = start(tmp_path / "store", lines, port)
            expect(band).to_be_hidden(timeout=LONG_MS)
            page.wait_for_function("() => window.tongzhou && document.getElementById('stale').hidden")
            assert state(page) == "light", "the seat finds what it looked at"
            browser.close()
    finally:
        process.terminate()
        process.wait(20)
    assert hosts == {f"http://127.0.0.1:{port}"}
