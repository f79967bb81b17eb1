"""Writing what happened: one row per act, in the transaction of the act itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import Model

from annotate.activity.because import named
from annotate.activity.models import Activity
from annotate.people.actor import Actor


def record(
    by: Actor | None,
    verb: str,
    thing: Model | tuple[str, int] | None,
    *,
    organisation: Any,
    project: Any = None,
    before: bytes | None = None,
    after: bytes | None = None,
    data: Mapping[str, Any] | None = None,
) -> Activity:
    """`verb` is "noun.act"; `before` and `after` are digests of content, never content. Ids or rows are both taken."""
    noun, noun_id = (
        (None, None) if thing is None else thing if isinstance(thing, tuple) else (thing._meta.model_name, thing.pk)
    )
    return Activity.objects.create(
        organisation_id=getattr(organisation, "pk", organisation),
        project_id=getattr(project, "pk", project),
        person_id=by.person_id if by else None,
        token_id=by.token_id if by else None,
        verb=verb,
        noun=noun or "",
        noun_id=noun_id,
        before=before,
        after=after,
        data=dict(data or {}) | named(),
        request_id=by.request_id if by else "",
        address=by.address if by else "",
    )
