"""What can be written, and where a query that cannot be read goes wrong."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotate.search.compile import compile_query
from annotate.search.errors import QueryError
from annotate.search.grammar import parse
from annotate.search.tokens import tokens
from annotate.search.tree import And, Comparison, Not, Or
from annotate.search.writing import narrowed, quoted


def refused(q: str) -> QueryError:
    with pytest.raises(QueryError) as caught:
        compile_query(q, 1)
    return caught.value


def test_or_binds_loosest_and_not_tightest() -> None:
    tree = parse("not approved and state = new or width > 3")
    assert isinstance(tree, Or)
    assert isinstance(tree.parts[0], And)
    assert isinstance(tree.parts[0].parts[0], Not)
    assert isinstance(tree.parts[1], Comparison)


def test_only_what_stands_directly_in_brackets_is_grouped() -> None:
    outer = parse("a and (b and c) and (d)")
    assert isinstance(outer, And)
    assert not outer.grouped
    assert isinstance(outer.parts[1], And)
    assert outer.parts[1].grouped


@pytest.mark.parametrize("q", ["", "   ", "\n"])
def test_an_empty_query_is_everything(q: str) -> None:
    assert parse(q) is None
    assert not compile_query(q, 1)


def test_keywords_do_not_mind_capitals() -> None:
    assert parse("NOT a AND b In (1) Or c CONTAINS d") == parse("not a and b in (1) or c contains d")


def test_a_text_keeps_quotation_marks_and_backslashes() -> None:
    (token, _end) = tokens(r'"a \"b\" \\ c"')
    assert (token.kind, token.text) == ("text", r'a "b" \ c')


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=50))
def test_any_text_can_be_quoted(text: str) -> None:
    tree = parse(f"key = {quoted(text)}")
    assert isinstance(tree, Comparison)
    assert tree.values[0].text == text


@given(st.text(max_size=60))
def test_whatever_is_written_is_read_or_refused_with_a_column_in_it(q: str) -> None:
    try:
        compile_query(q, 1)
    except QueryError as error:
        assert 1 <= error.column <= len(q) + 1
        assert error.extra == {"column": error.column}
        assert set(error.fields) == {"q"}


words = st.sampled_from(["label", "count", "meta.x", "and", "or", "not", "in", "(", ")", ",", "=", "<", '"a"', "3", "true", "null", "*", "contains"])


@given(st.lists(words, max_size=12))
def test_any_row_of_words_is_read_or_refused_with_a_column_in_it(row: list[str]) -> None:
    q = " ".join(row)
    try:
        compile_query(q, 1)
    except QueryError as error:
        assert 1 <= error.column <= len(q) + 1


@pytest.mark.parametrize(
    ("q", "column", "mend"),
    [
        ("nonsense = 3", 1, "there is no field"),
        ("state = new and widht > 3", 17, "did you mean width?"),
        ("meta = 3", 1, "meta.<name>"),
        ("state = aproved", 9, "did you mean approved?"),
        ("state contains a", 7, "takes = != in"),
        ('width > "3"', 9, "without quotation marks"),
        ("width > 1.5", 9, "whole number"),
        ("width > 99999999999", 9, "at most 2147483647"),
        ("created > soon", 11, "2026-01-31"),
        ("created > 2026-02-30", 11, "2026-01-31"),
        ("captured > 0001-01-01T00:00:00+14:00", 12, "2026-01-31"),
        ("quarantined = 1", 15, "true or false"),
        ("width", 1, "width >= 1920"),
        ("count >= 2", 1, "count(car)"),
        ("flagged", 1, 'flagged("near_duplicate")'),
        ("count() > 1", 7, "value is missing"),
        ("count(car > 1", 11, "close the bracket"),
        ("quarantined(x)", 13, "takes no brackets"),
        ("key = null", 7, "compared with null"),
        ("width > null", 9, "compared with null"),
        ("meta.n > true", 10, "no order"),
        ("state = ", 9, "a value is missing"),
        ("state = and", 9, '"and"'),
        ("(state = new", 13, "column 1 is not closed"),
        ("state = new)", 12, "closes nothing"),
        ("state = new width > 3", 13, "“and” or “or”"),
        ("state = new and", 16, "condition is missing"),
        ('key = "abc', 7, "no closing quotation mark"),
        (r'key = "a\n"', 9, "backslash"),
        ("key = 'a'", 7, "quotation marks"),
        ("state not in (new)", 7, "not state in"),
        ("state in new", 10, "list after"),
        ("state in (new approved)", 15, "comma"),
        ("key = \0", 7, "cannot be searched for"),
        ('key = "a\0"', 9, "cannot be searched for"),
        ("a; drop", 2, "no meaning"),
        ("width > 1e999", 9, "too large"),
        ("project__name = x", 1, "there is no field"),
        ("batch__project__name = x", 1, "field"),
    ],
)
def test_a_fault_names_its_column_and_the_mend(q: str, column: int, mend: str) -> None:
    error = refused(q)
    assert error.column == column, error.detail
    assert mend in error.detail
    assert error.fields["q"] == error.detail
    assert error.code == "query"


def test_a_query_has_bounds() -> None:
    compile_query("key = " + "a" * 3994, 1)
    assert refused("key = " + "a" * 3995).column == 4001
    compile_query("(" * 32 + "approved" + ")" * 32, 1)
    assert refused("(" * 33 + "approved" + ")" * 33).column == 34
    assert "32 deep" in refused("not " * 900 + "approved").detail
    compile_query(" or ".join(["approved"] * 200), 1)
    assert "at most 200" in refused(" or ".join(["approved"] * 201)).detail
    assert "at most 200" in refused(f"width in ({', '.join('1' * 201)})").detail


@pytest.mark.parametrize(
    ("q", "narrow"),
    [
        ("", "state = new"),
        ("label = car and attribute.x = 1", "label = car and attribute.x = 1 and state = new"),
        ("a or b", "(a or b) and state = new"),
        ("(a or b)", "((a or b)) and state = new"),
    ],
)
def test_narrowing_adds_brackets_only_around_or(q: str, narrow: str) -> None:
    assert narrowed(q, "state = new") == narrow


def test_the_help_page_has_every_field(db: Any) -> None:
    from annotate.search.explain import complete, explain

    names = {each.name for each in explain()}
    assert names >= {
        "key", "batch", "group", "state", "stage", "created", "captured", "width", "height", "bytes", "type", "meta.<name>",
        "item.<name>", "label", "attribute.<name>", "count(<label>)", "answers", "annotated_by", "reviewed_by",
        "flagged(<rule>)", "quarantined", "approved",
    }  # fmt: skip
    for each in explain():
        compile_query(each.example, 1)
        assert each.help
    assert [each.insert for each in complete("ann")] == ["annotated_by"]
