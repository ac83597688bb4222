"""Acts that order the moves of the isolation board, and ask for studies anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

from console.actions.registry import OWN_VIEW, Message, act, execute
from console.commands import OrderMove, WithdrawMove
from console.decide.plans import UNDO_S
from console.i18n import both
from console.panels.isolation_moves import move_key, move_text
from console.seat import Seat
from console.studies import STUDIES, study_desk
from console.study_views import isolation_report
from data.errors import UnknownNameError

if TYPE_CHECKING:
    from console.world import World


# Studies shown beside another are worked out again with it: they must not speak of an older one.
ALONG = {"evacuation": ("robust",), "isolation": ("tonight",)}


@act("order-move", OrderMove, orders=True)
def order_move(seat: Seat, world: World, message: Message) -> None:
    """Order a move of the list as it is shown now; a list worked out meanwhile without it is said to be newer."""
    report = isolation_report(seat)
    wanted = str(message["id"])
    move = next((one for one in report.moves if one.id == wanted), None) if report is not None else None
    if move is None:
        seat.say(both("moves.newer"), kind="refused")
        return
    command = OrderMove(
        move_id=move_key(move),
        island_id=move.island_id,
        text=move_text(move, world.region),
        before_at=move.latest_start_at,
    )
    if execute(seat, command, message).ok:
        seat.say(both("moves.done", what=command.text), kind="done", undo_id=command.move_id, undo_s=UNDO_S)


@act("withdraw-move", WithdrawMove, orders=True)
def withdraw_move(seat: Seat, world: World, message: Message) -> None:
    """Take an ordered move back."""
    if execute(seat, WithdrawMove(move_id=str(message["id"])), message).ok:
        seat.say(both("moves.withdrawn"), kind="done")


@act("study-anew", OWN_VIEW)
def study_anew(seat: Seat, world: World, message: Message) -> None:
    """Have the studies of the page worked out again from the picture of now."""
    name = str(message["value"])
    if name not in STUDIES:
        raise UnknownNameError("study", name[:40], known=STUDIES)
    for one in (name, *ALONG.get(name, ())):
        study_desk(world).ask_anew(one)
    seat.studies_seen += 1
