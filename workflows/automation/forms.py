"""The form that declares a flow: a part for each stage, and as many review rounds as are asked for. It reads; `document` decides."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from annotate.kernel.errors import SluiceError
from annotate.projects.models import Project
from annotate.queues.models import Queue
from annotate.queues.queries import able
from workflows.automation.document import MOST_ROUNDS
from workflows.releases.forms import CutForm, split_words
from workflows.releases.models import Dataset
from workflows.rounds.forms import PLACES as ROUND_PLACES
from workflows.rounds.wording import ESCALATIONS, KINDS

ROUNDS = 3  # that the form offers, where a flow has no more
OWN, NONE = "own", ""
_SHORT = {"class": "short", "step": "any", "min": 0}
# Where an error of the document stands in the form.
PLACES = {
    "gate.bar": "bar", "gate": "bar", "annotate.queue": "annotate", "annotate.overlap": "overlap", "annotate": "annotate", "adjudicate.queue": "adjudicate",
    "adjudicate": "adjudicate", "release.dataset": "dataset", "release.q": "q", "release": "splits", "release.by": "together",
}  # fmt: skip


def _number(label: Any, initial: float | None = None, **more: Any) -> forms.FloatField:
    return forms.FloatField(label=label, required=False, initial=initial, widget=forms.NumberInput(attrs=_SHORT), **more)


class FlowForm(forms.Form):
    bar = _number(
        _("Gate: at most so much in quarantine, in percent"), max_value=100, min_value=0,
        help_text=_("A sealed batch gets this gate, and no queue takes it up before its checks have run. Empty: no gate."),
    )  # fmt: skip
    annotate = forms.ChoiceField(label=_("Labelling in"))
    overlap = forms.IntegerField(
        label=_("Answers per item"), required=False, min_value=1, max_value=100, initial=1, widget=forms.NumberInput(attrs={"class": "short"}),
        help_text=_("In a queue of the batch's own; a queue that is named has its own settings."),
    )  # fmt: skip
    adjudicate = forms.ChoiceField(label=_("Where answers differ, one is decided on in"), required=False)
    dataset = forms.ChoiceField(label=_("Versions of"), required=False)
    q = forms.CharField(
        label=_("Query"), required=False, max_length=10_000, help_text=_("Empty takes every approved item."),
        widget=forms.TextInput(attrs={"class": "mono", "spellcheck": "false", "autocomplete": "off"}),
    )  # fmt: skip
    splits = forms.CharField(
        label=_("Splits in percent"), required=False, widget=forms.TextInput(attrs={"class": "mono", "spellcheck": "false"}),
        help_text=_("Names and shares that sum to 100, for the first version. Each later one is made as the one before it."),
    )  # fmt: skip
    together = forms.ChoiceField(label=_("Keep together"), required=False, choices=(("group", _("items of one group")), ("item", _("nothing: item by item"))))

    def __init__(self, *args: Any, project: Project, kept: Mapping[str, Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kept = kept  # settings that the form does not show stay as they are
        rows = Queue.objects.filter(project=project, qualification=None).exclude(state="closed").order_by("name")
        for stage, first in (("annotate", [(OWN, _("a queue of the batch's own"))]), ("adjudicate", [(NONE, _("nowhere: no adjudication")), (OWN, _("a queue of the batch's own"))])):
            named = [(str(queue.pk), queue.name) for queue in rows if queue.stage == stage]
            self.fields[stage].choices = [*first, *named]  # type: ignore[attr-defined]
        datasets = [(str(pk), name) for pk, name in Dataset.objects.filter(project=project).order_by("name").values_list("pk", "name")]
        self.fields["dataset"].choices = [(NONE, _("no dataset: nothing is released")), *datasets]  # type: ignore[attr-defined]

    @staticmethod
    def first(document: Mapping[str, Any]) -> dict[str, Any]:
        """What the form holds at first."""
        gate, queue, deciding, release = (document[name] for name in ("gate", "annotate", "adjudicate", "release"))
        return {
            "bar": None if gate is None else f"{gate['bar'] * 100:g}",
            "annotate": str(queue.get("queue") or OWN),
            "overlap": queue.get("overlap", 1),
            "adjudicate": NONE if deciding is None else str(deciding.get("queue") or OWN),
            "dataset": NONE if release is None else str(release["dataset"]),
            "q": "" if release is None else release["q"],
            "splits": "" if release is None or release["splits"] is None else split_words(release["splits"]),
            "together": "group" if release is None else release["by"],
        }

    def clean_splits(self) -> dict[str, float] | None:
        return CutForm.clean_splits(self) if self.cleaned_data["splits"].strip() else None  # type: ignore[arg-type]

    def parts(self) -> dict[str, Any]:
        """The document but for its rounds."""
        data = self.cleaned_data
        own = {"overlap": data["overlap"] or 1}
        release = None
        if data["dataset"]:
            release = {"dataset": int(data["dataset"]), "q": data["q"], "splits": data["splits"], "by": data["together"] or "group"}
        return {
            "gate": None if data["bar"] is None else {"bar": round(data["bar"] / 100, 9)},
            "annotate": self._queue("annotate", own),
            "adjudicate": None if data["adjudicate"] == NONE else self._queue("adjudicate", {}),
            "release": release,
        }

    def _queue(self, stage: str, own: dict[str, Any]) -> dict[str, Any]:
        chosen = self.cleaned_data[stage]
        if chosen != OWN:
            return {"queue": int(chosen)}
        kept = self.kept.get(stage) or {}
        return {name: value for name, value in kept.items() if name != "queue"} | own


class RoundPart(forms.Form):
    """One review round of the flow; without a kind there is none."""

    kind = forms.ChoiceField(label=_("What is judged"), required=False, choices=[(NONE, _("no round")), *KINDS.items()])
    value = _number(_("How much"), 10, help_text=_("In percent; for a number of them, how many."))
    by = forms.CharField(
        label=_("Kinds are"), required=False, max_length=300, help_text=_("label, person or meta.<name>; for a share of each kind only."),
        widget=forms.TextInput(attrs={"class": "mono", "autocomplete": "off", "spellcheck": "false"}),
    )  # fmt: skip
    mark = _number(_("Right, at least (percent)"), 95, min_value=0, max_value=100)
    escalation = forms.ChoiceField(label=_("When it fails"), choices=list(ESCALATIONS.items()), initial="larger", required=False)
    judged_by = forms.ChoiceField(
        label=_("Held against the mark"), initial="point", required=False,
        choices=[("point", _("the share of mistakes in the sample")), ("bound", _("the upper end of its interval: the sample must prove it"))],
    )  # fmt: skip
    seed = forms.IntegerField(label=_("Seed"), required=False, min_value=0, initial=0, widget=forms.NumberInput(attrs={"class": "short"}))
    reviewers = forms.MultipleChoiceField(
        label=_("Who judges"), required=False, widget=forms.CheckboxSelectMultiple, help_text=_("Nobody ticked: whoever may review. Nobody is given their own work.")
    )

    def __init__(self, *args: Any, people: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reviewers"].choices = people  # type: ignore[attr-defined]

    @staticmethod
    def first(said: Mapping[str, Any]) -> dict[str, Any]:
        sample = said["sample"]
        return {
            "kind": sample["kind"], "value": sample["value"], "by": sample["by"], "seed": sample["seed"], "mark": f"{said['pass_mark'] * 100:g}",
            "escalation": said["escalation"], "judged_by": said["judged_by"], "reviewers": [str(pk) for pk in said["reviewers"]],
        }  # fmt: skip

    def part(self) -> dict[str, Any] | None:
        data = self.cleaned_data
        if not data["kind"]:
            return None
        by = data["by"].strip() or "label" if data["kind"] == "stratified" else ""
        sample = {"kind": data["kind"], "value": None if data["kind"] == "all" else data["value"], "seed": data["seed"] or 0, "by": by}
        mark = 95.0 if data["mark"] is None else data["mark"]
        return {
            "sample": sample, "pass_mark": round(mark / 100, 9), "judged_by": data["judged_by"] or "point", "escalation": data["escalation"] or "larger",
            "reviewers": [int(pk) for pk in data["reviewers"]],
        }  # fmt: skip


class WholeForm:
    """The flow's form with those of its rounds."""

    def __init__(self, project: Project, document: Mapping[str, Any], posted: Any = None) -> None:
        people = [(str(pk), person.name) for pk, person in able(project, stage="review").items()]
        self.flow = FlowForm(posted, project=project, kept=document, initial=FlowForm.first(document))
        said = document["review"]
        number = min(MOST_ROUNDS, max(ROUNDS, len(said)))
        self.rounds = [
            RoundPart(posted, prefix=f"r{index + 1}", people=people, initial=RoundPart.first(said[index]) if index < len(said) else {})
            for index in range(number)
        ]  # fmt: skip

    def is_valid(self) -> bool:
        return all([self.flow.is_valid(), *(part.is_valid() for part in self.rounds)])

    def document(self) -> dict[str, Any]:
        return {**self.flow.parts(), "review": [part for one in self.rounds if (part := one.part()) is not None]}

    def refuse(self, error: SluiceError) -> None:
        """Each place that is wrong stands at its field; rounds that were left empty do not count."""
        counted = [one for one in self.rounds if one.cleaned_data.get("kind")]
        for place, why in error.fields.items():
            if place.startswith("review["):
                index, _dot, rest = place.removeprefix("review[").partition("].")
                form: forms.Form = counted[int(index)]
                name: str | None = ROUND_PLACES.get(rest.split("[")[0], rest.split("[")[0])
            else:
                form, name = self.flow, PLACES.get(place) or PLACES.get(place.split(".")[0])
            form.add_error(name if name in form.fields else None, str(why))
        if not error.fields:
            self.flow.add_error(None, error.detail)


