"""Forms of the queue pages: what is typed; what it means is decided by the services."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from annotate.kernel.words import ROLES, STATES
from annotate.people.models import Person
from annotate.projects.models import Project
from annotate.projects.queries import members
from annotate.queues.models import Queue
from annotate.queues.policies import WORKERS
from annotate.queues.states import STAGES

ORDERS = {
    "oldest": _("Oldest first"),
    "newest": _("Newest first"),
    "priority": _("By meta.priority, highest first"),
    "random:1": _("Shuffled, the same for everyone"),
    "group": _("Group by group"),
    "uncertainty": _("What the model is least sure of first"),
    "disagreement": _("What people agree on least first"),
    "quota": _("The collection quota that is furthest behind first"),
}
ORDERS_MEAN = {
    "oldest": _("As items came in; frames of a group one after the other."),
    "newest": _("What came in last comes first."),
    "priority": _("By the number that stands in the item's data under priority; items without one count as 0."),
    "random:1": _("By lot, and the lot stays: everybody goes through the same order."),
    "group": _("All items of a group beside one another, so that one person sees a series through."),
    "uncertainty": _("By the score of the newest proposal, or of its least sure object; items without a proposal come last."),
    "disagreement": _("For reviews and decisions: where people's answers differ most. What is not measured comes last."),
    "quota": _("By the plans of the open batches: what is labelled least of what a plan asks for. Items of no quota come last."),
}
_ANSWERS = ("overlap", "overlap_percent", "overlap_seed", "agreement_bar", "overlap_most", "gold_percent", "gold_feedback")  # of annotate queues alone
_REVIEWS = ("recheck_percent", "recheck_seed", "returner_hours")  # of review queues alone
_CODE = {"autocomplete": "off", "autocapitalize": "off", "spellcheck": "false", "class": "mono"}


class QueueForm(forms.Form):
    """Settings of a queue; `stage` only while it is made."""

    name = forms.CharField(label=_("Name"), max_length=200)
    stage = forms.ChoiceField(
        label=_("What is done"),
        choices=[(stage, STATES["stage", stage].word) for stage in STAGES],
        help_text=_("Label new items, review what was labelled, or decide between answers that differ."),
    )
    q = forms.CharField(
        label=_("Which items"),
        required=False,
        max_length=4000,
        widget=forms.TextInput(attrs={**_CODE, "placeholder": 'batch = "march" and state = new'}),
        help_text=_("A query, as on the page Items. Empty takes all of the project."),
    )
    overlap = forms.IntegerField(
        label=_("Answers per item"), min_value=1, max_value=100, initial=1, help_text=_("By as many people, who do not see each other's.")
    )
    overlap_percent = forms.IntegerField(
        label=_("For so many items in a hundred"),
        required=False,
        min_value=0,
        max_value=100,
        initial=100,
        help_text=_("So many items, drawn by lot, need the number of answers above, the others one. A larger share keeps those drawn before."),
    )
    overlap_seed = forms.IntegerField(
        label=_("Number that draws them"),
        required=False,
        min_value=-(10**18),
        max_value=10**18,
        initial=0,
        help_text=_("Any whole number. The same number draws the same items, also among those that come later."),
    )
    agreement_bar = forms.FloatField(
        label=_("One more answer below this agreement"),
        required=False,
        min_value=0,
        max_value=1,
        widget=forms.NumberInput(attrs={"step": "any", "placeholder": "0.8"}),
        help_text=_("0 to 1: 1 is the same answer, 0 nothing in common. When an item's answers agree less, another person is asked at once. Empty asks nobody."),
    )
    overlap_most = forms.IntegerField(
        label=_("Up to so many answers"),
        required=False,
        min_value=2,
        max_value=100,
        help_text=_("Then it is enough: the item goes on to review as it is."),
    )
    gold_percent = forms.IntegerField(
        label=_("Gold in a hundred"),
        required=False,
        min_value=0,
        max_value=100,
        initial=0,
        help_text=_("Items whose truth is known, mixed in unnoticed; 5 to 10 is usual. A person's first ten have twice as many. Frames of groups are left out, and so is all gold where the work is frames alone."),
    )
    recheck_percent = forms.IntegerField(
        label=_("Second looks in a hundred"),
        required=False,
        min_value=0,
        max_value=100,
        initial=0,
        help_text=_("So many verdicts are asked for once more of another reviewer, who cannot tell. What stands does not change; it shows how alike reviewers judge. 5 is usual."),
    )
    recheck_seed = forms.IntegerField(
        label=_("Number that draws them"), required=False, min_value=-(10**18), max_value=10**18, initial=0, help_text=_("Any whole number. The same number draws the same items.")
    )
    returner_hours = forms.IntegerField(
        label=_("Kept for who returned it, in hours"),
        required=False,
        min_value=0,
        max_value=720,
        initial=0,
        help_text=_("Work that comes back waits so long for the reviewer who returned it; then anybody is given it. 0 keeps nothing."),
    )
    gold_feedback = forms.BooleanField(
        label=_("Tell people how right their answers to gold were"),
        required=False,
        help_text=_("After it is measured: the score and kinds of errors, not the truth. Such an answer cannot be changed any more."),
    )
    order = forms.ChoiceField(label=_("Order"))
    priority = forms.IntegerField(
        label=_("Priority"), min_value=-1000, max_value=1000, initial=0, help_text=_("Among queues: the highest is offered first.")
    )
    lease_seconds = forms.IntegerField(
        label=_("Time per item, in seconds"),
        min_value=1,
        max_value=86400,
        initial=900,
        help_text=_("An item that is left alone this long is free for others. 900 is a quarter of an hour."),
    )
    members = forms.TypedMultipleChoiceField(
        label=_("People"),
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Nobody ticked: open to everyone whose role may do this work."),
    )

    def __init__(self, *args: Any, project: Project, queue: Queue | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        orders = dict(ORDERS)
        stages = STAGES if queue is None else (queue.stage,)
        if queue is not None:
            del self.fields["stage"]
            if queue.order.startswith("random:"):
                del orders["random:1"]
                orders[queue.order] = ORDERS["random:1"]
            if queue.stage != "annotate":
                for name in _ANSWERS:
                    del self.fields[name]
            if queue.stage != "review":
                for name in _REVIEWS:
                    del self.fields[name]
            if queue.stage == "annotate" and getattr(queue, "qualification", None) is not None:  # what a run asks, its qualification says
                for name in ("q", "order", *_ANSWERS):
                    del self.fields[name]
        if "order" in self.fields:
            self.fields["order"].choices = list(orders.items())  # type: ignore[attr-defined]
        able = {held for stage in stages for held in WORKERS[stage]}
        rows = [row for row in members(project).order_by("person__name") if row.role in able and row.person.is_active]
        named = {} if queue is None else dict(queue.assignments.values_list("person_id", "person__name"))
        choices = {row.person_id: f"{row.person.name} · {ROLES[row.role]}" for row in rows}
        self.fields["members"].choices = list((named | choices).items())  # type: ignore[attr-defined]

    @property
    def orders(self) -> list[tuple[Any, Any]]:
        """Each order and what it means."""
        return [(ORDERS[name], ORDERS_MEAN[name]) for name in ORDERS]

    @property
    def more(self) -> bool:
        """Whether the settings of further answers are looked at: they are set, or one of them is wrong."""
        usual = {"overlap_percent": 100, "agreement_bar": None, "gold_percent": 0, "gold_feedback": False}
        return any(name in self.errors or self.initial.get(name, value) != value for name, value in usual.items()) or "overlap_most" in self.errors

    @property
    def more_reviews(self) -> bool:
        return any(name in self.errors or self.initial.get(name) for name in _REVIEWS)

    @classmethod
    def of(cls, queue: Queue) -> QueueForm:
        """Filled with what the queue says now."""
        names = ("name", "q", "order", "priority", "lease_seconds", *_ANSWERS, *_REVIEWS)
        values: dict[str, Any] = {name: getattr(queue, name) for name in names}
        values["members"] = list(queue.assignments.values_list("person_id", flat=True))
        return cls(initial=values, project=queue.project, queue=queue)

    def settings(self) -> dict[str, Any]:
        """What was typed, as the services take it; the people as rows."""
        data = dict(self.cleaned_data)
        for name in ("overlap_percent", "overlap_seed", "gold_percent", *_REVIEWS):  # left empty, they stay as they are
            if data.get(name) is None:
                data.pop(name, None)
        if data.get("stage", "annotate") != "annotate":
            data = {name: value for name, value in data.items() if name not in _ANSWERS}
        if data.get("stage", "review") != "review":
            data = {name: value for name, value in data.items() if name not in _REVIEWS}
        data["members"] = list(Person.objects.filter(pk__in=data["members"]).order_by("pk"))
        return data


class PlaceForm(forms.Form):
    """A named person's quotas; empty is without bounds."""

    quota_day = forms.IntegerField(label=_("A day"), required=False, min_value=0, max_value=10**9)
    quota_total = forms.IntegerField(label=_("In all"), required=False, min_value=0, max_value=10**9)
    paused = forms.BooleanField(label=_("Paused"), required=False)
