"""What an import writes of a document is to the letter what everybody else would write."""

from __future__ import annotations

import uuid
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from annotate.annotations.shape import shape_of
from annotate.annotations.written import write_down
from annotate.kernel import canonical, copying

NUMBER = st.integers(-(10**15), 10**15) | st.floats(-1e15, 1e15) | st.sampled_from([-0.0, 1e-5, 5e-324, 1e15])
LABEL = st.sampled_from(["car", 'a "quoted" one', "back\\slash", "雨", "tab\there", "x" * 40])
THING = st.fixed_dictionaries(
    {"id": st.uuids().map(str), "kind": st.just("box"), "label": LABEL, "box": st.lists(NUMBER, min_size=4, max_size=4)},
    optional={"rotation": NUMBER, "attributes": st.fixed_dictionaries({"note": LABEL})},
)
ITEM = st.fixed_dictionaries({}, optional={"weather": LABEL})


@given(st.lists(THING, max_size=25), ITEM)
def test_text_digest_and_search_columns_are_those_of_the_plain_way(objects: list[dict[str, Any]], item: dict[str, Any]) -> None:
    document = {"objects": objects, "item": item}
    made, text, shape = write_down(document), canonical.dumps(document), shape_of(document)
    assert made.digest == canonical.digest(text)
    assert made.stored == f"{text.translate(copying._ESCAPES)}\t{copying.raw(made.digest)}"
    assert made.current == f"{copying.json(shape.objects)}\t{copying.json(shape.attributes)}"
    assert made.counts == tuple(f"{copying.text(label)}\t{n}" for label, n in zip(shape.labels, shape.counts, strict=True))


def test_probabilities_of_a_prediction_are_written_with_it() -> None:
    document = {"objects": [], "item": {"weather": "sun"}, "probabilities": {"weather": {"sun": 0.75, "rain": 0.25}}}
    made = write_down(document)
    assert made.stored.startswith(canonical.dumps(document) + "\t") and made.digest == canonical.digest(canonical.dumps(document))


def test_a_box_of_three_fields_and_another_shape_are_written_whole() -> None:
    point = {"id": str(uuid.UUID(int=1)), "kind": "point", "label": "car", "points": [[1.0, 2.5]]}
    assert write_down({"objects": [point], "item": {}}).stored.startswith(canonical.dumps({"objects": [point], "item": {}}))
