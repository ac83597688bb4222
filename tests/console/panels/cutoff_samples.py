"""Reports and plans of an island that is cut off, for the panels that draw them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from console.studies import Answer, Seen
from console.study_work import Tonight
from data.geography import Region
from data.isolation import (
    CRAFT_KINDS,
    CraftRow,
    CutOff,
    ForceCount,
    ForecastNote,
    Headcount,
    HoursSpread,
    IslandOutlook,
    IsolationReport,
    Missing,
    MomentSpread,
    Move,
    MoveTrip,
    Passage,
    Standing,
    TonightValue,
    Unmet,
    WindowSpan,
)
from data.text import Text

AT = datetime(2026, 9, 12, 6, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
PEOPLE = Text("人", "persons")
PAYLOAD = "<script>alert('x')</script>"
SAID = Text(PAYLOAD, PAYLOAD)


def after(hours: float) -> datetime:
    """Return the moment so many hours after the reports' own."""
    return AT + hours * HOUR


def seen(value: object, *, working: bool = False, fault: Text | None = None) -> Seen:
    """Return an answer as a page sees it."""
    return Seen(Answer(value, AT, after(0.1), after(-0.2), 0.8, True, fault), working)


def head(persons: int | None, age_min: int | None = 70) -> Headcount:
    """Return a count with its age."""
    counted = None if age_min is None else AT - timedelta(minutes=age_min)
    return Headcount(persons=persons, counted_at=counted, age_min=age_min, source="township")


def passage(hours: float) -> Passage:
    """Return a last departure."""
    return Passage(
        craft_kind="patrol_boat",
        craft_class="patrol-26m",
        class_name=Text("26米级巡逻艇", "26 m patrol boat"),
        from_site="p1",
        from_name=SAID,
        to_site="p2",
        to_name=SAID,
        depart_at=after(hours),
        arrive_at=after(hours + 1),
        passage_min=60,
        ended_rule="hs",
        ended_by=SAID,
    )


def outlook(
    island_id: str, name: Text, place: tuple[float, float], rank: int, shuts_h: float, standing: Standing = "closing"
) -> IslandOutlook:
    """Return an island that shuts after so many hours, for sixteen."""
    opens_h = shuts_h + 16
    spans = (
        WindowSpan(from_at=AT, to_at=after(shuts_h - 1), state="open"),
        WindowSpan(from_at=after(shuts_h - 1), to_at=after(shuts_h), state="limited", reason=SAID),
        WindowSpan(from_at=after(shuts_h), to_at=after(opens_h), state="closed", reason=SAID),
        WindowSpan(from_at=after(opens_h), to_at=after(48), state="open", beyond_forecast=True),
    )
    rows = tuple(
        CraftRow(kind=kind, class_ids=(kind,), spans=spans, last_departure=passage(shuts_h), last_out_and_back=None)
        for kind in CRAFT_KINDS
    )
    return IslandOutlook(
        island_id=island_id,
        name=name,
        lon_deg=place[0],
        lat_deg=place[1],
        rank=rank,
        standing=standing,
        joined_by=(),
        last_safe_departure=MomentSpread(low=after(shuts_h - 1), likely=after(shuts_h), high=after(shuts_h + 2)),
        left_min=round(60 * shuts_h),
        last_departure=passage(shuts_h),
        last_out_and_back=None,
        last_by_bridges=(),
        hours_cut_off=HoursSpread(low=12, likely=16, high=21),
        cut_offs=(CutOff(from_at=after(shuts_h), to_at=after(opens_h), hours=16),),
        reopens=MomentSpread(low=None, likely=after(opens_h), high=None),
        spans=spans,
        rows=rows,
        residents=head(1500, None),
        visitors=head(412),
        workers=head(None, None),
        patients=head(3),
        forces=(ForceCount(kind="police", groups=1, persons=9), ForceCount(kind="volunteers", groups=2, persons=32)),
        craft=(),
        stores=(),
        missing=(
            Missing(
                need_id="w",
                kind="stores",
                what="water_m3",
                name=Text("饮用水", "drinking water"),
                needed=60,
                held=20,
                short=40,
                unit=Text("m³", "m³"),
                source="assumed",
            ),
            Missing(
                need_id="m",
                kind="persons",
                what="medic",
                name=Text("医护", "medics"),
                needed=2,
                held=None,
                short=2,
                unit=PEOPLE,
                source="assumed",
            ),
        ),
    )


def move(island: IslandOutlook, rank: int, hours: float, *, fits: bool = True) -> Move:
    """Return a move off an island that must start within so many hours."""
    trip = MoveTrip(
        craft_id="c1",
        craft_name=Text("客 08", "Ferry 08"),
        craft_class="fast-ferry",
        start_site="p9",
        start_name=SAID,
        from_site="p1",
        from_name=SAID,
        to_site="p2",
        to_name=SAID,
        leaves_at=after(hours),
        load_at=after(hours + 0.5),
        depart_at=after(hours + 1),
        arrive_at=after(hours + 2),
        done_at=after(hours + 2.2),
        carried=200,
    )
    return Move(
        id=f"m{rank}",
        rank=rank,
        island_id=island.island_id,
        island_name=island.name,
        what="visitors",
        name=Text("游客", "visitors"),
        amount=186,
        wanted=186 if fits else 300,
        unit=PEOPLE,
        from_site="p1",
        from_name=Text("花鸟", "Huaniao"),
        to_site="p2",
        to_name=Text("小菜园", "Xiaocaiyuan"),
        craft_ids=("c1",),
        craft_names=(Text("客 06", "Ferry 06"),),
        craft_class="fast-ferry",
        class_name=Text("高速客船", "fast ferry"),
        trips=(trip,),
        latest_start_at=after(hours),
        before_at=after(hours + 1),
        left_min=round(60 * hours),
        reason=SAID,
        fits=fits,
    )


def isolation_report(region: Region, islands: int = 14) -> IsolationReport:
    """Return a report of some islands of a region, the last two joined by road and unknown."""
    chosen = list(region.islands.values())[:islands]
    standings: list[Standing] = ["closing"] * max(0, islands - 4) + ["open", "cut_off", "joined", "unknown"]
    rows = tuple(
        outlook(one.id, one.name, (one.lon_deg, one.lat_deg), rank, 3 + rank / 2, standing)
        for rank, (one, standing) in enumerate(zip(chosen, standings, strict=False), 1)
    )
    return IsolationReport(
        id="r1",
        region_id=region.id,
        scenario_id=None,
        at=AT,
        horizon_to=after(48),
        forecast=ForecastNote(id="f", issued_at=after(-0.2), valid_to=after(12), author="a", source=PAYLOAD),
        islands=rows,
        moves=(move(rows[0], 1, 1.5), move(rows[1], 2, 9, fits=False)),
        unmet=(
            Unmet(
                island_id=rows[1].island_id,
                what="visitors",
                remain=114,
                unit=PEOPLE,
                text=Text("仍有 114 人", "114 remain"),
            ),
        ),
        next_closing=None,
        visitors_total=16700,
        visitors_planned=8880,
        assumptions=(SAID, SAID),
        faults=(),
    )


def tonight() -> Tonight:
    """Return what acting tonight is worth."""
    value = TonightValue(
        outlooks=(SAID, SAID),
        weights=(0.25, 0.75),
        wait_until=after(6),
        act_by_outlook=(0.0, 1.0),
        wait_by_outlook=(40.0, 160.0),
        act_expected=0.75,
        wait_expected=130.0,
        act_worst=1.0,
        wait_worst=160.0,
        bound=0.7,
        gap=0.06,
        moves=(SAID,),
        text=Text("期望缺口从 130 降到 1", "lowers the expected shortfall from 130 to 1"),
    )
    return Tonight(value, ())
