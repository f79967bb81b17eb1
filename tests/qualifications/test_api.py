"""The API of qualifications, of what queues ask for, and what each role is told."""

from __future__ import annotations

from typing import Any

import pytest

pytestmark = pytest.mark.django_db


def test_a_qualification_is_made_changed_and_listed(world: Any, gold: Any) -> None:
    gold(3)
    api = world.api(world.manager)
    made = api.post(f"/projects/{world.project.pk}/qualifications", {"name": "Cells", "kind": "label", "run": {"questions": 2, "attempts": 2}})
    assert made.status_code == 201, made.content
    body = made.json()
    assert body["run"] == {"queue": body["run"]["queue"], "questions": 2, "pass_mark": 0.8, "attempts": 2}
    assert (body["people"], body["running"], body["queues"]) == (0, 0, [])
    changed = api.patch(f"/qualifications/{body['id']}", {"about": "Every cell", "run": {"pass_mark": 0.6}}).json()
    assert changed["run"] == body["run"] | {"pass_mark": 0.6}
    assert changed["about"] == "Every cell"
    gone = api.patch(f"/qualifications/{body['id']}", {"run": None}).json()
    assert gone["run"] is None
    assert [row["name"] for row in api.get(f"/projects/{world.project.pk}/qualifications").json()["results"]] == ["Cells"]


def test_a_refused_run_makes_no_qualification(world: Any) -> None:
    refused = world.api(world.manager).post(f"/projects/{world.project.pk}/qualifications", {"name": "Cells", "run": {}})
    assert refused.status_code == 400
    assert refused.json()["missing"] == 10
    assert world.api(world.manager).get(f"/projects/{world.project.pk}/qualifications").json()["results"] == []


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": "A", "kind": "magic"}, "kind"),
        ({"name": ""}, "name"),
        ({"name": "A", "run": {"question": 3}}, "run.question"),
        ({"name": "A", "run": {"questions": "many"}}, "run.questions"),
        ({"name": "A", "colour": "red"}, "colour"),
    ],
)
def test_bad_input_is_named(world: Any, body: dict[str, Any], field: str) -> None:
    refused = world.api(world.manager).post(f"/projects/{world.project.pk}/qualifications", body)
    assert refused.status_code == 400
    assert field in refused.json()["fields"]


def test_a_manager_gives_and_ends_by_hand(world: Any, qualification: Any) -> None:
    cells, api = qualification(), world.api(world.manager)
    address = f"/qualifications/{cells.pk}/people/{world.annotator.pk}"
    given = api.put(address, {"score": 0.9})
    assert given.status_code == 200, given.content
    assert given.json()["given_by"]["name"] == "manager"
    assert [row["person"]["name"] for row in api.get(f"/qualifications/{cells.pk}/people").json()["results"]] == ["annotator"]
    assert api.get(f"/qualifications/{cells.pk}").json()["people"] == 1
    assert world.api(world.annotator).get(f"/qualifications/{cells.pk}").json()["mine"] == {
        "state": "has",
        "score": 0.9,
        "attempts_left": 1,
        "answered": 0,
        "last": None,
    }
    assert api.delete(address).status_code == 204
    assert api.delete(address).status_code == 204
    assert api.get(f"/qualifications/{cells.pk}/people").json()["results"] == []
    assert api.put(f"/qualifications/{cells.pk}/people/{world.outsider.pk}", {}).status_code == 404
    assert api.put(f"/qualifications/{cells.pk}/people/{world.viewer.pk}", {}).status_code == 400


def test_runs_are_listed_for_managers(world: Any, gold: Any, qualification: Any, take: Any) -> None:
    gold(2)
    cells = qualification(questions=2)
    take(cells, world.annotator, right=1, wrong=1)
    [run] = world.api(world.manager).get(f"/qualifications/{cells.pk}/runs").json()["results"]
    assert (run["person"]["name"], run["state"], run["score"], run["attempt"]) == ("annotator", "failed", 0.5, 1)
    assert world.api(world.annotator).get(f"/qualifications/{cells.pk}/runs").status_code == 403


def test_who_works_here_sees_how_they_stand_and_nothing_of_others(world: Any, gold: Any, qualification: Any, take: Any) -> None:
    gold(2)
    cells = qualification(questions=2)
    take(cells, world.annotator2, right=2)
    api = world.api(world.annotator)
    body = api.get(f"/qualifications/{cells.pk}").json()
    assert body["mine"]["state"] == "begin"
    assert not {"people", "running", "queues"} & set(body)
    assert api.get(f"/projects/{world.project.pk}/qualifications").json()["results"] == [body]
    assert api.get(f"/qualifications/{cells.pk}/people").status_code == 403
    assert world.api(world.collector).get(f"/qualifications/{cells.pk}").status_code == 404
    assert world.api(world.collector).get(f"/projects/{world.project.pk}/qualifications").json()["results"] == []
    assert world.api(world.outsider).get(f"/qualifications/{cells.pk}").status_code == 404


def test_a_queue_says_what_it_asks_for_and_is_told(world: Any, qualification: Any) -> None:
    cells, api = qualification(), world.api(world.manager)
    wanted = [{"qualification": cells.pk, "bar": 0.8}]
    made = api.post(f"/projects/{world.project.pk}/queues", {"name": "label", "stage": "annotate", "requires": wanted}).json()
    assert made["requires"] == [{"qualification": cells.pk, "name": "Cells", "bar": 0.8}]
    assert api.patch(f"/queues/{made['id']}", {"priority": 1}).json()["requires"] == made["requires"]
    assert "requires" not in world.api(world.annotator).get(f"/queues/{made['id']}").json()
    assert api.get(f"/qualifications/{cells.pk}").json()["queues"] == [made["id"]]
    assert api.patch(f"/queues/{made['id']}", {"requires": []}).json()["requires"] == []
    refused = api.post(f"/projects/{world.project.pk}/queues", {"name": "more", "stage": "annotate", "requires": [{"qualification": 10**9}]})
    assert refused.status_code == 400
    assert "requires[0].qualification" in refused.json()["fields"]
    assert [queue["name"] for queue in api.get(f"/projects/{world.project.pk}/queues").json()["results"]] == ["label"]


def test_a_run_tells_nothing_of_what_was_wrong(world: Any, gold: Any, qualification: Any, take: Any) -> None:
    """Neither in the answers of the run nor in the list of one's answers stands a score or the truth."""
    gold(2)
    cells = qualification(questions=2)
    take(cells, world.annotator, right=1, wrong=1)
    mine = world.api(world.annotator).get(f"/queues/{cells.queue_id}/mine").json()["results"]
    assert len(mine) == 2
    assert not any("score" in name for row in mine for name in row)
