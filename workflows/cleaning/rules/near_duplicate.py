"""Pictures that look alike: perceptual hashes that differ in few bits, also through others between them.

Of each group the largest picture is kept, of equally large ones the sharpest, then the one with the lowest id; the others point to it. The score is
the number of bits at which a picture is first in a group with a better one: so what is caught at any other number can be told from the
scores alone, as far as they reach. They reach to `REACH` bits, or less far (but as far as is asked for) when there are so many pictures that
looking further would take long; where nothing is alike so far there is no bit to name, and the score is infinite.

Exact copies of an earlier picture are not judged (NaN), whether or not that rule is used: a thing is found once.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from workflows.cleaning.rules.hamming import Pairs, cost, joined, pairs
from workflows.cleaning.rules.kind import BELOW, Columns, Kind, Parameter, Parameters, Verdict
from workflows.cleaning.rules.sameness import first_alike
from workflows.cleaning.rules.scopes import SCOPE, scope_columns, sets

REACH = 10
_AFFORDABLE = 60_000_000  # comparisons


def judge(columns: Columns, parameters: Parameters) -> Verdict:
    n, within, among = len(columns["phash"]), int(parameters["bits"]) - 1, sets(columns, parameters)
    judged = columns["seen"].astype(bool) & np.isfinite(columns["blur"].astype(np.float64))
    if among is not None:
        judged &= among >= 0
    judged &= first_alike((columns["content"], columns["pixels"]), among) == np.arange(n)
    rows = np.flatnonzero(judged)
    hashes = columns["phash"][rows]
    alike = pairs(hashes, _reach(len(rows), within), None if among is None else among[rows])
    levels, keepers = _levels(alike, columns, rows, within)
    scores = np.full(n, np.nan)
    scores[rows] = levels
    partners = np.full(n, -1, dtype=np.int64)
    partners[rows] = np.where(keepers >= 0, rows[keepers], -1)
    distance = np.full(n, -1, dtype=np.int64)
    kept = np.flatnonzero(keepers >= 0)
    distance[rows[kept]] = np.bitwise_count(hashes[kept] ^ hashes[keepers[kept]])
    return Verdict(scores, partners >= 0, partners, {"distance": distance})


def _reach(n: int, within: int) -> int:
    """To how many bits pictures are looked for."""
    return max([within, *(bits for bits in range(within, REACH + 1) if cost(n, bits) <= _AFFORDABLE)])


def _ranks(columns: Columns, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """The place of each of these pictures when the ones to keep come first."""
    area = np.nan_to_num(columns["width"][rows].astype(np.float64) * columns["height"][rows].astype(np.float64))
    order = np.lexsort((rows, -columns["blur"][rows].astype(np.float64), -area))
    ranks = np.empty(len(rows), dtype=np.int64)
    ranks[order] = np.arange(len(rows))
    return ranks


def _levels(alike: Pairs, columns: Columns, rows: NDArray[np.int64], within: int) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """(bits at which each first has a better one in its group, its group's best within what is asked for or -1 where it is that itself)."""
    levels, keepers = np.full(len(rows), np.inf), np.full(len(rows), -1, dtype=np.int64)
    involved, places = np.unique(np.concatenate([alike.left, alike.right]), return_inverse=True)
    left, right = places[: len(alike.left)], places[len(alike.left) :]
    worst_first = np.argsort(-_ranks(columns, rows[involved]))
    farthest = int(alike.distance.max(initial=0))
    for bits in range(farthest, -1, -1):
        near = alike.distance <= bits
        root = joined(len(involved), left[near], right[near])
        best = np.empty(len(involved), dtype=np.int64)
        best[root[worst_first]] = worst_first  # what is written last stays
        worse = best[root] != np.arange(len(involved))
        levels[involved[worse]] = bits
        if bits == min(within, farthest):
            keepers[involved[worse]] = involved[best[root]][worse]
    return levels, keepers


KIND = Kind(
    name="near_duplicate",
    about="picture",
    columns=lambda parameters: ("seen", "phash", "blur", "width", "height", "content", "pixels", *scope_columns(parameters)),
    judge=judge,
    parameters=(Parameter("bits", "whole", 5, 1, REACH + 1), SCOPE),
    line="bits",
    side=BELOW,
    slow=True,
    alone=True,
    source="64-bit pHash as ImageHash; cleanvision takes equal hashes alone, the default of less than 5 bits is our own",
)
