"""Blob: bytes of an organisation, stored once by their sha256. Facts about bytes hang here, not on items."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models

from annotate.kernel.fields import DigestField


class Blob(models.Model):
    """`width` and `height` are those of the upright picture; `facts` holds what probing found (format, mode, frames…)."""

    organisation = models.ForeignKey("annotate.Organisation", models.CASCADE, related_name="+")
    sha256 = DigestField()
    size = models.BigIntegerField()
    type = models.CharField(max_length=60)
    width = models.IntegerField(null=True, blank=True)
    height = models.IntegerField(null=True, blank=True)
    facts = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["organisation", "sha256"], name="blob_once"),
            models.CheckConstraint(condition=models.Q(size__gte=0), name="blob_size_positive"),
        ]

    @property
    def hex(self) -> str:
        return bytes(self.sha256).hex()
