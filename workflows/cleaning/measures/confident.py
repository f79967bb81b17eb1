"""Confident learning: which given labels a model's probabilities speak against (Northcutt, Jiang, Chuang, JAIR 70, 2021).

`labels` are int of shape (n,), from 0 to K−1; `probabilities` float of shape (n, K), finite, rows that sum to 1, from a model that has
not been trained on the row (out of sample). The order of the rows decides nothing but which of equal scores come first.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Labels = NDArray[np.integer[Any]]
Floats = NDArray[np.floating[Any]]
Mask = NDArray[np.bool_]

METHODS = (
    "prune_by_noise_rate",
    "prune_by_class",
    "both",
    "confident_learning",
    "low_normalized_margin",
    "low_self_confidence",
    "predicted_neq_given",
)
SLACK = 1e-6  # a probability this little under its threshold still counts, whatever was rounded on the way


def thresholds(labels: Labels, probabilities: Floats) -> NDArray[np.float64]:
    """Of each class, the mean probability that its own rows give it, shape (K,); infinite for a class that no row has."""
    classes = probabilities.shape[1]
    sums = np.bincount(labels, weights=self_confidence(labels, probabilities), minlength=classes)
    counts = np.bincount(labels, minlength=classes)
    return np.where(counts > 0, sums / np.maximum(counts, 1), np.inf)


def confident_guesses(labels: Labels, probabilities: Floats) -> NDArray[np.intp]:
    """The class that a row is confidently of, the likeliest where there are several, −1 where there is none; shape (n,)."""
    above = probabilities >= thresholds(labels, probabilities) - SLACK
    likeliest = np.where(above, probabilities, -1.0).argmax(axis=1)
    return np.where(above.any(axis=1), likeliest, -1)


def confident_joint(labels: Labels, probabilities: Floats) -> NDArray[np.int64]:
    """How many rows with label i are truly of class j, by estimate: shape (K, K), calibrated, so that row i sums to the rows labelled i."""
    return _calibrated(_counted(labels, confident_guesses(labels, probabilities), probabilities.shape[1]), labels)


def issues(labels: Labels, probabilities: Floats, method: str = "prune_by_noise_rate") -> Mask:
    """Rows whose label is suspected to be wrong, shape (n,). Never one whose likeliest class is its label. `ValueError` for another method."""
    differs = probabilities.argmax(axis=1) != labels
    if method not in METHODS:
        raise ValueError(f"method must be one of {', '.join(METHODS)}")
    if method == "predicted_neq_given" or not labels.size:
        return differs
    guesses = confident_guesses(labels, probabilities)
    if method == "confident_learning":
        return differs & (guesses >= 0) & (guesses != labels)
    joint = _calibrated(_counted(labels, guesses, probabilities.shape[1]), labels)
    if method == "prune_by_noise_rate":
        return differs & _by_noise_rate(labels, probabilities, joint)
    if method == "prune_by_class":
        return differs & _by_class(labels, probabilities, joint)
    if method == "both":
        return differs & _by_noise_rate(labels, probabilities, joint) & _by_class(labels, probabilities, joint)
    scores = self_confidence(labels, probabilities) if method == "low_self_confidence" else normalized_margin(labels, probabilities)
    return differs & _least(scores, int(joint.sum() - np.trace(joint)))


def self_confidence(labels: Labels, probabilities: Floats) -> Floats:
    """The probability of the given label, 0 to 1; shape (n,)."""
    return probabilities[np.arange(len(labels)), labels]


def normalized_margin(labels: Labels, probabilities: Floats) -> Floats:
    """How far the given label is ahead of the best other class: 0 far behind, 0.5 level, 1 far ahead; shape (n,)."""
    rows = np.arange(len(labels))
    others = probabilities.copy()
    others[rows, labels] = -np.inf
    rival = others.max(axis=1) if others.shape[1] > 1 else np.zeros(len(labels))
    return (probabilities[rows, labels] - rival + 1) / 2


def _counted(labels: Labels, guesses: NDArray[np.intp], classes: int) -> NDArray[np.int64]:
    """Confident rows by label and guess; the diagonal is at least 1, so that no class is thought to be all wrong for want of proof."""
    sure = guesses >= 0
    joint = np.bincount(labels[sure] * classes + guesses[sure], minlength=classes * classes).reshape(classes, classes)
    np.fill_diagonal(joint, np.maximum(joint.diagonal(), 1))
    return joint


def _calibrated(joint: NDArray[np.int64], labels: Labels) -> NDArray[np.int64]:
    counts = np.bincount(labels, minlength=len(joint))
    shares = joint / joint.sum(axis=1, keepdims=True) * counts[:, None]
    return np.stack([_rounded(row, int(total)) for row, total in zip(shares, counts, strict=True)]) if len(joint) else joint


def _rounded(row: Floats, total: int) -> NDArray[np.int64]:
    """Whole numbers near the row's that sum to `total`: what is left over goes to the largest fractions."""
    whole = np.floor(row + 1e-9).astype(np.int64)
    left = total - int(whole.sum())
    if left > 0:
        whole[np.argsort(whole - row, kind="stable")[:left]] += 1
    return whole


def _least(values: Floats, count: int) -> Mask:
    """The `count` least values; of equal ones the first."""
    if count <= 0:
        return np.zeros(len(values), bool)
    last = np.partition(values, min(count, len(values)) - 1)[min(count, len(values)) - 1]
    least = values < last
    equal = np.flatnonzero(values == last)
    least[equal[: count - int(least.sum())]] = True
    return least


def _by_noise_rate(labels: Labels, probabilities: Floats, joint: NDArray[np.int64]) -> Mask:
    """For each label i and class j, the joint's number of rows that look most like j rather than i."""
    found = np.zeros(len(labels), bool)
    for label, counts in enumerate(joint):
        others = np.flatnonzero(counts)
        rows = np.flatnonzero(labels == label) if (others != label).any() else np.empty(0, np.intp)
        for other in others[others != label] if rows.size else ():
            behind = probabilities[rows, label] - probabilities[rows, other]
            found[rows[_least(behind, int(counts[other]))]] = True
    return found


def _by_class(labels: Labels, probabilities: Floats, joint: NDArray[np.int64]) -> Mask:
    """Of each label, as many rows of least self-confidence as the joint believes to be wrong."""
    found = np.zeros(len(labels), bool)
    for label, counts in enumerate(joint):
        wrong = int(counts.sum() - counts[label])
        if wrong > 0:
            rows = np.flatnonzero(labels == label)
            found[rows[_least(probabilities[rows, label], wrong)]] = True
    return found
