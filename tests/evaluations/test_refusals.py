"""What is wrong with predictions is told with its place, and nothing is measured; whose token it is; what a killed job leaves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.storage import default_storage

from annotate.jobs.models import Job
from tests.conftest import Api
from tests.evaluations.conftest import box, lines, said
from workflows.evaluations.models import Evaluation

Cut = Callable[..., Any]
Measure = Callable[..., dict[str, Any]]
CAR = {"label": "car", "box": [1, 1, 9, 9], "score": 0.9}
BODIES: list[tuple[dict[str, Any], str]] = [
    ({"predictions": []}, "predictions"),
    ({"predictions": {"key": "a"}}, "predictions"),
    ({"predictions": [1]}, "predictions[0]"),
    ({"predictions": [{"objects": []}]}, "predictions[0].key"),
    ({"predictions": [{"key": "a"}, {"key": "a"}]}, "predictions[1].key"),
    ({"predictions": [{"key": "a", "boxes": []}]}, "predictions[0].boxes"),
    ({"predictions": [{"key": "a", "objects": [CAR, CAR | {"score": 1.2}]}]}, "predictions[0].objects[1].score"),
    ({"predictions": [{"key": "a", "objects": [CAR | {"score": True}]}]}, "predictions[0].objects[0].score"),
    ({"predictions": [{"key": "a", "objects": [CAR | {"box": [1, 2, -3, 4]}]}]}, "predictions[0].objects[0].box"),
    ({"predictions": [{"key": "a", "objects": [CAR | {"box": [1, 2, 3]}]}]}, "predictions[0].objects[0].box"),
    ({"predictions": [{"key": "a", "objects": [CAR | {"box": "x" * 4}]}]}, "predictions[0].objects[0].box"),
    ({"predictions": [{"key": "a", "objects": [{"label": "car", "score": 0.5}]}]}, "predictions[0].objects[0].kind"),
    ({"predictions": [{"key": "a", "objects": [CAR | {"kind": "cube"}]}]}, "predictions[0].objects[0].kind"),
    ({"predictions": [{"key": "a", "objects": [CAR | {"start": 0}]}]}, "predictions[0].objects[0].start"),
    ({"predictions": [{"key": "a", "objects": [CAR | {"attributes": {"wheels": 3}}]}]}, "predictions[0].objects[0].attributes.wheels"),
    ({"predictions": [{"key": "a", "objects": [{"kind": "polygon", "label": "car", "points": [[0, 0]]}]}]}, "predictions[0].objects[0].points"),
    ({"predictions": [{"key": "a", "objects": [{"label": "car", "rle": {"size": [2, 2], "counts": "zz"}}]}]}, "predictions[0].objects[0].rle"),
    ({"predictions": [{"key": "a", "item": {"wind": "strong"}}]}, "predictions[0].item.wind"),
    ({"predictions": [{"key": "a", "item": {"weather": "hail"}}]}, "predictions[0].item.weather"),
    ({"predictions": [{"key": "a", "item": {"weather": {"rain": 0.5}}}]}, "predictions[0].item.weather"),
    ({"predictions": [{"key": "a", "item": {"weather": {"hail": 1.0}}}]}, "predictions[0].item.weather.hail"),
    ({"predictions": [{"key": "a"}], "threshold": 2}, "threshold"),
    ({"predictions": [{"key": "a"}], "uncovered": "maybe"}, "uncovered"),
    ({"predictions": [{"key": "a"}], "by": ["meta"]}, "by"),
    ({"predictions": [{"key": "a"}], "by": ["item.wind"]}, "by"),
    ({"predictions": [{"key": "a"}], "split": "night"}, "split"),
    ({"predictions": [{"key": "a"}], "metrics": {"mAP": "high"}}, "metrics.mAP"),
    ({"metrics": {"mAP": 1}, "by": ["batch"]}, "by"),
    ({}, "metrics"),
]


def test_a_wrong_body_is_refused_with_its_place(world: Any, cut: Cut) -> None:
    version, api = cut({"a": {"objects": []}}), world.api(world.manager)
    for body, field in BODIES:
        answer = api.post(f"/versions/{version.pk}/evaluations", {"model": "m", **body})
        assert answer.status_code == 400 and field in answer.json()["fields"], (body, answer.content)
    assert not Evaluation.objects.exists() and not Job.objects.filter(kind="evaluation.measure").exists()
    for query, kind, status in (
        ("", "application/x-ndjson", 400), ("model=m&format=csv", "application/json", 400), ("model=m&threshold=x", "application/x-ndjson", 400),
        ("model=m&by=odd", "application/x-ndjson", 400), ("model=m&odd=1", "application/x-ndjson", 400), ("model=m", "application/json", 400),
        ("model=m&metrics=[]", "application/x-ndjson", 400), ("model=m", "text/csv", 415),
    ):  # fmt: skip
        answer = api.client.post(f"/api/v1/versions/{version.pk}/evaluations?{query}", data=b'{"key": "a"}\n', content_type=kind)
        assert answer.status_code == status, (query, kind, answer.content)
    assert waiting() == []


BEFORE: set[str] = set()


@pytest.fixture(autouse=True)
def _elsewhere() -> None:
    """What other tests left waiting is no concern of these."""
    BEFORE.clear()
    BEFORE.update(waiting())


def waiting() -> list[str]:
    try:
        return [name for name in default_storage.listdir("uploads")[0] if name not in BEFORE]
    except FileNotFoundError:
        return []


STREAMS: list[tuple[str, bytes, str]] = [
    ("", b"\n\n", "no prediction"),
    ("", b'{"key": "a"}\n{"key": "a"}\n', "key a: stands in 2 lines"),
    ("", b'{"key": "a"}\nnonsense\n', "line 2: not JSON"),
    ("", b'{"key": "a", "objects": [{"label": "car", "box": [0, 0, NaN, 1]}]}\n', "line 1: NaN is not JSON"),
    ("", b'{"key": "a", "objects": [{"label": "car", "box": [0, 0, 1e400, 1]}]}\n', "line 1: the number"),
    ("", b'{"key": "a", "key": "b"}\n', "line 1: the key 'key' stands twice"),
    ("", b'\xff\xfe{"key": "a"}\n', "line 1: not UTF-8"),
    ("", b"[" * 100_000 + b"\n", "line 1:"),
    ("", b'{"key": "a", "objects": [{"label": "car", "box": [0, 0, 1, 1], "score": 7}]}\n', "line 1: objects[0].score: must be a number from 0 to 1"),
    ("coco", b"{}", "COCO results are a JSON list"),
    ("coco", b"[", "ends before its time"),
    ("coco", b'[{"image_id": 1, "category_id": 1, "bbox": [0, 0, 1, 1], "score": 0.5}', "ends before its time"),
    ("coco", b'[{"image_id": 1, "category_id": 1, "bbox": [0, 0, 1, 1], "score": 0.5}] x', "something after"),
    ("coco", b'[{"image_id": 1, "category_id": 1, "bbox": [0, 0, 1, 1]}]', "entry 1: score"),
    ("coco", b'[{"category_id": 1, "bbox": [0, 0, 1, 1], "score": 1}]', "entry 1: image_id"),
    ("coco", b'[{"image_id": 1, "category_id": 1, "bbox": [0, 0, 1], "score": 1}, 7]', "entry 1: bbox"),
    ("coco", b'[{"image_id": 1, "category_id": 1, "segmentation": {"size": [2, 2], "counts": [1, 9]}, "score": 1}]', "entry 1: segmentation"),
    ("coco", b'[{"image_id": 1, "category_id": 1, "bbox": [0, 0, 1, 1], "score": 1, "odd": 2}]', "entry 1: odd"),
]


def test_a_wrong_line_of_a_stream_ends_the_job_with_its_number(world: Any, cut: Cut, measure: Measure) -> None:
    version = cut({"a": {"objects": []}})
    for form, raw, words in STREAMS:
        job = _streamed(world, version, raw, form) if form else measure(version, raw)
        assert job["state"] == "failed" and words in job["error"], (raw[:80], job["error"])
    report = world.api(world.manager).get(f"/jobs/{Job.objects.order_by('-pk').first().pk}/report")
    assert b"entry 1" in b"".join(report.streaming_content if report.streaming else [report.content])
    assert not Evaluation.objects.exists() and waiting() == []


def _streamed(world: Any, version: Any, raw: bytes, form: str) -> dict[str, Any]:
    from annotate.jobs.services import execute

    api = world.api(world.manager)
    asked = api.client.post(f"/api/v1/versions/{version.pk}/evaluations?model=m&format={form}", data=raw, content_type="application/json")
    assert asked.status_code == 202, asked.content
    execute(asked.json()["id"])
    return dict(api.get(f"/jobs/{asked.json()['id']}").json())


def test_a_job_begun_again_after_its_end_leaves_one_evaluation(world: Any, cut: Cut, measure: Measure) -> None:
    from annotate.jobs.services import execute

    key = "a.jpg"
    version = cut({key: {"objects": [box(key, 5, 5)]}})
    found = measure(version, lines([{"key": key, "objects": [said(box(key, 5, 5))]}]))
    assert waiting() == []
    job = Job.objects.get(kind="evaluation.measure")
    Job.objects.filter(pk=job.pk).update(state="queued", result=None, ended_at=None)  # as if it had been killed just before it said so
    assert execute(job.pk) == "done" and Job.objects.get(pk=job.pk).result == {"evaluation": found["id"]} and Evaluation.objects.count() == 1


def test_one_key_starts_one_job_and_keeps_one_copy_of_the_bytes(world: Any, cut: Cut, run_jobs: Callable[[], int]) -> None:
    version, client = cut({"a": {"objects": []}}), world.api(world.manager).client
    path, before = f"/api/v1/versions/{version.pk}/evaluations?model=m", waiting()
    options: dict[str, Any] = {"content_type": "application/x-ndjson", "headers": {"Idempotency-Key": "once"}}
    first, again = (client.post(path, data=b'{"key": "a"}\n', **options) for _ in range(2))
    assert first.status_code == again.status_code == 202 and first.json()["id"] == again.json()["id"] and len(waiting()) == len(before) + 1
    assert client.post(path, data=b'{"key": "b"}\n', **options).status_code == 422
    body: dict[str, Any] = {"model": "m", "predictions": [{"key": "a"}]}
    one, other = (world.api(world.manager).post(f"/versions/{version.pk}/evaluations", body, headers={"Idempotency-Key": "json"}) for _ in range(2))
    assert one.json()["id"] == other.json()["id"]
    run_jobs()
    assert Evaluation.objects.count() == 2 and waiting() == []


def test_a_token_bound_to_a_dataset_measures_on_that_one_only(world: Any, cut: Cut, measure: Measure) -> None:
    from workflows.releases.services import create_dataset

    version = cut({f"{place:02d}.jpg": {"objects": [box(str(place), 5, 5), box(str(place), 200, 200)][: 1 + (place < 11)]} for place in range(12)})
    given = [{"key": f"{place:02d}.jpg", "objects": [said(box(str(place), 5, 5)), said(box(str(place), 200, 200))]} for place in range(12)]
    found = measure(version, given)
    other = create_dataset(world.project, "other", by=world.actor(world.manager))
    own, elsewhere = (Api(world.token(world.viewer, "export", dataset_id=one)) for one in (version.dataset_id, other.pk))
    suspect = own.get(f"/evaluations/{found['id']}/suspects").json()["results"][0]["id"]
    calls: list[tuple[str, str, Any, int]] = [
        ("POST", f"/versions/{version.pk}/evaluations", {"model": "m", "predictions": given}, 202),
        ("GET", f"/evaluations/{found['id']}", None, 200),
        ("GET", f"/evaluations/{found['id']}/suspects", None, 200),
        ("GET", f"/evaluations/{found['id']}/suspects/1/picture", None, 404),
        ("POST", f"/evaluations/{found['id']}/suspects/ask", {"suspects": [suspect]}, 200),
    ]
    for method, path, body, status in calls:
        assert elsewhere.call(method, path, body).status_code == 404, path
        assert own.call(method, path, body).status_code == status, path
    for person in (world.annotator, world.outsider):
        assert world.api(person).get(f"/evaluations/{found['id']}/suspects").status_code == 404
    assert Api(world.token(world.viewer, "read")).post(f"/versions/{version.pk}/evaluations", {"model": "m", "predictions": given}).status_code == 403


def test_what_was_erased_since_is_no_item_of_the_version(world: Any, cut: Cut, run_jobs: Callable[[], int]) -> None:
    from annotate.items.erasure import erase
    from annotate.items.models import Item

    documents = {f"{place:02d}.jpg": {"objects": [box(str(place), 5, 5)]} for place in range(12)}
    version, api = cut(documents), world.api(world.manager)
    given = lines({"key": key, "objects": [said(box(key, 300, 300)), *(said(one) for one in row["objects"])]} for key, row in documents.items())
    asked = api.client.post(f"/api/v1/versions/{version.pk}/evaluations?model=m", data=given, content_type="application/x-ndjson")
    erase(Item.objects.get(key="03.jpg"), reason="asked for", by=world.actor(world.manager))
    run_jobs()
    job = api.get(f"/jobs/{asked.json()['id']}").json()
    found = api.get(f"/evaluations/{job['result']['evaluation']}").json()
    assert found["report"]["items"]["measured"] == 11 and found["report"]["lines"]["unknown_keys"] == 1
    assert "03.jpg" not in api.get(f"/evaluations/{found['id']}/suspects").content.decode()


@pytest.mark.parametrize("size", [7, 64, 1 << 20])
def test_a_list_of_results_is_read_the_same_whatever_the_pieces(monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    import io
    import json

    from workflows.evaluations import coco_results

    rows = [{"image_id": place, "bbox": [1.5, 2, 3e-7, place], "key": 'a "[,]" 猫' * (place % 5)} for place in range(40)]
    monkeypatch.setattr(coco_results, "CHUNK", size)
    for text in (json.dumps(rows), json.dumps(rows, indent=3, ensure_ascii=False), "\ufeff" + json.dumps([*rows, 12, None, True])):
        assert list(coco_results.entries(io.BytesIO(text.encode()))) == json.loads(text.removeprefix("\ufeff"))
    assert list(coco_results.entries(io.BytesIO(b" [ ] "))) == []
