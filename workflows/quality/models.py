"""What is measured of people's answers."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from annotate.kernel.fields import JSONTextField, KeyField
from workflows.quality.states import CONSENSUS_RUN, DECIDED, KEPT, LEFT


class GoldScore(models.Model):
    """An answer to a gold item against its truth: `score` 0 to 1, `parts` the counts behind it, by label."""

    annotation = models.OneToOneField("annotate.Annotation", models.CASCADE, related_name="gold_score")
    gold = models.ForeignKey("annotate.Gold", models.CASCADE, related_name="scores")
    queue = models.ForeignKey("annotate.Queue", models.CASCADE, related_name="+")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="gold_scores")
    score = models.FloatField()
    parts = models.JSONField(default=dict)
    created_at = models.DateTimeField(db_default=models.functions.Now())

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(condition=Q(score__gte=0, score__lte=1), name="gold_score_bounded"),
        ]
        indexes: ClassVar[list[Any]] = [models.Index(fields=["person", "queue", "-id"], name="gold_score_person")]


class Consensus(models.Model):
    """Why an item's approved revision says what several answers came to: `method` unanimous, or how it was chosen; `confidence` 0 to 1
    of its least sure part; `explanation` every vote, as `reasons` keeps it."""

    item = models.ForeignKey("annotate.Item", models.CASCADE, related_name="consensuses")
    annotation = models.OneToOneField("annotate.Annotation", models.CASCADE, related_name="consensus")
    job = models.ForeignKey("annotate.Job", models.SET_NULL, null=True, blank=True, related_name="+")
    method = models.CharField(max_length=20)
    confidence = models.FloatField()
    explanation = JSONTextField(default=dict)
    created_at = models.DateTimeField(db_default=models.functions.Now())

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(condition=Q(confidence__gte=0, confidence__lte=1), name="consensus_confidence_bounded"),
        ]


class ConsensusRun(models.Model):
    """Items that match `q` brought together by `method`; a dry run only says what would become of them. `counts`: {outcome: items},
    and once it is undone {"undone": items, why: items}."""

    project = models.ForeignKey("annotate.Project", models.CASCADE, related_name="consensus_runs")
    q = models.TextField(blank=True)
    method = models.CharField(max_length=20)
    quorum = models.IntegerField(null=True, blank=True)
    dry_run = models.BooleanField(default=False)
    state = models.CharField(max_length=10, default="deciding")
    answers = models.IntegerField(default=0)
    job = models.ForeignKey("annotate.Job", models.SET_NULL, null=True, blank=True, related_name="+")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(db_default=models.functions.Now())
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(condition=Q(state__in=CONSENSUS_RUN.states), name="consensus_run_state_known"),
            models.CheckConstraint(condition=Q(dry_run=False) | Q(state__in=("deciding", "decided")), name="consensus_run_dry_changes_nothing"),
            models.CheckConstraint(condition=Q(quorum__isnull=True) | Q(quorum__gte=1), name="consensus_run_quorum_positive"),
        ]
        indexes: ClassVar[list[Any]] = [models.Index(fields=["project", "-id"], name="consensus_run_project")]


class ConsensusItem(models.Model):
    """An item of a run: `outcome` decided (by `method`, with its `consensus` unless the run was dry), or why it is left (`states.LEFT`),
    then with an `explanation` where a vote was taken. `aside`: tasks laid aside by it, as they were (`queues.laying_aside`). `undone` is
    empty, undone, or why its consensus stayed. `last`: no later run, but for dry ones, has looked at the item."""

    run = models.ForeignKey(ConsensusRun, models.CASCADE, related_name="members", db_index=False)  # consensus_item_outcome begins with it
    item = models.ForeignKey("annotate.Item", models.CASCADE, related_name="+", db_index=False)  # consensus_item_once begins with it
    outcome = models.CharField(max_length=12)
    method = models.CharField(max_length=20, blank=True)
    consensus = models.OneToOneField(Consensus, models.SET_NULL, null=True, blank=True, related_name="member")
    explanation = JSONTextField(null=True, blank=True)
    aside = models.JSONField(default=list)
    undone = models.CharField(max_length=12, blank=True)
    last = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["item", "run"], name="consensus_item_once"),
            models.UniqueConstraint(fields=["item"], condition=Q(last=True), name="consensus_item_last_once"),
            models.CheckConstraint(condition=Q(outcome__in=(DECIDED, *LEFT)), name="consensus_item_outcome_known"),
            models.CheckConstraint(condition=Q(undone__in=("", "undone", *KEPT)), name="consensus_item_undone_known"),
            models.CheckConstraint(condition=Q(consensus__isnull=True) | Q(outcome=DECIDED), name="consensus_item_decided_has_consensus"),
        ]
        indexes: ClassVar[list[Any]] = [models.Index(fields=["run", "outcome", "undone", "id"], name="consensus_item_outcome")]


class QualityReport(models.Model):
    """Figures of a large project as a job measured them; `about` names what was asked, and each is measured anew in its place."""

    project = models.ForeignKey("annotate.Project", models.CASCADE, related_name="quality_reports")
    about = models.CharField(max_length=200)
    result = models.JSONField(default=dict)
    measured_at = models.DateTimeField(db_default=models.functions.Now())

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["project", "about"], name="quality_report_once"),
        ]


KEPT_OF = ("agreement", "people", "model")


class Kept(models.Model):
    """What matching an item's answers has found, so that it is looked for again only when they change: `key` names the schema version
    and the answers it was found in, `answers` counts them. Of `agreement` it is the `part` (see `parts`), and when the last of them came is `at`; of `people` and
    `model` it is the rows of `Confused`.

    Derived: whatever is missing is made anew, and no constraint watches over it.
    """

    project_id = models.BigIntegerField()
    item = models.ForeignKey("annotate.Item", models.CASCADE, related_name="+", db_constraint=False, db_index=False)  # kept_once begins with it
    kind = models.CharField(max_length=10)
    key = KeyField(max_length=32)
    answers = models.IntegerField()
    part = models.BinaryField(null=True)
    at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["item", "kind"], name="kept_once"),
            models.CheckConstraint(condition=Q(kind__in=KEPT_OF), name="kept_kind_known"),
        ]
        indexes: ClassVar[list[Any]] = [models.Index(fields=["project_id", "kind", "item"], name="kept_of_project")]


class Confused(models.Model):
    """Things of an item that are `meant` with the truth and `given` with an answer; "" where that side has none. `about` names the
    question about the item that was answered, "" for objects, of which `objects` has the ids (a person's answer's, or the truth's of what it
    misses, and of what a model saw too).

    `of` is "people" or "model"; `answer` the id of an annotation or of a prediction, `truth` that of an annotation, `gold` whether it was
    an answer to gold. `fault` is "" or a kind of error. Derived, like `Kept`.
    """

    project_id = models.BigIntegerField()
    item = models.ForeignKey("annotate.Item", models.CASCADE, related_name="+", db_constraint=False, db_index=False)  # confused_item
    of = models.CharField(max_length=10)
    answer = models.BigIntegerField()
    truth = models.BigIntegerField()
    person = models.BigIntegerField(null=True)
    gold = models.BooleanField(default=False)
    about = KeyField(blank=True)
    meant = KeyField(blank=True)
    given = KeyField(blank=True)
    fault = models.CharField(max_length=12, blank=True)
    n = models.IntegerField()
    objects_of = ArrayField(models.UUIDField(), db_column="objects")

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(condition=Q(n__gte=1) & (~Q(meant="") | ~Q(given="")), name="confused_counts_something"),
        ]
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["project_id", "of", "about", "meant", "given", "item"], name="confused_cell"),
            models.Index(fields=["item", "of"], name="confused_item"),
        ]


class PauseRule(models.Model):
    """A person's work stops by itself, in `queue` or in all of the project, when their gold answers make it as good as certain (`level`)
    that their skill lies below `bar`: not before `least` of them, and none counts that was given before `after_annotation`, an id.
    With `labels` each of these is watched on its own, else the whole answer."""

    project = models.ForeignKey("annotate.Project", models.CASCADE, related_name="pause_rules")
    queue = models.ForeignKey("annotate.Queue", models.CASCADE, null=True, blank=True, related_name="pause_rules")
    bar = models.FloatField(default=0.8)
    level = models.FloatField(default=0.95)
    least = models.IntegerField(default=10)
    labels = models.JSONField(default=list)
    after_annotation = models.BigIntegerField(default=0)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(db_default=models.functions.Now())

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["project", "queue"], nulls_distinct=False, name="pause_rule_once"),
            models.CheckConstraint(condition=Q(bar__gt=0, bar__lt=1, level__gt=0, level__lt=1, least__gte=1, least__lte=1000), name="pause_rule_bounded"),
        ]


class SkillPause(models.Model):
    """What a rule stopped somebody's work by, and how that ended: let_on, passed (a run) or left. What was answered up to
    `after_annotation`, an id that is known from then on, is no evidence any more."""

    project = models.ForeignKey("annotate.Project", models.CASCADE, related_name="skill_pauses")
    queue = models.ForeignKey("annotate.Queue", models.CASCADE, null=True, blank=True, related_name="+")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="skill_pauses")
    label = models.CharField(max_length=200, blank=True)
    evidence = models.JSONField(default=dict)  # Standing.explain()
    paused_at = models.DateTimeField(db_default=models.functions.Now())
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    how = models.CharField(max_length=10, blank=True)
    after_annotation = models.BigIntegerField(default=0)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["project", "queue", "person"], condition=Q(ended_at__isnull=True), nulls_distinct=False, name="skill_pause_once"),
            models.CheckConstraint(condition=Q(ended_at__isnull=True, how="") | Q(ended_at__isnull=False, how__in=("let_on", "passed", "left")), name="skill_pause_ended"),
        ]
        indexes: ClassVar[list[Any]] = [models.Index(fields=["project", "-id"], name="skill_pause_project")]
