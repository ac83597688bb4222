"""What the leading console does now and then beside the world, and how every seat is told where it fails."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING

from console.commands import LogNote
from console.health import in_both
from data.errors import TongzhouError
from data.text import Text

if TYPE_CHECKING:
    from console.world import World

Kind = Hashable
ACTOR = "console"
_log = logging.getLogger(__name__)


class Upkeep:
    """Does one piece of work every ``every_s`` seconds while this console leads; no fault of it ends that.

    ``work`` returns what is amiss though it was done, None where nothing is. A fault is told once, to every seat and
    to the server's log, and once when it is over; where the store takes no note it is told as soon as it does.
    ``failed`` begins what is told, ``again`` is told when it is over.
    """

    def __init__(
        self, world: World, work: Callable[[], Text | None], every_s: float, failed: Text, again: Text
    ) -> None:
        self._world, self._work, self._every_s = world, work, every_s
        self._failed, self._again = failed, again
        self._logged: Kind | None = None
        self._told: Kind | None = None

    async def run(self) -> None:
        """Do it until cancelled."""
        while True:
            if self._world.leads:
                await asyncio.to_thread(self.look)
            await asyncio.sleep(self._every_s)

    def look(self) -> None:
        """Do it once, off the server's loop, and tell what is new."""
        try:
            amiss = self._work()
        except TongzhouError as error:
            said = in_both(error)
            self._fail(_kind_of(error), Text(self._failed.zh + said.zh, f"{self._failed.en} {said.en}"))
        except Exception as error:
            self._fail(_kind_of(error), self._internal(error), error)
        else:
            if amiss is None:
                self._pass()
            else:
                self._fail(amiss, amiss)

    def _internal(self, error: Exception) -> Text:
        name = type(error).__name__
        return Text(
            f"{self._failed.zh}内部错误（{name}），详情见服务器日志。",
            f"{self._failed.en} Internal error ({name}); details are in the server's log.",
        )

    def _fail(self, kind: Kind, fault: Text, unexpected: Exception | None = None) -> None:
        if kind != self._logged:
            self._logged = kind
            _log.warning("%s", fault.en, exc_info=unexpected)
        if kind != self._told and self._tell(fault):
            self._told = kind

    def _pass(self) -> None:
        if self._logged is not None:
            self._logged = None
            _log.warning("%s", self._again.en)
        if self._told is not None and self._tell(self._again):
            self._told = None

    def _tell(self, text: Text) -> bool:
        """Write a line into the log of the world, and tell whether the store took it."""
        return self._world.execute(LogNote(text=f"{text.zh} {text.en}"), ACTOR).ok


def _kind_of(error: Exception) -> Kind:
    """Return what makes a fault the same as before: its words may name a file or a moment that is always another."""
    return type(error), getattr(error.__cause__ or error, "errno", None)
