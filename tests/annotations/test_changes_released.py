"""Versions take mapped revisions as any other: what changed between two versions says so, and exports use the new names."""

from __future__ import annotations

import gzip
from typing import Any

import pytest

from annotate.annotations.services import ImportedAnnotation, add_imported
from annotate.projects.queries import current_schema
from tests.annotations.changing import RENAME
from tests.queues.conftest import a_document

pytestmark = pytest.mark.django_db


def test_a_version_after_a_change_says_what_was_relabelled(world: Any, make_items: Any, change: Any, run_jobs: Any) -> None:
    from workflows.exporters.services import export
    from workflows.releases import services as releases
    from workflows.releases.models import Version
    from workflows.releases.reading import rows

    by = world.actor(world.owner)
    items = make_items(2)
    schema = current_schema(world.project.pk).pk
    labels = zip(items, (("car", "sign"), ("person",)), strict=True)
    answers = [ImportedAnnotation(item.pk, a_document(*names), schema, approved=True) for item, names in labels]
    assert add_imported(answers, by=by).approved == 2
    dataset = releases.create_dataset(world.project, "streets", by=by)
    releases.cut(dataset, message="first", by=by)
    run_jobs()
    made = change(RENAME)
    releases.cut(dataset, message="second", by=by)
    run_jobs()
    first, second = Version.objects.filter(dataset=dataset, state="frozen").order_by("number")
    told = {row.key: row for row in rows(second)}
    assert '"label":"auto"' in told[items[0].key].document
    assert told[items[0].key].schema_number == made.after.number
    assert told[items[1].key].document == {row.key: row for row in rows(first)}[items[1].key].document
    seen = world.api(world.owner).get(f"/datasets/{dataset.pk}/diff?from={first.number}&to={second.number}")
    assert seen.status_code == 200, seen.content
    assert seen.json()["objects"]["relabelled"] == 1
    out = export(second, format="jsonl", by=by)
    run_jobs()
    out.refresh_from_db()
    assert out.state == "ready"
    files = world.api(world.owner).get(f"/exports/{out.pk}").json()["files"]
    texts = []
    for file in files:
        response = world.api(world.owner).client.get(file["url"])
        content = b"".join(response.streaming_content) if response.streaming else response.content
        texts.append(gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content)
    assert b'"auto"' in b"".join(texts)
    change.undo(made)
    releases.cut(dataset, message="third", by=by)
    run_jobs()
    third = Version.objects.filter(dataset=dataset, state="frozen").latest("number")
    assert {row.key: row.document for row in rows(third)} == {row.key: row.document for row in rows(first)}
