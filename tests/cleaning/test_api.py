"""Rules, runs and findings as an outside client has them: what is refused names its place, what is asked is carried out by a job."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from annotate.items.models import Batch
from annotate.items.services import NewItem, add_items, create_batch
from annotate.jobs.models import Job
from annotate.jobs.services import cancel
from annotate.projects.services import set_member
from annotate.queues.models import Hold
from annotate.queues.services import create_queue
from workflows.cleaning import running
from workflows.cleaning.models import CheckRun, Finding, Rule, RuleSet

pytestmark = pytest.mark.django_db


@pytest.fixture
def api(world: Any) -> Any:
    return world.api(world.manager)


@pytest.fixture
def batch(world: Any) -> Batch:
    """Five items, speeds 0 to 4."""
    made = create_batch(world.project, "dirt", by=world.actor(world.manager))
    rows = [NewItem(key=f"{n}", uri=f"s3://b/{n}", width=9, height=9, meta={"speed": n}) for n in range(5)]
    add_items(made, rows, by=world.actor(world.manager))
    return made


@pytest.fixture
def make(world: Any, api: Any) -> Any:
    """`make(name="x", …)`: a rule, items of speed 3 and more quarantined; its id."""

    def post(**given: Any) -> int:
        body = {"name": "fast", "kind": "condition", "parameters": {"q": "meta.speed > 2"}, "action": "quarantine"} | given
        answer = api.post(f"/projects/{world.project.pk}/rules", body)
        assert answer.status_code == 201, answer.content
        return int(answer.json()["id"])

    return post


@pytest.fixture
def run(api: Any, batch: Batch, run_jobs: Any) -> Any:
    """`run(…)`: checks of the batch carried out; the run as the API tells it."""

    def start(**asked: Any) -> dict[str, Any]:
        answer = api.post(f"/batches/{batch.pk}/checks", asked)
        assert answer.status_code == 202, answer.content
        run_jobs()
        job = api.get(f"/jobs/{answer.json()['id']}").json()
        assert job["state"] == "done" and job["result"].keys() == {"check_run"}
        found: dict[str, Any] = api.get(f"/check-runs/{job['result']['check_run']}").json()
        return found

    return start


@pytest.mark.parametrize(
    ("body", "place", "words"),
    [
        ({"kind": "sparkles"}, "kind", "one of"),
        ({"kind": "dark", "parameters": {"threshold": "much"}}, "parameters.threshold", ""),
        ({"kind": "dark", "parameters": {"threshold": True}}, "parameters.threshold", ""),
        ({"kind": "dark", "parameters": {"threshold": 1.5}}, "parameters.threshold", ""),
        ({"kind": "dark", "parameters": {"treshold": 0.5}}, "parameters.treshold", ""),
        ({"kind": "near_duplicate", "parameters": {"distance": 2.5}}, "parameters.distance", ""),
        ({"kind": "condition", "parameters": {"q": "meta.speed >"}}, "parameters.q", ""),
        ({"kind": "condition", "parameters": {"q": 7}}, "parameters.q", ""),
        ({"kind": "condition"}, "parameters.q", ""),
        ({"kind": "dark", "severity": "awful"}, "severity", ""),
        ({"kind": "dark", "action": "burn"}, "action", ""),
        ({"kind": "class_imbalance", "action": "quarantine"}, "action", "only flag"),
        ({"kind": "dark", "action": "queue", "queue": 999_999}, "queue", ""),
        ({"kind": "dark", "name": ""}, "name", ""),
        ({"kind": "dark", "name": "x" * 81}, "name", ""),
        ({"kind": "dark", "colour": "red"}, "colour", ""),
    ],
)
def test_a_rule_that_is_not_valid_is_refused_with_the_place_of_the_fault(world: Any, api: Any, body: dict[str, Any], place: str, words: str) -> None:
    answer = api.post(f"/projects/{world.project.pk}/rules", {"name": "x"} | body)
    assert answer.status_code == 400, answer.content
    fields = answer.json()["fields"]
    assert list(fields) == [place] and words in fields[place] and not Rule.objects.exists()


def test_a_broken_query_says_where_it_breaks(world: Any, api: Any) -> None:
    answer = api.post(f"/projects/{world.project.pk}/rules", {"name": "x", "kind": "condition", "parameters": {"q": "meta.speed > 2 and and"}})
    assert answer.status_code == 400 and "20" in answer.json()["fields"]["parameters.q"]


def test_a_pattern_that_is_no_pattern_is_refused(world: Any, api: Any) -> None:
    kinds = {kind["kind"]: kind for kind in api.get("/rule-kinds").json()["results"]}
    asked = [(name, one["name"]) for name, kind in kinds.items() for one in kind["parameters"] if one["type"] == "pattern"]
    for kind, parameter in asked:
        for wrong in ("(unclosed", r"(a)\1", "(?=ahead)"):
            answer = api.post(f"/projects/{world.project.pk}/rules", {"name": "x", "kind": kind, "parameters": {parameter: wrong}})
            assert answer.status_code == 400 and f"parameters.{parameter}" in answer.json()["fields"], answer.content


def test_queues_of_others_and_of_another_stage_are_refused(world: Any, api: Any) -> None:
    foreign = create_queue(world.other_project, "theirs", stage="annotate", by=world.actor(world.outsider))
    judging = create_queue(world.project, "judge", stage="review", by=world.actor(world.manager))
    for queue in (foreign, judging):
        answer = api.post(f"/projects/{world.project.pk}/rules", {"name": "x", "kind": "dark", "action": "queue", "queue": queue.pk})
        assert answer.status_code == 400 and list(answer.json()["fields"]) == ["queue"]


def test_rules_are_made_read_changed_and_deleted(world: Any, api: Any, make: Any) -> None:
    first, second = make(), make(name="slow", kind="dark", parameters={}, action="flag")
    path = f"/rules/{second}"
    assert api.get(path).json()["parameters"]["threshold"] == pytest.approx(0.32, abs=0.5)
    assert api.patch(path, {"parameters": {"threshold": 0.1}, "severity": "error", "active": False}).json()["parameters"]["threshold"] == 0.1
    answer = api.patch(path, {"name": "fast"})
    assert answer.status_code == 409 and answer.json()["code"] == "name_taken"
    assert api.patch(path, {"parameters": {"threshold": -1}}).json()["fields"].keys() == {"parameters.threshold"}
    assert api.patch(path, {"kind": "bright"}).status_code == 400
    told = api.get(path).json()
    assert (told["name"], told["severity"], told["active"], told["parameters"]["threshold"]) == ("slow", "error", False, 0.1)
    page = api.get(f"/projects/{world.project.pk}/rules?limit=1").json()
    assert [rule["id"] for rule in page["results"]] == [first] and page["next"]
    assert api.delete(path).status_code == 204 and api.get(path).status_code == 404
    answer = api.post(f"/projects/{world.project.pk}/rules", {"name": "fast", "kind": "dark"})
    assert answer.status_code == 409 and answer.json()["code"] == "name_taken"


def test_only_managers_write_and_annotators_see_nothing(world: Any, make: Any, run: Any) -> None:
    rule = make()
    done = run()["id"]
    project = world.project.pk
    for person, status in ((world.viewer, 200), (world.reviewer, 200), (world.annotator, 404), (world.collector, 404), (world.outsider, 404)):
        api = world.api(person)
        for path in (f"/rules/{rule}", f"/projects/{project}/rules", f"/check-runs/{done}", f"/check-runs/{done}/findings", f"/projects/{project}/check-runs"):
            assert api.get(path).status_code == status, (person.name, path)
        for path in (f"/check-runs/{done}/apply", f"/check-runs/{done}/again"):
            assert api.post(path).status_code == (403 if status == 200 else 404), (person.name, path)
        assert api.post(f"/projects/{project}/rules", {"name": "mine", "kind": "dark"}).status_code in (403, 404)
    set_member(world.project, world.viewer, role="manager", by=world.actor(world.owner))
    assert world.api(world.viewer).post(f"/check-runs/{done}/apply").status_code == 200


def test_a_pack_adds_what_is_not_there_yet(world: Any, api: Any, make: Any) -> None:
    make(name="my dark", kind="dark", parameters={}, action="flag")
    packs = {pack["pack"]: pack["rules"] for pack in api.get("/rule-packs").json()["results"]}
    path = f"/projects/{world.project.pk}/rule-packs"
    made = api.post(path, {"pack": "pictures"})
    assert made.status_code == 201
    assert {rule["name"] for rule in made.json()["results"]} == {rule["name"] for rule in packs["pictures"] if rule["kind"] != "dark"}
    assert api.post(path, {"pack": "pictures"}).json()["results"] == []
    answer = api.post(path, {"pack": "sparkles"})
    assert answer.status_code == 400 and list(answer.json()["fields"]) == ["pack"]


def test_rule_sets_are_numbered_and_frozen(world: Any, api: Any, make: Any, run: Any) -> None:
    rule = make()
    assert (run()["rule_set"], run()["rule_set"]) == (1, 1)
    api.patch(f"/rules/{rule}", {"parameters": {"q": "meta.speed > 3"}})
    assert run()["rule_set"] == 2
    told = api.get(f"/projects/{world.project.pk}/rule-sets").json()["results"]
    assert {one["number"]: one["rules"][0]["parameters"]["q"] for one in told} == {1: "meta.speed > 2", 2: "meta.speed > 3"}
    with pytest.raises(IntegrityError, match="only added to"), transaction.atomic():
        RuleSet.objects.filter(number=1).update(document=[])
    with pytest.raises(IntegrityError, match="only added to"), transaction.atomic():
        RuleSet.objects.filter(number=1)._raw_delete(using="default")  # type: ignore[attr-defined]


def test_checks_take_rules_and_a_query(api: Any, make: Any, run: Any, batch: Batch) -> None:
    fast, slow = make(), make(name="slow", parameters={"q": "meta.speed < 1"}, action="flag")
    told = run()
    assert (told["state"], told["items"]) == ("checked", 5)
    assert {rule["id"]: rule["result"]["caught"] for rule in told["rules"]} == {fast: 2, slow: 1}
    told = run(rules=[slow])
    assert [rule["id"] for rule in told["rules"]] == [slow]
    told = run(q="meta.speed = 3")
    assert (told["items"], told["q"]) == (1, "meta.speed = 3")
    assert not Hold.objects.exists()
    told = run(rules=[fast], dry_run=False)
    assert (told["state"], told["counts"]) == ("applied", {"quarantined": 2}) and Hold.objects.count() == 2


@pytest.mark.parametrize(
    ("asked", "place"), [({"rules": [999_999]}, "rules"), ({"rules": "all"}, "rules"), ({"q": "meta.speed >"}, ""), ({"dry_run": "maybe"}, "dry_run")]
)
def test_checks_that_cannot_be_are_refused(api: Any, make: Any, batch: Batch, asked: dict[str, Any], place: str) -> None:
    make()
    answer = api.post(f"/batches/{batch.pk}/checks", asked)
    assert answer.status_code == 400 and (not place or place in answer.json()["fields"]), answer.content
    assert not CheckRun.objects.exists() and not Job.objects.exists()


def test_checks_without_rules_say_what_to_do(api: Any, batch: Batch) -> None:
    answer = api.post(f"/batches/{batch.pk}/checks")
    assert answer.status_code == 400 and answer.json()["code"] == "no_rules" and "add" in answer.json()["detail"]


def test_checks_of_the_whole_project_find_across_batches(world: Any, api: Any, make: Any, batch: Batch, run_jobs: Any) -> None:
    make(name="twice", kind="not_unique", parameters={"field": "speed"}, action="flag")
    other = create_batch(world.project, "other", by=world.actor(world.manager))
    add_items(other, [NewItem(key="x", uri="s3://b/x", width=9, height=9, meta={"speed": 4})], by=world.actor(world.manager))
    job = api.post(f"/projects/{world.project.pk}/checks").json()
    run_jobs()
    done = api.get(f"/jobs/{job['id']}").json()["result"]["check_run"]
    [found] = api.get(f"/check-runs/{done}/findings").json()["results"]
    assert (found["key"], found["state"], found["name"], found["kind"]) == ("x", "found", "twice", "not_unique")
    listed = api.get(f"/projects/{world.project.pk}/check-runs?batch={batch.pk}").json()["results"]
    assert listed == [] and len(api.get(f"/projects/{world.project.pk}/check-runs").json()["results"]) == 1


def test_findings_are_filtered_and_paged(api: Any, make: Any, run: Any, batch: Batch) -> None:
    fast, slow = make(), make(name="slow", parameters={"q": "meta.speed < 2"}, action="flag")
    path = f"/check-runs/{run()['id']}/findings"
    assert len(api.get(path).json()["results"]) == 4
    assert {one["key"] for one in api.get(f"{path}?rule={fast}").json()["results"]} == {"3", "4"}
    item = batch.items.get(key="0").pk
    assert [one["rule"] for one in api.get(f"{path}?item={item}").json()["results"]] == [slow]
    assert api.get(f"{path}?state=applied").json()["results"] == []
    for wrong in ("state=lost", "rule=x", "item=x", "colour=red"):
        assert api.get(f"{path}?{wrong}").status_code == 400
    seen, ask = [], f"{path}?limit=3"
    page = api.get(ask).json()
    seen += page["results"]
    page = api.get(f"{ask}&cursor={page['next'].split('cursor=')[-1].split('&')[0]}").json()
    seen += page["results"]
    assert len({one["id"] for one in seen}) == 4 and page["next"] is None


def test_apply_undo_and_again_move_a_run_and_nothing_else_does(api: Any, make: Any, run: Any, batch: Batch, run_jobs: Any) -> None:
    rule = make()
    path = f"/check-runs/{run()['id']}"

    def tried(*moves: str) -> list[int]:
        return [api.post(f"{path}/{move}").status_code for move in moves]

    assert tried("undo") == [409]
    applied = api.post(f"{path}/apply")
    assert applied.status_code == 200
    assert (applied.json()["state"], applied.json()["counts"]) == ("applied", {"quarantined": 2})
    assert tried("apply", "again") == [409, 409]
    undone = api.post(f"{path}/undo")
    assert (undone.status_code, undone.json()["state"], undone.json()["counts"]) == (200, "undone", {})
    assert not Hold.objects.filter(ended_at=None).exists()
    assert tried("undo", "again", "apply") == [409, 409, 200]
    other = f"/check-runs/{run()['id']}"
    api.patch(f"/rules/{rule}", {"parameters": {"q": "meta.speed > 3"}})
    answer = api.post(f"{other}/again")
    assert answer.status_code == 202 and api.post(f"{other}/apply").status_code == 409
    run_jobs()
    told = api.get(other).json()
    assert (told["state"], told["rules"][0]["result"]["caught"], told["rule_set"]) == ("checked", 1, 2)


def test_much_is_acted_on_by_a_job(api: Any, make: Any, run: Any, run_jobs: Any, monkeypatch: Any) -> None:
    from workflows.cleaning import applying

    make()
    monkeypatch.setattr(applying, "AT_ONCE", 1)
    monkeypatch.setattr(applying, "CHUNK", 1)
    path = f"/check-runs/{run()['id']}"
    for move, state, held in (("apply", "applied", 2), ("undo", "undone", 0), ("apply", "applied", 2)):
        answer = api.post(f"{path}/{move}")
        assert answer.status_code == 202 and answer.json()["id"]
        run_jobs()
        assert api.get(path).json()["state"] == state and Hold.objects.filter(ended_at=None).count() == held


def test_a_job_that_acts_and_was_cancelled_is_taken_up_again_or_taken_back(api: Any, world: Any, make: Any, run: Any, run_jobs: Any, monkeypatch: Any) -> None:
    from workflows.cleaning import applying

    make()
    monkeypatch.setattr(applying, "AT_ONCE", 1)
    monkeypatch.setattr(applying, "CHUNK", 1)
    for ends, move in (("applied", "apply"), ("undone", "undo")):
        path = f"/check-runs/{run()['id']}"
        job = Job.objects.get(pk=api.post(f"{path}/apply").json()["id"])
        assert api.post(f"{path}/apply").status_code == 409  # somebody is at it
        cancel(job, by=world.actor(world.manager))
        assert api.get(path).json()["state"] == "applying"
        assert api.post(f"{path}/{move}").status_code == 202
        run_jobs()
        assert api.get(path).json()["state"] == ends


def test_an_item_tells_what_rules_say_of_it_and_is_restored(api: Any, make: Any, run: Any, batch: Batch) -> None:
    make()
    make(name="very fast", parameters={"q": "meta.speed > 3"})
    item = batch.items.get(key="4").pk
    done = run()["id"]
    assert api.get(f"/items/{item}/findings").json()["results"] == []  # a dry run says nothing of an item
    assert api.post(f"/items/{item}/restore").status_code == 409
    api.post(f"/check-runs/{done}/apply")
    assert {(one["name"], one["state"]) for one in api.get(f"/items/{item}/findings").json()["results"]} == {("fast", "applied"), ("very fast", "applied")}
    assert api.post(f"/items/{item}/restore", {"rule": "slow"}).status_code == 409
    assert api.post(f"/items/{item}/restore", {"rule": "fast"}).json() == {"rules": ["fast"]}
    assert Hold.objects.filter(item=item, ended_at=None).count() == 1
    assert api.post(f"/items/{item}/restore").json() == {"rules": ["very fast"]}
    answer = api.post(f"/items/{item}/restore")
    assert answer.status_code == 409 and answer.json()["code"] == "nothing_to_restore"
    assert {one["state"] for one in api.get(f"/items/{item}/findings").json()["results"]} == {"restored"}


def test_a_rule_that_catches_too_many_is_not_acted_on(api: Any, make: Any, run: Any, monkeypatch: Any) -> None:
    make()
    monkeypatch.setattr(running, "MOST", 1)
    told = run()
    assert (told["state"], told["rules"][0]["result"]["too_many"], told["rules"][0]["result"]["caught"]) == ("checked", True, 2)
    answer = api.post(f"/check-runs/{told['id']}/apply")
    assert answer.status_code == 409 and answer.json()["code"] == "too_many" and "fast" in answer.json()["detail"]
    assert not Finding.objects.exists() and api.get(f"/check-runs/{told['id']}").json()["state"] == "checked"


def test_a_rule_that_cannot_be_run_any_more_says_why_and_the_others_go_on(api: Any, make: Any, run: Any) -> None:
    broken, slow = make(), make(name="slow", parameters={"q": "meta.speed < 1"}, action="flag")
    Rule.objects.filter(pk=broken).update(parameters={"q": "nothing.of.the.kind = 3"})
    told = run()
    results = {rule["id"]: rule["result"] for rule in told["rules"]}
    assert told["state"] == "checked" and results[broken]["error"] and results[slow]["caught"] == 1


@pytest.mark.parametrize("how", ["cancelled in the queue", "cancelled at work", "broken"])
def test_a_run_whose_job_does_not_come_to_its_end_has_failed_and_starts_again(
    api: Any, world: Any, make: Any, batch: Batch, run_jobs: Any, monkeypatch: Any, how: str
) -> None:
    make()
    with monkeypatch.context() as broken:
        job = Job.objects.get(pk=api.post(f"/batches/{batch.pk}/checks").json()["id"])
        run = CheckRun.objects.get(job=job)
        if how == "cancelled in the queue":
            cancel(job, by=world.actor(world.manager))
        elif how == "cancelled at work":
            Job.objects.filter(pk=job.pk).update(cancel_requested=True)
        else:
            broken.setattr(running, "_copy", lambda *_: 1 / 0)
        run_jobs()
    assert Job.objects.get(pk=job.pk).state in ("cancelled", "failed")
    assert running.settle() == (how != "cancelled at work")
    assert api.get(f"/check-runs/{run.pk}").json()["state"] == "failed"
    assert api.post(f"/check-runs/{run.pk}/apply").status_code == 409
    assert api.post(f"/check-runs/{run.pk}/again").status_code == 202
    run_jobs()
    assert api.get(f"/check-runs/{run.pk}").json()["state"] == "checked"


def test_a_run_that_is_checked_is_asked_again_though_its_job_still_ends(api: Any, make: Any, run: Any, run_jobs: Any) -> None:
    make()
    told = run()
    Job.objects.filter(pk=told["job"]).update(state="running")  # it has written its result and not yet its own end
    assert api.post(f"/check-runs/{told['id']}/again").status_code == 202
    run_jobs()
    assert api.get(f"/check-runs/{told['id']}").json()["state"] == "checked"
