"""Texts that share most of their stretches of words. Of a group of them the longest is kept; of equally long ones the first."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from workflows.cleaning.measures.equal import firsts, sorting
from workflows.cleaning.measures.links import Rows, different_pairs, equal_pairs, fall, keepers
from workflows.cleaning.measures.minhash import BANDS, ROWS
from workflows.cleaning.rules.kind import ABOVE, Columns, Kind, Parameter, Parameters, Verdict, beyond

CHUNK = 1024


def judge(columns: Columns, parameters: Parameters) -> Verdict:
    """The score is the likeness at which a text falls to a better one; infinitely small for those that are kept at any threshold."""
    bands, characters = columns["bands"], columns["characters"]
    rows = np.flatnonzero(bands.any(axis=1) & ~np.isnan(characters))
    length = len(bands)
    scores, partners = np.full(length, np.nan), np.full(length, -1, np.int64)
    threshold = float(parameters["threshold"])
    if len(rows):
        left, right, likeness = alike(bands if len(rows) == length else bands[rows])
        rank = _rank(characters[rows])
        falls = fall(left, right, likeness, rank)
        scores[rows] = np.where(falls > 0, falls, -np.inf)
        over = likeness > threshold
        partners[rows] = rows[keepers(left[over], right[over], rank)]
    verdict = beyond(scores, threshold, ABOVE)
    return Verdict(scores, verdict.caught, np.where(verdict.caught, partners, -1))


def alike(bands: NDArray[np.uint64]) -> tuple[Rows, Rows, NDArray[np.float64]]:
    """Pairs of rows with a band in common, and how alike they are: the Jaccard similarity that the number of bands in common suggests.

    Rows with all bands in common are linked in one sort; for the others one of each such set stands, so that a text in
    ten thousand copies costs no more than one."""
    whole = bands @ np.arange(1, 2 * BANDS, 2, dtype=np.uint64)
    _, first, of = firsts(whole)
    one = first[of]
    copies = np.flatnonzero(one != np.arange(len(bands)))
    pairs = [(one[copies], copies)]
    ones = np.flatnonzero(one == np.arange(len(bands)))
    single = np.empty((BANDS, len(ones)), np.uint64)
    for start in range(0, len(ones), CHUNK):  # turned round in pieces that stay in the cache
        single[:, start : start + CHUNK] = bands[ones[start : start + CHUNK]].T
    for band in range(BANDS):
        left, right = equal_pairs(single[band], single[(band + 1) % BANDS])
        pairs.append((ones[left], ones[right]))
    left, right = different_pairs(np.concatenate([pair[0] for pair in pairs]), np.concatenate([pair[1] for pair in pairs]), len(bands))
    shared = np.zeros(len(left), np.int64)
    for band in range(BANDS):
        shared += bands[left, band] == bands[right, band]
    return left, right, (shared / BANDS) ** (1 / ROWS)


def _rank(characters: NDArray[np.float64]) -> Rows:
    rank = np.empty(len(characters), np.int64)
    rank[sorting(-characters)] = np.arange(len(characters))
    return rank


KIND = Kind(
    name="near_duplicate_text",
    about="text",
    columns=("bands", "characters"),
    judge=judge,
    parameters=(Parameter("threshold", "number", 0.7, 0.7, 0.99),),
    line="threshold",
    side=ABOVE,
    alone=True,
    action="quarantine",
    slow=True,
    source="datatrove, MinHash with 5-grams, 14 bands of 8",
)
