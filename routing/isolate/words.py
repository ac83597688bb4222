"""Which rule ends a passage, in words: what it meets, where, and until when."""

from __future__ import annotations

from datetime import datetime, timedelta

from data.forces import CraftClass
from data.text import Text
from routing.isolate.passages import LegKind, Legs
from routing.isolate.surfaces import site_shuts
from routing.isolate.windows import Outlook, Walked
from routing.network.conditions import Shut


def ending(outlook: Outlook, craft_class: CraftClass, legs: Legs, walked: Walked) -> tuple[str, Text]:
    """Return the rule a shut passage meets, by name and in words."""
    charts = outlook.charts
    sites = charts.sites[craft_class.mode]
    number, kind = int(legs.resource[walked.leg]), LegKind(int(legs.kind[walked.leg]))
    moment = outlook.start + timedelta(minutes=max(0.0, walked.at_min))
    if kind is LegKind.ZONE:
        zone_id = sites.zone_ids[number]
        zone = outlook.charts.region.zones[zone_id]
        return _held(outlook, outlook.conditions.craft_shuts(craft_class, zone_id), moment, zone.name)
    site = sites.sites[(number - sites.resources.num_zones) % sites.resources.num_sites]
    if kind is LegKind.ROAD:
        return "bridge", Text(
            f"{site.name.zh}:登岸后桥梁封闭,不能去往避险地", f"{site.name.en}: the bridges onwards to a haven are shut"
        )
    shuts, tide = site_shuts(craft_class, site, outlook.conditions, charts.book, outlook.start, outlook.horizon_to)
    return _held(outlook, [*shuts, *tide], moment, site.name)


def _held(outlook: Outlook, shuts: list[Shut], at: datetime, name: Text) -> tuple[str, Text]:
    """Return what holds at a moment, of several the one that lifts last."""
    state = outlook.conditions.state(shuts, at)
    if state.status == "open":  # met within the same minute
        state = outlook.conditions.state(shuts, at + timedelta(minutes=1))
    words = state.text or Text("条件超过限值", "over a limit")
    if name.zh in words.zh:
        return state.limit or "limit", words
    return state.limit or "limit", Text(f"{name.zh}:{words.zh}", f"{name.en}: {words.en}")
