"""What waits for a second person: a line at every seat that says who asked for what, and by when to answer."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from console.decide.approvals import same_person
from console.i18n import say
from console.panels.figures import DOT, clock
from console.panels.markup import Html, button, incident_mark, tag
from console.panels.timers import countdown
from data.geography import Region
from data.text import Language

if TYPE_CHECKING:
    from data.journal.picture import Picture
    from data.journal.views import Approval

# A request nobody answered in time stays in sight this long, so that whoever asked learns that nothing was sent.
VOID_SHOWN = timedelta(minutes=20)


def approval_for(picture: Picture, incident_id: str | None, now: datetime) -> Approval | None:
    """Return the request that waits for a second person for an incident, the latest if several."""
    waiting = [one for one in picture.approvals.values() if incident_id in one.incident_ids and one.waits(now)]
    return waiting[-1] if waiting else None


def approval_rows(picture: Picture, now: datetime) -> list[Approval]:
    """Return the requests not answered yet, the oldest first, and those void not long ago."""
    return [one for one in picture.approvals.values() if one.state == "asked" and now <= one.expires_at + VOID_SHOWN]


def approval_lines(
    picture: Picture, region: Region, now: datetime, language: Language, *, actor: str, can_act: bool, has_key: bool
) -> list[Html]:
    """Return the rows of the alarm strip; the first that waits shows the key where no other place does."""
    lines = []
    for approval in approval_rows(picture, now):
        keyed = has_key and approval.waits(now)
        has_key = has_key and not keyed
        lines.append(_line(approval, picture, region, now, language, actor, can_act, keyed))
    return lines


def _line(
    approval: Approval,
    picture: Picture,
    region: Region,
    now: datetime,
    language: Language,
    actor: str,
    can_act: bool,
    keyed: bool,
) -> Html:
    waits = approval.waits(now)
    words = asked_words(approval, picture, language)
    mine = same_person(approval.asked_by, actor)
    todo = say("approval.void" if not waits else "approval.wait" if mine else "approval.todo", language)
    buttons = approval_buttons(approval, now, language, actor=actor, keyed=keyed, cls="small") if can_act else []
    return tag(
        "div",
        incident_mark(1 if waits else 3, 18),
        tag("span", clock(approval.asked_at, region.timezone, seconds=True), cls="num"),
        tag("span", words, cls="cut cause", title=words),
        tag("span", todo, cls="cut", title=todo),
        tag("span", countdown(approval.expires_at, now, language) if waits else None, cls="due"),
        tag("span", *buttons, cls="ackstate"),
        role="listitem",
        data_key=f"approval-{approval.approval_id}",
        cls="alarm approval p1" if waits else "alarm approval p3 quiet",
    )


def asked_words(approval: Approval, picture: Picture, language: Language) -> str:
    """Return who asks for what: the incidents, the craft and persons of the plan, and why two persons are needed."""
    comma = say("list.comma", language)
    known = [picture.incidents[one].number for one in approval.incident_ids if one in picture.incidents]
    parts = [say("approval.asked", language, who=approval.asked_by, incidents=comma.join(known))]
    if (plan := approval.plan) is not None:
        kind = say(f"alternative.{plan.alternative}", language)
        parts.append(say("approval.sends", language, kind=kind, craft=plan.craft_used, persons=plan.persons))
    parts.append(approval.reason.said(language))
    return DOT.join(parts)


def approval_buttons(
    approval: Approval, now: datetime, language: Language, *, actor: str, keyed: bool, cls: str
) -> list[Html]:
    """Return the buttons of the second person; who asked may only take the request back."""
    mine, waits = same_person(approval.asked_by, actor), approval.waits(now)
    refuse = "approval.withdraw" if mine else "approval.refuse" if waits else "approval.clear"
    buttons = [button(say(refuse, language), "refuse-approval", cls=cls, id=approval.approval_id)]
    if waits:
        buttons.insert(
            0,
            button(
                "\u2713 " + say("approval.approve", language),
                "approve",
                key="V" if keyed and not mine else None,
                keyed=True if keyed and not mine else None,
                cls=f"{cls} primary",
                barred=say("approval.not_yourself", language) if mine else None,
                id=approval.approval_id,
            ),
        )
    return buttons
