"""The CSV report: any reader of RFC 4180 gets the numbers, and no spreadsheet gets a formula."""

from __future__ import annotations

import csv
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from tests.exporters.rows import box, export_of, row, thing
from workflows.exporters.report import safe


def lines(folder: Path) -> list[dict[str, str]]:
    with (folder / "objects.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def test_each_object_is_a_line_and_an_item_without_any_is_one_too(tmp_path: Path) -> None:
    turned = box(1, 2, 3.5, 4, rotation=30, attributes={"occluded": True})
    triangle = thing("car", kind="polygon", points=[[1, 1], [5, 1], [1, 9]])
    folder, _notes = export_of([row("a, b.jpg", [turned, triangle], split="val", item={"weather": "rain"}), row("c.jpg")], tmp_path, "csv")
    first, second, third = lines(folder.root)
    assert (first["key"], first["split"], first["label"], first["x"], first["width"], first["rotation"], first["area"]) == ("a, b.jpg", "val", "car", "1", "3.5", "30", "14.0")
    assert first["attributes"] == '{"occluded":true}' and first["item"] == '{"weather":"rain"}'
    assert (second["kind"], second["height"], second["area"], second["points"]) == ("polygon", "8", "16.0", "3")
    assert third["key"] == "c.jpg" and third["object"] == third["label"] == ""
    assert (folder.root / "objects.csv").read_bytes().count(b"\r\n") == 4


def test_spans_quote_their_text_and_lines_have_bounds(tmp_path: Path) -> None:
    span = thing("place", kind="span", start=8, end=12)
    folder, _notes = export_of([row("t", [span], text="Rain in Oslo")], tmp_path / "text", "csv")
    assert lines(folder.root)[0]["text"] == "Oslo"
    folder, _notes = export_of([row("t", [thing("pose", kind="polyline", points=[[5, 1], [2, 3]])])], tmp_path / "line", "csv")
    assert [lines(folder.root)[0][name] for name in ("x", "y", "width", "height", "area")] == ["2", "1", "3", "2", ""]


def test_numbers_below_zero_stay_numbers_and_texts_that_are_formulas_do_not_stay_formulas(tmp_path: Path) -> None:
    folder, _notes = export_of([row("=HYPERLINK(1).jpg", [box(-0.5, 2, 3, 4)])], tmp_path, "csv")
    (line,) = lines(folder.root)
    assert line["key"] == "'=HYPERLINK(1).jpg" and line["x"] == "-0.5"


@given(st.text(max_size=6))
def test_no_text_begins_with_what_a_spreadsheet_carries_out(text: str) -> None:
    assert not safe(text).startswith(("=", "+", "-", "@", "\t", "\r")) and safe(text).endswith(text)
