"""The one way in for people and tokens: every command and query, asked of the permits with the role of now."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any

from console.access_notes import AccessNotes
from console.commands import Command
from console.permits import Needed, Query, barred, named, permit_of
from console.world import Outcome
from data.errors import TongzhouError
from data.roles import Principal
from data.text import Text

if TYPE_CHECKING:
    from console.planning import PlanJob
    from console.world import World

COMMAND_ID = re.compile(r"[A-Za-z0-9._:-]{8,80}")
LOGIN_ENDED = Text("登录已结束，请重新登录。", "Your login has ended. Log in again.")


class NotPermittedError(TongzhouError):
    """A person or token asked for what its role may not, or its login has ended; ``text`` says who may."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


class Service:
    """Decides who may, does it in the name of who asked, and writes down refusals and sensitive reads.

    ``current`` returns the principal as it is now, None once its login or token has ended. May be called from
    any thread, as the world may.
    """

    def __init__(
        self,
        world: World,
        desk: Any = None,
        current: Callable[[Principal], Principal | None] = lambda principal: principal,
        notes: AccessNotes | None = None,
    ) -> None:
        self.world, self.desk = world, desk
        self._current = current
        self.notes = notes or AccessNotes(world)

    def current(self, principal: Principal) -> Principal | None:
        """Return who this is now, with the role of now; None once the login has ended."""
        return self._current(principal)

    def may(self, principal: Principal, needed: Needed) -> bool:
        """Tell whether a principal may give a command of this type, or ask this query, now."""
        return self.bar(principal, needed) is None

    def bar(self, principal: Principal, needed: Needed) -> Text | None:
        """Return why a principal may not, in words; None where it may. Nothing is journalled."""
        now = self._current(principal)
        return LOGIN_ENDED if now is None else barred(now, needed, self.world.mode)

    def check(self, principal: Principal, needed: Needed, subject: str = "") -> Principal:
        """Return the principal of now if it may; else journal the refusal and raise NotPermittedError."""
        now = self._current(principal)
        reason = LOGIN_ENDED if now is None else barred(now, needed, self.world.mode)
        if now is None or reason is not None:
            self.note_access(principal.name, named(needed), subject, permit_of(needed).words, refused=True)
            raise NotPermittedError(reason or LOGIN_ENDED)
        return now

    def execute(self, command: Command, principal: Principal, command_id: str | None = None) -> Outcome:
        """Give a command in the name of a principal; whatever forbids it is an outcome in words.

        The same ``command_id`` by the same name again returns what it recorded the first time.
        """
        try:
            now = self.check(principal, type(command), _subject(command))
            own_id = _own_id(now, command_id)
        except NotPermittedError as error:
            return Outcome(ok=False, refusal=error.text, permitted=False)
        except TongzhouError as error:
            return Outcome(ok=False, refusal=error.text)
        return self.world.execute(command, now.name, own_id)

    def ask(self, query: Query, principal: Principal, subject: str = "", *, noted: bool = True) -> Principal:
        """Return the principal of now if it may ask; a sensitive query is journalled.

        ``noted`` False is for the further steps of a reading that was noted when it began. Raises
        NotPermittedError.
        """
        now = self.check(principal, query, subject)
        permit = permit_of(query)
        if permit.sensitive and noted:
            self.note_access(now.name, query, subject, permit.words, refused=False)
        return now

    def request_plan(
        self,
        principal: Principal,
        incident_ids: tuple[str, ...],
        *,
        forbidden: dict[str, Text] | None = None,
        only: Collection[str] | None = None,
    ) -> PlanJob:
        """Ask the planning desk for plans in the name of a principal; raises NotPermittedError."""
        now = self.ask("ask_plan", principal, ", ".join(incident_ids))
        given: dict[str, Any] = {} if only is None else {"only": only}
        job: PlanJob = self.desk.request(incident_ids, now.name, forbidden=dict(forbidden or {}), **given)
        return job

    def note_access(self, who: str, what: str, subject: str, detail: Text, *, refused: bool) -> None:
        """Write into the access journal; the same within a minute is counted and written once more at its end.

        ``what`` is one of a fixed set of names; ``subject`` what it was about; ``detail`` says it in words.
        """
        self.notes.note(who, what, subject, detail, refused)

    def close(self) -> None:
        """Write the counts that still wait."""
        self.notes.settle(everything=True)


def _subject(command: Command) -> str:
    """Return what a command is about: the value of its first id."""
    for field in command.__struct_fields__:
        value = getattr(command, field)
        if field.endswith("_id") and isinstance(value, str):
            return value
    return ""


def _own_id(principal: Principal, command_id: str | None) -> str | None:
    """Put the name before an id the caller made: nobody can take up, or be answered with, another's command."""
    if command_id is None:
        return None
    if not COMMAND_ID.fullmatch(command_id):
        error = TongzhouError("The command id must be 8 to 80 letters, digits, or . _ : - characters.")
        error.text = Text("命令编号应为 8 至 80 个字母、数字或 . _ : - 字符。", str(error))
        raise error
    return f"{principal.name}/{command_id}"
