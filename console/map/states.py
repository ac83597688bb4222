"""Which piers, pads and bridges are open, limited or closed at a moment, asked of the network once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from data.errors import OutsideForecastError
from data.geography import Bridge, Helipad, Pier
from data.text import Text

if TYPE_CHECKING:
    from datetime import datetime

    from data.geography import Region

Status = Literal["open", "limited", "closed"]
WORST: Mapping[str, int] = {"open": 0, "limited": 1, "closed": 2}


@dataclass(frozen=True)
class State:
    """The state of one place or link with its reason and end."""

    status: Status
    text: Text | None = None
    until_at: datetime | None = None


OPEN = State("open")


@dataclass(frozen=True)
class LinkStates:
    """States by id; what is not listed is open."""

    sites: Mapping[str, State]
    bridges: Mapping[str, State]

    def site(self, site_id: str) -> State:
        """Return the state of a pier, pad or station."""
        return self.sites.get(site_id, OPEN)

    def bridge(self, bridge_id: str) -> State:
        """Return the state of a bridge."""
        return self.bridges.get(bridge_id, OPEN)


ALL_OPEN = LinkStates({}, {})


def worse(first: State, second: State) -> State:
    """Return the worse of two states, the first when equal."""
    return first if WORST[first.status] >= WORST[second.status] else second


def read_states(network: Any, region: Region, picture: Any, now: datetime) -> LinkStates:
    """Return what the network says of every pier, pad and bridge under the picture's forecast and closures.

    A moment outside the forecast leaves what only weather would close open; closures still hold.
    """
    sites = [*region.piers.values(), *region.helipads.values()]
    return LinkStates(
        states_of(network, sites, picture, now), states_of(network, region.bridges.values(), picture, now)
    )


def states_of(network: Any, places: Iterable[Pier | Helipad | Bridge], picture: Any, now: datetime) -> dict[str, State]:
    """Return the states of piers, pads and bridges that are not open, by id, as ``read_states`` does."""
    closures = tuple(picture.closures.values())

    def ask(question: Any, *args: Any) -> State:
        try:
            found = question(*args, picture.forecast, closures, now)
        except OutsideForecastError:
            found = question(*args, None, closures, now)
        return State(found.status, found.text, found.until_at)

    def state(place: Pier | Helipad | Bridge) -> State:
        if isinstance(place, Pier):
            return ask(network.pier_state, place, None)
        if isinstance(place, Helipad):
            return ask(network.pad_state, place, None)
        return ask(network.bridge_state, place)

    found = {place.id: state(place) for place in places}
    return {key: one for key, one in found.items() if one.status != "open"}
