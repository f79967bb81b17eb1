"""Queue, Task (one person's one answer to one item), Lease (who holds it now), GroupClaim, Draft, Assignment, Hold, Bulk."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from annotate.kernel.fields import KeyField
from annotate.queues.states import ACTS, BULK, PAUSE_CAUSES, QUEUE, STAGES, TASK


class Queue(models.Model):
    """Serves tasks of one stage; `q` says which items belong (query language), `overlap` how many answers each needs.

    With `overlap_percent` below 100 only that share of the items, drawn by `overlap_seed`, needs `overlap` answers, and the
    others one. While the answers of an item agree less than `agreement_bar` (0 to 1), one more is asked for, up to
    `overlap_most`. `gold_percent`: the chance that a person is handed an item whose truth is known; `gold_feedback`: whether they
    are told afterwards how right they were, without the truth. Of a review queue: `recheck_percent` of its verdicts, drawn by
    `recheck_seed`, are asked for once more of somebody else, unnoticed; and what comes back is kept `returner_hours` for who
    returned it (0: for nobody).
    """

    project = models.ForeignKey("annotate.Project", models.CASCADE, related_name="queues")
    name = KeyField()
    stage = models.CharField(max_length=10)
    q = models.TextField(blank=True)
    overlap = models.SmallIntegerField(default=1)
    overlap_percent = models.SmallIntegerField(default=100, db_default=100)
    overlap_seed = models.BigIntegerField(default=0, db_default=0)
    agreement_bar = models.FloatField(null=True, blank=True)
    overlap_most = models.SmallIntegerField(null=True, blank=True)
    order = models.CharField(max_length=60, default="oldest")
    priority = models.IntegerField(default=0)
    lease_seconds = models.IntegerField(default=900)
    gold_percent = models.SmallIntegerField(default=0)
    recheck_percent = models.SmallIntegerField(default=0, db_default=0)
    recheck_seed = models.BigIntegerField(default=0, db_default=0)
    returner_hours = models.SmallIntegerField(default=0, db_default=0)
    gold_feedback = models.BooleanField(default=False, db_default=False)
    state = models.CharField(max_length=10, default="open")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["project", "name"], name="queue_name_once"),
            models.CheckConstraint(condition=Q(stage__in=STAGES), name="queue_stage_known"),
            models.CheckConstraint(condition=Q(state__in=QUEUE.states), name="queue_state_known"),
            models.CheckConstraint(condition=Q(overlap__gte=1, overlap__lte=100), name="queue_overlap_bounded"),
            models.CheckConstraint(
                condition=Q(lease_seconds__gte=1, lease_seconds__lte=86400), name="queue_lease_bounded"
            ),
            models.CheckConstraint(condition=Q(gold_percent__gte=0, gold_percent__lte=100), name="queue_gold_percent"),
            models.CheckConstraint(condition=Q(recheck_percent__gte=0, recheck_percent__lte=100), name="queue_recheck_percent"),
            models.CheckConstraint(condition=Q(returner_hours__gte=0, returner_hours__lte=720), name="queue_returner_hours"),
            models.CheckConstraint(condition=Q(overlap_percent__gte=0, overlap_percent__lte=100), name="queue_overlap_percent"),
            models.CheckConstraint(
                condition=Q(agreement_bar__isnull=True, overlap_most__isnull=True)
                | Q(agreement_bar__gte=0, agreement_bar__lte=1, overlap_most__gte=models.F("overlap"), overlap_most__lte=100),
                name="queue_agreement_bar_bounded",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Assignment(models.Model):
    """A person's place in a queue: quotas and pause. A queue with no assignments is open to all who hold the role."""

    queue = models.ForeignKey(Queue, models.CASCADE, related_name="assignments")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="assignments")
    quota_day = models.IntegerField(null=True, blank=True)
    quota_total = models.IntegerField(null=True, blank=True)
    paused = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["queue", "person"], name="assignment_once"),
        ]


class Task(models.Model):
    """`n` counts the answers of one item in one round (1 … overlap). `person` answered it, or may alone answer it when
    it was returned; one with a person that is still open is kept for them, until `reserved_until` or without end. A `gold` task is one person's only, and its answer is measured
    and goes no further. A review task's `annotation` is the revision to judge; an annotate task's, the answer given. A task that
    `rejudges` a verdict is a second look at what that was about, and changes nothing of what stands."""

    queue = models.ForeignKey(Queue, models.CASCADE, related_name="tasks", db_index=False)  # task_once begins with it
    item = models.ForeignKey("annotate.Item", models.CASCADE, related_name="tasks", db_index=False)  # task_item
    round = models.SmallIntegerField(default=1)
    n = models.SmallIntegerField(default=1)
    state = models.CharField(max_length=10, default="open")
    rank = models.BigIntegerField(default=0)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="tasks")
    annotation = models.ForeignKey("annotate.Annotation", models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    reserved_until = models.DateTimeField(null=True, blank=True)
    gold = models.BooleanField(default=False, db_default=False)
    rejudges = models.ForeignKey("annotate.Review", models.CASCADE, null=True, blank=True, related_name="+", db_index=False)  # task_rejudging
    held = models.BooleanField(default=False, db_default=False)  # derived: a `Hold` of its item stands; so thousands of them cost a claim nothing

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["queue", "item", "round", "n"], name="task_once"),
            models.UniqueConstraint(
                fields=["queue", "item", "round", "person"],
                condition=Q(person__isnull=False),
                name="task_one_answer_per_person",
            ),
            models.CheckConstraint(condition=Q(state__in=TASK.states), name="task_state_known"),
            models.CheckConstraint(
                condition=~Q(state="answered") | Q(person__isnull=False), name="task_answered_by_someone"
            ),
            models.CheckConstraint(condition=Q(gold=False) | Q(person__isnull=False) | Q(state="void"), name="task_gold_is_ones"),
        ]
        indexes: ClassVar[list[Any]] = [
            # What is kept for somebody, or held back, stands in no way of the others: their index does not have it.
            models.Index(fields=["queue", "rank", "id"], condition=Q(state="open", person__isnull=True, held=False), name="task_free"),
            models.Index(fields=["queue", "id"], condition=Q(held=True), name="task_held"),
            models.Index(fields=["queue", "person", "rank", "id"], condition=Q(state="open", person__isnull=False), name="task_kept"),
            models.Index(fields=["queue", "reserved_until"], condition=Q(state="open", reserved_until__isnull=False), name="task_lapsing"),
            models.Index(fields=["person", "queue"], condition=Q(state="returned"), name="task_returned"),
            models.Index(fields=["item"], name="task_item"),
            models.Index(fields=["rejudges"], condition=Q(rejudges__isnull=False), name="task_rejudging"),
            models.Index(fields=["person", "-answered_at"], condition=Q(state="answered"), name="task_answered"),
        ]


class Lease(models.Model):
    """The right to answer a task until `expires_at`; its id is the fence. Ended once, by whoever notices.

    `slot` 0 is the one being worked on, 1 the one fetched ahead. Pins the schema version, and for a review the revision.
    """

    task = models.ForeignKey(Task, models.CASCADE, related_name="leases")
    queue = models.ForeignKey(Queue, models.CASCADE, related_name="leases")
    item = models.ForeignKey("annotate.Item", models.CASCADE, related_name="leases")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="leases", db_index=False)  # lease_person begins with it
    round = models.SmallIntegerField(default=1)
    slot = models.SmallIntegerField(default=0)
    schema_version = models.ForeignKey(
        "annotate.SchemaVersion", models.PROTECT, related_name="+", db_index=False
    )  # nothing looks for leases by it
    annotation = models.ForeignKey(
        "annotate.Annotation", models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )  # lease_annotation
    created_at = models.DateTimeField(db_default=models.functions.Now())
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.CharField(max_length=12, blank=True)  # submit, review, skip, release, expiry, move, ask, dispute, step

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["task"], condition=Q(ended_at__isnull=True), name="lease_one_live_per_task"
            ),
            models.UniqueConstraint(
                fields=["person", "queue", "slot"], condition=Q(ended_at__isnull=True), name="lease_one_per_slot"
            ),
            models.CheckConstraint(condition=Q(slot__in=(0, 1)), name="lease_slot_known"),
        ]
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["item"], condition=Q(ended_at__isnull=True), name="lease_live_item"),
            models.Index(fields=["person", "queue", "-id"], name="lease_person"),
            models.Index(fields=["annotation"], condition=Q(annotation__isnull=False), name="lease_annotation"),
        ]


class GroupClaim(models.Model):
    """A person works through the frames of a group: until `expires_at` its other frames wait for them, unless nothing else
    is left for somebody; and those that they have begun wait in any case. Each claim and renewal there moves it on."""

    queue = models.ForeignKey(Queue, models.CASCADE, related_name="group_claims", db_index=False)  # group_claim_once begins with it
    group = KeyField(db_column="group_key", max_length=1024)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="group_claims", db_index=False)  # group_claim_person
    expires_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["queue", "group", "person"], name="group_claim_once"),
            models.CheckConstraint(condition=~Q(group=""), name="group_claim_names_a_group"),
        ]
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["person", "queue", "-expires_at"], name="group_claim_person"),
        ]


class Agreement(models.Model):
    """How much the answers of an item agree, 0 to 1, when the last of `answers` came in; measured anew with each further one."""

    queue = models.ForeignKey(Queue, models.CASCADE, related_name="agreements")
    item = models.ForeignKey("annotate.Item", models.CASCADE, related_name="agreements")
    round = models.SmallIntegerField(default=1)
    value = models.FloatField()
    answers = models.SmallIntegerField()
    measured_at = models.DateTimeField(db_default=models.functions.Now())

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["queue", "item", "round"], name="agreement_once"),
            models.CheckConstraint(condition=Q(value__gte=0, value__lte=1), name="agreement_bounded"),
        ]
        indexes: ClassVar[list[Any]] = [models.Index(fields=["item", "value"], name="agreement_item")]


class Draft(models.Model):
    """What a person has typed or drawn and not yet submitted; survives the lease. `revision` rises with every save."""

    task = models.ForeignKey(Task, models.CASCADE, related_name="drafts", db_index=False)  # draft_once begins with it
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="drafts")
    revision = models.IntegerField(default=1)
    document = models.TextField()
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["task", "person"], name="draft_once"),
        ]


class Skip(models.Model):
    """A person passed on a task and said why; it is not served to them again in that round, until it is settled as `back`."""

    task = models.ForeignKey(Task, models.CASCADE, related_name="skips")
    item = models.ForeignKey("annotate.Item", models.CASCADE, related_name="+")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="skips")
    reason = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    settled = models.CharField(max_length=10, blank=True)  # what a manager did about it: back, hold or void
    settled_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [models.UniqueConstraint(fields=["task", "person"], name="skip_once")]
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["item"], condition=Q(settled_at__isnull=True), name="skip_unsettled"),
        ]


class Hold(models.Model):
    """Keeps an item back (quarantine) until ended; `cause` names what holds it."""

    item = models.ForeignKey("annotate.Item", models.CASCADE, related_name="holds")
    cause = models.CharField(max_length=100)
    reason = models.CharField(max_length=500, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["item", "cause"], condition=Q(ended_at__isnull=True), name="hold_once"),
        ]


class Pause(models.Model):
    """A person is handed nothing out: of one queue, or of the whole project (no `queue`), also where queues name nobody.

    `cause`: by hand, or by a rule on their skill. Of the latter `qualification`, where it is given, is the one whose run stays open to
    them, and which ends the pause when they pass it.
    """

    project = models.ForeignKey("annotate.Project", models.CASCADE, related_name="pauses")
    queue = models.ForeignKey(Queue, models.CASCADE, null=True, blank=True, related_name="pauses")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="pauses")
    cause = models.CharField(max_length=10, default="hand", db_default="hand")
    qualification = models.ForeignKey("annotate.Qualification", models.SET_NULL, null=True, blank=True, related_name="pauses")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(db_default=models.functions.Now())

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["person", "project", "queue", "cause"], nulls_distinct=False, name="pause_once"),
            models.CheckConstraint(condition=Q(cause__in=PAUSE_CAUSES), name="pause_cause_known"),
            models.CheckConstraint(condition=Q(qualification__isnull=True) | Q(cause="skill"), name="pause_by_hand_has_no_run"),
        ]


class Bulk(models.Model):
    """One act of a manager on many tasks, which can be undone once. `counts` says how many changed, and why others did not."""

    project = models.ForeignKey("annotate.Project", models.CASCADE, related_name="+")
    queue = models.ForeignKey(Queue, models.CASCADE, null=True, blank=True, related_name="+")
    act = models.CharField(max_length=12)
    q = models.TextField(blank=True)
    arguments = models.JSONField(default=dict)
    state = models.CharField(max_length=10, default="running")
    counts = models.JSONField(default=dict)
    job = models.ForeignKey("annotate.Job", models.SET_NULL, null=True, blank=True, related_name="+")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(condition=Q(act__in=ACTS), name="bulk_act_known"),
            models.CheckConstraint(condition=Q(state__in=BULK.states), name="bulk_state_known"),
        ]
        indexes: ClassVar[list[Any]] = [models.Index(fields=["project", "-id"], name="bulk_project")]


class BulkTask(models.Model):
    """A task that a bulk act is about, as it was before and as the act left it: what its undo compares and puts back.

    `outcome` is planned, changed, undone, left (something else changed it since), or the word why it was passed over.
    """

    bulk = models.ForeignKey(Bulk, models.CASCADE, related_name="tasks")
    task = models.ForeignKey(Task, models.CASCADE, related_name="+")
    outcome = models.CharField(max_length=12, default="planned")
    was_state = models.CharField(max_length=10, blank=True)
    was_person = models.BigIntegerField(null=True)
    was_rank = models.BigIntegerField(null=True)
    was_until = models.DateTimeField(null=True)
    now_state = models.CharField(max_length=10, blank=True)
    now_person = models.BigIntegerField(null=True)
    now_rank = models.BigIntegerField(null=True)
    now_until = models.DateTimeField(null=True)
    annotation = models.BigIntegerField(null=True)  # the task's at that time; another one says that it was answered since
    moved_item = models.BooleanField(default=False)  # the item went from labelled to returned by this
    comment = models.BigIntegerField(null=True)  # the words that went with it to the author

    class Meta:
        constraints: ClassVar[list[Any]] = [models.UniqueConstraint(fields=["bulk", "task"], name="bulk_task_once")]
        indexes: ClassVar[list[Any]] = [models.Index(fields=["bulk", "outcome", "task"], name="bulk_outcome")]
