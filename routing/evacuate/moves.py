"""Anneal the lists of an evacuation in compiled code: fewer people left at a deadline that comes down step by step.

Simulated annealing (Kirkpatrick et al. 1983) on the people who remain at the deadline; once nobody remains, the
deadline is set a minute before the completion reached, until it meets the bound; then waiting is made less.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit

from routing.evacuate.kernel import STOPS, sail
from routing.evacuate.tables import Int32Array
from routing.evacuate.ways import Words, draw

Int64Array = npt.NDArray[np.int64]
# How a greedy trip's worth is blurred, so that the same list is not always finished the same way.
BLUR = 0.35
# How often a new entry ends a vessel's work: a trip not made leaves its people to a sooner craft.
STOPPING = 0.3
# A person left at the deadline against the whole of the waiting: waiting only chooses between equals.
WAITING_SHARE = 0.5


@njit("i8(u8[::1], i8)", cache=True, nogil=True, error_model="numpy")
def below(words: Words, count: int) -> int:
    """Return a whole number 0..count - 1."""
    return min(count - 1, int(draw(words) * count))


@njit("void(i4[:, ::1], i4[::1], i4[::1], i4[::1], u8[::1])", cache=True, nogil=True, error_model="numpy")
def change(genes: Int32Array, counts: Int32Array, pair_first: Int32Array, pair_code: Int32Array, words: Words) -> None:
    """Change one entry of one list, or two."""
    num_v = counts.shape[0]
    v = below(words, num_v)
    kind = below(words, 8)
    pairs = pair_first[v + 1] - pair_first[v]
    if pairs == 0:
        return
    count = counts[v]
    if kind == 0 and count > 0:
        genes[v, below(words, count)] = pair_code[pair_first[v] + below(words, pairs)] * 8
    elif kind == 1 and count > 0:
        at = below(words, count)
        for k in range(at, count - 1):
            genes[v, k] = genes[v, k + 1]
        counts[v] -= 1
    elif kind == 2 and count < genes.shape[1] - 1:
        at = below(words, count + 1)
        for k in range(count, at, -1):
            genes[v, k] = genes[v, k - 1]
        genes[v, at] = STOPS if draw(words) < STOPPING else pair_code[pair_first[v] + below(words, pairs)] * 8
        counts[v] += 1
    elif kind == 3 and count > 0:
        counts[v] = below(words, count)
    elif kind == 4 and count > 0:
        at = below(words, count)
        if genes[v, at] == STOPS:
            return
        low = genes[v, at] % 8
        if draw(words) < 0.5:
            genes[v, at] += -4 if low >= 4 else 4
        else:
            genes[v, at] += below(words, 4) - low % 4
    elif kind == 5 and count > 1:
        at = below(words, count - 1)
        genes[v, at], genes[v, at + 1] = genes[v, at + 1], genes[v, at]
    else:
        u = below(words, num_v)
        if u != v and count > 0 and counts[u] > 0:
            i, j = below(words, count), below(words, counts[u])
            genes[v, i], genes[u, j] = genes[u, j], genes[v, i]


@njit("void(i4[:, ::1], i4[::1], i4[:, ::1], i4[::1])", cache=True, nogil=True, error_model="numpy")
def copy(from_genes: Int32Array, from_counts: Int32Array, to_genes: Int32Array, to_counts: Int32Array) -> None:
    """Copy lists entry by entry: slices would draw the compiler into the wording of their errors."""
    for v in range(from_counts.shape[0]):
        to_counts[v] = from_counts[v]
        for k in range(from_counts[v]):
            to_genes[v, k] = from_genes[v, k]


@njit("f8(i8, i8, f8)", cache=True, nogil=True, error_model="numpy")
def cost_of(remaining: int, weighed: int, scale: float) -> float:
    """Return what annealing makes small."""
    return remaining + weighed * scale


@njit(
    (
        "void(i4[::1], i4[::1], i4[:, ::1], i4[::1], i4[:, ::1], i4[::1], i4[:, ::1], i4[::1], i4[:, ::1], i4[::1],"
        "i8[::1], i4[::1], i4[::1], i4[::1], f8, i8, f8, u8[::1])"
    ),
    cache=True,
    nogil=True,
    error_model="numpy",
)
def anneal(
    t: Int32Array, w: Int32Array, genes: Int32Array, counts: Int32Array, trial: Int32Array, trial_counts: Int32Array,
    sailed: Int32Array, sailed_counts: Int32Array, best: Int32Array, best_counts: Int32Array, scores: Int64Array,
    pair_first: Int32Array, pair_code: Int32Array, held: Int32Array, most: float, tries: int, hot: float, words: Words,
) -> None:  # fmt: skip
    """Try so many changes at one temperature (in people).

    ``scores``: deadline, floor, then remaining, completion and weighed waiting of the best lists. ``held[V]`` entries
    at the head of each list are not touched; ``most`` are all people weighed.
    """
    deadline, floor = scores[0], scores[1]
    scale = WAITING_SHARE / (most * max(1, deadline)) if most > 0 else 0.0
    is_done = scores[2] == 0 and scores[3] <= floor
    if is_done:
        # Nobody remains and none could be sooner: now a person's minutes count as people did.
        scale = counts.shape[0] * 40.0 / (most * max(1, deadline))
    now = sail(t, w, deadline, genes, counts, sailed, sailed_counts, 0.0, words, False)
    cost = cost_of(now[0] * (1000 if is_done else 1), now[2], scale)
    for _ in range(tries):
        copy(genes, counts, trial, trial_counts)
        for _again in range(1 + below(words, 3)):
            change(trial, trial_counts, pair_first, pair_code, words)
        for v in range(held.shape[0]):
            if held[v] > 0:
                for k in range(held[v]):
                    trial[v, k] = genes[v, k]
                trial_counts[v] = max(trial_counts[v], held[v])
        blur = BLUR if draw(words) < 0.5 else 0.0
        remaining, complete, weighed = sail(
            t, w, deadline, trial, trial_counts, sailed, sailed_counts, blur, words, False
        )
        tried = cost_of(remaining * (1000 if is_done else 1), weighed, scale)
        is_better = remaining < scores[2] or (
            remaining == scores[2] and (complete < scores[3] or (complete == scores[3] and weighed < scores[4]))
        )
        if is_better:
            copy(sailed, sailed_counts, best, best_counts)
            scores[2], scores[3], scores[4] = remaining, complete, weighed
        if tried <= cost or draw(words) < np.exp((cost - tried) / hot):
            copy(sailed, sailed_counts, genes, counts)
            cost = tried
        if is_better and remaining == 0 and not is_done:
            if complete <= floor:
                scores[0] = complete
                return
            deadline = complete - 1
            scores[0] = deadline
            now = sail(t, w, deadline, genes, counts, sailed, sailed_counts, 0.0, words, False)
            cost = cost_of(now[0], now[2], scale)
