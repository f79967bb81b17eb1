"""Runs of the consensus: foretold, carried out, undone exactly; each choice told on the item; what is left goes to an adjudicator."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import transaction

from annotate.annotations.models import Annotation, CurrentAnnotation
from annotate.annotations.schemas import parsed
from annotate.items.erasure import erase
from annotate.items.models import Item
from annotate.jobs.models import Job
from annotate.projects.queries import current_schema
from annotate.queues.claim import next_task
from annotate.queues.fill import fill
from annotate.queues.models import Queue, Task
from annotate.queues.submit import submit
from annotate.reviews.models import Approval
from annotate.reviews.services import review, withdraw
from tests.quality.test_consensus_of_project import decide, said, three
from tests.queues.conftest import queue_of
from workflows.quality import concluding, undoing
from workflows.quality.models import Consensus, ConsensusItem, ConsensusRun, Kept
from workflows.quality.verdicts import Heard, Verdict

__all__ = ["queue_of", "three"]
QUERIES = 3


def run_of(world: Any, run_jobs: Any, **body: Any) -> ConsensusRun:
    decide(world, run_jobs, **body)
    return ConsensusRun.objects.latest("pk")


def undo(world: Any, run_jobs: Any, run: ConsensusRun) -> dict[str, Any]:
    answered = world.api(world.manager).post(f"/consensus-runs/{run.pk}/undo", {})
    assert answered.status_code == 202, answered.content
    run_jobs()
    job = Job.objects.get(pk=answered.json()["id"])
    assert job.state == "done", job.error
    result: dict[str, Any] = job.result
    return result


def stands() -> dict[int, Any]:
    """Item → state, what it shows, its standing approval, and its tasks; answers by what they say."""
    shown = {row.item_id: row.annotation.content for row in CurrentAnnotation.objects.select_related("annotation")}
    approved = dict(Approval.objects.filter(ended_at=None).values_list("item_id", "cause"))
    found = {}
    for item in Item.objects.order_by("pk"):
        tasks = Task.objects.filter(item=item).select_related("annotation").order_by("pk")
        rows = [(task.pk, task.state, task.person_id, task.rank, task.annotation and (task.annotation.content, task.annotation.author)) for task in tasks]
        found[item.pk] = (item.state, shown.get(item.pk), approved.get(item.pk), rows)
    return found


def test_a_run_keeps_what_became_of_each_item_and_a_dry_one_what_would(world: Any, three: Any, run_jobs: Any) -> None:
    dry = run_of(world, run_jobs, dry_run=True)
    foretold = list(ConsensusItem.objects.filter(run=dry).order_by("item").values_list("item", "outcome", "method"))
    assert [row[1] for row in foretold] == ["decided", "decided", "tie", "decided", "decided"]
    run = run_of(world, run_jobs)
    assert list(ConsensusItem.objects.filter(run=run).order_by("item").values_list("item", "outcome", "method")) == foretold
    assert ConsensusItem.objects.filter(last=True, run=run).count() == 5
    told = world.api(world.viewer).get(f"/consensus-runs/{run.pk}").json()
    assert (told["state"], told["decided"], told["left"], told["dry_run"]) == ("decided", 4, {"tie": 1}, False)
    rows = world.api(world.viewer).get(f"/consensus-runs/{run.pk}/items?outcome=tie").json()["results"]
    assert [row["item"] for row in rows] == [three[2].pk]
    refused = world.api(world.viewer).get(f"/consensus-runs/{run.pk}/items?outcome=other")
    assert refused.status_code == 400 and "outcome" in refused.json()["fields"]


def test_a_process_beside_the_job_decides_the_same(world: Any, three: Any, run_jobs: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def outcome(run: ConsensusRun) -> list[Any]:
        rows = ConsensusItem.objects.filter(run=run).select_related("consensus__annotation").order_by("item")
        return [(row.item_id, row.outcome, row.method, row.consensus and (why(row), row.consensus.annotation.content)) for row in rows]

    def why(row: ConsensusItem) -> dict[str, Any]:
        return {name: value for name, value in row.consensus.explanation.items() if name != "answers"}  # the last of them is new: undone, it stands again

    here = run_of(world, run_jobs, method="best")
    said_here = outcome(here)
    undo(world, run_jobs, here)
    Kept.objects.all().delete()
    monkeypatch.setattr("workflows.quality.concluding.MANY", 1)
    monkeypatch.setattr("workflows.quality.parts.MANY", 1)
    assert outcome(run_of(world, run_jobs, method="best")) == said_here


@pytest.mark.parametrize("dry_run", [True, False])
def test_nothing_is_said_of_an_item_that_was_erased_while_it_was_decided(world: Any, three: Any, dry_run: bool) -> None:
    run = ConsensusRun.objects.create(project=world.project, method="majority", dry_run=dry_run)
    made = [Verdict(item.pk, None, None, "", 0.0, '{"people":[1]}', "tie") for item in three[2:4]]
    erase(three[2], by=world.actor(world.manager), reason="asked for")
    with transaction.atomic():
        concluding._write(run, made, [Heard(item.pk, (), (), ()) for item in three[2:4]], parsed(current_schema(world.project.pk).pk), None)
    assert list(ConsensusItem.objects.filter(run=run).values_list("item", "outcome")) == [(three[3].pk, "tie")]


def test_verdicts_that_wait_on_an_item_are_laid_aside_with_its_consensus(world: Any, three: Any, run_jobs: Any, queue_of: Any) -> None:
    judging = queue_of("review")
    assert fill(judging.pk) == 5
    run_of(world, run_jobs)
    assert sorted(Task.objects.filter(queue=judging, state="open").values_list("item", flat=True)) == [three[2].pk]
    assert Task.objects.filter(queue=judging, state="void").count() == 4


def test_undone_each_item_is_exactly_where_it_was_and_can_be_decided_again(world: Any, three: Any, run_jobs: Any, queue_of: Any) -> None:
    judging = queue_of("review")
    fill(judging.pk)
    before = stands()
    run = run_of(world, run_jobs)
    assert stands() != before
    would = world.api(world.manager).post(f"/consensus-runs/{run.pk}/undo", {"dry_run": True}).json()
    assert would == {"undone": 4, "left": {}}
    assert undo(world, run_jobs, run) == {"undone": 4, "left": {}}
    assert stands() == before
    run.refresh_from_db()
    assert (run.state, run.undone_by) == ("undone", world.manager)
    assert fill(judging.pk) == 0
    again = run_of(world, run_jobs)
    assert [row.outcome for row in ConsensusItem.objects.filter(run=again).order_by("item")] == ["decided", "decided", "tie", "decided", "decided"]
    assert Consensus.objects.filter(member__run=again).count() == 4


def test_a_restored_answer_is_still_its_authors(world: Any, three: Any, run_jobs: Any, queue_of: Any) -> None:
    undo(world, run_jobs, run_of(world, run_jobs))
    back = Annotation.objects.filter(source="undo", item=three[0]).get()
    assert (back.person, back.author) == (world.manager, world.reviewer)
    judging = queue_of("review")
    fill(judging.pk)
    assert next_task(judging, world.actor(world.reviewer)) is None and next_task(judging, world.actor(world.manager)) is not None


def test_where_something_newer_stands_the_consensus_stays_and_says_why(world: Any, three: Any, run_jobs: Any, queue_of: Any) -> None:
    from annotate.gold.models import Gold

    run = run_of(world, run_jobs)
    withdraw(three[0], "not so", by=world.actor(world.manager))
    relabel = queue_of(q=f"key = {three[1].key}")
    actor = world.actor(world.owner)
    submit(next_task(relabel, actor).pk, actor, said("car"))
    made = Consensus.objects.get(item=three[3])
    Gold.objects.create(project=world.project, item=three[3], annotation=made.annotation)
    assert undo(world, run_jobs, run) == {"undone": 1, "left": {"gold": 1, "labelled": 1, "withdrawn": 1}}
    states = [Item.objects.get(pk=one.pk).state for one in three]
    assert states == ["withdrawn", "approved", "labelled", "approved", "labelled"]
    told = world.api(world.manager).get(f"/consensus-runs/{run.pk}/items?undone=gold").json()["results"]
    assert [row["item"] for row in told] == [three[3].pk]


def test_an_item_in_a_version_keeps_its_consensus(world: Any, three: Any, run_jobs: Any) -> None:
    run = run_of(world, run_jobs)
    api = world.api(world.owner)
    dataset = api.post(f"/projects/{world.project.pk}/datasets", {"name": "train"}).json()["id"]
    assert api.post(f"/datasets/{dataset}/versions", {"q": f"key = {three[0].key}", "message": "m"}).status_code == 202
    run_jobs()
    assert undo(world, run_jobs, run) == {"undone": 3, "left": {"in_version": 1}}


def test_an_undoing_that_was_cut_off_goes_on_and_does_nothing_twice(world: Any, three: Any, run_jobs: Any, monkeypatch: Any) -> None:
    run = run_of(world, run_jobs)
    monkeypatch.setattr(undoing, "CHUNK", 1)
    undoing.start(run, by=world.actor(world.manager))
    assert undoing._some(run.pk, None) == 1  # the worker that was cut off
    run_jobs()
    assert undoing.counts(run.pk) == {"undone": 4, "left": {}}
    assert Annotation.objects.filter(source="undo").count() == 4


@pytest.mark.parametrize("what", ["dry", "twice"])
def test_what_cannot_be_undone_is_refused(world: Any, three: Any, run_jobs: Any, what: str) -> None:
    run = run_of(world, run_jobs, dry_run=what == "dry")
    if what == "twice":
        undo(world, run_jobs, run)
    assert world.api(world.manager).post(f"/consensus-runs/{run.pk}/undo", {}).status_code == 409


def test_each_choice_is_told_with_names_for_managers_alone(world: Any, three: Any, run_jobs: Any) -> None:
    run_of(world, run_jobs)
    told = world.api(world.manager).get(f"/items/{three[1].pk}/consensus").json()
    made = told["consensus"]
    assert (made["outcome"], made["method"], made["standing"], made["quorum"]) == ("decided", "majority", True, 2)
    names = {one["letter"]: one["person"]["name"] for one in made["people"]}
    [weather] = made["questions"]
    assert {names[vote["letter"]]: vote["value"] for vote in weather["votes"]} == {"annotator": "rain", "annotator2": "rain", "reviewer": "fog"}
    assert (weather["value"], weather["tie"], made["objects"][0]["seen_by"], made["objects"][0]["label"]) == ("rain", None, 3, "car")
    seen = world.api(world.viewer).get(f"/items/{three[1].pk}/consensus").json()["consensus"]
    assert {one["person"] for one in seen["people"]} == {None} and seen["questions"] == made["questions"]
    assert world.api(world.annotator).get(f"/items/{three[1].pk}/consensus").status_code in (403, 404)
    left = world.api(world.manager).get(f"/items/{three[2].pk}/consensus").json()["consensus"]
    assert (left["outcome"], left["annotation"], sorted(left["questions"][0]["tie"]["values"]), left["questions"][0]["tie"]["rule"]) == ("tie", None, ["fog", "night", "rain"], "none")
    out = world.api(world.manager).get(f"/items/{three[3].pk}/consensus").json()["consensus"]["left_out"]
    assert [(one["label"], one["why"], one["seen_by"]) for one in out] == [("sign", "below_quorum", 1)]


def test_without_a_consensus_there_is_none_to_tell(world: Any, make_items: Any) -> None:
    [item] = make_items(1)
    told = world.api(world.viewer).get(f"/items/{item.pk}/consensus").json()
    assert told == {"item": item.pk, "answers": 0, "consensus": None, "adjudication": None}
    assert "Find the consensus" not in world.page(world.manager).get(f"/items/{item.pk}").content.decode()


def test_the_items_page_shows_votes_and_ties_and_leads_to_the_run(world: Any, three: Any, run_jobs: Any) -> None:
    manager, viewer = world.page(world.manager), world.page(world.viewer)
    assert "Find the consensus" in manager.get(f"/items/{three[0].pk}").content.decode()
    run = run_of(world, run_jobs)
    page = manager.get(f"/items/{three[1].pk}").content.decode()
    assert f"/p/{world.project.pk}/consensus/{run.pk}" in page and "annotator2" in page and "66.6 %" in page
    tied = viewer.get(f"/items/{three[2].pk}").content.decode()
    assert "a vote has no winner" in tied and "left open" in tied


def test_ties_go_to_an_adjudicator_where_people_agree_least_first_and_the_item_tells_whose_words_stand(world: Any, three: Any, run_jobs: Any) -> None:
    run = run_of(world, run_jobs, quorum=3)
    page = world.page(world.manager).post(f"/p/{world.project.pk}/consensus/{run.pk}/adjudicate", {})
    queue = Queue.objects.get(stage="adjudicate")
    assert page.status_code == 302 and page["Location"] == f"/queues/{queue.pk}"
    assert (queue.order, Task.objects.filter(queue=queue).count()) == ("disagreement", 4)
    assert world.page(world.manager).post(f"/p/{world.project.pk}/consensus/{run.pk}/adjudicate", {}).status_code == 302
    assert Queue.objects.filter(stage="adjudicate").count() == 1
    adjudicator = world.actor(world.manager)
    lease = next_task(queue, adjudicator)
    answers = Annotation.objects.filter(item=lease.item_id, source="person").order_by("number")
    review(lease.pk, adjudicator, "fix", annotation=answers[0].content)
    told = world.api(world.manager).get(f"/items/{lease.item_id}/consensus").json()["adjudication"]
    assert told["person"]["name"] == "manager" and told["standing"]
    of = {one["of"][0] for one in told["objects"]}
    assert {one["person"]["name"] for one in told["answers"] if one["letter"] in of} == {"annotator"}
    assert world.api(world.reviewer).get(f"/items/{lease.item_id}/consensus").json()["adjudication"]["person"] is None
    assert "Adjudicated" in world.page(world.viewer).get(f"/items/{lease.item_id}").content.decode()


def test_a_manager_looks_first_then_decides_and_undoes_on_pages(world: Any, three: Any, run_jobs: Any) -> None:
    at = f"/p/{world.project.pk}/consensus"
    manager, viewer = world.page(world.manager), world.page(world.viewer)
    assert "No runs yet" in manager.get(at).content.decode()
    assert viewer.post(at, {"method": "majority"}).status_code == 403
    assert "q" in manager.post(at, {"method": "majority", "q": "labe = car"}).content.decode()
    foretold = manager.post(at, {"method": "majority", "q": ""})["Location"]
    assert "hx-get" in manager.get(foretold).content.decode()
    run_jobs()
    page = manager.get(f"{foretold}?show=tie").content.decode()
    assert "would be decided" in page and f"/items/{three[2].pk}" in page and "Decide 4 items" in page
    assert not Approval.objects.exists() and "Decide 4 items" not in viewer.get(foretold).content.decode()
    decided = manager.post(f"{foretold}/decide", {})["Location"]
    run_jobs()
    assert Approval.objects.filter(ended_at=None).count() == 4
    assert "Undo 4 items" in manager.get(f"{decided}/undo").content.decode()
    assert viewer.get(f"{decided}/undo").status_code == 403
    manager.post(f"{decided}/undo", {})
    run_jobs()
    assert not Approval.objects.filter(ended_at=None).exists()
    assert "are where they were before" in manager.get(decided).content.decode() and "4" in manager.get(at).content.decode()


@pytest.mark.parametrize("n", [1, 3])
def test_runs_are_listed_with_the_same_queries_however_many(world: Any, n: int, django_assert_num_queries: Any) -> None:
    for _each in range(n):
        ConsensusRun.objects.create(project=world.project, method="majority", state="decided")
    api = world.api(world.viewer)
    with django_assert_num_queries(QUERIES):
        assert len(api.get(f"/projects/{world.project.pk}/consensus").json()["results"]) == n


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_two_runs_at_once_decide_each_item_once_and_one_has_the_last_word(transactional_db: None) -> None:
    from annotate.items.services import NewItem, add_items, create_batch
    from annotate.queues.services import create_queue
    from tests.concurrency.test_claims import at_once
    from tests.conftest import make_world
    from tests.quality.test_consensus_of_project import give
    from workflows.quality import concluding

    world = make_world()
    by = world.actor(world.owner)
    batch = create_batch(world.project, "march", by=by)
    add_items(batch, [NewItem(key=f"{at}.jpg", uri=f"s3://b/{at}.jpg", width=64, height=48) for at in range(6)], by=by)
    queue = create_queue(world.project, "twice", stage="annotate", overlap=2, by=by)
    for person, weather in ((world.annotator, "rain"), (world.annotator2, "fog")):
        give(world, queue, person, *[said("car"), said("car", weather=weather)] * 3)
    runs = [ConsensusRun.objects.create(project=world.project, method="majority", quorum=quorum) for quorum in (1, 2)]
    got = at_once(lambda run: concluding.carry_out(run, by=None), runs)
    assert not [one for one in got if isinstance(one, Exception)], got
    assert Approval.objects.filter(ended_at=None).count() == Consensus.objects.count() == 3
    assert ConsensusItem.objects.filter(last=True).count() == 6
