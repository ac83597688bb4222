"""A served console and a real Chromium with mouse and keyboard."""

from __future__ import annotations

import os
import queue
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SERVING_LIMIT_S = 90


@dataclass
class Served:
    """One running `tongzhou serve`: its address, its lines, and the links it printed."""

    process: subprocess.Popen[str]
    address: str
    links: queue.Queue[str]
    reader: threading.Thread = field(init=False)
    lines: list[str] = field(default_factory=list)

    def link(self) -> str:
        """Return an unused login link, waiting for the next one to be printed."""
        return self.links.get(timeout=SERVING_LIMIT_S)

    def stop(self) -> int:
        """End the server as Ctrl-C would and return its exit code."""
        self.process.terminate()
        code = self.process.wait(timeout=20)
        self.reader.join(timeout=5)
        if self.process.stdout:
            self.process.stdout.close()
        return code


def free_port() -> int:
    """Return a loopback port that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def serve(folder: Path, *words: str, port: int | None = None, program: Sequence[str] = ("-m", "console.cli")) -> Served:
    """Start `tongzhou serve` with its stores in ``folder`` and wait until it prints a login link.

    ``program`` is what Python runs: the command line, or a script that changes something about it before.
    """
    port = port or free_port()
    environment = {**os.environ, "TONGZHOU_HOME": str(folder), "PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(
        [sys.executable, *program, "serve", "--port", str(port), *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=environment,
    )
    served = Served(process, f"http://127.0.0.1:{port}", queue.Queue())

    def listen() -> None:
        assert process.stdout
        for line in process.stdout:
            served.lines.append(line.rstrip())
            if found := re.search(r"http://\S+/enter\?key=\S+", line):
                served.links.put(found[0])

    served.reader = threading.Thread(target=listen, daemon=True)
    served.reader.start()
    deadline = time.monotonic() + SERVING_LIMIT_S
    while served.links.empty():
        if process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            raise AssertionError("the server did not come up:\n" + "\n".join(served.lines))
        time.sleep(0.05)
    return served


@pytest.fixture(scope="module")
def browser(chromium_path: str) -> Iterator[Browser]:
    """One headless Chromium a module: while Playwright runs, its loop keeps other tests from running theirs."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path, args=CHROMIUM_FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def open_console(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Return a function that logs in and opens the console; every request's host is kept in ``page.hosts``."""
    contexts = []

    def opener(served: Served, width: int = 1920, height: int = 1080) -> Page:
        context = browser.new_context(viewport={"width": width, "height": height})
        contexts.append(context)
        page = context.new_page()
        seen: Any = page
        seen.hosts = set()
        seen.errors = []
        page.on("request", lambda request: seen.hosts.update(re.findall(r"^(?:http|ws)s?://[^/]+", request.url)))
        page.on("pageerror", lambda error: seen.errors.append(str(error)))
        page.goto(served.link())
        return page

    yield opener
    for context in contexts:
        context.close()
