"""Decide moves off and onto islands before they are cut off."""

from __future__ import annotations

from console.commands import OrderMove, WithdrawMove
from console.decide.ground import Ground, RefusedError
from console.decide.texts import NOTE_LIMIT, read_both
from data.journal.events import MoveOrdered, MoveWithdrawn
from data.journal.interface import Entry
from data.text import Text

MOVES_STREAM = "moves"


def order_move(command: OrderMove, ground: Ground) -> list[Entry]:
    """A move names an island, says something, and is ordered once and in time."""
    if command.island_id not in ground.region.islands:
        raise RefusedError(
            f"没有岛屿“{command.island_id}”。", f"There is no island '{command.island_id}'. Check the name."
        )
    text = read_both(command.text, Text("转移内容", "move"), NOTE_LIMIT)
    if not (text.zh or text.en):
        raise RefusedError("请写明转移内容。", "Say what is to be moved.")
    standing = ground.picture.moves.get(command.move_id)
    if standing is not None:
        raise RefusedError(f"该转移已由 {standing.by} 下令。", f"{standing.by} has already ordered this move.")
    if command.before_at <= ground.now:
        raise RefusedError(
            "已过最晚启程时间,该转移不能再安全完成。请看新的名单。",
            "The last safe start has passed; this move can no longer be done safely. Look at the new list.",
        )
    ordered = MoveOrdered(move_id=command.move_id, island_id=command.island_id, text=text, before_at=command.before_at)
    return [ground.entry(MOVES_STREAM, ordered)]


def withdraw_move(command: WithdrawMove, ground: Ground) -> list[Entry]:
    """Only a move that is ordered can be taken back."""
    if command.move_id not in ground.picture.moves:
        raise RefusedError("该转移未下令,或已撤回。", "This move is not ordered, or was taken back already.")
    return [ground.entry(MOVES_STREAM, MoveWithdrawn(move_id=command.move_id))]
