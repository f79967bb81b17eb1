"""The picture counts each item once, and its links lead to the very items; the pages switch, stop, declare and tell."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from annotate.items.browsing import browse
from annotate.queues.holding import hold
from annotate.queues.jobs import refill
from annotate.queues.services import create_queue
from tests.automation.conftest import ROUND, Bench
from workflows.automation import switching
from workflows.automation.flows import of_project
from workflows.automation.models import Stop, Switch
from workflows.automation.picture import picture
from workflows.automation.places import PLACES, standing
from workflows.automation.queries import switches
from workflows.cleaning.gates import set_gate

pytestmark = pytest.mark.django_db


@pytest.fixture
def spread(bench: Bench) -> Bench:
    """Items at every place of the flow."""
    from annotate.annotations.services import ImportedAnnotation, add_imported
    from annotate.projects.queries import current_schema
    from tests.queues.conftest import a_document

    bench.declare(adjudicate={})
    by = bench.world.actor(bench.world.owner)
    bench.batch(2, "open")
    set_gate(bench.batch(3, "gated"), bar=0.1, by=bench.by)
    work = bench.batch(7, "work")
    items = list(work.items.order_by("pk"))
    schema = current_schema(bench.project.pk).pk
    add_imported([ImportedAnnotation(items[0].pk, a_document("car"), schema, approved=True)], by=by)
    add_imported([ImportedAnnotation(item.pk, a_document("car"), schema) for item in items[1:3]], by=by)
    hold([items[3].pk], cause="by hand", by=by)
    queue = create_queue(bench.project, "two", stage="annotate", q='batch = "work" and state = new and not quarantined', overlap=2, by=by)
    refill(bench.project.pk)
    from annotate.queues.claim import next_task
    from annotate.queues.submit import submit

    for person, label in ((bench.world.annotator, "car"), (bench.world.annotator2, "sign")):
        actor = bench.world.actor(person)
        submit(next_task(queue, actor).pk, actor, a_document(label), 2.0)  # type: ignore[union-attr]
    create_queue(bench.project, "decide", stage="adjudicate", by=by)
    refill(bench.project.pk)
    return bench


def test_every_item_is_in_one_place_and_the_query_finds_those_that_are_counted(spread: Bench) -> None:
    counted: dict[str, int] = dict.fromkeys(PLACES, 0)
    for one in standing(spread.project.pk):
        counted[one.place] += one.items
    assert counted == {"held": 1, "approved": 1, "gate": 3, "collect": 2, "annotate": 2, "adjudicate": 1, "review": 2}
    found = {place: browse(spread.by, spread.project, f"place = {place}")[0].count() for place in PLACES}
    assert found == counted
    assert browse(spread.by, spread.project, "place in (held, review)")[0].count() == 3


def test_the_picture_sums_to_all_items_and_each_stage_links_to_its_own(spread: Bench) -> None:
    flow = of_project(spread.project.pk)
    assert flow is not None
    stages = picture(spread.project, flow.document, switches(spread.project))
    assert sum(stage.items for stage in stages if stage.name != "version") == 12
    page = spread.world.page(spread.world.manager)
    for stage in stages:
        if stage.name != "version" and stage.items:
            assert page.get(stage.href).content.decode().count('class="thumb') >= 1 or stage.items == 0
    shown = page.get(f"/p/{spread.project.pk}/flow").content.decode()
    for words in ("In quarantine: 1", "gated: waits for its checks", "Open batches: 1", "by hand", "The same as a table"):
        assert words in shown, words


def test_the_picture_of_several_rounds_counts_a_batch_at_its_own(bench: Bench) -> None:
    flow = bench.declare(gate=None, review=[ROUND, {"sample": {"kind": "all"}}])
    bench.on("queue", "round")
    batch = bench.batch(4)
    bench.seal(batch)
    bench.go()
    bench.label(batch)
    bench.go()
    at = {(stage.name, stage.number): stage for stage in picture(bench.project, flow.document, switches(bench.project))}
    assert (at["review", 1].items, at["review", 2].items) == (4, 0) and at["review", 1].notes[0].words == "march: round 1 under way"
    bench.judge("return", most=1)
    bench.judge()
    bench.go()
    bench.label(batch, "sign")
    at = {(stage.name, stage.number): stage for stage in picture(bench.project, flow.document, switches(bench.project))}
    assert (at["review", 1].items, at["review", 2].items, at["approved", 0].items) == (0, 1, 3)
    assert browse(bench.by, bench.project, 'place = review and batch in ("march")')[0].count() == 1


def test_switching_stopping_and_going_on_by_the_page(bench: Bench) -> None:
    page, path = bench.world.page(bench.world.manager), f"/p/{bench.project.pk}/flow"
    assert "Declare the flow first" in page.get(path).content.decode()
    page.post(f"{path}/switch", {"step": "queue", "on": "1"})
    assert not Switch.objects.exists(), "without a declared flow nothing is switched on"
    bench.declare(gate=None)
    page.post(f"{path}/switch", {"step": "queue", "on": "1"})
    assert Switch.objects.get().on
    assert page.post(f"{path}/switch", {"step": "nonsense", "on": "1"}).status_code == 302
    batch = bench.batch(1)
    bench.seal(batch)
    bench.go()
    shown = page.get(path).content.decode()
    assert "Switched on by manager" in shown and "march" in shown and "3 of 5 steps" in shown
    page.post(f"{path}/stop", {"reason": "lunch"})
    assert Stop.objects.get().reason == "lunch" and "lunch" in page.get(path).content.decode()
    page.post(f"{path}/resume")
    assert Stop.objects.get().ended_at is not None
    assert bench.world.page(bench.world.viewer).get(path).status_code == 200


def test_the_batch_page_tells_its_way_and_sends_stops_and_tries_again(bench: Bench) -> None:
    bench.declare(gate=None)
    page, batch = bench.world.page(bench.world.manager), bench.batch(1)
    path = f"/batches/{batch.pk}"
    assert "It sets out when it is sealed" in page.get(path).content.decode()
    bench.seal(batch)
    assert "Send it on its way" in page.get(path).content.decode()
    bench.on("queue", "round")
    page.post(f"{path}/way")
    bench.go()
    shown = page.get(path).content.decode()
    for words in ("Items sent: 1", "by itself, for manager", "Items that wait for an answer: 1.", "Stop it here", 'aria-current="step"'):
        assert words in shown, words
    page.post(f"{path}/way/stop")
    assert "Stopped for this batch" in page.get(path).content.decode()
    page.post(f"{path}/way/resume")
    assert page.post(f"{path}/way/retry", {"step": "queue", "number": "1"}).status_code == 302
    assert page.post(f"{path}/way/retry", {"step": "queue", "number": "x"}).status_code == 404
    assert "Its way" not in bench.world.page(bench.world.collector).get(path).content.decode()


def test_the_activity_says_because_of_what_the_machine_acted(bench: Bench) -> None:
    bench.declare(gate=None)
    bench.on("queue")
    bench.seal(bench.batch(1))
    bench.go()
    shown = bench.world.page(bench.world.manager).get(f"/p/{bench.project.pk}/activity?verb=batch.queue").content.decode()
    assert "by itself, because manager sealed a batch" in shown and ">march</a>" in shown


def form(**parts: Any) -> dict[str, Any]:
    rounds = {"r1-kind": "percent", "r1-value": "20", "r1-mark": "90", "r1-escalation": "return", "r1-judged_by": "point"}
    return {"bar": "5", "annotate": "own", "overlap": "2", "adjudicate": "own", "dataset": "", "q": "", "splits": "", "together": "group", **rounds, **parts}


def test_the_form_declares_a_flow_and_shows_it_again(bench: Bench) -> None:
    bench.declare()
    page, path = bench.world.page(bench.world.manager), f"/p/{bench.project.pk}/flow/edit"
    assert page.post(path, form()).status_code == 302
    flow = of_project(bench.project.pk)
    assert flow is not None and flow.number == 2
    assert (flow.document["gate"], flow.document["annotate"], flow.document["adjudicate"], flow.document["release"]) == ({"bar": 0.05}, {"overlap": 2}, {}, None)
    [said] = flow.document["review"]
    assert (said["sample"]["value"], said["pass_mark"], said["escalation"]) == (20, 0.9, "return")
    shown = page.get(path).content.decode()
    assert 'value="20.0"' in shown and 'value="90"' in shown


def test_what_the_form_refuses_stands_at_its_field_and_nothing_typed_is_lost(bench: Bench) -> None:
    bench.declare()
    page, path = bench.world.page(bench.world.manager), f"/p/{bench.project.pk}/flow/edit"
    shown = page.post(path, form(**{"r2-kind": "percent", "r2-value": "140", "r2-mark": "95", "splits": "train 80, test 30"}))
    assert shown.status_code == 200 and "must sum to 100" in shown.content.decode() and 'value="140"' in shown.content.decode()
    shown = page.post(path, form(**{"r2-kind": "percent", "r2-value": "140", "r2-mark": "95"}))
    assert "percent: more than 0, at most 100" in shown.content.decode()
    assert page.post(path, form(annotate="999")).status_code == 200
    flow = of_project(bench.project.pk)
    assert flow is not None and flow.number == 1
    assert bench.world.page(bench.world.viewer).get(path).status_code == 403


@pytest.mark.parametrize("n", [1, 3])
def test_the_flow_page_asks_the_same_number_of_queries_for_one_batch_and_three(bench: Bench, n: int) -> None:
    bench.declare(gate=None)
    bench.on("queue")
    for at in range(n):
        bench.seal(bench.batch(1, f"b{at}"))
    switching.stop(bench.project, by=bench.by)
    page = bench.world.page(bench.world.manager)
    page.get("/help")
    with CaptureQueriesContext(connection) as asked:
        assert page.get(f"/p/{bench.project.pk}/flow").status_code == 200
    assert len(asked) == 16, [one["sql"][:120] for one in asked]
