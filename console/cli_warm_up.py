"""The ``warm-up`` command: what the first start and the first plan would otherwise wait for."""

from __future__ import annotations

import hashlib
import sys
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from time import perf_counter

from console.cli_words import err, out, said, say
from console.compiling import compile_rooms
from console.paths import cache_folder
from data.array_cache import ArrayCache


def run_warm_up(folder: Path) -> int:
    """Build the region's networks into the cache and compile the solver; at once when both are there already."""
    started = perf_counter()
    stamp = cache_folder() / f"warm-{warm_key(folder)}.txt"
    if is_warm(stamp):
        out().print(say("此前已就绪，无需再做。", "Ready already; there is nothing to do."))
        return 0
    return _warm(folder, stamp, started)


def warm_key(folder: Path) -> str:
    """Return what a warm-up stands on as a hash: the region's files, the program's own, and the compilers'."""
    digest = hashlib.sha256(f"{sys.version} {version('numba')} {folder.resolve()}".encode())
    code = (file for room in ("data", "routing") for file in Path(str(files(room))).rglob("*.py"))
    for file in sorted([*folder.glob("*.*"), *code]):
        facts = file.stat()
        digest.update(f"{file} {facts.st_size} {facts.st_mtime_ns}\0".encode())
    return digest.hexdigest()[:16]


def is_warm(stamp: Path) -> bool:
    """Say whether a warm-up was finished and nothing it left has been cleared away since."""
    try:
        kept = stamp.read_text(encoding="utf-8").splitlines()
    except OSError:
        return False
    return bool(kept) and all(Path(name).is_file() for name in kept)


def _compiled() -> list[Path]:
    return sorted(Path(str(files("routing"))).rglob("__pycache__/*.nbi"))


def _warm(folder: Path, stamp: Path, started: float) -> int:
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    from data.region_reader import read_region

    region = read_region(folder)
    to = err()
    columns = SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn()
    with Progress(*columns, console=to, transient=True, disable=not to.is_terminal) as bar:
        task = bar.add_task(say("载入程序", "Loading the program"), total=3.0)
        from routing.deploy.lane_book import LaneBook
        from routing.network.network import Network

        bar.update(task, description=say("建立海陆空路网", "Building the networks"))
        cache = ArrayCache(cache_folder())
        network = Network.build(region, cache, lambda stage, share: bar.update(task, completed=share))
        bar.update(task, completed=1.0, description=say("计算码头之间的航路", "Working out the lanes between piers"))
        LaneBook.build(network, cache)
        bar.update(task, completed=2.0, description=say("编译求解器", "Compiling the solvers"))
        compile_rooms(lambda share: bar.update(task, completed=2.0 + share))
    took = perf_counter() - started
    out().print(
        say(f"{said(region.name)}已就绪（{took:.1f} 秒）", f"{said(region.name)} is ready ({took:.1f} s)"), markup=False
    )
    try:
        kept = [*sorted(cache.folder.glob("*.npz")), *_compiled()]
        stamp.write_text("\n".join(map(str, kept)), encoding="utf-8")
    except OSError:
        err().print(
            say(
                f"缓存文件夹 {cache.folder} 无法写入，下次启动仍需重建。请用 TONGZHOU_CACHE 另指一处。",
                f"Nothing could be kept in {cache.folder}, so the next start builds it again. "
                "Name a folder you may write in TONGZHOU_CACHE.",
            ),
            markup=False,
        )
    return 0
