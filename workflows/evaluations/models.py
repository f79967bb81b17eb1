"""What trainings did with a version: Pull (who took it, for which run), Evaluation (a model's figures on it) and Suspect (a label that its
predictions speak against)."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models

from annotate.kernel.fields import KeyField

KINDS = ("missing", "wrong_label", "badly_placed", "doubtful", "wrong_answer")  # as `suspecting` has them, which takes numpy to load


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
    """`model` names the recipe that stays the same from version to version; `metrics` nests names down to numbers.

    Of predictions the job writes the row, whole: `report` is then what was measured, and figures that came with them are `metrics.given`.
    """

    version = models.ForeignKey("workflows.Version", models.CASCADE, related_name="evaluations")
    model = KeyField()
    run = KeyField(blank=True)
    split = models.CharField(max_length=60, blank=True)
    metrics = models.JSONField()
    report = models.JSONField(null=True)
    job = models.ForeignKey("annotate.Job", models.SET_NULL, null=True, related_name="+")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes: ClassVar[list[Any]] = [models.Index(fields=["version", "model", "-id"], name="evaluation_of_version")]
        constraints: ClassVar[list[Any]] = [models.UniqueConstraint(fields=["job"], name="evaluation_once_per_job")]


class Suspect(models.Model):
    """A label that the evaluation's predictions speak against: the `rank`-th, from 1 (see `suspecting` for `kind` and `score`).

    `label` is what was frozen, `said` what the model says, "" where there is none; `drawn` the frozen object, `shape` the predicted one,
    `about` the question of an answer about the item. `task` is what sending it to a queue made, `question` what was asked of it.
    """

    evaluation = models.ForeignKey(Evaluation, models.CASCADE, related_name="suspects")
    rank = models.IntegerField()
    # Without a constraint of its own: to write it would lock the item's row, which an erasure has while it waits for who writes.
    item = models.ForeignKey("annotate.Item", models.CASCADE, related_name="+", db_constraint=False)
    kind = models.CharField(max_length=20)
    label = models.TextField(blank=True)
    said = models.TextField(blank=True)
    about = models.TextField(blank=True)
    drawn = models.JSONField(null=True)
    shape = models.JSONField(null=True)
    score = models.FloatField()
    task = models.BigIntegerField(null=True)
    question = models.ForeignKey("annotate.Question", models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["evaluation", "rank"], name="suspect_once"),
            models.CheckConstraint(condition=models.Q(kind__in=KINDS), name="suspect_kind_known"),
        ]
