"""Background work by API and on pages: who sees it, its report, ending it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from annotate.jobs.models import Job, JobReportLine


@pytest.fixture
def job(world: Any) -> Job:
    return Job.objects.create(
        organisation=world.organisation,
        project=world.project,
        kind="test.none",
        created_by=world.collector,
        done=3,
        total=7,
    )


def test_its_creator_managers_and_admins_see_a_job(world: Any, job: Job) -> None:
    for person in (world.collector, world.manager, world.admin, world.owner):
        assert world.api(person).get(f"/jobs/{job.pk}").status_code == 200
        assert [row["id"] for row in world.api(person).get("/jobs").json()["results"]] == [job.pk]
        assert world.page(person).get(f"/jobs/{job.pk}").status_code == 200


def test_to_anybody_else_it_is_not_there(world: Any, job: Job) -> None:
    for person in (world.annotator, world.reviewer, world.viewer, world.outsider):
        for answer in (
            world.api(person).get(f"/jobs/{job.pk}"),
            world.api(person).get(f"/jobs/{job.pk}/report"),
            world.api(person).post(f"/jobs/{job.pk}/cancel"),
        ):
            assert answer.status_code == 404
            assert answer.json()["code"] == world.api(person).get("/jobs/99999999").json()["code"]
        assert world.api(person).get("/jobs").json()["results"] == []
        for path in (f"/jobs/{job.pk}", f"/jobs/{job.pk}/progress"):
            assert world.page(person).get(path).status_code == 404


def test_the_shape_of_a_job(world: Any, job: Job) -> None:
    body = world.api(world.manager).get(f"/jobs/{job.pk}").json()
    assert {name: body[name] for name in ("id", "kind", "state", "done", "total", "result", "error")} == {
        "id": job.pk, "kind": "test.none", "state": "queued", "done": 3, "total": 7, "result": None, "error": None,
    }  # fmt: skip
    assert body["links"]["report"] == f"/api/v1/jobs/{job.pk}/report"


def test_what_it_made_is_linked(world: Any, job: Job) -> None:
    Job.objects.filter(pk=job.pk).update(state="done", result={"version": 12, "accepted": 5})
    assert world.api(world.manager).get(f"/jobs/{job.pk}").json()["links"]["version"] == "/api/v1/versions/12"
    page = world.page(world.manager).get(f"/jobs/{job.pk}").content.decode()
    assert 'href="/versions/12"' in page and "5 accepted" in page


def test_the_report_is_one_json_line_per_thing_in_order(world: Any, job: Job) -> None:
    JobReportLine.objects.bulk_create(
        JobReportLine(job=job, place=f"{n}.jpg", code="broken", detail="<b>no") for n in range(1500)
    )
    answer = world.api(world.collector).get(f"/jobs/{job.pk}/report")
    assert answer["Content-Type"] == "application/x-ndjson"
    lines = [json.loads(line) for line in b"".join(answer.streaming_content).splitlines()]
    assert [line["place"] for line in lines] == [f"{n}.jpg" for n in range(1500)]
    page = world.page(world.collector).get(f"/jobs/{job.pk}").content.decode()
    assert "0.jpg" in page and "&lt;b&gt;no" in page and "1400.jpg" not in page and 'rel="next"' in page


def test_cancelling_by_api(world: Any, job: Job) -> None:
    api = world.api(world.manager)
    assert api.post(f"/jobs/{job.pk}/cancel").json()["state"] == "cancelled"
    assert api.post(f"/jobs/{job.pk}/cancel").status_code == 409
    Job.objects.filter(pk=job.pk).update(state="running", cancel_requested=False)
    answer = api.post(f"/jobs/{job.pk}/cancel")
    assert (answer.status_code, answer.json()["cancel_requested"]) == (202, True)


def test_a_token_of_another_project_does_not_see_it(world: Any, job: Job) -> None:
    from annotate.projects.services import create
    from tests.conftest import Api

    other = create(
        "rails", media="image", schema=world.schema, organisation_id=world.organisation.pk, by=world.actor(world.owner)
    )
    token = world.token(world.owner, "read", project_id=other.pk)
    assert Api(token).get(f"/jobs/{job.pk}").status_code == 404


def test_wrong_filters_are_refused(world: Any) -> None:
    for query in ("state=odd", "project=x", "nonsense=1"):
        assert world.api(world.manager).get(f"/jobs?{query}").status_code == 400


def test_the_part_that_refreshes_stops_when_the_job_has_ended(world: Any, job: Job) -> None:
    client = world.page(world.manager)
    running = client.get(f"/jobs/{job.pk}/progress", headers={"HX-Request": "true"})
    assert running.status_code == 200 and b"hx-get" in running.content and b"3 of 7" in running.content
    Job.objects.filter(pk=job.pk).update(state="failed", error="the archive is broken")
    ended = client.get(f"/jobs/{job.pk}/progress", headers={"HX-Request": "true"})
    assert ended.status_code == 286 and b"hx-get" not in ended.content and b"the archive is broken" in ended.content


def test_the_list_refreshes_only_while_something_runs(world: Any, job: Job) -> None:
    client = world.page(world.manager)
    assert b'hx-trigger="every' in client.get("/jobs").content
    Job.objects.filter(pk=job.pk).update(state="done")
    assert b'hx-trigger="every' not in client.get("/jobs").content
    assert client.get("/jobs", headers={"HX-Request": "true"}).status_code == 286


def test_cancelling_on_the_page(world: Any, job: Job) -> None:
    client = world.page(world.manager)
    assert client.post(f"/jobs/{job.pk}/cancel").status_code == 302
    assert Job.objects.get(pk=job.pk).state == "cancelled"
    assert client.get(f"/jobs/{job.pk}").status_code == 200


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_costs_the_same_for_one_row_and_for_three(
    world: Any, rows: int, django_assert_num_queries: Any
) -> None:
    for _ in range(rows):
        Job.objects.create(
            organisation=world.organisation, project=world.project, kind="test.none", created_by=world.collector
        )
    api = world.api(world.manager)
    api.get("/jobs")
    with django_assert_num_queries(1):
        assert len(api.get("/jobs").json()["results"]) == rows
