"""Going back: a new version that is equal to an old one. It shares all of its ranges; nothing is read or written but rows."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from annotate.activity.services import record
from annotate.kernel.clock import DatabaseNow
from annotate.kernel.decisions import require
from annotate.kernel.errors import Conflict
from annotate.people.actor import Actor
from workflows.releases.meaning import bounds, follow
from workflows.releases.models import Dataset, Version, VersionShard
from workflows.releases.policies import may_cut
from workflows.releases.services import words
from workflows.releases.states import VERSION
from workflows.releases.tombstones import lock_project


@transaction.atomic
def revert(old: Version, *, message: str = "", by: Actor) -> Version:
    """The next version of the dataset, with the rows, root, counts and recipe of `old`; its parent is the newest there is.

    `Conflict` when `old` was withdrawn, or is the newest already. Gates are not asked: its rows went through them once.
    """
    dataset = old.dataset
    require(may_cut(by, dataset))
    if old.state != "frozen":
        raise Conflict(_("Only a frozen version can be gone back to."), code="not_frozen")
    lock_project(dataset.project_id)
    Dataset.objects.select_for_update().get(pk=dataset.pk)
    earlier = Version.objects.filter(dataset=dataset, number__isnull=False)
    top = earlier.aggregate(top=Max("number"))["top"]
    newest = earlier.get(number=top)
    if newest.pk == old.pk:
        raise Conflict(_("This is the newest version already."), code="newest")
    made = Version.objects.create(
        dataset=dataset,
        q=old.q,
        message=words(message, "message", 2000) or _("Back to v%(n)d") % {"n": old.number},
        recipe=old.recipe,
        schema_version=old.schema_version,
        created_by=by.person,
    )
    rows = VersionShard.objects.filter(version=old).order_by("ordinal")
    for row in rows:
        row.pk, row.version = None, made
    VersionShard.objects.bulk_create(rows, batch_size=1000)
    Version.objects.filter(pk=made.pk).update(
        state=VERSION.after("cutting", "freeze"), number=top + 1, parent=newest, root=old.root, counts=old.counts, splits=old.splits,
        facts=old.facts | {"reverts": old.number, "meaning": follow(newest, bounds(old))}, frozen_at=DatabaseNow(),
    )  # fmt: skip
    made.refresh_from_db()
    data = {"dataset": dataset.pk, "number": made.number, "reverts": old.number, "items": old.counts["items"]}
    record(
        by,
        "version.revert",
        made,
        organisation=dataset.project.organisation_id,
        project=dataset.project,
        before=newest.root,
        after=made.root,
        data=data,
    )
    return made
