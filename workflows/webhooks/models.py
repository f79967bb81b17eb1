"""Webhook: an address that is told of a project's news. Delivery: one piece of news on its way there."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from workflows.webhooks.states import DELIVERY


class Webhook(models.Model):
    """`nonce` makes its secret, together with the server's own (see `signing`): the secret itself is kept nowhere."""

    project = models.ForeignKey("annotate.Project", models.CASCADE, related_name="webhooks")
    url = models.TextField()
    events = ArrayField(models.CharField(max_length=40))
    nonce = models.CharField(max_length=64)
    active = models.BooleanField(default=True)
    stopped_why = models.CharField(max_length=300, blank=True)
    failing_since = models.DateTimeField(null=True, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)


class Delivery(models.Model):
    """`payload` is the body as it is signed and sent; `activity_id` the act that it tells of, null for a test."""

    webhook = models.ForeignKey(Webhook, models.CASCADE, related_name="deliveries")
    event = models.CharField(max_length=40)
    activity_id = models.BigIntegerField(null=True)
    payload = models.TextField()
    state = models.CharField(max_length=10, default="waiting")
    attempts = models.IntegerField(default=0)
    next_at = models.DateTimeField()
    status = models.IntegerField(null=True)
    error = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["next_at"], condition=Q(state="waiting"), name="delivery_due"),
        ]
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["webhook", "activity_id"], name="delivery_once"),
            models.CheckConstraint(condition=Q(state__in=DELIVERY.states), name="delivery_state_known"),
        ]
