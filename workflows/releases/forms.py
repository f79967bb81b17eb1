"""Forms of the release pages: a new dataset, a new version, a tag. What is typed means what the services say."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from workflows.releases.models import Dataset, Slice, Version
from workflows.releases.placing import together
from workflows.releases.splits import USUAL

ORDER = ("train", "val", "valid", "validation", "test")
_PART = re.compile(r"(\S+)\s*[:= ]\s*([0-9]+(?:\.[0-9]+)?)\s*(%?)")


def in_order(names: Iterable[str]) -> list[str]:
    """Splits in the order in which people say them."""
    return sorted(names, key=lambda name: (ORDER.index(name) if name in ORDER else len(ORDER), name))


def split_words(splits: dict[str, float]) -> str:
    """`train 80, val 10, test 10`."""
    return ", ".join(f"{name} {splits[name] * 100:g}" for name in in_order(splits))


TOGETHER = {"same_bytes": _("items of the same bytes"), "near_duplicate": _("look-alikes")}


def _field_words(field: dict[str, Any]) -> str:
    return ", ".join(filter(None, (field["field"], field.get("default"))))


class CutForm(forms.Form):
    """`dataset` is there only when there are several to choose from."""

    dataset = forms.ChoiceField(label=_("Dataset"))
    message = forms.CharField(
        label=_("Message"),
        max_length=2000,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        required=False,
        help_text=_("What is new in it, for those who train with it."),
    )
    slice = forms.ChoiceField(label=_("Slice"), required=False)
    q = forms.CharField(
        label=_("Query"),
        required=False,
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 2, "class": "mono", "spellcheck": "false", "placeholder": 'batch = "march-02" and count(car) >= 1'}),
        help_text=_("Empty takes every approved item."),
    )
    splits = forms.CharField(
        label=_("Splits in percent"),
        required=False,
        widget=forms.TextInput(attrs={"class": "mono", "spellcheck": "false"}),
        help_text=_("Names and shares that sum to 100, or a field of the items such as meta.split. Empty makes no splits."),
    )
    values = forms.CharField(required=False, max_length=100_000, widget=forms.HiddenInput())  # what a field's values mean: kept while the field is
    by = forms.ChoiceField(
        label=_("Keep together"),
        choices=(("group", _("items of one group")), ("item", _("nothing: item by item"))),
        help_text=_("A group, such as one drive or one patient, never falls into two splits."),
    )

    stratify = forms.CharField(
        label=_("Equal shares of"),
        required=False,
        max_length=110,
        widget=forms.TextInput(attrs={"class": "mono", "spellcheck": "false", "placeholder": "label"}),
        help_text=_("label gives every split its share of each label; a field such as meta.weather, its share of each value. What has a place keeps it."),
    )
    together = forms.MultipleChoiceField(
        label=_("Never in two splits"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Look-alikes are what cleaning rules have found. What is in two splits already stays there and is counted as leakage."),
    )
    labels = forms.CharField(
        label=_("Labels on the way in"),
        required=False,
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 2, "class": "mono", "spellcheck": "false", "placeholder": "van = car"}),
        help_text=_("One per line: old = new, or old = to leave it out. Annotations stay as they are."),
    )

    def __init__(self, *args: Any, datasets: Iterable[Dataset] = (), slices: Iterable[Slice] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = [(str(one.pk), one.name) for one in datasets]
        found = [(str(one.pk), one.name) for one in slices]
        self.fields["dataset"].choices = names  # type: ignore[attr-defined]
        self.fields["slice"].choices = [("", gettext("none: the query below")), *found]  # type: ignore[attr-defined]
        self.fields["together"].choices = [(name, TOGETHER.get(name, name)) for name in together()]  # type: ignore[attr-defined]
        if len(names) < 2:
            self.fields["dataset"].widget = forms.HiddenInput()
        if not found:
            del self.fields["slice"]

    @staticmethod
    def first(last: Version | None, dataset: Dataset | None) -> dict[str, Any]:
        """What the form holds at first: the recipe of the version before."""
        recipe = last.recipe if last is not None else {}
        return {
            "dataset": str(dataset.pk) if dataset else "",
            "q": last.q if last is not None else "",
            "splits": _field_words(recipe["field"]) if recipe.get("field") else split_words(recipe.get("splits", USUAL)),
            "values": json.dumps({"field": field["field"], "values": field["values"]}, ensure_ascii=False) if (field := recipe.get("field") or {}).get("values") else "",
            "by": recipe.get("by", "group"),
            "stratify": recipe.get("stratify", ""),
            "together": recipe.get("together", []),
            "labels": "\n".join(f"{old} = {new or ''}".rstrip() for old, new in (recipe.get("labels") or {}).items()),
        }

    def clean(self) -> dict[str, Any]:
        """A field that is still the last version's keeps what its values were said to mean, which the page has no place for."""
        found = super().clean() or self.cleaned_data
        splits = found.get("splits")
        try:
            kept = json.loads(found.get("values") or "{}")
        except (ValueError, RecursionError):
            kept = {}
        if isinstance(splits, dict) and "field" in splits and isinstance(kept, dict) and kept.get("field") == splits["field"] and isinstance(kept.get("values"), dict):
            splits["values"] = kept["values"]
        return found

    def clean_labels(self) -> dict[str, str | None]:
        found: dict[str, str | None] = {}
        for line in filter(None, (each.strip() for each in self.cleaned_data["labels"].splitlines())):
            old, mark, new = (part.strip() for part in line.partition("="))
            if not mark or not old:
                raise forms.ValidationError(gettext("%(line)s: say old = new, or old = to leave it out.") % {"line": line[:60]})
            found[old] = new or None
        return found

    def clean_splits(self) -> dict[str, Any]:
        """Shares by name; or, of `meta.split` or `meta.split, train`, the field that gives them and what goes without."""
        field, _comma, default = (part.strip() for part in self.cleaned_data["splits"].partition(","))
        if field.startswith("meta."):
            return {"field": field, **({"default": default} if default else {})}
        shares: dict[str, float] = {}
        for part in filter(None, (each.strip() for each in self.cleaned_data["splits"].split(","))):
            found = _PART.fullmatch(part)
            if found is None:
                raise forms.ValidationError(gettext("%(part)s: a name and a share in percent, such as train 80.") % {"part": part[:60]})
            if found[1] in shares:
                raise forms.ValidationError(gettext("%(name)s is there twice.") % {"name": found[1][:60]})
            shares[found[1]] = float(found[2])
        whole = sum(shares.values())
        if shares and abs(whole - 100) > 1e-6:
            raise forms.ValidationError(gettext("The shares must sum to 100, and sum to %(sum)s.") % {"sum": f"{whole:g}"})
        return {name: share / 100 for name, share in shares.items()}


class DatasetForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=200, help_text=_("Such as street-train: versions of it are numbered from 1."))


class TagForm(forms.Form):
    name = forms.CharField(label=_("Tag"), max_length=60, widget=forms.TextInput(attrs={"placeholder": "production", "autocomplete": "off"}))
