"""What is said between a solve and the proving process."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # light to import: whoever starts the process has the solver libraries to load meanwhile
    from routing.deploy.columns.engine import ColumnTask
    from routing.deploy.draft import Candidate


@dataclass(frozen=True, slots=True)
class Begin:
    """Work on a task; any before it is over."""

    number: int
    task: ColumnTask


@dataclass(frozen=True, slots=True)
class Better:
    """A better plan was found elsewhere."""

    number: int
    plan: Candidate


@dataclass(frozen=True, slots=True)
class Stop:
    """The task is over."""

    number: int


@dataclass(frozen=True, slots=True)
class Raised:
    """The bound of a task rose to so many points."""

    number: int
    bound: int


@dataclass(frozen=True, slots=True)
class Found:
    """A better plan of a task."""

    number: int
    plan: Candidate


@dataclass(frozen=True, slots=True)
class Ended:
    """Nothing more is to be had of a task: its bound, and each echelon's earliest minute in any better plan."""

    number: int
    bound: int
    earliest: tuple[int, ...]
