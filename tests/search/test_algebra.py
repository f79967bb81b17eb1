"""Any query against a slow judge in plain Python: what the database finds is what the words say, and not is the rest."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.search.conftest import MARCH, thing

Facts = dict[str, Any]
Judge = Callable[[Facts], bool]

ORDERS: dict[str, Callable[[Any, Any], bool]] = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}
LABELS = ("car", "bus", "stop sign", "tram")
WORDS = ("rain", "snow", "ra", 'a "b" \\c', "3", "")
NUMBERS = (-1, 0, 1, 2, 2.5, 3, 640)

POPULATION: list[Facts] = [
    {"key": "plain"},
    {"key": "bare", "objects": []},
    {"key": "Ünïcode/ä", "width": 640, "height": 480, "meta": {"weather": "rain", "n": 3, "night": True}},
    {"key": "list", "meta": {"weather": ["rain", "snow"], "n": [1, 2.5], "deep": {"weather": "snow"}}, "group": "g1"},
    {"key": "odd", "meta": {"weather": None, "n": "3", "night": False, 'we"ird \\k': "rain"}, "width": 3, "group": 'a "b" \\c'},
    {"key": "nested", "meta": {"deep": {"weather": "rain", "n": 2}, "weather": {"x": 1}}},
    {"key": "car", "objects": [thing("car", occluded=True, n=2)], "item": {"weather": "rain"}, "by": "annotator"},
    {"key": "two", "objects": [thing("car", occluded=False), thing("bus", occluded=True, n=3)], "item": {"weather": "snow", "n": 3}},
    {"key": "many", "objects": [thing("car"), thing("car"), thing("stop sign", colour=["rain", "snow"])], "state": "labelled"},
    {"key": "poly", "objects": [thing("bus", "polygon", occluded=False, n=1), thing("bus")], "state": "approved", "approved": True, "reviewer": "reviewer"},
    {"key": "held", "held": "blur", "size": 640, "answers": 2, "state": "returned"},
    {"key": "rule", "held": "rule:dark", "size": 3, "type": "image/jpeg", "answers": 1, "batch": "april", "height": 2},
    {"key": "words", "text": "some words", "batch": "april", "meta": {"weather": "rainy", "n": -1}, "objects": [thing("tram", n=640)], "by": "annotator2"},
]


def quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def shown(value: Any) -> str:
    if isinstance(value, str):
        return quoted(value)
    return {True: "true", False: "false", None: "null"}[value] if value is None or isinstance(value, bool) else str(value)


def same(one: Any, other: Any) -> bool:
    return one == other and isinstance(one, bool) == isinstance(other, bool) and isinstance(one, str) == isinstance(other, str)


def meets(found: Any, operator: str, asked: list[Any]) -> bool:
    """A value of an item (a list: one of it) against a condition."""
    if operator == "!=":
        return not meets(found, "=", asked)
    if operator in ("=", "in"):
        return any(found is None if value is None else any(same(one, value) for one in listed(found)) for value in asked)
    (value,) = asked
    if operator == "contains":
        return any(isinstance(one, str) and value in one for one in listed(found))
    if operator == "startswith":
        return any(isinstance(one, str) and one.startswith(value) for one in listed(found))
    alike = str if isinstance(value, str) else int | float
    return any(isinstance(one, alike) and not isinstance(one, bool) and ORDERS[operator](one, value) for one in listed(found))


def listed(found: Any) -> list[Any]:
    if found is None:
        return []
    return found if isinstance(found, list) else [found]


def dug(document: Any, *path: str) -> Any:
    for name in path:
        document = document.get(name) if isinstance(document, dict) else None
    return document


def kind_of(facts: Facts) -> str | None:
    return facts.get("type", "image/png") if facts.get("size") else "text/plain" if facts.get("text") else None


# name → (how to read the value of an item's facts, what may be asked with what)
READ: dict[str, tuple[Callable[[Facts], Any], str]] = {
    "key": (lambda f: f["key"], "text"),
    "group": (lambda f: f.get("group", ""), "text"),
    "batch": (lambda f: f.get("batch", "march"), "name"),
    "state": (lambda f: f.get("state", "new"), "state"),
    "width": (lambda f: f.get("width"), "whole?"),
    "height": (lambda f: f.get("height"), "whole?"),
    "bytes": (lambda f: f.get("size") or None, "whole?"),
    "type": (kind_of, "name"),
    "answers": (lambda f: f.get("answers", 0), "whole"),
    "annotated_by": (lambda f: f.get("by"), "name"),
    "reviewed_by": (lambda f: f.get("reviewer"), "name"),
    "count(*)": (lambda f: len(f.get("objects") or []), "whole"),
    "count(car)": (lambda f: sum(o["label"] == "car" for o in f.get("objects") or []), "whole"),
    'count("stop sign")': (lambda f: sum(o["label"] == "stop sign" for o in f.get("objects") or []), "whole"),
    "count(nothing)": (lambda f: 0, "whole"),
    "meta.weather": (lambda f: dug(f.get("meta", {}), "weather"), "any"),
    "meta.n": (lambda f: dug(f.get("meta", {}), "n"), "any"),
    "meta.night": (lambda f: dug(f.get("meta", {}), "night"), "any"),
    "meta.deep.weather": (lambda f: dug(f.get("meta", {}), "deep", "weather"), "any"),
    'meta."we\\"ird \\\\k"': (lambda f: dug(f.get("meta", {}), 'we"ird \\k'), "any"),
    "item.weather": (lambda f: dug(f.get("item", {}), "weather"), "any"),
    "item.n": (lambda f: dug(f.get("item", {}), "n"), "any"),
}
FLAGS: dict[str, Judge] = {
    "quarantined": lambda f: bool(f.get("held")),
    "approved": lambda f: bool(f.get("approved")),
    'flagged("blur")': lambda f: f.get("held") in ("blur", "rule:blur"),
    "flagged(dark)": lambda f: f.get("held") in ("dark", "rule:dark"),
}
OBJECT: dict[str, tuple[Callable[[Facts], Any], str]] = {
    "label": (lambda o: o["label"], "label"),
    "kind": (lambda o: o["kind"], "kind"),
    "attribute.occluded": (lambda o: o["attributes"].get("occluded"), "any"),
    "attribute.n": (lambda o: o["attributes"].get("n"), "any"),
    "attribute.colour": (lambda o: o["attributes"].get("colour"), "any"),
}
texts = st.sampled_from((*WORDS, "car", "poly", "march", "april", "annotator", "image/png", "text/plain", "g1", "Ü"))
numbers = st.sampled_from(NUMBERS)
VALUES: dict[str, Any] = {
    "text": texts,
    "name": texts,
    "state": st.sampled_from(("new", "labelled", "approved", "returned")),
    "label": st.sampled_from(LABELS),
    "kind": st.sampled_from(("box", "polygon")),
    "whole": st.sampled_from((-1, 0, 1, 2, 3, 640)),
    "whole?": st.sampled_from((0, 2, 3, 480, 640, None)),
    "any": st.one_of(texts, numbers, st.booleans(), st.none()),
}


@st.composite
def comparisons(draw: Any, fields: dict[str, tuple[Callable[[Facts], Any], str]]) -> tuple[str, Judge]:
    name = draw(st.sampled_from(sorted(fields)))
    read, kind = fields[name]
    values = VALUES[kind]
    operator = draw(st.sampled_from(("=", "!=", "in", "<", "<=", ">", ">=", "contains", "startswith")))
    worded = kind in ("text", "name", "any", "label")
    if operator in ("contains", "startswith") and not worded:
        operator = "="
    if operator in ORDERS and kind in ("name", "state", "label", "kind"):
        operator = "!="
    if operator == "in":
        asked = draw(st.lists(values, min_size=1, max_size=3))
        text = f"{name} in ({', '.join(map(shown, asked))})"
    else:
        narrow = texts if operator in ("contains", "startswith") else values
        if operator in ORDERS:
            narrow = narrow.filter(lambda value: value is not None and not isinstance(value, bool))
        asked = [draw(narrow)]
        text = f"{name} {operator} {shown(asked[0])}"
    return text, lambda facts: meets(read(facts), operator, asked)


def some_object(judge: Judge) -> Judge:
    return lambda facts: any(judge(each) for each in facts.get("objects") or [])


def flags() -> Any:
    return st.sampled_from(sorted(FLAGS)).map(lambda name: (name, FLAGS[name]))


@st.composite
def bound(draw: Any) -> tuple[str, Judge]:
    """Two or three conditions on one object, the later ones perhaps negated."""
    parts = draw(st.lists(comparisons(OBJECT), min_size=2, max_size=3))
    turned = [False, *(draw(st.booleans()) for _part in parts[1:])]
    text = " and ".join(f"not {part[0]}" if no else part[0] for part, no in zip(parts, turned, strict=True))
    return f"({text})", some_object(lambda each: all(judge(each) != no for (_text, judge), no in zip(parts, turned, strict=True)))


def leaves() -> Any:
    alone = comparisons(OBJECT).map(lambda pair: (pair[0], some_object(pair[1])))
    return st.one_of(comparisons(READ), alone, bound(), flags())


def _joined(word: str, fold: Callable[[Any], bool]) -> Callable[[list[tuple[str, Judge]]], tuple[str, Judge]]:
    return lambda parts: (f" {word} ".join(f"({text})" for text, _judge in parts), lambda facts: fold(judge(facts) for _text, judge in parts))


def grown(inner: Any) -> Any:
    several = st.lists(inner, min_size=2, max_size=3)
    turned = inner.map(lambda pair: (f"not ({pair[0]})", lambda facts: not pair[1](facts)))
    return st.one_of(turned, several.map(_joined("and", all)), several.map(_joined("OR", any)))


queries = st.recursive(leaves(), grown, max_leaves=6)


@pytest.fixture
def population(world: Any, put: Callable[..., Any]) -> list[Facts]:
    for facts in POPULATION:
        people = {name: getattr(world, facts[name]) for name in ("by", "reviewer") if name in facts}
        put(**{**facts, **people}, captured_at=MARCH if "width" in facts else None)
    return POPULATION


known = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
many = settings(max_examples=400, deadline=None, suppress_health_check=known)
# The judge knows of not, and, or as well; these two ask the database several times for each example, and no judge.
some = settings(max_examples=120, deadline=None, suppress_health_check=known)


@many
@given(query=queries)
def test_the_database_finds_what_the_words_say(population: list[Facts], matching: Any, query: tuple[str, Judge]) -> None:
    text, judge = query
    assert matching(text) == sorted(facts["key"] for facts in population if judge(facts)), text


@some
@given(query=queries)
def test_not_is_the_exact_rest(population: list[Facts], matching: Any, query: tuple[str, Judge]) -> None:
    found, rest = matching(query[0]), matching(f"not ({query[0]})")
    assert sorted(found + rest) == sorted(facts["key"] for facts in population), query[0]


@some
@given(one=queries, other=queries)
def test_and_and_or_are_of_sets(population: list[Facts], matching: Any, one: tuple[str, Judge], other: tuple[str, Judge]) -> None:
    left, right = set(matching(one[0])), set(matching(other[0]))
    assert set(matching(f"({one[0]}) and ({other[0]})")) == left & right
    assert set(matching(f"({one[0]}) or ({other[0]})")) == left | right
