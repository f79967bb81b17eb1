"""A flow is declared whole or not at all, each wrong place named; and the API says where batches stand on it."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from annotate.queues.services import create_queue
from tests.automation.conftest import FLOW, Bench
from workflows.automation.models import Flow, Passage, Step

pytestmark = pytest.mark.django_db
WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "an unknown part": ({"publish": {}}, "publish"),
    "a bar that is none": ({"gate": {"bar": 2}}, "gate.bar"),
    "a gate without a bar": ({"gate": {}}, "gate.bar"),
    "an unknown field": ({"gate": {"bar": 0.1, "mood": 1}}, "gate.mood"),
    "no queue": ({"annotate": {"queue": 999999}}, "annotate.queue"),
    "a queue of another kind": ({"annotate": {"queue": "review"}}, "annotate.queue"),
    "settings beside a queue": ({"annotate": {"queue": 999999, "overlap": 2}}, "annotate.overlap"),
    "too many answers": ({"annotate": {"overlap": 1000}}, "annotate.overlap"),
    "a bar without its most": ({"annotate": {"overlap": 2, "agreement_bar": 0.8}}, "annotate.overlap_most"),
    "rounds that are no list": ({"review": {"kind": "all"}}, "review"),
    "a kind that is none": ({"review": [{"sample": {"kind": "all"}}, {"sample": {"kind": "some"}}]}, "review[1].sample.kind"),
    "no sample": ({"review": [{}]}, "review[0].sample"),
    "too large a share": ({"review": [{"sample": {"kind": "percent", "value": 120}}]}, "review[0].sample.value"),
    "a value that is no number": ({"review": [{"sample": {"kind": "percent", "value": "ten"}}]}, "review[0].sample.value"),
    "a mark of nothing": ({"review": [{"sample": {"kind": "all"}, "pass_mark": 0}]}, "review[0].pass_mark"),
    "an unknown escalation": ({"review": [{"sample": {"kind": "all"}, "escalation": "shout"}]}, "review[0].escalation"),
    "nobody": ({"review": [{"sample": {"kind": "all"}, "reviewers": ["nobody"]}]}, "review[0].reviewers[0]"),
    "who may not review": ({"review": [{"sample": {"kind": "all"}, "reviewers": ["annotator"]}]}, "review[0].reviewers[0]"),
    "answers per decision": ({"adjudicate": {"overlap": 2}}, "adjudicate.overlap"),
    "no dataset": ({"release": {"dataset": "none"}}, "release.dataset"),
    "a query that is none": ({"release": {"dataset": "tour", "q": "colour ="}}, "release.q"),
    "splits of more than all": ({"release": {"dataset": "tour", "splits": {"train": 0.9, "test": 0.9}}}, "release.splits"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_with_a_flow_is_named_by_its_place(bench: Bench, name: str) -> None:
    bench.declare()
    parts, place = WRONG[name]
    answer = bench.world.api(bench.world.manager).put(f"/projects/{bench.project.pk}/flow", parts)
    assert answer.status_code == 400 and place in answer.json()["fields"], answer.json()
    assert Flow.objects.count() == 1


def test_a_declared_flow_is_told_whole_with_switches_and_stages(bench: Bench) -> None:
    bench.declare()
    api, path = bench.world.api(bench.world.manager), f"/projects/{bench.project.pk}/flow"
    told = api.put(path, FLOW | {"review": [{"sample": {"kind": "all"}, "reviewers": ["reviewer"]}], "adjudicate": {}}).json()
    assert told["number"] == 2 and told["flow"]["adjudicate"] == {}
    assert told["flow"]["review"] == [
        {"sample": {"kind": "all", "value": None, "seed": 0, "by": ""}, "pass_mark": 0.95, "judged_by": "point", "escalation": "larger",
         "reviewers": [bench.world.reviewer.pk]}
    ]  # fmt: skip
    assert [one["on"] for one in told["switches"]] == [False] * 5
    assert [one["name"] for one in told["stages"]] == ["collect", "gate", "annotate", "review", "adjudicate", "approved", "version"]
    assert api.put(path, told["flow"]).json()["number"] == 2, "it says the same"


def test_a_project_without_a_flow_shows_the_usual_one_and_switches_nothing_on(bench: Bench) -> None:
    api, path = bench.world.api(bench.world.manager), f"/projects/{bench.project.pk}/flow"
    told = api.get(path).json()
    assert told["number"] is None and told["flow"]["annotate"] == {"overlap": 1}
    refused = api.put(f"{path}/switches", {"queue": True})
    assert (refused.status_code, refused.json()["code"]) == (409, "no_flow")


def test_a_flow_never_changes_and_of_a_step_there_is_one(bench: Bench) -> None:
    flow = bench.declare()
    with pytest.raises(IntegrityError), transaction.atomic():
        Flow.objects.filter(pk=flow.pk).update(number=9)
    bench.on("queue")
    passage = bench.seal(bench.batch(1))
    with pytest.raises(IntegrityError), transaction.atomic():
        Step.objects.create(passage=passage, kind="queue", number=1)
    with pytest.raises(IntegrityError), transaction.atomic():
        Passage.objects.create(batch=passage.batch, number=2, flow=flow, cause=1, created_at=passage.created_at)


def test_switches_stop_resume_and_retry_by_the_api(bench: Bench) -> None:
    bench.declare(gate=None)
    api, path = bench.world.api(bench.world.manager), f"/projects/{bench.project.pk}/flow"
    batch = bench.batch(1)
    bench.seal(batch)
    way = f"/batches/{batch.pk}/way"
    assert api.get(way).json()["number"] is None
    on = api.put(f"{path}/switches", {"queue": True, "round": True}).json()["switches"]
    assert {one["step"]: (one["on"], one["person"] and one["person"]["name"]) for one in on if one["on"]} == {"queue": (True, "manager"), "round": (True, "manager")}
    assert api.post(f"{path}/stop", {"reason": "lunch"}).json()["stopped"]["reason"] == "lunch"
    assert api.post(f"{path}/stop").status_code == 409
    assert api.post(way).status_code == 201
    bench.go()
    assert {one["state"] for one in api.get(way).json()["steps"] if one["step"] == "queue"} == {"stopped"}
    assert api.post(f"{way}/retry", {"step": "queue"}).status_code == 409
    assert api.post(f"{path}/resume").json()["stopped"] is None
    bench.go()
    told = api.get(way).json()
    assert [(one["step"], one["state"]) for one in told["steps"]][:4] == [("checks", "skipped"), ("gate", "skipped"), ("queue", "done"), ("round", "waiting")]
    assert told["steps"][3]["why"] == "Items that wait for an answer: 1."
    assert api.post(f"{way}/stop").status_code == 200 and api.post(f"{way}/resume").status_code == 200
    assert [one["batch"] for one in api.get(f"{path}/batches").json()["results"]] == [batch.pk]
    assert api.post(way).json()["code"] == "on_its_way"


def test_a_batch_that_is_open_is_not_sent(bench: Bench) -> None:
    bench.declare()
    refused = bench.world.api(bench.world.manager).post(f"/batches/{bench.batch(1).pk}/way")
    assert (refused.status_code, refused.json()["code"]) == (409, "not_sealed")


@pytest.mark.parametrize("n", [1, 3])
def test_the_list_of_ways_asks_the_same_number_of_queries_for_one_and_three(bench: Bench, n: int) -> None:
    bench.declare(gate=None)
    bench.on("queue")
    for at in range(n):
        bench.seal(bench.batch(1, f"b{at}"))
    api = bench.world.api(bench.world.manager)
    api.get("/me")
    with CaptureQueriesContext(connection, ) as asked:
        assert len(api.get(f"/projects/{bench.project.pk}/flow/batches").json()["results"]) == n
    assert len(asked) == 4, [one["sql"][:120] for one in asked]


def test_a_flow_may_name_queues(bench: Bench) -> None:
    label = create_queue(bench.project, "label", stage="annotate", by=bench.by)
    decide = create_queue(bench.project, "decide", stage="adjudicate", by=bench.by)
    document = bench.declare(annotate={"queue": label.pk}, adjudicate={"queue": decide.pk}).document
    assert (document["annotate"], document["adjudicate"]) == ({"queue": label.pk}, {"queue": decide.pk})
