"""Qualification (what somebody must be able to do), Requirement of a queue, Qualified people, the runs that tell, and attempts
that a manager grants beyond the usual."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from annotate.kernel.fields import KeyField
from annotate.qualifications.states import KINDS, RUN


class Qualification(models.Model):
    """`queue`, where it has one, hands out gold only: a run of `questions` answers in it, passed from a mean score of
    `pass_mark` (0 to 1) on, at most `attempts` times. Without a queue a manager gives it by hand."""

    project = models.ForeignKey("annotate.Project", models.CASCADE, related_name="qualifications")
    name = KeyField()
    kind = models.CharField(max_length=10, default="other")
    about = models.TextField(blank=True)
    queue = models.OneToOneField("annotate.Queue", models.SET_NULL, null=True, blank=True, related_name="qualification")
    questions = models.SmallIntegerField(default=10)
    pass_mark = models.FloatField(default=0.8)
    attempts = models.SmallIntegerField(default=1)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(db_default=models.functions.Now())

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["project", "name"], name="qualification_name_once"),
            models.CheckConstraint(condition=Q(kind__in=KINDS), name="qualification_kind_known"),
            models.CheckConstraint(
                condition=Q(questions__gte=1, questions__lte=1000, pass_mark__gte=0, pass_mark__lte=1, attempts__gte=1, attempts__lte=100),
                name="qualification_bounded",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Requirement(models.Model):
    """A queue hands out work only to those who are qualified, with a score of at least `bar` where one is given."""

    queue = models.ForeignKey("annotate.Queue", models.CASCADE, related_name="requirements")
    qualification = models.ForeignKey(Qualification, models.CASCADE, related_name="requirements")
    bar = models.FloatField(null=True, blank=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["queue", "qualification"], name="requirement_once"),
            models.CheckConstraint(condition=Q(bar__isnull=True) | Q(bar__gte=0, bar__lte=1), name="requirement_bar_bounded"),
        ]


class Qualified(models.Model):
    """A person has a qualification, by a run or by a manager's word, until `ended_at`."""

    qualification = models.ForeignKey(Qualification, models.CASCADE, related_name="qualified")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="qualified")
    score = models.FloatField(null=True, blank=True)
    given_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    given_at = models.DateTimeField(db_default=models.functions.Now())
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["qualification", "person"], condition=Q(ended_at__isnull=True), name="qualified_once"),
            models.CheckConstraint(condition=Q(score__isnull=True) | Q(score__gte=0, score__lte=1), name="qualified_score_bounded"),
        ]


class QualifyingRun(models.Model):
    """One attempt of a person: begun with the first question, ended when the last answer was measured. Its questions are the
    person's gold tasks in the queue from `after_task`, an id, on."""

    qualification = models.ForeignKey(Qualification, models.CASCADE, related_name="runs")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="qualifying_runs")
    attempt = models.SmallIntegerField(default=1)
    state = models.CharField(max_length=10, default="running")
    score = models.FloatField(null=True, blank=True)
    after_task = models.BigIntegerField(default=0, db_default=0)
    begun_at = models.DateTimeField(db_default=models.functions.Now())
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["qualification", "person", "attempt"], name="qualifying_run_once"),
            models.UniqueConstraint(
                fields=["qualification", "person"], condition=Q(state="running"), name="qualifying_run_one_at_a_time"
            ),
            models.CheckConstraint(condition=Q(state__in=RUN.states), name="qualifying_run_state_known"),
        ]


class FurtherAttempt(models.Model):
    """A manager lets one person take the run once more than its `attempts`, until `revoked_at`. `number`: the person's first,
    second, … of the qualification, the revoked ones too, so that two who grant at once grant one."""

    qualification = models.ForeignKey(Qualification, models.CASCADE, related_name="further_attempts")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="further_attempts")
    number = models.SmallIntegerField(default=1)
    granted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    granted_at = models.DateTimeField(db_default=models.functions.Now())
    revoked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["qualification", "person", "number"], name="further_attempt_once"),
            models.CheckConstraint(condition=Q(number__gte=1), name="further_attempt_counted"),
        ]
