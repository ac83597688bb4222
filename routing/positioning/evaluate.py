"""Price a posture under every outlook by all three measures, without a solver: the reference for every answer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from data.text import Text
from routing.positioning.problem import NO_WAY, Aim, IntArray, Measure, PositionProblem


@dataclass(frozen=True, slots=True)
class Priced:
    """What a posture is worth under one outlook.

    ``covered`` demand is in reach of some unit, ``expected`` finds a free one (millionths of a demand unit),
    ``travel`` is demand times minutes, ``unserved`` demand nobody can come to in time.
    """

    covered: int
    expected: int
    travel: int
    unserved: int

    def by(self, measure: Measure) -> int:
        """Return the figure of a measure."""
        return {"mclp": self.covered, "mexclp": self.expected, "p-median": self.travel}[measure]


def price_posture(problem: PositionProblem, stand: IntArray) -> tuple[Priced, ...]:
    """Return what units standing as ``stand[K, S]`` are worth under each outlook."""
    gains = np.concatenate([[0], np.cumsum(problem.gain_of_next, dtype=np.int64)])
    out = []
    for outlook in range(problem.num_outlooks):
        in_reach = (problem.covers[outlook] * stand[:, :, None]).sum(axis=(0, 1))
        there = np.where(stand[:, :, None] > 0, problem.minutes[outlook], NO_WAY)
        nearest = there.min(axis=(0, 1))
        out.append(
            Priced(
                covered=int(problem.demand[in_reach > 0].sum()),
                expected=int((problem.demand * gains[np.minimum(in_reach, len(gains) - 1)]).sum()),
                travel=int((problem.demand * np.minimum(nearest, problem.unserved_min)).sum()),
                unserved=int(problem.demand[nearest > problem.unserved_min].sum()),
            )
        )
    return tuple(out)


def is_better_when_larger(measure: Measure) -> bool:
    """Say whether a measure is to be made large."""
    return measure != "p-median"


def objective(problem: PositionProblem, priced: tuple[Priced, ...], measure: Measure, aim: Aim) -> int:
    """Return the figure to be made best: the weighted sum over the outlooks, or that of the worst one."""
    values = [one.by(measure) for one in priced]
    if aim == "expected":
        return sum(int(weight) * value for weight, value in zip(problem.outlook_weight, values, strict=True))
    return min(values) if is_better_when_larger(measure) else max(values)


def check_stand(problem: PositionProblem, stand: IntArray) -> list[Text]:
    """Return every rule a posture breaks, in words."""
    faults: list[Text] = []
    if stand.shape != problem.may_stand.shape or stand.dtype != np.int64 or (stand < 0).any():
        return [Text("驻位表形状或数值不对", "the posture has a wrong shape or negative numbers")]
    for kind in np.flatnonzero(stand.sum(axis=1) > problem.units):
        have = int(problem.units[kind])
        faults.append(Text(f"类别 {kind} 驻位超过 {have} 个", f"more than the {have} units of kind {kind} stand"))
    placed = stand.sum(axis=0)
    for site in np.flatnonzero(placed > problem.berths):
        have = int(problem.berths[site])
        faults.append(Text(f"驻点 {site} 超过 {have} 个泊位", f"site {site} holds more than its {have} berths"))
    for site in np.flatnonzero(placed < problem.floor):
        keep = int(problem.floor[site])
        faults.append(Text(f"驻点 {site} 不足 {keep} 个", f"site {site} holds fewer than the {keep} it must"))
    for kind, site in np.argwhere((stand > 0) & ~problem.may_stand):
        faults.append(Text(f"类别 {kind} 不能驻 {site}", f"kind {kind} may not stand on site {site}"))
    return faults
