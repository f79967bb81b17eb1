"""A batch's gate: what keeps it shut, what opens it, and that queues take nothing through it."""

from __future__ import annotations

from typing import Any

import pytest

from annotate.activity.models import Activity
from annotate.items.erasure import erase
from annotate.items.models import Batch, Item
from annotate.items.services import NewItem, add_items, create_batch
from annotate.kernel.errors import Conflict, Denied, Invalid, Missing
from annotate.queues.claim import next_task
from annotate.queues.fill import fill
from annotate.queues.models import Queue, Task
from annotate.queues.services import create_queue
from workflows.cleaning import applying, gates
from workflows.cleaning.models import CheckRun, Gate, Rule
from workflows.cleaning.services import change_rule, create_rule

pytestmark = pytest.mark.django_db
BAD = "meta.bad = true"


@pytest.fixture
def by(world: Any) -> Any:
    return world.actor(world.manager)


@pytest.fixture
def put(world: Any, by: Any) -> Any:
    """`put("dirt", 4, bad=1)`: so many further items in the batch, the first of them bad."""

    def add(name: str, n: int, *, bad: int = 0) -> Any:
        batch = Batch.objects.filter(project=world.project, name=name).first() or create_batch(world.project, name, by=by)
        start = batch.items.count()
        rows = [NewItem(key=f"{name}-{start + at}", uri=f"s3://b/{start + at}", width=9, height=9, meta={"bad": at < bad}) for at in range(n)]
        add_items(batch, rows, by=by)
        return Batch.objects.select_related("project").get(pk=batch.pk)

    return add


@pytest.fixture
def bad(rule: Any) -> Any:
    return rule("condition", name="bad", action="quarantine", q=BAD)


def state(batch: Any) -> str:
    """The gate's, which the batch must agree with."""
    gate = Gate.objects.get(batch=batch)
    assert Batch.objects.get(pk=batch.pk).gated == (gate.state != "open")
    return gate.state


def test_it_waits_until_all_rules_have_run_on_all_of_the_batch(put: Any, bad: Any, checked: Any, by: Any) -> None:
    batch = put("dirt", 4)
    assert gates.set_gate(batch, bar=0.5, by=by).state == state(batch) == "waiting"
    checked(batch, q="meta.bad = false")
    checked(batch, rules=[bad.pk])
    assert state(batch) == "waiting"
    run = checked(batch)
    gate = Gate.objects.get(batch=batch)
    assert (state(batch), gate.share, gate.run_id) == ("open", 0.0, run.pk)


@pytest.mark.parametrize(("n", "opens"), [(1, True), (2, True), (3, False)])
def test_it_opens_where_no_more_than_the_bar_is_in_quarantine(put: Any, bad: Any, checked: Any, by: Any, n: int, opens: bool) -> None:
    batch = put("dirt", 4, bad=n)
    gates.set_gate(batch, bar=0.5, by=by)
    run = checked(batch)
    assert state(batch) == "waiting"  # what was found is not acted on yet
    applying.apply(run, by=by)
    assert state(batch) == ("open" if opens else "shut") and Gate.objects.get(batch=batch).share == n / 4


def test_restoring_items_opens_it_and_a_moved_bar_shuts_it(put: Any, bad: Any, checked: Any, by: Any) -> None:
    batch = put("dirt", 4, bad=2)
    gates.set_gate(batch, bar=0.25, by=by)
    applying.apply(checked(batch), by=by)
    assert state(batch) == "shut"
    applying.restore(batch.items.get(key="dirt-0"), by=by)
    assert state(batch) == "open"
    gates.set_gate(batch, bar=0.1, by=by)
    assert state(batch) == "shut"
    verbs = list(Activity.objects.filter(verb__startswith="gate.").order_by("id").values_list("verb", flat=True))
    assert verbs == ["gate.set", "gate.shut", "gate.pass", "gate.set", "gate.shut"]


def test_undoing_the_run_that_opened_it_makes_it_wait(put: Any, bad: Any, checked: Any, by: Any) -> None:
    batch = put("dirt", 4, bad=1)
    gates.set_gate(batch, bar=0.5, by=by)
    run = applying.apply(checked(batch), by=by)
    assert state(batch) == "open"
    applying.undo(run, by=by)
    assert state(batch) == "waiting"


def test_it_waits_from_the_very_instant_that_items_come(put: Any, bad: Any, checked: Any, by: Any, world: Any) -> None:
    batch = put("dirt", 2)
    queue = create_queue(world.project, "label", stage="annotate", by=by)
    gates.set_gate(batch, bar=0.5, by=by)
    checked(batch)
    assert (state(batch), fill(queue.pk)) == ("open", 2)
    put("dirt", 2)  # the import goes on: nobody has told that it is at its end
    assert (state(batch), fill(queue.pk)) == ("waiting", 0)
    checked(batch)
    assert (state(batch), fill(queue.pk)) == ("open", 2)


def test_items_that_were_still_being_written_when_the_run_looked_keep_it_waiting(put: Any, bad: Any, checked: Any, by: Any) -> None:
    batch = put("dirt", 3)
    gates.set_gate(batch, bar=0.5, by=by)
    run = checked(batch)
    CheckRun.objects.filter(pk=run.pk).update(items=2)  # as if one with a smaller id came in later
    gates.judge(batch.pk)
    assert state(batch) == "waiting"


def test_a_run_over_the_whole_project_opens_and_shuts_gates_too(put: Any, bad: Any, checked: Any, by: Any) -> None:
    clean, dirty = put("clean", 3), put("dirt", 2, bad=2)
    for batch in (clean, dirty):
        gates.set_gate(batch, bar=0.5, by=by)
    run = applying.apply(checked(), by=by)
    assert (state(clean), state(dirty)) == ("open", "shut")
    applying.undo(run, by=by)
    assert (state(clean), state(dirty)) == ("waiting", "waiting")


def test_a_rule_that_could_not_be_run_or_caught_too_many_keeps_it_waiting(put: Any, bad: Any, checked: Any, by: Any, monkeypatch: Any) -> None:
    from workflows.cleaning import running

    batch = put("dirt", 4, bad=2)
    gates.set_gate(batch, bar=1, by=by)
    monkeypatch.setattr(running, "MOST", 1)
    run = checked(batch)
    assert run.results[str(bad.pk)]["too_many"] and not run.findings.exists()
    assert state(batch) == "waiting"
    run.results[str(bad.pk)] = {"error": "no such field"}
    run.save()
    gates.judge(batch.pk)
    assert state(batch) == "waiting"


def test_it_is_opened_by_hand_with_a_reason_until_more_items_come(put: Any, bad: Any, checked: Any, by: Any, world: Any) -> None:
    batch = put("dirt", 2, bad=2)
    gates.set_gate(batch, bar=0, by=by)
    applying.apply(checked(batch), by=by)
    assert state(batch) == "shut"
    with pytest.raises(Invalid):
        gates.open_by_hand(batch, reason="  ", by=by)
    with pytest.raises(Denied):
        gates.open_by_hand(batch, reason="I want", by=world.actor(world.annotator))
    gate = gates.open_by_hand(batch, reason="looked at them", by=by)
    assert (state(batch), gate.opened_by, gate.reason) == ("open", world.manager, "looked at them")
    with pytest.raises(Conflict):
        gates.open_by_hand(batch, reason="again", by=by)
    gates.judge(batch.pk)
    gates.set_gate(batch, bar=0.1, by=by)
    assert state(batch) == "open"
    put("dirt", 1)
    gate = Gate.objects.get(batch=batch)
    assert (state(batch), gate.opened_by, gate.reason) == ("waiting", None, "")


def test_a_further_run_says_more_than_a_person_did(put: Any, bad: Any, checked: Any, by: Any) -> None:
    batch = put("dirt", 2, bad=2)
    gates.set_gate(batch, bar=0, by=by)
    gates.open_by_hand(batch, reason="in a hurry", by=by)
    applying.apply(checked(batch), by=by)
    assert state(batch) == "shut"


def test_queues_take_nothing_of_a_gated_batch_and_serve_what_they_had(put: Any, bad: Any, checked: Any, by: Any, world: Any) -> None:
    anna, free = world.actor(world.annotator), put("free", 1)
    queue = create_queue(world.project, "label", stage="annotate", by=by)
    assert fill(queue.pk) == 1
    gates.set_gate(free, bar=0, by=by)  # its task is there already
    batch = put("dirt", 3, bad=1)
    gates.set_gate(batch, bar=0.5, by=by)
    assert fill(queue.pk) == 0
    lease = next_task(queue, anna)
    assert lease is not None and lease.item.batch_id == free.pk
    assert next_task(queue, world.actor(world.annotator2)) is None
    applying.apply(checked(batch), by=by)
    assert fill(queue.pk) == 3 and Task.objects.filter(held=True).get().item.key == "dirt-0"
    assert next_task(queue, world.actor(world.annotator2)) is not None


def test_what_rules_send_to_a_queue_waits_for_the_gate_and_then_keeps_the_queues_overlap(put: Any, rule: Any, checked: Any, by: Any, world: Any, run_jobs: Any) -> None:
    queue = create_queue(world.project, "twice", stage="annotate", q="key = nothing", overlap=2, by=by)
    batch = put("dirt", 4, bad=2)
    bad = create_rule(world.project, name="look", kind="condition", parameters={"q": BAD}, action="queue", queue=queue, by=by)
    gates.set_gate(batch, bar=0, by=by)
    rule("condition", name="more", action="quarantine", q=BAD)
    run = applying.apply(checked(batch, rules=[bad.pk]), by=by)  # one rule of two: the gate waits
    run_jobs()
    assert run.counts == {"queued": 2} and state(batch) == "waiting" and not Task.objects.exists()
    assert fill(queue.pk) == 0 and next_task(queue, world.actor(world.annotator)) is None
    item = batch.items.get(key="dirt-0")
    assert "as soon as the gate of its batch opens" in world.page(world.manager).get(f"/items/{item.pk}").content.decode()
    gates.open_by_hand(batch, reason="seen", by=by)
    run_jobs()
    assert sorted(Task.objects.values_list("item__key", "n")) == [("dirt-0", 1), ("dirt-0", 2), ("dirt-1", 1), ("dirt-1", 2)]
    assert "as soon as the gate" not in world.page(world.manager).get(f"/items/{item.pk}").content.decode()
    applying.undo(run, by=by)
    assert not Task.objects.exists()


def test_what_was_undone_before_the_gate_opened_is_not_sent(put: Any, rule: Any, checked: Any, by: Any, run_jobs: Any) -> None:
    batch = put("dirt", 2, bad=2)
    rule("condition", name="look", action="queue", q=BAD)
    rule("condition", name="bad", action="quarantine", q=BAD)
    gates.set_gate(batch, bar=0, by=by)
    run = applying.apply(checked(batch), by=by)
    assert state(batch) == "shut"
    applying.undo(run, by=by)
    gates.remove_gate(batch, by=by)
    run_jobs()
    assert not Task.objects.exists()


def test_what_the_rules_own_queue_took_up_by_itself_goes_with_the_undo(put: Any, rule: Any, checked: Any, by: Any, run_jobs: Any) -> None:
    batch = put("dirt", 2, bad=2)
    rule("condition", name="look", action="queue", q=BAD)
    gates.set_gate(batch, bar=0, by=by)
    other = rule("condition", name="other", action="quarantine", q="meta.bad = false")
    run = applying.apply(checked(batch, rules=[r.pk for r in Rule.objects.exclude(pk=other.pk)]), by=by)
    assert state(batch) == "waiting"
    gates.open_by_hand(batch, reason="seen", by=by)
    assert fill(Queue.objects.get(name="look").pk) == 2  # before the job came to it
    run_jobs()
    applying.undo(run, by=by)
    assert not Task.objects.exists()


def test_a_rule_that_comes_later_moves_no_gate_but_is_named(put: Any, bad: Any, rule: Any, checked: Any, by: Any, world: Any) -> None:
    batch, page = put("dirt", 2), world.page(world.manager)
    gates.set_gate(batch, bar=0, by=by)
    checked(batch)

    def said() -> list[str]:
        names = world.api(world.manager).get(f"/batches/{batch.pk}/gate").json()["rules_since"]
        shown = page.get(f"/batches/{batch.pk}").content.decode()
        assert state(batch) == "open" and ("Until then it stays open." in shown) == bool(names)
        assert all(f"Checked before the rule {name} was added" in shown for name in names[:1] if len(names) == 1)
        return list(names)

    assert said() == []
    later = rule("condition", name="later", action="quarantine", q="meta.bad = false")
    assert said() == ["later"]
    change_rule(bad, parameters={"q": "meta.bad = null"}, by=by)
    assert said() == ["bad", "later"]
    change_rule(later, active=False, by=by)
    change_rule(bad, parameters={"q": BAD}, severity="error", name="renamed", by=by)
    assert said() == []
    change_rule(later, active=True, by=by)
    run = checked(batch)
    assert said() == ["later"]  # it found something, which nobody has acted on: the check before it still counts
    applying.apply(run, by=by)
    gate = Gate.objects.get(batch=batch)
    assert (state(batch), gate.run_id, gates.rules_since(gate)) == ("shut", run.pk, [])


def test_erased_items_do_not_count(put: Any, bad: Any, checked: Any, by: Any) -> None:
    batch = put("dirt", 3, bad=2)
    gates.set_gate(batch, bar=0.5, by=by)
    applying.apply(checked(batch), by=by)
    assert state(batch) == "shut"
    erase(Item.objects.get(key="dirt-0"), reason="asked", by=by)
    gates.judge(batch.pk)
    assert state(batch) == "open" and Gate.objects.get(batch=batch).share == 0.5


def test_taking_it_away_lets_queues_in(put: Any, by: Any, world: Any) -> None:
    batch = put("dirt", 2)
    queue = create_queue(world.project, "label", stage="annotate", by=by)
    gates.set_gate(batch, bar=0, by=by)
    assert fill(queue.pk) == 0
    gates.remove_gate(batch, by=by)
    assert fill(queue.pk) == 2 and not Gate.objects.exists()
    with pytest.raises(Missing):
        gates.remove_gate(batch, by=by)


def test_the_api_of_a_gate(put: Any, bad: Any, checked: Any, world: Any) -> None:
    batch, api = put("dirt", 2, bad=1), world.api(world.manager)
    path = f"/batches/{batch.pk}/gate"
    assert api.get(path).status_code == api.delete(path).status_code == 404
    for wrong in (-0.1, 1.5, "much", None):
        answer = api.put(path, {"bar": wrong})
        assert answer.status_code == 400 and "bar" in answer.json()["fields"], answer.content
    assert api.put(path, {"bar": 0.2}).json() | {"created_at": 0} == {
        "batch": batch.pk,
        "state": "waiting",
        "bar": 0.2,
        "share": None,
        "run": None,
        "rules_since": [],
        "opened_by": None,
        "reason": None,
        "created_by": world.manager.pk,
        "created_at": 0,
    }
    run = checked(batch)
    assert api.post(f"/check-runs/{run.pk}/apply").status_code == 200
    told = api.get(path).json()
    assert (told["state"], told["share"], told["run"]) == ("shut", 0.5, run.pk)
    assert api.post(f"{path}/open", {}).status_code == 400
    told = api.post(f"{path}/open", {"reason": "seen"}).json()
    assert (told["state"], told["opened_by"], told["reason"]) == ("open", world.manager.pk, "seen")
    assert api.post(f"{path}/open", {"reason": "seen"}).status_code == 409
    assert world.api(world.outsider).get(path).status_code == 404
    assert world.api(world.annotator).get(path).status_code == 404
    assert world.api(world.viewer).put(path, {"bar": 1}).status_code == 403
    assert api.delete(path).status_code == 204 and api.get(path).status_code == 404
