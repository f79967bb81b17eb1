"""Labels that are changed on their way into a version; the annotations stay as they are."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotate.jobs.models import JobReportLine
from annotate.kernel import canonical
from annotate.projects.services import change_schema
from workflows.releases import reading
from workflows.releases.mapping import mapped, schema_of
from workflows.releases.shown import label_bars


def document(*labels: str, **more: Any) -> str:
    return canonical.dumps(
        {
            "item": {},
            "objects": [
                {"id": str(n), "kind": "box", "label": label, "box": [1, 2, 3, 4], **more}
                for n, label in enumerate(labels)
            ],
        }
    )


names = st.sampled_from(["a", "b", "c", "d"])


@given(st.lists(names), st.dictionaries(names, st.one_of(st.none(), names)))
def test_every_label_is_called_as_asked_or_gone(labels: list[str], wanted: dict[str, str | None]) -> None:
    made = json.loads(mapped(document(*labels), wanted))["objects"]
    assert [thing["label"] for thing in made] == [
        wanted.get(label, label) for label in labels if wanted.get(label, label) is not None
    ]


@given(st.lists(names))
def test_nothing_asked_is_the_same_text(labels: list[str]) -> None:
    text = document(*labels)
    assert mapped(text, {}) is text and mapped(text, {"z": None}) is text


def test_a_relation_goes_with_what_it_hangs_on() -> None:
    things = [
        {"id": "1", "label": "a"},
        {"id": "2", "label": "b"},
        {"id": "3", "label": "r", "from": "1", "to": "2"},
        {"id": "4", "label": "r", "from": "3", "to": "1"},
    ]
    made = json.loads(mapped(canonical.dumps({"objects": things}), {"b": None}))
    assert [thing["id"] for thing in made["objects"]] == ["1"]


def test_the_schema_of_the_version_is_in_the_order_asked_for_and_without_what_went() -> None:
    content = {
        "labels": [{"name": "a"}, {"name": "b"}, {"name": "c"}],
        "relations": [{"name": "r", "from": ["a", "b"], "to": ["b"]}],
    }
    made = schema_of(content, {"labels": {"b": None}, "order": ["c"]})
    assert [label["name"] for label in made["labels"]] == ["c", "a"] and made["relations"] == []
    assert schema_of(content, {}) == content


@pytest.mark.django_db
def test_a_version_holds_what_was_mapped_and_verifies(world: Any, approve: Any, cut: Any) -> None:
    approve(["a.jpg"], "car", "sign")
    approve(["b.jpg"], "person")
    plain, version = cut(splits={}), cut(labels={"person": "car", "sign": None})
    assert {"person", "sign"} <= {bar["name"] for bar in label_bars(plain)} and [bar["name"] for bar in label_bars(version)] == ["car"]
    assert version.counts["labels"] == {"car": 2} and plain.counts["labels"] == {"car": 1, "sign": 1, "person": 1}
    assert reading.verify(version) and version.root != plain.root
    assert all(canonical.digest(row.document) == row.label_digest for row in reading.rows(version))
    assert cut().root == version.root
    assert cut(labels={}).root == plain.root


@pytest.mark.django_db
def test_what_cannot_be_mapped_stays_out_with_the_reason(world: Any, approve: Any, cut: Any) -> None:
    approve(["a.jpg"], "sign")
    [item] = approve(["b.jpg"], approved=False)
    from annotate.annotations.services import ImportedAnnotation, add_imported
    from annotate.projects.queries import current_schema

    shape = {
        "objects": [
            {
                "id": "7f9a3c1e-0000-4000-8000-000000000001",
                "kind": "polygon",
                "label": "car",
                "points": [[1, 1], [9, 1], [9, 9]],
            }
        ],
        "item": {},
    }
    add_imported(
        [ImportedAnnotation(item.pk, shape, current_schema(world.project.pk).pk, approved=True)],
        by=world.actor(world.owner),
    )
    version = cut(labels={"car": "sign"})
    assert [row.key for row in reading.rows(version)] == ["a.jpg"]
    assert version.counts["excluded"] == {"mapping": 1}
    [line] = JobReportLine.objects.filter(job=version.job)
    assert (line.place, line.code) == ("b.jpg", "mapping") and "drawn as box" in line.detail


@pytest.mark.django_db
def test_a_label_that_the_schema_has_no_more_can_be_mapped_in(world: Any, approve: Any, cut: Any) -> None:
    approve(["a.jpg"], "sign")
    approve(["b.jpg"], "car")
    smaller = {"labels": [label for label in world.schema["labels"] if label["name"] != "sign"]}
    change_schema(world.project, smaller, by=world.actor(world.manager))
    assert cut().counts["excluded"] == {"schema": 1}
    assert cut(labels={"sign": "car"}).counts["labels"] == {"car": 2}
