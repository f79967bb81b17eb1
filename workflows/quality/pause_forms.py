"""The form of the rule by which gold answers pause people."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from annotate.annotations.schemas import parsed
from annotate.projects.models import Project
from annotate.projects.queries import current_schema
from annotate.queues.models import Queue
from workflows.quality.models import PauseRule
from workflows.quality.pause_rules import BAR, LEAST, LEVEL

PERCENT = {"step": "any", "class": "short"}


class PauseRuleForm(forms.Form):
    """Shares are typed in percent."""

    queue = forms.TypedChoiceField(label=_("Where"), coerce=int, empty_value=None, required=False)
    bar = forms.FloatField(
        label=_("Pause below so many right in a hundred"),
        min_value=0.1,
        max_value=99.9,
        initial=100 * BAR,
        widget=forms.NumberInput(attrs=PERCENT),
        help_text=_("Set it clearly below what you expect: who stands just at the bar is paused now and then."),
    )
    level = forms.FloatField(
        label=_("When that is so sure, in a hundred"), min_value=0.1, max_value=99.9, initial=100 * LEVEL, widget=forms.NumberInput(attrs=PERCENT)
    )
    least = forms.IntegerField(label=_("Not before so many gold items"), min_value=1, max_value=1000, initial=LEAST)
    labels = forms.MultipleChoiceField(
        label=_("Watch these labels apart"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None ticked: the whole answer counts. Each label that is watched apart adds its own chance of a wrong pause."),
    )

    def __init__(self, *args: Any, project: Project, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        queues = Queue.objects.filter(project=project, stage="annotate", qualification=None).exclude(state="closed").order_by("name")
        self.fields["queue"].choices = [("", _("All of the project")), *queues.values_list("pk", "name")]  # type: ignore[attr-defined]
        named = [one["name"] for one in parsed(current_schema(project.pk).pk).document.get("labels") or ()]
        self.fields["labels"].choices = [(name, name) for name in named]  # type: ignore[attr-defined]

    @classmethod
    def of(cls, rule: PauseRule | None, project: Project) -> PauseRuleForm:
        if rule is None:
            return cls(project=project)
        values = {"queue": rule.queue_id or "", "bar": f"{100 * rule.bar:g}", "level": f"{100 * rule.level:g}", "least": rule.least}
        return cls(initial={**values, "labels": rule.labels}, project=project)

    def settings(self) -> dict[str, Any]:
        data = self.cleaned_data
        return {"bar": data["bar"] / 100, "level": data["level"] / 100, "least": data["least"], "labels": data["labels"]}
