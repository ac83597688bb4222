"""Write the orders of an accepted plan: one a unit, in words a radio operator can read out."""

from __future__ import annotations

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from console.decide.ground import Ground
from data.plans import Leg, Order, Plan
from data.text import Text
from routing.movement import unit_track, units_of

_BY_ROAD = {"road": Text("乘车", "by road"), "foot": Text("步行", "on foot")}


def orders_of(plan: Plan, ground: Ground, *, irreversible: bool = False) -> Iterator[Order]:
    """Yield the order of each unit of the plan, in the order they set off."""
    for unit_id in units_of(plan):
        legs = unit_track(plan, unit_id).legs
        served = next((leg.incident_id for leg in legs if leg.incident_id), plan.incident_ids[0])
        said = [_said(leg, unit_id, ground) for leg in legs]
        yield Order(
            id=f"{plan.id}/{unit_id}",
            plan_id=plan.id,
            incident_id=served,
            unit_id=unit_id,
            leg_ids=tuple(leg.id for leg in legs),
            issued_at=ground.now,
            irreversible=irreversible,
            text=Text(";".join(one.zh for one in said), "; ".join(one.en for one in said)),
        )


def _said(leg: Leg, unit_id: str, ground: Ground) -> Text:
    zone = ZoneInfo(ground.region.timezone)
    depart, arrive = f"{leg.depart_at.astimezone(zone):%H:%M}", f"{leg.arrive_at.astimezone(zone):%H:%M}"
    by = _carried_by(leg, unit_id, ground)
    return Text(
        f"{depart}{by.zh}由{leg.from_name.zh}至{leg.to_name.zh},{arrive}到",
        f"{depart}{by.en} from {leg.from_name.en} to {leg.to_name.en}, arriving {arrive}",
    )


def _carried_by(leg: Leg, unit_id: str, ground: Ground) -> Text:
    if leg.craft_id == unit_id:
        load = Text(f"载{leg.persons}人", f" with {leg.persons} persons") if leg.persons else Text("", "")
        return load
    craft = ground.picture.units.get(leg.craft_id or "")
    if craft is not None:
        return Text(f"乘{craft.call_sign.zh}", f" on {craft.call_sign.en}")
    words = _BY_ROAD.get(leg.mode, Text("", ""))
    return Text(words.zh, f" {words.en}" if words.en else "")
