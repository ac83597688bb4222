"""What differs between the plan of an island in force and the one made again, task by task."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, tzinfo

from data.holding import HoldChange, HoldPlan, HoldService
from data.text import Text

UnitKey = tuple[str, int]


def hold_changes(before: HoldPlan, after: HoldPlan, zone: tzinfo) -> tuple[HoldChange, ...]:
    """Return the changes from one plan to the next, in the order of the tasks; clock times in ``zone``."""
    return tuple(_changes(before, after, zone))


def _changes(before: HoldPlan, after: HoldPlan, zone: tzinfo) -> Iterator[HoldChange]:
    old, new = _by_unit(before), _by_unit(after)
    old_crews, new_crews = _crews(before), _crews(after)
    names = {task.id: task.name for task in (*before.tasks, *after.tasks)}
    known = {task.id for task in before.tasks}
    for task in after.tasks:
        if task.id not in known:
            yield HoldChange(kind="new_task", task_id=task.id, slot=0, text=_said(task.name, "新任务", "new task"))
    for key, one in new.items():
        was = old.get(key)
        if was is None or one == was:
            if was is not None and (moved := _moved(old_crews, new_crews, key)):
                yield _recrewed(key, names[key[0]], moved)
            continue
        name = names[key[0]]
        if one.served and not was.served:
            yield HoldChange(
                kind="served_now",
                task_id=key[0],
                slot=key[1],
                text=_said(
                    name, f"现可完成，{_clock(one.from_at, zone)} 起", f"done now, from {_clock(one.from_at, zone)}"
                ),
            )
        elif was.served and not one.served:
            yield HoldChange(
                kind="unserved_now",
                task_id=key[0],
                slot=key[1],
                text=_said(name, "不再有人承担", "nobody does it any more"),
            )
        elif one.served and one.from_at != was.from_at:
            yield HoldChange(
                kind="retimed",
                task_id=key[0],
                slot=key[1],
                text=_said(
                    name,
                    f"由 {_clock(was.from_at, zone)} 改为 {_clock(one.from_at, zone)}",
                    f"{_clock(one.from_at, zone)} instead of {_clock(was.from_at, zone)}",
                ),
            )
        elif moved := _moved(old_crews, new_crews, key):
            yield _recrewed(key, name, moved)
    for task in before.tasks:
        if task.id not in {one.id for one in after.tasks}:
            yield HoldChange(kind="dropped", task_id=task.id, slot=0, text=_said(task.name, "取消", "dropped"))


def _recrewed(key: UnitKey, name: Text, moved: tuple[int, int]) -> HoldChange:
    left, joined = moved
    return HoldChange(
        kind="recrewed",
        task_id=key[0],
        slot=key[1],
        text=_said(name, f"换下 {left} 人，换上 {joined} 人", f"{left} leave, {joined} join"),
    )


def _by_unit(plan: HoldPlan) -> dict[UnitKey, HoldService]:
    return {(one.task_id, one.slot): one for one in plan.services}


def _crews(plan: HoldPlan) -> dict[UnitKey, set[tuple[str, int]]]:
    found: dict[UnitKey, set[tuple[str, int]]] = {}
    for row in plan.rows:
        found.setdefault((row.task_id, row.slot), set()).add((row.team_id, row.ordinal))
    return found


def _moved(
    old: dict[UnitKey, set[tuple[str, int]]], new: dict[UnitKey, set[tuple[str, int]]], key: UnitKey
) -> tuple[int, int] | None:
    was, now = old.get(key, set()), new.get(key, set())
    return (len(was - now), len(now - was)) if was != now and was and now else None


def _said(name: Text, zh: str, en: str) -> Text:
    return Text(zh=f"{name.zh}：{zh}", en=f"{name.en}: {en}")


def _clock(moment: datetime | None, zone: tzinfo) -> str:
    return "-" if moment is None else f"{moment.astimezone(zone):%H:%M}"
