"""Review: a verdict on the exact revision that was seen. Dispute: its author holds against a return. Recheck: a second look at
what a verdict was about. Comment: words pinned to a revision. Approval: what stands."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import F, Q

from annotate.reviews.states import DISPUTE

VERDICTS = ("accept", "return", "fix")
CAUSES = ("review", "round", "consensus", "adjudication", "import", "migration")


class Review(models.Model):
    """Frozen by a trigger. `fixed` is the revision a fixing reviewer wrote in place of `annotation`.

    Why it was returned: `reason_key` of the project's reasons, `reason` in words, or both. `seconds`: active time, as the workbench measured it; null where the client said nothing.
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
    reason_key = models.CharField(max_length=40, blank=True, default="", db_default="")
    seconds = models.FloatField(null=True, blank=True)
    created_at = models.DateTimeField(db_default=models.functions.Now())

    class Meta:
        indexes: ClassVar[list[Any]] = [BrinIndex(fields=["created_at"], autosummarize=True, name="review_lately")]
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(condition=Q(verdict__in=VERDICTS), name="review_verdict_known"),
            models.CheckConstraint(
                condition=~Q(verdict="return") | ~Q(reason="") | ~Q(reason_key=""), name="review_return_has_reason"
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


class Dispute(models.Model):
    """The author of returned work says why it should not have come back; somebody who had no part in it decides.

    `person` is the author, `against` who returned it; `task` waits, parked, while it is open. `accepted`: the verdict by which the
    decision approved the work at once.
    """

    review = models.ForeignKey(Review, models.CASCADE, related_name="disputes")
    item = models.ForeignKey("annotate.Item", models.CASCADE, related_name="disputes")
    task = models.ForeignKey("annotate.Task", models.SET_NULL, null=True, related_name="+")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="disputes")
    against = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    text = models.TextField()
    state = models.CharField(max_length=10, default="open")
    created_at = models.DateTimeField(db_default=models.functions.Now())
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    answer = models.TextField(blank=True)
    accepted = models.ForeignKey(Review, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        constraints: ClassVar[list[Any]] = [
            # One that was withdrawn may be followed by another; one that was decided stays decided.
            models.UniqueConstraint(fields=["review"], condition=~Q(state="withdrawn"), name="dispute_one_per_review"),
            models.CheckConstraint(condition=Q(state__in=DISPUTE.states), name="dispute_state_known"),
            models.CheckConstraint(condition=Q(state="open", decided_at__isnull=True) | Q(~Q(state="open"), decided_at__isnull=False), name="dispute_decided_once"),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | (~Q(decided_by=F("person")) & ~Q(decided_by=F("against"))), name="dispute_decided_by_a_third"
            ),
        ]
        indexes: ClassVar[list[Any]] = [models.Index(fields=["person", "-id"], name="dispute_person")]


class Recheck(models.Model):
    """What a second reviewer said, unaware, of a revision that `review` had judged: it measures, and changes nothing by itself.

    Numbered in the series of reviews, so that no number tells. `document`: the revision as they would have it, of a fix. `differs`: one
    of the two verdicts says that it is right as it is, and the other does not; who of them was right, a third person settles.
    """

    review = models.ForeignKey(Review, models.CASCADE, related_name="rechecks")
    item = models.ForeignKey("annotate.Item", models.CASCADE, related_name="rechecks")
    task = models.ForeignKey("annotate.Task", models.SET_NULL, null=True, related_name="rechecks")
    annotation = models.ForeignKey("annotate.Annotation", models.CASCADE, related_name="+")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="rechecks")
    against = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    verdict = models.CharField(max_length=10)
    reason = models.CharField(max_length=500, blank=True)
    reason_key = models.CharField(max_length=40, blank=True)
    document = models.TextField(blank=True)
    comments = models.JSONField(default=list)
    differs = models.BooleanField(default=False)
    seconds = models.FloatField(null=True, blank=True)
    created_at = models.DateTimeField(db_default=models.functions.Now())
    undone_at = models.DateTimeField(null=True, blank=True)
    settled = models.CharField(max_length=6, blank=True)
    settled_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["task"], condition=Q(undone_at__isnull=True), name="recheck_one_per_task"),
            models.CheckConstraint(condition=Q(verdict__in=VERDICTS), name="recheck_verdict_known"),
            models.CheckConstraint(condition=~Q(person=F("against")), name="recheck_by_another"),
            models.CheckConstraint(condition=Q(settled__in=("", "first", "second")), name="recheck_settled_known"),
            models.CheckConstraint(
                condition=Q(settled_by__isnull=True) | (~Q(settled_by=F("person")) & ~Q(settled_by=F("against"))), name="recheck_settled_by_a_third"
            ),
        ]


class Adjudication(models.Model):
    """What a verdict that decided between several answers decided between, and took from whom.

    `answers`: [{label, annotation}], the letters as the adjudicator saw them. `origins`: {"objects": {id: {answers, changed}}, "item":
    {name: answers}}, answers by their annotation. `aside`: tasks that need not be done any more, as they were (`queues.laying_aside`).
    """

    review = models.OneToOneField(Review, models.CASCADE, related_name="adjudication")
    answers = models.JSONField(default=list)
    origins = models.JSONField(default=dict)
    aside = models.JSONField(default=list)


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
    review = models.ForeignKey(Review, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False)  # approval_review
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False)  # approval_person
    created_at = models.DateTimeField(db_default=models.functions.Now())
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_reason = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["item"], condition=Q(ended_at__isnull=True), name="approval_one_standing"),
            models.CheckConstraint(condition=Q(cause__in=CAUSES), name="approval_cause_known"),
        ]
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["review"], condition=Q(review__isnull=False), name="approval_review"),
            models.Index(fields=["person"], condition=Q(person__isnull=False), name="approval_person"),
        ]
