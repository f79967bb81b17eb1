"""Manifest lines: each becomes a row or a refusal that names what is wrong. No database."""

from __future__ import annotations

import json
from typing import Any

import pytest

from workflows.collection.ingest.lines import Line, from_bytes


def ndjson(*lines: Any, media: str = "image") -> list[Line]:
    body = b"\n".join(line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines)
    return from_bytes(body, "ndjson", media)


def refusal(value: Any, media: str = "image") -> tuple[str, str]:
    (line,) = ndjson(value, media=media)
    assert line.row is None
    return line.code, line.detail


def test_a_whole_line_is_read() -> None:
    (line,) = ndjson(
        {
            "key": "a/1.jpg",
            "uri": "s3://bucket/a/1.jpg",
            "width": 10,
            "height": 20.0,
            "group": "g",
            "frame": 3,
            "captured": "2024-05-01T10:00:00+02:00",
            "meta": {"weather": "rain"},
            "annotation": {"objects": []},
            "prediction": {"objects": [], "model": "m", "score": 0.5},
        }
    )
    row = line.row
    assert row is not None
    assert (row.key, row.width, row.height, row.group, row.frame, row.model, row.score) == (
        "a/1.jpg",
        10,
        20,
        "g",
        3,
        "m",
        0.5,
    )
    assert row.captured is not None and row.captured.isoformat() == "2024-05-01T08:00:00+00:00"


def test_mark_of_byte_order_crlf_and_blank_lines_are_taken() -> None:
    found = from_bytes(b'\xef\xbb\xbf{"key":"a","uri":"x.jpg"}\r\n\r\n  \n{"key":"b","uri":"y.jpg"}', "ndjson", "image")
    assert [(line.number, line.row.key if line.row else None) for line in found] == [(1, "a"), (4, "b")]


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"{", "not_json"),
        (b"[1]", "not_an_object"),
        (b"3", "not_an_object"),
        (b'{"key":"a","uri":"x","width":NaN,"height":1}', "not_finite"),
        (b'{"key":"a","uri":"x","meta":{"n":1e999}}', "not_finite"),
        (b'{"key":"a","key":"b","uri":"x"}', "duplicate_key"),
        (b'{"key":"a","uri":"x\\u0000"}', "bad_text"),
        (b'{"key":"\\ud800","uri":"x"}', "bad_text"),
        (b"[" * 200_000, "too_deep"),
        (b'{"key":"a","uri":"x","frame":' + b"9" * 5000 + b"}", "out_of_range"),
        (b'{"key":"caf\xe9","uri":"x"}', "not_utf8"),
        ('{"key":"a","uri":"x"}'.encode("utf-16"), "not_utf8"),
    ],
)
def test_lines_that_are_not_clean_json_are_refused_by_number_and_the_rest_goes_on(raw: bytes, code: str) -> None:
    found = from_bytes(
        b'{"key":"before","uri":"x"}\n' + raw.replace(b"\n", b" ") + b'\n{"key":"after","uri":"x"}\n', "ndjson", "image"
    )
    assert [line.row.key for line in found if line.row] == ["before", "after"]
    assert [(line.number, line.code) for line in found if not line.row] == [(2, code)]


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"colour": "red"}, "colour"),
        ({"key": ""}, "key"),
        ({"key": 7}, "key"),
        ({"key": "a\nb"}, "key"),
        ({"key": "../a"}, "key"),
        ({"key": "k" * 1025}, "key"),
        ({"width": 10}, "width"),
        ({"width": 0, "height": 5}, "width"),
        ({"width": True, "height": 5}, "width"),
        ({"width": "5", "height": 5}, "width"),
        ({"frame": -1}, "frame"),
        ({"frame": 1.5}, "frame"),
        ({"meta": []}, "meta"),
        ({"meta": {"a": "x" * 70_000}}, "meta"),
        ({"captured": "yesterday"}, "captured"),
        ({"captured": "0001-01-01T00:00:00+14:00"}, "captured"),
        ({"annotation": []}, "annotation"),
        ({"annotation": {"objects": {}}}, "annotation"),
        ({"annotation": {"shapes": []}}, "annotation.shapes"),
        ({"approved": True}, "approved"),
        ({"approved": "yes"}, "approved"),
        ({"prediction": {"objects": [], "score": "high"}}, "prediction.score"),
        ({"prediction": {"probabilities": []}}, "prediction.probabilities:"),
        ({"prediction": {"probabilities": {"weather": 1}}}, "prediction.probabilities.weather:"),
        ({"prediction": {"probabilities": {"weather": {}}}}, "prediction.probabilities.weather:"),
        ({"prediction": {"probabilities": {"weather": {"sun": "1"}}}}, "prediction.probabilities.weather.sun:"),
        ({"prediction": {"probabilities": {"weather": {"sun": True}}}}, "prediction.probabilities.weather.sun:"),
        ({"prediction": {"probabilities": {"weather": {"sun": 1.2, "rain": -0.2}}}}, "prediction.probabilities.weather.sun:"),
        ({"prediction": {"probabilities": {"weather": {"sun": 0.5, "rain": 0.498}}}}, "sum to 0.998, not to 1"),
        ({"annotation": {"probabilities": {"weather": {"sun": 1}}}}, "annotation.probabilities"),
        ({"text": "words"}, "text"),
        ({"uri": None}, "uri"),
        ({"uri": "javascript:alert(1)"}, "uri"),
        ({"uri": "data:image/png;base64,xx"}, "uri"),
        ({"uri": "file:///etc/passwd"}, "uri"),
        ({"uri": "https://user:pass@host/a.jpg"}, "uri"),
        ({"uri": "http://"}, "uri"),
        ({"uri": "/etc/passwd"}, "path"),
        ({"uri": "../../x.jpg"}, "path"),
        ({"sha256": "abc"}, "sha256"),
    ],
)
def test_a_wrong_field_is_named(change: dict[str, Any], named: str) -> None:
    _code, detail = refusal({"key": "a.jpg", "uri": "https://host/a.jpg", **change})
    assert named in detail


def test_probabilities_may_be_off_one_by_a_thousandth() -> None:
    (line,) = ndjson({"key": "a.jpg", "uri": "x.jpg", "prediction": {"probabilities": {"weather": {"sun": 0.9, "rain": 0.0992, "fog": 0}}}})
    assert line.row is not None and line.row.prediction == {
        "objects": [],
        "item": {},
        "probabilities": {"weather": {"sun": 0.9, "rain": 0.0992, "fog": 0}},
    }


def test_text_projects_take_texts_only() -> None:
    assert ndjson({"key": "a", "text": "Hello 😀"}, media="text")[0].row is not None
    assert refusal({"key": "a", "uri": "x"}, media="text")[0] == "no_text"
    assert refusal({"key": "a", "text": "x", "uri": "y"}, media="text")[0] == "wrong_media"


def test_a_line_beyond_the_longest_is_refused_without_being_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    from workflows.collection.ingest import lines

    monkeypatch.setattr(lines, "LONGEST_LINE", 100)
    found = from_bytes(b'{"key":"a","uri":"' + b"x" * 1000 + b'"}\n{"key":"b","uri":"y"}\n', "ndjson", "image")
    assert [(line.number, line.code) for line in found] == [(1, "line_too_long"), (2, "")]


def test_csv_columns_become_fields_and_meta() -> None:
    body = b'\xef\xbb\xbfkey,uri,width,height,group,frame,captured,meta.weather,meta.n\r\na.jpg,https://h/a.jpg,10,20,g,0,2024-01-01,"rain, heavy",1.5\r\nb.jpg,x.jpg,,,,,,,\r\n'
    first, second = from_bytes(body, "csv", "image")
    assert first.row is not None and second.row is not None
    assert (first.number, first.row.width, first.row.frame, first.row.meta) == (
        2,
        10,
        0,
        {"weather": "rain, heavy", "n": 1.5},
    )
    assert (second.number, second.row.meta, second.row.width) == (3, {}, None)


def test_a_csv_row_is_told_by_the_line_on_which_it_begins() -> None:
    found = from_bytes(b'key,text\na,"two\nlines"\nb,x,y\nc,"z"\nd,"q"x\ne,fine\n', "csv", "text")
    assert [(line.number, line.code) for line in found] == [
        (2, ""),
        (4, "wrong_cells"),
        (5, ""),
        (6, "not_csv"),
        (7, ""),
    ]


@pytest.mark.parametrize("header", [b"key,colour\n", b"uri\n", b"key,key\n", b"\n"])
def test_a_csv_header_that_is_not_known_says_so(header: bytes) -> None:
    from annotate.kernel.errors import Invalid

    with pytest.raises(Invalid):
        from_bytes(header + b"a,b\n", "csv", "image")


def test_csv_cells_are_never_taken_for_formulas() -> None:
    (line,) = from_bytes(b'key,uri,meta.note\na,x.jpg,"=HYPERLINK(1)"\n', "csv", "image")
    assert line.row is not None and line.row.meta == {"note": "=HYPERLINK(1)"}
