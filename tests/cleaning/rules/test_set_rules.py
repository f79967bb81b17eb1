"""Rules on metadata, splits and labels of a set: small cases, each worked by hand."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.cleaning.rules.set_rules import caught, judge, texts
from workflows.cleaning.rules import kinds
from workflows.cleaning.rules.kind import wrong_parameters

nan = np.nan


def digests(*values: int) -> np.ndarray:
    return np.array(values, np.uint64)


def test_a_condition_catches_what_it_is_true_of() -> None:
    found = judge("condition", {"query:meta.weather = rain": np.array([True, False, True])}, q="meta.weather = rain")
    assert caught(found) == [0, 2] and found.scores.tolist() == [1, 0, 1]


def test_missing_metadata_is_absent_or_empty() -> None:
    found = judge("missing_meta", {"meta.camera": texts("front", None, "", " \t", "0")}, field="camera")
    assert caught(found) == [1, 2, 3] and found.scores.tolist() == [0, 1, 1, 1, 0]


def test_out_of_range_takes_bounds_in_and_leaves_missing_values_to_others() -> None:
    found = judge("out_of_range", {"meta.speed": texts("0", "50", "50.1", "-1e-3", None, " 7 ")}, field="speed", least=0, most=50)
    assert caught(found) == [2, 3] and np.isnan(found.scores[4])
    assert found.details["number"].tolist() == [True, True, True, True, False, True]


@pytest.mark.parametrize("text", ["fast", "nan", "inf", "1_0", "1,5", "true", "0x10"])
def test_what_is_no_number_is_out_of_range_and_told_as_such(text: str) -> None:
    found = judge("out_of_range", {"meta.speed": texts("5", text)}, field="speed", least=0, most=50)
    assert caught(found) == [1] and found.details["number"].tolist() == [True, False] and found.details["value"][1] == text


def test_not_in_list_compares_to_the_letter() -> None:
    found = judge("not_in_list", {"meta.city": texts("Berlin", "berlin", None, "Rome")}, field="city", names=["Berlin", "Rome"])
    assert caught(found) == [1] and np.isnan(found.scores[2])


def test_the_oldest_item_keeps_a_value_that_should_be_unique() -> None:
    columns = {"item": np.array([9, 3, 5, 4, 8]), "meta.serial": texts("a", "a", "b", None, "a")}
    found = judge("not_unique", columns, field="serial")
    assert caught(found) == [0, 4] and found.partners is not None and found.partners.tolist() == [1, -1, -1, -1, 1]
    np.testing.assert_array_equal(found.scores, [3, 3, 1, nan, 3])


def test_late_is_counted_in_days_outside_the_window_whose_last_day_is_whole() -> None:
    day, first = 86400.0, 1_767_225_600.0  # 2026-01-01
    times = np.array([first - day / 2, first, first + 31 * day - 1, first + 31 * day + day / 4, nan])
    found = judge("late", {"captured": times}, since="2026-01-01", until="2026-01-31")
    assert caught(found) == [0, 3]
    np.testing.assert_allclose(found.scores, [0.5, 0, 0, 0.25, nan], atol=1e-6)
    assert caught(judge("late", {"created": times}, time="created", until="2026-01-01T00:00+01:00")) == [1, 2, 3]


def test_labels_fifty_times_rarer_than_the_commonest_are_out_of_balance() -> None:
    columns = {"label_name": texts("car", "bus", "tram", "boat"), "label_objects": np.array([500.0, 11, 10, 0])}
    found = judge("class_imbalance", columns)
    assert caught(found) == [2, 3] and found.scores[2] == 50 and found.scores[3] == 500
    # Even shares would be a quarter each: a tenth of it is 2.5 %, of 521 objects 13.025.
    assert caught(judge("class_imbalance", columns, method="share")) == [1, 2, 3]
    assert caught(judge("class_imbalance", columns, method="share", share=0.08)) == [2, 3]


def test_where_there_are_no_objects_there_is_no_balance() -> None:
    columns = {"label_name": texts("car", "bus"), "label_objects": np.zeros(2)}
    assert all(np.isnan(judge("class_imbalance", columns, method=method).scores).all() for method in ("ratio", "share"))
    assert judge("class_imbalance", {"label_name": texts(), "label_objects": np.empty(0)}).scores.size == 0


def test_labels_with_few_objects() -> None:
    columns = {"label_name": texts("car", "bus", "tram"), "label_objects": np.array([10.0, 9, 0])}
    assert caught(judge("few_samples", columns)) == [1, 2]
    assert caught(judge("few_samples", columns, threshold=1)) == [2]


def test_quotas_that_are_not_full() -> None:
    columns = {"quota_name": texts("rain", "night", "snow", "any"), "quota_have": np.array([10.0, 9, 0, 5]), "quota_need": np.array([10.0, 10, 10, 0])}
    found = judge("quota_not_met", columns)
    assert caught(found) == [1, 2]
    np.testing.assert_array_equal(found.scores, [1, 0.9, 0, nan])
    assert caught(judge("quota_not_met", columns, share=0.9)) == [2]


def test_a_group_in_two_splits_leaks_and_items_without_group_or_split_do_not() -> None:
    columns = {
        "group": digests(7, 7, 7, 8, 8, 0, 0, 9, 9, 9),
        "meta.split": texts("train", "test", "train", "val", "val", "train", "test", "train", None, "val"),
    }
    found = judge("group_leakage", columns)
    assert caught(found) == [0, 1, 2, 7, 9]
    np.testing.assert_array_equal(found.scores, [2, 2, 2, 1, 1, nan, nan, 2, nan, 2])
    assert found.partners is not None and found.partners.tolist() == [1, 0, 1, -1, -1, -1, -1, 9, -1, 7]


def test_the_split_may_be_another_field() -> None:
    columns = {"group": digests(7, 7), "meta.part": texts("a", "b")}
    assert caught(judge("group_leakage", columns, field="part")) == [0, 1]


def test_equal_content_in_three_splits_leaks() -> None:
    columns = {"content": digests(5, 5, 5, 6, 0, 0), "meta.split": texts("train", "val", "test", "test", "train", "test")}
    found = judge("duplicate_leakage", columns)
    assert caught(found) == [0, 1, 2]
    np.testing.assert_array_equal(found.scores, [3, 3, 3, 1, nan, nan])


def test_pictures_that_look_equal_leak_too_where_that_is_asked_for() -> None:
    columns = {"phash": digests(0, 0, 0, 4), "seen": np.array([True, True, False, True]), "meta.split": texts("train", "val", "test", "test")}
    assert caught(judge("duplicate_leakage", columns, by="phash")) == [0, 1]


def test_equal_content_with_different_answers_conflicts() -> None:
    columns = {
        "content": digests(5, 5, 5, 6, 6, 5, 0, 0),
        "annotation": np.array([1, 2, 3, 4, 5, 0, 7, 8]),
        "answer": digests(1, 2, 1, 3, 3, 0, 1, 2),
    }
    found = judge("conflicting_labels", columns)
    assert caught(found) == [0, 1, 2]
    np.testing.assert_array_equal(found.scores, [2, 2, 2, 1, 1, nan, nan, nan])
    assert found.partners is not None and found.partners[:3].tolist() == [1, 0, 1]


def test_a_likely_wrong_label_is_caught_with_what_the_model_would_say() -> None:
    columns = {
        "item.weather": texts("sun", "sun", "sun", "rain", "rain", "rain", None, "hail", "sun"),
        "probabilities:weather": np.array([[0.9, 0.1], [0.8, 0.2], [0.1, 0.9], [0.2, 0.8], [0.3, 0.7], [0.1, 0.9], [0.9, 0.1], [0.5, 0.5], [nan, nan]]),
        "classes:weather": texts("sun", "rain"),
    }
    found = judge("wrong_label", columns, attribute="weather")
    assert caught(found) == [2] and found.details["suggested"][2] == "rain"
    np.testing.assert_allclose(found.scores, [0.9, 0.8, 0.1, 0.8, 0.7, 0.9, nan, nan, nan])
    margins = judge("wrong_label", columns, attribute="weather", score="normalized_margin")
    assert caught(margins) == [2] and margins.scores[2] == pytest.approx(0.1)


def test_without_probabilities_no_label_is_wrong() -> None:
    columns = {"item.weather": texts("sun", "rain"), "probabilities:weather": np.empty((2, 0)), "classes:weather": texts()}
    found = judge("wrong_label", columns, attribute="weather")
    assert np.isnan(found.scores).all() and not found.caught.any()


@pytest.mark.parametrize(
    ("kind", "given", "wrong"),
    [
        ("condition", {}, ["q"]),
        ("missing_meta", {"field": " "}, ["field"]),
        ("out_of_range", {"field": "x", "least": 2, "most": 1}, ["most"]),
        ("out_of_range", {"field": "x", "least": 2}, ["most"]),
        ("not_in_list", {"field": "x", "names": []}, ["names"]),
        ("late", {}, ["since"]),
        ("late", {"since": "yesterday", "until": "2026-02-30"}, ["since", "until"]),
        ("late", {"since": "2026-02-02", "until": "2026-02-01"}, ["until"]),
        ("lead_time", {"sides": "left"}, ["sides"]),
        ("wrong_label", {"attribute": "a", "method": "guess"}, ["method"]),
    ],
)
def test_parameters_that_make_no_sense_are_told_by_name(kind: str, given: dict[str, object], wrong: list[str]) -> None:
    assert sorted(wrong_parameters(kinds()[kind], given)) == wrong


@pytest.mark.parametrize("given", [{"since": "2026-01-01"}, {"until": "2026-01-01T12:00Z"}, {"since": "2026-01-01", "until": "2026-01-01"}])
def test_a_window_may_be_open_or_a_single_day(given: dict[str, object]) -> None:
    assert not wrong_parameters(kinds()["late"], given)


def test_the_rule_suspects_as_many_digits_as_were_published(data: Callable[[str], Path]) -> None:
    folder = data("label_errors")
    labels = np.load(folder / "original_test_labels/mnist_test_set_original_labels.npy")
    columns = {
        "item.digit": texts(*map(str, labels.tolist())),
        "probabilities:digit": np.load(folder / "cross_validated_predicted_probabilities/mnist_test_set_pyx.npy"),
        "classes:digit": texts(*map(str, range(10))),
    }
    found = judge("wrong_label", columns, attribute="digit")
    confirmed = {int(one["id"]) for one in json.loads((folder / "mturk/mnist_mturk.json").read_text()) if one["mturk"]["given"] < 3}
    assert len(caught(found)) == 15 and len(confirmed) == 15 and len(confirmed & set(caught(found))) == 7
