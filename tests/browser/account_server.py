"""A console with accounts, and the seats that log in to it.

Run as a program it does as ``tongzhou``, but SIGUSR2 makes its idle limit a few seconds, and the usual one again.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, expect
from typer.testing import CliRunner

from console.cli import app
from console.cli import main as tongzhou_main
from console.door import logins

ROOT = Path(__file__).parents[2]
PASSWORD = "a long word for the test seat"
LIMIT_MS = 60_000
SHORT_IDLE_LIMIT_S = 15.0
LANGUAGES = {"zh": "zh-CN", "en": "en-GB"}


def tongzhou(home: Path, *words: str, typed: str = "") -> None:
    """Run one command line to its end."""
    subprocess.run(
        [sys.executable, "-m", "console.cli", *words],
        input=typed,
        text=True,
        check=True,
        cwd=ROOT,
        capture_output=True,
        env={**os.environ, "TONGZHOU_HOME": str(home)},
    )


def add_accounts(home: Path, store: str, roles: Iterable[tuple[str, str]]) -> None:
    """Add accounts by name and role, all with the same password, by the command line within this process."""
    for name, role in roles:
        words = ["user", "add", name, "--role", role, "--password-stdin", "--store", store]
        done = CliRunner().invoke(app, words, input=PASSWORD + "\n", env={"TONGZHOU_HOME": str(home)})
        assert done.exit_code == 0, done.output


@dataclass
class Seats:
    """The browsers that log in at one origin; every one of them is a context of its own."""

    browser: Browser
    origin: str
    contexts: list[BrowserContext] = field(default_factory=list)
    standing: dict[str, Page] = field(default_factory=dict)

    def browse(self, language: str = "en", theme: str = "dark", width: int = 1366, height: int = 768) -> Page:
        """Return an empty page of a browser nobody has logged in by."""
        context = self.browser.new_context(
            viewport={"width": width, "height": height},
            locale=LANGUAGES[language],
            color_scheme="light" if theme == "light" else "dark",
            ignore_https_errors=True,
        )
        self.contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(LIMIT_MS)
        return page

    def type_login(self, page: Page, name: str, password: str = PASSWORD) -> None:
        """Fill the login form in and send it."""
        if not page.url.startswith(f"{self.origin}/login"):
            page.goto(f"{self.origin}/login")
        page.fill("input[name=name]", name)
        page.fill("input[name=password]", password)
        page.keyboard.press("Enter")

    def log_in(self, name: str, language: str = "en") -> Page:
        """Return the live console of a seat that has just logged in."""
        page = self.browse(language)
        self.type_login(page, name)
        is_live(page)
        return page

    def of(self, name: str) -> Page:
        """Return the console of a seat that stays logged in for all tests, with its drawer shut."""
        if name not in self.standing or shows_nothing(self.standing[name]):
            self.standing[name] = self.log_in(name)
        page = self.standing[name]
        page.keyboard.press("Escape")
        return page

    def close(self) -> None:
        """Close every browser."""
        for context in self.contexts:
            context.close()
        self.contexts.clear()
        self.standing.clear()


def is_live(page: Page) -> None:
    """Wait until the console is painted and its socket is open: Bokeh has the document only then."""
    expect(page.locator("tz-view#queue [data-act=select-incident]").first).to_be_visible(timeout=LIMIT_MS)
    expect(page.locator("#map canvas").first).to_be_visible(timeout=LIMIT_MS)
    page.wait_for_function("() => window.Bokeh && Bokeh.documents.length > 0")
    expect(page.locator("#stale")).to_be_hidden(timeout=LIMIT_MS)


def say(page: Page, line: str) -> None:
    """Type one command line and send it."""
    field_ = page.locator("tz-view#command input[data-act=command]")
    field_.fill(line)
    field_.press("Enter")


def open_drawer(page: Page, name: str) -> None:
    """Open a drawer by its button in the top band."""
    page.locator(f"tz-view#band-top [data-act=drawer][data-value={name}]").click()


def shows_nothing(page: Page) -> bool:
    """Tell whether not a row of the picture is on the screen."""
    return page.locator("#queue, #map, #units").count() == 0


def main() -> None:
    """Do as ``tongzhou`` does, with an idle limit that can be made short."""
    limits = cycle((SHORT_IDLE_LIMIT_S, logins.IDLE_LIMIT_S))

    def change_limit(*_: object) -> None:
        logins.IDLE_LIMIT_S = next(limits)

    signal.signal(signal.SIGUSR2, change_limit)
    tongzhou_main()


if __name__ == "__main__":
    main()
