"""The line of a project: stages with counts, what is blocked and by what, and the next step where nothing is."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.utils import timezone

from annotate.annotations.services import ImportedAnnotation, add_imported, add_revision
from annotate.items.models import Item
from annotate.jobs.models import Job
from annotate.projects.queries import current_schema
from annotate.queues.jobs import refill
from annotate.queues.services import create_queue, move_queue
from tests.queues.conftest import a_document

pytestmark = pytest.mark.django_db


def page(world: Any, person: Any) -> str:
    return str(world.page(person).get(f"/p/{world.project.pk}").content.decode())


def counts(body: str) -> list[str]:
    return re.findall(r'<a class="big" href="[^"]*">([\d,]+)<', body)


def blocks(body: str) -> list[str]:
    return re.findall(r'<div class="note \w+">.*?<b>(.*?)</b>', body)


def imported(world: Any, items: list[Any], *, approve: bool) -> None:
    schema = current_schema(world.project.pk).pk
    rows = [ImportedAnnotation(item.pk, a_document(), schema, approved=approve) for item in items]
    add_imported(rows, by=world.actor(world.owner))


def test_an_empty_project_says_the_next_step(world: Any) -> None:
    body = page(world, world.manager)
    assert "No items yet" in body and "Make a batch" in body and "Make a queue" in body
    assert "Make a batch" not in page(world, world.viewer)


def test_items_stand_at_the_stage_that_they_wait_for(world: Any, make_items: Any) -> None:
    items = make_items(10)
    imported(world, items[:3], approve=False)
    imported(world, items[3:5], approve=True)
    assert counts(page(world, world.viewer)) == ["5", "0", "3", "2", "0"]
    create_queue(world.project, "label", stage="annotate", q="state = new", by=world.actor(world.owner))
    refill(world.project.pk)
    assert counts(page(world, world.viewer)) == ["0", "5", "3", "2", "0"]


def test_what_is_blocked_is_named_with_what_blocks_it(world: Any, make_items: Any) -> None:
    imported(world, make_items(3)[:1], approve=False)
    found = blocks(page(world, world.manager))
    assert "2 items are collected, and no queue asks for their labels." in found
    assert "1 item is labelled, and no queue takes it to review." in found
    queue = create_queue(world.project, "label", stage="annotate", q="state = new", by=world.actor(world.owner))
    refill(world.project.pk)
    move_queue(queue, "pause", by=world.actor(world.owner))
    body = page(world, world.manager)
    assert "label is paused; 2 items wait there." in blocks(body) and f'href="/queues/{queue.pk}"' in body


def test_approved_items_wait_for_a_version(world: Any, make_items: Any) -> None:
    imported(world, make_items(1), approve=True)
    assert "1 approved item is not in the newest version." in blocks(page(world, world.manager))


def test_a_failed_job_stands_first_until_the_same_work_succeeds(world: Any, make_items: Any) -> None:
    make_items(1)
    common = {"organisation": world.organisation, "project": world.project, "kind": "collection.files"}
    Job.objects.create(**common, state="failed", error="the disk is full")
    assert blocks(page(world, world.manager))[0] == "Background work failed: the disk is full"
    Job.objects.create(**common, state="done")
    assert "the disk is full" not in page(world, world.manager)


def test_running_work_is_shown_with_its_progress_and_refreshes_itself(world: Any, make_items: Any) -> None:
    make_items(1)
    assert "hx-trigger" not in page(world, world.manager)
    Job.objects.create(organisation=world.organisation, project=world.project, kind="collection.files", state="running", done=3, total=9)
    body = page(world, world.manager)
    assert "3 / 9" in body and 'hx-trigger="every 3s"' in body and "collection.files" not in body


def test_annotators_and_collectors_get_their_work_instead_and_no_counts_of_others(world: Any, make_items: Any) -> None:
    make_items(7)
    for person in (world.annotator, world.collector):
        response = world.page(person).get(f"/p/{world.project.pk}")
        body = response.content.decode()
        assert response.status_code == 200 and 'class="stage"' not in body and "gold" not in body.lower()
    assert f'href="/p/{world.project.pk}/batches"' in page(world, world.collector)


def test_erased_items_are_not_counted(world: Any, make_items: Any) -> None:
    from annotate.items.services import erase

    items = make_items(2)
    erase(Item.objects.get(pk=items[0].pk), reason="asked for", by=world.actor(world.owner))
    refill(world.project.pk)
    assert counts(page(world, world.manager))[0] == "1"


def test_the_line_takes_few_queries(world: Any, make_items: Any, django_assert_max_num_queries: Any) -> None:
    make_items(30)
    for n in range(8):
        create_queue(world.project, f"q{n}", stage="annotate", by=world.actor(world.owner))
    client = world.page(world.manager)
    with django_assert_max_num_queries(25):
        client.get(f"/p/{world.project.pk}")


def test_who_may_work_starts_right_from_the_line(world: Any, make_items: Any) -> None:
    make_items(1)
    queue = create_queue(world.project, "label", stage="annotate", by=world.actor(world.owner))
    refill(world.project.pk)
    assert f'href="/work/{queue.pk}"' in page(world, world.manager)
    assert f'href="/work/{queue.pk}"' not in page(world, world.viewer)


def test_a_manager_whose_own_import_waits_is_led_to_add_a_reviewer(world: Any, make_items: Any) -> None:
    by = world.actor(world.manager)
    for item in make_items(2):
        add_revision(item.pk, document=a_document(), schema_version=current_schema(world.project.pk), source="import", by=by)
    create_queue(world.project, "review", stage="review", by=world.actor(world.owner))
    refill(world.project.pk)
    body = page(world, world.manager)
    assert any("somebody else must judge them" in each for each in blocks(body)) and "/settings#members" in body
    assert not any("somebody else" in each for each in blocks(page(world, world.owner)))


def test_the_start_button_comes_with_the_refreshed_part(world: Any, make_items: Any) -> None:
    Job.objects.create(kind="import.files", organisation=world.organisation, project=world.project, state="running")
    body = page(world, world.manager)
    assert 'id="actions"' in body and 'hx-select-oob="#actions"' in body


def test_background_work_is_in_the_rail_of_managers_outside_projects_too(world: Any) -> None:
    assert 'href="/jobs"' in world.page(world.manager).get("/").content.decode()
    assert 'href="/jobs"' not in world.page(world.reviewer).get("/").content.decode()
    assert 'href="/activity"' in world.page(world.owner).get("/").content.decode()


def test_questions_and_skipped_items_are_told_to_those_who_can_do_something(world: Any, make_items: Any) -> None:
    from annotate.queues.claim import next_task
    from annotate.queues.leases import skip
    from annotate.queues.services import create_queue
    from annotate.reviews.asking import ask

    make_items(2)
    queue = create_queue(world.project, "label", stage="annotate", by=world.actor(world.owner))
    annotator = world.actor(world.annotator)
    ask(next_task(queue, annotator).pk, annotator, "Is it?")
    skip(next_task(queue, annotator).pk, annotator, reason="dark")
    place = f"/p/{world.project.pk}"
    body = world.page(world.manager).get(place).content.decode()
    assert "1 question of an annotator waits for an answer." in body and "1 skipped item waits for your word." in body
    body = world.page(world.reviewer).get(place).content.decode()
    assert "1 question of an annotator" in body and "skipped item waits" not in body
    assert "1 question of an annotator" not in world.page(world.viewer).get(place).content.decode()


def test_the_newest_version_says_how_long_its_items_took_and_how_often_there_is_one(world: Any, make_items: Any, run_jobs: Any) -> None:
    from workflows.releases import services

    by = world.actor(world.manager)
    items = make_items(3)
    Item.objects.filter(pk__in=[item.pk for item in items]).update(created_at=timezone.now() - dt.timedelta(days=5))
    schema = current_schema(world.project.pk).pk
    add_imported([ImportedAnnotation(item.pk, {"objects": [], "item": {}}, schema, approved=True) for item in items], by=by)
    services.cut(services.create_dataset(world.project, "set", by=by), by=by)
    run_jobs()
    page = world.page(world.manager).get(f"/p/{world.project.pk}").content.decode()
    assert "<dd>5 d</dd>" in page and "<dt>Releases, 30 d</dt><dd>1</dd>" in page
