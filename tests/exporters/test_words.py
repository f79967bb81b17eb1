"""CoNLL and spaCy: tokens, tags, and what overlaps or ends inside a word."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

import orjson
from hypothesis import given
from hypothesis import strategies as st

from tests.exporters.rows import export_of, row, thing
from tests.exporters.test_round_trips import TEXTS
from workflows.exporters.tokens import apart, sentences, tagged


def span(start: int, end: int, label: str = "place") -> dict[str, Any]:
    return thing(label, kind="span", start=start, end=end)


def tags(text: str, *spans: dict[str, Any]) -> tuple[list[list[tuple[str, str]]], Counter[str]]:
    notes: Counter[str] = Counter()
    return [[(text[start:end], tag) for (start, end), tag in one] for one in tagged(text, spans, notes)], notes


def test_tags_are_iob2_and_line_ends_end_sentences() -> None:
    found, notes = tags("New York, Oslo\nParis", span(0, 8), span(10, 14), span(15, 20, "city"))
    assert found == [[("New", "B-place"), ("York", "I-place"), (",", "O"), ("Oslo", "B-place")], [("Paris", "B-city")]] and not notes


def test_spans_that_touch_are_two() -> None:
    assert tags("北京上海", span(0, 2), span(2, 4))[0] == [[("北", "B-place"), ("京", "I-place"), ("上", "B-place"), ("海", "I-place")]]


def test_spans_that_overlap_end_inside_a_word_or_hold_none_are_counted() -> None:
    assert tags("New York City", span(0, 8), span(4, 13))[1] == {"spans_that_overlap_left_out": 1}
    assert tags("Oslofjord is", span(0, 4)) == ([[("Oslofjord", "B-place"), ("is", "O")]], {"spans_widened_to_tokens": 1})
    assert tags("in Oslo", span(5, 7)) == ([[("in", "O"), ("Oslo", "B-place")]], {"spans_widened_to_tokens": 1})
    assert tags("a  b", span(1, 3)) == ([[("a", "O"), ("b", "O")]], {"spans_without_a_token": 1})
    assert tags("New\nYork", span(0, 8)) == ([[("New", "B-place")], [("York", "B-place")]], {"spans_parted_by_line_ends": 1})


texts = st.text(st.sampled_from("ab_1 \n\t,.é北京🌧\u2028"), max_size=30)


@given(texts)
def test_tokens_cover_all_but_blanks_in_order(text: str) -> None:
    places = [place for one in sentences(text) for place in one]
    assert "".join(text[start:end] for start, end in places) == "".join(text.split())
    assert all(a[1] <= b[0] for a, b in pairwise(places))


@given(texts, st.data())
def test_spans_on_whole_tokens_come_out_as_they_went_in(text: str, data: Any) -> None:
    lines = [one for one in sentences(text) if one]
    spans = []
    for line in lines:
        first = data.draw(st.integers(0, len(line) - 1))
        spans.append(span(line[first][0], line[data.draw(st.integers(first, len(line) - 1))][1]))
    notes: Counter[str] = Counter()
    found: list[list[int]] = []
    for line in tagged(text, spans, notes):
        for (start, end), tag in line:
            if tag[0] == "B":
                found.append([start, end])
            elif tag[0] == "I":
                found[-1][1] = end
    assert found == [[one["start"], one["end"]] for one in spans] and not notes


def test_of_two_that_overlap_the_first_stays_then_the_longer() -> None:
    kept, left = apart([span(5, 9), span(0, 4), span(0, 6), span(9, 10)])
    assert [(one["start"], one["end"]) for one in kept] == [(0, 6), (9, 10)] and left == 2


def test_conll_has_places_beside_the_tokens_and_a_file_per_split(tmp_path: Path) -> None:
    rows = [row("a.txt", [span(3, 7)], text="in Oslo", split="train"), row("b.txt", text="x\u2028y", split="val")]
    folder, notes = export_of(rows, tmp_path, "conll", schema=TEXTS)
    assert (folder.root / "train.conll").read_text() == '-DOCSTART-\t-1\t-1\tO\n# id = a.txt\n# text = "in Oslo"\nin\t0\t2\tO\nOslo\t3\t7\tB-place\n\n'
    assert '# text = "x\\u2028y"\nx\t0\t1\tO\ny\t2\t3\tO\n' in (folder.root / "val.conll").read_text() and not notes


def test_what_conll_and_spacy_leave_out_is_counted(tmp_path: Path) -> None:
    link = {"id": "1", "kind": "relation", "label": "near", "from": "a", "to": "b"}
    sure = span(0, 2) | {"attributes": {"sure": True}}
    made = [row("a.txt", [sure, span(0, 7), link], text="in Oslo", item={"mood": "good"})]
    assert export_of(made, tmp_path / "conll", "conll", schema=TEXTS)[1] == {
        "spans_that_overlap_left_out": 1, "left_out_relation": 1, "item_values_left_out": 1, "attributes_left_out": 1,
    }  # fmt: skip
    folder, notes = export_of(made, tmp_path / "spacy", "spacy", schema=TEXTS)
    assert notes == {"overlapping_only_in_spans": 1, "left_out_relation": 1, "attributes_left_out": 1}
    assert orjson.loads((folder.root / "all.jsonl").read_bytes()) == {
        "text": "in Oslo", "entities": [[0, 7, "place"]], "spans": [[0, 2, "place"], [0, 7, "place"]], "cats": {"mood=good": 1.0, "mood=bad": 0.0}, "meta": {"key": "a.txt"},
    }  # fmt: skip
