"""Acts that change which page fills the middle of the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from console.actions.registry import OWN_VIEW, Message, act
from console.decide.texts import read_id
from console.seat import SEAT_VIEWS, Seat
from data.errors import UnknownNameError

if TYPE_CHECKING:
    from console.world import World


@act("view", OWN_VIEW)
def view(seat: Seat, world: World, message: Message) -> None:
    """Show another page; one that does not exist is refused in words."""
    wanted = str(message["value"])
    if wanted not in SEAT_VIEWS:
        raise UnknownNameError("page", wanted[:40], known=SEAT_VIEWS)
    seat.view = wanted


@act("choose-island", OWN_VIEW)
def choose_island(seat: Seat, world: World, message: Message) -> None:
    """Show the island chosen from the list, on the same page."""
    seat.island_id = _island_id(world, str(message["value"]))


@act("open-island", OWN_VIEW)
def open_island(seat: Seat, world: World, message: Message) -> None:
    """Show an island's page; raises UnknownNameError for one the region does not have."""
    seat.param.update(view="island", island_id=_island_id(world, str(message["id"])))


def _island_id(world: World, words: str) -> str:
    island_id = read_id(words)
    if island_id not in world.region.islands:
        raise UnknownNameError("island", island_id[:40], known=list(world.region.islands))
    return island_id
