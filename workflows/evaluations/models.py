"""What trainings did with a version: Pull (who took it, for which run) and Evaluation (a model's figures on it)."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models

from annotate.kernel.fields import KeyField


class Pull(models.Model):
    """One pull, as the client told it; `run` is "" when none was named."""

    version = models.ForeignKey("workflows.Version", models.CASCADE, related_name="pulls")
    run = KeyField(blank=True)
    format = models.CharField(max_length=40, blank=True)
    split = models.CharField(max_length=60, blank=True)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    token_id = models.BigIntegerField(null=True)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes: ClassVar[list[Any]] = [models.Index(fields=["version", "run", "-at"], name="pull_of_version")]


class Evaluation(models.Model):
    """`model` names the recipe that stays the same from version to version; `metrics` nests names down to numbers."""

    version = models.ForeignKey("workflows.Version", models.CASCADE, related_name="evaluations")
    model = KeyField()
    run = KeyField(blank=True)
    split = models.CharField(max_length=60, blank=True)
    metrics = models.JSONField()
    job = models.ForeignKey("annotate.Job", models.SET_NULL, null=True, related_name="+")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes: ClassVar[list[Any]] = [models.Index(fields=["version", "model", "-id"], name="evaluation_of_version")]
