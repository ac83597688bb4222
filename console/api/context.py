"""What every route stands on: who asks, what the service answers, the picture with its index."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from starlette.requests import Request

from console.api.fix_intake import AHEAD_LIMIT
from console.api.problems import ProblemError
from console.api.rates import Rates
from console.api.touched import Touched
from console.commands import Command
from console.permits import Query
from console.retention import KEEP_HOURS, MOST_HOURS
from console.service import NotPermittedError, Service
from console.world import Outcome, World
from data.journal.events import Recorded
from data.journal.picture import Picture
from data.roles import Principal
from data.text import Text

NOTHING_SAID = Text("未执行。", "Not done.")


@dataclass(frozen=True)
class Done:
    """A command that was carried out; ``is_repeated`` where its key had been seen before."""

    events: tuple[Recorded, ...]
    is_repeated: bool


class Api:
    """The API over one world, for the routes to stand on; its methods may be called from any thread.

    Positions are taken in for as long as the store keeps an hour (``taken_in_for``): one that came later would have
    nothing to be read with.
    """

    def __init__(self, service: Service, world: World, keep_hours: int = KEEP_HOURS) -> None:
        self.service, self.world = service, world
        self.taken_in_for = timedelta(hours=keep_hours)
        self.rates = Rates()
        self.streams_of: Counter[str] = Counter()
        self._touched = Touched(world)

    @property
    def streams(self) -> int:
        """How many streams of events are open."""
        return self.streams_of.total()

    def look(self) -> tuple[Picture, Touched, int]:
        """Return the picture, the index of what was written about when, and the last event both hold."""
        picture = self.world.picture
        return picture, self._touched, self._touched.catch_up()

    def kept_between(self) -> tuple[datetime, datetime]:
        """Return the moments before and from which there can be no position in this journal, however it was served."""
        return self.world.start_at - timedelta(hours=MOST_HOURS), self.world.now + AHEAD_LIMIT + timedelta(seconds=1)

    def ask(self, query: Query, request: Request, subject: str = "", *, noted: bool = True) -> Principal:
        """Return who asks, if it may; raises ProblemError (401, 403)."""
        try:
            return self.service.ask(query, principal_of(request), subject, noted=noted)
        except NotPermittedError as error:
            raise _forbidden(error.text or NOTHING_SAID) from error

    def execute(
        self,
        command: Command,
        request: Request,
        key: str | None,
        *,
        did: Callable[[Any], bool],
        refused_as: str = "refused",
        now_holds: Callable[[], Any] | None = None,
    ) -> Done:
        """Carry a command out in the name of who asks; raises ProblemError for whatever forbids it.

        ``key`` makes a retry harmless; ``did`` tells whether an event is what was asked for, so that a key of
        another request is not taken for a retry of this one. ``refused_as`` is the kind of problem a refusal is;
        ``now_holds`` returns what the caller is shown of the thing as it is now.
        """
        before = self.world.picture.seq
        outcome = self.service.execute(command, principal_of(request), key)
        if outcome.ok:
            is_repeated = bool(outcome.events) and outcome.events[0].seq <= before
            if is_repeated and not any(did(one.event) for one in outcome.events):
                raise _key_used()
            return Done(outcome.events, is_repeated)
        raise self._problem(command, outcome, refused_as, now_holds)

    def _problem(
        self, command: Command, outcome: Outcome, refused_as: str, now_holds: Callable[[], Any] | None
    ) -> ProblemError:
        words = outcome.refusal or NOTHING_SAID
        if not outcome.permitted:
            return _forbidden(words)
        if outcome.why == "store":
            return ProblemError("unavailable", words.zh, words.en)
        more = {} if now_holds is None else {"now": msgspec.to_builtins(now_holds())}
        winner = outcome.winner
        if winner is not None:
            more["changed_by"], more["changed_at"] = winner.actor, winner.recorded_at.isoformat()
        seen = getattr(command, "seen_version", None)
        if seen is not None and more.get("now", {}).get("version") != seen:
            return ProblemError("changed", words.zh, words.en, **more)
        return ProblemError("conflict" if winner is not None else refused_as, words.zh, words.en, **more)

    def store_is_away(self) -> ProblemError:
        """Return the problem of something that could not be stored."""
        words = self.world.health.refusal(datetime.now(UTC))
        if self.world.health.is_ok:
            words = Text("未能存储，请重发。", "It could not be stored. Send it again.")
        return ProblemError("unavailable", words.zh, words.en)


def principal_of(request: Request) -> Principal:
    """Return whom the door let in; raises ProblemError (401) where that is nobody."""
    principal = request.scope.get("principal")
    if not isinstance(principal, Principal):
        raise ProblemError(
            "not-logged-in",
            "请附上令牌：Authorization: Bearer …",
            "Send a token: Authorization: Bearer ...",
            headers={"WWW-Authenticate": "Bearer"},
        )
    return principal


def _key_used() -> ProblemError:
    return ProblemError(
        "key-used",
        "该 Idempotency-Key 已用于另一请求，本次未执行。请换一个新的。",
        "This Idempotency-Key was used for another request; nothing was done. Take a new one.",
    )


def _forbidden(words: Text) -> ProblemError:
    return ProblemError("forbidden", words.zh, words.en)
