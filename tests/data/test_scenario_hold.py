"""The section ``hold`` of a scenario: what it says is read, and what cannot be meant is told with its key."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from data.geography import Region
from data.roster import Forces, read_forces
from data.scenario_hold import HoldSection, read_hold
from data.yaml_document import YamlDocument

START = datetime(2026, 5, 31, 2, 0, tzinfo=UTC)
HOLD = """hold:
  relief_at: {miaozihu: 2026-05-31T14:00:00+08:00}
  teams:
    dongji-ps-team: {status: called, people: 8, acknowledged: 5, called_at: 2026-05-31T09:50:00+08:00}
  tasks:
    - {id: water, kind: shelter, name: {zh: 送水, en: Water}, at: beiao, duration_min: 30, crew: {any: 2}}
    - id: boat
      kind: other
      name: {zh: 看船, en: Watch a boat}
      at: miaozihu-school
      slot_min: 60
      crew: {police: 1}
      after: [water]
      known_at: 2026-05-31T11:00:00+08:00
  arrivals:
    - {at: 2026-05-31T10:30:00+08:00, group: police-dinghai-1, place: beiao}
  losses:
    - {at: 2026-05-31T10:20:00+08:00, team: miaozihu-volunteers, people: 3, reason: {zh: 中暑, en: heat}}
"""
Read = Callable[[str], tuple[HoldSection, str]]


@pytest.fixture(scope="module")
def forces(zhoushan: Region) -> Forces:
    """The shipped craft and groups."""
    return read_forces(Path(__file__).parents[2] / "data" / "zhoushan", zhoushan)


@pytest.fixture
def read(tmp_path: Path, zhoushan: Region, forces: Forces) -> Read:
    """Read a text as the section; returns what it says and the faults."""

    def reading(text: str) -> tuple[HoldSection, str]:
        file = tmp_path / "story.yaml"
        file.write_text(text, encoding="utf-8")
        document = YamlDocument(file)
        section = read_hold(document, zhoushan, forces, START)
        return section, "\n".join(str(fault) for fault in document.faults)

    return reading


def test_section_is_read(read: Read) -> None:
    section, faults = read(HOLD)
    assert faults == ""
    assert section.relief_at == {"miaozihu": datetime(2026, 5, 31, 6, 0, tzinfo=UTC)}
    (team,) = section.teams
    assert (team.people, team.acknowledged, team.status) == (8, 5, "called")
    assert team.ready_at == START  # called ten minutes before, with three minutes' notice
    (task,) = section.tasks
    assert (task.id, task.people, task.origin, task.island_id) == ("water", 2, "officer", "miaozihu")
    assert [(event.kind, event.unit_id, event.people) for event in section.events] == [
        ("loss", "miaozihu-volunteers", 3),
        ("arrival", "police-dinghai-1", 8),
        ("new_task", None, 0),
    ]
    assert section.events[2].task is not None
    assert section.events[2].task.place.id == "miaozihu-school"


def test_no_section_says_nothing(read: Read) -> None:
    assert read("id: quiet\n") == (HoldSection(), "")


@pytest.mark.parametrize(
    ("text", "instead", "told"),
    [
        ("dongji-ps-team", "dongji-team", "unknown local team 'dongji-team'"),
        ("people: 8", "people: 80", "80 is not 0 to 9"),
        ("acknowledged: 5", "acknowledged: 9", "9 is not 0 to 8"),
        ("at: beiao,", "at: beiaao,", "beiao"),
        ("crew: {any: 2}", "crew: {any: 0}", "0 is no crew"),
        ("crew: {any: 2}", "crew: {}", "asks for nobody"),
        ("crew: {police: 1}", "crew: {polise: 1}", "unknown skill 'polise'. Did you mean 'police'"),
        ("after: [water]", "after: [watr]", "unknown task 'watr'"),
        ("duration_min: 30", "value: 3", "lasts until relief without turns"),
        ("group: police-dinghai-1", "group: police-dinghai-9", "unknown group 'police-dinghai-9'"),
        ("people: 3", "people: 300", "300 is not 1 to 27"),
        ("10:30:00+08:00", "09:30:00+08:00", "is not after the scenario's start"),
        ("14:00:00+08:00", "14:00:00", "has no offset from UTC"),
        ("kind: shelter", "kind: sheltering", "sheltering"),
        ("slot_min: 60", "slots: 60", "unknown key 'slots'"),
    ],
)
def test_faults_are_told_with_their_key(read: Read, text: str, instead: str, told: str) -> None:
    assert HOLD.count(text) == 1
    _, faults = read(HOLD.replace(text, instead))
    assert told in faults
    assert "hold" in faults


def test_task_off_the_land_is_told(read: Read) -> None:
    _, faults = read(HOLD.replace("at: beiao, ", "lon_deg: 123.0, lat_deg: 30.0, "))
    assert "lies on no named island" in faults
