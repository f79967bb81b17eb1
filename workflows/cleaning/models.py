"""Facts (what was measured of contents), Rule and RuleSet (what is clean), CheckRun and Finding (what was found, and done), Gate."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from annotate.kernel.fields import DigestField, KeyField, RealField
from workflows.cleaning.states import CHECK_RUN, FINDING, GATE

ACTIONS, SEVERITIES = ("flag", "quarantine", "queue"), ("info", "warning", "error")


def _number() -> Any:
    return RealField(null=True, blank=True)


class PictureFacts(models.Model):
    """What `measures.picture` found of a blob, by the version of the measure. `fault`: why it could not be read, else empty."""

    blob = models.OneToOneField("annotate.Blob", models.CASCADE, primary_key=True, related_name="picture_facts")
    version = models.SmallIntegerField()
    fault = models.CharField(max_length=30, blank=True)
    bright_p5, bright_p99, information, blur, contrast, colour = (_number() for _ in range(6))
    orientation = models.SmallIntegerField(default=0)
    phash = models.BigIntegerField(default=0)  # the 64 bits, read as a signed number


class TextFacts(models.Model):
    """What `measures.text` found of a text, once for each content of an organisation."""

    organisation = models.ForeignKey("annotate.Organisation", models.CASCADE, related_name="+", db_index=False)
    sha256 = DigestField()
    version = models.SmallIntegerField()
    characters = models.IntegerField()
    words = models.IntegerField(null=True)
    mean_word, symbols, repeated, language_score = (_number() for _ in range(4))
    language = models.CharField(max_length=8, blank=True)
    personal = models.SmallIntegerField(default=0)
    broken = models.IntegerField(default=0)
    normal = models.BigIntegerField(default=0)
    bands = models.BinaryField()  # 14 numbers of 8 bytes, the lowest byte first

    class Meta:
        constraints: ClassVar[list[Any]] = [models.UniqueConstraint(fields=["organisation", "sha256"], name="text_facts_once")]


class LabelFacts(models.Model):
    """What `measures.objects` found of an annotation under a schema: one packed record per object."""

    annotation = models.OneToOneField("annotate.Annotation", models.CASCADE, primary_key=True, related_name="+", db_constraint=False)
    version = models.SmallIntegerField()
    schema_version = models.ForeignKey("annotate.SchemaVersion", models.CASCADE, related_name="+", db_index=False)
    objects_count = models.IntegerField()
    answer = models.BigIntegerField()  # of what it says, whatever the ids of its objects
    records = models.BinaryField()


class Rule(models.Model):
    """What a project calls clean: a kind with parameters. The document of all rules is a `RuleSet`, frozen by each run that uses it."""

    project = models.ForeignKey("annotate.Project", models.CASCADE, related_name="rules")
    name = KeyField(max_length=90)
    kind = models.CharField(max_length=40)
    parameters = models.JSONField(default=dict)
    severity = models.CharField(max_length=10, default="warning")
    action = models.CharField(max_length=12, default="flag")
    queue = models.ForeignKey("annotate.Queue", models.SET_NULL, null=True, blank=True, related_name="+")
    active = models.BooleanField(default=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["project", "name"], name="rule_name_once"),
            models.CheckConstraint(condition=Q(severity__in=SEVERITIES), name="rule_severity_known"),
            models.CheckConstraint(condition=Q(action__in=ACTIONS), name="rule_action_known"),
        ]

    def __str__(self) -> str:
        return self.name


class RuleSet(models.Model):
    """All rules of a project as they stood, frozen by a trigger: [{"id","name","kind","parameters","severity","action","queue"}, …]."""

    project = models.ForeignKey("annotate.Project", models.CASCADE, related_name="rule_sets")
    number = models.IntegerField()
    document = models.JSONField()
    digest = DigestField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [models.UniqueConstraint(fields=["project", "number"], name="rule_set_once")]


class CheckRun(models.Model):
    """Rules measured against items: of a `batch`, or of the whole project; `q` narrows it. `chosen`: ids of the rules that run, empty for all.

    `results`: by rule id, what `results.summary` says. `last_item`: the newest item that was looked at.
    """

    project = models.ForeignKey("annotate.Project", models.CASCADE, related_name="check_runs")
    batch = models.ForeignKey("annotate.Batch", models.CASCADE, null=True, blank=True, related_name="check_runs")
    q = models.TextField(blank=True)
    rule_set = models.ForeignKey(RuleSet, models.PROTECT, related_name="runs")
    chosen = models.JSONField(default=list)
    state = models.CharField(max_length=10, default="checking")
    apply_at_once = models.BooleanField(default=False)
    items = models.IntegerField(default=0)
    last_item = models.BigIntegerField(default=0)
    results = models.JSONField(default=dict)
    counts = models.JSONField(default=dict)
    job = models.ForeignKey("annotate.Job", models.SET_NULL, null=True, blank=True, related_name="+")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    applied_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    applied_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [models.CheckConstraint(condition=Q(state__in=CHECK_RUN.states), name="check_run_state_known")]
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["project", "-id"], name="check_run_newest"),
            models.Index(fields=["batch", "-id"], name="check_run_batch"),
        ]


class Finding(models.Model):
    """What one rule of a run found: of an item, of one of its objects, or of a label or quota, which `subject` names.

    `rule` is the rule's id within the run's rule set, `name` its name. `hold` and `task` are what applying it made, to be taken back.
    """

    run = models.ForeignKey(CheckRun, models.CASCADE, related_name="findings", db_index=False)  # finding_of_run begins with it
    project_id = models.BigIntegerField()
    rule = models.BigIntegerField()
    name = KeyField(max_length=90)
    item = models.ForeignKey("annotate.Item", models.CASCADE, null=True, blank=True, related_name="findings", db_index=False)  # finding_item
    object = models.UUIDField(null=True, blank=True)
    subject = models.CharField(max_length=300, blank=True)
    score = models.FloatField(null=True, blank=True)
    partner = models.BigIntegerField(null=True, blank=True)  # another item that it points to
    detail = models.JSONField(default=dict)
    state = models.CharField(max_length=10, default="found")
    hold = models.ForeignKey("annotate.Hold", models.SET_NULL, null=True, blank=True, related_name="+", db_index=False)
    task = models.ForeignKey("annotate.Task", models.SET_NULL, null=True, blank=True, related_name="+", db_index=False)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(condition=Q(state__in=FINDING.states), name="finding_state_known"),
            models.CheckConstraint(condition=Q(item__isnull=False) | ~Q(subject=""), name="finding_of_something"),
        ]
        indexes: ClassVar[list[Any]] = [
            models.Index(F("run"), F("rule"), F("id"), name="finding_of_run"),
            models.Index(fields=["item", "id"], name="finding_item"),
            models.Index(fields=["project_id", "name", "item"], condition=Q(state="applied"), name="finding_flags"),
            models.Index(fields=["project_id", "item"], condition=Q(state="restored"), name="finding_restored"),
            models.Index(fields=["hold"], condition=Q(hold__isnull=False), name="finding_hold"),
            models.Index(fields=["task"], condition=Q(task__isnull=False), name="finding_task"),
        ]


class Gate(models.Model):
    """Keeps a batch from annotators until its checks have run and at most `bar` (a share) of its items is in quarantine.

    `run`: the one that decided, of the items up to `last_item`. `opened_by`: who opened it by hand, with a `reason`. While it is not open, `Batch.gated` says so to queues.
    """

    batch = models.OneToOneField("annotate.Batch", models.CASCADE, related_name="gate")
    bar = models.FloatField()
    state = models.CharField(max_length=10, default="waiting")
    run = models.ForeignKey(CheckRun, models.SET_NULL, null=True, blank=True, related_name="+")
    share = models.FloatField(null=True, blank=True)
    last_item = models.BigIntegerField(default=0)
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    reason = models.CharField(max_length=500, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(condition=Q(state__in=GATE.states), name="gate_state_known"),
            models.CheckConstraint(condition=Q(bar__gte=0, bar__lte=1), name="gate_bar_is_a_share"),
        ]
