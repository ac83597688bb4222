"""A plan that holds an island for four hours with two tasks, one of them short of people, for the panels."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from console.study_work import Circles
from data.circles import CircleReport, PointCover, Post, Posting
from data.geography import Place
from data.holding import (
    HandOver,
    HoldPlan,
    HoldRow,
    HoldService,
    HoldTask,
    HoldUnmet,
    LocalTeamState,
    ReliefLanding,
)
from data.local_teams import CrewNeed, LocalMember, LocalTeam, PointOfInterest
from data.text import Text

AT = datetime(2026, 5, 31, 4, 0, tzinfo=UTC)
PAYLOAD = "<script>alert('x')</script>"
SAID = Text(PAYLOAD, PAYLOAD)
PIER = Place(id="beiao", kind="pier", name=Text("北岙", "Beiao"), island_id="miaozihu", lon_deg=122.68, lat_deg=30.2)


def after(minutes: float) -> datetime:
    """Return the moment so many minutes after the plan's start."""
    return AT + timedelta(minutes=minutes)


def team(team_id: str, people: int) -> LocalTeamState:
    """Return a team that has answered in part."""
    made = LocalTeam(
        id=team_id,
        name=SAID,
        kind="volunteers",
        island_id="miaozihu",
        place_id="p",
        members=(LocalMember(people=people, skills=frozenset()),),
        notice_min=10,
        duty_min=480,
        stretch_min=120,
        rest_min=30,
        group_ids=frozenset(),
        confidence="assumed",
        source=PAYLOAD,
    )
    return LocalTeamState(
        team=made,
        status="called",
        people=people,
        acknowledged=people - 2,
        place=PIER,
        ready_at=after(10),
        shift_end_at=after(480),
        called_at=AT,
        note=SAID,
    )


def task(task_id: str, people: int, slot_min: int | None) -> HoldTask:
    """Return a task at the pier."""
    return HoldTask(
        id=task_id,
        template_id=None,
        kind="crowd_line",
        name=SAID,
        island_id="miaozihu",
        place=PIER,
        earliest_at=after(10),
        latest_at=after(30),
        duration_min=None if slot_min else 60,
        slot_min=slot_min,
        crew=(CrewNeed(people=people, skill=None),),
        after=frozenset(),
        value=100,
        origin="case",
        origin_id="i1",
    )


def hold_plan() -> HoldPlan:
    """Return the plan, with relief landing and taking over what is still open."""
    services = tuple(
        HoldService(
            task_id="queue",
            slot=k,
            value=50,
            people=6,
            served=k < 3,
            from_at=after(10 + 60 * k) if k < 3 else None,
            to_at=after(70 + 60 * k) if k < 3 else None,
            late_min=5 if k == 1 else 0,
            asked_from=after(10 + 60 * k),
            asked_to=after(70 + 60 * k),
        )
        for k in range(4)
    )
    return HoldPlan(
        island_id="miaozihu",
        at=AT,
        until_at=after(240),
        relief_at=after(220),
        status="feasible",
        teams=(team("v1", 20), team("v2", 12)),
        tasks=(task("queue", 6, 60), task("aid", 2, None)),
        rows=(
            HoldRow(
                team_id="v1",
                ordinal=1,
                task_id="queue",
                slot=0,
                skill=None,
                from_place=PIER,
                place=PIER,
                depart_at=AT,
                arrive_at=after(8),
                from_at=after(10),
                to_at=after(70),
                travel_min=8,
                travel_mode="foot",
            ),
        ),
        services=(
            *services,
            HoldService(
                task_id="aid",
                slot=0,
                value=30,
                people=2,
                served=True,
                from_at=after(20),
                to_at=after(80),
                late_min=0,
                asked_from=after(10),
                asked_to=after(30),
            ),
        ),
        relief=(ReliefLanding(at=after(200), place=PIER, unit_ids=("g1",), people=12, ashore=12),),
        hand_over=(
            HandOver(
                task_id="queue",
                at=after(220),
                from_people=6,
                from_team_ids=("v1",),
                to_unit_ids=("g1",),
                to_people=4,
                needed=6,
                short=2,
                text=SAID,
            ),
        ),
        unmet=(HoldUnmet(task_id="queue", slot=3, code="busy", short=6, skill=None, text=SAID, least_change=SAID),),
        value=180,
        value_asked=230,
        bound=190.0,
        gap=0.05,
        bound_assumes=(SAID,),
        late_min=2.0,
        assumptions=(SAID,),
        seed=1,
        solve_s=0.4,
        situation_hash="x",
    )


def _point(point_id: str, name: Text) -> PointOfInterest:
    return PointOfInterest(
        id=point_id,
        kind="school",
        name=name,
        island_id="miaozihu",
        lon_deg=122.68,
        lat_deg=30.2,
        own_people=0,
        weight=3,
        confidence="assumed",
        source=PAYLOAD,
    )


def circles() -> Circles:
    """Return circles that hold one point and leave another to a post, and to nobody in three minutes."""
    school, square = _point("school", Text("学校", "School")), _point("square", SAID)
    covers = (
        PointCover(
            point=school,
            self_help=False,
            self_help_s=245,
            self_help_by="v1",
            mutual_help=False,
            mutual_help_s=None,
            mutual_help_by=None,
        ),
        PointCover(
            point=square,
            self_help=True,
            self_help_s=0,
            self_help_by=None,
            mutual_help=True,
            mutual_help_s=60,
            mutual_help_by="v1",
        ),
    )
    post = Post(kind="self_help", place=PIER, closes=("school",), weight=3, people=2, teams_a_day=3, from_team_id="v1")
    postings = (
        Posting(kind="self_help", posts=(post,), weight_open=3, weight_by_posts=(3,), left=(), proven=True),
        Posting(kind="mutual_help", posts=(), weight_open=3, weight_by_posts=(), left=("school",), proven=True),
    )
    report = CircleReport(island_ids=("miaozihu",), at=AT, points=covers, postings=postings, assumptions=(SAID,))
    return Circles(report, {"self_help": (((122.68, 30.2), (122.681, 30.2), (122.681, 30.201)),)})
