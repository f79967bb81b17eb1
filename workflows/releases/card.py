"""The data card of a version: what is in it, who made it, how good it is known to be, what is wrong with it, what has changed."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.utils.translation import gettext as _

from workflows.releases import differing, meaning, parquet, reading, shards
from workflows.releases.models import Version

MANY = 20  # names told of a list of people, batches or sizes


def card(version: Version) -> dict[str, Any]:
    """Plain data: {"name", "version", "number", "hash", "licence", "released", "author", "message", "query", "recipe", "schema", "counts",
    "people", "quality", "problems", "changes"}. Reads two columns of every shard."""
    dataset, facts, counts = version.dataset, version.facts, version.counts
    parent = version.parent
    return {
        "name": dataset.name,
        "project": dataset.project.name,
        "version": meaning.of(version),
        "number": version.number,
        "state": version.state,
        "hash": version.root.hex() if version.root else None,
        "licence": dataset.licence,
        "released": version.frozen_at,
        "author": version.created_by.name if version.created_by else None,
        "message": version.message,
        "query": version.q,
        "recipe": version.recipe,
        "schema": version.schema_version.number if version.schema_version else None,
        "reverts": facts.get("reverts"),
        "counts": {name: counts.get(name) for name in ("items", "objects", "labels", "splits", "split_labels")},
        **_within(version),
        "quality": facts.get("quality") or {},
        "rules": facts.get("rules"),
        "gates": counts.get("gates") or [],
        "problems": {
            "excluded": counts.get("excluded") or {},
            "leakage": {name: n for name, n in (counts.get("leakage") or {}).items() if n},
            "findings": (facts.get("rules") or {}).get("findings") or {},
            "beyond_tolerance": (facts.get("stratified") or {}).get("beyond") or [],
        },
        "changes": {"since": parent.number, **differing.summary(parent, version)} if parent else None,
    }


def _within(version: Version) -> dict[str, Any]:
    """{"people", "batches", "sizes", "erased"}: counted over the rows that are no tombstones, the most frequent first."""
    import pyarrow.compute as pc

    told: dict[str, Counter[Any]] = {name: Counter() for name in ("labelled_by", "reviewed_by", "approved_by", "cause", "source", "method", "batch", "size")}
    living = 0
    for shard_id in reading.shard_ids(version):
        with shards.opened(shard_id) as file:
            table = parquet.columns(file, ["provenance", "batch", "width", "height", "erased"])
        table = table.filter(pc.invert(table["erased"])).combine_chunks()
        living += len(table)
        if not len(table):
            continue
        who = table["provenance"].combine_chunks()
        names = [field.name for field in who.type]
        for name, found in told.items():
            if name == "size":
                column = pc.binary_join_element_wise(pc.cast(table["width"], "string"), pc.cast(table["height"], "string"), " × ")
            elif name == "batch":
                column = table["batch"]
            elif name in names:
                column = who.field(name)
            else:
                continue
            found.update({each["values"]: each["counts"] for each in pc.value_counts(column).to_pylist() if each["values"] is not None})
    most = {name: dict(sorted(found.items(), key=lambda each: (-each[1], each[0]))[:MANY]) for name, found in told.items()}
    return {
        "people": {name: most[name] for name in ("labelled_by", "reviewed_by", "approved_by")},
        "origins": {name: most[name] for name in ("cause", "source", "method")},
        "batches": most["batch"],
        "sizes": most["size"],
        "erased": (version.counts.get("items") or 0) - living,
    }


def _figure(one: dict[str, Any] | None) -> str:
    if not one or one.get("value") is None:
        return _("not enough to say")
    return f"{100 * one['value']:.1f} % ({100 * one['low']:.1f}–{100 * one['high']:.1f} %, n = {one['of']})"


def _off(one: dict[str, Any]) -> str:
    """How a share is and how it was to be, in words."""
    return _("measured %(share)s, wanted %(asked)s") % {"share": f"{one['share']:.3f}", "asked": f"{one['asked']:g}"}


def _cell(text: Any) -> str:
    return str(text).replace("\\", "\\\\").replace("|", "\\|").replace("\n", " ").replace("<", "&lt;")


def _table(head: list[str], rows: list[list[Any]]) -> list[str]:
    if not rows:
        return [_("None."), ""]
    lines = [f"| {' | '.join(head)} |", f"|{' --- |' * len(head)}"]
    return [*lines, *(f"| {' | '.join(_cell(cell) for cell in row)} |" for row in rows), ""]


def markdown(found: dict[str, Any]) -> str:
    """The card as Markdown, with the front matter that dataset pages read."""
    counts, problems, changes = found["counts"], found["problems"], found["changes"]
    splits = sorted(counts["splits"] or {})
    front = ["---", f"pretty_name: {_yaml(found['name'])}", *([f"license: {_yaml(found['licence'])}"] if found["licence"] else []), "---", ""]
    lines = [*front, f"# {_cell(found['name'])} {found['version']}", ""]
    lines += [_cell(found["message"]), ""] if found["message"] else []
    facts = [
        [_("Version"), f"{found['version']} (v{found['number']})"],
        [_("Root hash"), found["hash"]],
        [_("Licence"), found["licence"] or _("not stated")],
        [_("Frozen"), found["released"].isoformat() if found["released"] else ""],
        [_("By"), found["author"] or ""],
        [_("Query"), found["query"] or _("every approved item")],
        [_("Schema"), found["schema"]],
        [_("Items"), counts["items"]],
        [_("Objects"), counts["objects"]],
    ]
    lines += _table([_("Fact"), _("Value")], facts)
    lines += [f"## {_('Splits')}", "", *_table([_("Split"), _("Items")], [[name, counts["splits"][name]] for name in splits])]
    by_split = counts["split_labels"] or {}
    labels = sorted((counts["labels"] or {}).items(), key=lambda each: (-each[1], each[0]))
    lines += [f"## {_('Labels')}", "", *_table([_("Label"), _("Objects"), *splits], [[name, n, *((by_split.get(split) or {}).get(name, 0) for split in splits)] for name, n in labels])]
    lines += [f"## {_('Pictures')}", "", *_table([_("Size"), _("Items")], [[name, n] for name, n in found["sizes"].items()])]
    people = [[role, name, n] for role, some in ((_("labelled"), "labelled_by"), (_("reviewed"), "reviewed_by"), (_("approved"), "approved_by")) for name, n in found["people"][some].items()]
    lines += [f"## {_('People')}", "", *_table([_("What"), _("Who"), _("Items")], people)]
    quality = found["quality"]
    rows = [[_("Agreement"), _figure(quality.get("agreement"))], [_("Gold accuracy"), _figure(quality.get("gold_accuracy"))], [_("Returned by reviewers"), _figure(quality.get("returned_rate"))]]
    lines += [f"## {_('Quality on the day of the cut')}", "", *_table([_("Measure"), _("Value")], rows)]
    wrong = [[_("left out: %(why)s") % {"why": name}, n] for name, n in problems["excluded"].items()]
    wrong += [[_("in two splits: %(what)s") % {"what": name}, n] for name, n in problems["leakage"].items()]
    wrong += [[_("finding: %(rule)s") % {"rule": name}, n] for name, n in problems["findings"].items()]
    wrong += [[_("share off: %(label)s in %(split)s") % {"label": each["label"], "split": each["split"]}, _off(each)] for each in problems["beyond_tolerance"]]
    wrong += [[_("erased since"), found["erased"]]] if found["erased"] else []
    lines += [f"## {_('Known problems')}", "", *_table([_("Problem"), _("Count")], wrong)]
    if changes:
        rows = [[_("items: %(change)s") % {"change": name}, n] for name, n in changes["items"].items()] + [[_("objects: %(change)s") % {"change": name}, n] for name, n in changes["objects"].items()]
        lines += [f"## {_('Changes since v%(n)d') % {'n': changes['since']}}", "", *_table([_("Change"), _("Count")], rows)]
    return "\n".join(lines).rstrip() + "\n"


def _yaml(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ") + '"'
