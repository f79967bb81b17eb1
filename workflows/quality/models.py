"""What is measured of people's answers."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q


class GoldScore(models.Model):
    """An answer to a gold item against its truth: `score` 0 to 1, `parts` the counts behind it, by label."""

    annotation = models.OneToOneField("annotate.Annotation", models.CASCADE, related_name="gold_score")
    gold = models.ForeignKey("annotate.Gold", models.CASCADE, related_name="scores")
    queue = models.ForeignKey("annotate.Queue", models.CASCADE, related_name="+")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="gold_scores")
    score = models.FloatField()
    parts = models.JSONField(default=dict)
    created_at = models.DateTimeField(db_default=models.functions.Now())

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(condition=Q(score__gte=0, score__lte=1), name="gold_score_bounded"),
        ]
        indexes: ClassVar[list[Any]] = [models.Index(fields=["person", "queue", "-id"], name="gold_score_person")]
