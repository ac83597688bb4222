"""Which legs of accepted plans lie on links that close, and from when: worked out once a plan and forecast."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec

from data.errors import TongzhouError
from data.geography import Helipad, Pier, Place, Region
from data.journal.picture import Picture
from data.plans import Leg, Plan
from data.text import Text

HORIZON_MIN = 12 * 60


class LegClosing(msgspec.Struct, frozen=True, kw_only=True):
    """A leg that may not depart from ``from_at`` until ``until_at``; ``cause`` names limit and place."""

    leg: Leg
    from_at: datetime
    until_at: datetime
    cause: str
    text: Text

    @property
    def place_id(self) -> str:
        """The zone, pier, pad or island that is shut."""
        return self.cause.partition(":")[2]


ClosingKey = tuple[str, str | None, frozenset[str]]


def closing_key(plan: Plan, picture: Picture) -> ClosingKey:
    """Return what the closings of a plan depend on; the same key means the same answer."""
    return plan.id, picture.forecast.id if picture.forecast else None, frozenset(picture.closures)


def find_closings(plan: Plan, picture: Picture, region: Region, network: Any) -> tuple[LegClosing, ...]:
    """Return every closing of the plan's craft legs within twelve hours of its start.

    It asks for one route a link, some milliseconds each: call it off the server's loop.
    """
    found: list[LegClosing] = []
    spans: dict[tuple[str | None, str, str], Any] = {}
    for leg in plan.legs:
        if leg.craft_id is None or leg.craft_class not in region.craft_classes:
            continue
        link = (leg.craft_class, leg.from_site, leg.to_site)
        if link not in spans:
            spans[link] = list(_closed_spans(leg, plan.start_at, picture, region, network))
        found += [_closing(leg, plan.start_at, span) for span in spans[link]]
    return tuple(found)


def open_closings(
    picture: Picture, closings: Mapping[str, tuple[LegClosing, ...]], now: datetime, ahead: timedelta
) -> Iterator[LegClosing]:
    """Yield the closings that matter now: of a leg not begun, closed at its departure or within ``ahead`` after."""
    for plan_id in picture.accepted:
        for closing in closings.get(plan_id, ()):
            leg = closing.leg
            if leg.depart_at > now and closing.from_at <= leg.depart_at + ahead and closing.until_at > leg.depart_at:
                yield closing


def _closed_spans(leg: Leg, start: datetime, picture: Picture, region: Region, network: Any) -> Iterator[Any]:
    craft_class = region.craft_classes[leg.craft_class or ""]
    ends = _end(leg, leg.from_site, leg.path[0], region), _end(leg, leg.to_site, leg.path[-1], region)
    try:
        if leg.mode == "air":
            route = network.air_route(*ends, craft_class)
        else:
            route = network.sea_route(*ends, craft_class, picture.forecast, leg.depart_at)
        yield from network.closed_departures(
            craft_class,
            route,
            _site(leg.from_site, region),
            _site(leg.to_site, region),
            picture.forecast,
            tuple(picture.closures.values()),
            start,
            HORIZON_MIN,
        )
    except TongzhouError:
        return  # outside the forecast's hours nothing is known to close; the forecast has an alarm of its own


def _closing(leg: Leg, start: datetime, span: Any) -> LegClosing:
    return LegClosing(
        leg=leg,
        from_at=start + timedelta(minutes=span.from_min),
        until_at=start + timedelta(minutes=span.to_min),
        cause=span.cause,
        text=span.text,
    )


def _site(site_id: str, region: Region) -> Pier | Helipad | None:
    return region.piers.get(site_id) or region.helipads.get(site_id)


def _end(leg: Leg, site_id: str, point: tuple[float, float], region: Region) -> Place:
    site = _site(site_id, region)
    return Place(
        id=site_id,
        kind="pier" if isinstance(site, Pier) else "helipad" if isinstance(site, Helipad) else "field",
        name=leg.to_name if site_id == leg.to_site else leg.from_name,
        island_id=site.island_id if site else "",
        lon_deg=site.lon_deg if site else point[0],
        lat_deg=site.lat_deg if site else point[1],
    )
