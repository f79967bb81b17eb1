"""Each kind on texts has its words: a title, a sentence, a label for every parameter, and findings that can be filled in."""

from __future__ import annotations

import pytest

from tests.cleaning.texts_at_hand import columns
from workflows.cleaning.rules import kinds
from workflows.cleaning.words.texts import WORDS

NAMES = [name for name, kind in kinds().items() if kind.about == "text"] + ["pattern"]


@pytest.mark.parametrize("name", NAMES)
def test_words_fit_their_kind(name: str) -> None:
    kind, words = kinds()[name], WORDS[name]
    assert set(words.parameters) == {parameter.name for parameter in kind.parameters}
    assert str(words.title) and str(words.help) and str(words.score)
    given = {"languages": ["de"], "pattern": "a"}
    parameters = kind.defaults() | {name: value for name, value in given.items() if name in kind.defaults()}
    loaded = columns(["A text that is told to be in English, surely."]) | {"key": ["a"]}
    verdict = kind.judge({needed: loaded[needed] for needed in kind.needs(parameters)}, parameters)
    values = {key: column[0] for key, column in verdict.details.items()} | {"score": verdict.scores[0], "threshold": parameters.get("threshold")}
    assert str(words.says) % values
