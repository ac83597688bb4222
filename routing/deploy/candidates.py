"""Who and what a plan may use: units that are free and allowed, and the reason for each that is not."""

from __future__ import annotations

from dataclasses import dataclass, field

from data.errors import UnknownNameError
from data.forces import FREE, CraftState, GroupState
from data.geography import Place, Region
from data.plans import Reason
from data.situation import Situation
from data.text import Text
from routing.network.network import Network

AFLOAT = "at:"
FIELD = "field:"


@dataclass(frozen=True)
class SpareCraft:
    """A craft that may be used but was left out of the problem; ``crossing_min`` None if it can land nobody."""

    state: CraftState
    start: Place
    crossing_min: int | None


@dataclass
class Candidates:
    """Craft and groups a plan may use, where they start, and why the others were left out."""

    craft: list[CraftState] = field(default_factory=list)
    groups: list[GroupState] = field(default_factory=list)
    craft_at: list[Place] = field(default_factory=list)
    groups_at: list[Place] = field(default_factory=list)
    left_out: dict[str, Reason] = field(default_factory=dict)
    spare_craft: list[SpareCraft] = field(default_factory=list)


def find_candidates(situation: Situation, region: Region, network: Network) -> Candidates:
    """Sort the situation's units into candidates and those left out, each of these with its reason."""
    found = Candidates()
    for craft in situation.craft:
        why = _not_allowed(craft, craft.craft.id, situation) or _craft_useless(craft, region)
        if why is not None:
            code, text = why
            found.left_out[craft.craft.id] = Reason(
                subject_kind="craft", subject_id=craft.craft.id, code=code, text=text
            )
            continue
        found.craft.append(craft)
        found.craft_at.append(start_place(craft, region, network))
    for group in situation.groups:
        why = _not_allowed(group, group.group.id, situation)
        start = start_place(group, region, network)
        if why is None and not start.island_id:
            why = "at-sea", Text("未使用：人员在海上，须先靠岸", "not used: it is at sea and must land first")
        if why is not None:
            code, text = why
            found.left_out[group.group.id] = Reason(
                subject_kind="group", subject_id=group.group.id, code=code, text=text
            )
            continue
        found.groups.append(group)
        found.groups_at.append(start)
    return found


def start_place(state: CraftState | GroupState, region: Region, network: Network) -> Place:
    """Return where a unit is: a site of the region, or a place of its own."""
    unit = state.craft if isinstance(state, CraftState) else state.group
    if state.site_id is not None:
        try:
            return region.place(state.site_id)
        except UnknownNameError:  # the scene of an earlier incident
            pass
    return Place(
        id=state.site_id or AFLOAT + unit.id,
        kind="field",
        name=Text(f"{unit.call_sign.zh}当前位置", f"where {unit.call_sign.en} is"),
        island_id=network.island_at(state.lon_deg, state.lat_deg) or "",
        lon_deg=state.lon_deg,
        lat_deg=state.lat_deg,
    )


def _not_allowed(state: CraftState | GroupState, unit_id: str, situation: Situation) -> tuple[str, Text] | None:
    """Return why a unit may not be used: forbidden by the officer, excluded by the picture, or busy."""
    if (why := state.excluded) is not None:
        return "excluded", Text(f"未使用：{why.zh}", f"not used: {why.en}")
    if (why := situation.forbidden.get(unit_id)) is not None:
        return "forbidden", Text(f"未使用：指挥员排除（{why.zh}）", f"not used: excluded by the officer ({why.en})")
    if state.status not in FREE:
        return "busy", Text("未使用：正在执行其他任务", "not used: it is on another task")
    return None


def _craft_useless(state: CraftState, region: Region) -> tuple[str, Text] | None:
    """Return why a craft can carry nobody in any plan."""
    craft_class = region.craft_classes[state.craft.class_id]
    if craft_class.seats < 1:
        return "no-seats", Text("未使用：不能载人", "not used: it carries nobody")
    if craft_class.mode == "road":
        return "road", Text(
            "未使用：陆路各组按自有车辆计算", "not used: on the road each group is counted in its own vehicles"
        )
    return None
