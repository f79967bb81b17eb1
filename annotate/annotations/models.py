"""Annotation: an immutable revision of an item's labels. Prediction: a model's. What is derived for search, and what a change
of the schema did to the annotations."""

from __future__ import annotations

import json
from functools import cached_property
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.postgres.indexes import BrinIndex, GinIndex
from django.db import models
from django.db.models import Q

from annotate.annotations.states import CHANGE, OUTCOMES
from annotate.kernel.fields import DigestField, KeyField

SOURCES = ("person", "import", "fix", "consensus", "migration", "undo", "gold")


class Annotation(models.Model):
    """One document of objects, as canonical JSON text with its sha256; frozen by a trigger.

    `number` counts an item's revisions without gaps; `lease_id` is unique, so that a submit counts once. Source `undo`: its
    `person` took a fix back and wrote nothing; the words are the parent's, which is never an `undo` itself. Source `gold`: an answer that
    only measures its author; it is never the item's labels.
    """

    item = models.ForeignKey("annotate.Item", models.CASCADE, related_name="annotations", db_index=False)  # annotation_number_once begins with it
    number = models.IntegerField()
    parent = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )  # annotation_parent
    task = models.ForeignKey(
        "annotate.Task", models.SET_NULL, null=True, blank=True, related_name="answers", db_index=False
    )  # annotation_task
    lease = models.OneToOneField("annotate.Lease", models.SET_NULL, null=True, blank=True, related_name="answer")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="annotations", db_index=False
    )  # annotation_person begins with it
    schema_version = models.ForeignKey("annotate.SchemaVersion", models.PROTECT, related_name="+")
    source = models.CharField(max_length=10, default="person")
    document = models.TextField(help_text="canonical JSON")
    digest = DigestField()
    seconds = models.FloatField(null=True, blank=True)
    request_key = KeyField(max_length=255, null=True, blank=True)
    request_digest = DigestField(null=True, blank=True)
    created_at = models.DateTimeField(db_default=models.functions.Now())

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["item", "number"], name="annotation_number_once"),
            models.CheckConstraint(condition=Q(source__in=SOURCES), name="annotation_source_known"),
        ]
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["person", "-id"], condition=Q(person__isnull=False), name="annotation_person"),
            BrinIndex(fields=["created_at"], autosummarize=True, name="annotation_lately"),
            models.Index(fields=["id"], condition=Q(source="gold"), name="annotation_gold"),
            models.Index(fields=["parent"], condition=Q(parent__isnull=False), name="annotation_parent"),
            models.Index(fields=["task"], condition=Q(task__isnull=False), name="annotation_task"),
        ]

    @property
    def author(self) -> Any:
        """Whose words these are, a person or None; `person` is who put them there."""
        return self.parent.person if self.source == "undo" and self.parent is not None else self.person

    @cached_property
    def revision(self) -> int:
        """The number that people read: of an answer to gold, which one of its author's to that task it is (`apart`)."""
        if self.number > 0:
            return self.number
        return Annotation.objects.filter(task=self.task, source="gold", pk__lte=self.pk).count()

    @cached_property
    def content(self) -> dict[str, Any]:
        parsed: dict[str, Any] = json.loads(self.document)
        return parsed


class Prediction(models.Model):
    """A model's proposal for an item; shown as suggestions, never counted as an answer.

    Beside `objects` and `item` the document may have `probabilities`: {item attribute: {option: p}}, of what the model thinks likely.
    """

    item = models.ForeignKey("annotate.Item", models.CASCADE, related_name="predictions")
    model = models.CharField(max_length=200)
    score = models.FloatField(null=True, blank=True)
    document = models.TextField(help_text="canonical JSON")
    digest = DigestField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["item", "model", "digest"], name="prediction_once"),
        ]


class CurrentAnnotation(models.Model):
    """The annotation an item shows now (the approved one, else the latest), with what search asks of it.

    Derived: `manage.py rebuild_current` makes it anew, and no constraint watches over its references: they would be half of what
    an import costs the database. Django deletes these rows with their item. `objects` is [{"l": label, "k": kind, "a": attributes}, …].
    """

    item = models.OneToOneField("annotate.Item", models.CASCADE, primary_key=True, related_name="current", db_constraint=False)
    project_id = models.BigIntegerField()
    annotation = models.ForeignKey(Annotation, models.CASCADE, related_name="+", db_constraint=False, db_index=False)
    objects_index = models.JSONField(default=list)
    item_attributes = models.JSONField(default=dict)

    class Meta:
        indexes: ClassVar[list[Any]] = [
            GinIndex(fields=["objects_index"], name="current_objects", opclasses=["jsonb_path_ops"]),
            GinIndex(fields=["item_attributes"], name="current_attributes", opclasses=["jsonb_path_ops"]),
        ]


class LabelCount(models.Model):
    """How many objects of a label the item's current annotation has. Derived, like `CurrentAnnotation`."""

    pk = models.CompositePrimaryKey("item_id", "label")  # a number of its own would be a third index to fill
    project_id = models.BigIntegerField()
    label = KeyField()
    n = models.IntegerField()
    item = models.ForeignKey("annotate.Item", models.CASCADE, related_name="label_counts", db_constraint=False, db_index=False)

    class Meta:
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["project_id", "label", "n", "item"], name="label_count_search")
        ]


class SchemaChange(models.Model):
    """One change of a project's labels: the operations that led from schema version `before` to `after`, and how far the
    annotations have followed. `cursor`: the last item that was looked at; `watermark`: the last annotation that a later
    look has seen. `settled_at`: nobody answers under an older version any more. `restored`: the version its undo made.
    """

    project = models.ForeignKey("annotate.Project", models.CASCADE, related_name="schema_changes")
    before = models.ForeignKey("annotate.SchemaVersion", models.PROTECT, related_name="+")
    after = models.ForeignKey("annotate.SchemaVersion", models.PROTECT, related_name="+")
    restored = models.ForeignKey("annotate.SchemaVersion", models.PROTECT, null=True, blank=True, related_name="+")
    operations = models.JSONField(default=list)
    state = models.CharField(max_length=10, default="running")
    cursor = models.BigIntegerField(default=0)
    watermark = models.BigIntegerField(default=0)
    done = models.BigIntegerField(default=0)
    total = models.BigIntegerField(null=True, blank=True)
    queue = models.ForeignKey("annotate.Queue", models.SET_NULL, null=True, blank=True, related_name="+")
    job = models.ForeignKey("annotate.Job", models.SET_NULL, null=True, blank=True, related_name="+")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(db_default=models.functions.Now())
    settled_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(condition=Q(state__in=CHANGE.states), name="schema_change_state_known"),
            models.UniqueConstraint(
                fields=["project"], condition=Q(state__in=("running", "undoing")), name="schema_change_one_at_work"
            ),
        ]
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["project", "-id"], name="schema_change_newest"),
            models.Index(fields=["id"], condition=Q(settled_at__isnull=True), name="schema_change_unsettled"),
            models.Index(fields=["queue"], condition=Q(queue__isnull=False), name="schema_change_queue"),
        ]


class MappedRevision(models.Model):
    """What a schema change did with one revision: `after` says the same in the new words, `restored` is what the undo wrote.

    Once per change and revision, so that a mapping that is carried out again adds nothing.
    """

    change = models.ForeignKey(SchemaChange, models.CASCADE, related_name="revisions")
    item = models.ForeignKey("annotate.Item", models.CASCADE, related_name="+")
    before = models.ForeignKey(Annotation, models.CASCADE, related_name="+")
    after = models.ForeignKey(Annotation, models.CASCADE, null=True, blank=True, related_name="+")
    restored = models.ForeignKey(Annotation, models.CASCADE, null=True, blank=True, related_name="+")
    outcome = models.CharField(max_length=10)
    lossless = models.BooleanField(default=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["change", "before"], name="mapped_revision_once"),
            models.CheckConstraint(condition=Q(outcome__in=OUTCOMES), name="mapped_revision_outcome_known"),
        ]
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["change", "outcome", "item"], name="mapped_revision_outcome"),
        ]
