"""When relief lands on an island, by a deployment plan, and who of it takes which task over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from data.forces import Group
from data.geography import Place, Region
from data.holding import HandOver, HoldTask, ReliefLanding
from data.plans import Leg, Plan
from data.situation import Situation
from data.text import Text
from routing.hold.people import island_of

# Assumed: those who relieve are shown the post before the others leave it.
SHOW_MIN = 5


@dataclass(frozen=True)
class Relief:
    """Relief on its way: landings in time order, and the people of each unit where they are known."""

    landings: tuple[ReliefLanding, ...]
    groups: Mapping[str, Group]
    unit_people: Mapping[str, int]

    def strong_at(self, people: int) -> datetime | None:
        """Return when so many people are ashore; the last landing if there are never so many; None without any."""
        if not self.landings:
            return None
        return next((one.at for one in self.landings if one.ashore >= people), self.landings[-1].at)


NO_RELIEF = Relief((), {}, {})


def relief_of_plan(plan: Plan, situation: Situation, region: Region, island_id: str) -> Relief:
    """Return the landings of a deployment plan on an island that are ahead: of each group its first there.

    Who has landed already is among the island's people, if the situation says so.
    """
    groups = {state.group.id: state.group for state in situation.groups}
    home = {state.group.id for state in situation.groups if island_of(state, region) == island_id}
    ashore_of: dict[str, tuple[datetime, Place]] = {}
    unit_people: dict[str, int] = {}
    for leg in sorted(plan.legs, key=lambda leg: leg.unloaded_at or leg.arrive_at):
        place = _landing(leg, region, island_id, situation)
        if place is None:
            continue
        at = leg.unloaded_at or leg.arrive_at
        unknown = max(1, len([one for one in leg.group_ids if one not in groups]))
        known = sum(groups[one].strength for one in leg.group_ids if one in groups)
        for group_id in leg.group_ids if at > situation.at else ():
            if group_id in home:
                continue  # its people hold the island already
            if group_id not in ashore_of:
                ashore_of[group_id] = (at, place)
                unit_people[group_id] = (
                    groups[group_id].strength if group_id in groups else max(0, leg.persons - known) // unknown
                )
    landings: dict[tuple[datetime, str], list[str]] = {}
    place_of: dict[str, Place] = {}
    for group_id, (at, place) in ashore_of.items():
        landings.setdefault((at, place.id), []).append(group_id)
        place_of[place.id] = place
    found: list[ReliefLanding] = []
    ashore = 0
    for (at, place_id), units in sorted(landings.items()):
        people = sum(unit_people[unit] for unit in units)
        ashore += people
        found.append(
            ReliefLanding(at=at, place=place_of[place_id], unit_ids=tuple(sorted(units)), people=people, ashore=ashore)
        )
    return Relief(tuple(found), {one: groups[one] for one in ashore_of if one in groups}, unit_people)


def _landing(leg: Leg, region: Region, island_id: str, situation: Situation) -> Place | None:
    """Return the place where a leg brings its groups onto the island; None if it does not."""
    if not leg.group_ids or leg.purpose not in ("carry", "direct"):
        return None
    try:
        place = region.place(leg.to_site)
    except KeyError:
        # A helicopter may land in a field beside the scene, whose id ends with the incident's.
        incident = next((one for one in situation.incidents if leg.to_site.endswith(one.id)), None)
        if incident is None or incident.island_id != island_id or not leg.path:
            return None
        lon_deg, lat_deg = leg.path[-1]
        return Place(
            id=leg.to_site,
            kind="field",
            name=leg.to_name,
            island_id=island_id,
            lon_deg=lon_deg,
            lat_deg=lat_deg,
        )
    return place if place.island_id == island_id else None


@dataclass(frozen=True)
class TakeOver:
    """Who of the relief takes a task over, from when on, and how many are missing; ``at`` is None if nobody does."""

    at: datetime | None
    taken: Mapping[str, int]
    short: int


def take_over(
    tasks: Sequence[HoldTask],
    minutes_to: Mapping[str, Mapping[str, int]],
    relief: Relief,
    from_at: datetime,
    left: dict[str, int],
) -> dict[str, TakeOver]:
    """Share the relief among tasks, worthiest first, from ``from_at`` on; ``left`` people of each unit are taken from.

    ``minutes_to`` gives the minutes to a task from each landing place. A unit's people may be shared among tasks.
    """
    landed = {unit: landing for landing in relief.landings for unit in landing.unit_ids}
    in_time = sorted(landed, key=lambda unit: (landed[unit].at, unit))
    found: dict[str, TakeOver] = {}
    for task in sorted(tasks, key=lambda one: (-one.value, one.id)):
        taken: dict[str, int] = {}
        short, at = 0, from_at
        for need in sorted(task.crew, key=lambda need: need.skill is None):
            missing = need.people
            for unit in in_time:
                minutes = minutes_to[task.id].get(landed[unit].place.id)
                fits = need.skill is None or need.skill in _skills(unit, relief)
                if minutes is None or not fits or (sent := min(missing, left[unit])) <= 0:
                    continue
                left[unit] -= sent
                missing -= sent
                taken[unit] = taken.get(unit, 0) + sent
                at = max(at, landed[unit].at + timedelta(minutes=minutes + SHOW_MIN))
            short += missing
        found[task.id] = TakeOver(at if taken else None, taken, short)
    return found


def hand_over_row(
    task: HoldTask, change: TakeOver, from_people: int, from_team_ids: tuple[str, ...], relief: Relief, at: datetime
) -> HandOver:
    """Return the hand-over of one task as a row of the timeline."""
    return HandOver(
        task_id=task.id,
        at=change.at or at,
        from_people=from_people,
        from_team_ids=from_team_ids,
        to_unit_ids=tuple(sorted(change.taken)),
        to_people=sum(change.taken.values()),
        needed=task.people,
        short=change.short,
        text=_words(task, change.taken, change.short, relief),
    )


def _skills(unit: str, relief: Relief) -> frozenset[str]:
    return relief.groups[unit].skills if unit in relief.groups else frozenset()


def _words(task: HoldTask, taken: Mapping[str, int], short: int, relief: Relief) -> Text:
    names = [(relief.groups[unit].call_sign if unit in relief.groups else Text(unit, unit)) for unit in sorted(taken)]
    counts = [taken[unit] for unit in sorted(taken)]
    who_zh = "、".join(f"{name.zh} {count} 人" for name, count in zip(names, counts, strict=True))
    who_en = ", ".join(f"{name.en} {count}" for name, count in zip(names, counts, strict=True))
    if not taken:
        return Text(
            zh=f"增援无人接替，须 {task.people} 人；岛上队伍继续",
            en=f"nobody of the relief takes it, {task.people} needed; the island's people stay",
        )
    if short:
        return Text(
            zh=f"{who_zh}接替，尚缺 {short} 人；岛上队伍留 {short} 人",
            en=f"{who_en} take over, {short} short; {short} of the island's people stay",
        )
    return Text(zh=f"{who_zh}接替", en=f"{who_en} take over")
