"""Server-sent events: everything after a number, then what happens, with nothing missed and nothing doubled.

What the world tells is only a wake-up; each page is read from the journal after the last number sent. So there
is one way for old and new, and a slow reader costs one page of memory however far it is behind.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from console.api.context import Api
from console.api.event_rows import event_rows, journal_name
from console.api.shapes import JournalNamed
from data.journal.interface import JournalStoreError
from data.roles import Principal
from data.text import Text

PAGE = 500
HEARTBEAT_S = 10.0
CHECK_S = 1.0
STALL_S = 30.0
LAST_WORD_S = 2.0

STOPPING = Text("服务器正在停止。可从最后的编号续读。", "The server is stopping. Go on from your last id.")
Ending = tuple[str, Text]  # why, for programs and for people

HEARTBEAT = b": still here\n\n"
ENDED = Text(
    "令牌已撤销或角色已变更。请用有效的令牌重新连接。",
    "The token was revoked or its role changed. Connect again with a valid one.",
)
SLOW = Text("读取过慢，连接已断开。可从最后的编号续读。", "Read too slowly. Go on from your last id.")
AWAY = Text("存储暂不可用。可从最后的编号续读。", "The store is not available now. Go on from your last id.")


def frame(kind: str, value: Any, seq: int | None = None) -> bytes:
    """Return one event of the stream; ``seq`` becomes its id, what Last-Event-ID gives back."""
    line = b"id: %d\n" % seq if seq is not None else b""
    return line + b"event: " + kind.encode() + b"\ndata: " + msgspec.json.encode(value) + b"\n\n"


class EventStream(StreamingResponse):
    """One reader's stream.

    It ends when the caller is no longer let in, or with another role than at the start; asked every second.
    ``journal`` names the journal the reader last read, empty where it does not say: another one begins from 1.
    """

    def __init__(self, api: Api, after: int, journal: str, principal: Principal) -> None:
        self._api, self._world, self._principal = api, api.world, principal
        self._after, self._named = after, journal
        self._news = asyncio.Event()
        self._last_sent_s = 0.0
        self._ending: Ending = ("not_allowed", ENDED)
        super().__init__(self._parts(), headers={"X-Accel-Buffering": "no"}, media_type="text/event-stream")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Write until the reader leaves, is cut, may not read on, or the server stops."""
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        loop = asyncio.get_running_loop()
        leave = self._world.subscribe(lambda _: _wake(loop, self._news))
        self._api.streams_of[self._principal.name] += 1
        gone = asyncio.ensure_future(_gone(receive))
        writing = asyncio.ensure_future(self._write(send))
        try:
            await asyncio.wait({gone, writing}, return_when=asyncio.FIRST_COMPLETED)
            ending = writing.result() if writing.done() else None
        except asyncio.CancelledError:  # the server is stopping and has waited long enough
            ending = ("stopping", STOPPING)
        finally:
            self._api.streams_of[self._principal.name] -= 1
            leave()
            gone.cancel()
            writing.cancel()
            await asyncio.gather(gone, writing, return_exceptions=True)
        if ending is not None:
            await _end(send, *ending)

    async def _write(self, send: Send) -> Ending:
        """Write part after part; returns why there are no more."""
        try:
            async for part in self.body_iterator:
                self._last_sent_s = time.monotonic()
                async with asyncio.timeout(STALL_S):  # not wait_for, which may swallow a cancellation (CPython 3.11)
                    await send({"type": "http.response.body", "body": part, "more_body": True})
        except TimeoutError:
            return "slow", SLOW
        return self._ending

    async def _parts(self) -> AsyncIterator[bytes]:
        while True:
            journal, generation = self._world.journal, self._world.generation
            name = await run_in_threadpool(journal_name, journal)
            head = self._world.picture.seq
            if self._after > head or (self._named and self._named != name):
                self._after = 0  # the number is of another journal
            self._named = name
            picture = self._world.picture
            named = JournalNamed(journal=name, mode=picture.mode, title=picture.title, after=self._after, seq=head)
            yield frame("journal", named)
            async for part in self._of_one_journal(generation):
                yield part
            if self._world.generation == generation:
                return  # it did not end because another journal began

    async def _of_one_journal(self, generation: int) -> AsyncIterator[bytes]:
        world, journal = self._world, self._world.journal
        while world.generation == generation:
            self._news.clear()
            sees_access = self._api.service.may(self._principal, "see_access")
            try:
                rows = await run_in_threadpool(event_rows, world, journal, self._after, PAGE, sees_access)
            except JournalStoreError:
                self._ending = ("unavailable", AWAY)
                return
            if world.generation != generation:
                return
            if not self._may_go_on():
                self._ending = ("not_allowed", ENDED)
                return
            for row in rows:
                self._after = row.seq
            if rows:
                yield b"".join(frame("event", row, row.seq) for row in rows)
            elif not await self._told() and time.monotonic() - self._last_sent_s >= HEARTBEAT_S:
                yield HEARTBEAT

    async def _told(self) -> bool:
        """Wait for news, but no longer than until it is time to ask again whether the caller is let in."""
        with suppress(TimeoutError):
            async with asyncio.timeout(CHECK_S):
                await self._news.wait()
        return self._news.is_set()

    def _may_go_on(self) -> bool:
        now = self._api.service.current(self._principal)
        return now is not None and now.role == self._principal.role


async def _end(send: Send, reason: str, detail: Text) -> None:
    """Say why it ends, if the reader still takes anything in, and end."""
    part = frame("ended", {"reason": reason, "detail": detail})
    with suppress(TimeoutError, OSError):
        async with asyncio.timeout(LAST_WORD_S):
            await send({"type": "http.response.body", "body": part, "more_body": False})


def _wake(loop: asyncio.AbstractEventLoop, news: asyncio.Event) -> None:
    with suppress(RuntimeError):  # the loop closed while the server was stopping
        loop.call_soon_threadsafe(news.set)


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
