"""Decide what a second person answers: who asked may never be who agrees, and old questions are void."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import msgspec

from console.commands import AcceptPlan, ApprovePlan, RefuseApproval
from console.decide.ground import Ground, RefusedError
from console.decide.texts import read_reason
from data.journal.events import ApprovalAsked, ApprovalGiven, ApprovalRefused
from data.journal.interface import Entry
from data.journal.views import Approval
from data.plans import Plan
from data.text import Text

# World time in which the second person has to answer; the picture an officer decided on is past after it.
APPROVAL_LIFE = timedelta(minutes=10)
Decider = Callable[[Any, Ground], list[Entry]]


def ask_approval(command: AcceptPlan, plan: Plan, reason: Text, ground: Ground) -> list[Entry]:
    """Put a plan before a second person; it stands in the plan's own stream, so that it is asked once."""
    asked = ApprovalAsked(
        approval_id=f"approval-{ground.picture.seq + 1}",
        command=type(command).__name__,
        given={"plan_id": plan.id, "irreversible": True},
        incident_ids=plan.incident_ids,
        reason=reason,
        expires_at=ground.now + APPROVAL_LIFE,
        plan=plan,
    )
    return [ground.entry(f"plan:{plan.id}", asked)]


def waiting_for(plan_id: str, ground: Ground) -> Approval | None:
    """Return the approval a plan waits for now."""
    for approval in ground.picture.approvals.values():
        if approval.plan is not None and approval.plan.id == plan_id and approval.waits(ground.now):
            return approval
    return None


def approve(command: ApprovePlan, ground: Ground, deciders: dict[str, tuple[type, Decider]]) -> list[Entry]:
    """A second person agrees: what was asked for is judged against the picture of now, then done whole.

    ``deciders`` are the kinds of commands that may wait, each with what decides it once it is agreed to.
    """
    approval = _open(command.approval_id, ground)
    if same_person(approval.asked_by, ground.actor):
        raise RefusedError(
            f"该请求由 {approval.asked_by} 提出,须由另一人同意。",
            f"{approval.asked_by} asked for this: somebody else must approve it.",
        )
    if ground.now > approval.expires_at:
        minutes = APPROVAL_LIFE // timedelta(minutes=1)
        raise RefusedError(
            f"该请求已超过 {minutes} 分钟,作废。请重新采纳方案。",
            f"This request is older than {minutes} min and void. Accept the plan again.",
        )
    kind, decider = deciders[approval.command]
    asked = msgspec.convert({**approval.given, "plan": approval.plan}, kind)
    given = ApprovalGiven(approval_id=approval.approval_id, asked_by=approval.asked_by)
    entries = decider(asked, ground)
    return _in_order(ground.entry(_stream(approval), given), entries)


def refuse_approval(command: RefuseApproval, ground: Ground) -> list[Entry]:
    """Whoever may says no; who asked takes it back by the same."""
    approval = _open(command.approval_id, ground)
    refused = ApprovalRefused(
        approval_id=approval.approval_id, asked_by=approval.asked_by, reason=read_reason(command.reason)
    )
    return [ground.entry(_stream(approval), refused)]


def same_person(one: str, other: str) -> bool:
    """Tell whether two names are of one account: case and white space make no second person."""
    return one.strip().casefold() == other.strip().casefold()


def _open(approval_id: str, ground: Ground) -> Approval:
    approval = ground.picture.approvals.get(approval_id)
    if approval is None:
        raise RefusedError(f"没有待同意的请求“{approval_id}”。", f"There is no request for approval '{approval_id}'.")
    if approval.state == "given":
        raise RefusedError(
            f"该请求已由 {approval.answered_by} 同意。", f"{approval.answered_by} has already approved this."
        )
    if approval.state == "refused":
        raise RefusedError(
            f"该请求已由 {approval.answered_by} 拒绝或撤回。", f"{approval.answered_by} has refused or withdrawn this."
        )
    return approval


def _stream(approval: Approval) -> str:
    return f"plan:{approval.plan.id}" if approval.plan is not None else f"approval:{approval.approval_id}"


def _in_order(first: Entry, rest: list[Entry]) -> list[Entry]:
    """Return the entries with those of the first one's stream expecting one version more, since it goes before."""
    return [first, *(_later(entry) if entry.stream == first.stream else entry for entry in rest)]


def _later(entry: Entry) -> Entry:
    expected = entry.expected_version
    return msgspec.structs.replace(entry, expected_version=None if expected is None else expected + 1)
