"""The picture: each event's fold, the situation cut from it, and words for every event."""

from __future__ import annotations

from datetime import timedelta
from typing import get_args

import msgspec

from data.forces import Craft, Group
from data.geography import Region
from data.journal.events import (
    ClosureSet,
    Event,
    ForcesMustered,
    IncidentReported,
    Recorded,
    UnitStatusChanged,
    UnknownEvent,
    WorldOpened,
)
from data.journal.folds import FOLDS
from data.journal.interface import Fix
from data.journal.picture import FIX_TOO_OLD, Picture, picture_from
from data.journal.wording import _WORDING
from data.text import Text
from data.weather import Closure
from tests.data.journal.journal_samples import START


def recorded(*events: Event) -> list[Recorded]:
    """Wrap events as a journal would, a minute apart, each in a stream of its own kind."""
    return [
        Recorded(
            seq=number,
            stream=type(event).__name__,
            version=number,
            world_at=START + timedelta(minutes=number - 1),
            recorded_at=START,
            mode="drill",
            actor="a",
            command_id=str(number),
            event=event,
            prev_hash="",
            hash="",
        )
        for number, event in enumerate(events, start=1)
    ]


def mustered(region: Region) -> list[Event]:
    pier, station = next(iter(region.piers.values())), next(iter(region.stations.values()))
    craft_class = next(one for one in region.craft_classes.values() if one.mode == "sea")
    craft = Craft(
        id="boat",
        call_sign=Text("艇", "Boat"),
        class_id=craft_class.id,
        home_site_id=pier.id,
        notice_min=5,
        source="assumed",
    )
    group = Group(
        id="squad",
        call_sign=Text("组", "Squad"),
        kind="police",
        home_site_id=station.id,
        strength=8,
        skills=frozenset({"ptu"}),
        deck_slots=0,
        notice_min=3,
        source="assumed",
    )
    opened = WorldOpened(
        region_id=region.id, region_hash="", mode="drill", scenario_id=None, title=Text("题", "Title"), start_at=START
    )
    return [opened, ForcesMustered(craft=(craft,), groups=(group,))]


def reported(unit_id: str, status: str, **more: object) -> UnitStatusChanged:
    values: dict[str, object] = {
        "unit_id": unit_id,
        "status": status,
        "site_id": None,
        "lon_deg": 122.3,
        "lat_deg": 30.0,
        "incident_id": None,
        "plan_id": None,
        "leg_id": None,
    }
    return UnitStatusChanged(**(values | more))  # type: ignore[arg-type]


def test_every_event_has_a_fold_and_words() -> None:
    kinds = {*get_args(Event), UnknownEvent}
    assert set(FOLDS) == kinds
    assert set(_WORDING) == kinds


def test_units_enter_at_home_with_what_their_class_gives(zhoushan: Region) -> None:
    picture = picture_from(recorded(*mustered(zhoushan)), zhoushan)
    boat, squad = picture.units["boat"], picture.units["squad"]
    pier = zhoushan.piers[boat.home_site_id]
    assert boat.strength == zhoushan.craft_classes[boat.class_id or ""].seats
    assert (boat.site_id, boat.lon_deg, boat.is_free) == (pier.id, pier.lon_deg, True)
    assert (squad.strength, squad.skills) == (8, {"ptu"})


def test_copy_stays_when_the_original_goes_on(zhoushan: Region) -> None:
    events = recorded(*mustered(zhoushan), reported("squad", "out_of_service"))
    picture = picture_from(events[:2], zhoushan)
    twin = picture.copy()
    picture.apply(events[2])
    picture.apply_fixes([Fix("boat", START + timedelta(minutes=9), 122.9, 30.9, None, 0.0)])
    assert (twin.units["squad"].status, len(twin.log), twin.seq) == ("available", 2, 2)
    assert twin.units["boat"].lon_deg != 122.9
    assert picture.units["squad"].status == "out_of_service"


def test_older_fix_does_not_move_a_unit_back(zhoushan: Region) -> None:
    picture = picture_from(recorded(*mustered(zhoushan)), zhoushan)
    late, early = START + timedelta(minutes=9), START + timedelta(minutes=8)
    picture.apply_fixes([Fix("boat", late, 122.9, 30.9, 45.0, 9.0), Fix("boat", early, 122.1, 30.1, None, 0.0)])
    picture.apply_fixes([Fix("nobody", late, 0.0, 0.0, None, 0.0)])
    assert (picture.units["boat"].lon_deg, picture.units["boat"].fix_at) == (122.9, late)


def test_situation_excludes_who_is_ordered_out_or_unheard_of(zhoushan: Region) -> None:
    why = Text("检修", "under repair")
    events = recorded(*mustered(zhoushan), reported("boat", "out_of_service", reason=why))
    picture = picture_from(events, zhoushan)
    assert picture.situation(START).craft[0].excluded == why
    assert picture.situation(START).groups[0].excluded is None
    late = picture.situation(START + FIX_TOO_OLD + timedelta(minutes=2)).groups[0].excluded
    assert late is not None
    assert "31 min old" in late.en
    busy = msgspec.structs.replace(picture.units["squad"], plan_id="p1")
    picture.units["squad"] = busy
    excluded = picture.situation(START).groups[0].excluded
    assert excluded is not None
    assert "under orders" in excluded.en


def test_unit_is_ready_after_its_notice_or_when_it_said(zhoushan: Region) -> None:
    later = START + timedelta(minutes=45)
    picture = picture_from(recorded(*mustered(zhoushan), reported("boat", "available", ready_at=later)), zhoushan)
    assert picture.situation(START).craft[0].ready_in_min == 45
    assert picture.situation(START + timedelta(minutes=44)).craft[0].ready_in_min == 5
    assert picture.situation(START).groups[0].ready_in_min == 3


def test_situation_holds_the_incidents_asked_for_and_the_closures(zhoushan: Region) -> None:
    from data.incidents import Echelon, Incident

    def incident(incident_id: str) -> Incident:
        return Incident(
            id=incident_id,
            number=f"0614-00{incident_id[-1]}",
            case_type="affray",
            title=Text("纠纷", "Affray"),
            priority=2,
            island_id="miaozihu",
            lon_deg=122.68,
            lat_deg=30.19,
            reported_at=START,
            status="reported",
            echelons=(Echelon(id="e", name=Text("首批", "First"), persons=4, skill=None, weight=1, due_min=None),),
            status_at=START,
        )

    closure = Closure(
        id="c1",
        target_kind="pier",
        target_id="x",
        from_at=START,
        until_at=None,
        reason=Text("涌", "swell"),
        author="a",
    )
    events = [*mustered(zhoushan), *(IncidentReported(incident=incident(one)) for one in ("i1", "i2"))]
    picture = picture_from(recorded(*events, ClosureSet(closure=closure)), zhoushan)
    assert [one.id for one in picture.situation(START, ["i2"]).incidents] == ["i2"]
    assert [one.id for one in picture.situation(START).incidents] == ["i1", "i2"]
    assert picture.situation(START).closures == (closure,)


def test_empty_picture_is_a_picture(zhoushan: Region) -> None:
    picture = Picture(zhoushan)
    assert (picture.units, picture.log, picture.seq, picture.world_at) == ({}, [], 0, None)
