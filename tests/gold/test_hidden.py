"""Whoever is measured finds no difference between gold and work, whatever they read; and no word of it."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import orjson
import pytest
from django.db import transaction

from annotate.annotations.models import Annotation
from annotate.gold.services import add_gold
from annotate.queues.fill import fill
from annotate.queues.models import Task
from tests.contracts.routes import API, routes
from tests.queues.conftest import a_document, queue_of  # noqa: F401  a fixture
from workflows.insight.work import offers

pytestmark = pytest.mark.django_db
KNOWN = {"project", "queue", "item", "lease", "task"}
TOLD = {f"{API}/docs", f"{API}/schema", "/help", "/activity", "/metrics"}  # the names of things and acts are no secret
REAL, GOLD = 6, 4
CAR, PERSON = a_document("car"), a_document("person")


@pytest.fixture
def queue(world: Any, make_items: Any, approved: Any, queue_of: Any) -> Any:  # noqa: F811
    """Half of what it hands out at first is approved beforehand; the other half nobody has seen."""
    make_items(REAL)
    made = queue_of(gold_percent=25, q="state = new", name="label")
    assert fill(made.pk) == REAL
    items = make_items(GOLD)
    for item in items:
        approved(item, "car", "person")
    add_gold(world.project, [item.pk for item in items], by=world.actor(world.manager))
    return made


@contextmanager
def undone() -> Iterator[None]:
    point = transaction.savepoint()
    try:
        yield
    finally:
        transaction.savepoint_rollback(point)


def shaped(value: Any, name: str = "") -> Any:
    """The value without what differs between any two items: its own numbers, names, times and bytes."""
    if isinstance(value, dict):
        return {key: shaped(inner, key) for key, inner in value.items()}
    if isinstance(value, list):
        return [shaped(inner, name) for inner in value]
    if isinstance(value, str):
        return re.sub(r"\d+", "#", re.sub(r"[0-9a-f]{12,}", "~", value))
    return "number" if name in ("id", "item", "task", "annotation_id", "created_by", "noun_id") else value


def text_of(body: bytes) -> str:
    plain = re.sub(r"[A-Za-z0-9_-]{32,}|[0-9a-f]{12,}", "~", body.decode(errors="replace"))  # what every page draws anew, and digests
    return re.sub(r"\d+", "#", plain)


def difference(one: Any, other: Any) -> Iterator[str]:
    if isinstance(one, str) and isinstance(other, str):
        yield from (line for line in difflib.unified_diff(one.splitlines(), other.splitlines(), n=0, lineterm=""))


class Reader:
    """All that a person may GET about what they hold or did."""

    def __init__(self, world: Any, queue: Any) -> None:
        self.api, self.page = world.api(world.annotator), world.page(world.annotator)
        self.ids: dict[str, Any] = {"project": world.project.pk, "queue": queue.pk}
        wanted = (route for route in routes() if "GET" in route.methods and route.path not in TOLD)
        self.routes = [route for route in wanted if set(re.findall(r"\{(\w+)\}", route.path)) <= KNOWN]

    def all(self) -> dict[str, tuple[int, Any]]:
        found: dict[str, tuple[int, Any]] = {}
        for route in self.routes:
            address = re.sub(r"\{(\w+)\}", lambda name: str(self.ids[name[1]]), route.path)
            with undone():
                response = self.api.get(address.removeprefix(API)) if route.api else self.page.get(address)
                body = b"".join(response.streaming_content) if response.streaming else response.content
            kind = response.headers.get("Content-Type", "")
            if not kind.startswith("image/"):
                assert "gold" not in text_of(body).lower() or address.endswith(("/gold", "/sluice.py")), address  # a refusal names what was asked for; a program is the same for all
                found[route.path] = (response.status_code, shaped(orjson.loads(body)) if "json" in kind and body else text_of(body))
            else:
                found[route.path] = (response.status_code, kind)
        return found


def worked(world: Any, queue: Any, *, gold: bool) -> list[Any]:
    """All that the person reads on the way of one item: drawn, answered, opened again, answered again; undone afterwards."""
    reader = Reader(world, queue)
    api = reader.api
    for _try in range(60):
        with undone():
            handed = api.post(f"/queues/{queue.pk}/next")
            bundle = handed.json()
            if Task.objects.get(pk=bundle["task"]["id"]).gold is not gold:
                continue
            reader.ids |= {"item": bundle["item"]["id"], "lease": bundle["lease"]["id"], "task": bundle["task"]["id"]}
            waits = [offer.waiting for offer in offers(world.annotator.pk, {world.project.pk: "annotator"})]
            seen = [handed, api.post(f"/queues/{queue.pk}/next")]
            seen.append(api.put(f"/leases/{reader.ids['lease']}/draft", {"revision": 0, "annotation": CAR}))
            seen.append(api.post(f"/items/{reader.ids['item']}/comments", {"text": "too dark"}))
            read = [reader.all()]
            seen.append(api.post(f"/leases/{reader.ids['lease']}/submit", {"annotation": CAR, "seconds": 3}))
            waits += [offer.waiting for offer in offers(world.annotator.pk, {world.project.pk: "annotator"})]
            read.append(reader.all())
            again = api.post(f"/tasks/{reader.ids['task']}/reopen")
            read.append(reader.all())
            seen += [again, api.post(f"/leases/{again.json()['lease']['id']}/submit", {"annotation": PERSON})]
            read.append(reader.all())
            for response in seen:
                assert response.status_code < 300, response.content
                assert b"gold" not in response.content.lower()
            return [waits, [shaped(one.json()) for one in seen], read]
    raise AssertionError("never handed out")


def test_no_answer_page_list_or_number_tells_gold_from_work(world: Any, queue: Any) -> None:
    gold, real = (worked(world, queue, gold=kind) for kind in (True, False))
    assert gold[0] == real[0] == [REAL + GOLD, REAL + GOLD - 1]
    for place, (one, other) in enumerate(zip(gold[1], real[1], strict=True)):
        assert set(one) == set(other), place
        for name in one:
            assert one[name] == other[name], (place, name)
    for place, (one, other) in enumerate(zip(gold[2], real[2], strict=True)):
        assert set(one) == set(other)
        for path in one:
            assert one[path] == other[path], (place, path, list(difference(one[path][1], other[path][1])))


def test_what_was_let_go_of_is_seen_no_more_be_it_gold_or_work(world: Any, queue: Any) -> None:
    api = world.api(world.annotator)
    for act in ("skip", "release"):
        told = {}
        for kind in (True, False):
            for _try in range(60):
                with undone():
                    bundle = api.post(f"/queues/{queue.pk}/next").json()
                    if Task.objects.get(pk=bundle["task"]["id"]).gold is not kind:
                        continue
                    lease = f"/leases/{bundle['lease']['id']}"
                    done = api.post(f"{lease}/skip", {"reason": "too dark"}) if act == "skip" else api.call("DELETE", lease)
                    assert done.status_code < 300, done.content
                    told[kind] = (done.status_code, shaped(done.json()) if done.content else None, api.get(f"/items/{bundle['item']['id']}").status_code)
                    break
        assert told[True] == told[False], act
        assert told[True][2] == 404, (act, told)


def test_answers_to_gold_are_nobody_elses_to_read(world: Any, queue: Any) -> None:
    queue.gold_percent = 100
    queue.save()
    api = world.api(world.annotator)
    bundle = api.post(f"/queues/{queue.pk}/next").json()
    api.post(f"/leases/{bundle['lease']['id']}/submit", {"annotation": a_document("sign")})
    made = Annotation.objects.get(source="gold", task__isnull=False)
    for person in (world.owner, world.manager, world.reviewer, world.viewer):
        listed = world.api(person).get(f"/items/{made.item_id}/annotations").json()["results"]
        assert made.pk not in [row["id"] for row in listed]
        assert [row["revision"] for row in listed] == [1]
        history = world.api(person).get(f"/items/{made.item_id}/history").json()["results"]
        assert [event["person"]["name"] for event in history if event["what"] == "annotation.add"] == ["owner"]
