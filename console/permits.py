"""Who may do what: one table from every command and every named query to the roles that may.

What is not in the table nobody may do. The roles of a command room, and why they differ:

- viewer: looks at the picture, so that a wall screen or a guest cannot send anybody anywhere.
- dispatcher: works incidents, plans, units and alarms, and answers as the second person.
- planner: prepares and drills. It asks for plans at any time, but accepts them only in a drill.
- analyst: reads what happened: log, replay, history, exports. It changes nothing it reports on.
- supervisor: everything operational, with what touches all seats: closures, forecasts, the clock, scenarios.
- admin: accounts, tokens and the access journal. It gives no orders: who makes accounts must not also be
  able to act through them unseen.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, get_args

import msgspec

from console import commands
from data.roles import ROLES, Principal, Role
from data.situation import WorldMode
from data.text import Text

Query = Literal[
    "see_picture",
    "see_plan",
    "see_presence",
    "see_log",
    "replay",
    "read_positions",
    "export",
    "stream_events",
    "ask_plan",
    "write_positions",
    "restart_scenario",
    "see_access",
    "see_accounts",
    "manage_accounts",
]
QUERIES: tuple[Query, ...] = get_args(Query)
Needed = type | Query

ROLE_WORDS: dict[Role, Text] = {
    "viewer": Text("观看员", "viewer"),
    "dispatcher": Text("调度员", "dispatcher"),
    "planner": Text("演练策划", "planner"),
    "analyst": Text("研判员", "analyst"),
    "supervisor": Text("指挥长", "supervisor"),
    "admin": Text("管理员", "admin"),
}


class Permit(msgspec.Struct, frozen=True, kw_only=True):
    """Who may do one thing, and what it is called; ``in_drill`` roles may only while nothing is real.

    ``sensitive`` queries are written into the access journal also when they are allowed. ``persons_only`` is
    what no token may do, whatever its role: a program is no second person.
    """

    words: Text
    roles: frozenset[Role]
    in_drill: frozenset[Role] = frozenset()
    sensitive: bool = False
    persons_only: bool = False

    def allowed(self, mode: WorldMode) -> frozenset[Role]:
        """Return the roles that may in a world of this mode."""
        return self.roles | self.in_drill if mode == "drill" else self.roles


EVERYBODY: frozenset[Role] = frozenset(ROLES)
DUTY: frozenset[Role] = frozenset({"dispatcher", "supervisor"})
SUPERVISOR: frozenset[Role] = frozenset({"supervisor"})
PLANNER: frozenset[Role] = frozenset({"planner"})
READERS: frozenset[Role] = frozenset({"dispatcher", "planner", "analyst", "supervisor"})
HISTORIANS: frozenset[Role] = frozenset({"analyst", "supervisor"})
ADMIN: frozenset[Role] = frozenset({"admin"})
NOBODY: frozenset[Role] = frozenset()


def _order(zh: str, en: str, roles: frozenset[Role] = DUTY, in_drill: frozenset[Role] = NOBODY) -> Permit:
    return Permit(words=Text(zh, en), roles=roles, in_drill=in_drill)


def _reading(zh: str, en: str, roles: frozenset[Role]) -> Permit:
    return Permit(words=Text(zh, en), roles=roles, sensitive=True)


PERMITS: dict[Needed, Permit] = {
    commands.ReportIncident: _order("录入警情", "enter incidents"),
    commands.ReviseIncident: _order("更正警情", "correct incidents"),
    commands.ChangeIncidentStatus: _order("改变警情状态", "move incidents on"),
    commands.ProposePlan: _order("提出方案", "propose plans", DUTY | PLANNER),
    commands.AcceptPlan: _order("采纳方案", "accept plans", DUTY, PLANNER),
    commands.RejectPlan: _order("否决方案", "reject plans", DUTY, PLANNER),
    commands.WithdrawPlan: _order("撤销方案", "undo plans", DUTY, PLANNER),
    commands.ApprovePlan: Permit(
        words=Text("作为第二人同意", "approve as the second person"), roles=DUTY, persons_only=True
    ),
    commands.RefuseApproval: _order("作为第二人拒绝", "refuse or withdraw an approval", DUTY, PLANNER),
    commands.SetUnitStatus: _order("改变单位状态", "key the status of units"),
    commands.ReportUnits: _order("批量改变单位状态", "report for several units"),
    commands.SetClosure: _order("设置封闭", "close places", SUPERVISOR),
    commands.LiftClosure: _order("解除封闭", "lift closures", SUPERVISOR),
    commands.IssueForecast: _order("发布预报", "issue forecasts", SUPERVISOR),
    commands.SetZoneWeather: _order("设定海区人工值", "set a zone's weather by hand", SUPERVISOR),
    commands.LiftZoneWeather: _order("撤回海区人工值", "take a zone's manual weather back", SUPERVISOR),
    commands.LogNote: _order("记事", "write notes into the log", DUTY, PLANNER),
    commands.OrderMove: _order("下令先行转移", "order moves before an island is cut off", DUTY, PLANNER),
    commands.WithdrawMove: _order("撤回先行转移", "take ordered moves back", DUTY, PLANNER),
    commands.ReportLocalTeam: _order("登记本岛队伍", "report what became of local teams"),
    commands.AcknowledgeAlarm: _order("确认报警", "acknowledge alarms"),
    commands.SetClock: _order("调整演练时钟", "set the clock of a drill", NOBODY, SUPERVISOR | PLANNER),
    commands.RaiseAlarms: _order("发出报警", "raise alarms", NOBODY),
    commands.RecordArchive: _order("登记定位归档", "record archived positions", NOBODY),
    commands.NoteAccess: _order("写入访问记录", "write the access journal", NOBODY),
    "see_picture": Permit(words=Text("查看态势", "look at the picture"), roles=EVERYBODY),
    "see_plan": Permit(words=Text("查看方案", "look at plans"), roles=EVERYBODY),
    "see_presence": Permit(words=Text("查看在席情况", "see who is on"), roles=EVERYBODY),
    "see_log": _reading("查阅日志", "read the log", READERS),
    "replay": _reading("回放", "replay the past", READERS),
    "read_positions": _reading("查阅历史位置", "read past positions", HISTORIANS),
    "export": _reading("导出数据", "export data", HISTORIANS),
    "stream_events": _reading("接收事件流", "receive the stream of events", READERS),
    "ask_plan": _order("计算方案", "ask for plans", DUTY | PLANNER),
    "write_positions": _order("上报位置", "send positions in"),
    "restart_scenario": Permit(
        words=Text("重新开始想定", "restart a scenario"), roles=NOBODY, in_drill=SUPERVISOR | PLANNER, sensitive=True
    ),
    "see_access": _reading("查阅访问记录", "read the access journal", ADMIN | SUPERVISOR),
    "see_accounts": _reading("查看账号", "see accounts", ADMIN),
    "manage_accounts": _reading("管理账号", "manage accounts and tokens", ADMIN),
}


def permit_of(needed: Needed) -> Permit:
    """Return the permit of a command type or query; one that is not in the table is nobody's."""
    found = PERMITS.get(needed)
    if found is not None:
        return found
    name = needed if isinstance(needed, str) else needed.__name__
    return Permit(words=Text(name, name), roles=NOBODY)


def may(role: Role, needed: Needed, mode: WorldMode) -> bool:
    """Tell whether a role may do something in a world of this mode."""
    return role in permit_of(needed).allowed(mode)


def changes(needed: Needed) -> bool:
    """Tell whether it writes into the journal or has the world do something, rather than looks."""
    return not isinstance(needed, str) or needed in ("ask_plan", "write_positions", "restart_scenario")


def refusal(role: Role, needed: Needed, mode: WorldMode) -> Text:
    """Say that a role may not, and which may."""
    permit, who = permit_of(needed), ROLE_WORDS[role]
    allowed = permit.allowed(mode)
    zh = "、".join(ROLE_WORDS[one].zh for one in ROLES if one in allowed)
    en = " or ".join(ROLE_WORDS[one].en for one in ROLES if one in allowed)
    if not allowed and permit.in_drill:
        return Text(
            f"实战中不能{permit.words.zh}，只限演练。", f"Nobody may {permit.words.en} in live work; a drill only."
        )
    if not allowed:
        return Text(f"任何席位都不能{permit.words.zh}。", f"No seat may {permit.words.en}.")
    return Text(f"{who.zh}不能{permit.words.zh}。可由{zh}操作。", f"A {who.en} may not {permit.words.en}. Ask a {en}.")


NO_TOKEN = Text("令牌不是人，不能{zh}。请由人在席位上操作。", "A token may not {en}: a person does that at a seat.")


def barred(principal: Principal, needed: Needed, mode: WorldMode) -> Text | None:
    """Return why somebody may not, in words; None where it may."""
    permit = permit_of(needed)
    if not may(principal.role, needed, mode):
        return refusal(principal.role, needed, mode)
    if permit.persons_only and principal.kind != "person":
        return Text(NO_TOKEN.zh.format(zh=permit.words.zh), NO_TOKEN.en.format(en=permit.words.en))
    return None


def named(needed: Needed) -> str:
    """Return the name of a command type or query as the table and the access journal write it."""
    return needed if isinstance(needed, str) else needed.__name__


def table_markdown() -> str:
    """Return the table as Markdown, in both languages.

    A dot is where a role may, D where it may in a drill only, an asterisk at what is written into the access
    journal also when it is allowed, a dagger at what no token may do.
    """
    return "\n".join(_table_lines()) + "\n"


def _table_lines() -> Iterator[str]:
    yield "| 事项 What | " + " | ".join(f"{ROLE_WORDS[one].zh} {one}" for one in ROLES) + " |"
    yield "|---" * (len(ROLES) + 1) + "|"
    for needed, permit in PERMITS.items():
        marks = ("●" if one in permit.roles else "D" if one in permit.in_drill else "" for one in ROLES)
        noted = " *" if permit.sensitive else " †" if permit.persons_only else ""
        yield f"| {permit.words.zh} · {permit.words.en} (`{named(needed)}`){noted} | " + " | ".join(marks) + " |"
