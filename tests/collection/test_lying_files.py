"""Files that lie: whatever a reader is given, it answers with labels and problems, and nothing that a database could not hold."""

from __future__ import annotations

import io
import json
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotate.kernel import canonical
from annotate.labels.schema import parse
from tests.exporters.rows import export_of
from tests.exporters.test_round_trips import RICH, TEXTS, objects, pictures, written
from workflows.collection.importers import FORMATS
from workflows.collection.importers.found import LabelDoc, Problem
from workflows.collection.ingest.fitting import fit

MINE = ["cvat", "label_studio", "labelme", "conll", "doccano"]
SOURCES = {"cvat": "annotations.xml", "label_studio": "tasks.json", "labelme": "images/a/1.json", "conll": "all.conll", "doccano": "all.jsonl"}
odd = st.sampled_from(
    [None, True, -1, 0, 1e308, 10**400, float("nan"), float("inf"), "", "1", "\x00", "\ud800", "🌧", [], {}, [[]], [None], {"x": "nan"}, [1, "2"], 2**63, -0.0, "x" * 5000]
)  # fmt: skip


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """A sound file of each format, from our own exports."""
    made = {}
    for format, path in SOURCES.items():
        texts = format in ("conll", "doccano")
        rows = written() if texts else pictures(objects(line=format != "label_studio"))
        folder = export_of(rows, tmp_path_factory.mktemp(format), "spacy" if format == "doccano" else format, schema=TEXTS if texts else RICH)[0]
        made[format] = (folder.root / path).read_bytes()
    return made


def judged(format: str, content: bytes) -> list[LabelDoc | Problem]:
    """What the reader says, after all that an import would do with it short of the database."""
    found = list(FORMATS[format][1](io.BytesIO(content), "upload.zip!a.file"))
    schema = parse(TEXTS if format in ("conll", "doccano") else RICH)
    for one in found:
        problems = [one] if isinstance(one, Problem) else list(one.problems)
        if isinstance(one, LabelDoc):
            assert isinstance(one.file, str) and one.place
            fitted = fit([one], schema, owner="p/x", width=64, height=48, text=one.text)
            canonical.dumps(fitted.document or {}).encode()
            problems += [Problem(*refusal) for refusal in fitted.refusals]
            if one.text is not None:
                one.text.encode()
        for problem in problems:
            assert problem.code and problem.detail and problem.place
            (problem.place + problem.detail).encode()
    return found


@pytest.mark.parametrize("format", MINE)
@settings(max_examples=50, deadline=None)
@given(cuts=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 40), st.binary(max_size=12)), min_size=1, max_size=4))
def test_bytes_changed_anywhere_give_labels_or_problems(format: str, good: dict[str, bytes], cuts: Any) -> None:
    content = good[format]
    for where, gone, put in cuts:
        place = int(where * len(content))
        content = content[:place] + put + content[place + gone :]
    judged(format, content)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(found for key, one in inner for found in places(one, (*path, key)))]


@pytest.mark.parametrize("format", ["label_studio", "labelme", "doccano"])
@settings(max_examples=80, deadline=None)
@given(choice=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), odd), min_size=1, max_size=3))
def test_any_value_of_a_document_may_be_anything(format: str, good: dict[str, bytes], choice: Any) -> None:
    document = [json.loads(line) for line in good[format].splitlines()] if format == "doccano" else json.loads(good[format])
    for where, value in choice:
        paths = places(document)[1:]
        if not paths:
            break
        *above, last = paths[int(where * len(paths))]
        parent = document
        for key in above:
            parent = parent[key]
        parent[last] = deepcopy(value)
    judged(format, b"\n".join(json.dumps(one).encode() for one in document) if format == "doccano" else json.dumps(document).encode())


@pytest.mark.parametrize("format", MINE)
@pytest.mark.parametrize(
    "content",
    [
        b"", b"\xef\xbb\xbf", b"\xff\xfe\x00", b"[" * 100_000, b'{"a":' * 100_000, b"<" * 1000, b"<a>" * 20_000, b"[]", b"{}", b"null", b"1e999", b"\x00" * 100,
        b'<!DOCTYPE x [<!ENTITY a "b">]><annotations>&a;</annotations>',
        b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><annotations><image name="&a;"/></annotations>',
        b'<?xml version="1.0" encoding="nonsense"?><annotations/>',
        b'[{"data": {}, "annotations": [{"result": []}]}]', b'{"shapes": 3}', b'{"text": 3}', b'{"shapes": [], "imagePath": 3, "imageWidth": "x"}',
    ],
    ids=range(19),
)  # fmt: skip
def test_what_is_no_such_file_is_told_in_a_few_problems(format: str, content: bytes) -> None:
    found = judged(format, content)
    assert sum(len(one.objects) for one in found if isinstance(one, LabelDoc)) == 0 and len(found) <= 20_000
    assert not any("root:" in one.file for one in found if isinstance(one, LabelDoc))


def test_a_file_that_breaks_off_keeps_the_images_before_the_break(good: dict[str, bytes]) -> None:
    content = good["cvat"]
    whole = judged("cvat", content)
    part = judged("cvat", content[: content.index(b"</image>") + 30])
    assert part[0] == whole[0] and isinstance(part[-1], Problem) and part[-1].code == "not_xml"
