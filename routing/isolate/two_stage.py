"""Who to post on islands before they are cut off, over several forecasts at once: two stages, plain matrices.

First stage, now: groups ride craft to islands, the same whatever the weather does. Second stage, later, the weather
known: more may go where a window is still open under that forecast. A craft goes once and stays as the island's boat.
What is made least is the expected shortfall: persons of each skill lacking, and boats, times the hours cut off.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from data.errors import TongzhouError, worded

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]

# A missing boat counts as much as so many missing persons. Assumed.
BOAT_POINTS = 5
# Hours are counted in tenths, weights in hundredths, so that every figure is whole.
SCALE = 1000


class PostingFaultError(ValueError, TongzhouError):
    """A posting problem whose parts do not fit together."""


@dataclass(frozen=True)
class PostingProblem:
    """Kinds of groups G, craft C, islands I, forecasts S, skills K; ``weights`` are hundredths and add up to 100.

    ``count[G]`` groups of ``strength[G]`` persons with ``has[G, K]``; those of one ``station[G]`` may send
    ``spare[station]`` groups in all. ``rides[G, C]`` says who can be at a craft's pickup in time. ``now[C, I]`` and
    ``later[S, C, I]`` say which craft still reaches which island safely. ``need[S, I, K]`` persons and ``boats[S, I]``
    are lacking over ``hours[S, I]``. Raises PostingFaultError for shapes that differ, figures below 0, other weights.
    """

    weights: Ints
    strength: Ints
    count: Ints
    has: Bools
    station: Ints
    spare: Ints
    seats: Ints
    rides: Bools
    now: Bools
    later: Bools
    need: Ints
    boats: Ints
    hours: Floats

    def __post_init__(self) -> None:
        num_g, num_c = len(self.strength), len(self.seats)
        num_s, num_i, num_k = self.need.shape
        shapes = {
            "weights": (self.weights.shape, (num_s,)),
            "count": (self.count.shape, (num_g,)),
            "has": (self.has.shape, (num_g, num_k)),
            "station": (self.station.shape, (num_g,)),
            "rides": (self.rides.shape, (num_g, num_c)),
            "now": (self.now.shape, (num_c, num_i)),
            "later": (self.later.shape, (num_s, num_c, num_i)),
            "boats": (self.boats.shape, (num_s, num_i)),
            "hours": (self.hours.shape, (num_s, num_i)),
        }
        for name, (given, wanted) in shapes.items():
            if given != wanted:
                raise _fault(f"{name}: shape is {given}, must be {wanted}", f"{name}：形状为 {given}，应为 {wanted}")
        if int(self.weights.sum()) != 100 or (self.weights < 0).any():
            raise _fault("weights: hundredths that add up to 100", "weights：百分数，合计须为 100")
        for name in ("strength", "count", "spare", "seats", "need", "boats", "hours"):
            if (getattr(self, name) < 0).any():
                raise _fault(f"{name}: nothing below 0", f"{name}：不得为负")

    def prices(self) -> Ints:
        """Return what one person short costs over an island's hours cut off, [S, I], weights aside."""
        return np.rint(self.hours * 10).astype(np.int64)


@dataclass(frozen=True)
class Posting:
    """Groups by craft and island now, ``now[G, C, I]``, later by forecast, ``later[S, G, C, I]``; craft likewise."""

    now: Ints
    craft_now: Bools
    later: Ints
    craft_later: Bools

    @classmethod
    def nothing(cls, problem: PostingProblem) -> Posting:
        """Return the posting in which everybody stays."""
        num_s, num_i, _ = problem.need.shape
        num_g, num_c = len(problem.strength), len(problem.seats)
        return cls(
            np.zeros((num_g, num_c, num_i), np.int64), np.zeros((num_c, num_i), bool),
            np.zeros((num_s, num_g, num_c, num_i), np.int64), np.zeros((num_s, num_c, num_i), bool),
        )  # fmt: skip


def shortfalls(problem: PostingProblem, posting: Posting) -> tuple[float, ...]:
    """Return the person-hours short under each forecast, counted from the posting itself."""
    found = []
    for s in range(len(problem.weights)):
        groups = (posting.now + posting.later[s]).sum(axis=1)  # [G, I]
        held = np.einsum("gi,g,gk->ik", groups, problem.strength, problem.has.astype(np.int64))
        boats = (posting.craft_now | posting.craft_later[s]).sum(axis=0)
        short = np.maximum(problem.need[s] - held, 0).sum(axis=1)
        short += BOAT_POINTS * np.maximum(problem.boats[s] - boats, 0)
        found.append(float((short * problem.prices()[s]).sum()) / 10.0)
    return tuple(found)


def check_posting(problem: PostingProblem, posting: Posting) -> tuple[str, ...]:
    """Return the rules a posting breaks, by name: seats, rides, windows, counts, covers, one use a craft."""
    broken = []
    for s in range(len(problem.weights)):
        groups, craft = posting.now + posting.later[s], posting.craft_now.astype(int) + posting.craft_later[s]
        if (craft.sum(axis=1) > 1).any():
            broken.append("a craft is used twice")
        if (np.einsum("gci,g->ci", groups, problem.strength) > craft * problem.seats[:, None]).any():
            broken.append("seats")
        if (groups.sum(axis=2) * ~problem.rides).any():
            broken.append("a group cannot be at the pickup")
        if (posting.craft_now & ~problem.now).any() or (posting.craft_later[s] & ~problem.later[s]).any():
            broken.append("a window is shut")
        if (groups.sum(axis=(1, 2)) > problem.count).any():
            broken.append("more groups than there are")
        sent = np.bincount(problem.station, groups.sum(axis=(1, 2)), minlength=len(problem.spare))
        if (sent > problem.spare).any():
            broken.append("a station's cover")
    return tuple(dict.fromkeys(broken))


def without_idle(problem: PostingProblem, posting: Posting) -> Posting:
    """Leave at home every craft, with all aboard, and every group whose posting lessens no shortfall."""
    for s, c, i in np.argwhere(posting.craft_later).tolist():
        posting = _less(problem, posting, ("later", s, c, i))
    for c, i in np.argwhere(posting.craft_now).tolist():
        posting = _less(problem, posting, ("now", 0, c, i))
    return posting


def _less(problem: PostingProblem, posting: Posting, which: tuple[str, int, int, int]) -> Posting:
    when, s, c, i = which
    before = shortfalls(problem, posting)
    groups = posting.now[:, c, i] if when == "now" else posting.later[s, :, c, i]
    craft = posting.craft_now if when == "now" else posting.craft_later[s]
    kept = groups.copy()
    craft[c, i], groups[:] = False, 0
    if shortfalls(problem, posting) == before:
        return posting
    craft[c, i], groups[:] = True, kept
    for g in np.flatnonzero(kept).tolist():
        while groups[g] > 0:
            groups[g] -= 1
            if shortfalls(problem, posting) != before:
                groups[g] += 1
                break
    return posting


def _fault(en: str, zh: str) -> PostingFaultError:
    return worded(PostingFaultError(f"{en}. Correct the problem."), zh=f"{zh}。请更正。")
