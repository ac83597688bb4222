"""An evacuation plan of two musters and one pier, for the panels that draw it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec

from data.evacuation import (
    BerthSpan,
    Boarding,
    Bottleneck,
    EvacuationBaseline,
    EvacuationGroup,
    EvacuationPlan,
    EvacuationScenario,
    EvacuationTrip,
    MusterPoint,
    PierUse,
    Remaining,
    RobustEvacuation,
    Step,
)
from data.text import Text

AT = datetime(2026, 5, 31, 4, 0, tzinfo=UTC)
PAYLOAD = "<script>alert('x')</script>"
SAID = Text(PAYLOAD, PAYLOAD)


def after(minutes: float) -> datetime:
    """Return the moment so many minutes after the plan's start."""
    return AT + timedelta(minutes=minutes)


def trip(number: int, craft: int, load: float, persons: int, sail_min: float) -> EvacuationTrip:
    """Return a trip that begins loading after so many minutes."""
    loaded = load + persons / 8
    there = loaded + sail_min
    return EvacuationTrip(
        id=f"t{number}",
        craft_id=f"c{craft}",
        craft_name=Text(f"客{craft:02}", f"Ferry {craft:02}"),
        craft_class="fast-ferry",
        from_pier="beiao",
        from_name=Text("北岙", "Beiao"),
        from_berth=f"B{1 + craft % 2}",
        to_pier="duntou",
        to_name=Text("墩头", "Duntou"),
        to_berth="1",
        leave_at=after(load - 30),
        load_from=after(load),
        load_to=after(loaded),
        depart_at=after(loaded),
        arrive_at=after(there),
        unload_from=after(there),
        unload_to=after(there + 12),
        persons=persons,
        seats=200,
        boardings=(Boarding(group_id="g1", persons=persons, call_at=after(load - 15)),),
        length_m=51700,
        speed_kn=25,
    )


def evacuation_plan() -> EvacuationPlan:
    """Return a plan that takes 986 people off in eight trips and leaves 14."""
    trips = tuple(
        trip(k, craft, load, persons, sail)
        for k, (craft, load, persons, sail) in enumerate(
            [
                (8, 40, 200, 66),
                (5, 55, 120, 140),
                (10, 70, 200, 66),
                (3, 75, 40, 64),
                (12, 90, 300, 116),
                (7, 95, 60, 58),
                (3, 230, 36, 64),
                (8, 170, 30, 66),
            ],
            1,
        )
    )
    waiting, ashore = 1000, 0
    to_board, landed = [Step(at=AT, persons=1000)], [Step(at=AT, persons=0)]
    for one in sorted(trips, key=lambda each: each.load_to):
        waiting -= one.persons
        to_board.append(Step(at=one.load_to, persons=waiting))
    for one in sorted(trips, key=lambda each: each.unload_to):
        ashore += one.persons
        landed.append(Step(at=one.unload_to, persons=ashore))
    queue = tuple(Step(at=after(k * 20), persons=[60, 180, 200, 150, 90, 40, 0][k]) for k in range(7))
    end = max(one.unload_to for one in trips)
    return EvacuationPlan(
        id="e1",
        island_ids=("miaozihu",),
        at=AT,
        status="partial",
        persons=1000,
        ashore=986,
        complete_at=end,
        complete_min=round((end - AT).total_seconds() / 60),
        last_departure_at=max(one.depart_at for one in trips),
        margin_min=45,
        waiting_person_min=90000,
        bound_at=end - timedelta(minutes=8),
        bound_min=300.0,
        gap=0.026,
        bound_relaxes=(SAID,),
        solve_s=1.9,
        seed=1,
        trips=trips,
        groups=(
            EvacuationGroup(
                id="g1",
                name=Text("老幼病孕", "Elderly and ill"),
                order=1,
                priority="injured",
                persons=200,
                together=True,
                muster_id="m1",
                pier_id="beiao",
                walk_min=14,
                called_at=after(20),
                aboard_at=after(60),
                ashore_at=after(140),
                trip_ids=("t1",),
                remaining=0,
            ),
            EvacuationGroup(
                id="g2",
                name=SAID,
                order=2,
                priority="others",
                persons=800,
                together=False,
                muster_id="m1",
                pier_id="beiao",
                walk_min=14,
                called_at=None,
                aboard_at=None,
                ashore_at=None,
                trip_ids=(),
                remaining=14,
            ),
        ),
        musters=(
            MusterPoint(
                id="m1",
                name=Text("学校操场", "School yard"),
                lon_deg=122.679,
                lat_deg=30.197,
                capacity=500,
                persons=800,
                peak=490,
                walk_min=14,
                pier_id="beiao",
                waiting=(Step(at=AT, persons=490), Step(at=after(60), persons=200), Step(at=after(120), persons=0)),
                walk_path=((122.679, 30.197), (122.681, 30.201)),
            ),
        ),
        piers=(
            PierUse(
                pier_id="beiao",
                name=Text("北岙", "Beiao"),
                role="pick_up",
                lon_deg=122.681,
                lat_deg=30.203,
                open=True,
                closed_text=None,
                closes_at=after(340),
                opens_at=None,
                capacity=200,
                persons=986,
                peak=200,
                steps=queue,
            ),
            PierUse(
                pier_id="miaozihu",
                name=Text("庙子湖", "Miaozihu"),
                role="pick_up",
                lon_deg=122.683,
                lat_deg=30.193,
                open=False,
                closed_text=SAID,
                closes_at=None,
                opens_at=after(600),
                capacity=None,
                persons=0,
                peak=0,
                steps=(),
            ),
            PierUse(
                pier_id="duntou",
                name=Text("墩头", "Duntou"),
                role="drop",
                lon_deg=122.3,
                lat_deg=29.93,
                open=True,
                closed_text=None,
                closes_at=None,
                opens_at=None,
                capacity=2000,
                persons=986,
                peak=986,
                steps=(),
            ),
        ),
        berths=tuple(
            BerthSpan(
                pier_id="beiao",
                berth=one.from_berth or "1",
                craft_id=one.craft_id,
                trip_id=one.id,
                from_at=one.load_from,
                to_at=one.load_to,
            )
            for one in trips
        ),
        to_board=tuple(to_board),
        ashore_over_time=tuple(landed),
        baselines=(
            EvacuationBaseline(
                kind="nearest_first",
                name=Text("就近派船", "Nearest first"),
                complete_at=end + timedelta(hours=1),
                later_min=58,
                persons=986,
                persons_today=986,
                text=SAID,
            ),
            EvacuationBaseline(
                kind="wait_for_pier",
                name=Text("等主码头", "Wait for the pier"),
                complete_at=None,
                later_min=None,
                persons=574,
                persons_today=0,
                text=SAID,
            ),
        ),
        bottlenecks=(Bottleneck(kind="berth", pier_id="beiao", berth="B1", busy_share=0.94, gain_min=20, text=SAID),),
        unmet=(Remaining(group_id="g2", persons=14, text=Text("散客仍有 14 人无船可乘", "14 of the others remain")),),
        posts=(),
        assumptions=(SAID,),
        version="1",
        early_at=end - timedelta(minutes=6),
        late_at=end + timedelta(minutes=14),
    )


def robust_plan() -> EvacuationPlan:
    """Return a plan made for two outlooks, which breaks in one of them."""
    plan = evacuation_plan()
    scenarios = tuple(
        EvacuationScenario(
            id=name,
            name=Text(name, name),
            probability=0.5,
            holds=holds,
            complete_at=plan.complete_at if holds else None,
            ashore=986 if holds else 700,
            remaining=0 if holds else 286,
            broken=() if holds else (SAID,),
            bound_at=plan.bound_at,
        )
        for name, holds in (("likely", True), ("severe", False))
    )
    robust = RobustEvacuation(
        scenarios=scenarios,
        worst_complete_at=None,
        expected_complete_min=300.0,
        worst_remaining=286,
        expected_remaining=143.0,
        bound_text=SAID,
        tonight=None,
    )
    return msgspec.structs.replace(plan, robust=robust)
