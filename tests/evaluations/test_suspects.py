"""Labels that confident predictions speak against: planted errors come out on top, and something is done about them."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest

from annotate.queues.models import Task
from annotate.reviews.models import Question
from tests.conftest import Api
from tests.evaluations.conftest import box, lines, said
from tests.evaluations.planting import EACH, found_of, planted
from workflows.evaluations.models import Evaluation, Suspect

Cut = Callable[..., Any]
Measure = Callable[..., dict[str, Any]]


@pytest.fixture
def doubted(cut: Cut, measure: Measure) -> tuple[dict[str, Any], dict[str, set[str]]]:
    """An evaluation on 60 pictures with errors of four kinds in their labels, and what was planted."""
    dice = random.Random(3)
    sound = {}
    for place in range(60):
        key = f"street/{place:02d}.jpg"
        sound[key] = [box(key, 40 + 120 * n, 60 + dice.randrange(300), label=("car", "person", "sign")[n % 3]) for n in range(4)]
    documents, given, names = planted(sound, ["car", "person", "sign"])
    return measure(cut(documents), lines(given)), names


def rows_of(api: Api, found: dict[str, Any], more: str = "") -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = api.get(f"/evaluations/{found['id']}/suspects?limit=500{more}").json()["results"]
    return rows


def test_planted_errors_are_what_is_suspected(world: Any, doubted: tuple[dict[str, Any], dict[str, set[str]]]) -> None:
    found, names = doubted
    rows = rows_of(world.api(world.viewer), found)
    assert [row["rank"] for row in rows] == list(range(1, len(rows) + 1)) and [row["score"] for row in rows] == sorted((row["score"] for row in rows), reverse=True)
    for kind, wanted in names.items():
        assert found_of(rows, kind) == wanted and len(wanted) == EACH, kind
        assert found["report"]["suspects"][kind]["kept"] == EACH
    only = rows_of(world.api(world.viewer), found, "&kind=doubtful")
    assert {row["kind"] for row in only} == {"doubtful"} and all(row["shape"] is None and row["drawn"]["id"] == row["object"] for row in only)
    assert world.api(world.viewer).get(f"/evaluations/{found['id']}/suspects?kind=odd").status_code == 400


def test_answers_are_suspected_by_confident_learning(world: Any, cut: Cut, measure: Measure) -> None:
    dice = random.Random(5)
    documents, given, wrong = {}, [], set()
    for place in range(120):
        key, truth = f"view/{place:03d}.jpg", dice.choice(["clear", "rain", "fog"])
        told = truth
        if place % 15 == 0:
            told = "fog" if truth != "fog" else "rain"
            wrong.add(key)
        sure = dice.uniform(0.85, 0.97)
        documents[key] = {"objects": [], "item": {"weather": told}}
        given.append({"key": key, "item": {"weather": {truth: sure} | {name: (1 - sure) / 3 for name in ("clear", "rain", "fog", "night") if name != truth}}})
    found = measure(cut(documents), given)
    rows = rows_of(world.api(world.manager), found)
    assert {row["key"] for row in rows} <= wrong and len(rows) >= 5 and {(row["kind"], row["about"]) for row in rows} == {("wrong_answer", "weather")}
    assert found["report"]["answers"][0]["accuracy"]["value"] == 1 - len(wrong) / 120 and found["report"]["objects"] is None and found["report"]["labels"] == []


def test_suspects_are_sent_to_a_queue_and_called_back(world: Any, doubted: tuple[dict[str, Any], dict[str, set[str]]]) -> None:
    from annotate.activity.models import Activity
    from annotate.queues.services import create_queue

    found, _names = doubted
    api = world.api(world.manager)
    rows = rows_of(api, found)
    queue = create_queue(world.project, "second look", stage="annotate", q='batch = "none"', by=world.actor(world.manager))
    review = create_queue(world.project, "reviews", stage="review", q='batch = "none"', by=world.actor(world.manager))
    path = f"/evaluations/{found['id']}/suspects"
    some = [row["id"] for row in rows[:10]]
    sent = api.post(f"{path}/send", {"suspects": some, "queue": queue.pk})
    assert sent.status_code == 200 and sent.json() == {"added": len({row["item"] for row in rows[:10]})}
    assert set(Task.objects.filter(queue=queue).values_list("item", flat=True)) == {row["item"] for row in rows[:10]}
    assert api.post(f"{path}/send", {"suspects": some, "queue": queue.pk}).json() == {"added": 0}
    for body, field in (({"suspects": some, "queue": review.pk}, "queue"), ({"suspects": [10**9], "queue": queue.pk}, "suspects"), ({"suspects": [], "queue": queue.pk}, "suspects")):
        refused = api.post(f"{path}/send", body)
        assert refused.status_code == 400 and field in refused.json()["fields"], body
    assert world.api(world.viewer).post(f"{path}/send", {"suspects": some, "queue": queue.pk}).status_code in (403, 404)
    assert api.post(f"{path}/call_back").json() == {"removed": sent.json()["added"]}
    assert not Task.objects.filter(queue=queue).exists() and not Suspect.objects.filter(task__isnull=False).exists()
    assert set(Activity.objects.filter(noun_id=found["id"]).values_list("verb", flat=True)) >= {"evaluation.report", "evaluation.send", "evaluation.call_back"}


def test_suspects_are_asked_about_with_what_was_frozen(world: Any, doubted: tuple[dict[str, Any], dict[str, set[str]]]) -> None:
    found, _names = doubted
    api = world.api(world.viewer)
    rows = rows_of(api, found)
    pinned, lone = next(row for row in rows if row["kind"] == "wrong_label"), next(row for row in rows if row["kind"] == "missing")
    asked = api.post(f"/evaluations/{found['id']}/suspects/ask", {"suspects": [pinned["id"], lone["id"]], "reason": "please look"})
    assert asked.status_code == 200 and asked.json() == {"asked": 2}
    questions = {question.item_id: question for question in Question.objects.all()}
    assert str(questions[pinned["item"]].object) == pinned["object"] and questions[pinned["item"]].text.startswith("please look")
    x, y, w, h = lone["shape"]["box"]
    assert questions[lone["item"]].at == pytest.approx([x + w / 2, y + h / 2])
    assert api.post(f"/evaluations/{found['id']}/suspects/ask", {"suspects": [pinned["id"]]}).json() == {"asked": 0}


def test_an_erased_item_leaves_no_suspect(world: Any, doubted: tuple[dict[str, Any], dict[str, set[str]]]) -> None:
    from annotate.items.erasure import erase
    from annotate.items.models import Item

    found, _names = doubted
    api = world.api(world.manager)
    first = rows_of(api, found)[0]
    erase(Item.objects.get(pk=first["item"]), reason="asked for", by=world.actor(world.manager))
    assert not Suspect.objects.filter(item=first["item"]).exists()
    left = api.get(f"/evaluations/{found['id']}/suspects?limit=500")
    assert first["key"] not in left.content.decode() and left.json()["results"][0]["rank"] > 0
    assert first["key"] not in world.page(world.manager).get(f"/evaluations/{found['id']}").content.decode()


def test_the_page_shows_figures_and_suspects_and_sends_them(world: Any, doubted: tuple[dict[str, Any], dict[str, set[str]]]) -> None:
    from annotate.queues.services import create_queue

    found, _names = doubted
    queue = create_queue(world.project, "second look", stage="annotate", q='batch = "none"', by=world.actor(world.manager))
    browser = world.page(world.manager)
    shown = browser.get(f"/evaluations/{found['id']}").content.decode()
    for words in ("By label", "What the model takes for what", "Suspected label errors", "There are no slices in this project", "badly placed", "second look"):
        assert words in shown, words
    rows = list(Suspect.objects.order_by("rank")[:24])
    assert shown.count('name="suspect"') == 24 and f"after={rows[-1].rank}" in shown
    sent = browser.post(f"/evaluations/{found['id']}/act", {"act": "send", "queue": queue.pk, "suspect": [row.pk for row in rows[:3]]})
    assert sent.status_code == 302 and Task.objects.filter(queue=queue).count() == len({row.item_id for row in rows[:3]})
    assert "out of" in browser.get(f"/evaluations/{found['id']}").content.decode()
    browser.post(f"/evaluations/{found['id']}/act", {"act": "call_back"})
    assert not Task.objects.filter(queue=queue).exists()
    browser.post(f"/evaluations/{found['id']}/act", {"act": "send", "queue": "odd", "suspect": [rows[0].pk]})
    assert browser.post(f"/evaluations/{found['id']}/act", {"act": "ask", "suspect": [rows[0].pk]}).status_code == 302 and Question.objects.count() == 1
    seen = world.page(world.viewer).get(f"/evaluations/{found['id']}?kind=doubtful&after=100000").content.decode()
    assert "There is nothing more" in seen and "Send to the queue" not in seen
    assert f'/evaluations/{found["id"]}"' in browser.get(f"/versions/{found['version']}").content.decode()
    assert f'/evaluations/{found["id"]}"' in browser.get(f"/datasets/{Evaluation.objects.get().version.dataset_id}").content.decode()


def test_a_suspect_is_seen_in_its_picture(world: Any, make_items: Any, measure: Measure, run_jobs: Callable[[], int]) -> None:
    from annotate.annotations.services import ImportedAnnotation, add_imported
    from annotate.projects.queries import current_schema
    from workflows.releases.services import create_dataset, cut

    by, items = world.actor(world.manager), make_items(12)
    things = {item.key: [box(item.key, 5, 5, 20, 16), box(item.key, 36, 24, 20, 16)] for item in items}
    rows = [ImportedAnnotation(item.pk, {"objects": things[item.key][: 1 if place == 4 else 2]}, current_schema(world.project.pk).pk, approved=True) for place, item in enumerate(items)]
    add_imported(rows, by=by)
    version = cut(create_dataset(world.project, "scenes", by=by), message="first", by=by)
    run_jobs()
    version.refresh_from_db()
    found = measure(version, [{"key": key, "objects": [said(one) for one in some]} for key, some in things.items()])
    [row] = rows_of(world.api(world.viewer), found)
    assert row["kind"] == "missing" and row["key"] == items[4].key
    picture = world.api(world.viewer).get(f"/evaluations/{found['id']}/suspects/1/picture")
    assert picture.status_code == 200 and picture["Content-Type"] == "image/jpeg" and picture.content[:2] == b"\xff\xd8"
    assert world.api(world.viewer).get(f"/evaluations/{found['id']}/suspects/2/picture").status_code == 404
    assert f"/api/v1/evaluations/{found['id']}/suspects/1/picture" in world.page(world.viewer).get(f"/evaluations/{found['id']}").content.decode()
