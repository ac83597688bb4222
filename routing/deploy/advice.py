"""Say what would help: for each late or unmet echelon the least changes, and the limits that rule it out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic

from data.incidents import Echelon
from data.plans import Reason
from data.text import Text
from routing.deploy.changes import Change
from routing.deploy.compile import Compiled
from routing.deploy.conflict import Conflict, Limit, Problems, find_conflict
from routing.deploy.explain import minute_clock, skill_words
from routing.deploy.problem import DeployProblem, Solution
from routing.deploy.what_if import Gain, best_changes

# Seconds for the changes of all echelons, and for the limits of all of them.
CHANGES_S, CONFLICTS_S = 1.0, 3.0
LIMIT_WORDS: dict[Limit, Text] = {
    "range": Text("航程", "the craft's range"),
    "deck": Text("车位", "vehicle deck slots"),
    "berthing": Text("靠泊条件", "where each craft can land"),
    "weather": Text("天气限制", "the weather limits"),
    "daylight": Text("夜间限制", "the limits at night"),
    "horizon": Text("12 小时时限", "the 12 h horizon"),
    "berths": Text("泊位数", "the number of berths"),
    "cover": Text("留守底线", "the standing cover"),
    "orders": Text("封闭令", "the closures ordered"),
    "forbidden": Text("被排除的力量", "the units excluded"),
    "others": Text("其他梯次的需求", "what other echelons take"),
}


def advise(
    compiled: Compiled,
    problem: DeployProblem,
    solution: Solution,
    cancelled: Callable[[], bool] | None = None,
    is_timed: bool = True,
) -> tuple[Reason, ...]:
    """Return what would help the echelons that are late or never complete, in words with numbers.

    ``problem`` is the one solved, prices and all. Not ``is_timed``: the effort is limited by moves alone, so that a
    seed gives the same words twice.
    """
    began = monotonic()

    def is_over() -> bool:
        late = is_timed and monotonic() - began >= CHANGES_S + CONFLICTS_S
        return late or (cancelled is not None and cancelled())

    words, targets = _AdviceWords(compiled, solution), echelons_to_help(compiled, solution)
    plan = solution.objective, solution.trips, solution.directs
    limit_s = CHANGES_S if is_timed else None
    gains = best_changes(problem, plan, targets, solution.seed, limit_s, cancelled)
    problems: Problems = {}
    conflicts = [
        conflict
        for e in targets
        if solution.objective.complete_min[e] is None
        and (conflict := find_conflict(compiled, plan, e, is_over, problems)) is not None
    ]
    return (*(words.of_gain(gain) for gain in gains), *(words.of_conflict(conflict) for conflict in conflicts))


def echelons_to_help(compiled: Compiled, solution: Solution) -> list[int]:
    """Return the echelons that are late or never complete; if none is, the dearest of those due at no minute."""
    needs = [need for one in compiled.incidents for need in one.echelons]
    complete = solution.objective.complete_min
    late = [
        e
        for e, need in enumerate(needs)
        if (minute := complete[e]) is None or (need.due_min is not None and minute > need.due_min)
    ]
    if late:
        return late
    free = [e for e, need in enumerate(needs) if need.due_min is None]
    return sorted(free, key=lambda e: (-(complete[e] or 0) * needs[e].weight, e))[:1]


@dataclass
class _AdviceWords:
    compiled: Compiled
    solution: Solution

    def __post_init__(self) -> None:
        self.needs: list[Echelon] = [need for one in self.compiled.incidents for need in one.echelons]

    def of_gain(self, gain: Gain) -> Reason:
        """Say one change and what it brings."""
        need, by = self.needs[gain.echelon], self.of_change(gain.change)
        if gain.from_min is not None and gain.to_min is not None:
            brings = Text(
                f"“{need.name.zh}”由 {gain.from_min} 分钟提前到 {gain.to_min} 分钟到齐",
                f"'{need.name.en}' from {gain.from_min} to {gain.to_min} min",
            )
        elif gain.to_min is not None:
            brings = Text(
                f"“{need.name.zh}”可于 {self._clock(gain.to_min)} 到齐（{gain.to_min} 分钟）",
                f"'{need.name.en}' to completion at {self._clock(gain.to_min)} ({gain.to_min} min)",
            )
        else:
            brings = Text(
                f"“{need.name.zh}”到达人数由 {gain.from_persons} 增至 {gain.to_persons}（需 {need.persons}）",
                f"'{need.name.en}' from {gain.from_persons} to {gain.to_persons} of {need.persons} persons",
            )
        later = gain.others_later_min
        price = (
            Text(f"；其他梯次最多晚 {later} 分钟", f"; another echelon is up to {later} min later")
            if later > 0
            else Text("", "")
        )
        return self._reason(
            need.id,
            "change",
            f"{by.zh}，{brings.zh}{price.zh}（搜索所得，非证明）",
            f"{by.en} brings {brings.en}{price.en} (found by search, not proven)",
        )

    def of_change(self, change: Change) -> Text:
        """Say one change."""
        n, by, compiled = change.index, change.amount, self.compiled
        pickups, landings = compiled.sites.pickups, compiled.sites.landings
        match change.kind:
            case "craft-ready":
                name = compiled.candidates.craft[n].craft.call_sign
                return Text(f"{name.zh}早 {by} 分钟备航", f"{name.en} ready {by} min earlier")
            case "group-ready":
                name = compiled.candidates.groups[n].group.call_sign
                return Text(f"{name.zh}早 {by} 分钟集结", f"{name.en} ready {by} min earlier")
            case "pickup-berth" | "landing-berth":
                at = (pickups if change.kind == "pickup-berth" else landings)[n].name
                return Text(f"{at.zh}多 1 个泊位", f"one more berth at {at.en}")
            case "vehicle":
                at = compiled.pools[n]
                return Text(f"{at.zh}增加 1 辆接送车", f"one more van or bus at {at.en}")
            case "pickup-open":
                at = pickups[n].name
                return Text(f"{at.zh}全程可离泊", f"{at.en} open for departures throughout")
            case "landing-open":
                at = landings[n].name
                return Text(f"往{at.zh}的航路全程开放", f"the way to {at.en} open throughout")
            case "cover":
                at = compiled.region.stations[compiled.stations[n]].name
                return Text(f"{at.zh}少留守 1 个警组", f"one group less kept at {at.en}")
            case "group":
                group, at = compiled.candidates.groups[n].group, compiled.candidates.groups_at[n].name
                return Text(
                    f"{at.zh}增加 1 个同类警组（{group.strength} 人）",
                    f"one more group of {group.strength} like {group.call_sign.en} at {at.en}",
                )
            case "craft":
                craft_class, at = compiled.class_of(n), compiled.candidates.craft_at[n].name
                measure = "架" if craft_class.mode == "air" else "艘"
                return Text(
                    f"{at.zh}增加 1 {measure}{craft_class.name.zh}", f"one more {craft_class.name.en} at {at.en}"
                )

    def of_conflict(self, conflict: Conflict) -> Reason:
        """Say what together rules an echelon out, from when it were not, and what can be reached as it is."""
        need = self.needs[conflict.echelon]
        skill = skill_words(self.compiled, need.skill)
        by = "" if conflict.most_by_min is None else self._clock(conflict.most_by_min)
        reached = (
            Text(
                f"现有限制下最多到达 {conflict.most_persons} 人（{by} 前）",
                f"as it is {conflict.most_persons} can come, by {by}",
            )
            if conflict.most_persons > 0 and by
            else Text("现有限制下无人能到", "as it is nobody can come")
        )
        if not conflict.together:
            return self._reason(
                need.id,
                "too-few",
                f"“{need.name.zh}”即使解除所有限制也只能到{skill.zh} {conflict.all_persons} 人，需 {need.persons} 人："
                f"力量不足，请求增援；{reached.zh}（搜索所得）",
                f"'{need.name.en}': even with every limit lifted {conflict.all_persons} {skill.en} come of "
                f"{need.persons}: the forces are too few, ask for more; {reached.en} (found by search)",
            )
        zh, en = self._listed(conflict.together, "、", " and ")
        both = ("共同", " together") if len(conflict.together) > 1 else ("", "")
        ways_zh, ways_en = [], []
        for limits, minute in sorted(conflict.lifts, key=lambda lift: lift[1])[:2]:
            lift_zh, lift_en = self._listed(limits, "和", " and ")
            ways_zh.append(f"若无{lift_zh}，{self._clock(minute)} 可到齐（{minute} 分钟）")
            ways_en.append(f"but for {lift_en} it would be complete at {self._clock(minute)} ({minute} min)")
        return self._reason(
            need.id,
            "conflict",
            f"{zh}{both[0]}使“{need.name.zh}”无法到齐；{reached.zh}；{'；'.join(ways_zh)}（搜索所得）",
            f"'{need.name.en}' is ruled out by {en}{both[1]}; {reached.en}; {'; '.join(ways_en)} (found by search)",
        )

    @staticmethod
    def _listed(limits: tuple[Limit, ...], comma_zh: str, comma_en: str) -> tuple[str, str]:
        words = [LIMIT_WORDS[limit] for limit in limits]
        return comma_zh.join(w.zh for w in words), comma_en.join(w.en for w in words)

    def _clock(self, minute: int) -> str:
        return minute_clock(self.compiled, minute)

    def _reason(self, echelon_id: str, code: str, zh: str, en: str) -> Reason:
        upper = en[:1].upper() + en[1:]
        return Reason(subject_kind="echelon", subject_id=echelon_id, code=code, text=Text(zh=zh, en=upper))
