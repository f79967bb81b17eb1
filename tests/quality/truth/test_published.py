"""Truth inference on data of others: the figures that are published, or that other programs give."""

from __future__ import annotations

import numpy as np
import pytest

from tests.quality.truth.crowds import Data, accuracy, crowd, patients
from workflows.quality.truth.best import best
from workflows.quality.truth.dawid_skene import dawid_skene
from workflows.quality.truth.glad import glad
from workflows.quality.truth.majority import majority
from workflows.quality.truth.one_coin import one_coin
from workflows.quality.truth.wawa import wawa
from workflows.quality.truth.zero_based import zero_based


@pytest.mark.parametrize(
    ("name", "ties", "half", "lowest", "highest"),
    [("rte", 65, 0.8969, 0.9187, 0.8750), ("SP", 181, 0.8859, 0.8896, 0.8822), ("CF", 27, 0.8822, 0.9000, 0.8667), ("bluebirds", 0, 0.7593, 0.7593, 0.7593)],
)
def test_the_rule_for_ties_decides_the_accuracy_of_a_majority(name: str, ties: int, half: float, lowest: float, highest: float, data: Data) -> None:
    said, gold = crowd(name, data)
    found = majority(said)
    assert len(found.ties) == ties
    credit = sum(1 / len(found.ties[item]) if gold[item] in found.ties[item] else 0.0 for item in found.ties) + sum(found[item] == gold[item] for item in found if item not in found.ties)
    assert credit / len(found) == pytest.approx(half, abs=6e-5)
    assert accuracy(majority(said, ties="lowest"), gold) == pytest.approx(lowest, abs=6e-5)
    assert accuracy(majority(said, ties="highest"), gold) == pytest.approx(highest, abs=6e-5)
    assert {item for item, label in majority(said, ties="none").items() if label is None} == set(found.ties)


@pytest.mark.parametrize(
    ("name", "by_wawa", "by_zero", "by_ds", "by_coin"),
    [("rte", 0.9213, 0.9213, 0.9275, 0.9250), ("SP", 0.8950, 0.8946, 0.9150, 0.9168), ("bluebirds", 0.7593, 0.7593, 0.8889, 0.5833), ("CF", 0.8933, 0.8933, None, 0.8867)],
)
def test_weighted_votes_and_models_are_as_right_as_published(name: str, by_wawa: float, by_zero: float, by_ds: float | None, by_coin: float, data: Data) -> None:
    said, gold = crowd(name, data)
    assert accuracy(wawa(said), gold) == pytest.approx(by_wawa, abs=6e-5)
    assert accuracy(zero_based(said), gold) == pytest.approx(by_zero, abs=6e-5)
    assert accuracy(one_coin(said), gold) == pytest.approx(by_coin, abs=6e-5)
    if by_ds is not None:
        assert accuracy(dawid_skene(said), gold) == pytest.approx(by_ds, abs=6e-5)


def test_full_dawid_skene_is_unstable_with_four_answers_a_person_and_smoothing_or_one_coin_mends_it(data: Data) -> None:
    said, gold = crowd("CF", data)  # 461 people, 5 classes
    assert 0.789 < accuracy(dawid_skene(said, stop="likelihood"), gold) < accuracy(dawid_skene(said), gold) < 0.831
    assert accuracy(dawid_skene(said, smoothing=1), gold) > 0.88
    found = best(said)
    assert found.method == "one_coin" and accuracy(found, gold) > 0.88
    assert found.why["answers_per_cell"] == pytest.approx(1720 / 461 / 25) and found.why["bar"] == {"answers_per_cell": 3.0}


@pytest.mark.parametrize("name", ["rte", "SP", "bluebirds"])
def test_the_full_model_is_taken_where_people_answered_enough(name: str, data: Data) -> None:
    said, gold = crowd(name, data)
    found = best(said)
    assert found.method == "dawid_skene" and accuracy(found, gold) > accuracy(majority(said), gold)


def test_the_45_patients_of_dawid_and_skene() -> None:
    found = dawid_skene(patients(), stop="likelihood", tolerance=1e-12)
    assert found.rounds == 25 and found.converged
    assert found.log_likelihood == pytest.approx(-192.8909, abs=5e-5)
    assert found.priors is not None and found.confusion is not None
    assert found.priors.round(4).tolist() == [0.3996, 0.4220, 0.1118, 0.0667]
    first = [[0.889, 0.111, 0, 0], [0.071, 0.876, 0.053, 0], [0, 0.339, 0.661, 0], [0, 0, 0.556, 0.444]]
    assert np.allclose(found.confusion[0], first, atol=6e-4)
    unsure = {patient: (found[patient], round(sure, 3)) for patient, sure in found.confidence.items() if sure < 0.995}
    assert unsure == {7: (1, 0.981), 35: (2, 0.948), 38: (3, 0.979)}


def test_glad_beats_the_majority_on_rte(data: Data) -> None:
    said, gold = crowd("rte", data)
    assert accuracy(glad(said), gold) == pytest.approx(0.9263, abs=0.002)
