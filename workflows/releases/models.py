"""Slice (a saved query), Dataset, Version (frozen by content), its shards and tags, and Export (files to pull)."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from annotate.kernel.fields import DigestField, KeyField
from workflows.releases.states import EXPORT, VERSION


class Slice(models.Model):
    project = models.ForeignKey("annotate.Project", models.CASCADE, related_name="slices")
    name = KeyField()
    q = models.TextField(blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["project", "name"], name="slice_name_once"),
        ]

    def __str__(self) -> str:
        return self.name


class Dataset(models.Model):
    project = models.ForeignKey("annotate.Project", models.CASCADE, related_name="datasets")
    name = KeyField()
    licence = models.CharField(max_length=300, blank=True, default="", db_default="")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["project", "name"], name="dataset_name_once"),
        ]

    def __str__(self) -> str:
        return self.name


class Version(models.Model):
    """`number` is given when it freezes, so that numbers have no gaps; a frozen row is kept by a trigger.

    `recipe` is what was asked (splits, by, salt; stratify, together, field, labels where given); `root` the Merkle root over canonical
    rows. `facts`: what was known when it froze: "basis" (hex: rows under the same basis may share ranges), "rules", "quality",
    "stratified", "reverts" (a version's number).
    """

    dataset = models.ForeignKey(Dataset, models.CASCADE, related_name="versions")
    number = models.IntegerField(null=True, blank=True)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    state = models.CharField(max_length=10, default="cutting")
    q = models.TextField(blank=True)
    message = models.TextField(blank=True)
    recipe = models.JSONField(default=dict)
    schema_version = models.ForeignKey("annotate.SchemaVersion", models.PROTECT, null=True, related_name="+")
    root = DigestField(null=True, blank=True)
    counts = models.JSONField(default=dict)
    splits = models.JSONField(default=dict)
    facts = models.JSONField(default=dict)
    job = models.ForeignKey("annotate.Job", models.SET_NULL, null=True, blank=True, related_name="+")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    frozen_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["dataset", "number"], name="version_number_once"),
            models.CheckConstraint(condition=Q(state__in=VERSION.states), name="version_state_known"),
            models.CheckConstraint(
                condition=~Q(state__in=("frozen", "withdrawn")) | Q(root__isnull=False, number__isnull=False),
                name="version_frozen_is_whole",
            ),
        ]


class Shard(models.Model):
    """A Parquet file of rows in key order; `digest` names its content, `file_sha256` this encoding of it."""

    organisation = models.ForeignKey("annotate.Organisation", models.CASCADE, related_name="+")
    digest = DigestField()
    file_sha256 = DigestField()
    stored = models.TextField()
    rows = models.IntegerField()
    size = models.BigIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["organisation", "digest"], name="shard_once"),
        ]


class VersionShard(models.Model):
    """A range of the version. `digest` is the range's in the root; `taken` rows with `fingerprint` (exclusive or of their hashes) were
    what the snapshot selected for it: as long as they are the same under the same basis, the next version takes the range as it is."""

    version = models.ForeignKey(Version, models.CASCADE, related_name="version_shards")
    shard = models.ForeignKey(Shard, models.PROTECT, related_name="+")
    ordinal = models.IntegerField()
    first_key = KeyField(max_length=1024)
    last_key = KeyField(max_length=1024)
    digest = DigestField(null=True, blank=True)
    taken = models.IntegerField(null=True, blank=True)
    fingerprint = models.BigIntegerField(null=True, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["ordinal"]
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["version", "ordinal"], name="version_shard_once"),
        ]


class SplitPlace(models.Model):
    """Where a unit (a group, or an item of none) was put by a recipe that looks at the others too: it stays there for good.

    `scheme` is a digest of the recipe, `unit` the first 8 bytes of sha256(salt|unit) as a signed number.
    """

    dataset = models.ForeignKey(Dataset, models.CASCADE, related_name="+", db_index=False)  # split_place_once begins with it
    scheme = models.BinaryField(max_length=8)
    unit = models.BigIntegerField()
    split = models.CharField(max_length=60)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["dataset", "scheme", "unit"], name="split_place_once"),
        ]


class Tag(models.Model):
    """A movable name for a version; every move is a row, the newest one holds."""

    dataset = models.ForeignKey(Dataset, models.CASCADE, related_name="tags")
    name = KeyField()
    version = models.ForeignKey(Version, models.CASCADE, related_name="tags")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes: ClassVar[list[Any]] = [models.Index(fields=["dataset", "name", "-id"], name="tag_newest")]


class Export(models.Model):
    version = models.ForeignKey(Version, models.CASCADE, related_name="exports")
    format = models.CharField(max_length=40)
    split = models.CharField(max_length=60, blank=True)
    media = models.CharField(max_length=10, default="reference")
    state = models.CharField(max_length=10, default="making")
    report = models.JSONField(default=dict)
    job = models.ForeignKey("annotate.Job", models.SET_NULL, null=True, blank=True, related_name="+")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(condition=Q(state__in=EXPORT.states), name="export_state_known"),
        ]


class ExportFile(models.Model):
    """`stored` is a path in storage; media files point at the blob's bytes instead of copies, and name their `item`."""

    export = models.ForeignKey(Export, models.CASCADE, related_name="files")
    path = models.TextField(db_collation="C")
    stored = models.TextField()
    size = models.BigIntegerField()
    sha256 = DigestField()
    item = models.BigIntegerField(null=True, blank=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["export", "path"], name="export_file_once"),
        ]
