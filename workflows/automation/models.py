"""Flow (a project's declared way), Switch and Stop (what runs by itself), Passage and Step (a batch on its way)."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from annotate.kernel.fields import DigestField
from workflows.automation.states import KINDS, OVER, STEP


def _person() -> Any:
    return models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")


def _ref(model: str) -> Any:
    return models.ForeignKey(model, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False)


class Flow(models.Model):
    """A project's way as it was declared, frozen by a trigger: the newest one holds. The document is that of `document`."""

    project = models.ForeignKey("annotate.Project", models.CASCADE, related_name="flows", db_index=False)  # flow_once begins with it
    number = models.IntegerField()
    document = models.JSONField()
    digest = DigestField()
    created_by = _person()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [models.UniqueConstraint(fields=["project", "number"], name="flow_once")]


class Switch(models.Model):
    """Whether a step is taken by itself. What it does then is done in the name of `person`, who switched it on, and no further than
    they may. `activity`: the row that tells of it, which what comes after stands behind. A step without a row is off."""

    project = models.ForeignKey("annotate.Project", models.CASCADE, related_name="switches", db_index=False)  # switch_once begins with it
    kind = models.CharField(max_length=8)
    on = models.BooleanField(default=False)
    person = _person()
    activity = models.BigIntegerField(default=0)
    changed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["project", "kind"], name="switch_once"),
            models.CheckConstraint(condition=Q(kind__in=KINDS), name="switch_kind_known"),
        ]


class Passage(models.Model):
    """A batch on its way, by the flow that held when it set out. `cause`: the activity that it set out with, its sealing or a person's
    word. A batch that is sealed again sets out again, for what has come since."""

    batch = models.ForeignKey("annotate.Batch", models.CASCADE, related_name="passages", db_index=False)  # passage_once begins with it
    number = models.IntegerField()
    flow = models.ForeignKey(Flow, models.PROTECT, related_name="passages")
    cause = models.BigIntegerField()
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=20, blank=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["batch", "number"], name="passage_once"),
            models.UniqueConstraint(fields=["cause"], name="passage_once_for_a_cause"),
            models.UniqueConstraint(fields=["batch"], condition=Q(ended_at=None), name="passage_one_live"),
        ]
        indexes: ClassVar[list[Any]] = [models.Index(fields=["id"], condition=Q(ended_at=None), name="passage_live")]


class Step(models.Model):
    """One step of a passage, written in the transaction of the act that it stands for, so that there is one of them however often a job
    is begun. `number` counts review rounds, else 1. `by_hand`: a person has done it meanwhile; `person`: in whose name the machine did.

    `reason`: a key of `wording`, with `about`, or words of what refused. `refused_at`: when what it needs said no for the
    time being, and `refused_after`: the newest activity of the project then.
    """

    passage = models.ForeignKey(Passage, models.CASCADE, related_name="steps", db_index=False)  # step_once begins with it
    kind = models.CharField(max_length=8)
    number = models.IntegerField(default=1)
    state = models.CharField(max_length=8, default="waiting")
    by_hand = models.BooleanField(default=False)
    person = _person()
    reason = models.CharField(max_length=500, blank=True)
    about = models.JSONField(default=dict)
    tries = models.IntegerField(default=0)
    check_run = _ref("workflows.CheckRun")
    queue = _ref("annotate.Queue")
    round = _ref("workflows.Round")
    version = _ref("workflows.Version")
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    refused_at = models.DateTimeField(null=True, blank=True)
    refused_after = models.BigIntegerField(default=0)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["passage", "kind", "number"], name="step_once"),
            models.CheckConstraint(condition=Q(kind__in=KINDS), name="step_kind_known"),
            models.CheckConstraint(condition=Q(state__in=STEP.states), name="step_state_known"),
            models.CheckConstraint(condition=Q(kind="round") | Q(number=1), name="step_number_of_rounds"),
            models.CheckConstraint(condition=~Q(state__in=OVER) | Q(ended_at__isnull=False), name="step_over_has_end"),
        ]


class Stop(models.Model):
    """Nothing further starts by itself: in the project, or for one batch, until it is ended."""

    project = models.ForeignKey("annotate.Project", models.CASCADE, related_name="stops")
    batch = models.ForeignKey("annotate.Batch", models.CASCADE, null=True, blank=True, related_name="stops", db_index=False)  # stop_of_batch
    reason = models.CharField(max_length=500, blank=True)
    created_by = _person()
    created_at = models.DateTimeField(auto_now_add=True)
    ended_by = _person()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["project"], condition=Q(batch=None, ended_at=None), name="stop_of_project"),
            models.UniqueConstraint(fields=["batch"], condition=Q(batch__isnull=False, ended_at=None), name="stop_of_batch"),
        ]
