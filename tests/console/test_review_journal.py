"""What a seat may send by hand over its socket must not spoil the journal for everybody, for good."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from console.actions import handle
from console.world import World
from data.errors import CommandRefusedError
from data.geography import Region
from data.journal.chain import canonical_body
from data.journal.events import IncidentReported
from tests.console.seat_samples import Roster, seat_of, toasts
from tests.console.world_samples import SampleStory, open_world

REPORT = {"act": "report", "type": "medical-emergency", "place": "putuoshan"}


@pytest.fixture
def world(zhoushan: Region, tmp_path: Path) -> Iterator[World]:
    opened, _ = open_world(tmp_path, zhoushan)
    yield opened
    opened.close()


@pytest.mark.parametrize(
    "more", [{"priority": "9"}, {"priority": "-3"}, {"demand": "999999999999"}, {"demand": "1" + "0" * 30}]
)
def test_a_report_out_of_range_is_refused_and_the_journal_stays_readable(world: World, more: dict[str, Any]) -> None:
    seat = seat_of(world, Roster({"li": "dispatcher"}), "li")
    before = world.journal.head().seq
    handle(seat, world, {**REPORT, **more})
    assert world.journal.head().seq == before
    assert len(toasts(seat)) == 1
    assert world.health.is_ok
    handle(seat, world, REPORT)
    assert [one.seq for one in world.journal.read()][-1] == before + 1
    assert world.picture.seq == before + 1


def test_an_event_that_could_not_be_read_again_is_not_written(world: World, zhoushan: Region) -> None:
    incident: Any = SampleStory(zhoushan).incident("one", "0614-009")
    assert "one" in canonical_body(IncidentReported(incident=incident))
    for wrong in ({"priority": 9}, {"lon_deg": float("nan")}, {"status": "lost"}, {"note": "\ud800"}):
        with pytest.raises(CommandRefusedError, match="could not be read again"):
            canonical_body(IncidentReported(incident=msgspec.structs.replace(incident, **wrong)))
