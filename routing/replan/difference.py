"""Say what a re-planning changes, as a list a person can read: echelons, then craft, then groups."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from data.text import Text
from routing.deploy.problem import DeployProblem, Direct, Score, Trip
from routing.replan.changes import Task, tasks_of

Kind = Literal["echelon", "craft", "group"]
How = Literal["added", "dropped", "moved", "later", "earlier", "larger", "smaller"]


@dataclass(frozen=True, slots=True)
class Change:
    """One line of the list; ``minutes`` tells by how much later (or, below 0, earlier) where both are known."""

    kind: Kind
    index: int
    how: How
    minutes: int | None
    text: Text


@dataclass(frozen=True)
class Names:
    """What things are called; whatever is not named goes by its number."""

    groups: Sequence[Text] = ()
    craft: Sequence[Text] = ()
    pickups: Sequence[Text] = ()
    incidents: Sequence[Text] = ()
    echelons: Sequence[Text] = ()
    _words: dict[str, Text] = field(
        default_factory=lambda: {
            "groups": Text(zh="第{}组", en="group {}"),
            "craft": Text(zh="第{}艇", en="craft {}"),
            "pickups": Text(zh="{}号上船点", en="pickup {}"),
            "incidents": Text(zh="{}号现场", en="incident {}"),
            "echelons": Text(zh="第{}梯次", en="echelon {}"),
        }
    )

    def of(self, what: str, index: int) -> Text:
        """Return the name of one of ``groups``, ``craft``, ``pickups``, ``incidents`` or ``echelons``."""
        given: Sequence[Text] = getattr(self, what)
        if index < len(given):
            return given[index]
        word = self._words[what]
        return Text(zh=word.zh.format(index), en=word.en.format(index))


@dataclass(frozen=True)
class PlanStory:
    """A plan with its points, as far as the list speaks of it."""

    problem: DeployProblem
    trips: Sequence[Trip]
    directs: Sequence[Direct]
    objective: Score


def list_changes(before: PlanStory, after: PlanStory, names: Names) -> tuple[Change, ...]:
    """Return every difference between two plans in a stable order."""
    return (
        *_echelons(before, after, names),
        *_craft(before, after, names),
        *_groups(before, after, names),
    )


def _echelons(before: PlanStory, after: PlanStory, names: Names) -> Iterator[Change]:
    needs, asked = before.problem.echelons, after.problem.echelons
    for e, need in enumerate(asked):
        name = names.of("echelons", e)
        then = _completion(before.objective.complete_min[e], before.objective.arrived[e]) if e < len(needs) else None
        now = _completion(after.objective.complete_min[e], after.objective.arrived[e])
        if then is None:
            zh, en = (
                f"{name.zh}：新增，需 {need.persons} 人，{now.zh}",
                f"{name.en}: new, {need.persons} persons, {now.en}",
            )
            yield Change("echelon", e, "added", None, Text(zh=zh, en=en))
            continue
        if need.persons != needs[e].persons:
            how: How = "larger" if need.persons > needs[e].persons else "smaller"
            zh = f"{name.zh}：所需人数由 {needs[e].persons} 改为 {need.persons}"
            en = f"{name.en}: asks for {need.persons} persons instead of {needs[e].persons}"
            yield Change("echelon", e, how, None, Text(zh=zh, en=en))
        if then != now:
            at, was = after.objective.complete_min[e], before.objective.complete_min[e]
            minutes = None if at is None or was is None else at - was
            is_later = at is None or (was is not None and at > was)
            text = Text(zh=f"{name.zh}：{then.zh} → {now.zh}", en=f"{name.en}: {then.en} -> {now.en}")
            yield Change("echelon", e, "later" if is_later else "earlier", minutes, text)


def _completion(minute: int | None, arrived: int) -> Text:
    if minute is None:
        return Text(zh=f"无法到齐（到 {arrived} 人）", en=f"not complete ({arrived} arrive)")
    return Text(zh=f"第 {minute} 分钟到齐", en=f"complete at minute {minute}")


def _craft(before: PlanStory, after: PlanStory, names: Names) -> Iterator[Change]:
    made_before, made_after = _trips_by_craft(before.trips), _trips_by_craft(after.trips)
    for c in sorted(made_before.keys() | made_after.keys()):
        then, now, name = made_before.get(c, []), made_after.get(c, []), names.of("craft", c)
        if not then:
            pickup = names.of("pickups", now[0].pickup)
            zh = f"{name.zh}：新启用，{len(now)} 个航次，第 {now[0].board_min} 分钟在{pickup.zh}上船"
            en = f"{name.en}: newly used, {len(now)} trip(s), loads at {pickup.en} at minute {now[0].board_min}"
            yield Change("craft", c, "added", None, Text(zh=zh, en=en))
        elif not now:
            zh, en = (
                f"{name.zh}：不再使用（原有 {len(then)} 个航次）",
                f"{name.en}: no longer used ({len(then)} trip(s) before)",
            )
            yield Change("craft", c, "dropped", None, Text(zh=zh, en=en))
        else:
            yield from _trips(c, name, then, now, names)


def _trips(c: int, name: Text, then: list[Trip], now: list[Trip], names: Names) -> Iterator[Change]:
    """Tell of one craft's trips by their number; a trip's groups are told of at the groups."""
    for n in range(max(len(then), len(now))):
        number_zh, number_en = f"{name.zh}第 {n + 1} 航次", f"{name.en}, trip {n + 1}"
        if n >= len(now):
            zh, en = f"{number_zh}：取消", f"{number_en}: dropped"
            yield Change("craft", c, "dropped", None, Text(zh=zh, en=en))
            continue
        pickup = names.of("pickups", now[n].pickup)
        if n >= len(then):
            zh = f"{number_zh}：新增，第 {now[n].board_min} 分钟在{pickup.zh}上船"
            en = f"{number_en}: added, loads at {pickup.en} at minute {now[n].board_min}"
            yield Change("craft", c, "added", None, Text(zh=zh, en=en))
            continue
        minutes = now[n].land_min - then[n].land_min
        if (then[n].pickup, then[n].landing, then[n].incident) != (now[n].pickup, now[n].landing, now[n].incident):
            incident = names.of("incidents", now[n].incident)
            zh = f"{number_zh}：改走另一航线，自{pickup.zh}赴{incident.zh}，第 {now[n].land_min} 分钟上岸完毕"
            en = f"{number_en}: other way, from {pickup.en} to {incident.en}, ashore at minute {now[n].land_min}"
            yield Change("craft", c, "moved", minutes, Text(zh=zh, en=en))
        elif minutes:
            how: How = "later" if minutes > 0 else "earlier"
            by_zh = f"{'推迟' if minutes > 0 else '提前'} {abs(minutes)} 分钟"
            zh = f"{number_zh}：{by_zh}，第 {then[n].land_min} → {now[n].land_min} 分钟上岸完毕"
            en = f"{number_en}: {abs(minutes)} min {how}, ashore at minute {then[n].land_min} -> {now[n].land_min}"
            yield Change("craft", c, how, minutes, Text(zh=zh, en=en))


def _groups(before: PlanStory, after: PlanStory, names: Names) -> Iterator[Change]:
    told, tells = tasks_of(before.trips, before.directs), tasks_of(after.trips, after.directs)
    came, comes = _arrival_of(before), _arrival_of(after)
    for g in sorted(told.keys() | tells.keys()):
        name = names.of("groups", g)
        then, now = told.get(g), tells.get(g)
        if then is None and now is not None:
            way = _way(now, names)
            zh = f"{name.zh}：新派，{way.zh}，第 {comes[g]} 分钟到达"
            en = f"{name.en}: added, {way.en}, arrives at minute {comes[g]}"
            yield Change("group", g, "added", None, Text(zh=zh, en=en))
        elif then is not None and now is None:
            way = _way(then, names)
            zh, en = f"{name.zh}：不再派出（原{way.zh}）", f"{name.en}: dropped (was {way.en})"
            yield Change("group", g, "dropped", None, Text(zh=zh, en=en))
        elif then is not None and now is not None:
            minutes = comes[g] - came[g]
            arrive_zh, arrive_en = f"第 {came[g]} → {comes[g]} 分钟到达", f"arrives at minute {came[g]} -> {comes[g]}"
            if then != now:
                was, way = _way(then, names), _way(now, names)
                zh, en = f"{name.zh}：{was.zh} → {way.zh}，{arrive_zh}", f"{name.en}: {was.en} -> {way.en}, {arrive_en}"
                yield Change("group", g, "moved", minutes, Text(zh=zh, en=en))
            elif minutes:
                how: How = "later" if minutes > 0 else "earlier"
                by_zh = f"{'推迟' if minutes > 0 else '提前'} {abs(minutes)} 分钟"
                zh, en = f"{name.zh}：{by_zh}，{arrive_zh}", f"{name.en}: {abs(minutes)} min {how}, {arrive_en}"
                yield Change("group", g, how, minutes, Text(zh=zh, en=en))


def _way(task: Task, names: Names) -> Text:
    incident = names.of("incidents", task.incident)
    if task.craft is None or task.pickup is None:
        return Text(zh=f"由陆路赴{incident.zh}", en=f"by road to {incident.en}")
    craft, pickup = names.of("craft", task.craft), names.of("pickups", task.pickup)
    return Text(zh=f"自{pickup.zh}乘{craft.zh}赴{incident.zh}", en=f"on {craft.en} from {pickup.en} to {incident.en}")


def _trips_by_craft(trips: Sequence[Trip]) -> dict[int, list[Trip]]:
    found: dict[int, list[Trip]] = {}
    for trip in sorted(trips, key=lambda t: (t.craft, t.board_min, t.depart_min)):
        found.setdefault(trip.craft, []).append(trip)
    return found


def _arrival_of(plan: PlanStory) -> dict[int, int]:
    last_mile = plan.problem.last_mile_min
    rides = {g: t.land_min + int(last_mile[t.landing, t.incident]) for t in plan.trips for g in t.groups}
    return rides | {d.group: d.arrive_min for d in plan.directs}
