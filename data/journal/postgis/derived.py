"""Check what a database keeps beside the hashed text: each event's kind and place, and the head row."""

from __future__ import annotations

from functools import partial
from typing import Any

from data.errors import worded
from data.journal.chain import Row, recorded_from
from data.journal.events import UnknownEvent
from data.journal.interface import BrokenChainError
from data.journal.places import place_of, plans_in
from data.journal.postgis.appending import rows_after
from data.journal.postgis.attempts import asked
from data.journal.postgis.connections import BULK_S, Connection
from data.journal.postgis.store import PostgisStore
from data.plans import Plan

_CHUNK = 2000


def derived_fault(store: PostgisStore, journal_id: int) -> BrokenChainError | None:
    """Return what first disagrees with the stored text, None where nothing does; raises BrokenChainError."""
    after, command = 0, ""
    plans: dict[str, Plan] = {}
    while True:
        part: dict[str, Any] = {"journal_id": journal_id, "after_seq": after, "until": None, "limit": _CHUNK}
        rows: tuple[Row, ...] = asked(store.connections, partial(rows_after, **part), BULK_S)
        if not rows:
            return asked(store.connections, partial(_head_fault, journal_id=journal_id, last=after))
        last = rows[-1].seq
        kept = asked(store.connections, partial(_kept, journal_id=journal_id, after=after, last=last), BULK_S)
        for row in rows:
            if row.command_id != command:
                command, plans = row.command_id, {}
            event = recorded_from(row).event
            if isinstance(event, UnknownEvent):
                kind, place = event.kind, None
            else:
                plans |= plans_in((event,))
                kind, place = str(event.__struct_config__.tag), place_of(event, plans)
            for column, told, own in zip(("kind", "geom"), (kind, place), kept[row.seq], strict=True):
                if told != own and not (isinstance(event, UnknownEvent) and column == "geom"):
                    return worded(
                        BrokenChainError(
                            f"Event {row.seq} is sound, but the column '{column}' beside it was changed: maps and SQL "
                            "show something else than the journal. Restore the store from a backup."
                        ),
                        zh=f"第 {row.seq} 条事件本身完好，但旁边的“{column}”列被改动：地图和 SQL 所见与日志不符。"
                        "请从备份恢复存储。",
                    )
        after = last


def _kept(link: Connection, journal_id: int, after: int, last: int) -> dict[int, tuple[str, bytes | None]]:
    found = link.execute(
        "SELECT seq, kind, ST_AsBinary(geom, 'NDR') FROM event WHERE journal_id = %s AND seq > %s AND seq <= %s",
        (journal_id, after, last),
    )
    return {int(seq): (str(kind), None if place is None else bytes(place)) for seq, kind, place in found}


def _head_fault(link: Connection, journal_id: int, last: int) -> BrokenChainError | None:
    """A tail cut by somebody who forgot the head row shows in it."""
    found = link.execute("SELECT seq FROM head WHERE journal_id = %s", (journal_id,)).fetchone()
    if found is None or int(found[0]) <= last:
        return None
    return worded(
        BrokenChainError(
            f"The journal was cut off after event {last}: the store's own count is {found[0]}. Restore it from a "
            "backup."
        ),
        zh=f"日志在第 {last} 条之后被截断：存储自己的计数为 {found[0]}。请从备份恢复。",
    )
