"""CoNLL files: tokens and tags become texts with spans; every line is accounted for; real files give their known figures."""

from __future__ import annotations

import io
import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotate.annotations.models import Annotation, Prediction
from annotate.items.models import Item
from tests.collection.conftest import Outcome
from workflows.collection.importers import conll
from workflows.collection.importers.found import LabelDoc, Problem

Bring = Callable[..., Outcome]
Data = Callable[[str], Path]


def read(content: str | bytes, place: str = "a.conll") -> list[LabelDoc | Problem]:
    return list(conll.read(io.BytesIO(content.encode() if isinstance(content, str) else content), place))


def spans(doc: Any) -> list[tuple[str, str]]:
    """(label, words) of each span; the words are those at its offsets."""
    found = []
    for thing in doc.objects:
        (span,) = thing.shapes["span"]
        assert doc.text[span["start"] : span["end"]] == span["text"]
        found.append((thing.label, span["text"]))
    return found


def test_tokens_are_joined_by_blanks_and_tags_become_spans_in_code_points() -> None:
    (doc,) = read("👍\tO\nJosé\tB-PER\nMüller\tI-PER\nlives\tO\nin\tO\n東京\tB-LOC\n")
    assert isinstance(doc, LabelDoc)
    assert doc.text == "👍 José Müller lives in 東京"
    assert spans(doc) == [("PER", "José Müller"), ("LOC", "東京")]
    assert doc.objects[0].shapes["span"][0]["start"] == 2


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ("B-A I-A O", ["a b"]),
        ("B-A B-A O", ["a", "b"]),
        ("I-A I-A O", ["a b"]),  # IOB1: a span may begin with I
        ("S-A B-A E-A", ["a", "b c"]),
        ("U-A B-A L-A", ["a", "b c"]),
        ("B-A I-B I-B", ["a", "b c"]),
        ("E-A B-A I-A", ["a", "b c"]),
    ],
)
def test_each_manner_of_tagging_is_read(tags: str, expected: list[str]) -> None:
    (doc,) = read("\n".join(f"{token} {tag}" for token, tag in zip("abc", tags.split(), strict=True)))
    assert [words for _label, words in spans(doc)] == expected


def test_blank_lines_end_documents_unless_the_file_says_where_documents_begin() -> None:
    assert [doc.text for doc in read("a O\r\nb O\r\n\r\n\t\r\nc O")] == ["a b", "c"]  # type: ignore[union-attr]
    marked = "-DOCSTART- -X- O O\n\nEU NNP B-NP B-ORG\nrejects VBZ B-VP I-ORG\n\nGerman JJ I-NP I-ORG\n\n-DOCSTART- -X- O O\n\nBye UH O O\n"
    first, second = read(marked)
    assert first.text == "EU rejects\nGerman" and second.text == "Bye"  # type: ignore[union-attr]
    assert spans(first) == [("ORG", "EU rejects"), ("ORG", "German")]  # a sentence's end ends its spans


def test_lines_that_cannot_be_read_are_told_with_their_number_and_the_rest_stands() -> None:
    (doc,) = read("Anna\tB-PER\nalone\nodd\tX-PER\nbare\tPER\nBerlin\tB-LOC\n")
    assert isinstance(doc, LabelDoc)
    assert doc.text == "Anna alone odd bare Berlin"
    assert [(one.place, one.code) for one in doc.problems] == [("a.conll line 2", "no_tag"), ("a.conll line 3", "bad_tag"), ("a.conll line 4", "bad_tag")]
    assert spans(doc) == [("PER", "Anna"), ("LOC", "Berlin")]


def test_a_file_without_tokens_or_of_another_encoding_is_one_problem() -> None:
    assert [one.code for one in read("\n\n")] == ["no_tokens"]  # type: ignore[union-attr]
    (found,) = read("a O\nб O\n".encode("cp1251"))
    assert isinstance(found, Problem) and (found.place, found.code) == ("a.conll line 2", "not_utf8")


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_no_bytes_break_the_reader(content: bytes) -> None:
    for found in read(content):
        if isinstance(found, LabelDoc):
            spans(found)


# -- through the API --


@pytest.fixture
def entities(world: Any) -> Any:
    """A batch of a text project with the six labels of WNUT 2017."""
    from annotate.items.services import create_batch
    from annotate.projects.services import create, set_member

    names = ["person", "group", "location", "creative-work", "product", "corporation"]
    schema = {"labels": [{"name": name, "kinds": ["span"]} for name in names]}
    by = world.actor(world.owner)
    project = create("entities", media="text", schema=schema, organisation_id=world.organisation.pk, by=by)
    set_member(project, world.manager, role="manager", by=by)
    return create_batch(project, "test", by=by)


def test_a_file_becomes_texts_with_spans_and_again_adds_nothing(entities: Any, bring: Bring) -> None:
    content = b"Anna\tB-person\nsings\tO\n\nBerlin\tB-location\nagain\tB-nothing\n\nquiet\tO\n"
    found = bring(f"/batches/{entities.pk}/import?format=conll", files={"a.conll": content})
    assert found.counts == (3, 0, 0) and found.result["objects_rejected"] == 1
    (line,) = found.lines
    assert (line["place"], line["code"]) == ("a.conll line 5", "unknown_label")
    assert dict(Item.objects.filter(batch=entities).values_list("key", "text")) == {
        "a.conll/00001": "Anna sings",
        "a.conll/00002": "Berlin again",
        "a.conll/00003": "quiet",
    }
    document = json.loads(Annotation.objects.get(item__key="a.conll/00001").document)
    assert [(one["kind"], one["label"], one["start"], one["end"], one["text"]) for one in document["objects"]] == [("span", "person", 0, 4, "Anna")]
    again = bring(f"/batches/{entities.pk}/import?format=conll", files={"a.conll": content})
    assert again.counts == (0, 0, 3)
    assert Annotation.objects.filter(item__batch=entities).count() == 3


def test_another_text_under_a_taken_name_is_refused_and_labels_go_to_the_same_words(entities: Any, bring: Bring) -> None:
    path = f"/batches/{entities.pk}/import?format=conll"
    assert bring(path, files={"a.conll": b"one O\n\ntwo O\n"}).counts == (2, 0, 0)
    moved = bring(path, files={"a.conll": b"zero O\n\none O\n\ntwo B-person\n"})
    assert moved.counts == (1, 1, 1) and moved.codes == ["key_taken"]
    guesses = bring(f"{path}&as=prediction&model=m", files={"other.txt": b"two B-group\n\nnew B-group\n"})
    assert guesses.counts == (2, 0, 0)
    assert sorted(Prediction.objects.filter(item__batch=entities).values_list("item__key", flat=True)) == ["a.conll/00002", "other.txt/00002"]


def test_formats_and_projects_of_different_media_are_refused(batch: Any, entities: Any, bring: Bring) -> None:
    for path in (f"/batches/{batch.pk}/import?format=conll", f"/batches/{entities.pk}/import?format=coco"):
        found = bring(path, files={"a.json": b"{}"})
        assert found.status == 400 and "format" in found.job["fields"]


def test_wnut_2017_gives_its_published_figures(entities: Any, bring: Bring, data: Data) -> None:
    folder = data("wnut17_ner")
    path = f"/batches/{entities.pk}/import?format=conll"
    found = bring(path, files={"emerging.test.annotated": (folder / "emerging.test.annotated").read_bytes()})
    assert found.counts[1:] == (0, 0) and found.counts[0] == 1287
    counts = Counter(thing["label"] for (text,) in Annotation.objects.values_list("document") for thing in json.loads(text)["objects"])
    assert counts == {"person": 429, "group": 165, "location": 150, "creative-work": 142, "product": 127, "corporation": 66}
    gold = entities_of(Annotation.objects.filter(item__batch=entities))
    for name, expected in (("arcada", 39.98), ("mic-cis.txt", 37.06), ("uh_ritual", 41.86)):
        guesses = read((folder / "submissions" / name).read_bytes(), name)
        assert len(guesses) == 1287
        # The systems changed some words, so they are compared by the sentence's place, in tokens.
        assert round(100 * f1(gold, [tokens(doc) for doc in guesses]), 2) == expected


def entities_of(annotations: Any) -> list[set[tuple[str, int, int]]]:
    rows = annotations.order_by("item__key").values_list("item__text", "document")
    return [{(one["label"], *in_tokens(text, one["start"], one["end"])) for one in json.loads(document)["objects"]} for text, document in rows]


def in_tokens(text: str, start: int, end: int) -> tuple[int, int]:
    return text[:start].count(" "), text[:end].count(" ")


def tokens(doc: Any) -> set[tuple[str, int, int]]:
    return {(one.label, *in_tokens(doc.text, one.shapes["span"][0]["start"], one.shapes["span"][0]["end"])) for one in doc.objects}


def f1(gold: list[set[Any]], guesses: list[set[Any]]) -> float:
    right = sum(len(a & b) for a, b in zip(gold, guesses, strict=True))
    return 2 * right / (sum(map(len, gold)) + sum(map(len, guesses)))


def test_wnut_2017_training_has_its_sentences_and_entities(data: Data) -> None:
    docs = [doc for doc in read((data("wnut17_ner") / "wnut17train.conll").read_bytes()) if isinstance(doc, LabelDoc)]
    assert len(docs) == 3394 and not any(doc.problems for doc in docs)
    assert sum(len((doc.text or "").split(" ")) for doc in docs) == 62_730
    counts = Counter(label for doc in docs for label, _words in spans(doc))
    assert [counts[name] for name in ("person", "group", "location", "creative-work", "product", "corporation")] == [660, 264, 548, 140, 142, 221]


def test_a_project_of_texts_is_begun_from_a_file_of_tags(world: Any, run_jobs: Callable[[], int]) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    from workflows.collection import services

    file = ("a.conll", SimpleUploadedFile("a.conll", b"Anna B-person\nin O\nParis B-place\n\nBob B-person\n"))
    schema, summary = services.propose_from_upload([file], "conll")
    assert [(label["name"], label["kinds"]) for label in schema["labels"]] == [("person", ["span"]), ("place", ["span"])]
    assert summary["objects"] == 3 and summary["problems"] == []
    by = world.actor(world.owner)
    project, _job = services.start_project_from_export("towns", [file], "conll", schema, organisation_id=world.organisation.pk, by=by)
    run_jobs()
    assert project.media == "text" and Item.objects.filter(project=project).count() == 2
    assert Annotation.objects.filter(item__project=project, source="import").count() == 2


def test_the_page_of_a_text_batch_offers_the_format(world: Any, entities: Any, batch: Any) -> None:
    assert '<option value="conll">' in world.page(world.manager).get(f"/batches/{entities.pk}").content.decode()
    assert '<option value="conll">' not in world.page(world.manager).get(f"/batches/{batch.pk}").content.decode()
