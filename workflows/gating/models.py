"""ReleaseGate (what must hold before items go into a version) and GateOpening (a manager's word that it need not)."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q


class ReleaseGate(models.Model):
    """A rule on the measures (see `expression`) of one batch, of one slice, or, with neither, of every batch that has none of its own."""

    project = models.ForeignKey("annotate.Project", models.CASCADE, related_name="release_gates")
    batch = models.ForeignKey("annotate.Batch", models.CASCADE, null=True, blank=True, related_name="release_gates")
    slice = models.ForeignKey("workflows.Slice", models.CASCADE, null=True, blank=True, related_name="release_gates")
    expression = models.TextField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(db_default=models.functions.Now())

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["project", "batch", "slice"], nulls_distinct=False, name="release_gate_once"),
            models.CheckConstraint(condition=Q(batch__isnull=True) | Q(slice__isnull=True), name="release_gate_of_one"),
            models.CheckConstraint(condition=~Q(expression=""), name="release_gate_says_something"),
        ]


class GateOpening(models.Model):
    """Opened by hand, with a reason, until `ended_at`; as long as the rule is `expression`, and no item came after `last_item`."""

    project = models.ForeignKey("annotate.Project", models.CASCADE, related_name="+")
    batch = models.ForeignKey("annotate.Batch", models.CASCADE, null=True, blank=True, related_name="gate_openings")
    slice = models.ForeignKey("workflows.Slice", models.CASCADE, null=True, blank=True, related_name="gate_openings")
    expression = models.TextField()
    last_item = models.BigIntegerField(default=0)
    reason = models.CharField(max_length=500)
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    opened_at = models.DateTimeField(db_default=models.functions.Now())
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["batch", "slice"], condition=Q(ended_at__isnull=True), nulls_distinct=False, name="gate_opening_once"),
            models.CheckConstraint(condition=Q(batch__isnull=False, slice__isnull=True) | Q(batch__isnull=True, slice__isnull=False), name="gate_opening_of_one"),
            models.CheckConstraint(condition=~Q(reason=""), name="gate_opening_says_why"),
        ]
