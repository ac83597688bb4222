"""Commands about plans: make one for a scenario, and check a plan file."""

from __future__ import annotations

import signal
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from functools import partial
from pathlib import Path
from time import perf_counter
from types import FrameType
from typing import TYPE_CHECKING, Self, TypeVar, cast

import msgspec

from console.cli_alternatives import alternatives_file, print_alternatives
from console.cli_options import ALL_ALTERNATIVES
from console.cli_situation import check_writable
from console.cli_tables import print_faults, print_plan
from console.cli_words import err, out, said, say
from console.paths import cache_folder
from data.array_cache import ArrayCache
from data.errors import TongzhouError
from data.geography import Region
from data.plans import Alternative, Plan, read_plan

if TYPE_CHECKING:
    from routing.deploy.problem import Progress, SolveOptions
    from routing.network.network import Network

INTERRUPTED = 130
Found = TypeVar("Found")


class PlanFileError(ValueError, TongzhouError):
    """A plan file that cannot be read, with what is wrong and where."""


def run_deploy(
    folder: Path,
    name: str,
    seconds: float | None,
    seed: int | None,
    iterations: int | None,
    alternative: str,
    json_file: Path | None,
) -> int:
    """Plan a scenario and print the plan, or all alternatives ("all"); 1 when nobody can come at all."""
    from data.region_reader import read_region
    from data.roster import read_forces
    from data.scenario import find_scenario, read_scenario
    from routing.deploy.deployment import Planner
    from routing.deploy.problem import SolveOptions
    from routing.deploy.prover import PROVER

    if json_file is not None and str(json_file) != "-":
        check_writable(json_file)
    if iterations is None:
        PROVER.start()  # it warms up while the region is read
    region = read_region(folder)
    scenario = read_scenario(find_scenario(name), region, read_forces(folder, region))
    network = _network(region)
    given = scenario.options
    options = SolveOptions(
        seconds=seconds if seconds is not None else given.seconds,
        seed=seed if seed is not None else given.seed,
        iterations=iterations,
    )
    planner = Planner(region, network, ArrayCache(cache_folder()))
    situation = scenario.situation()
    title = said(scenario.title)
    if alternative == ALL_ALTERNATIVES:
        plans, interrupted = _with_progress(
            options, lambda heard, stopped: planner.all_plans(situation, options, heard, stopped)
        )
        _hand_over(alternatives_file(plans), json_file, partial(print_alternatives, plans, title, name))
        found = list(plans.values())
    else:
        plan, interrupted = _with_progress(
            options,
            lambda heard, stopped: planner.best_plan(
                situation, cast(Alternative, alternative), options, on_progress=heard, cancelled=stopped
            ),
        )
        _hand_over(plan, json_file, partial(print_plan, plan, region, title))
        found = [plan]
    if interrupted:
        err().print(say("以上是中断前找到的最好方案。", "The plan above is the best found until then."))
        return INTERRUPTED
    return 1 if all(plan.status == "infeasible" for plan in found) else 0


def _hand_over(document: msgspec.Struct, json_file: Path | None, show: Callable[[], None]) -> None:
    """Print what was found, and write it to a file where one is named; to standard output for "-"."""
    if json_file is not None and str(json_file) == "-":
        out().print(_pretty(document), markup=False, soft_wrap=True)
        return
    show()
    if json_file is not None:
        json_file.write_text(_pretty(document) + "\n", encoding="utf-8")
        err().print(say(f"方案已写入 {json_file}", f"The plan is in {json_file}"), markup=False)


def run_check(folder: Path, file: Path) -> int:
    """Check a plan file against its own situation; 1 when it has faults."""
    from data.region_reader import read_region
    from routing.check import check_plan

    plan = read_plan_file(file)
    situation = plan.situation
    if situation is None:
        raise PlanFileError(
            say(
                f"{file} 未附态势（situation），无法核查。请用 --json 重新导出。",
                f"{file} has no 'situation', so it cannot be checked. Export it again with --json.",
            )
        )
    region = read_region(folder)
    if situation.region_id != region.id:
        raise PlanFileError(
            say(
                f"{file} 属于区域“{situation.region_id}”，而不是“{region.id}”。请用 --region 指明其文件夹。",
                f"{file} is of the region '{situation.region_id}', not '{region.id}'. Name its folder with --region.",
            )
        )
    network = _network(region)
    started = perf_counter()
    faults = check_plan(plan, situation, region, network)
    print_faults(plan, faults, perf_counter() - started)
    return 1 if faults else 0


def read_plan_file(file: Path) -> Plan:
    """Read a plan file; raises PlanFileError naming the field, or the place where the JSON breaks off."""
    document = file.read_bytes()
    try:
        return read_plan(document)
    except msgspec.ValidationError as error:
        raise PlanFileError(
            say(
                f"{file} 不是有效的方案：{error}。格式见 docs/plan.schema.json。",
                f"{file} is not a plan: {error}. docs/plan.schema.json describes the format.",
            )
        ) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise PlanFileError(
            say(
                f"{file} 不是完整的 JSON：{error}。请重新导出。",
                f"{file} is not whole JSON: {error}. Export it again.",
            )
        ) from None


def _pretty(document: msgspec.Struct) -> str:
    return msgspec.json.format(msgspec.json.encode(document, order="deterministic"), indent=2).decode()


def _network(region: Region) -> Network:
    """Return the network from the cache, or built under a bar where somebody watches."""
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn

    from routing.network.network import Network

    to = err()
    columns = SpinnerColumn(), TextColumn("{task.description}"), BarColumn()
    with Progress(*columns, console=to, transient=True, disable=not to.is_terminal) as bar:
        task = bar.add_task(say("载入海陆空路网", "Loading the networks"), total=1.0)
        return Network.build(region, ArrayCache(cache_folder()), lambda stage, share: bar.update(task, completed=share))


def _with_progress(
    options: SolveOptions, work: Callable[[Callable[[Progress], None], Callable[[], bool]], Found]
) -> tuple[Found, bool]:
    """Run the solve under a bar of its time with the best plan and its gap; say whether Ctrl-C ended it."""
    from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bar

    to = err()
    columns = TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn()
    with _Interrupt() as interrupt, Bar(*columns, console=to, transient=True, disable=not to.is_terminal) as bar:
        task = bar.add_task(say("制定方案", "Planning"), total=options.seconds)

        def heard(progress: Progress) -> None:
            words = say(
                f"方案 {progress.objective:,} 分，差距至多 {progress.gap:.1%}",
                f"plan {progress.objective:,} points, gap at most {progress.gap:.1%}",
            )
            bar.update(task, completed=min(progress.plan_at_s, options.seconds), description=words)

        # The main thread hears Ctrl-C only while it runs Python, so the solve has a thread of its own.
        with ThreadPoolExecutor(1, "solve") as pool:
            found = pool.submit(work, heard, interrupt.asked)
            while not wait([found], timeout=0.1).done:
                pass
        return found.result(), interrupt.asked()


class _Interrupt:
    """Ctrl-C asks the solve for its best plan so far, once or many times."""

    def __init__(self) -> None:
        self._asked = False

    def __enter__(self) -> Self:
        self._before = signal.signal(signal.SIGINT, self._hear)
        return self

    def __exit__(self, *_: object) -> None:
        signal.signal(signal.SIGINT, self._before)

    def asked(self) -> bool:
        return self._asked

    def _hear(self, number: int, frame: FrameType | None) -> None:
        self._asked = True
