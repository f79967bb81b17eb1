"""The pages to change labels: say, see, do, take back; and the routes of the API beside them."""

from __future__ import annotations

from typing import Any

import pytest

from annotate.annotations.models import SchemaChange
from annotate.annotations.services import add_revision
from annotate.projects.queries import current_schema
from tests.annotations.changing import DROP, RENAME, RETIRE, labels, newest
from tests.queues.conftest import a_document

pytestmark = pytest.mark.django_db


@pytest.fixture
def labelled(world: Any, make_items: Any) -> Any:
    items = make_items(3)
    for item, names in zip(items, (("car", "car"), ("car", "sign"), ("person",)), strict=True):
        add_revision(item.pk, document=a_document(*names), schema_version=current_schema(world.project.pk), by=world.actor(world.annotator))
    return items


def test_labels_are_changed_from_preview_to_undo(world: Any, labelled: Any, run_jobs: Any) -> None:
    page, at = world.page(world.manager), f"/p/{world.project.pk}/settings/labels"
    assert "Change labels" in page.get(at).content.decode()
    seen = page.post(f"{at}/preview", {"l0-act": "rename", "l0-to": "auto", "ia0o1-act": "merge", "ia0o1-to": "fog"}).content.decode()
    assert "car is called auto" in seen
    assert "weather · rain becomes part of fog" in seen
    operations = '[{"op": "rename_label", "from": "car", "to": "auto"}]'
    answer = page.post(f"{at}/apply", {"operations": operations, "base": "1"})
    change = SchemaChange.objects.get()
    assert answer.headers["Location"] == f"/schema-changes/{change.pk}"
    assert "hx-get" in page.get(answer.headers["Location"]).content.decode()
    run_jobs()
    done = page.get(answer.headers["Location"]).content.decode()
    assert "2 items" in done
    assert "Undo this change" in done
    assert labels(newest(labelled[0])) == ["auto", "auto"]
    page.post(f"/schema-changes/{change.pk}/undo")
    run_jobs()
    assert labels(newest(labelled[0])) == ["car", "car"]
    assert "Undo this change" not in page.get(answer.headers["Location"]).content.decode()
    assert "car is called auto" in page.get(at).content.decode()


def test_a_fault_stands_beside_the_name_it_is_about(world: Any) -> None:
    page, at = world.page(world.manager), f"/p/{world.project.pk}/settings/labels/preview"
    body = page.post(at, {"l0-act": "rename", "l0-to": "sign"}).content.decode()
    assert 'id="p-l0"' in body
    assert "merge the two instead" in body
    assert 'value="sign"' in body
    assert "Choose what is to become" in page.post(at, {}).content.decode()


def test_a_preview_that_is_out_of_date_is_not_carried_out(world: Any, change: Any) -> None:
    change(RENAME)
    page, at = world.page(world.manager), f"/p/{world.project.pk}/settings/labels"
    page.post(f"{at}/apply", {"operations": '[{"op": "retire_label", "name": "sign"}]', "base": "1"})
    assert "Look at the preview again" in page.get(at).content.decode()
    assert SchemaChange.objects.count() == 1


def test_pages_are_for_managers(world: Any, change: Any) -> None:
    made = change(RENAME)
    for person, status in ((world.annotator, 403), (world.viewer, 403), (world.outsider, 404)):
        page = world.page(person)
        assert page.get(f"/p/{world.project.pk}/settings/labels").status_code == status
        assert page.get(f"/schema-changes/{made.pk}").status_code == status
        assert page.post(f"/schema-changes/{made.pk}/undo").status_code == status


def test_a_preview_counts_what_is_touched_and_says_what_becomes_of_it(world: Any, labelled: Any) -> None:
    from annotate.queues.services import create_queue
    from annotate.reviews.approving import approve

    create_queue(world.project, "signs", stage="annotate", q="count(sign) >= 1", by=world.actor(world.owner))
    from workflows.releases.services import create_slice

    create_slice(world.project, "cars", q="label = car", by=world.actor(world.owner))
    approve(labelled[1].pk, newest(labelled[1]).pk, cause="review", person_id=None)
    api, at = world.api(world.manager), f"/projects/{world.project.pk}/schema-changes/preview"
    seen = api.post(at, {"operations": [RENAME, DROP]}).json()
    assert [(row["items"], row["objects"], row["becomes"], row["lossless"]) for row in seen["operations"]] == [
        (2, 3, "renamed", True),
        (1, 1, "dropped", False),
    ]
    assert (seen["items"], seen["annotations"], seen["approved"], seen["judged_anew"], seen["kept"]) == (2, 2, 1, 1, 0)
    assert [row["name"] for row in seen["named_in"]] == ["signs", "cars"]
    assert [len(row["changes"]) for row in seen["sample"]] == [2, 2]
    kept = api.post(at, {"operations": [RETIRE]}).json()
    assert (kept["kept"], kept["sample"][0]["becomes"]) == (1, "kept")
    assert current_schema(world.project.pk).number == 1


def test_the_api_changes_and_undoes(world: Any, labelled: Any, run_jobs: Any) -> None:
    api, at = world.api(world.manager), f"/projects/{world.project.pk}/schema-changes"
    made = api.post(at, {"operations": [RENAME], "base": 1})
    assert made.status_code == 201, made.content
    assert api.post(at, {"operations": [DROP]}).json()["code"] == "change_at_work"
    run_jobs()
    one = api.get(f"/schema-changes/{made.json()['id']}").json()
    assert (one["state"], one["items"], one["before"], one["after"], one["done"], one["total"]) == ("done", {"mapped": 2}, 1, 2, 2, 2)
    stale = api.post(at, {"operations": [DROP], "base": 1})
    assert (stale.status_code, stale.json()["code"]) == (409, "schema_changed")
    assert api.post(f"/schema-changes/{one['id']}/undo").status_code == 200
    run_jobs()
    assert api.get(at).json()["results"][0]["state"] == "undone"
    wrong = api.post(at, {"operations": [{"op": "rename_label", "from": "bus", "to": "x"}]})
    assert wrong.status_code == 400
    assert "operations[0].from" in wrong.json()["fields"]
