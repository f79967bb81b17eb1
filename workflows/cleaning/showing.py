"""Rules and findings as rows of pages: what a rule catches in words, what was found with its sentence and its picture."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext_lazy, pgettext

from annotate.annotations.models import CurrentAnnotation
from annotate.items.media_api import media_url
from annotate.items.models import Item
from annotate.items.thumbs import Thumb, thumbs
from workflows.cleaning.charts import short
from workflows.cleaning.marks import ABOUT
from workflows.cleaning.models import Finding, Rule
from workflows.cleaning.presenting import parameters_of, rule_of
from workflows.cleaning.wording import sentence, words_of
from workflows.cleaning.words.options import option_words


def says(kind_name: str, parameters: Mapping[str, Any]) -> list[str]:
    """What the rule is told, parameter by parameter: ["Fewer characters than 10"]."""
    from workflows.cleaning.rules import kinds  # numpy, which an idle process does without

    kind, words = kinds().get(kind_name), words_of(kind_name)
    if kind is None:
        return [_("This kind of rule is not known any more.")]
    given = parameters_of(kind_name, dict(parameters))
    told = []
    for parameter in kind.parameters:
        value, label = given.get(parameter.name), words.parameters.get(parameter.name, parameter.name.replace("_", " ").capitalize())
        if value is None or value == "" or value is False or value == []:
            continue
        said = option_words(value) if parameter.type == "choice" else value_words(value)
        if value is True:
            told.append(str(label))
        elif parameter.name == kind.line:
            told.append(f"{label} {said}")
        else:
            told.append(pgettext("parameter", "%(label)s: %(value)s") % {"label": label, "value": said})
    return told


def value_words(value: Any) -> str:
    """A parameter's value as people read it."""
    if isinstance(value, list):
        return ", ".join(str(one) for one in value)
    if isinstance(value, float):
        return f"{value:g}"
    return str(value).replace("_", " ") if isinstance(value, int) else str(value)


def score_words(score: float | None) -> str:
    """A score, short; empty for none."""
    return "" if score is None else short(score)


@dataclass(frozen=True)
class RuleRow:
    """A rule in the table. `caught` at the run `run`; None when it has not run, or could not."""

    rule: Rule
    title: str
    help: str
    says: list[str]
    about: str
    run: int | None
    caught: int | None
    broken: bool

    @property
    def named(self) -> bool:
        """Whether its name says more than its kind."""
        return self.rule.name != self.rule.kind


def rule_rows(rules: Iterable[Rule], caught: Mapping[int, tuple[int, int | None]]) -> list[RuleRow]:
    from workflows.cleaning.rules import kinds

    known = kinds()
    rows = []
    for rule in rules:
        words, kind = words_of(rule.kind), known.get(rule.kind)
        run, n = caught.get(rule.pk, (None, None))
        title, about = str(words.title), kind.about if kind else "set"
        rows.append(RuleRow(rule, title, str(words.help), says(rule.kind, rule.parameters), about, run, n, run is not None and n is None))
    return rows


def grouped(rows: Iterable[RuleRow], order: Iterable[str]) -> list[tuple[Any, list[RuleRow]]]:
    """(heading, rows) by what rules are about, in this order; none that is empty."""
    found = list(rows)
    groups = [(ABOUT[about], [row for row in found if row.about == about]) for about in order]
    return [(about, some) for about, some in groups if some]


@dataclass
class Shown:
    """A finding, or an item that only just passed: its picture, what is said of it, and the item it points to."""

    item: Item | None
    thumb: Thumb | None
    score: float | None
    said: str = ""
    state: str = "found"
    object: str = ""
    subject: str = ""
    keeper: Item | None = None
    others: list[Any] = field(default_factory=list)

    @property
    def score_said(self) -> str:
        return score_words(self.score)


def state_of(finding: Finding, action: str) -> str:
    """A finding's state as pages name it: what applying it did is part of it."""
    if finding.state == "applied":
        return {"quarantine": "quarantined", "queue": "queued"}.get(action, "applied")
    return finding.state


def said(finding: Finding) -> str:
    """What was found, in a sentence; its beginning is a capital letter where the language has them."""
    rule = rule_of(finding)
    kind = str(rule.get("kind", ""))
    told = sentence(kind, finding.score, parameters_of(kind, rule.get("parameters", {})), finding.detail)
    return told[:1].upper() + told[1:]


def _bare(item: Item) -> Thumb:
    src = media_url(item.pk, "thumb") if item.blob_id and item.text is None else ""
    return Thumb(item, f"/items/{item.pk}", item.key.rpartition("/")[2], src)


def shown(findings: list[Finding], partners: Mapping[int, Item], *, bare: bool = False) -> list[Shown]:
    """Findings of one run in their order, each with its thumbnail: of an object with nothing but that object drawn; with nothing drawn
    where they are `bare`."""
    items = {row.item_id: row.item for row in findings if row.item is not None}
    drawn = {thumb.item.pk: thumb for thumb in (map(_bare, items.values()) if bare else thumbs(items.values()))}
    out = []
    for row in findings:
        thumb = drawn.get(row.item_id) if row.item_id is not None else None
        named = str(row.object) if row.object else ""
        if thumb is not None and named:
            thumb = replace(thumb, shapes=[shape for shape in thumb.shapes if shape.id == named])
        action = str(rule_of(row).get("action", "flag"))
        keeper = partners.get(row.partner) if row.partner else None
        out.append(Shown(row.item, thumb, row.score, said(row), state_of(row, action), named, row.subject, keeper))
    return out


def samples(rows: list[list[Any]], *, objects: bool) -> list[Shown]:
    """Of a result's [item, score, place] rows, in their order; those whose item has gone are left out."""
    items = Item.objects.select_related("batch").exclude(state="erased").in_bulk([row[0] for row in rows])
    drawn = {thumb.item.pk: thumb for thumb in thumbs(items.values())}
    ids = _placed(rows) if objects else {}
    out = []
    for item_id, score, place in rows:
        thumb = drawn.get(item_id)
        if thumb is None:
            continue
        named = ids.get((item_id, place), "")
        if named:
            thumb = replace(thumb, shapes=[shape for shape in thumb.shapes if shape.id == named])
        out.append(Shown(items[item_id], thumb, score, object=named))
    return out


def _placed(rows: list[list[Any]]) -> dict[tuple[int, int], str]:
    """(item, place) → id of the object that stands there now."""
    documents = CurrentAnnotation.objects.filter(item__in=[row[0] for row in rows]).values_list("item_id", "annotation__document")
    return {(item, place): str(one.get("id", "")) for item, document in documents for place, one in enumerate(json.loads(document)["objects"])}


_COUNTED: dict[str, Any] = {
    "item": ngettext_lazy("%(shown)s item", "%(shown)s items", "n"),
    "object": ngettext_lazy("%(shown)s object", "%(shown)s objects", "n"),
    "label": ngettext_lazy("%(shown)s label", "%(shown)s labels", "n"),
    "quota": ngettext_lazy("%(shown)s quota", "%(shown)s quotas", "n"),
}


def caught_words(rows_of: str, n: int) -> str:
    """ "12 objects": how many of what a rule looks at."""
    return str(_COUNTED[rows_of] % {"n": n, "shown": f"{n:,}"})
