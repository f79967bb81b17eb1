"""Slices, datasets, versions and tags: every write of this room but the work of the cut itself (`cutting`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from annotate.activity.services import record
from annotate.jobs.services import enqueue
from annotate.kernel import canonical
from annotate.kernel.decisions import require
from annotate.kernel.errors import Conflict, Invalid, Stale
from annotate.people.actor import Actor
from annotate.people.services import clean_name
from annotate.projects.models import Project
from annotate.search.compile import compile_query
from workflows.releases import gates, queries, recipes
from workflows.releases.models import Dataset, Slice, Tag, Version
from workflows.releases.policies import may_create_dataset, may_cut, may_save_slice
from workflows.releases.splits import NAME
from workflows.releases.states import VERSION

CUT = "version.cut"
LONGEST_MESSAGE, LONGEST_QUERY = 2000, 10_000


def _query(q: str, project: Project) -> str:
    """The query's text, once it is known to compile; `Invalid` names the column."""
    q = canonical.check_text(q or "").strip()
    if len(q) > LONGEST_QUERY:
        raise Invalid(_("The query is too long."), fields={"q": f"at most {LONGEST_QUERY} characters"})
    compile_query(q, project.pk)
    return q


def words(text: str, field: str, longest: int) -> str:
    """The text without blanks around it; `Invalid` names the field when it is too long or cannot be kept."""
    text = canonical.check_text(text or "").strip()
    if len(text) > longest:
        raise Invalid(_("At most %(n)d characters.") % {"n": longest}, fields={field: f"at most {longest} characters"})
    return text


@transaction.atomic
def create_slice(project: Project, name: str, *, q: str, by: Actor) -> Slice:
    """A saved query. `Invalid` on a bad name or query, `Conflict` when the name is taken."""
    require(may_save_slice(by, project))
    name, q = clean_name(name, longest=200), _query(q, project)
    try:
        with transaction.atomic():
            made = Slice.objects.create(project=project, name=name, q=q, created_by=by.person)
    except IntegrityError as error:
        raise Conflict(_("A slice of this name exists."), code="name_taken", fields={"name": "taken"}) from error
    record(by, "slice.create", made, organisation=project.organisation_id, project=project)
    return made


@transaction.atomic
def create_dataset(project: Project, name: str, *, licence: str = "", by: Actor) -> Dataset:
    """A dataset without versions. `Invalid` on a bad name, `Conflict` when the name is taken. `licence`: a name or an address, for data cards."""
    require(may_create_dataset(by, project))
    try:
        with transaction.atomic():
            licence = words(licence, "licence", 300)
            made = Dataset.objects.create(
                project=project, name=clean_name(name, longest=200), licence=licence, created_by=by.person
            )
    except IntegrityError as error:
        raise Conflict(_("A dataset of this name exists."), code="name_taken", fields={"name": "taken"}) from error
    record(by, "dataset.create", made, organisation=project.organisation_id, project=project)
    return made


@transaction.atomic
def set_licence(dataset: Dataset, licence: str, *, by: Actor) -> Dataset:
    """Under what the data may be used, as its cards say from now on."""
    require(may_cut(by, dataset))
    dataset.licence = words(licence, "licence", 300)
    dataset.save(update_fields=["licence"])
    project = dataset.project
    record(
        by,
        "dataset.licence",
        dataset,
        organisation=project.organisation_id,
        project=project,
        data={"licence": dataset.licence},
    )
    return dataset


@transaction.atomic
def cut(
    dataset: Dataset,
    *,
    q: str = "",
    message: str = "",
    splits: Mapping[str, Any] | None = None,
    by_group: bool | None = None,
    stratify: str | None = None,
    salt: str = "",
    together: Sequence[str] | None = None,
    labels: Mapping[str, str | None] | None = None,
    order: Sequence[str] | None = None,
    by: Actor,
) -> Version:
    """A version in state "cutting", with its `job`; when the job is done it is "frozen" with a number, or "failed".

    `q` selects among the approved items ("" takes all). `splits` maps names to shares that sum to 1: None takes those of
    the last version (at first 0.8 train, 0.1 val, 0.1 test), {} makes none. `by_group` None is as with those splits, True with
    new ones. `salt` "" is the last version's too: with
    another salt every group may move. `stratify` "label" or "meta.<field>" gives every split its share of each, `together` names what else
    is kept in one split (`placing.together`), `splits` {"field": "meta.<field>", "values", "default"} takes them from the items: see
    `recipes`. `labels` {old: new or None} and `order` change the labels on the way in. `Invalid` names the part that is wrong; `Conflict` gate_failed when the query is that of a slice
    whose gate is shut now: it is asked again at the instant of the cut.
    """
    require(may_cut(by, dataset))
    last = queries.versions(dataset).order_by("-number").first()
    asked = {
        "splits": splits,
        "by_group": by_group,
        "salt": salt,
        "stratify": stratify,
        "together": together,
        "labels": labels,
        "order": order,
    }
    recipe = recipes.recipe(dataset, last, asked)
    q = _query(q, dataset.project)
    gates.require_open(gates.barred(dataset.project, q, gates.ASK))
    version = Version.objects.create(
        dataset=dataset,
        q=q,
        message=words(message, "message", LONGEST_MESSAGE),
        recipe=recipe,
        created_by=by.person,
    )
    version.job = enqueue(
        CUT,
        organisation_id=dataset.project.organisation_id,
        project_id=dataset.project_id,
        by=by,
        arguments={"version": version.pk, "dataset": dataset.pk},
        key=f"{CUT}:{version.pk}",
    )
    version.save(update_fields=["job"])
    project = dataset.project
    record(by, "version.cut", version, organisation=project.organisation_id, project=project)
    return version


@transaction.atomic
def create_tag(dataset: Dataset, name: str, *, version: Version, by: Actor) -> Tag:
    """Let the name mean this frozen version from now on; earlier meanings stay as rows.

    `Invalid` on a name that a person could take for a number, `Conflict` on a version that is not frozen.
    """
    require(may_cut(by, dataset))
    name = canonical.check_text(name or "").strip()
    if not NAME.fullmatch(name) or name.isdigit():
        why = _("use letters, digits, dots, dashes and underscores, at most 60, and not digits alone")
        raise Invalid(f"name: {why}", fields={"name": why})
    if version.dataset_id != dataset.pk:
        raise Invalid(_("This version belongs to another dataset."), fields={"version": "of another dataset"})
    if version.state != "frozen":
        raise Conflict(_("Only a frozen version takes a tag."), code="not_frozen")
    made = Tag.objects.create(dataset=dataset, name=name, version=version, created_by=by.person)
    project = dataset.project
    data = {"name": name, "dataset": dataset.pk, "version": version.pk}
    record(by, "tag.set", made, organisation=project.organisation_id, project=project, data=data)
    return made


@transaction.atomic
def withdraw(version: Version, *, reason: str, by: Actor) -> Version:
    """Frozen → withdrawn: it stays whole and readable, and is no longer offered as the latest. `Stale` when it was already."""
    require(may_cut(by, version.dataset))
    reason = words(reason, "reason", 500)
    if not reason:
        raise Invalid(_("Say why the version is withdrawn."), fields={"reason": "required"})
    state = VERSION.after(version.state, "withdraw")
    if not Version.objects.filter(pk=version.pk, state=version.state).update(state=state):
        raise Stale()
    project = version.dataset.project
    record(
        by,
        "version.withdraw",
        version,
        organisation=project.organisation_id,
        project=project,
        before=version.root,
        after=version.root,
        data={"reason": reason},
    )
    version.refresh_from_db(fields=["state"])
    return version
