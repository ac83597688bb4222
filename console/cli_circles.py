"""Who is near each point of an island in one minute and in three, the gaps, and what posting closes them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from console.cli_situation import check_writable, clock, read_asked, write_out
from console.cli_words import err, out, said, say
from data.errors import TongzhouError, worded
from data.geography import Region

if TYPE_CHECKING:
    from data.circles import CircleReport, PointCover, Post
    from data.situation import Situation

ALL = "all"


class CircleQuestionError(ValueError, TongzhouError):
    """A question about circles that names no island."""


def run_circles(
    folder: Path, scenario: str | None, islands: Sequence[str], geojson: Path | None, json_file: Path | None
) -> int:
    """Print the circles of islands, their gaps and the posts that close them; 1 where no post closes a gap."""
    from data.region_reader import read_region
    from routing.circles.report import circle_report, island_stands

    for file in (geojson, json_file):
        if file is not None and str(file) != "-":
            check_writable(file)
    region = read_region(folder)
    asked = read_asked(scenario, folder, region) if scenario is not None else None
    situation = asked.situation if asked is not None else None
    ids = _islands(islands, region, situation)
    with err().status(say("正在计算", "Working")):
        report = circle_report(region, ids, situation)
    if geojson is not None:
        from routing.circles.shapes import circle_features

        stands = [stand for island in ids for stand in island_stands(region, island, situation)]
        document: dict[str, Any] = circle_features(region, report, stands)
        document["properties"] = {
            "format": report.format,
            "region": region.id,
            "at": situation.at.isoformat() if situation is not None else None,
            "assumes": [{"zh": text.zh, "en": text.en} for text in report.assumptions],
            "attribution": {"zh": region.attribution.zh, "en": region.attribution.en},
        }
        write_out(document, geojson)
    if json_file is not None:
        write_out(msgspec.to_builtins(report), json_file)
    if not any(file is not None and str(file) == "-" for file in (geojson, json_file)):
        _print(report, region, situation)
    return 1 if any(posting.left for posting in report.postings) else 0


def _islands(given: Sequence[str], region: Region, situation: Situation | None) -> list[str]:
    """Return the islands asked for; without any, those with open cases."""
    if ALL in given:
        return list(dict.fromkeys(team.island_id for team in region.local_teams.values()))
    if given:
        return list(dict.fromkeys(given))
    found = list(dict.fromkeys(one.island_id for one in situation.incidents)) if situation is not None else []
    held = [island for island in found if island in region.islands]
    if not held:
        raise worded(
            CircleQuestionError("which island? Name it with --island ID, or --island all for every island held"),
            zh="请用 --island 指明岛屿，或 --island all 查看全部",
        )
    return held


def _print(report: CircleReport, region: Region, situation: Situation | None) -> None:
    from rich.table import Table

    when = clock(situation.at, region) if situation is not None else say("常驻队伍（假定）", "standing teams (assumed)")
    names = say("、", ", ").join(said(region.islands[island].name) for island in report.island_ids[:6])
    count = len(report.island_ids)
    more = "" if count <= 6 else say(f" 等 {count} 岛", f" and more, {count} islands")
    out().print(f"[bold]{names}{more}[/bold]  {when}")
    table = Table(box=None, header_style="bold", pad_edge=False)
    for n, heading in enumerate(
        (say("重点部位", "point"), say("类别", "kind"), say("权重", "weight"), say("1 分钟自救", "1 min self-help"),
         say("3 分钟互救", "3 min mutual help"))
    ):  # fmt: skip
        table.add_column(heading, justify="right" if n == 2 else "left")
    for one in report.points:
        table.add_row(
            said(one.point.name), say(*KINDS[one.point.kind]), str(one.point.weight),
            _near(one, region, one.self_help_s, one.self_help_by),
            _near(one, region, one.mutual_help_s, one.mutual_help_by),
        )  # fmt: skip
    out().print(table)
    for kind, title in CIRCLES.items():
        gaps = report.gaps(kind)  # type: ignore[arg-type]
        total, near = len(report.points), len(report.points) - len(gaps)
        figures = say(f"覆盖 {near}/{total}，缺口 {len(gaps)}", f"{near} of {total} covered, {len(gaps)} gaps")
        out().print(f"[bold]{say(*title)}[/bold]  {figures}")
        for posting in report.postings:
            if posting.kind != kind:
                continue
            for number, post in enumerate(posting.posts, start=1):
                out().print("  " + _post_words(post, report, region, number), markup=False)
            if posting.left:
                names = say("、", ", ").join(_point_name(report, point) for point in posting.left)
                out().print("  " + say(f"无法补位：{names}", f"no post closes: {names}"), style="yellow", markup=False)
            if len(posting.weight_by_posts) > 1:
                steps = " ".join(f"{n}:{weight}" for n, weight in enumerate(posting.weight_by_posts, start=1))
                proof = say("已证明最优", "proven best") if posting.proven else say("未证明", "not proven")
                words = say(
                    f"岗位数:所补权重 {steps}（共 {posting.weight_open}，{proof}）",
                    f"posts:weight closed {steps} (of {posting.weight_open}, {proof})",
                )
                out().print(f"  {words}", style="dim", markup=False)
    for text in report.assumptions:
        out().print(said(text), style="dim", markup=False)
    out().print(f"[dim]{said(region.attribution)}[/dim]")


def _near(one: PointCover, region: Region, seconds: float | None, by: str | None) -> str:
    if seconds is None or by is None:
        return say("缺口", "GAP")
    team = region.local_teams.get(by)
    who = say("现场", "on the spot") if by == one.point.id else said(team.name) if team is not None else by
    return who if seconds == 0 else f"{who} {seconds:.0f} s"


def _post_words(post: Post, report: CircleReport, region: Region, number: int) -> str:
    closes = say("、", ", ").join(_point_name(report, point) for point in post.closes)
    team = region.local_teams.get(post.from_team_id or "")
    sender = (
        say(f"由 {said(team.name)} 抽调", f"from {said(team.name)}")
        if team is not None
        else say("岛上无人可抽", "nobody on the island to spare")
    )
    return say(
        f"{number}. {said(post.place.name)}：补 {closes}（权重 {post.weight}）；{post.people} 人，"
        f"昼夜 {post.teams_a_day} 组轮换，{sender}",
        f"{number}. {said(post.place.name)}: closes {closes} (weight {post.weight}); {post.people} on post, "
        f"{post.teams_a_day} teams round the clock, {sender}",
    )


def _point_name(report: CircleReport, point_id: str) -> str:
    return next((said(one.point.name) for one in report.points if one.point.id == point_id), point_id)


CIRCLES = {
    "self_help": ("1 分钟自救圈", "One-minute self-help"),
    "mutual_help": ("3 分钟互救圈", "Three-minute mutual help"),
}
KINDS = {
    "pier": ("码头", "pier"),
    "school": ("学校/集合点", "school, muster"),
    "muster": ("集合点", "muster"),
    "station": ("派出所/街办", "station, office"),
    "tourist": ("景点", "tourist spot"),
    "clinic": ("卫生院", "clinic"),
    "market": ("市场", "market"),
    "plant": ("厂区", "plant"),
}
