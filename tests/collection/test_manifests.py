"""POST /batches/{id}/manifest: every line is accounted for, references are kept unfetched, and a second time adds nothing."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any

import pytest

from annotate.annotations.models import Annotation, Prediction
from annotate.items.models import Item
from annotate.reviews.models import Approval
from tests.collection.conftest import Outcome

Bring = Callable[..., Outcome]
BOX = {"kind": "box", "label": "car", "box": [1, 2, 30, 40]}


def line(key: str, **more: Any) -> dict[str, Any]:
    return {"key": key, "uri": f"https://host/{key}", "width": 100, "height": 80, **more}


def ndjson(*lines: Any) -> bytes:
    return b"\n".join(one if isinstance(one, bytes) else json.dumps(one).encode() for one in lines)


def test_references_are_kept_and_never_fetched(batch: Any, bring: Bring) -> None:
    lines = [line("a.jpg", group="g", frame=3, meta={"weather": "rain"}), {"key": "b.jpg", "uri": "s3://bucket/b.jpg"}]
    assert bring(f"/batches/{batch.pk}/manifest", body=ndjson(*lines)).counts == (2, 0, 0)
    first, second = Item.objects.order_by("key")
    assert (first.uri, first.width, first.group, first.frame, first.meta) == ("https://host/a.jpg", 100, "g", 3, {"weather": "rain"})
    assert (second.uri, second.width, second.blob_id) == ("s3://bucket/b.jpg", None, None)


def test_every_line_is_accounted_for_by_its_number(batch: Any, bring: Bring) -> None:
    body = b"\xef\xbb\xbf" + ndjson(
        line("a.jpg"),
        b"{broken",
        line("a.jpg"),
        b'{"key":"n.jpg","uri":"x.jpg","width":NaN,"height":1}',
        b'{"key":"d.jpg","key":"e.jpg","uri":"x.jpg"}',
        b"",
        line("b.jpg", colour="red"),
        line("c.jpg"),
    )
    found = bring(f"/batches/{batch.pk}/manifest", body=body)
    assert found.counts == (2, 4, 1)
    assert {one["place"]: one["code"] for one in found.lines} == {
        "line 2": "not_json",
        "line 4": "not_finite",
        "line 5": "duplicate_key",
        "line 7": "unknown_field",
    }
    assert sorted(Item.objects.values_list("key", flat=True)) == ["a.jpg", "c.jpg"]


def test_labels_come_in_with_their_items_and_a_second_time_adds_nothing(batch: Any, bring: Bring) -> None:
    body = ndjson(
        line("a.jpg", annotation={"objects": [BOX], "item": {"weather": "rain"}}),
        line("b.jpg", annotation={"objects": [BOX]}, approved=True),
        line("c.jpg", prediction={"objects": [BOX], "model": "m1", "score": 0.7}),
    )
    assert bring(f"/batches/{batch.pk}/manifest", body=body).counts == (3, 0, 0)
    assert dict(Item.objects.values_list("key", "state")) == {"a.jpg": "labelled", "b.jpg": "approved", "c.jpg": "new"}
    assert list(Approval.objects.values_list("item__key", "cause")) == [("b.jpg", "import")]
    assert list(Prediction.objects.values_list("item__key", "model", "score")) == [("c.jpg", "m1", 0.7)]
    document = json.loads(Annotation.objects.get(item__key="a.jpg").document)
    assert document["item"] == {"weather": "rain"} and document["objects"][0]["box"] == [1, 2, 30, 40]
    before = (Annotation.objects.count(), Approval.objects.count(), Prediction.objects.count())
    assert bring(f"/batches/{batch.pk}/manifest", body=body).counts == (0, 0, 3)
    assert (Annotation.objects.count(), Approval.objects.count(), Prediction.objects.count()) == before


def test_bad_objects_are_told_by_line_and_the_good_stay(batch: Any, bring: Bring) -> None:
    objects = [BOX, BOX | {"label": "boat"}, BOX | {"box": [90, 2, 30, 40]}, BOX | {"box": [1, 2, 0, 40]}, BOX | {"box": ["x", 2, 3, 4]}]
    found = bring(f"/batches/{batch.pk}/manifest", body=ndjson(line("a.jpg", annotation={"objects": objects})))
    assert found.counts == (1, 0, 0) and found.result["objects_rejected"] == 4
    assert {one["place"] for one in found.lines} == {"line 1 annotation"}
    assert sorted(found.codes) == ["not_a_number", "outside", "unknown_label", "zero_area"]
    assert len(json.loads(Annotation.objects.get().document)["objects"]) == 1


def test_an_item_whose_objects_are_all_bad_stays_without_an_annotation(batch: Any, bring: Bring) -> None:
    body = ndjson(line("a.jpg", annotation={"objects": [BOX | {"label": "boat"}]}))
    assert bring(f"/batches/{batch.pk}/manifest", body=body).counts == (1, 0, 0)
    assert Item.objects.get().state == "new" and not Annotation.objects.exists()


def test_an_empty_annotation_says_that_nothing_is_there(batch: Any, bring: Bring) -> None:
    assert bring(f"/batches/{batch.pk}/manifest", body=ndjson(line("a.jpg", annotation={"objects": []}))).counts == (1, 0, 0)
    assert Item.objects.get().state == "labelled"


def test_a_digest_names_bytes_that_are_here_already(batch: Any, bring: Bring, picture: Any, world: Any) -> None:
    content = picture(60, 40)
    bring(f"/batches/{batch.pk}/files", files={"first.jpg": content})
    digest = hashlib.sha256(content).hexdigest()
    found = bring(
        f"/batches/{batch.pk}/manifest",
        body=ndjson(
            {"key": "again.jpg", "sha256": digest},
            {"key": "strange.jpg", "sha256": "0" * 64},
            {"key": "wrong.jpg", "sha256": digest, "width": 1, "height": 1},
        ),
    )
    assert found.counts == (1, 2, 0)
    assert {one["place"]: one["code"] for one in found.lines} == {"line 2": "unknown_bytes", "line 3": "size_mismatch"}
    first, again = Item.objects.get(key="first.jpg"), Item.objects.get(key="again.jpg")
    assert (again.blob_id, again.width, again.height) == (first.blob_id, 60, 40)


def test_bytes_of_another_organisation_are_unknown(batch: Any, bring: Bring, picture: Any, world: Any) -> None:
    from io import BytesIO

    from annotate.media.services import store_file

    content = picture(33, 44)
    store_file(BytesIO(content), organisation_id=world.other_organisation.pk)
    digest = hashlib.sha256(content).hexdigest()
    found = bring(f"/batches/{batch.pk}/manifest", body=ndjson({"key": "a.jpg", "sha256": digest}))
    assert found.counts == (0, 1, 0) and found.codes == ["unknown_bytes"]


def test_csv_rows_become_items(batch: Any, bring: Bring) -> None:
    body = b'\xef\xbb\xbfkey,uri,width,height,group,meta.weather\r\na.jpg,https://h/a.jpg,10,20,g,rain\r\nb.jpg,x.jpg,ten,,,\r\na.jpg,y.jpg,,,,\r\n'
    found = bring(f"/batches/{batch.pk}/manifest", body=body, type="text/csv")
    assert found.counts == (1, 1, 1)
    assert [(one["place"], one["code"]) for one in found.lines] == [("line 3", "bad_field")]
    assert Item.objects.get().meta == {"weather": "rain"}


def test_a_csv_header_that_is_not_known_is_one_rejection(batch: Any, bring: Bring) -> None:
    found = bring(f"/batches/{batch.pk}/manifest", body=b"key,colour\na,red\n", type="text/csv")
    assert found.counts == (0, 1, 0) and found.lines[0]["place"] == "line 1" and "colour" in found.lines[0]["detail"]


@pytest.mark.parametrize("body", [b"\n\n", b"\xef\xbb\xbf"])
def test_a_manifest_without_lines_brings_nothing(batch: Any, bring: Bring, body: bytes) -> None:
    found = bring(f"/batches/{batch.pk}/manifest", body=body)
    assert found.job["state"] == "done" and found.counts == (0, 0, 0)


@pytest.mark.parametrize("type", ["application/json", "text/plain", "multipart/form-data; boundary=x"])
def test_another_kind_of_body_is_refused(batch: Any, bring: Bring, type: str) -> None:
    found = bring(f"/batches/{batch.pk}/manifest", body=ndjson(line("a.jpg")), type=type)
    assert found.status == 415 and "ndjson" in found.job["detail"]


def test_a_collector_brings_in_labels_but_does_not_approve_them(batch: Any, bring: Bring, world: Any) -> None:
    body = ndjson(line("a.jpg", annotation={"objects": [BOX]}), line("b.jpg", annotation={"objects": [BOX]}, approved=True))
    from annotate.items.models import Upload
    from annotate.jobs.services import execute

    answer = world.api(world.collector).client.post(f"/api/v1/batches/{batch.pk}/manifest", data=body, content_type="application/x-ndjson")
    assert answer.status_code == 202
    execute(answer.json()["id"])
    result = Upload.objects.get().job.result
    assert (result["accepted"], result["rejected"]) == (1, 1)
    assert not Approval.objects.exists()


def test_texts_come_in_by_their_words(text_batch: Any, bring: Bring, world: Any) -> None:
    span = {"kind": "span", "label": "PER", "start": 0, "end": 3}
    body = ndjson(
        {"key": "a", "text": "Ada wrote it", "annotation": {"objects": [span | {"text": "Ada"}, span | {"end": 99}]}},
        {"key": "b", "text": "  "},
        {"key": "c", "text": "Ada", "annotation": {"objects": [span | {"text": "Bob"}]}},
    )
    found = bring(f"/batches/{text_batch.pk}/manifest", body=body, by=world.owner)
    assert found.counts == (2, 1, 0)
    assert sorted(one["place"] for one in found.lines) == ["line 1 annotation", "line 2"]
    assert Annotation.objects.count() == 2


def test_a_second_part_of_a_manifest_goes_on_where_keys_are_known(batch: Any, bring: Bring) -> None:
    assert bring(f"/batches/{batch.pk}/manifest", body=ndjson(line("a.jpg"), line("b.jpg"))).counts == (2, 0, 0)
    assert bring(f"/batches/{batch.pk}/manifest", body=ndjson(line("b.jpg"), line("c.jpg"))).counts == (1, 0, 1)


def test_an_object_with_nan_is_refused_and_its_item_and_good_objects_stay(batch: Any, bring: Bring) -> None:
    good, bad = json.dumps(BOX), json.dumps({**BOX, "box": [1, 1, 5, 5]}).replace("[1, 1, 5, 5]", "[NaN, 1, Infinity, 5]")
    body = f'{{"key": "a.jpg", "uri": "s3://b/a.jpg", "width": 100, "height": 100, "annotation": {{"objects": [{bad}, {good}]}}}}\n'
    found = bring(f"/batches/{batch.pk}/manifest", body=body.encode())
    assert found.counts == (1, 0, 0)
    assert [(one["place"], one["code"]) for one in found.lines] == [("line 1 annotation", "not_finite")]
    assert len(json.loads(Annotation.objects.get().document)["objects"]) == 1


@pytest.mark.parametrize("part", ['"meta": {"n": NaN}', '"width": NaN, "height": 5', '"prediction": {"objects": [], "score": NaN}'])
def test_a_line_with_nan_outside_an_object_is_refused(batch: Any, bring: Bring, part: str) -> None:
    found = bring(f"/batches/{batch.pk}/manifest", body=f'{{"key": "a.jpg", "uri": "s3://b/a.jpg", {part}}}\n'.encode())
    assert found.counts == (0, 1, 0)


def test_a_csv_brings_labels_and_metadata_as_json_cells(batch: Any, bring: Bring) -> None:
    document = json.dumps({"objects": [BOX]}).replace('"', '""')
    body = (
        "key,uri,width,height,meta,meta.weather,annotation,approved\n"
        f'a.jpg,s3://b/a.jpg,100,100,"{{""n"": 1}}",rain,"{document}",True\n'
        'b.jpg,s3://b/b.jpg,100,100,,,,\n'
        'c.jpg,s3://b/c.jpg,100,100,,,"{not json",\n'
    )
    found = bring(f"/batches/{batch.pk}/manifest", body=body.encode(), type="text/csv", by=None)
    assert found.counts == (2, 1, 0)
    assert "annotation: not JSON" in found.lines[0]["detail"]
    assert Item.objects.get(key="a.jpg").meta == {"n": 1, "weather": "rain"}
    assert Approval.objects.count() == 1
