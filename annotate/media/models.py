"""Blob: bytes of an organisation, stored once by their sha256. Facts about bytes hang here, not on items."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models.fields.json import KeyTextTransform

from annotate.kernel.fields import Bits, DigestField


class Blob(models.Model):
    """`width` and `height` are those of the upright picture; `facts` holds what probing found (format, mode, frames…)."""

    organisation = models.ForeignKey("annotate.Organisation", models.CASCADE, related_name="+")
    sha256 = DigestField()
    size = models.BigIntegerField()
    type = models.CharField(max_length=60)
    width = models.IntegerField(null=True, blank=True)
    height = models.IntegerField(null=True, blank=True)
    facts = models.JSONField(default=dict)
    # Of the facts, what checks read of a million pictures: to look into the document of each would take most of their time.
    format = models.GeneratedField(expression=KeyTextTransform("format", "facts"), output_field=models.CharField(max_length=20, null=True), db_persist=True)
    pixels = models.GeneratedField(expression=Bits(KeyTextTransform("pixels", "facts")), output_field=models.BigIntegerField(null=True), db_persist=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["organisation", "sha256"], name="blob_once"),
            models.CheckConstraint(condition=models.Q(size__gte=0), name="blob_size_positive"),
        ]

    @property
    def hex(self) -> str:
        return bytes(self.sha256).hex()
