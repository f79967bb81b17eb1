"""Forms of the gates: the rule, and why one is opened by hand."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from workflows.gating.expression import LONGEST
from workflows.gating.services import LONGEST_REASON

_CODE = {"autocomplete": "off", "autocapitalize": "off", "spellcheck": "false", "class": "mono", "rows": 2}


class RuleForm(forms.Form):
    expression = forms.CharField(
        label=_("Rule"),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={**_CODE, "placeholder": "agreement >= 0.8 and gold_accuracy >= 0.95 and returned_rate < 0.05"}),
        help_text=_("Measures compared with numbers; and, or, not and brackets. low(agreement) asks of the lower end of the interval. Too little evidence never passes."),
    )


class OpenForm(forms.Form):
    reason = forms.CharField(label=_("Why"), max_length=LONGEST_REASON, widget=forms.TextInput(attrs={"autocomplete": "off"}))
