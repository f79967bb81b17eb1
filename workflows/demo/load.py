"""Loads the demo through the services and jobs of real work: accounts, a project, three batches, labels, verdicts, gold and who
may work with it, a version.

Every step looks at what stands and goes on from there, so that a load that was killed is finished by the next start.
"""

from __future__ import annotations

import datetime as dt
import io
import sys
from collections.abc import Iterable
from typing import Any

import orjson
from django.db import transaction

from annotate.items.models import Batch
from annotate.items.services import create_batch, seal
from annotate.jobs.models import Job
from annotate.jobs.services import execute
from annotate.media.services import probe_and_store_picture
from annotate.people.models import Person
from annotate.projects.models import Project
from annotate.projects.services import create as create_project
from annotate.projects.services import set_member
from annotate.queues.models import Queue
from annotate.queues.services import create_queue
from annotate.reviews.models import Review
from workflows.collection import waiting
from workflows.collection.services import import_files, import_manifest
from workflows.demo import accounts, flows, newcomers, rules, shift
from workflows.demo.pictures import PLANS, Frame, Plan, frames
from workflows.exporters.services import export
from workflows.releases.models import Dataset, Export, Version
from workflows.releases.services import create_dataset, create_slice, cut

PROJECT = "Street scenes"
SCHEMA: dict[str, Any] = {
    "labels": [
        {"name": "car", "title": {"zh": "汽车"}, "kinds": ["box"], "color": "#de5308", "hotkey": "1", "attributes": [{"name": "occluded", "title": {"zh": "被遮挡"}, "type": "bool"}]},
        {"name": "person", "title": {"zh": "行人"}, "kinds": ["box"], "color": "#0080ff", "hotkey": "2", "attributes": [{"name": "occluded", "title": {"zh": "被遮挡"}, "type": "bool"}]},
        {"name": "bicycle", "title": {"zh": "自行车"}, "kinds": ["box"], "color": "#329270", "hotkey": "3", "attributes": [{"name": "occluded", "title": {"zh": "被遮挡"}, "type": "bool"}]},
        {"name": "sign", "title": {"zh": "交通标志"}, "kinds": ["box"], "color": "#681bd9", "hotkey": "4"},
    ],
    "item": [
        {"name": "weather", "title": {"zh": "天气"}, "type": "choice", "options": ["clear", "rain", "fog", "night"]},
        {"name": "usable", "title": {"zh": "可用"}, "type": "bool", "default": True},
    ],
}  # fmt: skip
JUDGED_SHARE = 0.4  # of the second batch
FIRST_DAY = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)


def ensure(*, url: str) -> list[str]:
    """Load what is missing; the lines that `up` shows. A data folder with people of its own is left alone."""
    if accounts.remembered() is None and Person.objects.exists():
        return [
            "The demo was not loaded: there are people in this data folder already.",
            "Choose another folder with --data DIR to see it.",
        ]
    if not Person.objects.exists():
        accounts.make()
    kept = accounts.remembered() or {}
    if not kept.get("loaded"):
        _load()
        accounts.finished()
    return [*accounts.lines(), *_first_steps(url)]


def _say(words: str) -> None:
    print(f"demo: {words} …", file=sys.stderr, flush=True)


def _load() -> None:
    project = _project()
    annotate, judging = (Queue.objects.get(project=project, stage=stage, qualification=None) for stage in ("annotate", "review"))
    truth: dict[str, Frame] = {}
    sizes = []
    for plan in PLANS:
        _collect(project, plan)
        found = {frame.key: frame for frame in frames(plan, drawn=False)}
        truth |= found
        sizes.append(Batch.objects.get(project=project, name=plan.name).items.count())
    _say("annotators at work")
    shift.label(annotate, truth, until=sizes[0])
    shift.judge(judging, truth, annotate, until=sizes[0], everything=True)
    finished = Review.objects.filter(item__batch__name=PLANS[0].name).count()
    shift.label(annotate, truth, until=sizes[0] + sizes[1])
    shift.judge(judging, truth, annotate, until=finished + int(sizes[1] * JUDGED_SHARE), everything=False)
    newcomers.let_in(project, truth, annotate)
    rules.check(project)
    flows.declare(project)
    _release(project)


@transaction.atomic
def _project() -> Project:
    found = Project.objects.filter(name=PROJECT, organisation=accounts.organisation()).first()
    if found is not None:
        return found
    owner, manager = accounts.actor("olive"), accounts.actor("mira")
    project = create_project(PROJECT, media="image", schema=SCHEMA, organisation_id=accounts.organisation().pk, by=owner)
    for name, role in accounts.PROJECT_ROLES.items():
        set_member(project, accounts.person(name), role=role, by=owner)
    create_queue(project, "Boxes", stage="annotate", q="stage = label", by=manager)
    create_queue(project, "Review", stage="review", by=manager)
    create_dataset(project, "streets", by=manager)
    create_slice(project, "wet or dark", q='item.weather in ("rain", "night") and count(car) >= 2', by=manager)
    return project


def _collect(project: Project, plan: Plan) -> None:
    """The batch with its pictures: bytes first, then a manifest that says what each one is; unreadable files as files."""
    if Batch.objects.filter(project=project, name=plan.name, state="sealed").exists():
        return
    _say(f"drawing {plan.name}")
    by = accounts.actor("cora")
    batch = Batch.objects.filter(project=project, name=plan.name).first()
    batch = batch or create_batch(project, plan.name, source=plan.source, by=by)
    manifest, broken = [], []
    for frame in frames(plan):
        if frame.dirt == "truncated":
            broken.append((frame.key, io.BytesIO(frame.content)))
            continue
        blob = probe_and_store_picture(io.BytesIO(frame.content), organisation_id=project.organisation_id)
        manifest.append(_line(frame, bytes(blob.sha256).hex(), plan))
    body = io.BytesIO(b"\n".join(map(orjson.dumps, manifest)))
    _run(import_manifest(batch, waiting.keep_stream(body.read, "manifest.ndjson"), kind="ndjson", by=by))
    if broken:
        _run(import_files(batch, waiting.keep(broken), by=by))
    seal(batch, by=accounts.actor("mira"))


def _line(frame: Frame, sha256: str, plan: Plan) -> dict[str, Any]:
    moment = FIRST_DAY + dt.timedelta(days=30 * PLANS.index(plan), minutes=7 * int(frame.group[-2:]), seconds=frame.number)
    meta = {"weather": frame.weather, "camera": plan.source.split(",")[0]}
    return {"key": frame.key, "sha256": sha256, "group": frame.group, "frame": frame.number, "captured": moment.isoformat(), "meta": meta}


def _run(job: Job | None) -> None:
    """The job here and now; what it leaves for later (thumbnails) is the job cluster's."""
    assert job is not None
    execute(job.pk)
    job.refresh_from_db()
    if job.state != "done":
        raise RuntimeError(f"demo: {job.kind} ended {job.state}: {job.error}")


def _release(project: Project) -> None:
    manager = accounts.actor("mira")
    dataset = Dataset.objects.get(project=project)
    version = Version.objects.filter(dataset=dataset, state="frozen").first()
    if version is None:
        _say("cutting version 1")
        made = cut(
            dataset,
            q=f'batch = "{PLANS[0].name}" and item.usable = true',
            message="Downtown in March: all weathers, reviewed in full",
            splits={"train": 0.7, "val": 0.15, "test": 0.15},
            by_group=True,
            by=manager,
        )
        _run(made.job)
        version = Version.objects.get(dataset=dataset, state="frozen")
    for format in ("coco", "jsonl"):
        if not Export.objects.filter(version=version, format=format, state="ready").exists():
            _run(export(version, format=format, by=manager).job)


def _first_steps(url: str) -> Iterable[str]:
    return (
        "what to try first:",
        "  as anna: press Start and draw a box; Ctrl+Enter submits, ? shows all keys",
        "  as nora, who is new: take the run of Street boxes, five pictures whose truth is known; then the real work is open",
        "  as rosa: Reviews, and judge what anna sends",
        "  as mira: the line of Street scenes and its Flow, Cleaning: what its rules found; Versions: the COCO file of version 1; Queues: Gold, Qualifications",
        f'  by token: curl -H "Authorization: Bearer $TOKEN" {url}/api/v1/projects',
    )
