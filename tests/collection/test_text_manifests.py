"""Real spans through a manifest: what other tools call a slot or an answer is found again, unchanged, through the API."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from annotate.items.models import Item
from tests.collection.conftest import Outcome

Bring = Callable[..., Outcome]
Data = Callable[[str], Path]
Spans = list[tuple[str, int, int, str]]
Texts = dict[str, tuple[str, Spans, dict[str, Any]]]


def brought(world: Any, bring: Bring, texts: Texts, labels: Iterable[str], item: list[Any] = []) -> tuple[Any, Outcome]:  # noqa: B006
    from annotate.items.services import create_batch
    from annotate.projects.services import create

    by = world.actor(world.owner)
    schema = {"labels": [{"name": name, "kinds": ["span"]} for name in labels], "item": item}
    project = create("real texts", media="text", schema=schema, organisation_id=world.organisation.pk, by=by)
    batch = create_batch(project, "march", by=by)
    lines = [
        {
            "key": key,
            "text": text,
            "annotation": {"objects": [{"kind": "span", "label": label, "start": start, "end": end, "text": quote} for label, start, end, quote in spans], "item": values},
        }
        for key, (text, spans, values) in texts.items()
    ]
    body = "\n".join(json.dumps(line, ensure_ascii=False) for line in lines).encode()
    return batch, bring(f"/batches/{batch.pk}/manifest", body=body, by=world.owner)


def answered(world: Any, batch: Any) -> dict[str, tuple[Spans, dict[str, Any]]]:
    """Spans and item values of each item's newest answer, as a client gets them."""
    api = world.api(world.owner)
    found = {}
    for item_id, key in Item.objects.filter(batch=batch).values_list("id", "key"):
        (row, *_older) = api.get(f"/items/{item_id}/annotations").json()["results"]
        found[key] = (sorted((one["label"], one["start"], one["end"], one["text"]) for one in row["objects"]), row["item"])
    return found


def test_hotel_slots_and_intents_come_in_as_spans_and_classes(world: Any, bring: Bring, data: Data) -> None:
    rows = json.loads((data("nlupp_hotels_slots") / "fold0.json").read_text("utf-8"))
    texts: Texts = {}
    for number, row in enumerate(rows):
        spans = [(name, *slot["span"], row["text"][slice(*slot["span"])]) for name, slot in row.get("slots", {}).items()]
        texts[f"hotel-{number:03d}"] = (row["text"], sorted(spans), {"intents": row["intents"]} if row.get("intents") else {})
    intents = sorted({intent for row in rows for intent in row.get("intents", [])})
    question = {"name": "intents", "type": "choice", "multiple": True, "options": intents}
    batch, found = brought(world, bring, texts, sorted({name for row in rows for name in row.get("slots", {})}), [question])
    assert found.counts == (len(rows), 0, 0) and not found.lines
    assert answered(world, batch) == {key: (spans, values) for key, (_text, spans, values) in texts.items()}


def test_chinese_answers_keep_their_places(world: Any, bring: Bring, data: Data) -> None:
    texts: Texts = {}
    dirty = 0
    for article in json.loads((data("cmrc2018_zh_spans") / "cmrc2018_trial.json").read_text("utf-8"))["data"]:
        for paragraph in article["paragraphs"]:
            spans = set()
            for answer in (answer for question in paragraph["qas"] for answer in question["answers"]):
                start, end = answer["answer_start"], answer["answer_start"] + len(answer["text"])
                dirty += paragraph["context"][start:end] != answer["text"]
                spans.add(("answer", start, end, answer["text"]))
            texts[paragraph["id"]] = (paragraph["context"], sorted(spans), {})
    assert dirty == 5
    few = dict(list(texts.items())[:60])
    batch, found = brought(world, bring, few, ["answer"])
    assert found.counts == (60, 0, 0) and not found.lines
    assert answered(world, batch) == {key: (spans, {}) for key, (_text, spans, _values) in few.items()}
