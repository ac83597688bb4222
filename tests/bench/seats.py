"""What a seat costs in server memory, and whether it gives it back: 200 seats opened and closed, quiet and busy."""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
from dataclasses import dataclass
from pathlib import Path

import psutil

from tests.bench.console import RawSeat, Row, last_link, open_seat, start_server

SEATS, AT_ONCE, LIMIT_MB = 200, 10, 10.0
SETTLED_S = 35.0  # sessions that have ended are looked for every 30 s
DRAWERS = ("help", "log", "scenarios", "")


@dataclass
class OpenSeat:
    """A seat and the task that listens to what it is sent."""

    seat: RawSeat
    listening: asyncio.Task[None]


async def open_busy(log: str, acts: int) -> OpenSeat:
    """Open a seat and press so many keys at it."""
    seat, _ = await open_seat(last_link(log))
    opened = OpenSeat(seat, asyncio.get_running_loop().create_task(seat.listen()))
    await seat.act({"act": "ready"})
    for number in range(acts):
        await seat.act({"act": "drawer", "value": DRAWERS[number % len(DRAWERS)]})
        seat.heard.clear()
    return opened


async def leave(seats: list[OpenSeat]) -> None:
    """Close the seats as a browser does that goes away."""
    for opened in seats:
        await opened.seat.socket.close(1001)
        with contextlib.suppress(asyncio.CancelledError):
            await opened.listening
    seats.clear()


async def measure(server: psutil.Process, log: str, acts: int) -> list[Row]:
    """Open and close the seats in groups; return the memory of one, and what is left over of each."""

    def rss_mb() -> float:
        return float(server.memory_info().rss) / 1e6

    kind = "busy" if acts else "quiet"
    await leave([await open_busy(log, acts) for _ in range(AT_ONCE)])
    await asyncio.sleep(SETTLED_S)
    begun_mb = rss_mb()
    print(f"  {kind}: {begun_mb:.0f} MB after the first {AT_ONCE} seats have left", flush=True)
    held_mb: list[float] = []
    left_mb: list[float] = [begun_mb]
    for number in range(SEATS // AT_ONCE):
        before_mb = rss_mb()
        seats = [await open_busy(log, acts) for _ in range(AT_ONCE)]
        held_mb.append((rss_mb() - before_mb) / AT_ONCE)
        await leave(seats)
        if number % 5 == 4:
            await asyncio.sleep(SETTLED_S)
            left_mb.append(rss_mb())
            print(f"  {kind}: {left_mb[-1]:.0f} MB after {(number + 1) * AT_ONCE} seats", flush=True)
    grown = (left_mb[-1] - left_mb[0]) / SEATS
    return [
        Row(f"{kind} seat, server memory while open, most", max(held_mb), "MB", LIMIT_MB),
        Row(f"{kind} seat, memory not given back, of {SEATS}", grown, "MB", 0.1 * LIMIT_MB),
        Row(f"{kind}, last 50 seats: growth each", (left_mb[-1] - left_mb[-2]) / 50, "MB", 0.1 * LIMIT_MB),
    ]


def main() -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as name:
        server, (log,), _ = start_server(Path(name))
        try:
            rows = [row for acts in (0, 20) for row in asyncio.run(measure(server, log, acts))]
        finally:
            server.terminate()
            server.wait(30)
    print("seats")
    for row in rows:
        print("  " + str(row))


if __name__ == "__main__":
    main()
