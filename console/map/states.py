"""Which piers, pads and bridges are open, limited or closed at a moment, asked of the network once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from data.errors import OutsideForecastError
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
    closures = tuple(picture.closures.values())

    def ask(question: Any, *args: Any) -> State:
        try:
            found = question(*args, picture.forecast, closures, now)
        except OutsideForecastError:
            found = question(*args, None, closures, now)
        return State(found.status, found.text, found.until_at)

    sites = {pier.id: ask(network.pier_state, pier, None) for pier in region.piers.values()}
    sites |= {pad.id: ask(network.pad_state, pad, None) for pad in region.helipads.values()}
    bridges = {bridge.id: ask(network.bridge_state, bridge) for bridge in region.bridges.values()}
    keep = lambda states: {key: state for key, state in states.items() if state.status != "open"}  # noqa: E731
    return LinkStates(keep(sites), keep(bridges))
