"""The circles of islands: who stands where, which points are covered, and what posting closes the gaps."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

from data.circles import CircleReport, PointCover, Posting
from data.errors import UnknownNameError
from data.geography import Region
from data.situation import Situation
from data.text import Text
from routing.circles.coverage import MUTUAL_HELP_KINDS, Stand, cover_points
from routing.circles.posting import SHIFT_H, best_posting
from routing.hold.people import island_people


def circle_report(region: Region, island_ids: Sequence[str], situation: Situation | None = None) -> CircleReport:
    """Return the circles of islands as the situation has their teams, or as the region's table does without one.

    Raises UnknownNameError for an island the region does not hold.
    """
    covers: list[PointCover] = []
    postings: list[Posting] = []
    notes: list[Text] = list(_ASSUMED)
    for island_id in island_ids:
        if island_id not in region.islands:
            raise UnknownNameError("island", island_id, get_close_matches(island_id, list(region.islands), n=3))
        stands = island_stands(region, island_id, situation)
        points = [point for point in region.points_of_interest.values() if point.island_id == island_id]
        name = region.islands[island_id].name
        if not points:
            notes.append(Text(f"{name.zh}：没有登记重点部位", f"{name.en}: no point of interest is on record"))
        if not stands:
            notes.append(Text(f"{name.zh}：没有登记本岛队伍", f"{name.en}: no local team is on record"))
        own = cover_points(region, points, stands)
        covers += own
        postings += [
            best_posting(region, "self_help", [one for one in own if not one.self_help], stands),
            best_posting(region, "mutual_help", [one for one in own if not one.mutual_help], stands),
        ]
    return CircleReport(
        island_ids=tuple(island_ids),
        at=None if situation is None else situation.at,
        points=tuple(covers),
        postings=tuple(postings),
        assumptions=tuple(notes),
    )


def island_stands(region: Region, island_id: str, situation: Situation | None = None) -> list[Stand]:
    """Return who stands where on an island, those who are called up from home included."""
    if situation is not None:
        return [
            Stand(state.team.id, state.team.kind, state.place, state.people)
            for state in island_people(situation, region, island_id).teams
        ]
    return [
        Stand(team.id, team.kind, region.place(team.place_id), team.people)
        for team in region.local_teams.values()
        if team.island_id == island_id
    ]


def at_hand(stands: Sequence[Stand]) -> list[Stand]:
    """Return those who leave at once: whom a circle is drawn about."""
    return [stand for stand in stands if stand.kind in MUTUAL_HELP_KINDS]


_ASSUMED = (
    Text(
        zh="步行每小时 5 公里、路程为直线的 1.3 倍；在岗者立即出发",
        en="on foot at 5 km/h over ways 1.3 times the straight line; who is at hand leaves at once",
    ),
    Text(
        zh="1 分钟自救：现场人员，或保安、民警、辅警 1 人；3 分钟互救：在岗队伍 2 人以上；"
        "志愿队和东海渔嫂在家待召，不计入",
        en="1 minute: people on the spot, or one guard or officer; 3 minutes: two or more of a team at hand; "
        "volunteers and fisherwomen are at home and not counted",
    ),
    Text(
        zh=f"新增岗位每 {SHIFT_H} 小时轮换；同一处两种圈的岗位可由同一组人承担",
        en=f"a new post is relieved every {SHIFT_H} hours; at one place the same people may be both circles' post",
    ),
)
