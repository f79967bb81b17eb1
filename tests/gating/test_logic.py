"""Three values: a rule passes, fails, or has not enough evidence; and what of it is to blame."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotate.search.errors import QueryError
from annotate.search.tree import And, Comparison, Name, Node, Not, Or, Value
from workflows.gating.expression import read
from workflows.gating.logic import FAIL, NOT_ENOUGH, PASS, Figure, judge, negated, written

STATES = (PASS, FAIL, NOT_ENOUGH)
KNOWN = {PASS: Figure(1.0, 1.0, 1.0, 20, ""), FAIL: Figure(0.0, 0.0, 0.0, 20, ""), NOT_ENOUGH: Figure(of=3)}
NAMES = ("a", "b", "c", "d")


def leaf(name: str) -> Comparison:
    return Comparison(Name((name,), 1), ">=", (Value(0.5, 1, "0.5"),), 1)


leaves = st.sampled_from(NAMES).map(leaf)
trees: st.SearchStrategy[Node] = st.recursive(
    leaves,
    lambda inner: st.one_of(
        inner.map(Not), st.lists(inner, min_size=2, max_size=3).map(lambda some: And(tuple(some))), st.lists(inner, min_size=2, max_size=3).map(lambda some: Or(tuple(some)))
    ),
    max_leaves=8,
)
worlds = st.fixed_dictionaries({name: st.sampled_from(STATES) for name in NAMES})
RANK = {FAIL: 0, NOT_ENOUGH: 1, PASS: 2}


def kleene(node: Node, world: dict[str, str]) -> str:
    """By the tables: false < unknown < true; and is the least, or the greatest, not turns the order around."""
    if isinstance(node, Comparison):
        return world[node.name.text]
    if isinstance(node, Not):
        return negated(kleene(node.inner, world))
    pick = min if isinstance(node, And) else max
    return pick((kleene(one, world) for one in node.parts), key=RANK.__getitem__)


def said(node: Node, world: dict[str, str]) -> Any:
    return judge(node, lambda name, _label: KNOWN[world[name]])


@given(trees, worlds)
@settings(max_examples=300, deadline=None)
def test_it_is_kleenes_logic(node: Node, world: dict[str, str]) -> None:
    assert said(node, world).state == kleene(node, world)


@given(trees, worlds)
@settings(max_examples=100, deadline=None)
def test_not_turns_around_and_twice_is_nothing(node: Node, world: dict[str, str]) -> None:
    assert said(Not(node), world).state == negated(said(node, world).state)
    assert said(Not(Not(node)), world) == said(node, world)


@given(trees, trees, worlds)
@settings(max_examples=100, deadline=None)
def test_de_morgans_laws_hold(one: Node, other: Node, world: dict[str, str]) -> None:
    assert said(Not(And((one, other))), world).state == said(Or((Not(one), Not(other))), world).state
    assert said(Not(Or((one, other))), world).state == said(And((Not(one), Not(other))), world).state


@given(trees, worlds, st.data())
@settings(max_examples=200, deadline=None)
def test_more_evidence_never_turns_what_was_certain(node: Node, world: dict[str, str], data: Any) -> None:
    before = said(node, world).state
    later = {name: data.draw(st.sampled_from((PASS, FAIL))) if state == NOT_ENOUGH else state for name, state in world.items()}
    after = said(node, later).state
    assert after != NOT_ENOUGH
    assert before in (NOT_ENOUGH, after)


@given(trees, worlds)
@settings(max_examples=200, deadline=None)
def test_blame_falls_on_parts_that_do_not_hold_and_their_holding_would_pass(node: Node, world: dict[str, str]) -> None:
    found = said(node, world)
    assert bool(found.blamed) == (found.state != PASS)
    assert all(part.state != PASS for part in found.blamed)
    if len({part.name for part in found.parts}) == len(found.parts):  # each name once: to mend one mends no other
        mended = {**world}
        for part in found.blamed:
            mended[part.name] = FAIL if part.text.startswith("not ") else PASS
        assert said(node, mended).state == PASS


def figures(**known: Figure) -> Any:
    return lambda name, label: known[f"{name}_{label}" if label else name]


def test_a_rule_says_of_each_part_what_it_rests_on() -> None:
    node = read("agreement(car) >= 0.8 and gold_accuracy >= 0.95 and not returned_rate >= 0.05")
    found = judge(node, figures(agreement_car=Figure(0.9, 0.85, 0.94, 200, ""), gold_accuracy=Figure(of=4), returned_rate=Figure(0.1, 0.07, 0.13, 300, "")))
    assert (found.state, [part.state for part in found.parts]) == (FAIL, [PASS, NOT_ENOUGH, FAIL])
    assert [part.text for part in found.blamed] == ["gold_accuracy >= 0.95", "not returned_rate >= 0.05"]


def test_an_end_of_the_interval_may_be_asked_for() -> None:
    known = figures(agreement_car=Figure(0.82, 0.74, 0.9, 80, ""), agreement=Figure(0.9, None, None, 1, "no_spread"))
    assert judge(read("agreement(car) >= 0.8"), known).state == PASS
    assert judge(read("low(agreement(car)) >= 0.8"), known).state == FAIL
    assert judge(read("high(agreement(car)) >= 0.9"), known).state == PASS
    assert judge(read("low(agreement) >= 0.5"), known).state == NOT_ENOUGH  # the value stands, its interval is not known
    assert written(read("LOW( Agreement( car ) )>=.8")) == "low(agreement(car)) >= .8"  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("rule", "column", "words"),
    [
        ("", 1, "write a rule"),
        ("agrement >= 0.8", 1, "did you mean agreement"),
        ("items > 3 and weather = fog", 15, "there is no measure"),
        ("agreement", 1, "compare it with a number"),
        ("agreement >= good", 14, "compare with a number"),
        ("agreement >= 80", 14, "between 0 and 1"),
        ("agreement = 0.8", 11, "compare a share with"),
        ("agreement in (0.8)", 11, "compare a share with"),
        ("agreement(tree) >= 0.8", 11, "the schema has no label"),
        ("agreement(*) >= 0.8", 11, "say one label"),
        ("returned_rate(car) < 0.05", 15, "takes no label"),
        ("alpha >= 0.8", 1, "of which label"),
        ("low(items) > 3", 1, "counted"),
        ("low(low(agreement)) > 0", 5, "close the bracket"),
        ("low(agreement > 0", 15, "close the bracket"),
        ("agreement >= 0.8 gold_accuracy > 0", 18, "“and” or “or”"),
        ("(agreement >= 0.8", 18, "not closed"),
    ],
)
def test_what_cannot_be_read_names_its_column_and_the_mend(rule: str, column: int, words: str) -> None:
    with pytest.raises(QueryError) as refused:
        read(rule, labels=["car", "person"])
    assert refused.value.column == column and words in refused.value.detail
    assert list(refused.value.fields) == ["expression"]
