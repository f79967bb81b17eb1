"""Confident learning against the published counts, and against small cases worked by hand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from workflows.cleaning.measures import confident

Data = Callable[[str], Path]
PUBLISHED = [
    ("mnist", {"prune_by_noise_rate": 15, "prune_by_class": 15, "both": 15, "confident_learning": 15, "predicted_neq_given": 87}),
    ("cifar10", {"prune_by_noise_rate": 284, "prune_by_class": 284, "both": 226, "confident_learning": 244, "predicted_neq_given": 706}),
    ("20news", {"prune_by_noise_rate": 95, "prune_by_class": 96, "both": 44, "confident_learning": 55, "predicted_neq_given": 577}),
]
# Three of label 0 of which one looks like 1, and three of label 1.
LABELS = np.array([0, 0, 0, 1, 1, 1])
SURE = np.array([[0.9, 0.1], [0.8, 0.2], [0.1, 0.9], [0.2, 0.8], [0.3, 0.7], [0.1, 0.9]])


@pytest.mark.parametrize(("name", "counts"), PUBLISHED, ids=[name for name, _counts in PUBLISHED])
def test_as_many_are_suspected_as_were_published(data: Data, name: str, counts: dict[str, int]) -> None:
    folder = data("label_errors")
    labels = np.load(folder / f"original_test_labels/{name}_test_set_original_labels.npy").astype(np.int64)
    probabilities = np.load(folder / f"cross_validated_predicted_probabilities/{name}_test_set_pyx.npy")
    assert {method: int(confident.issues(labels, probabilities, method).sum()) for method in counts} == counts


def test_a_threshold_is_the_mean_that_its_own_rows_give_a_class() -> None:
    np.testing.assert_allclose(confident.thresholds(LABELS, SURE), [0.6, 0.8])


def test_a_class_that_no_row_has_is_never_guessed() -> None:
    probabilities = np.hstack([SURE * 0.1, np.full((6, 1), 0.9)])
    assert np.isinf(confident.thresholds(LABELS, probabilities)[2])
    assert 2 not in confident.confident_guesses(LABELS, probabilities)


def test_the_joint_is_scaled_to_the_labels_there_are() -> None:
    # Confident are rows 0, 1 (class 0) and 2, 3, 5 (class 1): [[2, 1], [0, 2]], scaled to 3 and 3.
    assert confident.confident_joint(LABELS, SURE).tolist() == [[2, 1], [0, 3]]


def test_rounding_keeps_the_totals_of_labels() -> None:
    rng = np.random.default_rng(3)
    probabilities = rng.dirichlet(np.full(7, 0.4), 500)
    labels = rng.integers(0, 7, 500)
    joint = confident.confident_joint(labels, probabilities)
    assert joint.sum(axis=1).tolist() == np.bincount(labels, minlength=7).tolist() and (joint >= 0).all()


@pytest.mark.parametrize("method", confident.METHODS)
def test_the_row_that_looks_like_another_class_is_suspected_by_every_method(method: str) -> None:
    assert np.flatnonzero(confident.issues(LABELS, SURE, method)).tolist() == [2]


@pytest.mark.parametrize("method", confident.METHODS)
def test_a_row_whose_likeliest_class_is_its_label_never_is(method: str) -> None:
    rng = np.random.default_rng(4)
    probabilities = rng.dirichlet(np.full(5, 0.5), 400)
    labels = rng.integers(0, 5, 400)
    suspected = confident.issues(labels, probabilities, method)
    assert suspected.any() and not (suspected & (probabilities.argmax(axis=1) == labels)).any()


@pytest.mark.parametrize("method", confident.METHODS)
def test_order_of_rows_is_nothing(method: str) -> None:
    rng = np.random.default_rng(5)
    probabilities, labels, order = rng.dirichlet(np.full(4, 0.5), 300), rng.integers(0, 4, 300), rng.permutation(300)
    before = confident.issues(labels, probabilities, method)
    np.testing.assert_array_equal(confident.issues(labels[order], probabilities[order], method), before[order])


def test_quality_of_a_label() -> None:
    probabilities = np.array([[0.7, 0.2, 0.1], [0.1, 0.3, 0.6], [0.5, 0.5, 0.0]])
    labels = np.array([0, 0, 1])
    np.testing.assert_allclose(confident.self_confidence(labels, probabilities), [0.7, 0.1, 0.5])
    np.testing.assert_allclose(confident.normalized_margin(labels, probabilities), [0.75, 0.25, 0.5])


def test_nothing_and_one_class_are_taken() -> None:
    assert not confident.issues(np.empty(0, np.int64), np.empty((0, 3))).size
    assert not confident.issues(np.zeros(4, np.int64), np.ones((4, 1)), "both").any()
    with pytest.raises(ValueError, match="method must be one of"):
        confident.issues(LABELS, SURE, "guess")
