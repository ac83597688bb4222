"""What one class meets under one forecast: how fast each zone passes and when each thing is shut."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import inf

import numpy as np

from data.forces import KNOT_MPS, CraftClass
from data.geography import Helipad, Pier
from routing.deploy.lane_book import LaneBook
from routing.isolate.passages import Ints, Sites
from routing.isolate.spans import MINUTE, Span, minute_spans
from routing.isolate.weather_tables import ZoneTable, joined_spans
from routing.network.conditions import DARK_SPAN, Conditions, Shut
from routing.network.limits import berthing_limit
from routing.network.projection import Floats
from routing.network.sea_speed import speed_factor

# A craft is taken to have the current against it all the way, and to keep this share of its speed at least. Assumed.
LEAST_SPEED_SHARE = 0.2
FAR_MIN = 1e9
ALWAYS: tuple[Span, ...] = ((-inf, inf),)


@dataclass(frozen=True)
class Surface:
    """The resources of one class under one outlook, as arrays for the kernels.

    ``rates[resource, step]`` holds from ``bounds[step]`` minutes on; ``shut_from`` and ``shut_to`` of resource r are
    those numbered ``shut_at[r]`` to ``shut_at[r + 1]``.
    """

    bounds: Floats
    rates: Floats
    shut_at: Ints
    shut_from: Floats
    shut_to: Floats

    @property
    def arrays(self) -> tuple[Floats, Floats, Ints, Floats, Floats]:
        """The arrays in the order the kernels take them."""
        return self.bounds, self.rates, self.shut_at, self.shut_from, self.shut_to


def build_surface(
    craft_class: CraftClass,
    sites: Sites,
    conditions: Conditions,
    book: LaneBook,
    start: datetime,
    horizon_to: datetime,
    onward: dict[str, tuple[Span, ...]],
    tables: dict[str, ZoneTable],
) -> Surface:
    """Return a class's surface; ``onward`` is when the road from an island to a haven is shut.

    ``tables`` are the forecast's hours by zone, none of them without a forecast.
    """
    bounds, rates = zone_rates(craft_class, sites, conditions, start)
    spans: list[tuple[Span, ...]] = [() for _ in range(sites.resources.count)]
    passage: dict[str, tuple[Span, ...]] = {}
    for zone_id, table in tables.items():
        by_people = conditions.closed_by_people("zone", zone_id, None) if craft_class.mode == "sea" else []
        passage[zone_id] = joined_spans(table.spans(table.passage(craft_class)), minute_spans(by_people, start))
    for number, zone_id in enumerate(sites.zone_ids):
        spans[number] = passage[zone_id]
    for number, site in enumerate(sites.sites):
        resource = sites.resources.site(number)
        if isinstance(site, Pier):
            if berthing_limit(craft_class, site):
                spans[resource] = ALWAYS
                continue
            table = tables[site.zone_id]
            by_waves = table.spans(table.berth(craft_class, site))
            closed = minute_spans(conditions.pier_closures(site), start)
            spans[resource] = joined_spans(passage[site.zone_id], by_waves, closed)
            spans[sites.resources.tide(number)] = minute_spans(conditions.tide_shuts(site, craft_class), start)
        else:
            shuts = conditions.pad_closures(site)
            for day in dark_days(start, horizon_to):
                shuts += conditions.dark(craft_class, site, site.id, site.lon_deg, site.lat_deg, day)
            spans[resource] = joined_spans(passage[book.zone_of(site)], minute_spans(shuts, start))
        spans[sites.resources.road(number)] = onward.get(site.island_id, ())
    return Surface(bounds, rates, *packed(spans))


def packed(spans: Sequence[tuple[Span, ...]]) -> tuple[Ints, Floats, Floats]:
    """Return the spans of all resources in three arrays, infinite ends as far away as the kernels know."""
    at = np.cumsum([0, *(len(some) for some in spans)]).astype(np.int64)
    flat = [span for some in spans for span in some]
    table = np.clip(np.array(flat, float).reshape(-1, 2), -FAR_MIN, FAR_MIN)
    return at, np.ascontiguousarray(table[:, 0]), np.ascontiguousarray(table[:, 1])


def zone_rates(craft_class: CraftClass, sites: Sites, conditions: Conditions, start: datetime) -> tuple[Floats, Floats]:
    """Return steps (minutes) and the share of full speed of each resource in each; all but zones pass at 1."""
    count = sites.resources.count
    if craft_class.mode != "sea" or conditions.forecast is None:
        return np.zeros(1), np.ones((count, 1))
    hours = {zone_id: conditions.hours(zone_id) for zone_id in sites.zone_ids}
    moments = sorted({hour.valid_from for some in hours.values() for hour in some})
    if not moments:
        return np.zeros(1), np.ones((count, 1))
    rates = np.ones((count, len(moments)))
    for number, zone_id in enumerate(sites.zone_ids):
        n, some = 0, hours[zone_id]
        for step, moment in enumerate(moments):
            while n + 1 < len(some) and some[n + 1].valid_from <= moment:
                n += 1
            lost = some[n].current_kn * KNOT_MPS / craft_class.cruise_mps
            rates[number, step] = max(LEAST_SPEED_SHARE, speed_factor(some[n].hs_m, craft_class.max_hs_m) - lost)
    return np.array([(moment - start) / MINUTE for moment in moments]), rates


def site_shuts(
    craft_class: CraftClass,
    site: Pier | Helipad,
    conditions: Conditions,
    book: LaneBook,
    start: datetime,
    horizon_to: datetime,
) -> tuple[list[Shut], list[Shut]]:
    """Return when a class may not use a site, and when the tide keeps it away, whose spans hold handling already."""
    if isinstance(site, Pier):
        found = conditions.pier_shuts(site, craft_class)
        return [one for one in found if one.breach.limit != "tide"], [
            one for one in found if one.breach.limit == "tide"
        ]
    shuts: list[Shut] = []
    for day in dark_days(start, horizon_to):
        shuts += conditions.pad_shuts(site, book.zone_of(site), craft_class, day)
    return shuts, []


def dark_days(start: datetime, horizon_to: datetime) -> list[datetime]:
    """Return the days to ask for nights about, each good for a span of days around it, so that none is left out."""
    days = [start.replace(hour=0, minute=0, second=0, microsecond=0)]
    while days[-1] + DARK_SPAN < horizon_to:
        days.append(days[-1] + 2 * DARK_SPAN)
    return days


def is_never_open(spans: Sequence[Span]) -> bool:
    """Say whether something is shut at all times."""
    return any(first == -inf and last == inf for first, last in spans)
