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


class Consensus(models.Model):
    """Why an item's approved revision says what several answers came to: `method` unanimous, or how it was chosen; `confidence` 0 to 1
    of its least sure part; `explanation` every vote, as JSON."""

    item = models.ForeignKey("annotate.Item", models.CASCADE, related_name="consensuses")
    annotation = models.OneToOneField("annotate.Annotation", models.CASCADE, related_name="consensus")
    job = models.ForeignKey("annotate.Job", models.SET_NULL, null=True, blank=True, related_name="+")
    method = models.CharField(max_length=20)
    confidence = models.FloatField()
    explanation = models.JSONField(default=dict)
    created_at = models.DateTimeField(db_default=models.functions.Now())

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(condition=Q(confidence__gte=0, confidence__lte=1), name="consensus_confidence_bounded"),
        ]


class QualityReport(models.Model):
    """Figures of a large project as a job measured them; `about` names what was asked, and each is measured anew in its place."""

    project = models.ForeignKey("annotate.Project", models.CASCADE, related_name="quality_reports")
    about = models.CharField(max_length=200)
    result = models.JSONField(default=dict)
    measured_at = models.DateTimeField(db_default=models.functions.Now())

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["project", "about"], name="quality_report_once"),
        ]
