"""Greedy placement of labels, flags and callouts so that none covers another or a symbol."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# Eight positions round the anchor as (right, down), best first.
DIRECTIONS = ((1, 0), (1, -1), (1, 1), (-1, 0), (0, -1), (0, 1), (-1, -1), (-1, 1))
# A second ring for what must be shown although the first is taken.
REACHES = (1.0, 2.6)


@dataclass(frozen=True)
class Candidate:
    """Something that wants a place: its anchor and size in pixels, lower ``rank`` first.

    ``gap_px`` is how far from the anchor it starts, ``reaches`` the distances tried, in gaps. A ``required``
    one is placed on the least bad spot when all are taken; another is dropped. ``spots`` replaces the eight
    positions by given offsets of its top left corner from the anchor.
    """

    key: str
    x_px: float
    y_px: float
    width_px: float
    height_px: float
    rank: int
    gap_px: float = 10.0
    required: bool = False
    reaches: tuple[float, ...] = REACHES
    spots: tuple[tuple[float, float], ...] = ()


def text_width_px(words: str, font_px: float) -> float:
    """Return the estimated width of a text: 1 em a full-width character, 0.56 em any other."""
    em = sum(1.0 if unicodedata.east_asian_width(letter) in "WF" else 0.56 for letter in words)
    return em * font_px


def offsets(candidate: Candidate) -> NDArray[np.float64]:
    """Return the offsets of the top left corner to try, shape (n, 2), best first."""
    if candidate.spots:
        return np.array(candidate.spots, dtype=np.float64)
    width, height, rows = candidate.width_px, candidate.height_px, []
    for reach in candidate.reaches:
        gap = candidate.gap_px * reach
        for right, down in DIRECTIONS:
            slant = 0.7 if right and down else 1.0
            left = gap * slant if right > 0 else -gap * slant - width if right < 0 else -width / 2
            top = gap * slant if down > 0 else -gap * slant - height if down < 0 else -height / 2
            rows.append((left, top))
    return np.array(rows, dtype=np.float64)


def _overlap(boxes: NDArray[np.float64], taken: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the area each of ``boxes`` (n, 4) shares with all of ``taken`` (m, 4): shape (n,)."""
    wide = np.minimum(boxes[:, None, 2], taken[None, :, 2]) - np.maximum(boxes[:, None, 0], taken[None, :, 0])
    high = np.minimum(boxes[:, None, 3], taken[None, :, 3]) - np.maximum(boxes[:, None, 1], taken[None, :, 1])
    shared: NDArray[np.float64] = (np.clip(wide, 0, None) * np.clip(high, 0, None)).sum(axis=1)
    return shared


def place(
    candidates: Sequence[Candidate], blocked: Sequence[tuple[float, float, float, float]] = (), pad_px: float = 1.5
) -> dict[str, tuple[float, float]]:
    """Return the offset in pixels of each placed candidate's top left corner from its anchor.

    ``blocked`` holds boxes (left, top, right, bottom) in the same pixels that nothing optional may cover.
    Those without a free spot are left out unless required.
    """
    taken = np.empty((len(blocked) + len(candidates), 4), dtype=np.float64)
    if blocked:
        taken[: len(blocked)] = np.asarray(blocked, dtype=np.float64)
    count = len(blocked)
    placed: dict[str, tuple[float, float]] = {}
    for candidate in sorted(candidates, key=lambda one: (not one.required, one.rank)):
        tries = offsets(candidate)
        corners = tries + np.array([candidate.x_px, candidate.y_px])
        size = np.array([candidate.width_px, candidate.height_px])
        boxes = np.hstack([corners - pad_px, corners + size + pad_px])
        shared = _overlap(boxes, taken[:count])
        best = int(np.argmin(shared > 0)) if (shared <= 0).any() else int(np.argmin(shared))
        if shared[best] > 0 and not candidate.required:
            continue
        placed[candidate.key] = (float(tries[best, 0]), float(tries[best, 1]))
        taken[count] = boxes[best]
        count += 1
    return placed
