"""Handing: a batch given to a team in one step, which can be undone once."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from workflows.assignment.states import HANDING, MODES


class Handing(models.Model):
    """`shares` maps a person's id to their share as given; `named` are the people whom it named for the queue, `opened` says
    that it made the queue: what an undo takes back. The tasks it kept for people stand with `bulk`, one row each."""

    batch = models.ForeignKey("annotate.Batch", models.CASCADE, related_name="handings")
    team = models.ForeignKey("annotate.Team", models.SET_NULL, null=True, related_name="+")
    team_name = models.CharField(max_length=200)
    queue = models.ForeignKey("annotate.Queue", models.SET_NULL, null=True, related_name="+")
    bulk = models.ForeignKey("annotate.Bulk", models.SET_NULL, null=True, related_name="+")
    mode = models.CharField(max_length=10)
    shares = models.JSONField(default=dict)
    until = models.DateTimeField(null=True, blank=True)
    opened = models.BooleanField(default=False)
    named = models.JSONField(default=list)
    counts = models.JSONField(default=dict)
    state = models.CharField(max_length=10, default="running")
    job = models.ForeignKey("annotate.Job", models.SET_NULL, null=True, blank=True, related_name="+")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(condition=Q(state__in=HANDING.states), name="handing_state_known"),
            models.CheckConstraint(condition=Q(mode__in=MODES), name="handing_mode_known"),
        ]
        indexes: ClassVar[list[Any]] = [models.Index(fields=["batch", "-id"], name="handing_batch")]
