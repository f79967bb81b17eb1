"""A project with something at every stage of the line, so that every address has something to show or to hide."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

SECRET = "hidden-truth"  # stands in what an annotator must never see of others' work
OBJECT = {"id": "0b7c8d9e-0000-4000-8000-000000000001", "label": "car", "kind": "box", "box": [1.0, 2.0, 20.0, 12.0]}


def document(**attributes: Any) -> dict[str, Any]:
    return {"objects": [{**OBJECT, "attributes": attributes}], "item": {}}


@dataclass
class Line:
    world: Any
    ids: dict[str, Any] = field(default_factory=dict)

    def people(self) -> dict[str, Any]:
        w = self.world
        return {
            "owner": w.owner, "admin": w.admin, "manager": w.manager, "reviewer": w.reviewer, "annotator": w.annotator,
            "idle": w.annotator2, "collector": w.collector, "viewer": w.viewer, "outsider": w.outsider,
        }  # fmt: skip


def _work(world: Any, ids: dict[str, Any], items: list[Any]) -> None:
    """The annotator answered the first item and holds the second; the manager answered the third."""
    from annotate.items.models import Batch
    from annotate.queues.models import Task
    from annotate.queues.services import create_queue

    by = world.actor(world.owner)
    ids["batch"] = Batch.objects.get(project=world.project).pk
    queue = create_queue(world.project, "label", stage="annotate", gold_percent=37, by=by)
    api, managing = world.api(world.annotator), world.api(world.manager)
    bundle = api.post(f"/queues/{queue.pk}/next").json()
    done = api.post(f"/leases/{bundle['lease']['id']}/submit", {"annotation": document()})
    assert done.status_code == 201, done.content
    held = api.post(f"/queues/{queue.pk}/next").json()
    theirs = managing.post(f"/queues/{queue.pk}/next").json()
    answered = managing.post(f"/leases/{theirs['lease']['id']}/submit", {"annotation": document(occluded=True)})
    assert answered.status_code == 201, answered.content
    review = create_queue(world.project, "review", stage="review", by=by)
    ids |= {
        "queue": queue.pk, "review_queue": review.pk, "item": bundle["item"]["id"], "lease": held["lease"]["id"],
        "held_item": held["item"]["id"], "other_item": theirs["item"]["id"], "free_item": items[3].pk,
        "task": Task.objects.get(item_id=bundle["item"]["id"], queue=queue).pk,
    }  # fmt: skip


def _released(world: Any, ids: dict[str, Any], item: Any, run_jobs: Callable[[], int]) -> None:
    """An imported answer that stands, frozen into a version and exported."""
    from annotate.annotations.services import ImportedAnnotation, add_imported
    from annotate.projects.queries import current_schema
    from workflows.exporters.services import export
    from workflows.releases import services as releases
    from workflows.releases.models import Version

    by = world.actor(world.owner)
    row = ImportedAnnotation(item.pk, document(), current_schema(world.project.pk).pk, approved=True)
    assert add_imported([row], by=by).approved == 1
    saved = releases.create_slice(world.project, "all", q="", by=by)
    dataset = releases.create_dataset(world.project, "streets", by=by)
    releases.cut(dataset, message="first", by=by)
    run_jobs()
    version = Version.objects.get(dataset=dataset, state="frozen")
    tag = releases.create_tag(dataset, "best", version=version, by=by)
    made = export(version, format="jsonl", by=by)
    run_jobs()
    path = made.files.order_by("path")[0].path
    from workflows.evaluations.models import Suspect
    from workflows.evaluations.services import pull, report

    pull(version, run="night-7", format="jsonl", by=by)
    ids["evaluation"] = report(version, model="detector", metrics={"box": {"mAP": 0.41}}, by=by).pk
    drawn = {"kind": "box", "label": "car", "box": [4, 4, 20, 16]}
    suspect = Suspect.objects.create(evaluation_id=ids["evaluation"], rank=1, item=item, kind="missing", said="car", shape=drawn, score=0.9)
    ids |= {"suspect": suspect.pk, "rank": 1}
    ids["released_key"] = item.key
    from workflows.webhooks.models import Delivery
    from workflows.webhooks.services import create as create_webhook

    hook, _secret = create_webhook(world.project, "https://ci.example/hook", events=["tag.moved"], by=by)
    ids["webhook"] = hook.pk
    ids["delivery"] = Delivery.objects.create(webhook=hook, event="tag.moved", payload="{}", state="failed", next_at=hook.created_at).pk
    run_jobs()
    from workflows.exporters.links import signed

    found = made.files.order_by("path")[0]
    _empty, _signed, ids["link"], ids["name"] = signed(by, made, found.pk, path, seconds=600).split("/", 3)
    ids |= {"slice": saved.pk, "dataset": dataset.pk, "version": version.pk, "ordinal": 0, "tag": tag.pk, "export": made.pk, "path": path}


def _changed(world: Any, ids: dict[str, Any], run_jobs: Callable[[], int]) -> None:
    """A change of the labels that is done, and that touches nothing."""
    from annotate.annotations.changes import apply

    entry = {"name": "bus", "kinds": ["box"]}
    ids["change"] = apply(world.project, [{"op": "add_label", "entry": entry}], by=world.actor(world.owner)).pk
    run_jobs()


def _more(world: Any, ids: dict[str, Any]) -> None:
    """One row of each other noun that has an address."""
    from annotate.queues.bulk import Wish, act

    ids["bulk"] = act(world.project, Wish("prioritise", "state = new", place="back"), by=world.actor(world.owner)).pk
    from annotate.people.models import Token

    world.token(world.owner)
    ids["token"] = Token.objects.filter(person=world.owner).latest("id").pk
    from annotate.reviews.models import Comment

    ids["comment"] = Comment.objects.create(item_id=ids["item"], text="a remark", person=world.reviewer).pk
    from annotate.annotations.models import Annotation

    theirs = Annotation.objects.get(item_id=ids["other_item"])
    Comment.objects.create(item_id=ids["other_item"], annotation=theirs, text=SECRET, person=world.reviewer)
    from annotate.reviews.models import Question, Review

    ids["question"] = Question.objects.create(item_id=ids["item"], task_id=ids["task"], text="is it?", person=world.annotator).pk
    ids["review"] = Review.objects.create(item_id=ids["other_item"], annotation=theirs, person=world.reviewer, verdict="return", reason=SECRET).pk
    from annotate.reviews.models import Dispute, Recheck

    between: dict[str, Any] = {"review_id": ids["review"], "item_id": ids["other_item"], "against": world.reviewer}
    ids["dispute"] = Dispute.objects.create(**between, person=world.manager, text=SECRET).pk
    looked: dict[str, Any] = {"annotation": theirs, "person": world.admin, "verdict": "accept", "differs": True, "comments": [{"text": SECRET}]}
    ids["recheck"] = Recheck.objects.create(**between, **looked).pk
    from annotate.projects.guidelines import add_example

    example = {"label": "car", "good": True, "text": "close", "item_id": ids["item"], "by": world.actor(world.owner)}
    ids["picture"] = add_example(world.project, **example).examples[0]["picture"]
    from annotate.projects.teams import create_team

    team = {"lead": world.annotator2, "members": [world.annotator, world.annotator2], "by": world.actor(world.owner)}
    ids["team"] = create_team("night", organisation_id=world.organisation.pk, project=world.project, kind="shift", **team).pk
    from annotate.items.services import create_batch
    from annotate.people.models import Team
    from workflows.assignment.handing import hand_out
    from workflows.assignment.planning import Wish

    empty = create_batch(world.project, "given", by=world.actor(world.owner))
    ids["assignment"] = hand_out(Wish(empty, Team.objects.get(pk=ids["team"])), by=world.actor(world.owner)).pk
    from annotate.items.models import Batch
    from annotate.jobs.services import execute
    from workflows.cleaning.gates import set_gate
    from workflows.cleaning.running import start
    from workflows.cleaning.services import create_rule

    ids["rule"] = create_rule(world.project, name="dark", kind="dark", parameters={"threshold": 0.9}, by=world.actor(world.owner)).pk
    run = start(world.project, batch=Batch.objects.get(pk=ids["batch"]), by=world.actor(world.owner))
    execute(run.job_id)
    ids["run"] = run.pk
    ids["gated"] = empty.pk
    set_gate(empty, bar=0.1, by=world.actor(world.owner))
    from annotate.gold.models import Gold
    from annotate.items.models import Item

    truth = Annotation.objects.filter(item=Item.objects.latest("pk")).latest("pk")
    ids["gold"] = Gold.objects.create(project=world.project, item_id=truth.item_id, annotation=truth, state="active").pk
    from annotate.qualifications.services import create, give

    cells = create(world.project, "Cells", kind="label", by=world.actor(world.owner))
    give(cells, world.annotator2, score=0.9, by=world.actor(world.owner))
    ids["qualification"] = cells.pk
    ids["worker"] = world.annotator2.pk
    from annotate.queues.services import create_queue
    from workflows.gating import services as gating
    from workflows.quality.pause_rules import set_rule
    from workflows.quality.pausing import Rule, standing
    from workflows.quality.stopping import stop

    set_rule(world.project, by=world.actor(world.owner))
    drill = create_queue(world.project, "drill", stage="annotate", gold_percent=100, by=world.actor(world.owner))
    rule = set_rule(world.project, drill, least=3, by=world.actor(world.owner))
    ids["pause"] = stop(rule, world.annotator2, "", standing([0, 0, 0], Rule(least=3)).explain()).pk
    gating.set_gate(world.project, "items >= 1000", batch=Batch.objects.get(pk=ids["batch"]), by=world.actor(world.owner))
    ids["person"] = world.viewer.pk
    ids["project"] = world.project.pk
    from annotate.jobs.services import enqueue

    job = enqueue("collection.files", organisation_id=world.organisation.pk, project_id=world.project.pk, by=world.actor(world.owner), arguments={}, key="contract")
    ids["job"] = job.pk


def _rounds(world: Any, ids: dict[str, Any]) -> None:
    """A review round over two imported answers, of which the reviewer has judged one."""
    from annotate.annotations.services import ImportedAnnotation, add_imported
    from annotate.items.services import NewItem, add_items, create_batch
    from annotate.projects.queries import current_schema
    from annotate.queues.claim import next_task
    from annotate.reviews.services import review
    from workflows.rounds.planning import Wish, plan
    from workflows.rounds.sampling import Plan

    by = world.actor(world.owner)
    batch = create_batch(world.project, "rounded", by=by)
    added = add_items(batch, [NewItem(key=f"round-{at}", uri=f"s3://b/round-{at}.jpg", width=64, height=48) for at in range(2)], by=by)
    schema = current_schema(world.project.pk).pk
    add_imported([ImportedAnnotation(item, document(), schema) for item in added.accepted.values()], by=by)
    made = plan(Wish(batch, Plan("all")), by=by)
    lease = next_task(made.queue_id, world.actor(world.reviewer))
    review(lease.pk, world.actor(world.reviewer), "accept")
    ids |= {"round": made.pk, "rounded": batch.pk}


def _consensus(world: Any, ids: dict[str, Any]) -> None:
    """A run of the consensus that had nothing to decide."""
    from workflows.quality.models import ConsensusRun

    ids["consensus_run"] = ConsensusRun.objects.create(project=world.project, method="majority", state="decided").pk


def _wall(world: Any, ids: dict[str, Any]) -> None:
    """An act of the reviewer on the wall, over an imported answer."""
    from annotate.annotations.services import ImportedAnnotation, add_imported
    from annotate.items.services import NewItem, add_items, create_batch
    from annotate.projects.queries import current_schema
    from workflows.wall.acting import Wish, act
    from workflows.wall.asking import read
    from workflows.wall.choosing import choose

    by = world.actor(world.owner)
    batch = create_batch(world.project, "walled", by=by)
    [item] = add_items(batch, [NewItem(key="walled.jpg", uri="s3://b/walled.jpg", width=64, height=48)], by=by).accepted.values()
    add_imported([ImportedAnnotation(item, document(), current_schema(world.project.pk).pk)], by=by)
    spot = choose(world.project, read(world.project, {"label": "car", "q": "key = \"walled.jpg\""}), by=by).spots[0]
    made = act(world.project, Wish("relabel", (spot.name,), label="sign"), by=world.actor(world.reviewer))
    ids |= {"act": made.pk, "spot": spot.name}


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Thousands of refusals are what these tests ask for; the log would drown the failure."""
    logger = logging.getLogger("django.request")
    before, logger.disabled = logger.disabled, True
    yield
    logger.disabled = before


@pytest.fixture
def line(world: Any, make_items: Callable[..., list[Any]], run_jobs: Callable[[], int]) -> Line:
    ids: dict[str, Any] = {}
    items = make_items(6)
    _work(world, ids, items)
    _released(world, ids, items[5], run_jobs)
    _changed(world, ids, run_jobs)
    _more(world, ids)
    _rounds(world, ids)
    _consensus(world, ids)
    _wall(world, ids)
    ids["secret"] = "made-up"
    return Line(world, ids)
