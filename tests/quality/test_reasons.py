"""What is kept of a consensus tells all that its explanation tells."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.quality.consensus.test_laws import crowds
from tests.quality.consensus.test_merge import box, said
from workflows.quality.consensus.merge import consensus
from workflows.quality.reasons import packed, told


def again(found: Any) -> dict[str, Any]:
    return told(json.loads(json.dumps(packed(found))))


@given(crowds(), st.lists(st.floats(0.1, 3), min_size=9, max_size=9), st.sampled_from(["first", "none"]), st.integers(1, 4))
@settings(max_examples=60)
def test_what_is_kept_says_what_the_explanation_says(crowd: dict[str, Any], weights: list[float], ties: Any, quorum: int) -> None:
    found = consensus(crowd, weights=dict(zip(crowd, weights, strict=False)), ties=ties, quorum=quorum)
    explained = json.loads(json.dumps(found.explain()))
    explained.pop("quorum")  # kept beside it, by the run
    kept = again(found)
    assert {name: kept[name] for name in explained} == explained


def test_ties_and_other_labels_and_answers_about_the_item_are_kept() -> None:
    crowd = {"ann": said(box(), weather="rain"), "bob": said(box(label="bus"), weather="fog"), "cyd": said(box(), box(200), weather="rain")}
    found = consensus(crowd, weights={"bob": 2.0}, ties="none", quorum=1)
    explained = json.loads(json.dumps(found.explain()))
    explained.pop("quorum")
    kept = again(found)
    assert explained["ties"] and explained["left_out"] and explained["item"]
    assert {name: kept[name] for name in explained} == explained


def test_what_was_kept_whole_before_is_told_as_it_is() -> None:
    before = {"people": [1], "objects": [{"id": "a"}], "ties": []}
    assert told(before) == before
    assert told({}) == {}
