"""Time the served console: start, pages in a browser, plan and order, memory, eight seats; print with targets."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psutil
from playwright.sync_api import Browser, Page, sync_playwright
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from console.bridge import CHANNEL

SEATS = 8
WATCHED_S = 20.0
ACTS = 40
BROWSER_PAGES = 4
PATIENCE_MS = 30_000
ROWS = "document.getElementById('queue').shadowRoot.querySelectorAll('[data-act=select-incident]')"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
CHROMIUM_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"]
REGION = Path(__file__).parents[2] / "data" / "zhoushan"
SERVE = (
    "import sys; from pathlib import Path; from console.server import serve;"
    "serve(Path(sys.argv[1]), Path(sys.argv[2]), port=int(sys.argv[3]))"
)


@dataclass
class Row:
    """One figure beside its target."""

    name: str
    value: float
    unit: str
    target: float

    def __str__(self) -> str:
        verdict = "ok" if self.value <= self.target else "OVER"
        return f"{self.name:<44} {self.value:>9.2f} {self.unit:<10} target {self.target:g} {self.unit:<10} {verdict}"


@dataclass
class RawSeat:
    """A seat without a browser: the page by GET, the rest over its websocket."""

    socket: ClientConnection
    heard: list[str] = field(default_factory=list)

    async def listen(self) -> None:
        """Keep every text frame."""
        with contextlib.suppress(ConnectionClosed):
            async for frame in self.socket:
                if isinstance(frame, str):
                    self.heard.append(frame)

    async def act(self, message: dict[str, object]) -> float:
        """Send an act as the page's script does; returns the seconds until a region changed."""
        data = {"type": "map", "entries": [[name, value] for name, value in message.items()]}
        patch = {"events": [{"kind": "MessageSent", "msg_type": CHANNEL, "msg_data": data}]}
        header = {"msgid": uuid.uuid4().hex, "msgtype": "PATCH-DOC"}
        before = len(self.heard)
        started_s = time.perf_counter()
        for part in (json.dumps(header), "{}", json.dumps(patch)):
            await self.socket.send(part)
        while time.perf_counter() - started_s < 5:
            if any('"views"' in frame for frame in self.heard[before:]):
                return time.perf_counter() - started_s
            await asyncio.sleep(0.001)
        return 5.0


async def open_seat(link: str) -> tuple[RawSeat, float]:
    """Log in and open a page; returns the seat and the seconds its page took."""
    address = link.partition("/enter")[0]
    async with httpx.AsyncClient(timeout=60) as client:
        await client.get(link)
        started_s = time.perf_counter()
        page = (await client.get(address)).text
        took_s = time.perf_counter() - started_s
        cookie = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
    token = re.search(r'"token":"([^"]+)"', page)
    assert token
    opened = await connect(
        address.replace("http", "ws") + "/ws",
        additional_headers=[("Cookie", cookie), ("Origin", address)],
        subprotocols=["bokeh", token[1]],  # type: ignore[list-item]
        compression=None,
        max_size=None,
    )
    return RawSeat(opened), took_s


def start_server(folder: Path) -> tuple[psutil.Process, list[str], float]:
    """Start a server on the store; returns it, its lines and the seconds until it served."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = folder / "lines"
    started_s = time.perf_counter()
    with log.open("w") as out:
        started = subprocess.Popen([sys.executable, "-u", "-c", SERVE, str(folder), str(REGION), str(port)], stdout=out)
    while "enter?key" not in log.read_text():
        if started.poll() is not None:
            raise SystemExit("the server did not start")
        time.sleep(0.02)
    return psutil.Process(started.pid), [str(log)], time.perf_counter() - started_s


def last_link(log: str) -> str:
    """Return the newest login link the server has printed."""
    return re.findall(r"http://\S+/enter\?key=\S+", Path(log).read_text())[-1]


# Notes when the queue is there, when the map's canvas has its ground, and when a region holds what is waited for.
WATCH = """
const seen = window.seen = {};
const canvasOf = (root) => {
  for (const one of root.querySelectorAll('*')) {
    if (one.tagName === 'CANVAS' && one.width > 300) return one;
    const found = one.shadowRoot && canvasOf(one.shadowRoot);
    if (found) return found;
  }
  return null;
};
const inView = (id, selector) => {
  const view = document.getElementById(id);
  return view && view.shadowRoot && view.shadowRoot.querySelector(selector);
};
window.waitFor = (name, id, selector) => {
  const look = () => { if (inView(id, selector)) seen[name] = performance.now(); else requestAnimationFrame(look); };
  look();
};
const paint = () => {
  const map = document.getElementById('map'), canvas = map && canvasOf(map);
  const painted = canvas && canvas.getContext('2d').getImageData(canvas.width >> 1, canvas.height >> 1, 1, 1).data[3];
  if (painted) seen.map = performance.now(); else requestAnimationFrame(paint);
};
paint();
window.waitFor('queue', 'queue', '[data-act=select-incident]');
"""


def open_page(browser: Browser, link: str) -> tuple[Page, float, float]:
    """Log in with a browser that has nothing cached; returns the page, and seconds from navigation to queue and map."""
    page = browser.new_context(viewport={"width": 1920, "height": 1080}).new_page()
    page.add_init_script(WATCH)
    page.goto(link)
    page.goto(link.partition("/enter")[0] + "/")
    page.wait_for_function("window.seen.queue && window.seen.map", timeout=PATIENCE_MS)
    return page, page.evaluate("seen.queue") / 1000, page.evaluate("seen.map") / 1000


def key_to_region_s(page: Page, key: str, name: str, region: str, selector: str) -> float:
    """Press a key and return the seconds until a region shows what it should."""
    page.evaluate(
        "([name, id, selector]) => { window.began = performance.now(); window.waitFor(name, id, selector); }",
        [name, region, selector],
    )
    page.keyboard.press(key)
    page.wait_for_function(f"window.seen[{name!r}]", timeout=PATIENCE_MS)
    return float(page.evaluate(f"seen[{name!r}] - began")) / 1000


def plan_and_accept_s(page: Page) -> tuple[list[float], list[float]]:
    """Plan every incident of the queue by keys and accept; returns the seconds to each first card and to its orders."""
    cards, orders = [], []
    for number in range(page.evaluate(f"{ROWS}.length")):
        page.evaluate(f"number => {ROWS}[number].click()", number)
        page.wait_for_timeout(1500)
        cards.append(key_to_region_s(page, "p", f"card{number}", "plan", "[data-act=accept]"))
        page.wait_for_timeout(4000)
        orders.append(key_to_region_s(page, "Enter", f"order{number}", "plan", "[data-act=undo]"))
        page.wait_for_timeout(1000)
    return cards, orders


def measure_browser(log: str) -> list[Row]:
    """Open pages in a real browser, plan and accept; no rows where there is no browser."""
    if CHROMIUM is None:
        print("  no Chromium: figures of the painted page are left out")
        return []
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_FLAGS)
        try:
            queues, maps = [], []
            for _ in range(BROWSER_PAGES):
                page, queue_s, map_s = open_page(browser, last_link(log))
                queues.append(queue_s)
                maps.append(map_s)
                time.sleep(5)
                if len(queues) < BROWSER_PAGES:
                    page.context.close()
            cards, orders = plan_and_accept_s(page)
        finally:
            browser.close()
    return [
        Row("first page, queue visible", queues[0], "s", 2.5),
        Row("first page, map painted", maps[0], "s", 2.5),
        Row("later pages, queue visible, median", statistics.median(queues[1:]), "s", 2.5),
        Row("later pages, map painted, median", statistics.median(maps[1:]), "s", 2.5),
        Row("key P to first plan card, median", statistics.median(cards), "s", 1),
        Row("key P to first plan card, slowest", max(cards), "s", 1),
        Row("accept to orders on the card, median", statistics.median(orders), "s", 0.5),
    ]


def busy_s(server: psutil.Process) -> float:
    """Return the processor time of the server itself, its solver not counted."""
    times = server.cpu_times()
    return float(times.user + times.system)


async def measure(server: psutil.Process, log: str) -> list[Row]:
    """Open seats one after another and watch what they cost."""
    seats: list[RawSeat] = []
    pages_s: list[float] = []
    built_s: list[float] = []
    rows: list[Row] = []
    for number in range(SEATS):
        before_s = busy_s(server)
        seat, took_s = await open_seat(last_link(log))
        built_s.append(busy_s(server) - before_s)
        seats.append(seat)
        pages_s.append(took_s)
        asyncio.get_running_loop().create_task(seat.listen())
        await seat.act({"act": "ready"})
        await asyncio.sleep(5.0)  # the next map is built ahead meanwhile
        if number == 0:
            own, child = server.memory_info().rss / 1e6, sum(one.memory_info().rss for one in server.children()) / 1e6
            rows += [
                Row("memory with one seat, server", own, "MB", 500),
                Row("memory with one seat, solver", child, "MB", 500),
                Row("memory with one seat, together", own + child, "MB", 1000),
            ]
    rows.append(Row("first page, built and sent", pages_s[0], "s", 2.5))
    rows.append(Row("later pages, built and sent, median", statistics.median(pages_s[1:]), "s", 0.3))
    rows.append(Row("a page's processor time, median", statistics.median(built_s[1:]), "s", 0.3))
    before_s = busy_s(server)
    await asyncio.sleep(WATCHED_S)
    rows.append(
        Row(f"{SEATS} seats watching a quiet drill", 100 * (busy_s(server) - before_s) / WATCHED_S, "% core", 10)
    )
    rows.append(Row(f"memory with {SEATS} seats, server", server.memory_info().rss / 1e6, "MB", 800))
    took = [await seats[0].act({"act": "drawer", "value": ("help", "log")[n % 2]}) for n in range(ACTS)]
    rows.append(Row("an act to its region, median", 1000 * statistics.median(took), "ms", 100))
    rows.append(Row("an act to its region, p95", 1000 * sorted(took)[int(0.95 * ACTS)], "ms", 200))
    stopping_s = time.perf_counter()
    server.terminate()
    await asyncio.to_thread(server.wait, 20)
    rows.append(Row("clean stop with open seats", time.perf_counter() - stopping_s, "s", 2))
    return rows


def main() -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        server, (log,), _ = start_server(folder)
        server.terminate()
        server.wait(60)
        server, (log,), again_s = start_server(folder)
        rows = [Row("serving again (network cached)", again_s, "s", 6)]
        try:
            rows += measure_browser(log)
            rows += asyncio.run(measure(server, log))
        finally:
            if server.is_running():
                server.kill()
    print("console")
    for row in rows:
        print("  " + str(row))


if __name__ == "__main__":
    main()
