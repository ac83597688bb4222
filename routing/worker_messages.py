"""What the solving process and the console say to each other, as tagged msgspec structs."""

from __future__ import annotations

from typing import Literal

import msgspec

from data.plans import Alternative, Plan
from data.situation import Situation
from data.text import Text


class Submit(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Ask for plans of a situation, ``seconds`` for each alternative."""

    job_id: str
    situation: Situation
    seconds: float
    seed: int
    iterations: int | None
    alternatives: tuple[Alternative, ...]


class Cancel(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Stop a job and keep what it has."""

    job_id: str


class Stop(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """End the process."""


class WorkerState(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """What the process does. ``warming``: first plans at once, improvement joins when ready.

    ``failed`` means it cannot work and says why; it is not started again by itself.
    """

    state: Literal["starting", "loading", "warming", "ready", "restarting", "failed", "stopped"]
    text: Text


class JobProgress(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """How far a job is; ``elapsed_s`` counts from its start in the process."""

    job_id: str
    alternative: Alternative
    elapsed_s: float
    stage: str
    objective: int
    bound: float
    gap: float


class JobPlan(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A checked plan, better than the one of its alternative before.

    ``final`` when its own time is over: after that only a plan found for another alternative may take its place.
    """

    job_id: str
    alternative: Alternative
    elapsed_s: float
    final: bool
    plan: Plan


class JobDone(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A job has ended, by itself or because it was cancelled."""

    job_id: str
    elapsed_s: float
    cancelled: bool


class JobFailed(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A job has ended without all of its plans, and why."""

    job_id: str
    text: Text


Request = Submit | Cancel | Stop
Reply = WorkerState | JobProgress | JobPlan | JobDone | JobFailed

_encoder = msgspec.msgpack.Encoder()
_requests: msgspec.msgpack.Decoder[Request] = msgspec.msgpack.Decoder(Request)
_replies: msgspec.msgpack.Decoder[Reply] = msgspec.msgpack.Decoder(Reply)


def encode(message: Request | Reply) -> bytes:
    """Return a message as bytes for the pipe."""
    return _encoder.encode(message)


def read_request(document: bytes) -> Request:
    """Decode what the console sent."""
    return _requests.decode(document)


def read_reply(document: bytes) -> Reply:
    """Decode what the process sent."""
    return _replies.decode(document)
