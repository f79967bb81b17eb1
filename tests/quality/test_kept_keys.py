"""Which answers something was found in is told by a key, which the database reckons as Python does."""

from __future__ import annotations

import pytest

from annotate.kernel import sql
from workflows.quality.kept import KEY, key_of


@pytest.mark.django_db
@pytest.mark.parametrize("answers", [[], [7], [3, 12, 2**62], [12, 3]])
def test_the_database_reckons_the_key_of_answers_as_python_does(answers: list[int]) -> None:
    asked = "SELECT " + KEY.format(words="array_to_string(%(answers)s::bigint[], ' ')")
    [(told,)] = sql.rows(asked, {"schema": 5, "answers": answers})
    assert told == key_of(5, answers)
    assert len(told) == 32
