"""`next` and `submit`: by hand, and yet the documented shapes, errors and manners."""

from __future__ import annotations

import uuid
from typing import Any

import orjson
import pytest
from rest_framework import serializers

from annotate.annotations.models import Annotation, Prediction
from annotate.annotations.services import add_revision
from annotate.kernel import canonical
from annotate.projects.queries import current_schema
from annotate.queues.claim import next_task
from annotate.queues.services import create_queue
from annotate.reviews.models import Comment, Review
from annotate.workbench.bundle import bundle
from annotate.workbench.shapes import BundleShape, SubmittedShape
from tests.queues.conftest import a_document

pytestmark = pytest.mark.django_db
JSON = "application/json"


@pytest.fixture
def queue(world: Any, make_items: Any) -> Any:
    make_items(3)
    return create_queue(world.project, "label", stage="annotate", by=world.actor(world.owner))


def same_shape(found: Any, shape: Any, path: str = "") -> None:
    """`found` has exactly the documented fields, at every depth, and each reads as its type."""
    if isinstance(shape, serializers.ListSerializer):
        for row in found:
            same_shape(row, shape.child, f"{path}[]")
    elif isinstance(shape, serializers.Serializer):
        if found is None:
            assert shape.allow_null, path
            return
        required = {name for name, field in shape.fields.items() if field.required}
        assert required <= set(found) <= set(shape.fields), path
        for name, value in found.items():
            same_shape(value, shape.fields[name], f"{path}.{name}")
    elif found is None:
        assert shape.allow_null, path
    else:
        shape.run_validation(found)


def test_next_answers_in_the_documented_shape_whatever_there_is(world: Any, queue: Any) -> None:
    api = world.api(world.annotator)
    plain = api.post(f"/queues/{queue.pk}/next").json()
    same_shape(plain, BundleShape())
    item = plain["item"]["id"]
    assert plain["media"]["thumb"] == f"/api/v1/items/{item}/media?size=thumb"
    assert {name: plain["schema"][name] for name in world.schema} == world.schema
    text = canonical.dumps(a_document("sign"))
    Prediction.objects.create(item_id=item, model="detector", score=0.5, document=text, digest=canonical.digest(text))
    api.put(f"/leases/{plain['lease']['id']}/draft", {"revision": 0, "annotation": a_document()})
    Comment.objects.create(item_id=item, text="look here", at=[1, 2], object=uuid.uuid4(), person=world.annotator)
    rich = api.post(f"/queues/{queue.pk}/next").json()
    same_shape(rich, BundleShape())
    assert rich["lease"] == plain["lease"]
    assert (rich["prediction"]["model"], rich["draft"]["revision"], len(rich["comments"])) == ("detector", 1, 1)
    assert [drawn["label"] for drawn in rich["prediction"]["objects"]] == ["sign"]


def test_returned_work_comes_with_the_answer_and_why(world: Any, queue: Any) -> None:
    from annotate.queues.tasks import send_back

    api = world.api(world.annotator)
    first = api.post(f"/queues/{queue.pk}/next").json()
    done = api.post(f"/leases/{first['lease']['id']}/submit", {"annotation": a_document()}).json()
    Review.objects.create(item_id=first["item"]["id"], annotation_id=done["annotation_id"], person=world.reviewer, verdict="return", reason="loose")
    send_back(done["annotation_id"])
    back = api.post(f"/queues/{queue.pk}/next").json()
    same_shape(back, BundleShape())
    assert back["task"]["state"] == "returned"
    assert (back["annotation"]["id"], back["returned"]["reason"]) == (done["annotation_id"], "loose")
    assert set(back["annotation"]) == {"id", "revision", "objects", "item"}
    assert [drawn["label"] for drawn in back["annotation"]["objects"]] == ["car"]


def test_annotators_learn_nothing_of_each_others_work(world: Any, queue: Any) -> None:
    item = next_task(queue, world.actor(world.annotator)).item_id
    other = add_revision(item, document=a_document("sign"), schema_version=current_schema(world.project.pk), by=world.actor(world.annotator2))
    Comment.objects.create(item_id=item, annotation=other, text="secret word", person=world.reviewer)
    seen = orjson.dumps(world.api(world.annotator).post(f"/queues/{queue.pk}/next").json())
    assert b"secret word" not in seen
    assert str(other.content["objects"][0]["id"]).encode() not in seen
    assert b"gold" not in seen


def test_a_reviewer_gets_the_revision_to_judge_and_the_comments(world: Any, queue: Any) -> None:
    api = world.api(world.annotator)
    first = api.post(f"/queues/{queue.pk}/next").json()
    done = api.post(f"/leases/{first['lease']['id']}/submit", {"annotation": a_document()}).json()
    Comment.objects.create(item_id=first["item"]["id"], text="is this a car?", person=world.annotator)
    review = create_queue(world.project, "review", stage="review", by=world.actor(world.owner))
    judged = world.api(world.reviewer).post(f"/queues/{review.pk}/next").json()
    same_shape(judged, BundleShape())
    assert judged["annotation"]["id"] == done["annotation_id"]
    assert [comment["text"] for comment in judged["comments"]] == ["is this a car?"]
    refused = world.api(world.reviewer).post(f"/leases/{judged['lease']['id']}/submit", {"annotation": a_document()})
    assert (refused.status_code, refused.json()["code"]) == (403, "wrong_stage")


def test_submit_answers_and_brings_the_next_in_one_round_trip(world: Any, queue: Any) -> None:
    api = world.api(world.annotator)
    lease = api.post(f"/queues/{queue.pk}/next").json()["lease"]["id"]
    seen = set()
    for left in (2, 1, 0):
        response = api.post(f"/leases/{lease}/submit?next=1", {"annotation": a_document(), "seconds": 4})
        assert response.status_code == 201
        body = response.json()
        same_shape(body, SubmittedShape())
        assert "next" in body
        if left:
            assert body["next"]["item"]["id"] not in seen
            seen.add(body["next"]["item"]["id"])
            lease = body["next"]["lease"]["id"]
    assert body["next"] is None
    assert api.post(f"/queues/{queue.pk}/next").status_code == 204


def test_a_keyed_submit_is_replayed_and_another_body_refused(world: Any, queue: Any) -> None:
    api = world.api(world.annotator)
    lease = api.post(f"/queues/{queue.pk}/next").json()["lease"]["id"]
    body, keyed = {"annotation": a_document()}, {"headers": {"Idempotency-Key": "one"}}
    first, again = (api.post(f"/leases/{lease}/submit", body, **keyed) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert Annotation.objects.count() == 1
    assert api.post(f"/leases/{lease}/submit", {"annotation": a_document("sign")}, **keyed).status_code == 422
    assert api.post(f"/leases/{lease}/submit", body).status_code == 409


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/queues/{queue}/next?slot=2", None, 400),
        ("/queues/{queue}/next?slots=1", None, 400),
        ("/queues/{queue}/next?slot=1&slot=0", None, 400),
        ("/queues/{queue}/next", b'{"a": 1}', 400),
        ("/queues/999999999999999999/next", None, 404),
        ("/leases/999999999999999999/submit", b'{"annotation": {"objects": []}}', 404),
        ("/leases/{lease}/submit", b"", 400),
        ("/leases/{lease}/submit", b"[]", 400),
        ("/leases/{lease}/submit", b'{"annotation": {"objects": []}, "annotation": {}}', 400),
        ("/leases/{lease}/submit", b'{"annotation": {"objects": [{"box": [NaN]}]}}', 400),
        ("/leases/{lease}/submit", b'{"annotation": {"objects": []}, "more": 1}', 400),
        ("/leases/{lease}/submit", b'{"annotation": {"objects": []}, "seconds": -1}', 400),
        ("/leases/{lease}/submit", b'{"annotation": 5}', 400),
        ("/leases/{lease}/submit", b"{", 400),
        ("/leases/{lease}/submit?next=yes", b'{"annotation": {"objects": []}}', 400),
    ],
)
def test_bad_input_is_a_problem_and_changes_nothing(world: Any, queue: Any, path: str, body: bytes | None, status: int) -> None:
    lease = next_task(queue, world.actor(world.annotator))
    client = world.api(world.annotator).client
    response = client.generic("POST", "/api/v1" + path.format(queue=queue.pk, lease=lease.pk), body or b"", content_type="application/json")
    assert response.status_code == status, response.content
    assert response["Content-Type"] == "application/problem+json"
    assert {"title", "status", "detail", "code", "request_id"} <= set(response.json())
    assert not Annotation.objects.exists()


def test_methods_scopes_and_sign_in_are_asked_for(world: Any, queue: Any, client: Any) -> None:
    place = f"/api/v1/queues/{queue.pk}/next"
    assert client.post(place).status_code == 401
    assert world.api(world.annotator).get(f"/queues/{queue.pk}/next").status_code == 405
    reader = client.post(place, content_type=JSON, headers={"Authorization": f"Bearer {world.token(world.annotator, 'read')}"})
    assert (reader.status_code, reader.json()["code"]) == (403, "scope")
    foreign = client.post(place, content_type=JSON, headers={"Authorization": f"Bearer {world.token(world.outsider)}"})
    assert foreign.status_code == 404
    wrong_type = client.post(place, data="x=1", content_type="text/plain", headers={"Authorization": f"Bearer {world.token(world.annotator)}"})
    assert wrong_type.status_code == 415


def test_a_session_needs_its_csrf_token(world: Any, queue: Any) -> None:
    from django.test import Client

    client = Client(enforce_csrf_checks=True)
    client.force_login(world.annotator)
    place = f"/api/v1/queues/{queue.pk}/next"
    assert client.post(place).status_code == 403
    page = client.get(f"/work/{queue.pk}")
    token = page.context["config"]["csrf"]
    assert client.post(place, content_type=JSON, headers={"X-CSRFToken": token}).status_code == 200


def test_a_text_item_comes_with_its_words_and_no_media(world: Any, make_items: Any, queue: Any) -> None:
    [item] = make_items(1, blob_id=None, sha256=None, text="words", width=None, height=None)
    newest = create_queue(world.project, "words", stage="annotate", order="newest", by=world.actor(world.owner))
    found = bundle(next_task(newest, world.actor(world.annotator)))
    assert (found["item"]["id"], found["item"]["text"], found["media"]) == (item.pk, "words", None)


def test_the_hot_routes_stand_in_the_api_document(world: Any) -> None:
    document = world.api(world.manager).get("/schema", headers={"Accept": "application/json"}).json()
    submit = document["paths"]["/api/v1/leases/{lease}/submit"]["post"]
    assert "201" in submit["responses"]
    assert [parameter["name"] for parameter in submit["parameters"] if parameter["in"] == "query"] == ["next"]
    assert {"200", "204"} <= set(document["paths"]["/api/v1/queues/{queue}/next"]["post"]["responses"])


def test_the_page_mounts_the_workbench_for_those_who_may_work(world: Any, queue: Any) -> None:
    place = f"/work/{queue.pk}"
    response = world.page(world.annotator).get(place)
    assert response.status_code == 200
    assert b'id="workbench-config"' in response.content and b"build/workbench.js" in response.content
    assert response.context["config"]["queue"] | {"project": 0} == {"id": queue.pk, "name": "label", "stage": "annotate", "project": 0}
    assert world.page(world.viewer).get(place).status_code == 403
    assert world.page(world.outsider).get(place).status_code == 404
    assert world.page(world.annotator).get("/work/999999").status_code == 404
