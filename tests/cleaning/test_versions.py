"""Versions and what rules have found: look-alikes of a real check run stand in one split, and where they do not a report names them."""

from __future__ import annotations

import io
import json
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageFilter

from annotate.annotations.services import ImportedAnnotation, add_imported
from annotate.items.models import Item
from annotate.projects.queries import current_schema
from annotate.reviews.services import withdraw
from tests.releases.conftest import labels_of
from workflows.cleaning import applying
from workflows.cleaning.alike import pairs
from workflows.cleaning.models import Finding
from workflows.releases import reading, services

pytestmark = pytest.mark.django_db
HALVES = {"a": 0.5, "b": 0.5}
NEVER = ["near_duplicate"]


def scene(seed: int, quality: int = 95) -> bytes:
    """A picture of its own; with another quality, one that looks the same and has other bytes."""
    coarse = np.random.default_rng(seed).integers(0, 256, (9, 12, 3), dtype=np.uint8)
    out = io.BytesIO()
    Image.fromarray(coarse).resize((192, 144), Image.Resampling.BICUBIC).filter(ImageFilter.SHARPEN).save(out, "JPEG", quality=quality)
    return out.getvalue()


def approve(world: Any) -> None:
    schema = current_schema(world.project.pk).pk
    rows = [ImportedAnnotation(item.pk, labels_of(item.key), schema, approved=True) for item in Item.objects.filter(project=world.project, state="new")]
    add_imported(rows, by=world.actor(world.owner))


@pytest.fixture
def drives(world: Any, collected: Any, rule: Any) -> Any:
    """The same 16 scenes from two drives, and from a third one for the first 4 of them; approved, with a rule that finds them."""
    rule("near_duplicate")
    collected({f"one-{n:02d}.jpg": scene(n) for n in range(16)}, name="one")
    collected({f"two-{n:02d}.jpg": scene(n, 70) for n in range(16)}, name="two")
    collected({f"three-{n:02d}.jpg": scene(n, 60) for n in range(4)}, name="three")
    approve(world)


@pytest.fixture
def cut(world: Any, run_jobs: Any) -> Any:
    def make(dataset: Any = None, **options: Any) -> Any:
        by = world.actor(world.manager)
        version = services.cut(dataset or services.create_dataset(world.project, f"set {options}"[:60], by=by), by=by, **options)
        run_jobs()
        version.refresh_from_db()
        assert version.state == "frozen", version.job.error
        return version

    return make


def places(version: Any) -> dict[str, str]:
    return {row.key: row.split for row in reading.rows(version)}


def apart(version: Any) -> list[str]:
    """Scenes whose pictures stand in two splits."""
    at = places(version)
    return sorted({key[-6:-4] for key in at if len({at[other] for other in at if other[-6:] == key[-6:]}) > 1})


def leaks(world: Any, version: Any, kind: str = "near_duplicate") -> list[dict[str, Any]]:
    answer = world.api(world.manager).get(f"/versions/{version.pk}/leakage")
    rows = [json.loads(line) for line in b"".join(answer.streaming_content).splitlines()]
    return [row["splits"] for row in rows if row["kind"] == kind]


def test_look_alikes_across_batches_stand_in_one_split(world: Any, drives: Any, checked: Any, cut: Any) -> None:
    checked()
    assert Finding.objects.filter(partner__isnull=False).count() == 20
    loose, tight = cut(splits=HALVES), cut(splits=HALVES, together=NEVER)
    assert apart(loose) and loose.counts["leakage"]["near_duplicates"] >= len(apart(loose))
    assert apart(tight) == [] and tight.counts["leakage"]["near_duplicates"] == 0 and leaks(world, tight) == []
    assert set(places(tight).values()) == {"a", "b"}


def test_the_report_names_the_keys_that_the_cut_has_counted(world: Any, drives: Any, checked: Any, cut: Any) -> None:
    checked()
    version = cut(splits=HALVES)
    at, told = places(version), leaks(world, version)
    assert len(told) == version.counts["leakage"]["near_duplicates"] > 0
    for splits in told:
        assert all(at[key] == split for split, keys in splits.items() for key in keys)
        assert len({key[-6:] for keys in splits.values() for key in keys}) == 1 and set(splits) == {"a", "b"}


def test_two_that_are_alike_only_by_way_of_a_third_stay_together_when_that_one_is_out(world: Any, drives: Any, checked: Any, cut: Any) -> None:
    checked()
    best = {partner for _item, partner in pairs(world.project.pk)}
    for item in Item.objects.filter(pk__in=best, key__regex="0[0-3].jpg$"):
        withdraw(item, "wrong", by=world.actor(world.manager))
    loose = cut(splits=HALVES, q='key contains "-00" or key contains "-01" or key contains "-02" or key contains "-03"')
    tight = cut(splits=HALVES, together=NEVER, q=loose.q)
    assert len(places(loose)) == 8
    assert apart(tight) == [] and tight.counts["leakage"]["near_duplicates"] == 0
    assert len(leaks(world, loose)) == loose.counts["leakage"]["near_duplicates"] == len(apart(loose)) > 0


def test_the_same_bytes_of_two_batches_stand_in_one_split(world: Any, collected: Any, cut: Any) -> None:
    collected({f"one-{n:02d}.jpg": scene(n) for n in range(10)}, name="one")
    collected({f"two-{n:02d}.jpg": scene(n) for n in range(10)}, name="two")
    approve(world)
    loose, tight = cut(splits=HALVES), cut(splits=HALVES, together=["same_bytes"])
    assert len(places(tight)) == 20
    assert len(apart(loose)) == loose.counts["leakage"]["same_bytes"] == len(leaks(world, loose, "same_bytes")) > 0
    assert apart(tight) == [] and tight.counts["leakage"]["same_bytes"] == 0


def test_findings_that_were_undone_do_not_count_even_where_an_earlier_run_found_the_same(world: Any, drives: Any, checked: Any) -> None:
    by = world.actor(world.manager)
    checked()
    run = applying.apply(checked(), by=by)
    assert len(list(pairs(world.project.pk))) == 20
    run = applying.undo(run, by=by)
    assert list(pairs(world.project.pk)) == []
    applying.apply(run, by=by)
    assert len(list(pairs(world.project.pk))) == 20


def test_what_a_person_has_restored_is_no_look_alike_whatever_later_runs_find(world: Any, drives: Any, checked: Any, cut: Any) -> None:
    by = world.actor(world.manager)
    checked()
    applying.apply(checked(), by=by)
    spared = Item.objects.get(pk=min(item for item, _partner in pairs(world.project.pk)))
    applying.restore(spared, by=by)
    assert spared.pk not in {item for item, _partner in pairs(world.project.pk)}
    checked()
    assert len(list(pairs(world.project.pk))) == 19 and spared.pk not in {item for item, _partner in pairs(world.project.pk)}
