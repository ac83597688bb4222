"""The registry of acts, and the one function every click, key and tap goes through."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from console.seat import Seat
from data.errors import TongzhouError
from data.text import Text

if TYPE_CHECKING:
    from console.world import World

log = logging.getLogger(__name__)
Message = Mapping[str, Any]
Act = Callable[[Seat, "World", Message], None]
ACTIONS: dict[str, Act] = {}

REPLAY_CANNOT_ACT = Text(
    zh="回放中不能下达指令。按 F1 回到态势。", en="Nothing can be ordered in a replay. Press F1 to go back to now."
)


def act(name: str, *, orders: bool = False) -> Callable[[Act], Act]:
    """Enter a function as an act; one that ``orders`` something is refused in a replay."""

    def enter(function: Act) -> Act:
        def run(seat: Seat, world: World, message: Message) -> None:
            if orders and not seat.can_act:
                seat.say(REPLAY_CANNOT_ACT, kind="refused")
                return
            function(seat, world, message)

        ACTIONS[name] = run
        return function

    return enter


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


def execute(seat: Seat, world: World, command: Any) -> Any:
    """Give a command in this seat's name; a refusal becomes a line at the seat. Returns the outcome."""
    outcome = world.execute(command, seat.actor)
    if not outcome.ok and outcome.refusal is not None:
        seat.say(outcome.refusal, kind="refused")
    return outcome


def moment_of(value: Any) -> datetime:
    """Return the UTC moment of epoch milliseconds; raises ValueError or OverflowError for nonsense."""
    return datetime.fromtimestamp(float(value) / 1000, UTC)
