"""The form "Change labels": a row for each name of the schema, saying what becomes of it, read as operations.

Options come before their attributes and attributes before their labels, so that each operation goes by present names.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from annotate.kernel.errors import SluiceError

STAYS, RENAME, MERGE, SPLIT, KEEP, DROP = "", "rename", "merge", "split", "keep", "drop"


@dataclass
class Row:
    """One name. `place` marks its fields in the form; `label` and `attribute` say whose it is."""

    place: str
    thing: str
    name: str
    label: str | None = None
    attribute: str = ""
    color: str = ""
    act: str = STAYS
    to: str = ""
    problem: str = ""
    inner: list[Row] = field(default_factory=list)

    @property
    def acts(self) -> list[tuple[str, str]]:
        known = [(STAYS, _("stays")), (RENAME, _("is called …")), (MERGE, _("becomes part of …"))]
        if self.thing == "label":
            known.append((SPLIT, _("is split into …")))
        gone = _("goes; its objects stay as they are") if self.thing == "label" else _("goes; answers with it stay as they are")
        dropped = _("goes; its objects are taken out") if self.thing == "label" else _("goes; answers with it are taken out")
        return [*known, (KEEP, gone), (DROP, dropped)]

    @property
    def asked(self) -> bool:
        """Whether anything is asked of it or of what stands below it."""
        return bool(self.act or self.problem) or any(row.asked for row in self.inner)

    def operation(self) -> dict[str, Any]:
        whose: dict[str, Any] = {} if self.thing == "label" or self.label is None else {"label": self.label}
        if self.thing == "option":
            whose["attribute"] = self.attribute
        if self.act == RENAME:
            return {"op": f"rename_{self.thing}", **whose, "from": self.name, "to": self.to}
        if self.act == MERGE:
            return {"op": f"merge_{self.thing}", **whose, "from": [self.name], "to": self.to}
        if self.act == SPLIT:
            return {"op": "split_label", "from": self.name, "into": [name for one in self.to.replace("，", ",").replace("、", ",").split(",") if (name := one.strip())]}
        return {"op": f"retire_{self.thing}", **whose, "name": self.name, "then": self.act}


class ChangeForm:
    """`rows` of the labels, `item` of the whole item's attributes; filled from `data`. `problems`: what fits no row."""

    def __init__(self, schema: Mapping[str, Any], data: Mapping[str, Any] | None = None) -> None:
        self.rows = [
            Row(f"l{at}", "label", label["name"], color=label.get("color", ""), inner=_attributes(f"l{at}", label.get("attributes"), label["name"]))
            for at, label in enumerate(schema.get("labels") or [])
        ]
        self.item = _attributes("i", schema.get("item"), None)
        self.problems: list[str] = []
        for row in self._all() if data is not None else ():
            row.act = str(data.get(f"{row.place}-act", "")) if data else STAYS
            row.act = row.act if row.act in dict(row.acts) else STAYS
            row.to = str(data.get(f"{row.place}-to", "")).strip() if data else ""

    def _all(self) -> Iterator[Row]:
        """Options, then attributes, then labels."""
        owners = [*(attribute for row in self.rows for attribute in row.inner), *self.item]
        yield from (option for attribute in owners for option in attribute.inner)
        yield from owners
        yield from self.rows

    @property
    def changed(self) -> list[Row]:
        return [row for row in self._all() if row.act]

    def operations(self) -> list[dict[str, Any]]:
        return [row.operation() for row in self.changed]

    def refuse(self, error: SluiceError) -> None:
        """Put a refusal beside the row whose operation it names."""
        changed = self.changed
        for path, why in error.fields.items():
            head, _sign, rest = path.partition("[")
            at = rest.partition("]")[0]
            if head == "operations" and at.isdigit() and int(at) < len(changed):
                changed[int(at)].problem = str(why)
            elif changed:
                self.problems.append(str(error.detail))
        if not changed:
            self.problems.append(_("Choose what is to become of a label, an attribute or an option."))
        elif not any(row.problem for row in changed) and not self.problems:
            self.problems.append(str(error.detail))


def _attributes(place: str, entries: Any, label: str | None) -> list[Row]:
    return [
        Row(
            f"{place}a{at}",
            "attribute",
            entry["name"],
            label=label,
            inner=[
                Row(f"{place}a{at}o{n}", "option", option["name"] if isinstance(option, dict) else option, label=label, attribute=entry["name"])
                for n, option in enumerate(entry.get("options") or [])
            ],
        )
        for at, entry in enumerate(entries or [])
    ]
