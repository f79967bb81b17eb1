"""From files to findings: what a dry run says, what applying does, and that undo leaves no trace of it."""

from __future__ import annotations

from typing import Any

import pytest

from annotate.queues.fill import fill
from annotate.queues.models import Hold, Task
from workflows.cleaning import applying
from workflows.cleaning.models import Finding, PictureFacts

pytestmark = pytest.mark.django_db


def keys(run: Any, **wanted: Any) -> set[str]:
    return set(Finding.objects.filter(run=run, **wanted).values_list("item__key", flat=True))


def test_a_dry_run_finds_dark_pictures_and_changes_nothing(world: Any, picture: Any, collected: Any, rule: Any, checked: Any) -> None:
    batch = collected({"night.png": picture(color=(8, 8, 8)), "day.png": picture(color=(200, 190, 180))})
    dark = rule("dark", action="quarantine")
    run = checked(batch)
    assert run.state == "checked" and run.items == 2
    assert keys(run) == {"night.png"}
    result = run.results[str(dark.pk)]
    assert (result["checked"], result["caught"], result["unchecked"]) == (2, 1, 0)
    assert not Hold.objects.exists()


def test_facts_are_measured_at_ingest_once_for_each_content(picture: Any, collected: Any, rule: Any, checked: Any) -> None:
    same = picture(color=(8, 8, 8))
    batch = collected({"a.png": same, "b.png": same, "c.png": picture(color=(9, 9, 90))})
    assert PictureFacts.objects.count() == 2
    before = list(PictureFacts.objects.order_by("pk").values())
    rule("dark")
    run = checked(batch)
    assert keys(run) == {"a.png", "b.png", "c.png"}
    assert list(PictureFacts.objects.order_by("pk").values()) == before


def test_applying_quarantines_and_undoing_frees_exactly_that(world: Any, picture: Any, collected: Any, rule: Any, checked: Any) -> None:
    batch = collected({"night.png": picture(color=(8, 8, 8)), "day.png": picture(color=(200, 190, 180))})
    rule("dark", action="quarantine")
    run = checked(batch)
    run = applying.apply(run, by=world.actor(world.manager))
    assert run.state == "applied" and run.counts == {"quarantined": 1}
    assert list(Hold.objects.filter(ended_at=None).values_list("item__key", "cause")) == [("night.png", "rule:dark")]
    run = applying.undo(run, by=world.actor(world.manager))
    assert run.state == "undone" and not Hold.objects.filter(ended_at=None).exists()
    again = applying.apply(run, by=world.actor(world.manager))
    assert again.state == "applied" and Hold.objects.filter(ended_at=None).count() == 1


def test_flagged_items_are_found_by_the_query_language(world: Any, picture: Any, collected: Any, rule: Any, checked: Any) -> None:
    batch = collected({"night.png": picture(color=(8, 8, 8)), "day.png": picture(color=(200, 190, 180))})
    rule("dark", name="too dark")
    run = checked(batch)
    ask = f"/projects/{world.project.pk}/items?q=flagged(\"too dark\")"
    assert world.api(world.manager).get(ask).json()["results"] == []
    applying.apply(run, by=world.actor(world.manager))
    assert [item["key"] for item in world.api(world.manager).get(ask).json()["results"]] == ["night.png"]


def test_items_are_sent_to_a_queue_of_the_rules_own(world: Any, picture: Any, collected: Any, rule: Any, checked: Any) -> None:
    batch = collected({"night.png": picture(color=(8, 8, 8)), "day.png": picture(color=(200, 190, 180))})
    rule("dark", action="queue")
    run = applying.apply(checked(batch), by=world.actor(world.manager))
    assert run.counts == {"queued": 1}
    [task] = Task.objects.filter(queue__name="dark")
    assert task.item.key == "night.png" and task.state == "open"
    run = applying.undo(run, by=world.actor(world.manager))
    assert not Task.objects.exists() and fill(task.queue_id) == 0
    applying.apply(run, by=world.actor(world.manager))
    assert Task.objects.get().state == "open"


def test_a_hold_that_two_runs_lean_on_stands_until_both_are_undone(world: Any, picture: Any, collected: Any, rule: Any, checked: Any) -> None:
    by = world.actor(world.manager)
    batch = collected({"night.png": picture(color=(8, 8, 8))})
    rule("dark", action="quarantine")
    first, second = (applying.apply(checked(batch), by=by) for _ in range(2))
    applying.undo(first, by=by)
    assert Hold.objects.filter(ended_at=None).count() == 1
    applying.undo(second, by=by)
    assert not Hold.objects.filter(ended_at=None).exists()


def test_a_restored_item_is_passed_over_by_further_runs_of_the_rule(world: Any, picture: Any, collected: Any, rule: Any, checked: Any) -> None:
    by = world.actor(world.manager)
    batch = collected({"night.png": picture(color=(8, 8, 8)), "dusk.png": picture(color=(20, 20, 20))})
    rule("dark", action="quarantine")
    run = applying.apply(checked(batch), by=by)
    night = batch.items.get(key="night.png")
    assert applying.restore(night, by=by) == ["dark"]
    assert set(Hold.objects.filter(ended_at=None).values_list("item__key", flat=True)) == {"dusk.png"}
    applying.undo(run, by=by)
    assert Finding.objects.get(run=run, item=night).state == "restored"
    later = checked(batch)
    assert keys(later, state="waived") == {"night.png"} and keys(later, state="found") == {"dusk.png"}
    assert applying.apply(later, by=by).counts == {"quarantined": 1, "restored": 1}
    assert set(Hold.objects.filter(ended_at=None).values_list("item__key", flat=True)) == {"dusk.png"}


def test_moving_a_threshold_measures_nothing_again(world: Any, picture: Any, collected: Any, rule: Any, run_jobs: Any, checked: Any) -> None:
    from workflows.cleaning.running import again
    from workflows.cleaning.services import change_rule

    by = world.actor(world.manager)
    batch = collected({"night.png": picture(color=(8, 8, 8)), "dusk.png": picture(color=(100, 100, 100))})
    dark = rule("dark")
    run = checked(batch)
    assert keys(run) == {"night.png"}
    PictureFacts.objects.filter(blob__items__key="dusk.png").update(bright_p99=0.4)  # would be lost if it was measured again
    change_rule(dark, parameters={"threshold": 0.5}, by=by)
    run = again(run, by=by)
    run_jobs()
    run.refresh_from_db()
    assert keys(run) == {"night.png", "dusk.png"} and run.rule_set.number == 2


def test_runs_that_begin_with_apply_act_as_soon_as_they_have_checked(world: Any, picture: Any, collected: Any, rule: Any, checked: Any) -> None:
    batch = collected({"night.png": picture(color=(8, 8, 8))})
    rule("dark", action="quarantine")
    assert checked(batch, apply_at_once=True).state == "applied"
