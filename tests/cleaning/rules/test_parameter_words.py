"""What is wrong with a parameter is said in the language of whoever asks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import translation

from workflows.cleaning.rules import kinds
from workflows.cleaning.rules.fault import Fault
from workflows.cleaning.rules.kind import Kind, Parameter, wrong_parameters
from workflows.cleaning.rules.pattern import check_pattern
from workflows.cleaning.words.faults import fault_words

CHINESE = re.compile(r"[一-鿿]")


def wrong_values(parameter: Parameter) -> Iterator[Any]:
    """Values that cannot stand for it, of every sort that is refused."""
    yield None
    yield {"flag": "yes", "names": "a", "number": "much", "whole": 2.5}.get(parameter.type, 7)
    if parameter.least is not None:
        yield parameter.least - 1
    if parameter.most is not None:
        yield parameter.most + 1
    if parameter.type == "choice":
        yield "sparkles"
    if parameter.type in ("text", "query", "pattern") and parameter.default != "":
        yield " "


@pytest.mark.parametrize("kind", kinds().values(), ids=lambda kind: str(kind.name))
def test_every_refusal_of_every_parameter_is_told_in_chinese(kind: Kind) -> None:
    with translation.override("zh-hans"):
        for parameter in kind.parameters:
            for value in wrong_values(parameter):
                why = fault_words(wrong_parameters(kind, {parameter.name: value})[parameter.name])
                assert CHINESE.search(why), (parameter.name, value, why)
        assert CHINESE.search(fault_words(wrong_parameters(kind, {"sparkles": 1})["sparkles"]))


@pytest.mark.parametrize(
    ("kind", "given", "place"),
    [
        ("late", {"since": "soon"}, "since"),
        ("late", {}, "since"),
        ("late", {"since": "2026-02-01", "until": "2026-01-01"}, "until"),
        ("not_in_list", {"field": "weather", "names": []}, "names"),
        ("out_of_range", {"field": "speed", "least": 2, "most": 1}, "most"),
    ],
)
def test_what_does_not_go_together_is_told_in_chinese(kind: str, given: dict[str, Any], place: str) -> None:
    with translation.override("zh-hans"):
        assert CHINESE.search(fault_words(wrong_parameters(kinds()[kind], given)[place]))
    with translation.override("en"):
        assert not CHINESE.search(fault_words(wrong_parameters(kinds()[kind], given)[place]))


@pytest.mark.parametrize("pattern", ["(a", "a)", "[a", "[z-a]", "*a", "a**", "a{2000}", "\\", r"(a)\1", "(?=a)", "(?P<1 a>x)", "\ud800"])
def test_what_is_wrong_with_a_pattern_is_told_in_chinese_with_the_place(pattern: str) -> None:
    fault = check_pattern(pattern)
    assert fault is not None
    with translation.override("zh-hans"):
        told = fault_words(fault)
    why = fault.values.get("why")
    assert CHINESE.search(told) and not re.search(r"[a-z]{4,}", told), told
    assert not isinstance(why, Fault) or why.values.get("where", "") in told


def test_the_api_answers_in_the_language_that_is_asked_for(world: Any, db: None) -> None:
    body = {"name": "x", "kind": "dark", "parameters": {"threshold": 1.5}, "severity": "awful"}
    answer = world.api(world.manager).post(f"/projects/{world.project.pk}/rules", body, headers={"Accept-Language": "zh-hans"})
    assert answer.status_code == 400 and all(CHINESE.search(why) for why in answer.json()["fields"].values()), answer.content
