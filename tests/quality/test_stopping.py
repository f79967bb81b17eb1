"""A person's work stops by itself when their gold answers fall below the bar: who is caught, what they are told, how they come back."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from annotate.activity.models import Activity
from annotate.gold.services import add_truths
from annotate.kernel.errors import Conflict, Denied, Invalid
from annotate.people.models import Person
from annotate.projects.services import remove_member
from annotate.qualifications.models import Qualified
from annotate.qualifications.services import create, give
from annotate.qualifications.setting_up import give_run
from annotate.queues.claim import next_task
from annotate.queues.models import Lease, Pause
from annotate.queues.pausing import let_on
from annotate.queues.pausing import pause as pause_by_hand
from annotate.queues.submit import submit
from tests.qualifications.conftest import answer_of
from tests.queues.conftest import a_box, queue_of  # noqa: F401  a fixture
from workflows.insight.work import offers
from workflows.quality import gold, pause_rules, returning, stopping
from workflows.quality.models import PauseRule, SkillPause
from workflows.quality.pausing import CAUGHT, Rule, chances, standing

pytestmark = pytest.mark.django_db


@pytest.fixture
def golds(world: Any, make_items: Any) -> Any:
    """`golds(n)`: so many items whose truth is one car."""

    def make(n: int) -> list[Any]:
        items = make_items(n)
        add_truths(world.project, [{"item": item.pk, "annotation": answer_of(True)} for item in items], by=world.actor(world.owner))
        return items

    return make


@pytest.fixture
def answer(world: Any) -> Any:
    """`answer(queue, person, right, …)`: one answer each, measured at once."""

    def make(queue: Any, person: Any, *rights: bool) -> None:
        for right in rights:
            lease = next_task(queue, world.actor(person))
            assert lease is not None
            submit(lease.pk, world.actor(person), answer_of(right), 1.0)
            gold.measure_some()

    return make


@pytest.fixture
def drill(world: Any, golds: Any, queue_of: Any) -> Any:  # noqa: F811
    """A queue of twelve gold items, where three wrong answers are enough."""
    golds(12)
    queue = queue_of(gold_percent=100)
    pause_rules.set_rule(world.project, queue, least=3, by=world.actor(world.manager))
    return queue


def test_people_of_known_skill_answer_gold_and_the_bad_one_alone_is_stopped(world: Any, golds: Any, queue_of: Any) -> None:  # noqa: F811
    """Through the services, the rule stops exactly whom the pure rule would, whose error rates are reckoned exactly: of skill .6 within
    `CAUGHT` gold items in 95 of 100 cases, of .95 in less than 4 of 10,000."""
    assert chances(0.6, CAUGHT)[CAUGHT] >= 0.95 and chances(0.95, CAUGHT)[CAUGHT] < 4e-4
    golds(CAUGHT)
    queue = queue_of(gold_percent=100)
    pause_rules.set_rule(world.project, queue, by=world.actor(world.manager))
    chance = np.random.default_rng(3)
    for person, skill in ((world.annotator, 0.6), (world.annotator2, 0.95)):
        rights = (chance.random(CAUGHT) < skill).tolist()
        said = standing([float(right) for right in rights])
        given = 0
        for right in rights:
            try:
                lease = next_task(queue, world.actor(person))
            except Denied:
                break
            assert lease is not None
            submit(lease.pk, world.actor(person), answer_of(right), 1.0)
            gold.measure_some()
            given += 1
        found = SkillPause.objects.filter(person=person).first()
        assert (found is not None) == (said.state == "paused") == (skill == 0.6)
        assert given == (said.at or CAUGHT)
        if found is not None:
            assert found.evidence == pytest.approx(said.explain())
            assert given <= CAUGHT


def test_the_cause_is_on_record_once_and_names_no_item(world: Any, drill: Any, answer: Any) -> None:
    answer(drill, world.annotator, True, False, False)
    row = Activity.objects.get(verb="person.pause_by_skill")
    assert row.data["evidence"] == "3 gold items, right in 1; P(skill < 0.8) = 0.973"
    assert (row.person_id, row.noun_id, row.data["queue"]) == (None, world.annotator.pk, drill.pk)
    assert "item" not in row.data
    assert Pause.objects.get().cause == "skill"


def test_the_person_is_told_that_and_nothing_of_gold(world: Any, drill: Any, answer: Any) -> None:
    answer(drill, world.annotator, False, False, False)
    refused = world.api(world.annotator).post(f"/queues/{drill.pk}/next")
    assert (refused.status_code, refused.json()["code"]) == (403, "paused")
    assert refused.json()["detail"] == "Your work is paused; your manager has been told."
    pages = [world.page(world.annotator).get(path).content.decode() for path in ("/", f"/p/{world.project.pk}", f"/work/{drill.pk}")]
    assert f"Your work in {drill.name} is paused; your manager has been told." in pages[0] and "your manager has been told" in pages[1]
    assert not any("gold" in page.lower() or "skill" in page.lower() for page in pages)
    assert offers(world.annotator.pk, {world.project.pk: "annotator"}) == []
    assert world.api(world.annotator).get(f"/projects/{world.project.pk}/pauses").status_code == 403


def test_what_is_at_hand_may_be_finished_and_what_was_fetched_ahead_goes_back(world: Any, drill: Any, answer: Any) -> None:
    actor = world.actor(world.annotator)
    answer(drill, world.annotator, False, False)
    last, hand = next_task(drill, actor), next_task(drill, actor, slot=1)
    submit(last.pk, actor, answer_of(False), 1.0)
    hand = next_task(drill, actor)  # the one that was fetched ahead is worked on now
    ahead = next_task(drill, actor, slot=1)
    gold.measure_some()
    assert Lease.objects.get(pk=ahead.pk).ended_by == "move"
    with pytest.raises(Denied):
        next_task(drill, actor, slot=1)
    assert next_task(drill, actor).pk == hand.pk  # after a reload
    submit(hand.pk, actor, answer_of(True), 1.0)
    with pytest.raises(Denied):
        next_task(drill, actor)


@pytest.mark.parametrize("way", ["list", "people page"])
def test_who_is_let_on_begins_with_new_evidence(world: Any, drill: Any, answer: Any, way: str) -> None:
    by = world.actor(world.manager)
    answer(drill, world.annotator, False, False, False)
    row = SkillPause.objects.get()
    if way == "list":
        returning.let_go_on(row, by=by)
    else:
        let_on(world.project, world.annotator, queue=drill, by=by)
    row.refresh_from_db()
    assert (row.how, row.ended_by_id, Pause.objects.count()) == ("let_on", world.manager.pk, 0)
    answer(drill, world.annotator, False, False)
    assert not SkillPause.objects.filter(ended_at=None).exists()
    answer(drill, world.annotator, False)
    assert SkillPause.objects.filter(ended_at=None).count() == 1


def test_a_pause_by_hand_stands_beside_it_and_letting_on_ends_both(world: Any, drill: Any, answer: Any) -> None:
    by = world.actor(world.manager)
    answer(drill, world.annotator, False, False, False)
    pause_by_hand(world.project, world.annotator, queue=drill, by=by)
    with pytest.raises(Denied, match="your place in this queue is paused"):
        next_task(drill, world.actor(world.annotator))
    let_on(world.project, world.annotator, queue=drill, by=by)
    assert next_task(drill, world.actor(world.annotator)) is not None


def test_answers_before_the_rule_do_not_count_and_a_changed_bar_counts_what_has(world: Any, golds: Any, queue_of: Any, answer: Any) -> None:  # noqa: F811
    by = world.actor(world.manager)
    golds(8)
    queue = queue_of(gold_percent=100)
    answer(queue, world.annotator, False, False, False)
    pause_rules.set_rule(world.project, queue, least=3, bar=0.2, by=by)
    answer(queue, world.annotator, False, False, False)
    assert not SkillPause.objects.exists()
    pause_rules.set_rule(world.project, queue, least=3, by=by)
    assert not SkillPause.objects.exists()  # it looks with each answer
    answer(queue, world.annotator, False)
    assert SkillPause.objects.get().evidence["of"] == 3  # as many as were enough
    pause_rules.remove_rule(world.project, queue, by=by)
    assert SkillPause.objects.filter(ended_at=None).count() == 1


def test_a_rule_of_the_project_counts_gold_among_the_work_of_its_queues_and_not_in_runs(world: Any, drill: Any, queue_of: Any, answer: Any) -> None:  # noqa: F811
    by = world.actor(world.manager)
    pause_rules.remove_rule(world.project, drill, by=by)
    pause_rules.set_rule(world.project, least=3, by=by)
    answer(drill, world.annotator, False, False, False)
    assert not SkillPause.objects.exists()
    type(drill).objects.filter(pk=drill.pk).update(gold_percent=5)  # now it hands out work, and gold among it
    stopping.judge(world.annotator.pk, drill.pk, 0.0)
    assert SkillPause.objects.get().queue is None
    with pytest.raises(Denied, match="your manager has been told"):
        next_task(queue_of(), world.actor(world.annotator))


def test_labels_are_watched_apart(world: Any, make_items: Any, queue_of: Any) -> None:  # noqa: F811
    truth = {"objects": [a_box("car", (1, 2, 10, 8)), a_box("person", (30, 2, 10, 8))], "item": {}}
    add_truths(world.project, [{"item": item.pk, "annotation": truth} for item in make_items(4)], by=world.actor(world.owner))
    queue = queue_of(gold_percent=100)
    pause_rules.set_rule(world.project, queue, least=3, labels=["car", "person"], by=world.actor(world.manager))
    for _each in range(3):
        lease = next_task(queue, world.actor(world.annotator))
        assert lease is not None
        submit(lease.pk, world.actor(world.annotator), {"objects": truth["objects"][:1], "item": {}}, 1.0)
        gold.measure_some()
    row = SkillPause.objects.get()
    assert (row.label, row.evidence["right"], row.evidence["wrong"]) == ("person", 0, 3)
    assert Activity.objects.get(verb="person.pause_by_skill").data["evidence"].startswith("person: 3 gold items, right in 0;")


@pytest.fixture
def cells(world: Any, golds: Any) -> Any:
    golds(12)
    by = world.actor(world.manager)
    made = give_run(create(world.project, "Cells", by=by), questions=2, pass_mark=0.5, by=by)
    give(made, world.annotator, score=0.9, by=by)
    return made


def stopped(world: Any, queue: Any = None) -> SkillPause:
    """The person, stopped in all of the project, as a rule of it does."""
    rule = pause_rules.set_rule(world.project, queue, least=3, by=world.actor(world.manager))
    stopping.stop(rule, world.annotator, "", standing([0, 0, 0], Rule(least=3)).explain())
    return SkillPause.objects.get(ended_at=None)


def test_passing_the_run_of_a_qualification_ends_the_pause_by_itself(world: Any, cells: Any, answer: Any, queue_of: Any) -> None:  # noqa: F811
    row = stopped(world)
    run = cells.queue
    with pytest.raises(Denied, match="paused"):
        next_task(run, world.actor(world.annotator))
    returning.send_to_run(row, cells.pk, by=world.actor(world.manager))
    returning.send_to_run(row, cells.pk, by=world.actor(world.manager))  # once more changes nothing
    assert not Qualified.objects.filter(ended_at=None).exists()
    assert f"/work/{run.pk}" in world.page(world.annotator).get("/").content.decode()
    answer(run, world.annotator, False, False)
    row.refresh_from_db()
    assert row.ended_at is None  # not passed
    returning.send_to_run(row, cells.pk, by=world.actor(world.manager))  # a further attempt
    answer(run, world.annotator, True, True)
    row.refresh_from_db()
    assert (row.how, Pause.objects.exists(), Qualified.objects.filter(ended_at=None).count()) == ("passed", False, 1)
    assert list(Activity.objects.filter(verb__startswith="person.").order_by("id").values_list("verb", flat=True)) == [
        "person.pause_by_skill", "person.send_to_run", "person.requalify",
    ]  # fmt: skip
    with pytest.raises(Conflict, match="over"):
        returning.send_to_run(row, cells.pk, by=world.actor(world.manager))


def test_a_run_without_enough_gold_leaves_all_as_it_was(world: Any, cells: Any) -> None:
    row = stopped(world)
    type(cells).objects.filter(pk=cells.pk).update(questions=50)
    cells.runs.create(person=world.annotator, attempt=1, state="passed", score=0.9)
    with pytest.raises(Conflict) as refused:
        returning.send_to_run(row, cells.pk, by=world.actor(world.manager))
    assert refused.value.code == "too_little_gold"
    assert Qualified.objects.filter(ended_at=None).exists() and Pause.objects.get().qualification is None


def test_who_leaves_the_project_comes_back_without_it(world: Any, cells: Any) -> None:
    row = stopped(world)
    remove_member(world.project, world.annotator, by=world.actor(world.manager))
    row.refresh_from_db()
    assert (row.how, Pause.objects.exists()) == ("left", False)


def test_the_rule_by_the_api_says_what_it_does_and_what_is_wrong(world: Any, drill: Any) -> None:
    api = world.api(world.manager)
    place = f"/projects/{world.project.pk}/pause-rule"
    assert api.get(place).status_code == 404
    made = api.put(place, {}).json()
    assert (made["bar"], made["least"], made["queue"]) == (0.8, 10, None)
    assert made["rates"]["wrongly"] == pytest.approx(0.0090, abs=5e-5) and made["rates"]["caught_within"] == CAUGHT
    for body, field in (({"bar": 1}, "bar"), ({"level": 0}, "level"), ({"least": 0}, "least"), ({"labels": ["tree"]}, "labels[0]"), ({"bar": "x"}, "bar"), ({"no": 1}, "no")):
        refused = api.put(place, body)
        assert refused.status_code == 400 and field in refused.json()["fields"], (body, refused.content)
    assert api.put(f"/queues/{drill.pk}/pause-rule", {"bar": 0.7}).json()["queue"] == drill.pk
    assert api.delete(place).status_code == 204 and api.delete(place).status_code == 404
    for who, status in ((world.annotator, 403), (world.reviewer, 403), (world.outsider, 404)):
        assert world.api(who).put(place, {}).status_code == status
    with pytest.raises(Invalid):
        pause_rules.set_rule(world.project, bar=True, by=world.actor(world.manager))


def test_managers_see_who_is_paused_by_what_and_act_on_it(world: Any, cells: Any, django_assert_num_queries: Any) -> None:
    row = stopped(world)
    api, page = world.api(world.manager), world.page(world.manager)
    [shown] = api.get(f"/projects/{world.project.pk}/pauses?state=paused").json()["results"]
    assert shown["person"]["id"] == world.annotator.pk and shown["cause"] == "3 gold items, right in 0; P(skill < 0.8) = 0.998"
    text = page.get(f"/p/{world.project.pk}/pauses").content.decode()
    assert "3 gold items, right in 0" in text and "Let go on" in text and "Requalify by it" in text
    assert "1 person is paused by what their gold answers say." in page.get(f"/p/{world.project.pk}").content.decode()
    assert page.post(f"/pauses/{row.pk}", {"qualification": cells.pk}, follow=True).status_code == 200
    assert "comes back by the run Cells" in page.get(f"/p/{world.project.pk}/pauses").content.decode()
    assert api.post(f"/pauses/{row.pk}/requalify", {"qualification": 10**9}).status_code == 400
    assert api.post(f"/pauses/{row.pk}/let-on").json()["how"] == "let_on"
    assert "let on by" in page.get(f"/p/{world.project.pk}/pauses").content.decode()
    wrong = page.post(f"/p/{world.project.pk}/pauses/rule", {"bar": "0", "level": "95", "least": "10"})
    assert wrong.status_code == 400
    page.post(f"/p/{world.project.pk}/pauses/rule", {"bar": "70", "level": "95", "least": "10", "queue": ""})
    assert PauseRule.objects.get(queue=None).bar == 0.7
    page.post(f"/p/{world.project.pk}/pauses/rule", {"act": "remove", "queue": ""})
    assert not PauseRule.objects.filter(queue=None).exists()


def test_the_list_asks_as_many_questions_for_three_as_for_one(world: Any, cells: Any, django_assert_num_queries: Any) -> None:
    rule = pause_rules.set_rule(world.project, least=3, by=world.actor(world.manager))
    people = [world.annotator, world.annotator2, Person.objects.get(pk=world.reviewer.pk)]
    api = world.api(world.manager)
    for n in (1, 3):
        for person in people[:n]:
            if not SkillPause.objects.filter(person=person).exists():
                stopping.stop(rule, person, "", standing([0, 0, 0], Rule(least=3)).explain())
        with django_assert_num_queries(3):
            assert len(api.get(f"/projects/{world.project.pk}/pauses").json()["results"]) == n
