"""An erased item leaves no finding of it, no facts of its text, none of its labels; what others still need stays."""

from __future__ import annotations

import json
from typing import Any

import pytest

from annotate.items.erasure import erase
from annotate.items.models import Item
from annotate.items.services import create_batch
from annotate.media.models import Blob
from annotate.projects.services import create
from annotate.queues.models import Hold
from workflows.cleaning import applying
from workflows.cleaning.models import CheckRun, Finding, LabelFacts, PictureFacts, TextFacts

pytestmark = pytest.mark.django_db
SAME = "the same words of two items"


@pytest.fixture
def texts(world: Any, run_jobs: Any) -> Any:
    """A batch of three labelled texts, two of them the same."""
    schema = {"labels": [{"name": "PER", "kinds": ["span"]}]}
    project = create("texts", media="text", schema=schema, organisation_id=world.organisation.pk, by=world.actor(world.owner))
    batch = create_batch(project, "march", by=world.actor(world.owner))
    lines = [
        {"key": key, "text": text, "annotation": {"objects": [{"kind": "span", "label": "PER", "start": 0, "end": 3, "text": text[:3]}]}}
        for key, text in (("a", SAME), ("b", SAME), ("c", "other words altogether"))
    ]
    body = "\n".join(map(json.dumps, lines)).encode()
    assert world.api(world.owner).client.post(f"/api/v1/batches/{batch.pk}/manifest", data=body, content_type="application/x-ndjson").status_code == 202
    run_jobs()
    return batch


@pytest.fixture
def gone(world: Any, run_jobs: Any) -> Any:
    def take(key: str) -> Item:
        with_bytes = erase(Item.objects.get(key=key), reason="asked by its owner", by=world.actor(world.owner))
        run_jobs()
        return with_bytes

    return take


def test_findings_and_label_facts_go_with_the_item(world: Any, texts: Any, rule: Any, checked: Any, gone: Any) -> None:
    rule("too_short", project=texts.project, action="quarantine", threshold=1000)
    run = applying.apply(checked(texts), by=world.actor(world.owner))
    assert (Finding.objects.count(), LabelFacts.objects.count(), Hold.objects.count()) == (3, 3, 3)
    erased = gone("a")
    assert not Finding.objects.filter(item=erased).exists() and not LabelFacts.objects.filter(annotation__item=erased).exists()
    assert (Finding.objects.count(), LabelFacts.objects.count()) == (2, 2)
    answer = world.api(world.owner).get(f"/items/{erased.pk}/findings")
    assert answer.status_code in (200, 410) and SAME.encode() not in answer.content
    assert applying.undo(run, by=world.actor(world.owner)).state == "undone"
    assert not Hold.objects.filter(ended_at=None).exclude(item=erased).exists()


def test_facts_of_a_text_go_with_the_last_item_that_says_it(texts: Any, gone: Any) -> None:
    assert TextFacts.objects.count() == 2
    digest = bytes(Item.objects.get(key="a").sha256 or b"")
    gone("a")
    assert TextFacts.objects.filter(sha256=digest).exists()
    gone("b")
    assert not TextFacts.objects.filter(sha256=digest).exists() and TextFacts.objects.count() == 1


def test_facts_of_a_picture_go_with_its_bytes(world: Any, picture: Any, collected: Any, gone: Any) -> None:
    same = picture(color=(8, 8, 8))
    collected({"a.png": same, "b.png": same})
    assert PictureFacts.objects.count() == 1
    gone("a.png")
    assert PictureFacts.objects.count() == 1
    gone("b.png")
    assert not PictureFacts.objects.exists() and not Blob.objects.exists()


def test_an_erased_item_is_not_looked_at_again_and_undone_runs_are_applied_without_it(world: Any, texts: Any, rule: Any, checked: Any, gone: Any) -> None:
    by = world.actor(world.owner)
    rule("too_short", project=texts.project, action="quarantine", threshold=1000)
    run = applying.undo(applying.apply(checked(texts), by=by), by=by)
    gone("a")
    assert applying.apply(run, by=by).counts == {"quarantined": 2}
    later = checked(texts)
    assert later.items == 2 and set(Finding.objects.filter(run=later).values_list("item__key", flat=True)) == {"b", "c"}


def test_what_a_run_says_of_single_items_names_no_erased_one(world: Any, texts: Any, rule: Any, checked: Any, gone: Any) -> None:
    rule("exact_duplicate_text", project=texts.project)
    run = checked(texts)
    [finding] = Finding.objects.filter(run=run)
    assert finding.item is not None and finding.item.key == "b"
    gone("a")  # to which it points
    told = world.api(world.owner).get(f"/check-runs/{run.pk}/findings").json()["results"]
    assert [one["key"] for one in told] == ["b"] and SAME not in json.dumps(told)
    assert world.page(world.owner).get(f"/check-runs/{CheckRun.objects.get().pk}").status_code in (200, 404)
