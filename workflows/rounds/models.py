"""Round: a sample of a batch's answers judged for all of them. RoundItem: an answer that the round speaks for, or of its sample."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from workflows.rounds.sampling import KINDS
from workflows.rounds.states import DECIDED, ESCALATIONS, JUDGED_BY, OUTCOMES, ROUND


class Round(models.Model):
    """`number` counts a batch's rounds; `after` is the failed one that this follows with a larger sample. `kind`, `value`, `seed`
    and `by`: the plan of `sampling`. `left_out`: reason → items that were not taken up. What was found stands once it is decided:
    `erring` of `judged`, the `rate` and its Wilson interval `low` to `high`. `counts`: outcome → items."""

    batch = models.ForeignKey("annotate.Batch", models.CASCADE, related_name="rounds")
    number = models.IntegerField()
    after = models.OneToOneField("self", models.SET_NULL, null=True, blank=True, related_name="next")
    kind = models.CharField(max_length=12)
    value = models.FloatField(null=True, blank=True)
    seed = models.BigIntegerField(default=0)
    by = models.CharField(max_length=300, blank=True)
    pass_mark = models.FloatField()
    judged_by = models.CharField(max_length=8, default="point")
    escalation = models.CharField(max_length=8, default="larger")
    reviewers = models.JSONField(default=list)
    state = models.CharField(max_length=10, default="planning")
    queue = models.OneToOneField("annotate.Queue", models.SET_NULL, null=True, blank=True, related_name="+")
    items = models.IntegerField(default=0)
    sampled = models.IntegerField(default=0)
    rates = models.JSONField(default=dict)
    left_out = models.JSONField(default=dict)
    judged = models.IntegerField(null=True, blank=True)
    erring = models.IntegerField(null=True, blank=True)
    rate = models.FloatField(null=True, blank=True)
    low = models.FloatField(null=True, blank=True)
    high = models.FloatField(null=True, blank=True)
    counts = models.JSONField(default=dict)
    reason = models.CharField(max_length=500, blank=True)
    job = models.ForeignKey("annotate.Job", models.SET_NULL, null=True, blank=True, related_name="+")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(db_default=models.functions.Now())
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["batch", "number"], name="round_number_once"),
            models.CheckConstraint(condition=Q(state__in=ROUND.states), name="round_state_known"),
            models.CheckConstraint(condition=Q(kind__in=KINDS), name="round_kind_known"),
            models.CheckConstraint(condition=Q(judged_by__in=JUDGED_BY), name="round_judged_by_known"),
            models.CheckConstraint(condition=Q(escalation__in=ESCALATIONS), name="round_escalation_known"),
            models.CheckConstraint(condition=Q(pass_mark__gte=0, pass_mark__lte=1), name="round_pass_mark_bounded"),
            models.CheckConstraint(condition=Q(sampled__gte=0, sampled__lte=models.F("items")), name="round_sample_bounded"),
            models.CheckConstraint(
                condition=~Q(state__in=DECIDED)
                | Q(
                    judged__gte=1, judged__lte=models.F("sampled"), erring__gte=0, erring__lte=models.F("judged"), rate__gte=0, rate__lte=1,
                    low__isnull=False, high__isnull=False, decided_at__isnull=False,
                ),
                name="round_decided_on_evidence",
            ),
        ]
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["state", "id"], condition=Q(state__in=("planning", "judging", "passing", "failing")), name="round_live"),
        ]

    def __str__(self) -> str:
        return f"{self.batch_id} · {self.number}"


class RoundItem(models.Model):
    """`annotation` is the revision that counts, newest when the round was planned; `person` its author. `live` until the round is
    over: an item is in one live round at most. `place`: of a sampled one, in the order of judging. `review`: the verdict that counts."""

    round = models.ForeignKey(Round, models.CASCADE, related_name="members", db_index=False)  # round_item_once begins with it
    item = models.ForeignKey("annotate.Item", models.CASCADE, related_name="+")
    annotation = models.ForeignKey("annotate.Annotation", models.CASCADE, related_name="+", db_index=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False)
    place = models.IntegerField(null=True, blank=True)
    sampled = models.BooleanField(default=False)
    live = models.BooleanField(default=True)
    outcome = models.CharField(max_length=10, blank=True)
    review = models.ForeignKey("annotate.Review", models.SET_NULL, null=True, blank=True, related_name="+", db_index=False)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["round", "item"], name="round_item_once"),
            models.UniqueConstraint(fields=["item"], condition=Q(live=True), name="round_item_one_live"),
            models.CheckConstraint(condition=Q(outcome__in=OUTCOMES), name="round_item_outcome_known"),
            models.CheckConstraint(condition=Q(sampled=True, place__isnull=False) | Q(sampled=False, place__isnull=True), name="round_item_sampled_has_place"),
        ]
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["round", "place"], condition=Q(sampled=True), name="round_item_sample"),
            models.Index(fields=["round", "id"], condition=Q(sampled=False, outcome=""), name="round_item_to_do"),
        ]
