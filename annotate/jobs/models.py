"""Job: the truth about background work. The broker only carries its id."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from annotate.jobs.states import JOB, LIVE
from annotate.kernel.fields import KeyField


class Job(models.Model):
    """`key`, when given, lets at most one such job be queued or running; `fence` rises with every claim.

    `due_at` is when it was last queued (or may be tried again); `started_at` is when the latest attempt began.
    """

    organisation = models.ForeignKey("annotate.Organisation", models.CASCADE, related_name="+")
    project = models.ForeignKey("annotate.Project", models.CASCADE, null=True, blank=True, related_name="jobs")
    kind = models.CharField(max_length=60)
    key = KeyField(null=True, blank=True)
    state = models.CharField(max_length=10, default="queued")
    arguments = models.JSONField(default=dict)
    done = models.BigIntegerField(default=0)
    total = models.BigIntegerField(null=True, blank=True)
    result = models.JSONField(null=True, blank=True)
    error = models.TextField(blank=True)
    attempts = models.SmallIntegerField(default=0)
    fence = models.IntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    cancel_requested = models.BooleanField(default=False)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    due_at = models.DateTimeField(db_default=Now())
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(condition=models.Q(state__in=JOB.states), name="job_state_known"),
            models.UniqueConstraint(
                fields=["key"], condition=models.Q(state__in=LIVE, key__isnull=False), name="job_one_live_per_key"
            ),
        ]
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["lease_until"], condition=models.Q(state="running"), name="job_running"),
            models.Index(fields=["due_at"], condition=models.Q(state="queued"), name="job_queued"),
            models.Index(fields=["-started_at"], name="job_latest_start"),
            models.Index(fields=["organisation", "-id"], name="job_newest"),
        ]


class JobReportLine(models.Model):
    """One thing a job could not take as it came: where (file or line), a stable code, words, details."""

    job = models.ForeignKey(Job, models.CASCADE, related_name="report_lines")
    place = models.TextField()
    code = models.CharField(max_length=60)
    detail = models.TextField()
    data = models.JSONField(null=True, blank=True)

    class Meta:
        indexes: ClassVar[list[Any]] = [models.Index(fields=["job", "id"], name="job_report_order")]
