"""Activity by API and on pages: who sees it, filters, words, the seal."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from annotate.activity import sealing
from annotate.activity.models import Activity
from annotate.activity.services import record
from annotate.activity.words import VERBS

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def acts(world: Any) -> Any:
    by = world.actor(world.annotator)
    for index in range(3):
        record(
            by,
            "task.skip",
            ("item", index + 1),
            organisation=world.organisation,
            project=world.project,
            data={"reason": "dark"},
        )
    return world


def test_managers_see_their_projects_rows_with_names_and_seal(acts: Any) -> None:
    path = f"/projects/{acts.project.pk}/activity?verb=task.skip"
    rows = acts.api(acts.manager).get(path).json()["results"]
    assert [row["noun_id"] for row in rows] == [3, 2, 1]
    assert rows[0]["person"] == {"id": acts.annotator.pk, "name": "annotator"} and rows[0]["data"] == {"reason": "dark"}
    assert rows[0]["hash"] is None
    Activity.objects.filter(pk=rows[0]["id"])  # sealed rows carry their place
    first = acts.api(acts.manager).get(f"{path}&limit=2").json()
    second = acts.api(acts.manager).get(f"{path}&limit=2&cursor={first['next']}").json()
    assert [row["noun_id"] for row in first["results"] + second["results"]] == [3, 2, 1]


def test_who_manages_nothing_is_refused_and_an_outsider_sees_nothing(acts: Any) -> None:
    path = f"/projects/{acts.project.pk}/activity"
    for person in (acts.annotator, acts.reviewer, acts.viewer, acts.collector):
        assert acts.api(person).get(path).status_code == 403
        assert acts.page(person).get(f"/p/{acts.project.pk}/activity").status_code == 403
    assert acts.api(acts.outsider).get(path).status_code == 404
    assert acts.page(acts.outsider).get(f"/p/{acts.project.pk}/activity").status_code == 404


def test_an_organisations_rows_are_for_its_admins(acts: Any) -> None:
    assert len(acts.api(acts.admin).get("/activity?verb=task.skip").json()["results"]) == 3
    for person in (acts.manager, acts.annotator):
        assert acts.api(person).get("/activity").status_code == 403
    other = acts.api(acts.outsider)
    assert other.get("/activity?verb=task.skip").json()["results"] == []
    assert other.get(f"/activity?organisation={acts.organisation.pk}").status_code == 404


def test_a_token_of_one_project_does_not_reach_the_organisation(acts: Any) -> None:
    from tests.conftest import Api

    token = acts.token(acts.owner, "read", project_id=acts.project.pk)
    assert Api(token).get("/activity").status_code == 403
    assert Api(token).get("/activity/heads").json()["results"] == []
    assert Api(token).get(f"/projects/{acts.project.pk}/activity").status_code == 200


def test_wrong_filters_are_refused(acts: Any) -> None:
    for query in ("person=x", "limit=0", "odd=1", "cursor=abc"):
        assert acts.api(acts.manager).get(f"/projects/{acts.project.pk}/activity?{query}").status_code == 400


def test_the_page_tells_each_person_what_is_theirs_to_see(acts: Any) -> None:
    whole = acts.page(acts.admin).get("/activity").content.decode()
    assert "skipped an item" in whole and "made the project" in whole
    own = acts.page(acts.annotator).get("/activity").content.decode()
    assert "skipped an item" in own and "gave a role" not in own.split("<tbody")[1]
    assert "<tbody" not in acts.page(acts.viewer).get("/activity").content.decode()
    managed = acts.page(acts.manager).get(f"/p/{acts.project.pk}/activity?person={acts.annotator.pk}&verb=task.skip")
    assert managed.content.decode().count("skipped an item</") >= 1


@pytest.mark.django_db(transaction=True)
def test_sealed_rows_show_their_place_and_admins_see_the_head(acts: Any) -> None:
    sealing.seal()
    row = acts.api(acts.manager).get(f"/projects/{acts.project.pk}/activity").json()["results"][0]
    heads = acts.api(acts.admin).get("/activity/heads").json()["results"]
    assert row["number"] == heads[0]["number"] and row["hash"] == heads[0]["hash"]
    page = acts.page(acts.admin).get("/activity").content.decode()
    assert heads[0]["hash"] in page and f"No. {row['number']}" in page


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_for_one_row_and_for_three(
    world: Any, count: int, django_assert_num_queries: Any
) -> None:
    for index in range(count):
        record(
            world.actor(world.annotator),
            "task.skip",
            ("item", index + 1),
            organisation=world.organisation,
            project=world.project,
        )
    api = world.api(world.manager)
    path = f"/projects/{world.project.pk}/activity?verb=task.skip"
    api.get(path)
    with django_assert_num_queries(3):
        assert len(api.get(path).json()["results"]) == count


def test_every_verb_that_the_code_records_has_words() -> None:
    import ast

    recorded: set[str] = set()
    for path in [*ROOT.glob("annotate/**/*.py"), *ROOT.glob("workflows/**/*.py")]:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) in (
                "record",
                "_record",
            ):
                verb = node.args[1] if len(node.args) > 1 else None
                if isinstance(verb, ast.Constant):
                    recorded.add(str(verb.value))
    assert len(recorded) > 10
    assert not recorded - set(VERBS)
