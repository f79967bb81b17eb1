"""The append-only record of who did what, sealed into one hash chain per organisation.

The table is partitioned by month (made by the first migration). A request inserts its row unsealed, stamped with its
transaction; the sealer later gives rows below the oldest running transaction their place and hash, once.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Func
from django.db.models.functions import Now

from annotate.kernel.fields import DigestField


class Transaction(Func):
    """The current transaction's 64-bit id, as a bigint."""

    template = "pg_current_xact_id()::text::bigint"
    output_field = models.BigIntegerField()


class Activity(models.Model):
    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField(db_default=Now())
    transaction = models.BigIntegerField(db_default=Transaction())
    organisation_id = models.BigIntegerField()
    project_id = models.BigIntegerField(null=True)
    person_id = models.BigIntegerField(null=True)
    token_id = models.BigIntegerField(null=True)
    verb = models.CharField(max_length=60)
    noun = models.CharField(max_length=40)
    noun_id = models.BigIntegerField(null=True)
    before = DigestField(null=True)
    after = DigestField(null=True)
    data = models.JSONField(default=dict)
    request_id = models.CharField(max_length=64, blank=True)
    address = models.CharField(max_length=45, blank=True)
    number = models.BigIntegerField(null=True)
    hash = DigestField(null=True)

    class Meta:
        db_table = "annotate_activity"
        managed = False


class Seal(models.Model):
    """The head of an organisation's chain: the last sealed place and hash, and how far transactions are sealed."""

    organisation_id = models.BigIntegerField(unique=True)
    number = models.BigIntegerField(default=0)
    hash = DigestField()
    transaction = models.BigIntegerField(default=0)
    sealed_at = models.DateTimeField(auto_now=True)


class Consumer(models.Model):
    """How far a reader of activity has come: news travels up by such cursors."""

    name = models.CharField(max_length=60, unique=True)
    transaction = models.BigIntegerField(default=0)
    activity_id = models.BigIntegerField(default=0)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints: ClassVar[list[Any]] = []
