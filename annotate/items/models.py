"""Batch: a named set of items, as collected. Item: one picture or text, known in its project by its key."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from annotate.items.states import BATCH, ITEM
from annotate.kernel.fields import DigestField, KeyField


class Batch(models.Model):
    project = models.ForeignKey("annotate.Project", models.CASCADE, related_name="batches")
    name = KeyField()
    source = models.CharField(max_length=500, blank=True)
    plan = models.JSONField(default=dict, blank=True)
    state = models.CharField(max_length=10, default="open")
    gated = models.BooleanField(default=False, db_default=False)  # a gate is shut: queues take none of its items up
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["project", "name"], name="batch_name_once"),
            models.CheckConstraint(condition=models.Q(state__in=BATCH.states), name="batch_state_known"),
        ]

    def __str__(self) -> str:
        return self.name


class Collector(models.Model):
    """A person who is to bring items into a batch, `target` of them (none: as many as come). A batch that names nobody is open
    to every collector of the project; one that names people is there for those collectors alone."""

    batch = models.ForeignKey(Batch, models.CASCADE, related_name="collectors")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="collects")
    target = models.IntegerField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["batch", "person"], name="collector_once"),
            models.CheckConstraint(
                condition=models.Q(target__isnull=True) | models.Q(target__gte=1), name="collector_target_bounded"
            ),
        ]


class Item(models.Model):
    """Bytes by `blob`, or a reference `uri` that is not fetched, or `text`. Sizes are of the upright picture in pixels."""

    project = models.ForeignKey("annotate.Project", models.CASCADE, related_name="items", db_index=False)  # item_newest begins with it
    batch = models.ForeignKey(Batch, models.CASCADE, related_name="items", db_index=False)  # item_batch_state begins with it
    key = KeyField(max_length=1024)
    blob = models.ForeignKey(
        "annotate.Blob", models.PROTECT, null=True, blank=True, related_name="items", db_index=False
    )  # item_blob
    uri = models.TextField(null=True, blank=True)
    text = models.TextField(null=True, blank=True)
    sha256 = DigestField(null=True, blank=True)
    width = models.IntegerField(null=True, blank=True)
    height = models.IntegerField(null=True, blank=True)
    group = KeyField(db_column="group_key", max_length=1024, blank=True, default="")
    frame = models.IntegerField(null=True, blank=True)
    meta = models.JSONField(default=dict, blank=True)
    state = models.CharField(max_length=10, default="new")
    captured_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False
    )

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["project", "key"], name="item_key_once"),
            models.CheckConstraint(condition=models.Q(state__in=ITEM.states), name="item_state_known"),
        ]
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["project", "-id"], name="item_newest"),
            models.Index(fields=["batch", "state", "id"], name="item_batch_state"),
            models.Index(fields=["project", "state", "id"], name="item_project_state"),
            models.Index(fields=["project", "group", "frame", "id"], name="item_group"),
            models.Index(fields=["project", "group", "key", "id"], name="item_group_key"),
            models.Index(fields=["blob"], condition=models.Q(blob__isnull=False), name="item_blob"),
            GinIndex(fields=["meta"], name="item_meta", opclasses=["jsonb_path_ops"]),
        ]


class Upload(models.Model):
    """Bytes handed in for a batch and not yet turned into items: the job that reads them owns their end."""

    batch = models.ForeignKey(Batch, models.CASCADE, related_name="uploads")
    job = models.ForeignKey("annotate.Job", models.SET_NULL, null=True, related_name="uploads")
    kind = models.CharField(max_length=12)  # files, manifest or labels
    options = models.JSONField(default=dict)
    progress = models.JSONField(default=dict)  # how far the job is and what it counted, written with each chunk's rows
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)


class UploadFile(models.Model):
    """One file of an upload: `path` is what the client called it, `stored` where the bytes wait in storage."""

    upload = models.ForeignKey(Upload, models.CASCADE, related_name="files")
    path = models.TextField()
    stored = models.TextField()
    size = models.BigIntegerField()
    sha256 = DigestField()
