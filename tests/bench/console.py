"""Time the served console: start, page, memory, eight seats, an act's way to the screen; print figures and targets."""

from __future__ import annotations

import asyncio
import json
import re
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
from websockets.asyncio.client import ClientConnection, connect

SEATS = 8
WATCHED_S = 20.0
ACTS = 40
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
    bridge_id: str
    heard: list[str] = field(default_factory=list)

    async def listen(self) -> None:
        """Keep every text frame."""
        async for frame in self.socket:
            if isinstance(frame, str):
                self.heard.append(frame)

    async def act(self, message: dict[str, object]) -> float:
        """Send an act as the page's script does; returns the seconds until a region changed."""
        event = {
            "type": "event",
            "name": "data_event",
            "values": {"type": "map", "entries": [["model", {"id": self.bridge_id}], ["data", message]]},
        }
        patch = {"events": [{"kind": "MessageSent", "msg_type": "bokeh_event", "msg_data": event}]}
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
    bridge = re.search(r'id="bridge"[^>]*><div [^>]*data-root-id="([^"]+)"', page)
    assert token
    opened = await connect(
        address.replace("http", "ws") + "/ws",
        additional_headers=[("Cookie", cookie), ("Origin", address)],
        subprotocols=["bokeh", token[1]],  # type: ignore[list-item]
        compression=None,
        max_size=None,
    )
    return RawSeat(opened, bridge[1] if bridge else ""), took_s


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


async def measure(server: psutil.Process, log: str) -> list[Row]:
    """Open seats one after another and watch what they cost."""
    seats: list[RawSeat] = []
    pages_s: list[float] = []
    rows: list[Row] = []
    for number in range(SEATS):
        seat, took_s = await open_seat(last_link(log))
        seats.append(seat)
        pages_s.append(took_s)
        asyncio.get_running_loop().create_task(seat.listen())
        await asyncio.sleep(1.0)
        if number == 0:
            rows.append(Row("memory with one seat", server.memory_info().rss / 1e6, "MB", 500))
    rows.append(Row("first page, built and sent", pages_s[0], "s", 2.5))
    rows.append(Row("later pages, median", statistics.median(pages_s[1:]), "s", 0.3))
    before = server.cpu_times()
    await asyncio.sleep(WATCHED_S)
    after = server.cpu_times()
    busy = (after.user + after.system - before.user - before.system) / WATCHED_S
    rows.append(Row(f"{SEATS} seats watching a quiet drill", 100 * busy, "% of a core", 10))
    rows.append(Row(f"memory with {SEATS} seats", server.memory_info().rss / 1e6, "MB", 800))
    if seats[0].bridge_id:
        took = [await seats[0].act({"act": "drawer", "value": "help"}) for _ in range(ACTS)]
        rows.append(Row("an act to its region, p95", 1000 * sorted(took)[int(0.95 * ACTS)], "ms", 200))
    for seat in seats:
        await seat.socket.close()
    return rows


def main() -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        server, (log,), _ = start_server(folder)
        server.terminate()
        server.wait(10)
        server, (log,), again_s = start_server(folder)
        rows = [Row("serving again (network cached)", again_s, "s", 6)]
        try:
            rows += asyncio.run(measure(server, log))
        finally:
            stopping_s = time.perf_counter()
            server.terminate()
            server.wait(20)
        rows.append(Row("clean stop with open seats", time.perf_counter() - stopping_s, "s", 2))
    print("console")
    for row in rows:
        print("  " + str(row))


if __name__ == "__main__":
    main()
