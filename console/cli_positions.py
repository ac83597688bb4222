"""Where craft and groups should stand tonight: the moves, what each gains, and under which forecasts it was priced."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from console.cli_situation import Asked, check_writable, clock, networks, read_asked, write_out
from console.cli_words import err, out, said, say
from data.geography import Region
from data.text import Text

if TYPE_CHECKING:
    from routing.positioning.moves import Move, Repositioning
    from routing.positioning.problem import Aim, Measure
    from routing.positioning.region import Positions
    from routing.positioning.solve import Foresight, Posture

MEASURES: dict[str, tuple[str, str]] = {
    "mclp": ("MCLP：覆盖人数", "MCLP: residents covered"),
    "mexclp": ("MEXCLP：期望覆盖人数", "MEXCLP: residents expected to find a free unit"),
    "p-median": ("p-中位：人·分钟", "p-median: resident-minutes"),
}
PER_UNIT = {"mclp": 1, "mexclp": 1_000_000, "p-median": 1}
# What the best posture for each forecast alone may take to find, at most.
ALONE_S = 5.0


def run_positions(
    folder: Path,
    forecasts: Sequence[str],
    measure: Measure,
    aim: Aim,
    kind: str,
    reach_min: int,
    most: int,
    seconds: float,
    json_file: Path | None,
) -> int:
    """Print who should move where and what it gains under each forecast; 1 where no posture keeps every floor."""
    from data.region_reader import read_region
    from data.scenario import list_scenarios
    from routing.positioning.moves import reposition, standing_now
    from routing.positioning.region import Outlook, Posts
    from routing.positioning.solve import check_posture, price_of_one_posture, solve_positions

    if json_file is not None and str(json_file) != "-":
        check_writable(json_file)
    region = read_region(folder)
    named = list(dict.fromkeys(forecasts)) or [one.id for one in list_scenarios(region)]
    asked = [read_asked(name, folder, region) for name in named]
    network, book = networks(region)
    outlooks = [
        Outlook(Text(one.title, one.title), one.situation.at, one.situation.forecast, one.situation.closures)
        for one in asked
    ]
    first = asked[0].situation
    with err().status(say("正在求解", "Working")):
        posts = Posts(network, book)
        units = first.craft if kind == "craft" else first.groups
        positions = (
            posts.craft_positions(first.craft, outlooks, reach_min)
            if kind == "craft"
            else posts.group_positions(first.groups, outlooks, reach_min)
        )
        posture = solve_positions(positions.problem, measure, aim, seconds=seconds)
        if posture.stand is None:
            out().print(say("没有满足各站留守的驻位。", "No posture keeps what every station must keep."))
            return 1
        moved = reposition(positions, standing_now(positions, units), posture.stand, measure, aim, most)
        faults = check_posture(positions.problem, posture)
        alone = (
            price_of_one_posture(positions.problem, posture, seconds=min(ALONE_S, seconds)) if len(asked) > 1 else ()
        )
    document = _document(positions, posture, moved, alone, kind, reach_min, asked, faults)
    if json_file is not None:
        write_out(document, json_file)
    if json_file is None or str(json_file) != "-":
        _print(positions, posture, moved, alone, reach_min, asked, region)
        words = say("核查：未发现错误", "checked without the solver: no fault found")
        out().print(words if not faults else "; ".join(said(one) for one in faults), style="dim", markup=False)
    return 1 if faults else 0


def _print(
    positions: Positions,
    posture: Posture,
    moved: Repositioning,
    alone: Sequence[Foresight],
    reach_min: int,
    asked: Sequence[Asked],
    region: Region,
) -> None:
    from rich.table import Table

    measure = posture.measure
    aim = say("各预报平均", "mean of the forecasts") if posture.aim == "expected" else say("最坏预报", "worst forecast")
    proof = say("已证明最优", "proven optimal") if posture.status == "optimal" else say("差距至多 ", "gap at most ")
    gap = "" if posture.status == "optimal" else f"{posture.gap:.1%}"
    out().print(
        f"[bold]{say(*MEASURES[measure])}[/bold]  {reach_min} {say('分钟', 'min')}  {aim}  {proof}{gap}  "
        f"{posture.seconds:.1f} s"
    )
    table = Table(box=None, header_style="bold", pad_edge=False)
    headings = [say("预报", "forecast"), say("时刻", "moment"), say("现在", "now"), say("移动后", "after the moves"),
                say("全部移动", "best for all"), say("单为此预报", "best for it alone"), say("总数", "of")]  # fmt: skip
    for n, heading in enumerate(headings):
        table.add_column(heading, justify="left" if n < 2 else "right")
    total = int(positions.problem.demand.sum())
    best = {one.outlook: one for one in alone}
    for n, (one, now, after) in enumerate(zip(asked, moved.now, moved.after, strict=True)):
        only = best.get(n)
        table.add_row(
            one.title, clock(one.situation.at, region), _figure(now.by(measure), measure),
            _figure(after.by(measure), measure), _figure(posture.outlooks[n].by(measure), measure),
            _figure(only.best, measure) if only else "-",
            f"{total:,}" if measure != "p-median" else "-",
        )  # fmt: skip
    out().print(table)
    if not moved.moves:
        out().print(say("没有更好的驻位：都留在原处。", "Nothing is better than now: all stay where they are."))
    else:
        more = (
            say(f"，另有 {moved.left_out} 处得益更小", f", {moved.left_out} lesser ones left out")
            if moved.left_out
            else ""
        )
        words = say(f"{len(moved.moves)} 处移动，按得益", f"{len(moved.moves)} moves, by what each gains")
        out().print(f"{words}{more}{say('：', ':')}", style="bold")
        for move in moved.moves:
            out().print(f"  {_move_words(move, posture)}", markup=False)
    for zh, en in ASSUMED:
        out().print(say(zh, en), style="dim", markup=False)


ASSUMED = (
    (
        "需求为常住人口，按码头均分；无人统计的岛按 100 人；四小时内到不了算不到；单位占用率五分之一（均为假定）",
        "demand is residents, evenly over their piers; 100 where nobody counted; nobody comes after four hours; "
        "a unit is taken one time in five (all assumed)",
    ),
    (
        "得益：在其上各处移动之外再增加多少；义务队、乡镇与守护力量不离开驻地（假定）",
        "gain: what a move adds to those above it; volunteers, township staff and guards stay at home (assumed)",
    ),
)


def _move_words(move: Move, posture: Posture) -> str:
    there = said(move.to_site.name)
    here = said(move.from_site.name) if move.from_site else say("途中", "under way")
    mean = posture.aim == "expected" and len(posture.outlooks) > 1
    unit = say("（各预报合计）", " over all forecasts") if mean else ""
    return f"{move.unit_id}: {here} > {there}  {_figure(move.gain, posture.measure)}{unit}"


def _figure(value: int, measure: str) -> str:
    return f"{value / PER_UNIT[measure]:,.0f}"


def _document(
    positions: Positions,
    posture: Posture,
    moved: Repositioning,
    alone: Sequence[Foresight],
    kind: str,
    reach_min: int,
    asked: Sequence[Asked],
    faults: Sequence[Text],
) -> dict[str, Any]:
    best = {one.outlook: one for one in alone}
    per = PER_UNIT[posture.measure]
    return {
        "format": "tongzhou-positions/1",
        "kind": kind,
        "measure": posture.measure,
        "aim": posture.aim,
        "reach_min": reach_min,
        "status": posture.status,
        "gap": posture.gap,
        "seconds": round(posture.seconds, 3),
        "forecasts": [
            {
                "title": one.title,
                "at": one.situation.at.isoformat(),
                "forecast": one.situation.forecast.id if one.situation.forecast else None,
                "now": now.by(posture.measure) / per,
                "after": after.by(posture.measure) / per,
                "best": posture.outlooks[n].by(posture.measure) / per,
                "best_alone": best[n].best / per if n in best else None,
            }
            for n, (one, now, after) in enumerate(zip(asked, moved.now, moved.after, strict=True))
        ],
        "moves": [
            {
                "unit": move.unit_id,
                "from": move.from_site.id if move.from_site else None,
                "to": move.to_site.id,
                "gain": move.gain / per,
            }
            for move in moved.moves
        ],
        "moves_left_out": moved.left_out,
        "stand": {
            site.id: {
                f"{kind.name.en} ({kind.notice_min} min notice)": int(moved.stand[k, s])
                for k, kind in enumerate(positions.kinds)
                if moved.stand[k, s]
            }
            for s, site in enumerate(positions.sites)
            if moved.stand[:, s].any()
        },
        "assumes": [{"zh": zh, "en": en} for zh, en in ASSUMED],
        "faults": [{"zh": one.zh, "en": one.en} for one in faults],
    }
