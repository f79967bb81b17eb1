"""The routes of reviews: verdicts, comments, withdrawals; their errors and who reaches them."""

from __future__ import annotations

from typing import Any

import pytest

from annotate.annotations.services import add_revision
from annotate.projects.queries import current_schema
from annotate.reviews.models import Approval, Comment, Review
from annotate.workbench.shapes import JudgedShape
from tests.queues.conftest import a_document
from tests.workbench.test_hot_routes import same_shape

pytestmark = pytest.mark.django_db


def test_accept_answers_what_was_judged(desk: Any) -> None:
    api = desk.world.api(desk.world.reviewer)
    response = api.post(f"/leases/{desk.lease.pk}/review", {"verdict": "accept"})
    assert response.status_code == 201
    made = Review.objects.get()
    assert response.json() == {"review_id": made.pk, "verdict": "accept", "annotation_id": desk.done.annotation_id, "revision": 1}
    assert Approval.objects.get().annotation_id == desk.done.annotation_id


def test_fix_answers_the_new_revision_with_its_numbers_exact(desk: Any) -> None:
    api = desk.world.api(desk.world.reviewer)
    document = a_document("sign")
    document["objects"][0]["box"] = [1.25, 2, 10.5, 8.125]
    body = api.post(f"/leases/{desk.lease.pk}/review", {"verdict": "fix", "annotation": document}).json()
    assert (body["verdict"], body["revision"]) == ("fix", 2)
    [newest, _first] = api.get(f"/items/{desk.item.pk}/annotations").json()["results"]
    assert (newest["id"], newest["source"], newest["approved"]) == (body["annotation_id"], "fix", True)
    assert newest["objects"][0]["box"] == [1.25, 2, 10.5, 8.125]


def test_return_brings_reason_and_comments_to_the_author(desk: Any) -> None:
    world = desk.world
    box = desk.seen.content["objects"][0]["id"]
    comments = [{"object": box, "text": "closer"}, {"at": [3, 4], "text": "and this?"}]
    response = world.api(world.reviewer).post(
        f"/leases/{desk.lease.pk}/review", {"verdict": "return", "reason": "loose", "comments": comments}
    )
    assert response.status_code == 201
    back = world.api(world.annotator).post(f"/queues/{desk.annotate.pk}/next").json()
    assert back["returned"]["reason"] == "loose"
    assert [(comment["object"], comment["at"], comment["text"]) for comment in back["comments"]] == [
        (box, None, "closer"),
        (None, [3, 4], "and this?"),
    ]
    mine = world.api(world.annotator).get(f"/items/{desk.item.pk}/comments").json()["results"]
    assert [comment["text"] for comment in mine] == ["and this?", "closer"]
    assert mine[0]["review"] == Review.objects.get().pk


def test_next_comes_in_the_same_round_trip(desk: Any, make_items: Any, answer: Any) -> None:
    world, api = desk.world, desk.world.api(desk.world.reviewer)
    make_items(1)
    answer(desk.annotate, world.annotator)
    first = api.post(f"/leases/{desk.lease.pk}/review?next=1", {"verdict": "accept"})
    assert first.status_code == 201
    same_shape(first.json(), JudgedShape())
    lease = first.json()["next"]["lease"]["id"]
    last = api.post(f"/leases/{lease}/review?next=1", {"verdict": "accept"}).json()
    assert last["next"] is None
    assert Review.objects.count() == 2


def test_a_keyed_verdict_is_replayed_and_another_body_refused(desk: Any) -> None:
    api, keyed = desk.world.api(desk.world.reviewer), {"headers": {"Idempotency-Key": "one"}}
    place = f"/leases/{desk.lease.pk}/review"
    first, again = (api.post(place, {"verdict": "accept"}, **keyed) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert api.post(place, {"verdict": "return", "reason": "x"}, **keyed).status_code == 422
    refused = api.post(place, {"verdict": "accept"})
    assert (refused.status_code, refused.json()["code"]) == (409, "lease_ended")
    assert Review.objects.count() == 1


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({}, "verdict"),
        ({"verdict": "maybe"}, "verdict"),
        ({"verdict": 5}, "verdict"),
        ({"verdict": "return"}, "reason"),
        ({"verdict": "return", "reason": "x" * 501}, "reason"),
        ({"verdict": "fix"}, "annotation"),
        ({"verdict": "fix", "annotation": []}, "annotation"),
        ({"verdict": "fix", "annotation": {"objects": 5}}, "objects"),
        ({"verdict": "accept", "annotation": {"objects": []}}, "annotation"),
        ({"verdict": "accept", "comments": "x"}, "comments"),
        ({"verdict": "accept", "comments": [{"text": "x", "at": [1, 2, 3]}]}, "comments[0].at"),
        ({"verdict": "accept", "comments": [{"text": "x", "at": [True, 2]}]}, "comments[0].at"),
        ({"verdict": "accept", "comments": [{"text": "x", "more": 1}]}, "comments[0].more"),
        ({"verdict": "accept", "verdicts": 1}, "verdicts"),
    ],
)
def test_bad_input_names_the_place_and_changes_nothing(desk: Any, body: dict[str, Any], place: str) -> None:
    response = desk.world.api(desk.world.reviewer).post(f"/leases/{desk.lease.pk}/review", body)
    assert response.status_code == 400, response.content
    assert any(name.startswith(place) for name in response.json()["fields"]), response.json()
    assert not Review.objects.exists()
    assert not Comment.objects.exists()
    assert desk.state() == "labelled"


def test_a_stale_verdict_is_a_409_that_says_so(desk: Any) -> None:
    world = desk.world
    add_revision(desk.item.pk, document=a_document("sign"), schema_version=current_schema(world.project.pk), by=world.actor(world.annotator2))
    refused = world.api(world.reviewer).post(f"/leases/{desk.lease.pk}/review", {"verdict": "accept"})
    assert (refused.status_code, refused.json()["code"], refused.json()["newest"]) == (409, "stale", 2)
    assert not Review.objects.exists()


def test_who_may_judge_by_role_and_scope(desk: Any, client: Any) -> None:
    world, place = desk.world, f"/api/v1/leases/{desk.lease.pk}/review"
    said = {"verdict": "accept"}
    assert client.post(place, said, content_type="application/json").status_code == 401
    for person in (world.manager, world.annotator, world.viewer, world.collector, world.outsider):
        assert world.api(person).post(place.removeprefix("/api/v1"), said).status_code == 404
    labels = client.post(place, said, content_type="application/json", headers={"Authorization": f"Bearer {world.token(world.reviewer, 'label')}"})
    assert (labels.status_code, labels.json()["code"]) == (403, "scope")
    assert world.api(world.reviewer).get(place.removeprefix("/api/v1")).status_code == 405
    assert world.api(world.reviewer).post(f"{place.removeprefix('/api/v1')}?next=2", said).status_code == 400
    assert not Review.objects.exists()


def test_comments_are_written_listed_and_settled(desk: Any) -> None:
    world, api = desk.world, desk.world.api(desk.world.reviewer)
    place = f"/items/{desk.item.pk}/comments"
    box = desk.seen.content["objects"][0]["id"]
    made = api.post(place, {"text": "closer", "object": box, "at": [1, 2]})
    assert made.status_code == 201, made.content
    body = made.json()
    assert (body["object"], body["at"], body["text"], body["revision"]) == (box, [1, 2], "closer", 1)
    assert body["author"] == {"id": world.reviewer.pk, "name": "reviewer"}
    assert api.get(place).json()["results"] == [body]
    assert world.api(world.annotator2).get(place).status_code == 404
    assert world.api(world.viewer).post(place, {"text": "hello"}).status_code == 403
    assert api.post(place, {"text": "x", "object": "nothing"}).status_code == 400
    assert api.post(place, {"text": "x", "on": 1}).status_code == 400
    settle = f"/comments/{body['id']}/resolve"
    assert world.api(world.annotator2).post(settle).status_code == 404
    settled = world.api(world.annotator).post(settle)
    assert settled.status_code == 200
    assert settled.json()["resolved_by"]["name"] == "annotator"
    assert api.post("/comments/999999999/resolve").status_code == 404


def test_withdrawing_is_for_managers_and_for_what_is_approved(desk: Any) -> None:
    world, place = desk.world, f"/items/{desk.item.pk}/withdraw"
    assert world.api(world.manager).post(place, {"reason": "wrong"}).status_code == 409
    desk.judge("accept")
    assert world.api(world.reviewer).post(place, {"reason": "wrong"}).status_code == 403
    assert world.api(world.annotator2).post(place, {"reason": "wrong"}).status_code == 404
    assert world.api(world.outsider).post(place, {"reason": "wrong"}).status_code == 404
    assert world.api(world.manager).post(place, {}).status_code == 400
    done = world.api(world.manager).post(place, {"reason": "wrong"})
    assert (done.status_code, done.json()) == (200, {"id": desk.item.pk, "state": "withdrawn"})
    assert world.api(world.manager).post(place, {"reason": "wrong"}).status_code == 409


def test_the_routes_stand_in_the_api_document(world: Any) -> None:
    paths = world.api(world.manager).get("/schema", headers={"Accept": "application/json"}).json()["paths"]
    assert "201" in paths["/api/v1/leases/{lease}/review"]["post"]["responses"]
    assert {"get", "post"} <= set(paths["/api/v1/items/{item}/comments"])
    assert "post" in paths["/api/v1/comments/{comment}/resolve"]
    assert "post" in paths["/api/v1/items/{item}/withdraw"]
