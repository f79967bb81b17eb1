"""How a version is to be made of what it selects: splits and label mapping, as asked or as the last version had them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from annotate.items.models import Item
from annotate.kernel import canonical
from annotate.kernel.errors import Invalid
from annotate.projects.models import SchemaVersion
from annotate.projects.queries import current_schema
from workflows.releases import mapping, placing, splits
from workflows.releases.models import Dataset, Version

LONGEST_SALT = 200


def recipe(dataset: Dataset, last: Version | None, asked: Mapping[str, Any]) -> dict[str, Any]:
    """The recipe: {"splits", "by", "salt"} and, where asked for, "field", "stratify", "together", "labels", "order".

    `asked`: {"splits": shares, or {"field", "values", "default"}, or {} for none, None as the last version; "by_group": True, False or None; "salt";
    "stratify", "together", "labels", "order"}. What is None is as the last version had it; with `splits` given, what goes with splits
    is not carried on. `Invalid` names the part.
    """
    before: Mapping[str, Any] = last.recipe if last is not None else {}
    wanted = asked.get("splits")
    fixed = isinstance(wanted, Mapping) and (isinstance(wanted.get("field"), str) or isinstance(wanted.get("values"), Mapping | list))
    carried = before if wanted is None else {}
    made: dict[str, Any] = {
        "splits": splits.check({} if fixed else before.get("splits", splits.USUAL) if wanted is None else wanted),
        "by": _unit(asked.get("by_group"), carried),
        "salt": _salt(asked.get("salt") or "") or before.get("salt", ""),
    }
    field = carried.get("field")
    if fixed and isinstance(wanted, Mapping):
        field = splits.check_field(wanted)
    stratify, together = asked.get("stratify"), asked.get("together")
    if field and (stratify or together):
        part = "stratify" if stratify else "together"
        raise Invalid(
            f"{part}: the splits are given by a field", fields={part: _("not with splits that a field gives")}
        )
    if fixed and field and not field["default"]:
        _known(dataset, field["field"], "splits.field")
    stratify = splits.check_stratify(str(carried.get("stratify", "") if stratify is None else stratify), made["splits"])
    if asked.get("stratify") and stratify != "label":
        _known(dataset, stratify, "stratify")
    together = splits.check_together(
        carried.get("together", []) if together is None else together, placing.together(), made["splits"]
    )
    known = [label["name"] for label in current_schema(dataset.project_id).content.get("labels") or []]
    labels, order = (before.get(name) if asked.get(name) is None else asked[name] for name in ("labels", "order"))
    changed = mapping.check(labels, order, known, _ever(dataset) if labels else set())
    more = {"field": field, "stratify": stratify, "together": together} | changed
    return made | {name: value for name, value in more.items() if value}


def _ever(dataset: Dataset) -> set[str]:
    """The labels of all versions of the project's schema."""
    versions = SchemaVersion.objects.filter(project_id=dataset.project_id)
    return {label["name"] for version in versions for label in version.content.get("labels") or []}


def _known(dataset: Dataset, field: str, part: str) -> None:
    """`Invalid` names the part where no item of the project has this field."""
    name = field.removeprefix("meta.")
    if not Item.objects.filter(project_id=dataset.project_id, meta__has_key=name).exists():
        why = _("no item has the field %(name)s") % {"name": field}
        raise Invalid(f"{part}: {why}", fields={part: why})


def _unit(by_group: Any, carried: Mapping[str, Any]) -> str:
    if by_group is None:
        return str(carried.get("by", "group"))
    return "group" if by_group else "item"


def _salt(text: str) -> str:
    text = canonical.check_text(text).strip()
    if len(text) > LONGEST_SALT:
        raise Invalid(
            _("At most %(n)d characters.") % {"n": LONGEST_SALT}, fields={"salt": f"at most {LONGEST_SALT} characters"}
        )
    return text
