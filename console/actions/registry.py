"""The registry of acts, what each needs, and the one function every click, key and tap goes through."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from console.permits import Needed
from console.seat import Seat
from data.errors import TongzhouError
from data.text import Text

if TYPE_CHECKING:
    from console.world import World

log = logging.getLogger(__name__)
Message = Mapping[str, Any]
Act = Callable[[Seat, "World", Message], None]
ACTIONS: dict[str, Act] = {}
# One permit, or several of which one is enough.
Needs = Needed | tuple[Needed, ...]
# An act that changes nothing but what its own seat sees.
OWN_VIEW: Needed = "see_picture"
NEEDS: dict[str, Needs] = {}
NEEDS_BY_VALUE: dict[tuple[str, str], Needs] = {}
# What the line needs that a button of this act and value begins: shown at the button, asked when the line is run.
LEADS_TO: dict[tuple[str, str], Needs] = {}

REPLAY_CANNOT_ACT = Text(
    zh="回放中不能下达指令。按 F1 回到态势。", en="Nothing can be ordered in a replay. Press F1 to go back to now."
)


def act(
    name: str, needs: Needs, *, orders: bool = False, by_value: Mapping[str, Needs] | None = None
) -> Callable[[Act], Act]:
    """Enter a function as an act that ``needs`` a permit; one that ``orders`` something is refused in a replay.

    ``by_value`` holds what the act needs instead where its message carries one of these values.
    """
    NEEDS[name] = needs
    NEEDS_BY_VALUE.update({(name, value): need for value, need in (by_value or {}).items()})

    def enter(function: Act) -> Act:
        def run(seat: Seat, world: World, message: Message) -> None:
            if orders and not seat.can_act:
                seat.say(REPLAY_CANNOT_ACT, kind="refused")
                return
            needed = NEEDS_BY_VALUE.get((name, str(message.get("value", ""))), needs)
            seat.service.check(seat.principal, enough(seat, needed), str(message.get("id", "")))
            function(seat, world, message)

        ACTIONS[name] = run
        return function

    return enter


def enough(seat: Seat, needs: Needs) -> Needed:
    """Return the permit to ask for: of several the first that the seat has, else the first."""
    if not isinstance(needs, tuple):
        return needs
    return next((one for one in needs if seat.service.may(seat.principal, one)), needs[0])


def barred_acts(seat: Seat) -> dict[tuple[str, str], str]:
    """Return the acts this seat may not do now, by name and value ("" for any), each with the reason."""
    found: dict[tuple[str, str], str] = {}
    standing = [*(((name, ""), needs) for name, needs in NEEDS.items()), *NEEDS_BY_VALUE.items(), *LEADS_TO.items()]
    for key, needs in standing:
        reason = seat.bar(enough(seat, needs))
        if reason is not None:
            found[key] = reason.said(seat.language)
    return found


def handle(seat: Seat, world: World, message: Message) -> None:
    """Do what a message asks; whatever is wrong with it becomes a line at the seat, never a traceback."""
    name = str(message.get("act", ""))
    run = ACTIONS.get(name)
    if run is None:
        log.warning("unknown act %r from %s", name[:60], seat.actor)
        seat.say(Text(zh=f"没有“{name[:20]}”这个操作。", en=f"There is no action '{name[:20]}'."), kind="refused")
        return
    try:
        run(seat, world, message)
    except TongzhouError as error:
        seat.say(getattr(error, "text", None) or Text(zh=str(error), en=str(error)), kind="refused")
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        log.warning("act %s from %s could not be read: %r", name, seat.actor, error)
        seat.say(
            Text(
                zh="内容不完整或无法识别，请检查后重试。",
                en="Something in it is missing or cannot be read. Check it and try again.",
            ),
            kind="refused",
        )


def execute(seat: Seat, command: Any, message: Message) -> Any:
    """Give a command in this seat's name; a refusal becomes a line at the seat. Returns the outcome.

    The message carries the id its browser made for this press: the same press sent again does nothing twice.
    """
    command_id = message.get("command_id")
    outcome = seat.service.execute(command, seat.principal, None if command_id is None else str(command_id))
    if not outcome.ok and outcome.refusal is not None:
        seat.say(outcome.refusal, kind="refused")
    return outcome


def moment_of(value: Any) -> datetime:
    """Return the UTC moment of epoch milliseconds; raises ValueError or OverflowError for nonsense."""
    return datetime.fromtimestamp(float(value) / 1000, UTC)
