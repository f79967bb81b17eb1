"""The document of a flow: what it may say, checked against the project, each part that is wrong named by its place.

    {"gate": {"bar": 0.05},
     "annotate": {"queue": 7} or {"overlap": 2, …settings of a queue of each batch's own},
     "review": [{"sample": {"kind": "percent", "value": 10, "seed": 0, "by": ""}, "pass_mark": 0.95, "judged_by": "point",
                 "escalation": "larger", "reviewers": []}, …],
     "adjudicate": {"queue": 9} or {…settings},
     "release": {"dataset": 3, "q": "", "splits": {"train": 0.8, …}, "by": "group"}}

`gate`, `adjudicate` and `release` may be null: then there is none. `splits` and `by` are for the dataset's first version; each later one is
made as the one before it: splits, what is kept together, labels on the way in.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from annotate.items.models import Batch
from annotate.kernel.canonical import check_text, dumps
from annotate.kernel.errors import Invalid, Missing
from annotate.people.queries import by_name_or_id
from annotate.projects.models import Project
from annotate.queues.models import Queue
from annotate.queues.services import check_settings
from annotate.search.compile import compile_query
from workflows.releases.models import Dataset
from workflows.releases.splits import check as check_splits
from workflows.rounds.planning import Wish
from workflows.rounds.planning import check as check_round
from workflows.rounds.sampling import Plan

PARTS = ("gate", "annotate", "review", "adjudicate", "release")
MOST_ROUNDS = 9
LABELLING = ("overlap", "overlap_percent", "overlap_seed", "agreement_bar", "overlap_most", "gold_percent", "order", "priority", "lease_seconds")
DECIDING = ("order", "priority", "lease_seconds")
ROUND: dict[str, Any] = {"pass_mark": 0.95, "judged_by": "point", "escalation": "larger", "reviewers": []}
LONGEST_QUERY = 10_000


def usual() -> dict[str, Any]:
    """The way that most take, for who has declared none."""
    sample = {"kind": "percent", "value": 10, "seed": 0, "by": ""}
    return {"gate": None, "annotate": {"overlap": 1}, "review": [{"sample": sample, **ROUND}], "adjudicate": None, "release": None}


def checked(project: Project, document: object) -> dict[str, Any]:
    """The document whole, with what it left out; `Invalid` names every place that is wrong."""
    if not isinstance(document, Mapping):
        raise Invalid(_("The flow is not valid."), fields={"flow": _("an object")})
    wrong: dict[str, str] = {str(name)[:60]: _("there is no such part") for name in document if name not in PARTS}
    said = {name: document.get(name) for name in PARTS}
    found = {
        "gate": _gate(said["gate"], wrong),
        "annotate": _queue(project, "annotate", {"overlap": 1} if said["annotate"] is None else said["annotate"], LABELLING, wrong),
        "review": _rounds(project, [] if said["review"] is None else said["review"], wrong),
        "adjudicate": None if said["adjudicate"] is None else _queue(project, "adjudicate", said["adjudicate"], DECIDING, wrong),
        "release": _release(project, said["release"], wrong),
    }
    if wrong:
        place, why = next(iter(wrong.items()))
        raise Invalid(f"{place}: {why}", fields=wrong)
    dumps(found)
    return found


def _known(part: object, place: str, names: tuple[str, ...], wrong: dict[str, str]) -> dict[str, Any]:
    """The part as a dictionary of what it may say."""
    if not isinstance(part, Mapping):
        wrong[place] = _("an object")
        return {}
    for name in part:
        if name not in names:
            wrong[f"{place}.{str(name)[:60]}"] = _("there is no such field")
    return {name: part[name] for name in names if name in part}


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _gate(part: object, wrong: dict[str, str]) -> dict[str, Any] | None:
    if part is None:
        return None
    bar = _known(part, "gate", ("bar",), wrong).get("bar")
    if "gate" not in wrong and (not _number(bar) or not 0 <= bar <= 1):  # type: ignore[operator]
        wrong["gate.bar"] = _("a number from 0 to 1")
    return {"bar": bar}


def _queue(project: Project, place: str, part: object, settings: tuple[str, ...], wrong: dict[str, str]) -> dict[str, Any]:
    said = _known(part, place, ("queue", *settings), wrong)
    if said.get("queue") is None:
        said.pop("queue", None)
        try:
            return check_settings(project, place, said)
        except Invalid as error:
            wrong.update({f"{place}.{name}": why for name, why in error.fields.items()})
        return said
    for name in said:
        if name != "queue":
            wrong[f"{place}.{name}"] = _("is a setting of the queue that is named: leave it out here")
    queue = said["queue"]
    rows = Queue.objects.filter(project=project, stage=place, qualification=None).exclude(state="closed")
    if not isinstance(queue, int) or isinstance(queue, bool) or not 0 < queue < 2**63 or not rows.filter(pk=queue).exists():
        wrong[f"{place}.queue"] = _("not the id of a queue of this project for this work that is not closed")
    return {"queue": queue}


def _rounds(project: Project, part: object, wrong: dict[str, str]) -> list[dict[str, Any]]:
    if not isinstance(part, list | tuple) or len(part) > MOST_ROUNDS:
        wrong["review"] = _("a list of at most %(n)d rounds") % {"n": MOST_ROUNDS}
        return []
    return [_round(project, f"review[{index}]", one, wrong) for index, one in enumerate(part)]


def _round(project: Project, place: str, part: object, wrong: dict[str, str]) -> dict[str, Any]:
    before = len(wrong)
    said = ROUND | _known(part, place, ("sample", *ROUND), wrong)
    sample = _known(said.get("sample"), f"{place}.sample", ("kind", "value", "seed", "by"), wrong)
    value, seed, by = sample.get("value"), sample.get("seed", 0), sample.get("by") or ""
    for name, fits, why in (
        ("sample.value", value is None or _number(value), _("a number")),
        ("sample.seed", isinstance(seed, int) and not isinstance(seed, bool), _("a whole number")),
        ("sample.by", isinstance(by, str), _("a text")),
        ("sample.kind", isinstance(sample.get("kind"), str), _("a text")),
        ("pass_mark", _number(said["pass_mark"]), _("a number")),
        ("judged_by", isinstance(said["judged_by"], str), _("a text")),
        ("escalation", isinstance(said["escalation"], str), _("a text")),
    ):
        if not fits:
            wrong[f"{place}.{name}"] = why
    people = _reviewers(project, place, said["reviewers"], wrong)
    if len(wrong) == before:
        plan = Plan(sample["kind"], None if value is None else float(value), seed, check_text(by))
        wish = Wish(Batch(project=project), plan, float(said["pass_mark"]), said["judged_by"], said["escalation"], tuple(people))
        try:
            wish = check_round(wish)
        except Invalid as error:
            wrong.update({f"{place}.{name}": why for name, why in error.fields.items()})
        value = wish.plan.value
    drawn = {"kind": sample.get("kind"), "value": value, "seed": seed, "by": by}
    return {**said, "sample": drawn, "reviewers": [person.pk for person in people]}


def _reviewers(project: Project, place: str, names: object, wrong: dict[str, str]) -> list[Any]:
    if not isinstance(names, list | tuple) or len(names) > 1000:
        wrong[f"{place}.reviewers"] = _("a list of people, by id or name")
        return []
    people = []
    for index, name in enumerate(names):
        try:
            if isinstance(name, bool) or not isinstance(name, int | str):
                raise Missing(_("a person's id or name"))
            people.append(by_name_or_id(project.organisation_id, name))
        except Missing as error:
            wrong[f"{place}.reviewers[{index}]"] = error.detail
    return list(dict.fromkeys(people))


def _release(project: Project, part: object, wrong: dict[str, str]) -> dict[str, Any] | None:
    if part is None:
        return None
    said = {"q": "", "splits": None, "by": "group"} | _known(part, "release", ("dataset", "q", "splits", "by"), wrong)
    if "release" in wrong:
        return None
    rows, dataset = Dataset.objects.filter(project=project), said.get("dataset")
    if isinstance(dataset, str):
        found = rows.filter(name=check_text(dataset)).first()
    else:
        found = rows.filter(pk=dataset).first() if isinstance(dataset, int) and not isinstance(dataset, bool) and 0 < dataset < 2**63 else None
    if found is None:
        wrong["release.dataset"] = _("the id or name of a dataset of this project")
    if not isinstance(said["q"], str) or len(said["q"]) > LONGEST_QUERY:
        wrong["release.q"] = _("a query")
    else:
        try:
            compile_query(check_text(said["q"]), project.pk)
        except Invalid as error:
            wrong["release.q"] = error.detail
    splits = said["splits"]
    if splits is not None and not isinstance(splits, Mapping):
        wrong["release.splits"] = _("an object of names and shares")
    elif splits is not None:
        try:
            splits = check_splits(splits)
        except Invalid as error:
            wrong.update({f"release.{place}": why for place, why in error.fields.items()})
    if said["by"] not in ("group", "item"):
        wrong["release.by"] = "group, item"
    return {"dataset": found.pk if found else None, "q": said["q"], "splits": splits, "by": said["by"]}
