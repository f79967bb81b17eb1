"""Relabelling, returning and sending what is marked: what changes, what is left out, and that an undo brings all of it back."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from annotate.annotations.models import Annotation
from annotate.items.models import Item
from annotate.kernel.deadlocks import carried_through
from annotate.kernel.errors import Conflict, Denied, Invalid
from annotate.queues.models import Task
from annotate.reviews.models import Approval, Comment, Review
from tests.wall.conftest import a_box, a_document, do, documents, labels, names, standing, undo
from workflows.wall.acting import AT_ONCE
from workflows.wall.models import WallAct, WallItem

pytestmark = pytest.mark.django_db


def test_marked_objects_are_called_otherwise_and_nothing_else_changes(world: Any, line: Any) -> None:
    bench = line(1)
    [item] = bench.items
    [name] = names(world, label="car")
    before = Annotation.objects.get(item=item)
    made = do(world, "relabel", [name], label="sign")
    after = Annotation.objects.filter(item=item).latest("number")
    assert made.state == "done" and made.counts == {"changed": 1}
    assert (after.source, after.person, after.parent_id) == ("fix", world.reviewer, before.pk)
    assert after.content["objects"] == [before.content["objects"][0] | {"label": "sign"}]
    task = Task.objects.get(item=item)
    assert (task.person, task.annotation_id) == (world.annotator, after.pk)  # a return still finds its author


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_marking_relabelling_and_undoing_is_identity(world: Any, imported: Any, data: Any) -> None:
    """Whatever was marked, in however many acts one on top of the other, taken back last first."""
    kinds = st.lists(st.sampled_from(("car", "person", "sign")), min_size=1, max_size=3)
    items = imported(
        [{"objects": [a_box(kind, (1 + 15 * n, 2, 9, 9)) for n, kind in enumerate(each)], "item": {}} for each in data.draw(st.lists(kinds, min_size=1, max_size=3))],
        approved=data.draw(st.booleans()),
    )
    here = {item.pk for item in items}
    acts, states = [], [standing(items)]
    for _round in range(data.draw(st.integers(1, 3))):
        there = [name for kind in ("car", "person", "sign") for name in names(world, label=kind) if int(name.split("-")[0]) in here]
        marked = data.draw(st.lists(st.sampled_from(there), min_size=1, unique=True))
        acts.append(do(world, "relabel", marked, label=data.draw(st.sampled_from(("car", "person", "sign")))))
        states.append(standing(items))
    for made in reversed(acts):
        assert standing(items) == states[acts.index(made) + 1]
        undo(world, made)
        assert standing(items) == states[acts.index(made)]


def test_who_relabelled_may_judge_again_once_it_is_undone(world: Any, line: Any, queue_of: Any) -> None:
    from annotate.queues.claim import next_task

    line(1)
    made = do(world, "relabel", names(world, label="car"), label="sign")
    review = queue_of("review")
    assert next_task(review, world.actor(world.reviewer)) is None  # nobody reviews their own work
    undo(world, made)
    assert next_task(review, world.actor(world.reviewer)) is not None


def test_a_second_mark_on_the_same_item_goes_on_top_of_the_first(world: Any, imported: Any) -> None:
    items = imported([a_document("car", "car")])
    first, second = names(world, label="car")
    do(world, "relabel", [first], label="sign")
    made = do(world, "relabel", [second], label="person")  # seen before the first, and as it was
    assert made.counts == {"changed": 1} and labels(items) == [["sign", "person"]]


def test_an_approved_item_stays_approved_as_it_was(world: Any, imported: Any, queue_of: Any) -> None:
    from annotate.queues.claim import next_task
    from annotate.reviews.services import review

    [item] = imported([a_document("car")], approved=True)
    approval, before = Approval.objects.get(), documents([item])
    do(world, "relabel", names(world, label="car"), by=world.manager, label="sign")
    assert Approval.objects.get(ended_at=None) == approval and documents([item]) == before
    assert Item.objects.get(pk=item.pk).state == "approved"
    lease = next_task(queue_of("review"), world.actor(world.reviewer))  # the correction waits for a verdict
    review(lease.pk, world.actor(world.reviewer), "accept")
    assert labels([item]) == [["sign"]]


def test_what_was_revised_since_is_left_out_and_not_overwritten(world: Any, imported: Any) -> None:
    from annotate.annotations.services import add_revision
    from annotate.projects.queries import current_schema

    moved, other, still = imported([a_document("car"), a_document("car"), a_document("car")])
    marked = names(world, label="car")
    thing = Annotation.objects.get(item=moved).content["objects"][0]
    for item, changed in ((moved, thing | {"box": [5, 5, 10, 8]}), (other, a_box("car"))):
        add_revision(item.pk, document={"objects": [changed], "item": {}}, schema_version=current_schema(world.project.pk), by=world.actor(world.annotator))
    made = do(world, "relabel", marked, label="sign")
    assert made.counts == {"changed": 1, "stale": 2}
    assert labels([moved, other, still]) == [["car"], ["car"], ["sign"]]


def test_what_does_not_fit_is_left_out_with_its_reason(world: Any, imported: Any, line: Any, queue_of: Any, answer: Any, run_jobs: Any) -> None:
    from annotate.items.erasure import erase
    from annotate.queues.claim import next_task

    polygon = {"id": a_box()["id"], "kind": "polygon", "label": "car", "points": [[1, 1], [20, 1], [9, 20]]}
    shape, gone, named = imported([{"objects": [polygon], "item": {}}, a_document("car"), a_document("sign")])
    marked = [*names(world, label="car"), *names(world, label="sign")]
    erase(gone, reason="asked for", by=world.actor(world.owner))
    made = do(world, "relabel", marked, label="sign")
    assert made.counts == {"erased": 1, "same": 1, "unfit": 1}
    queue = queue_of(overlap=2, q=f"key = {named.key}")
    answer(queue, world.annotator, "car")
    answer(queue, world.annotator2, "car")
    assert do(world, "relabel", names(world, label="car", q=f"key = {named.key}"), label="sign").counts == {"several": 1}
    lease = next_task(queue_of("review", q=f"key = {shape.key}"), world.actor(world.manager))
    assert lease is not None
    assert do(world, "relabel", names(world, label="car", q=f"key = {shape.key}"), label="person").counts == {"in_review": 1}


def test_items_of_a_round_that_is_not_over_are_left_alone(world: Any, line: Any) -> None:
    bench = line(2)
    bench.plan()
    assert do(world, "relabel", names(world, label="car"), label="sign").counts == {"in_round": 2}


def test_returned_work_is_with_its_author_with_the_reason_on_each_object(world: Any, line: Any) -> None:
    bench = line(2, authors=[world.annotator, world.annotator2])
    before = standing(bench.items)
    made = do(world, "return", names(world, label="car"), reason_key="wrong_label", reason="a van")
    assert made.counts == {"changed": 2}
    tasks = Task.objects.filter(queue=bench.annotate, state="returned").order_by("pk")
    assert [task.person for task in tasks] == [world.annotator, world.annotator2]
    assert set(Item.objects.values_list("state", flat=True)) == {"returned"}
    assert {str(one.object) for one in Comment.objects.all()} == {Annotation.objects.get(pk=task.annotation_id).content["objects"][0]["id"] for task in tasks}
    assert set(Review.objects.values_list("verdict", "reason_key", "reason", "person")) == {("return", "wrong_label", "a van", world.reviewer.pk)}
    undo(world, made)
    assert standing(bench.items) == before and not Comment.objects.filter(resolved_at=None).exists()


def test_nobody_returns_their_own_work(world: Any, line: Any) -> None:
    line(2, authors=[world.reviewer, world.annotator])
    made = do(world, "return", names(world, label="car"), reason_key="wrong_label")
    assert made.counts == {"changed": 1, "own_work": 1}
    assert Review.objects.get().annotation.person == world.annotator


def test_a_return_that_its_author_works_on_again_is_left(world: Any, line: Any) -> None:
    from annotate.queues.claim import next_task

    bench = line(2)
    made = do(world, "return", names(world, label="car"), reason_key="wrong_label")
    assert next_task(bench.annotate, world.actor(world.annotator)) is not None
    made = undo(world, made)
    assert made.state == "undone" and made.counts == {"left": 1, "undone": 1}


def test_an_answer_about_the_whole_item_is_put_right(world: Any, imported: Any) -> None:
    [item] = imported([a_document("car", weather="rain")])
    before = standing([item])
    made = do(world, "relabel", names(world, answer="weather=rain"), answer="weather=rain", option="fog")
    assert '"weather":"fog"' in documents([item])[0]
    undo(world, made)
    assert standing([item]) == before


def test_an_answer_that_was_put_right_since_is_left(world: Any, imported: Any) -> None:
    [item] = imported([a_document("car", weather="rain")])
    marked = names(world, answer="weather=rain")
    do(world, "relabel", marked, answer="weather=rain", option="fog")
    assert do(world, "relabel", marked, answer="weather=rain", option="night").counts == {"stale": 1}
    assert '"weather":"fog"' in documents([item])[0]


def test_marked_items_fill_a_queue_and_come_out_of_it(world: Any, imported: Any, queue_of: Any) -> None:
    items = imported([a_document("car"), a_document("car", "car")])
    made = do(world, "queue", names(world, label="car"), by=world.manager, name="Cars again")
    assert made.counts == {"changed": 2} and made.queue.name == "Cars again" and made.queue.q == f"wall = {made.pk}"
    assert set(Task.objects.filter(queue=made.queue).values_list("item", flat=True)) == {item.pk for item in items}
    again = do(world, "queue", names(world, label="car"), by=world.manager, queue=made.queue)
    assert again.counts == {"there": 2}
    made = undo(world, made, by=world.manager)
    assert made.counts == {"undone": 2} and not Task.objects.filter(queue=made.queue).exists()
    made.queue.refresh_from_db()
    assert made.queue.state == "closed"


def test_a_preview_says_what_the_act_then_does(world: Any, imported: Any, line: Any) -> None:
    from workflows.wall.acting import Wish, preview

    line(2, authors=[world.reviewer, world.annotator])
    imported([a_document("car", "car"), a_document("car")], approved=True)
    marked = tuple(names(world, label="car"))
    for act, more in (("relabel", {"label": "sign"}), ("return", {"reason": "not there"}), ("queue", {"name": "again"})):
        by = world.manager if act == "queue" else world.reviewer
        said = preview(world.project, Wish(act, marked, **more), by=world.actor(by))
        made = do(world, act, list(marked), by, **more)
        assert said.changes == made.counts.get("changed", 0) and said.left_out == {name: n for name, n in made.counts.items() if name != "changed"}
        assert (said.things, said.items) == (5, 4)
        undo(world, made, by)


def test_much_is_a_job_that_goes_on_where_it_was(world: Any, imported: Any, run_jobs: Any, monkeypatch: Any) -> None:
    from workflows.wall import acting, running

    monkeypatch.setattr(acting, "AT_ONCE", 2)
    monkeypatch.setattr(running, "CHUNK", 2)
    items = imported([a_document("car") for _ in range(5)])
    made = do(world, "relabel", names(world, label="car"), label="sign")
    assert made.state == "running" and made.job is not None and labels(items) == [["car"]] * 5
    with pytest.raises(Conflict):
        undo(world, made)
    carried_through(lambda: running._some(made.pk, None))  # a worker that was killed after its first step
    run_jobs()
    made.refresh_from_db()
    assert made.counts == {"changed": 5} and labels(items) == [["sign"]] * 5
    assert Annotation.objects.filter(source="fix").count() == 5
    undo(world, made)
    run_jobs()
    assert labels(items) == [["car"]] * 5 and AT_ONCE > 2


def test_an_undo_leaves_what_was_labelled_or_judged_since(world: Any, line: Any, queue_of: Any) -> None:
    from annotate.queues.claim import next_task
    from annotate.reviews.services import review

    bench = line(2)
    made = do(world, "relabel", names(world, label="car"), label="sign")
    lease = next_task(queue_of("review"), world.actor(world.manager))
    review(lease.pk, world.actor(world.manager), "accept")
    made = undo(world, made)
    assert made.counts == {"left": 1, "undone": 1} and sorted(labels(bench.items)) == [["car"], ["sign"]]
    with pytest.raises(Conflict):
        undo(world, made)


def test_who_may_act_and_on_what(world: Any, imported: Any) -> None:
    from annotate.items.services import NewItem, add_items, create_batch

    imported([a_document("car")])
    marked = names(world, label="car")
    for person in (world.viewer, world.annotator, world.collector):
        with pytest.raises(Denied):
            do(world, "relabel", marked, person, label="sign")
    with pytest.raises(Denied):
        do(world, "queue", marked, world.reviewer, name="mine")
    made = do(world, "relabel", marked, world.manager, label="sign")
    with pytest.raises(Denied):
        undo(world, made, world.reviewer)  # others' acts are a manager's to take back
    theirs = world.actor(world.outsider)
    [foreign] = add_items(create_batch(world.other_project, "there", by=theirs), [NewItem(key="a", uri="s3://b/a")], by=theirs).accepted.values()
    wrong = [
        ("relabel", marked, {"label": "tram"}, "label"), ("relabel", [], {"label": "car"}, "things"), ("relabel", ["1-2"], {"label": "car"}, "things[0]"),
        ("return", marked, {"reason": " "}, "reason"), ("return", marked, {"reason_key": "odd"}, "reason_key"), ("return", [f"{foreign}-1-0"], {"reason": "none"}, "things"), ("paint", marked, {}, "act"),
    ]  # fmt: skip
    for act, things, more, field in wrong:
        with pytest.raises((Invalid, Denied)) as refused:
            do(world, act, things, world.manager, **more)
        assert field in refused.value.fields, act
    assert WallAct.objects.count() == 1 and WallItem.objects.count() == 1
