"""Gridded weather read into a forecast's table, with what was assumed on the way."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from console.cli_situation import check_writable, clock
from console.cli_words import err, out, said, say
from data.forecast_grids import read_grids
from data.forecast_table import forecast_csv
from data.region_reader import read_region
from data.text import Text


def run_import(folder: Path, grids: Sequence[Path], output: Path, assume_missing: bool) -> int:
    """Write the table; 1 where something in it is assumed."""
    check_writable(output)
    region = read_region(folder)
    with err().status(say("正在读取格网", "Reading the grids")):
        found = read_grids(grids, region, assume_missing=assume_missing)
    output.write_text(forecast_csv(found.hours), encoding="utf-8")
    times = sorted({hour.valid_from for hour in found.hours})
    out().print(
        say(
            f"已写入 {output}：{len(region.zones)} 个海区，{len(times)} 个时次，"
            f"{clock(times[0], region)} 至 {clock(times[-1], region)}",
            f"Written to {output}: {len(region.zones)} zones, {len(times)} times, "
            f"{clock(times[0], region)} to {clock(times[-1], region)}",
        ),
        markup=False,
    )
    if any(hour.spread is not None for hour in found.hours):
        out().print(said(MEMBERS), markup=False)
    for text in (*found.assumptions, WORST, NO_TIDE):
        out().print(f"- {said(text)}", style="dim", markup=False)
    return 1 if found.assumptions else 0


MEMBERS = Text(
    "集合预报：中位数为可能值，第 10 与第 90 百分位为上下限",
    "an ensemble: its median is likely, the 10th and 90th percentiles are low and high",
)
WORST = Text("每个海区取区内最差格点", "each zone has the worst cell inside it")
NO_TIDE = Text(
    "格网没有潮位：用 python -m data.fill_tides 补上", "no tide in grids: fill it in by python -m data.fill_tides"
)
