"""What trainings say back: pulls, figures of models, flags; who may, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from annotate.activity.models import Activity
from annotate.reviews.models import Question
from tests.conftest import Api
from tests.exporters.conftest import exported, freeze  # noqa: F401
from workflows.evaluations.models import Evaluation, Pull

Freeze = Callable[..., Any]


def test_a_pull_is_kept_with_its_run_and_the_version_shows_it(world: Any, freeze: Freeze) -> None:  # noqa: F811
    version, api = freeze(2), world.api(world.viewer)
    for run in ("night-7", "night-7", ""):
        answer = api.post(f"/versions/{version.pk}/pulls", {"run": run, "format": "jsonl", "split": "train"})
        assert answer.status_code == 201
    told = api.get(f"/versions/{version.pk}").json()["used_by"]
    assert {(row["run"], row["pulls"]) for row in told} == {("night-7", 2), (None, 1)} and told[0]["person"]["name"] == "viewer"
    assert [row["run"] for row in api.get(f"/versions/{version.pk}/pulls").json()["results"]] == [None, "night-7", "night-7"]
    assert "night-7" in world.page(world.viewer).get(f"/versions/{version.pk}").content.decode()
    assert Activity.objects.filter(verb="version.pull", noun_id=version.pk).count() == 3


def test_a_version_is_not_sent_again_while_nothing_has_changed(world: Any, freeze: Freeze) -> None:  # noqa: F811
    version, api = freeze(1), world.api(world.viewer)
    first = api.get(f"/versions/{version.pk}")
    again = api.get(f"/versions/{version.pk}", headers={"If-None-Match": first["ETag"]})
    assert again.status_code == 304 and not again.content and again["ETag"] == first["ETag"]
    api.post(f"/versions/{version.pk}/pulls", {"run": "x"})
    assert api.get(f"/versions/{version.pk}", headers={"If-None-Match": first["ETag"]}).status_code == 200


def test_a_report_is_a_job_whose_result_names_the_evaluation(world: Any, freeze: Freeze, run_jobs: Callable[[], int]) -> None:  # noqa: F811
    version, api = freeze(2), world.api(world.manager)
    asked = api.post(f"/versions/{version.pk}/evaluations", {"model": "detector", "run": "night-7", "split": "test", "metrics": {"box": {"mAP": 0.41, "car": {"AP": None}}}})
    assert asked.status_code == 202 and asked.json()["kind"] == "evaluation.report"
    run_jobs()
    job = api.get(f"/jobs/{asked.json()['id']}").json()
    assert job["state"] == "done" and job["links"]["evaluation"] == f"/api/v1/evaluations/{job['result']['evaluation']}"
    found = api.get(f"/evaluations/{job['result']['evaluation']}").json()
    assert found["metrics"]["box"]["mAP"] == 0.41 and found["model"] == "detector" and found["split"] == "test"
    assert [row["id"] for row in api.get(f"/versions/{version.pk}/evaluations?model=detector").json()["results"]] == [found["id"]]
    assert not api.get(f"/versions/{version.pk}/evaluations?model=other").json()["results"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"metrics": {"mAP": 0.1}}, "model"),
        ({"model": "a"}, "metrics"),
        ({"model": "a", "metrics": {}}, "metrics"),
        ({"model": "a", "metrics": [0.1]}, "metrics"),
        ({"model": "a", "metrics": {"mAP": "high"}}, "metrics.mAP"),
        ({"model": "a", "metrics": {"mAP": True}}, "metrics.mAP"),
        ({"model": "a", "metrics": {"a": {"b": {"c": {"d": {"e": {"f": 1}}}}}}}, "metrics.a.b.c.d.e"),
        ({"model": "a", "metrics": {"a.b": 1}}, "metrics.a.b"),
        ({"model": "a", "metrics": {"mAP": 1}, "split": "night"}, "split"),
        ({"model": "a", "metrics": {"mAP": 1}, "predictions": [1]}, "predictions[0]"),
        ({"model": "a" * 201, "metrics": {"mAP": 1}}, "model"),
        ({"model": "a", "metrics": {"mAP": 1}, "person": 1}, "person"),
    ],
)
def test_what_is_no_figure_is_refused_with_its_place(world: Any, freeze: Freeze, body: dict[str, Any], field: str) -> None:  # noqa: F811
    answer = world.api(world.manager).post(f"/versions/{freeze(1).pk}/evaluations", body)
    assert answer.status_code == 400 and field in answer.json()["fields"], answer.content
    assert not Evaluation.objects.exists()


def test_a_flag_is_a_question_on_the_item_with_the_object_as_it_was_frozen(world: Any, freeze: Freeze) -> None:  # noqa: F811
    version, api = freeze(3), world.api(world.viewer)
    row = api.get(f"/versions/{version.pk}/items").json()["results"][1]
    thing = row["annotation"]["objects"][0]
    made = api.post(f"/versions/{version.pk}/flags", {"key": row["key"], "reason": "this is a van", "object": thing["id"]})
    assert made.status_code == 201 and made.json()["item"] == row["item"]
    question = Question.objects.get()
    assert question.text.startswith("this is a van (told of v1") and question.shape["box"] == thing["box"] and question.task_id is None
    seen = world.page(world.reviewer).get(f"/p/{world.project.pk}/reviews").content.decode()
    assert "this is a van" in seen
    answered = world.api(world.reviewer).post(f"/questions/{question.pk}/answer", {"text": "so it is"})
    assert answered.status_code == 200
    for body, status in (({"key": "nothing.jpg", "reason": "x"}, 404), ({"key": row["key"], "reason": " "}, 400), ({"key": row["key"]}, 400)):
        assert api.post(f"/versions/{version.pk}/flags", body).status_code == status, body
    stray = {"key": row["key"], "reason": "x", "object": "0b7c8d9e-0000-4000-8000-000000000009"}
    assert api.post(f"/versions/{version.pk}/flags", stray).status_code == 400
    assert Question.objects.count() == 1


def test_a_token_bound_to_a_dataset_speaks_of_that_one_only(world: Any, freeze: Freeze) -> None:  # noqa: F811
    from workflows.releases.services import create_dataset

    version = freeze(2)
    key = world.api(world.viewer).get(f"/versions/{version.pk}/items").json()["results"][0]["key"]
    evaluation = world.api(world.manager).post(f"/versions/{version.pk}/evaluations", {"model": "m", "metrics": {"a": 1}})
    assert evaluation.status_code == 202
    evaluated = Evaluation.objects.get().pk
    other = create_dataset(world.project, "other", by=world.actor(world.manager))
    own = Api(world.token(world.viewer, "export", dataset_id=version.dataset_id))
    elsewhere = Api(world.token(world.viewer, "export", dataset_id=other.pk))
    reading = Api(world.token(world.viewer, "read", dataset_id=version.dataset_id))
    calls: list[tuple[str, str, Any, int, int]] = [
        ("GET", f"/versions/{version.pk}/pulls", None, 200, 200),
        ("POST", f"/versions/{version.pk}/pulls", {"run": "r"}, 201, 201),
        ("GET", f"/versions/{version.pk}/evaluations", None, 200, 200),
        ("POST", f"/versions/{version.pk}/evaluations", {"model": "m", "metrics": {"a": 1}}, 202, 403),
        ("GET", f"/evaluations/{evaluated}", None, 200, 200),
        ("POST", f"/versions/{version.pk}/flags", {"key": key, "reason": "bad"}, 201, 403),
        ("GET", f"/versions/{version.pk}/patch?since=0", None, 200, 200),
    ]
    for method, path, body, may, may_reading in calls:
        assert own.call(method, path, body).status_code == may, path
        assert reading.call(method, path, body).status_code == may_reading, path
        there = Pull.objects.count(), Evaluation.objects.count(), Question.objects.count()
        assert elsewhere.call(method, path, body).status_code == 404, path
        assert there == (Pull.objects.count(), Evaluation.objects.count(), Question.objects.count())
    assert [row["id"] for row in own.get("/datasets").json()["results"]] == [version.dataset_id]
    assert own.get("/datasets?name=other").json()["results"] == []
    assert {row["name"] for row in world.api(world.viewer).get("/datasets").json()["results"]} == {"scenes", "other"}
    for person in (world.annotator, world.outsider):
        assert world.api(person).get("/datasets").json()["results"] == []


def test_the_datasets_page_draws_a_models_figure_across_versions(world: Any, freeze: Freeze) -> None:  # noqa: F811
    from workflows.evaluations.showing import chart

    first, second = freeze(2), freeze(3)
    api = world.api(world.manager)
    assert chart(first.dataset) is None
    for version, value in ((first, 0.31), (second, 0.35), (second, 0.4)):
        assert api.post(f"/versions/{version.pk}/evaluations", {"model": "detector", "metrics": {"loss": 2.5, "box": {"mAP": value}}}).status_code == 202
    made = chart(first.dataset)
    assert made is not None and made.metric == "box.mAP" and [place.value for place in made.places] == [0.31, 0.4]
    assert round(made.places[1].change or 0, 6) == 0.09 and made.places[1].items == 3
    shown = world.page(world.viewer).get(f"/datasets/{first.dataset_id}?metric=loss").content.decode()
    assert "Models across versions" in shown and 'points="48,65 604,65"' in shown
    assert chart(first.dataset, model="nobody", metric="nothing") == made
