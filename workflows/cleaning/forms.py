"""Forms of the cleaning pages. A rule's form is made of the parameters of its kind."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from annotate.kernel.errors import SluiceError
from annotate.kernel.pages import form_errors
from annotate.projects.models import Project
from annotate.queues.models import Queue
from workflows.cleaning.marks import PICKED, WEIGHS
from workflows.cleaning.models import SEVERITIES, Rule
from workflows.cleaning.presenting import parameters_of
from workflows.cleaning.services import LONGEST
from workflows.cleaning.wording import words_of
from workflows.cleaning.words.options import option_words

_CODE = {"autocomplete": "off", "autocapitalize": "off", "spellcheck": "false", "class": "mono"}
BEFORE = "of_"  # a parameter's field: no parameter may be taken for the rule's own name or action


def _bounds(parameter: Any) -> str:
    """ "From 0 to 1. Usual: 0.32." """
    low, high, usual = (None if value is None else f"{value:g}" for value in (parameter.least, parameter.most, parameter.default))
    parts = []
    if low is not None and high is not None:
        parts.append(_("From %(low)s to %(high)s.") % {"low": low, "high": high})
    elif low is not None:
        parts.append(_("At least %(low)s.") % {"low": low})
    if usual is not None:
        parts.append(_("Usual: %(usual)s.") % {"usual": usual})
    return " ".join(parts)


def _field(parameter: Any, label: str) -> forms.Field:
    needed = parameter.default != "" and parameter.default != []
    if parameter.type == "flag":
        return forms.BooleanField(label=label, required=False)
    if parameter.type in ("number", "whole"):
        sort = forms.IntegerField if parameter.type == "whole" else forms.FloatField
        attributes = {"class": "short", "step": "1" if parameter.type == "whole" else "any"}
        bounds = {"min_value": parameter.least, "max_value": parameter.most}
        return sort(label=label, help_text=_bounds(parameter), widget=forms.NumberInput(attrs=attributes), **bounds)
    if parameter.type == "choice":
        return forms.ChoiceField(label=label, choices=[(option, option_words(option)) for option in parameter.options])
    if parameter.type == "names":
        help = _("One after the other, with commas between them.")
        return forms.CharField(label=label, required=needed, max_length=20_000, widget=forms.TextInput(attrs=_CODE), help_text=help)
    widget: forms.Widget = forms.TextInput(attrs=_CODE)
    help = ""
    if parameter.type == "query":
        widget = forms.Textarea(attrs={**_CODE, "rows": 2, "placeholder": "meta.weather = fog and count(car) = 0"})
        help = _("A query, as on the page Items: what it finds is caught.")
    elif parameter.type == "pattern":
        help = _("RE2: it reads each text once, so that no pattern can hold up a run.")
    return forms.CharField(label=label, required=needed, max_length=2000, widget=widget, help_text=help)


class RuleForm(forms.Form):
    """Name, what the kind wants to know, and what is done with what it catches."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=LONGEST, help_text=gettext_lazy("Unique in the project: flagged(\"…\") finds what it has flagged."))
    severity = forms.ChoiceField(label=gettext_lazy("How bad it is"), choices=[(name, WEIGHS[name]) for name in SEVERITIES], widget=forms.RadioSelect)
    action = forms.ChoiceField(label=gettext_lazy("What applying a run does"), choices=[(name, PICKED[name]) for name in ("flag", "quarantine", "queue")], widget=forms.RadioSelect)
    queue = forms.ChoiceField(label=gettext_lazy("Queue"), required=False, help_text=gettext_lazy("For “Send to a queue” only. Without one the rule opens a queue of its own."))

    def __init__(self, *args: Any, kind: Any, project: Project, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind, words = kind, words_of(kind.name)
        for parameter in kind.parameters:
            label = str(words.parameters.get(parameter.name, parameter.name.replace("_", " ").capitalize()))
            self.fields[BEFORE + parameter.name] = _field(parameter, label)
        if kind.rows not in ("item", "object"):  # it speaks of labels or quotas: nothing to hold back
            self.fields["action"].choices = [("flag", PICKED["flag"])]  # type: ignore[attr-defined]
            del self.fields["queue"]
        else:
            queues = Queue.objects.filter(project=project, stage="annotate").exclude(state="closed").order_by("name")[:200]
            chosen = [(str(queue.pk), queue.name) for queue in queues]
            self.fields["queue"].choices = [("", _("one of its own")), *chosen]  # type: ignore[attr-defined]

    @property
    def asked(self) -> list[forms.BoundField]:
        """The fields of the kind's parameters."""
        return [self[BEFORE + parameter.name] for parameter in self.kind.parameters]

    @staticmethod
    def first(kind: Any, taken: set[str]) -> dict[str, Any]:
        """What a new rule's form holds: the kind's own, and a name that is free."""
        title = str(words_of(kind.name).title)
        names = (kind.name, *(f"{kind.name} {n}" for n in range(2, 1000)))
        name = next((name for name in names if name not in taken), title)
        return {"name": name, "severity": kind.severity, "action": kind.action, **_initial(kind, kind.defaults())}

    @staticmethod
    def of(kind: Any, rule: Rule) -> dict[str, Any]:
        values = _initial(kind, parameters_of(rule.kind, rule.parameters))
        return {"name": rule.name, "severity": rule.severity, "action": rule.action, "queue": str(rule.queue_id or ""), **values}

    def values(self) -> dict[str, Any]:
        """As `services.create_rule` takes them."""
        data = self.cleaned_data
        parameters = {}
        for parameter in self.kind.parameters:
            value = data[BEFORE + parameter.name]
            parameters[parameter.name] = _names(value) if parameter.type == "names" else value
        queue = data.get("queue")
        found = Queue.objects.get(pk=int(queue)) if queue and data["action"] == "queue" else None
        return {"name": data["name"], "parameters": parameters, "severity": data["severity"], "action": data["action"], "queue": found}

    def refuse(self, error: SluiceError) -> None:
        """Put a refusal where it belongs."""
        places = {f"parameters.{parameter.name}": BEFORE + parameter.name for parameter in self.kind.parameters}
        named = {places.get(path, path): why for path, why in error.fields.items()}
        if named and named.keys() <= self.fields.keys() and error.code != "name_taken":
            for name, why in named.items():
                self.add_error(name, str(why))
        else:
            form_errors(self, error)


def _initial(kind: Any, values: Mapping[str, Any]) -> dict[str, Any]:
    found = {}
    for parameter in kind.parameters:
        value = values.get(parameter.name)
        found[BEFORE + parameter.name] = ", ".join(value) if isinstance(value, list) else value
    return found


def _names(text: str) -> list[str]:
    return [part.strip() for part in re.split(r"[,，、\n]", text) if part.strip()]


class CheckForm(forms.Form):
    """Which items are checked; the batch is chosen beside it."""

    q = forms.CharField(
        label=gettext_lazy("Only items that match"),
        required=False,
        max_length=2000,
        widget=forms.TextInput(attrs={**_CODE, "placeholder": "state = new and not meta.weather = fog"}),
        help_text=gettext_lazy("A query, as on the page Items. Empty takes all of them."),
    )


class GateForm(forms.Form):
    bar = forms.FloatField(
        label=gettext_lazy("At most so much in quarantine, in percent"),
        min_value=0,
        max_value=100,
        widget=forms.NumberInput(attrs={"class": "short", "step": "any"}),
    )


class OpenForm(forms.Form):
    reason = forms.CharField(label=gettext_lazy("Why it is opened by hand"), max_length=500, widget=forms.TextInput(attrs={"autocomplete": "off"}))


class ThresholdForm(forms.Form):
    threshold = forms.FloatField(label=gettext_lazy("Threshold"), widget=forms.NumberInput(attrs={"step": "any", "class": "short"}))
