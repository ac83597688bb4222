"""When each thing was last written about: event numbers by stream, of each closure, and every order ever issued."""

from __future__ import annotations

import threading
from bisect import bisect_right
from collections import defaultdict
from itertools import islice

from console.world import World
from data.journal.events import ClosureSet, OrderIssued, PlanWithdrawn, Recorded
from data.journal.interface import Journal
from data.plans import Order

_PAGE = 1000


class Touched:
    """An index of one world's journal, read on as it grows; made anew when another scenario begins."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._lock = threading.Lock()
        self._begin(None)

    def _begin(self, journal: Journal | None) -> None:
        self._journal = journal
        self._seq = 0
        self._by_stream: dict[str, list[int]] = defaultdict(list)
        self._closures: dict[str, list[int]] = defaultdict(list)
        self._orders: dict[str, Order] = {}
        self._issued: dict[str, int] = {}
        self._plan_withdrawn: dict[str, int] = {}

    def catch_up(self) -> int:
        """Read what the picture already holds and return the number of its last event."""
        while True:
            journal = self._world.journal
            try:
                return self._caught_up()
            except Exception:
                if self._world.journal is journal:
                    raise  # else another scenario began and closed it: read the new one

    def _caught_up(self) -> int:
        with self._lock:
            journal, picture = self._world.journal, self._world.picture
            if journal is not self._journal:
                self._begin(journal)
            target = picture.seq
            while self._seq < target:
                page = list(islice(journal.read(self._seq), _PAGE))
                if not page:
                    break
                for recorded in page:
                    self._note(recorded)
            return target

    def _note(self, recorded: Recorded) -> None:
        self._seq = recorded.seq
        self._by_stream[recorded.stream].append(recorded.seq)
        event = recorded.event
        if isinstance(event, OrderIssued):
            self._orders[event.order.id] = event.order
            self._issued[event.order.id] = recorded.seq
        elif isinstance(event, ClosureSet):
            self._closures[event.closure.id].append(recorded.seq)
        elif isinstance(event, PlanWithdrawn):
            self._plan_withdrawn[event.plan_id] = recorded.seq

    def seq_of(self, stream: str, until: int) -> int:
        """Return the number of the last event of a stream up to ``until``, 0 where there is none."""
        return _last(self._by_stream.get(stream, []), until)

    def closure_seq(self, closure_id: str, until: int) -> int:
        """Return the number of the event that set a closure, the last up to ``until``; 0 where there is none."""
        return _last(self._closures.get(closure_id, []), until)

    def version_of(self, stream: str, until: int) -> int:
        """Return how many events a stream has up to ``until``: its version."""
        return bisect_right(self._by_stream.get(stream, []), until)

    def orders(self, until: int) -> list[tuple[Order, int, bool]]:
        """Return each order issued up to ``until`` with its last event and whether it was taken back, in that order."""
        found = []
        for order_id, issued in list(self._issued.items()):
            if issued > until:
                continue
            order = self._orders[order_id]
            withdrawn = self._plan_withdrawn.get(order.plan_id, 0)
            is_withdrawn = issued < withdrawn <= until
            found.append((order, withdrawn if is_withdrawn else issued, is_withdrawn))
        return sorted(found, key=lambda one: one[1])


def _last(seqs: list[int], until: int) -> int:
    found = bisect_right(seqs, until)
    return seqs[found - 1] if found else 0
