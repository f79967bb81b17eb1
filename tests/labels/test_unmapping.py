"""The way back: what nobody touched comes back to the letter, what was said since is kept, by the names of before."""

from __future__ import annotations

import copy
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from annotate.labels.mapping import mapped, unnamed
from annotate.labels.operations import applied, read
from annotate.labels.schema import parse
from annotate.labels.unmapping import new_by_split, unmapped
from tests.annotations.test_changes_property import NAMES, SCHEMA, attribute, document, name, operation, sound, thing

taken_out = st.one_of(
    st.builds(lambda n: {"op": "retire_label", "name": n, "then": "drop"}, name),
    st.builds(lambda w, n: {"op": "retire_attribute", "label": w, "name": n, "then": "drop"}, name, attribute),
    st.builds(lambda w, n: {"op": "retire_option", "label": w, "attribute": "size", "name": n, "then": "drop"}, name, st.sampled_from("sml")),
)
merged = st.builds(lambda w, f, t: {"op": "merge_attribute", "label": w, "from": f, "to": t}, name, attribute, attribute)


def box(key: str, label: str, **attributes: Any) -> dict[str, Any]:
    return {"id": key, "kind": "box", "label": label, "box": [0, 0, 5, 5], **({"attributes": attributes} if attributes else {})}


@settings(max_examples=150)
@given(wanted=st.lists(st.one_of(operation, taken_out, merged), min_size=1, max_size=8), was=document)
def test_what_nobody_touched_comes_back_to_the_letter(wanted: list[Any], was: dict[str, Any]) -> None:
    operations = read(kept) if (kept := sound(SCHEMA, wanted)) else []
    assert unmapped(mapped(was, operations).document, operations, was) == was


@settings(max_examples=150)
@given(wanted=st.lists(operation, min_size=1, max_size=8), was=document, more=thing)
def test_what_was_said_since_is_kept(wanted: list[Any], was: dict[str, Any], more: Any) -> None:
    operations = read(kept) if (kept := sound(SCHEMA, wanted)) else []
    now = copy.deepcopy(mapped(was, operations).document)
    now["objects"].append(box("new", next(iter(parse(applied(SCHEMA, operations)).labels))))
    for one in now["objects"][:1]:
        one.pop("attributes", None)
    back = unmapped(now, operations, was)
    assert not unnamed(back, parse(SCHEMA))
    assert mapped(back, operations).document == now


def test_options_that_were_merged_are_told_apart_where_one_was_added_since() -> None:
    operations = read([{"op": "merge_option", "label": "a", "attribute": "size", "from": ["s"], "to": "m"}])
    was = {"objects": [box("1", "a", size=["s", "l"])], "item": {}}
    now = {"objects": [box("1", "a", size=["m", "l", "x"])], "item": {}}
    assert unmapped(now, operations, was)["objects"][0]["attributes"] == {"size": ["s", "l", "x"]}


def test_true_is_not_one() -> None:
    operations = read([{"op": "rename_attribute", "label": "a", "from": "n", "to": "m"}])
    was, now = {"objects": [box("1", "a", n=1)], "item": {}}, {"objects": [box("1", "a", m=True)], "item": {}}
    assert unmapped(now, operations, was)["objects"][0]["attributes"] == {"n": True}


def test_objects_come_back_behind_those_that_they_stood_behind_and_relations_only_between_what_is_there() -> None:
    operations = read([{"op": "retire_label", "name": "b", "then": "drop"}])
    links = [{"id": f"r{to}", "kind": "relation", "label": "on", "from": "2", "to": to} for to in ("1", "3")]
    was = {"objects": [box("1", "a"), box("2", "b"), box("3", "a"), *links], "item": {}}
    now = {"objects": [box("1", "a"), box("4", "a")], "item": {}}
    assert [one["id"] for one in unmapped(now, operations, was)["objects"]] == ["1", "2", "r1", "4"]
    assert [one["id"] for one in unmapped(now, operations, was, lost=False)["objects"]] == ["1", "4"]


def test_only_labels_that_a_split_made_go_back_to_the_one_that_was_split() -> None:
    operations = read([{"op": "split_label", "from": "a", "into": ["e", "b"]}])
    split = new_by_split(operations, SCHEMA)
    now = {"objects": [box("1", "e"), box("2", "b")], "item": {}}
    assert [one["label"] for one in unmapped(now, operations, split=split)["objects"]] == ["a", "b"]
    assert set(NAMES) >= {"a", "b"}
