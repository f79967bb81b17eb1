"""Thousands of annotations matched at a time say what each two say."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.quality.test_match_laws import PICTURE, documents
from workflows.quality.matching.many import Many
from workflows.quality.matching.match import match

corners = st.integers(0, 30)
upright = st.builds(lambda x, y, w, label: {"kind": "box", "box": [x, y, w, 9], "label": label}, corners, corners, st.integers(5, 15), st.sampled_from("ab"))
boxed = st.builds(lambda objects: {"objects": objects, "item": {}}, st.lists(upright, max_size=6))


@given(st.lists(st.one_of(boxed, boxed, documents), min_size=2, max_size=6), st.sampled_from([0.3, 0.5, 1.0]))
@settings(max_examples=40, deadline=None)
def test_many_at_a_time_say_what_each_two_say(said: list[dict[str, Any]], threshold: float) -> None:
    sides = [document["objects"] for document in said]
    pairs = np.array([(one, other) for one in range(len(sides)) for other in range(one + 1, len(sides))])
    many = Many(sides)
    rows, columns, like = many.match(pairs, pictures=[PICTURE] * len(pairs), threshold=threshold)
    expected = {
        (int(many.first[one]) + pair.truth, int(many.first[other]) + pair.answer, pair.alike)
        for one, other in pairs.tolist()
        for pair in match(sides[one], sides[other], picture=PICTURE, threshold=threshold).pairs
    }
    assert set(zip(rows.tolist(), columns.tolist(), like.tolist(), strict=True)) == expected


def test_nothing_has_no_pairs() -> None:
    for sides, pairs in (([], []), ([[], []], [(0, 1)])):
        assert [len(part) for part in Many(sides).match(np.array(pairs, dtype=np.intp).reshape(-1, 2))] == [0, 0, 0]
