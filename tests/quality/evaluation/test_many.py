"""Average precision of many pictures together is that of each picture by itself."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from workflows.quality.evaluation.many import crossed, pictures
from workflows.quality.evaluation.precision import Gathered, leading, picture

values = st.sampled_from([0.0, 0.4, 0.5, 0.5, 0.72, 0.72, 0.9, 1.0])
sizes = st.sampled_from([0.0, 10.0, 1024.0, 2000.0, 9216.0, 20000.0])


@st.composite
def one(draw: Any) -> Any:
    found, truths = draw(st.integers(0, 6)), draw(st.integers(0, 5))
    scores = draw(st.lists(st.sampled_from([0.1, 0.5, 0.9]), min_size=found, max_size=found))
    like = np.array(draw(st.lists(values, min_size=found * truths, max_size=found * truths)), dtype=np.float64).reshape(found, truths)
    own, of = (np.array(draw(st.lists(sizes, min_size=count, max_size=count)), dtype=np.float64) for count in (found, truths))
    lacking = np.array(draw(st.lists(st.sampled_from([False, False, True]), min_size=truths, max_size=truths)), dtype=bool)
    order = leading(scores)
    return np.array([scores[place] for place in order], dtype=np.float64), like[order], own[order], of, lacking


@settings(max_examples=150, deadline=None)
@given(st.lists(one(), min_size=1, max_size=6))
def test_many_pictures_are_as_each_alone(some: list[Any]) -> None:
    found, truths = (np.array([len(each[place]) for each in some], dtype=np.intp) for place in (0, 3))
    scores, own, of, lacking = (np.concatenate([each[place] for each in some]) for place in (0, 2, 3, 4))
    like = np.concatenate([each[1].ravel() for each in some])
    made = pictures(scores, found, truths, crossed(found, truths), like, own, of, lacking)
    alone, together, chosen = Gathered(), Gathered(), Gathered()
    for place, each in enumerate(some):
        told = picture(each[0], each[1], each[2], each[3], lacking=each[4])
        part = made.of(np.array([place]))
        assert np.array_equal(np.moveaxis(told.hit, 2, 0), part.hit) and np.array_equal(np.moveaxis(told.ignored, 2, 0), part.ignored)
        assert np.array_equal(told.truths, part.truths[0]) and part.ranks.tolist() == list(range(len(each[0])))
        alone.add(told)
        chosen.extend(part.scores, part.ranks, part.hit, part.ignored, part.truths.sum(axis=0))
    together.extend(made.scores, made.ranks, made.hit, made.ignored, made.truths.sum(axis=0))
    for other in (together, chosen):
        for one_of, another in zip(alone.table(), other.table(), strict=True):
            assert np.array_equal(one_of, another, equal_nan=True)
