"""Run lengths against COCO's own code."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotate.labels.masks import area, decode, encode

runs = st.lists(st.integers(0, 100_000), min_size=1, max_size=60)


@given(runs)
def test_what_is_encoded_is_decoded(lengths: list[int]) -> None:
    assert decode(encode(lengths)) == lengths


@given(st.integers(1, 40), st.integers(1, 40), st.data())
def test_texts_are_those_of_the_coco_api(height: int, width: int, data: st.DataObject) -> None:
    numpy = pytest.importorskip("numpy")
    mask = pytest.importorskip("pycocotools.mask")
    flat = data.draw(st.lists(st.integers(0, 1), min_size=height * width, max_size=height * width))
    pixels = numpy.array(flat, dtype=numpy.uint8).reshape((height, width), order="F")
    theirs = mask.encode(numpy.asfortranarray(pixels))
    text = theirs["counts"].decode()
    assert encode(decode(text)) == text
    assert area(text, height * width) == int(mask.area(theirs)) == sum(flat)
    again = mask.decode({"size": [height, width], "counts": encode(_runs(flat)).encode()})
    assert (again == pixels).all()


def _runs(flat: list[int]) -> list[int]:
    found, now = [0], 0
    for pixel in flat:
        if pixel != now:
            found.append(0)
            now = pixel
        found[-1] += 1
    return found


@pytest.mark.parametrize(
    ("text", "why"), [("P", "middle of a number"), (" ", "none of COCO's"), ("\x7fé", "none of COCO's"), ("o" * 40, "none of COCO's"), ("O", "negative")]
)
def test_what_is_no_mask_is_refused(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        decode(text)


@given(st.text(max_size=20))
def test_any_text_is_runs_or_a_value_error(text: str) -> None:
    try:
        assert all(run >= 0 for run in decode(text))
    except ValueError:
        pass


def test_runs_must_fill_the_picture() -> None:
    assert area(encode([2, 3, 1]), 6) == 3
    with pytest.raises(ValueError, match="cover 6 pixels, the size says 7"):
        area(encode([2, 3, 1]), 7)
