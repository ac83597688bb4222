"""What a decision stands on: the picture, the region, the time; and how it says no."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from typing import Any

from data.errors import CommandRefusedError
from data.geography import Region
from data.incidents import Incident
from data.journal.events import Event
from data.journal.interface import Entry
from data.journal.picture import Picture
from data.journal.views import UnitView
from data.text import Text

LONGEST_SHOWN = 80


class RefusedError(CommandRefusedError):
    """A command that the picture does not allow; ``text`` names the thing and the remedy."""

    def __init__(self, zh: str, en: str) -> None:
        self.text = Text(zh, en)
        super().__init__(en)


@dataclass(frozen=True)
class Ground:
    """The picture as it stands while one command is decided; nothing changes it meanwhile.

    ``now`` is the world's clock, ``wall_now`` the machine's (undo is counted in real seconds).
    """

    picture: Picture
    region: Region
    network: Any
    now: datetime
    wall_now: datetime
    actor: str

    def incident(self, incident_id: str) -> Incident:
        """Return an incident by id or spoken number; refuses an unknown one."""
        if found := self.picture.incidents.get(incident_id):
            return found
        for incident in self.picture.incidents.values():
            if incident.number == incident_id:
                return incident
        known = [one.number for one in self.picture.incidents.values()]
        raise _unknown("警情", "incident", incident_id, known)

    def unit(self, unit_id: str) -> UnitView:
        """Return a unit by id or call sign; refuses an unknown one."""
        if found := self.picture.units.get(unit_id):
            return found
        wanted = unit_id.strip().casefold()
        for unit in self.picture.units.values():
            if wanted in (unit.call_sign.zh.casefold(), unit.call_sign.en.casefold()):
                return unit
        raise _unknown("单位", "unit", unit_id, [*self.picture.units])

    def entry(self, stream: str, event: Event, seen_version: int | None = None) -> Entry:
        """Return an entry that holds only if nobody writes to the stream first.

        ``seen_version`` is what the caller looked at, None where it decided on the picture of now.
        """
        version = self.picture.versions.get(stream, 0) if seen_version is None else seen_version
        return Entry(stream=stream, event=event, expected_version=version)

    def guard(self, stream: str) -> Entry:
        """Return an entry that writes nothing and lets the others be recorded only if nobody wrote to the stream."""
        return Entry(stream=stream, event=None, expected_version=self.picture.versions.get(stream, 0))


def _unknown(kind_zh: str, kind_en: str, name: str, known: list[str]) -> RefusedError:
    name = name[:LONGEST_SHOWN]  # comparing and repeating a text of any length would hold everybody up
    near = get_close_matches(name, known, n=3)
    hint = Text(f"是否为:{'、'.join(near)}?", f" Did you mean {', '.join(near)}?") if near else Text("", "")
    return RefusedError(f"没有{kind_zh}“{name}”。{hint.zh}", f"There is no {kind_en} '{name}'.{hint.en}")
