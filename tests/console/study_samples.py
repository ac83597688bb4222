"""Studies for tests: what the child process is asked to work out, and a process that only remembers."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field

from console.study_child import Ask, Bench, Drop, Failed, Found
from data.errors import TongzhouError, worded
from data.situation import Situation


def twice(bench: Bench, situation: Situation, number: int) -> tuple[str, int]:
    """Tell of a first answer, then return the region and twice the number."""
    bench.tell(("first", number))
    return bench.region.id, 2 * number


def refuse(bench: Bench, situation: Situation) -> None:
    """Fail as an engine does that cannot answer."""
    raise worded(TongzhouError("no boat is left"), zh="没有船了")


def die(bench: Bench, situation: Situation) -> None:
    """End the process in the middle of its work."""
    os._exit(3)


@dataclass
class RememberingProcess:
    """A study process that remembers what it is sent; the test says what comes back."""

    sent: list[Ask | Drop] = field(default_factory=list)
    on_message: Callable[[Found | Failed], None] = lambda message: None

    def send(self, message: Ask | Drop) -> None:
        self.sent.append(message)

    def close(self) -> None:
        """Nothing runs."""

    @property
    def asked(self) -> list[Ask]:
        """The studies asked for, in order."""
        return [one for one in self.sent if isinstance(one, Ask)]

    @property
    def dropped(self) -> list[int]:
        """The numbers of the studies dropped."""
        return [one.number for one in self.sent if isinstance(one, Drop)]

    def find(self, value: object, number: int | None = None, *, last: bool = True) -> None:
        """Have the newest study, or the one of a number, come to a value."""
        self.on_message(Found(number or self.asked[-1].number, value, 0.1, last))
