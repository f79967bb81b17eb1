"""Other people's dirt through the whole server: imported, measured, checked."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from annotate.annotations.models import CurrentAnnotation
from annotate.items.models import Item
from annotate.items.services import create_batch
from annotate.projects.services import create
from tests.collection.conftest import Outcome, bring, make_zip  # noqa: F401  the fixture
from workflows.cleaning.models import Finding, PictureFacts

pytestmark = pytest.mark.django_db
Bring = Callable[..., Outcome]
Data = Callable[[str], Path]


@pytest.fixture
def photographs(world: Any, bring: Bring) -> Callable[..., tuple[Any, Outcome]]:  # noqa: F811
    """`photographs(paths, folder)`: a batch of these files, sent as one archive, and what the import said."""

    def send(paths: Iterable[Path], folder: Path) -> tuple[Any, Outcome]:
        batch = create_batch(world.project, "dirt", by=world.actor(world.manager))
        archive = make_zip({str(path.relative_to(folder)): path.read_bytes() for path in sorted(paths)})
        return batch, bring(f"/batches/{batch.pk}/files", files={"all.zip": archive})

    return send


def found(run: Any, rule: Any) -> dict[str, Finding]:
    rows = Finding.objects.filter(run=run, rule=rule.pk).select_related("item")
    return {row.item.key: row for row in rows if row.item is not None}


def test_copies_of_photographs_are_found_and_a_false_png_too(photographs: Any, data: Data, rule: Any, checked: Any) -> None:
    folder = data("near_duplicates_ukbench")
    groups = json.loads((folder / "groups.json").read_text())
    batch, came = photographs([path for path in folder.rglob("*.*") if path.suffix in (".jpg", ".jpeg", ".png")], folder)
    assert {line["place"].removeprefix("all.zip!") for line in came.lines} == set(groups["unreadable"]) and came.counts == (24, 2, 0)
    exact, near, named = rule("exact_duplicate"), rule("near_duplicate"), rule("wrong_extension")
    run = checked(batch)
    keys = dict(Item.objects.values_list("pk", "key"))
    grouped: dict[str, set[str]] = defaultdict(set)
    for key, row in found(run, exact).items():
        assert row.partner is not None
        grouped[keys[row.partner]] |= {key, keys[row.partner]}
    wanted = [set(group) for group in groups["exact"] if not set(group) & set(groups["unreadable"])]
    assert len(wanted) == 6 and sorted(map(sorted, grouped.values())) == sorted(map(sorted, wanted))  # the seventh is not let in
    copies = set(found(run, exact))
    [scene] = [set(group) - copies for group in groups["same_scene_near"]]
    caught = found(run, near)
    assert set(caught) | {keys[row.partner] for row in caught.values()} == scene and len({row.partner for row in caught.values()}) == 1
    assert set(found(run, named)) == {"formats_images/ukbench09380.png"}


def test_photographs_that_say_they_lie_on_their_side_are_found(photographs: Any, data: Data, rule: Any, checked: Any) -> None:
    folder = data("exif_orientation")
    batch, came = photographs(folder.glob("*.jpg"), folder)
    assert came.counts == (9, 0, 0) and set(batch.items.values_list("width", "height")) == {(1800, 1200)}
    run = checked(batch) if rule("rotated") else None
    rows = Finding.objects.filter(run=run)
    assert set(rows.values_list("item__key", "score")) == {(f"Landscape_{turn}.jpg", float(turn)) for turn in range(2, 9)}


TAKEN = {"JPEG", "MPO", "PNG", "WEBP", "TIFF", "BMP", "GIF"}
STRICTER = {"apng__chunk_no_fdat.png"}  # only its first picture can be decoded


def test_each_broken_picture_fares_as_observed_and_those_let_in_have_facts(photographs: Any, data: Data, rule: Any, checked: Any) -> None:
    folder = data("bad_images_pillow")
    observed = json.loads((folder / "observed.json").read_text())["files"]
    batch, came = photographs((folder / "files").iterdir(), folder / "files")
    good = {name for name, fate in observed.items() if fate.get("load") == "ok" and fate["format"] in TAKEN} - STRICTER
    assert set(batch.items.values_list("key", flat=True)) == good
    codes = {line["place"].removeprefix("all.zip!"): line["code"] for line in came.lines}
    assert codes.keys() == observed.keys() - good
    for name, code in codes.items():
        fate = observed[name]
        if code == "unsupported_format":
            assert fate.get("format") not in TAKEN
        elif fate["open"] == "DecompressionBombError":
            assert code == "too_many_pixels"
        else:
            assert code in ("broken", "truncated", "not_a_picture")
    assert PictureFacts.objects.filter(fault="").count() == batch.items.values("blob").distinct().count()
    unreadable = rule("unreadable")
    assert not found(checked(batch), unreadable)


def test_blood_cells_without_area_are_refused_at_the_door_so_that_no_rule_finds_any(world: Any, data: Data, bring: Bring, rule: Any, checked: Any) -> None:  # noqa: F811
    folder = data("bccd_bbox")
    names = ("BloodImage_00338", "BloodImage_00343", "BloodImage_00000")
    files = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*.*") if path.stem in names}
    schema = {"labels": [{"name": name, "kinds": ["box"]} for name in ("RBC", "WBC", "Platelets")]}
    by = world.actor(world.owner)
    project = create("blood", media="image", schema=schema, organisation_id=world.organisation.pk, by=by)
    batch = create_batch(project, "march", by=by)
    came = bring(f"/batches/{batch.pk}/import?format=voc", files={"bccd.zip": make_zip(files)}, by=world.owner)
    assert came.counts == (3, 0, 0)
    assert sorted((line["place"].rpartition("/")[2].split()[0], line["code"]) for line in came.lines) == [(f"{name}.xml", "zero_area") for name in names[:2]]
    area, tiny = rule("no_area", project=project), rule("outside_picture", project=project)
    run = checked(batch)
    assert run.state == "checked" and run.results[str(area.pk)]["checked"] == 3 and not found(run, area)
    assert "error" not in run.results[str(tiny.pk)]


def test_the_five_answers_that_are_not_what_stands_there_are_found(world: Any, data: Data, bring: Bring, rule: Any, checked: Any) -> None:  # noqa: F811
    told = json.loads((data("cmrc2018_zh_spans") / "cmrc2018_trial.json").read_text("utf-8"))
    lines, bad = [], set()
    for paragraph in (one for part in told["data"] for one in part["paragraphs"]):
        text, spans = paragraph["context"], []
        for asked in paragraph["qas"]:
            [said] = asked["answers"]
            start, quote = said["answer_start"], said["text"]
            if text[start : start + len(quote)] != quote:
                bad.add((paragraph["id"], start))
            spans.append({"kind": "span", "label": "answer", "start": start, "end": start + len(quote), "text": quote})
        lines.append({"key": paragraph["id"], "text": text, "annotation": {"objects": spans}})
    assert len(bad) == 5
    by = world.actor(world.owner)
    schema = {"labels": [{"name": "answer", "kinds": ["span"]}]}
    project = create("questions", media="text", schema=schema, organisation_id=world.organisation.pk, by=by)
    batch = create_batch(project, "march", by=by)
    came = bring(f"/batches/{batch.pk}/manifest", body="\n".join(json.dumps(line) for line in lines).encode(), by=world.owner)
    assert came.counts == (256, 0, 0)
    misquoted = rule("misquoted_span", project=project)
    run = checked(batch)
    documents = CurrentAnnotation.objects.filter(item__batch=batch).values_list("item__key", "annotation__document")
    places = {one["id"]: (key, one["start"]) for key, document in documents for one in json.loads(document)["objects"]}
    assert {places[str(row.object)] for row in Finding.objects.filter(run=run, rule=misquoted.pk)} == bad
