"""What the weather closes, worked out once for all seats and kept until forecast, closures or time change it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from console.panels.outlook import Outlook, build_outlook, landing_closures, unit_limits
from data.journal.picture import Picture
from data.plans import Plan
from data.text import Text

if TYPE_CHECKING:
    from console.world import World

STEP_S = 300  # a closing link is told to five minutes
KEPT = 64


class Outlooks:
    """Outlooks, unit limits and landing closures by what they depend on; the oldest are dropped first."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._kept: dict[Any, Any] = {}

    def _once(self, key: Any, build: Callable[[], Any]) -> Any:
        if key not in self._kept:
            while len(self._kept) >= KEPT:
                self._kept.pop(next(iter(self._kept)))
            self._kept[key] = build()
        return self._kept[key]

    @staticmethod
    def _weather_key(picture: Picture) -> tuple[Any, ...]:
        forecast = picture.forecast
        return (forecast.id if forecast else None, forecast.issued_at if forecast else None, *picture.closures)

    def of_zone(self, picture: Picture, now: datetime, zone_id: str) -> Outlook | None:
        """Return the links strip of a zone; None while there is no network to ask."""
        world = self._world
        if world.network is None:
            return None
        key = ("zone", zone_id, int(now.timestamp()) // STEP_S, *self._weather_key(picture))
        closures = tuple(picture.closures.values())
        return self._once(
            key, lambda: build_outlook(world.region, world.network, picture.forecast, closures, now, zone_id)
        )

    def limits(self, picture: Picture, now: datetime) -> Mapping[str, Text]:
        """Return the limit each craft runs into where it is now, by unit id."""
        world = self._world
        if world.network is None:
            return {}
        key = ("limits", int(now.timestamp()) // STEP_S, *self._weather_key(picture))
        return self._once(key, lambda: unit_limits(picture, world.region, world.network, now))

    def landings(self, plan: Plan, picture: Picture) -> Mapping[str, Sequence[tuple[datetime, datetime, Text]]]:
        """Return, by craft of a plan, when its landing is closed to it."""
        world = self._world
        if world.network is None:
            return {}
        key = ("landings", plan.id, *self._weather_key(picture))
        return self._once(key, lambda: landing_closures(plan, picture, world.region, world.network))
