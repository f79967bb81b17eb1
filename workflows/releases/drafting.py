"""A version looked at before it is cut: what would be in it by split and label, what would stay out and why, item by item.

It is worked out as a cut is, from the same snapshot and by the same rules, and writes nothing. What is too large to be read while somebody
waits is counted and estimated, and says so.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Sum
from django.utils.translation import gettext as _

from annotate.annotations.models import LabelCount
from annotate.items.models import Item
from annotate.kernel.decisions import require
from annotate.kernel.errors import Invalid
from annotate.people.actor import Actor
from annotate.queues.models import Hold
from annotate.reviews.models import Approval
from annotate.search.compile import compile_query
from workflows.releases import gates, parquet, policies, queries, recipes
from workflows.releases.fitting import Fitting, LeftOut
from workflows.releases.models import Dataset, Version
from workflows.releases.preview import preview
from workflows.releases.snapshot import taken
from workflows.releases.tallying import tally

MOST = 50_000  # approved items that are read while somebody waits
REASONS = ("not_approved", "quarantined", "gate", "schema", "mapping", "no_split")


@dataclass
class Draft:
    """`exact`: split by split as the cut would be, if nothing changes; else labels are counted over all and splits by their shares."""

    dataset: Dataset
    q: str
    recipe: dict[str, Any]
    exact: bool
    taken: int = 0
    tally: parquet.Tally = field(default_factory=parquet.Tally)
    excluded: Counter[str] = field(default_factory=Counter)
    leakage: dict[str, int] = field(default_factory=dict)
    left_out: list[LeftOut] = field(default_factory=list)
    barred: gates.Barred = field(default_factory=gates.Barred)

    def document(self) -> dict[str, Any]:
        labels: Counter[str] = Counter()
        for counts in self.tally.labels.values():
            labels.update(counts)
        return {
            "exact": self.exact,
            "q": self.q,
            "recipe": self.recipe,
            "items": self.taken,
            "objects": labels.total(),
            "labels": dict(sorted(labels.items())),
            "splits": {name: n for name, n in self.tally.splits.items() if name},
            "split_labels": {name: dict(sorted(counts.items())) for name, counts in self.tally.labels.items() if name},
            "excluded": {name: n for name, n in self.excluded.items() if n},
            "leakage": self.leakage,
            "refused": [dict(one) for one in self.barred.slices],
        }


def draft(dataset: Dataset, *, q: str, asked: Mapping[str, Any], by: Actor, most: int = MOST) -> Draft:
    """What a cut with this query and recipe would take now. `Invalid` as `services.cut`, `Denied` for who may not cut."""
    require(policies.may_cut(by, dataset))
    last = queries.versions(dataset).order_by("-number").first()
    recipe = recipes.recipe(dataset, last, asked)
    q = q.strip()
    counts = preview(dataset.project, q)
    found = Draft(dataset, q, recipe, counts.taken <= most, taken=counts.taken, barred=counts.barred)
    erased = Item.objects.filter(compile_query(q, dataset.project_id), project_id=dataset.project_id, state="erased").count()
    found.excluded.update(not_approved=counts.not_approved, quarantined=counts.quarantined, gate=counts.gated, erased=erased)
    return _read(found) if found.exact and counts.taken else _estimated(found) if counts.taken else found


def _read(found: Draft) -> Draft:
    version = Version(dataset=found.dataset, q=found.q, recipe=found.recipe)
    with taken(version, when=gates.DRAFT) as snapshot:
        fitting = Fitting(snapshot.schema.pk, found.recipe, snapshot.placement)
        found.leakage, found.excluded = snapshot.leakage, Counter(snapshot.excluded)
        for fetched in snapshot.rows():
            fit = fitting.fit(fetched.table())
            found.left_out += fit.left_out
            if len(fit.table):
                found.tally.add(tally(fit.table.append_column("split", [fit.splits]), plain=fitting.plain))
    for _key, code, _why in found.left_out:
        found.excluded[code] += 1
    found.taken = found.tally.rows
    return found


def _estimated(found: Draft) -> Draft:
    names: Mapping[str, str | None] = found.recipe.get("labels") or {}
    items = _selected(found.dataset, found.q).filter(_approved(), ~_held()).order_by().values("pk")
    rows = (
        LabelCount.objects.filter(project_id=found.dataset.project_id, item__in=items)
        .order_by()
        .values_list("label")
        .annotate(n=Sum("n"))
    )
    counts: Counter[str] = Counter()
    for label, n in rows:
        name = names.get(label, label)
        if name is not None:
            counts[name] += n
    found.tally.labels[""] = counts
    found.tally.splits.update({name: round(share * found.taken) for name, share in found.recipe["splits"].items()})
    return found


def _approved() -> Exists:
    return Exists(Approval.objects.filter(item=OuterRef("pk"), ended_at__isnull=True))


def _held() -> Exists:
    return Exists(Hold.objects.filter(item=OuterRef("pk"), ended_at__isnull=True))


def _selected(dataset: Dataset, q: str) -> QuerySet[Item]:
    return Item.objects.filter(compile_query(q, dataset.project_id), project_id=dataset.project_id).exclude(
        state="erased"
    )


def behind(found: Draft, reason: str, *, after: str = "", limit: int = 100) -> tuple[list[dict[str, Any]], str | None]:
    """([{"item", "key", "why"}], the key to go on after or None) of what stays out for this reason, in the order of keys."""
    if reason not in REASONS:
        raise Invalid(
            f"excluded: one of {', '.join(REASONS)}",
            fields={"excluded": _("one of %(names)s") % {"names": ", ".join(REASONS)}},
        )
    if reason in ("schema", "mapping", "no_split"):
        named = [(key, why) for key, code, why in found.left_out if code == reason and key > after][: limit + 1]
        ids = dict(
            Item.objects.filter(project_id=found.dataset.project_id, key__in=[key for key, _why in named]).values_list(
                "key", "pk"
            )
        )
        rows = [{"item": ids.get(key), "key": key, "why": why} for key, why in named]
    else:
        barred = list(found.barred.batches) or [0]
        wanted: dict[str, Q] = {
            "not_approved": Q(~_approved()),
            "quarantined": Q(_approved(), _held()),
            "gate": Q(_approved(), ~_held(), batch__in=barred),
        }
        items = _selected(found.dataset, found.q).filter(wanted[reason], key__gt=after).order_by("key")
        words = {"not_approved": _("is not approved"), "quarantined": _("is in quarantine")}
        said = items.values_list("pk", "key", "batch_id")[: limit + 1]
        rows = [
            {"item": pk, "key": key, "why": words.get(reason) or found.barred.batches[batch]} for pk, key, batch in said
        ]
    return rows[:limit], str(rows[limit - 1]["key"]) if len(rows) > limit else None
