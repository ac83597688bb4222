"""Compile the solvers of every room, in as many processes as there are cores, so that no first answer waits for it."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, as_completed
from importlib import import_module

# Each module's ``warm_up`` compiles what is not on the disk yet; those that take longest begin first.
ROOMS = (
    "routing.deploy.columns.engine",
    "routing.deploy.search",
    "routing.evacuate.solve",
    "routing.hold.search",
    "routing.isolate.kernels",
)


def compile_rooms(on_share: Callable[[float], None]) -> None:
    """Compile what all rooms need; ``on_share`` hears the share of rooms that are done, 0 to 1.

    The compiler itself lets only one thread of a process work, so each room has a process. Raises what a room raised.
    """
    workers = min(len(ROOMS), os.cpu_count() or 1)
    with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn")) as pool:
        running = [pool.submit(warm_room, room) for room in ROOMS]
        for done, one in enumerate(as_completed(running), start=1):
            one.result()
            on_share(done / len(ROOMS))


def warm_room(room: str) -> None:
    """Compile what one room needs."""
    import_module(room).warm_up()
