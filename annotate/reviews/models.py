"""Review: a verdict on the exact revision that was seen. Comment: words pinned to it. Approval: what stands."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q

VERDICTS = ("accept", "return", "fix")
CAUSES = ("review", "round", "consensus", "adjudication", "import", "migration")


class Review(models.Model):
    """Frozen by a trigger. `fixed` is the revision a fixing reviewer wrote in place of `annotation`.

    `seconds`: active time, as the workbench measured it; null where the client said nothing.
    """

    item = models.ForeignKey("annotate.Item", models.CASCADE, related_name="reviews")
    task = models.ForeignKey("annotate.Task", models.SET_NULL, null=True, related_name="reviews")
    lease = models.OneToOneField("annotate.Lease", models.SET_NULL, null=True, related_name="review")
    annotation = models.ForeignKey("annotate.Annotation", models.CASCADE, related_name="reviews")
    fixed = models.ForeignKey("annotate.Annotation", models.SET_NULL, null=True, blank=True, related_name="+")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="reviews")
    round = models.SmallIntegerField(default=1)
    verdict = models.CharField(max_length=10)
    reason = models.CharField(max_length=500, blank=True)
    seconds = models.FloatField(null=True, blank=True)
    created_at = models.DateTimeField(db_default=models.functions.Now())

    class Meta:
        indexes: ClassVar[list[Any]] = [BrinIndex(fields=["created_at"], autosummarize=True, name="review_lately")]
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(condition=Q(verdict__in=VERDICTS), name="review_verdict_known"),
            models.CheckConstraint(
                condition=~Q(verdict="return") | ~Q(reason=""), name="review_return_has_reason"
            ),
        ]


class Undo(models.Model):
    """A verdict taken back; the verdict's own row stays as it was given. `annotation`: the fix that counts no longer. A correction
    that was made outside of a review has no `review`."""

    review = models.OneToOneField(Review, models.CASCADE, null=True, blank=True, related_name="undone")
    annotation = models.ForeignKey("annotate.Annotation", models.CASCADE, null=True, blank=True, related_name="+")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(db_default=models.functions.Now())

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(condition=Q(review__isnull=False) | Q(annotation__isnull=False), name="undo_of_something"),
        ]


class Comment(models.Model):
    """Words about an item, pinned to an object of a revision or to a point [x, y] in pixels, or to neither."""

    item = models.ForeignKey("annotate.Item", models.CASCADE, related_name="comments")
    annotation = models.ForeignKey("annotate.Annotation", models.SET_NULL, null=True, blank=True, related_name="+")
    review = models.ForeignKey(Review, models.SET_NULL, null=True, blank=True, related_name="comments")
    object = models.UUIDField(null=True, blank=True)
    at = models.JSONField(null=True, blank=True)
    text = models.TextField()
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        indexes: ClassVar[list[Any]] = [models.Index(fields=["item", "id"], name="comment_item")]


class Question(models.Model):
    """What an annotator asked about a task; the task is parked until it is answered.

    `shape` is the object asked about as it was drawn then, for drafts go on changing. `exampled_at`: the answer became an
    example of the guidelines.
    """

    item = models.ForeignKey("annotate.Item", models.CASCADE, related_name="questions")
    task = models.ForeignKey("annotate.Task", models.SET_NULL, null=True, related_name="questions")
    object = models.UUIDField(null=True, blank=True)
    shape = models.JSONField(null=True, blank=True)
    at = models.JSONField(null=True, blank=True)
    text = models.TextField()
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="questions")
    created_at = models.DateTimeField(db_default=models.functions.Now())
    answer = models.TextField(blank=True)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True)
    exampled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["item", "id"], name="question_item"),
            models.Index(fields=["person", "-answered_at"], name="question_person"),
        ]


class Approval(models.Model):
    """An item has at most one that is neither superseded nor withdrawn (`ended_at` null)."""

    item = models.ForeignKey("annotate.Item", models.CASCADE, related_name="approvals")
    annotation = models.ForeignKey("annotate.Annotation", models.CASCADE, related_name="approvals")
    cause = models.CharField(max_length=12)
    review = models.ForeignKey(Review, models.SET_NULL, null=True, blank=True, related_name="+")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(db_default=models.functions.Now())
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_reason = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["item"], condition=Q(ended_at__isnull=True), name="approval_one_standing"),
            models.CheckConstraint(condition=Q(cause__in=CAUSES), name="approval_cause_known"),
        ]
