"""Gold: an item whose truth is known, to measure people by."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from annotate.gold.states import GOLD


class Gold(models.Model):
    """`annotation` is the truth: a revision of the item, from an approval or an import. Retired gold is handed out no more,
    and what it has measured stays."""

    project = models.ForeignKey("annotate.Project", models.CASCADE, related_name="gold")
    item = models.ForeignKey("annotate.Item", models.CASCADE, related_name="gold")
    annotation = models.ForeignKey("annotate.Annotation", models.CASCADE, related_name="+")
    state = models.CharField(max_length=10, default="active")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(db_default=models.functions.Now())
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["item"], condition=Q(state="active"), name="gold_once"),
            models.CheckConstraint(condition=Q(state__in=GOLD.states), name="gold_state_known"),
        ]
        indexes: ClassVar[list[Any]] = [models.Index(fields=["project", "state", "-id"], name="gold_project")]
