"""How often one caller may ask: a bucket that fills again with time."""

from __future__ import annotations

from collections import OrderedDict
from math import ceil

BURST = 200.0
REFILL_PER_S = 50.0
_KEPT_CALLERS = 10_000


class Rates:
    """One bucket a caller; ``at_s`` is the time of a clock that never goes back."""

    def __init__(self, burst: float = BURST, refill_per_s: float = REFILL_PER_S) -> None:
        self._burst, self._refill_per_s = burst, refill_per_s
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait_s(self, caller: str, at_s: float) -> int:
        """Take one from the caller's bucket and return 0, or the whole seconds to wait where it is empty."""
        left, seen_s = self._left.pop(caller, (self._burst, at_s))
        left = min(self._burst, left + (at_s - seen_s) * self._refill_per_s)
        is_let_in = left >= 1.0
        self._left[caller] = (left - 1.0 if is_let_in else left, at_s)
        if len(self._left) > _KEPT_CALLERS:
            self._left.popitem(last=False)
        return 0 if is_let_in else max(1, ceil((1.0 - left) / self._refill_per_s))
