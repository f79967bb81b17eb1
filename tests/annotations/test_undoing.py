"""Taking changes back in reverse order, beside what was said since: every answer is in the old words again, or named as left."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from annotate.annotations.change_jobs import look_at_all, outcomes
from annotate.annotations.models import LabelCount, MappedRevision
from annotate.annotations.services import add_revision
from annotate.kernel.errors import Conflict
from annotate.projects.queries import current_schema
from annotate.projects.services import change_schema
from annotate.reviews.approving import approve
from annotate.reviews.models import Approval
from tests.annotations.changing import DROP, MERGE, RENAME, labels, newest, shown
from tests.queues.conftest import a_box, a_document

pytestmark = pytest.mark.django_db


@pytest.fixture
def say(world: Any) -> Any:
    """`say(item, content)`: an answer under the present version, made from the newest there is."""

    def say(item: Any, content: Any, schema: Any = None) -> Any:
        schema = schema or current_schema(world.project.pk)
        return add_revision(item.pk, document=content, schema_version=schema, by=world.actor(world.annotator), parent=newest(item))

    return say


def rename(before: str, after: str) -> dict[str, Any]:
    return {"op": "rename_label", "from": before, "to": after}


def test_an_item_that_two_changes_met_says_the_same_again_when_both_are_undone(make_items: Any, say: Any, change: Any) -> None:
    [item] = make_items(1)
    before = say(item, a_document("car", "sign", "person"))
    first = change(rename("sign", "mark"))
    second = change({"op": "merge_label", "from": "mark", "to": "person"})
    change.undo(second)
    assert labels(newest(item)) == ["car", "mark", "person"]
    change.undo(first)
    assert newest(item).document == before.document
    assert dict(LabelCount.objects.filter(item=item).values_list("label", "n")) == {"car": 1, "person": 1, "sign": 1}
    assert outcomes(first) == outcomes(second) == {"restored": 1}


def test_objects_that_were_merged_go_back_to_where_each_came_from_when_the_item_was_worked_on_since(make_items: Any, say: Any, change: Any) -> None:
    [item] = make_items(1)
    say(item, a_document("sign", "person"))
    made = change(MERGE)
    content = copy.deepcopy(newest(item).content)
    content["objects"][0]["box"] = [5, 5, 9, 9]
    content["objects"].append(a_box("person"))
    say(item, content)
    change.undo(made)
    assert labels(newest(item)) == ["sign", "person", "person"]
    assert newest(item).content["objects"][0]["box"] == [5, 5, 9, 9]


def test_what_a_person_relabelled_since_stays_relabelled(make_items: Any, say: Any, change: Any) -> None:
    [item] = make_items(1)
    say(item, a_document("sign", "person"))
    made = change(MERGE, RENAME)
    content = copy.deepcopy(newest(item).content)
    content["objects"][0]["label"] = "auto"
    say(item, content)
    change.undo(made)
    assert labels(newest(item)) == ["car", "person"]


def test_what_was_dropped_comes_back_beside_what_was_said_since(make_items: Any, say: Any, change: Any) -> None:
    [item] = make_items(1)
    approved = say(item, a_document("car", "sign", "person"))
    approve(item.pk, approved.pk, cause="review", person_id=None)
    made = change(DROP)
    content = copy.deepcopy(newest(item).content)
    content["objects"].append(a_box("car"))
    say(item, content)
    change.undo(made)
    assert labels(newest(item)) == ["car", "sign", "person", "car"]
    assert shown(item).pk == approved.pk


def test_a_verdict_on_what_was_left_stands_for_that_alone(make_items: Any, say: Any, change: Any) -> None:
    [item] = make_items(1)
    say(item, a_document("car", "sign"))
    made = change(DROP, RENAME)
    approve(item.pk, newest(item).pk, cause="review", person_id=None)
    change.undo(made)
    assert labels(newest(item)) == ["car"]
    assert Approval.objects.get(item=item, ended_at=None).annotation_id == newest(item).pk


def test_an_approved_item_that_lost_something_follows_the_next_change_and_comes_back(make_items: Any, say: Any, change: Any) -> None:
    [item] = make_items(1)
    approved = say(item, a_document("car", "sign"))
    approve(item.pk, approved.pk, cause="review", person_id=None)
    first = change(DROP)
    second = change(RENAME)
    assert labels(newest(item)) == ["auto"]
    change.undo(second)
    change.undo(first)
    assert newest(item).document == approved.document
    assert Approval.objects.get(item=item, ended_at=None).annotation_id == newest(item).pk


def test_what_has_no_place_in_the_old_schema_is_left_by_every_undo(make_items: Any, say: Any, change: Any) -> None:
    left, other = make_items(2)
    first = change(RENAME)
    second = change({"op": "add_label", "entry": {"name": "tree", "kinds": ["box"]}})
    say(left, a_document("auto", "tree"))
    say(other, a_document("auto"))
    change.undo(second)
    change.undo(first)
    assert labels(newest(left)) == ["auto", "tree"]
    assert labels(newest(other)) == ["car"]
    assert outcomes(second) == {"left": 1}
    assert outcomes(first) == {"left": 1, "restored": 1}
    assert look_at_all() == 0


def test_what_was_told_apart_is_one_again(make_items: Any, say: Any, change: Any) -> None:
    [item] = make_items(1)
    say(item, a_document("car"))
    made = change({"op": "split_label", "from": "car", "into": ["taxi", "bus"]})
    content = copy.deepcopy(newest(item).content)
    content["objects"][0]["label"] = "bus"
    say(item, content)
    change.undo(made)
    assert labels(newest(item)) == ["car"]


def test_changes_are_undone_in_reverse_order_even_where_the_words_are_the_same(change: Any) -> None:
    first, second = change(RENAME), change(rename("auto", "car"))
    third = change(RENAME)
    for early in (first, second):
        with pytest.raises(Conflict) as refused:
            change.undo(early)
        assert refused.value.code == "changed_since"
    for one in (third, second, first):
        change.undo(one)


def test_an_answer_that_comes_late_takes_every_step_in_its_order(world: Any, make_items: Any, queue_of: Any, say: Any, change: Any) -> None:
    """Under the oldest words, where a later change gives a name away that an earlier one took."""
    from annotate.queues.claim import next_task

    item, _held = make_items(2)
    oldest = current_schema(world.project.pk)
    next_task(queue_of("annotate"), world.actor(world.annotator2))
    first = change(RENAME)
    say(item, a_document("car", "sign"), schema=oldest)
    second = change(rename("sign", "car"))
    assert labels(newest(item)) == ["auto", "car"]
    change.undo(second)
    assert labels(newest(item)) == ["auto", "sign"]
    change.undo(first)
    assert labels(newest(item)) == ["car", "sign"]


def test_an_answer_in_words_that_two_undos_took_back_is_put_back_twice(world: Any, make_items: Any, queue_of: Any, say: Any, change: Any) -> None:
    from annotate.queues.claim import next_task

    item, _held = make_items(2)
    first, second = change(RENAME), change(rename("auto", "sedan"))
    next_task(queue_of("annotate"), world.actor(world.annotator2))
    newer = current_schema(world.project.pk)
    change.undo(second)
    change.undo(first)
    say(item, a_document("sedan"), schema=newer)
    assert look_at_all() >= 1
    assert labels(newest(item)) == ["car"]
    assert look_at_all() == 0


def test_an_undo_waits_for_who_looks_at_an_answer_that_came_since(world: Any, make_items: Any, queue_of: Any, answer: Any, change: Any) -> None:
    from annotate.queues.claim import next_task
    from annotate.reviews.services import review

    [item] = make_items(1)
    annotate, judge = queue_of("annotate"), queue_of("review")
    made = change(RENAME)
    answer(annotate, world.annotator, "auto")
    lease = next_task(judge, world.actor(world.reviewer))
    change.undo(made)
    assert outcomes(made) == {"waiting": 1}
    review(lease.pk, world.actor(world.reviewer), "accept")
    look_at_all()
    assert labels(shown(item)) == ["car"]
    assert Approval.objects.get(item=item, ended_at=None).annotation_id == newest(item).pk
    assert not MappedRevision.objects.filter(outcome="waiting").exists()


def test_a_draft_in_words_that_were_taken_back_is_shown_in_the_old_ones(world: Any, make_items: Any, queue_of: Any, change: Any) -> None:
    from annotate.queues.drafts import save
    from annotate.queues.leases import release

    make_items(1)
    made = change(RENAME)
    queue, api = queue_of("annotate"), world.api(world.annotator)
    lease = api.post(f"/queues/{queue.pk}/next").json()["lease"]["id"]
    save(lease, world.actor(world.annotator), revision=0, document=a_document("auto", "sign"))
    change.undo(made)
    bundle = api.post(f"/queues/{queue.pk}/next").json()
    assert (bundle["schema"]["number"], bundle["draft"]["annotation"]["objects"][0]["label"]) == (2, "auto")
    release(lease, world.actor(world.annotator))
    bundle = api.post(f"/queues/{queue.pk}/next").json()
    assert bundle["schema"]["number"] == 3
    assert [thing["label"] for thing in bundle["draft"]["annotation"]["objects"]] == ["car", "sign"]


def test_chinese_names_and_titles_follow_and_come_back(world: Any, make_items: Any, say: Any, change: Any) -> None:
    [item] = make_items(1)
    content = copy.deepcopy(current_schema(world.project.pk).content)
    content["labels"].append({"name": "汽车", "title": {"zh-hans": "轿车"}, "kinds": ["box"], "attributes": [{"name": "颜色", "type": "choice", "options": ["红", "蓝"]}]})
    before_schema = change_schema(world.project, content, by=change.by)
    before = say(item, {"objects": [a_box("汽车", attributes={"颜色": "红"})], "item": {}})
    option = {"op": "rename_option", "label": "汽车", "attribute": "颜色", "from": "红", "to": "红色"}
    first, second = change(option), change(rename("汽车", "车辆"))
    assert newest(item).content["objects"][0]["label"] == "车辆"
    assert newest(item).content["objects"][0]["attributes"] == {"颜色": "红色"}
    assert second.after.content["labels"][-1]["title"] == {"zh-hans": "轿车"}
    change.undo(second)
    change.undo(first)
    assert newest(item).document == before.document
    assert current_schema(world.project.pk).document == before_schema.document
