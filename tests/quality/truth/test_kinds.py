"""Items that were answered alike are counted once, and believed the same."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as some

from workflows.quality.truth.answers import read
from workflows.quality.truth.kinds import MOST, kinds

PEOPLE, LABELS = 4, 3
ANSWERS = some.lists(
    some.dictionaries(some.integers(0, PEOPLE - 1), some.integers(0, LABELS - 1), min_size=1), min_size=1, max_size=30
)


@given(ANSWERS, some.data())
def test_items_are_of_one_kind_when_their_answers_and_what_sets_them_apart_are_the_same(
    said: list[dict[int, int]], data: some.DataObject
) -> None:
    apart = np.array(data.draw(some.lists(some.integers(0, LABELS), min_size=len(said), max_size=len(said))))
    found = kinds(read((person, item, label) for item, one in enumerate(said) for person, label in one.items()), apart)
    known = read((person, item, label) for item, one in enumerate(said) for person, label in one.items())
    for one in range(len(said)):
        for other in range(len(said)):
            assert (found.which[one] == found.which[other]) == (said[one] == said[other] and apart[one] == apart[other])
    assert found.times.sum() == len(said)
    for item, kind in enumerate(found.which.tolist()):
        mine, its = known.item == item, found.answers.item == kind
        assert known.worker[mine].tolist() == found.answers.worker[its].tolist()
        assert known.label[mine].tolist() == found.answers.label[its].tolist()
        assert found.apart[kind] == apart[item]


def test_an_item_with_very_many_answers_is_of_a_kind_of_its_own() -> None:
    many = MOST + 1
    found = kinds(read((person, item, 0) for item in range(2) for person in range(many)), np.zeros(2, dtype=np.intp))
    assert found.which.tolist() in ([0, 1], [1, 0])
    assert len(found.answers) == 2 * many


def test_nothing_that_was_said_has_no_kinds() -> None:
    found = kinds(read([]), np.zeros(0, dtype=np.intp))
    assert len(found.times) == 0 == len(found.answers)
