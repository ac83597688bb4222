"""Who is on, at every console on the store: told and asked once a second, off the server's loop."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from console.permits import DUTY, PLANNER
from data.journal.shared import SeatSeen

if TYPE_CHECKING:
    from console.seat import Seat
    from console.world import World

Listener = Callable[[], None]


@dataclass
class _OpenSeat:
    """One page of this console: who sits there, whether its browser is there, what it has held since when."""

    seat: Seat
    is_there: Callable[[], bool]
    told: Listener
    incident_id: str | None
    since: datetime


class Presence:
    """The seats that are on; ``seats`` is what was heard last, oldest first.

    A seat holds the incident it has selected, and one whose browser is not there is not on.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._here: dict[str, _OpenSeat] = {}
        self.seats: tuple[SeatSeen, ...] = ()
        world.each_second.append(self.tell)

    def enter(self, seat: Seat, is_there: Callable[[], bool], told: Listener) -> Callable[[], None]:
        """Take a page in; ``told`` is called in the server's loop when who is on has changed. Returns the way out."""
        seat_id = seat.seat_id = secrets.token_hex(8)
        self._here[seat_id] = _OpenSeat(seat, is_there, told, seat.selected_incident_id, datetime.now(UTC))
        return lambda: self._left(seat_id)

    def tell(self) -> None:
        """Tell the others who is on here, and ask who is on at all; raises StoreUnreachableError."""
        shared = self._world.store.shared
        shared.announce_seats(self._seen_here(datetime.now(UTC)))
        found = shared.seats()
        changed = [_matters(seat) for seat in found] != [_matters(seat) for seat in self.seats]
        self.seats = found
        if changed:
            self._world.call_in_loop(self._tell_pages)

    def _left(self, seat_id: str) -> None:
        self._here.pop(seat_id, None)

    def _tell_pages(self) -> None:
        for here in tuple(self._here.values()):
            here.told()

    def _seen_here(self, now: datetime) -> list[SeatSeen]:
        seen = []
        for seat_id, here in tuple(self._here.items()):
            if not here.is_there():
                continue
            if here.incident_id != here.seat.selected_incident_id:
                here.incident_id, here.since = here.seat.selected_incident_id, now
            seen.append(
                SeatSeen(
                    seat_id=seat_id,
                    name=here.seat.principal.name,
                    role=here.seat.principal.role,
                    console=self._world.console,
                    incident_id=here.incident_id,
                    since=here.since,
                    seen_at=now,
                )
            )
        return seen


def holders_of(seats: Sequence[SeatSeen], incident_id: str) -> list[SeatSeen]:
    """Return the seats at an incident: those that may work on it before those that only look, each by when it came."""
    return sorted(
        (seat for seat in seats if seat.incident_id == incident_id), key=lambda seat: (not works(seat), seat.since)
    )


def works(seat: SeatSeen) -> bool:
    """Tell whether a seat can hold an incident; a wall screen or an administrator only looks at it."""
    return seat.role in DUTY | PLANNER


def _matters(seat: SeatSeen) -> tuple[object, ...]:
    return seat.seat_id, seat.name, seat.role, seat.console, seat.incident_id, seat.since
