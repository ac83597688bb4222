"""The login page in a real browser: keys alone, both themes, nothing from anywhere else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from console.auth.passwords import hash_password
from tests.browser.conftest import CHROMIUM_FLAGS
from tests.console.door_server import Door, served_door

pytestmark = pytest.mark.browser
PASSWORD = "seven boats at dawn"


@pytest.fixture(scope="module")
def browser(chromium_path: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path, args=CHROMIUM_FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def door() -> Iterator[Door]:
    with served_door(None, links=False) as served:
        served.logins.accounts.people.add("wang", "dispatcher", hash_password(PASSWORD), by="test", at_s=1.0)
        yield served


@pytest.mark.parametrize(("width", "height", "theme"), [(1366, 768, "dark"), (1920, 1080, "light")])
def test_somebody_logs_in_by_keys_alone(
    door: Door, browser: Browser, artefacts: Path, width: int, height: int, theme: str
) -> None:
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if theme == "dark" else "light",
    )
    page = context.new_page()
    hosts: set[str] = set()
    page.on("request", lambda request: hosts.add(request.url.split("/")[2]))
    page.goto(door.origin + "/")
    page.wait_for_url("**/login")
    page.screenshot(path=artefacts / f"login-{width}-{theme}.png")
    assert page.evaluate("document.documentElement.scrollHeight <= innerHeight"), "nothing to scroll for"
    page.keyboard.type("wang")
    page.keyboard.press("Tab")
    page.keyboard.type("not the password")
    page.keyboard.press("Enter")
    page.wait_for_selector("[role=alert]")
    assert page.evaluate("document.activeElement.id") == "password", "the name is kept, the password asked for again"
    assert page.input_value("#password") == ""
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(door.origin + "/")
    assert page.evaluate("document.cookie") == ""
    assert hosts == {f"127.0.0.1:{door.port}"}
    context.close()
