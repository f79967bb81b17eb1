"""WallAct: one act on what was marked. WallItem: what it did to one item. WallOrder: the things of a label put into an order, once."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from annotate.projects import return_reasons
from workflows.wall.states import ACTS, ORDERS, OUTCOMES, WALL_ACT


class WallAct(models.Model):
    """`asked` is the wall's address at that time, `arguments` what the act was given, `counts` outcome → items."""

    project = models.ForeignKey("annotate.Project", models.CASCADE, related_name="+")
    act = models.CharField(max_length=10)
    asked = models.JSONField(default=dict)
    arguments = models.JSONField(default=dict)
    things = models.IntegerField(default=0)
    state = models.CharField(max_length=10, default="running")
    counts = models.JSONField(default=dict)
    queue = models.ForeignKey("annotate.Queue", models.SET_NULL, null=True, blank=True, related_name="+")
    job = models.ForeignKey("annotate.Job", models.SET_NULL, null=True, blank=True, related_name="+")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(db_default=models.functions.Now())
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(condition=Q(act__in=ACTS), name="wall_act_known"),
            models.CheckConstraint(condition=Q(state__in=WALL_ACT.states), name="wall_act_state_known"),
        ]
        indexes: ClassVar[list[Any]] = [models.Index(fields=["project", "-id"], name="wall_act_newest")]

    @property
    def given(self) -> str:
        """The label, the option or the reason that the act gave."""
        if self.act == "return":
            return return_reasons.said(self.project, self.arguments["reason_key"], self.arguments["reason"])
        return str(self.arguments.get("label") or self.arguments.get("option") or "")

    @property
    def touched(self) -> int:
        """Items that it changed, or that its undo put back."""
        return int(self.counts.get("undone" if self.state == "undone" else "changed", 0))


class WallItem(models.Model):
    """`annotation` is the revision that was seen, `places` those of its objects that were marked (none: the whole item). `made` is the
    revision, review or task that the act made, which its undo compares and takes back."""

    act = models.ForeignKey(WallAct, models.CASCADE, related_name="items", db_index=False)  # wall_item_once begins with it
    item = models.ForeignKey("annotate.Item", models.CASCADE, related_name="+")
    annotation = models.BigIntegerField()
    places = models.JSONField(default=list)
    outcome = models.CharField(max_length=12, default="planned")
    made = models.BigIntegerField(null=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["act", "item", "annotation"], name="wall_item_once"),
            models.CheckConstraint(condition=Q(outcome__in=OUTCOMES), name="wall_item_outcome_known"),
            models.CheckConstraint(condition=~Q(outcome__in=("changed", "undone", "left")) | Q(made__isnull=False), name="wall_item_made_something"),
        ]
        indexes: ClassVar[list[Any]] = [models.Index(fields=["act", "outcome", "item"], name="wall_item_outcome")]


class WallOrder(models.Model):
    """All things that one wall asks for, in its order, as they were at one instant: a wall that is being judged stands still.
    `digest` names what was asked; `state` is making until `things` is known."""

    project = models.ForeignKey("annotate.Project", models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64)
    order = models.CharField(max_length=12)
    state = models.CharField(max_length=8, default="making")
    things = models.IntegerField(null=True, blank=True)
    job = models.ForeignKey("annotate.Job", models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(db_default=models.functions.Now())

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["project", "digest"], name="wall_order_once"),
            models.CheckConstraint(condition=Q(order__in=ORDERS), name="wall_order_known"),
            models.CheckConstraint(condition=Q(state="making") | Q(state="made", things__isnull=False), name="wall_order_made_whole"),
        ]


class WallOrderPart(models.Model):
    """Some of its things, packed one after the other (`ordering.ENTRY`); `number` counts from 0."""

    order = models.ForeignKey(WallOrder, models.CASCADE, related_name="parts", db_index=False)  # wall_part_once begins with it
    number = models.IntegerField()
    entries = models.BinaryField()

    class Meta:
        constraints: ClassVar[list[Any]] = [models.UniqueConstraint(fields=["order", "number"], name="wall_part_once")]
