"""Making, changing and ending webhooks, trying one out, and sending a piece of news once more."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from annotate.activity.services import record
from annotate.kernel.canonical import check_text
from annotate.kernel.decisions import require
from annotate.kernel.errors import Conflict, Invalid, Stale
from annotate.people.actor import Actor
from annotate.projects.models import Project
from annotate.projects.policies import may_manage
from workflows.webhooks.events import EVENTS, TEST, document
from workflows.webhooks.following import wake
from workflows.webhooks.models import Delivery, Webhook
from workflows.webhooks.posting import Refused, parsed
from workflows.webhooks.signing import secret
from workflows.webhooks.states import DELIVERY

MOST = 20  # of a project


def _url(url: str) -> str:
    url = check_text(url or "").strip()
    try:
        parsed(url, private=settings.WEBHOOK_PRIVATE)
    except Refused as why:
        raise Invalid(f"url: {why}", fields={"url": str(why)}) from None
    return url


def _events(events: Sequence[str]) -> list[str]:
    unknown = sorted(set(events) - set(EVENTS))
    if unknown or not events:
        known = f"at least one of {', '.join(EVENTS)}"
        raise Invalid(f"events: {known}", fields={"events": known})
    return [name for name in EVENTS if name in events]


@transaction.atomic
def create(project: Project, url: str, *, events: Sequence[str], by: Actor) -> tuple[Webhook, str]:
    """(webhook, its secret, shown this once). `Invalid` on an address that news may not go to, or an unknown event."""
    require(may_manage(by, project))
    if Webhook.objects.filter(project=project).count() >= MOST:
        raise Conflict(_("A project has at most %(n)d webhooks.") % {"n": MOST}, code="too_many_webhooks")
    made = Webhook.objects.create(project=project, url=_url(url), events=_events(events), nonce=secrets.token_hex(16), created_by=by.person)
    record(by, "webhook.create", made, organisation=project.organisation_id, project=project, data={"events": made.events})
    return made, secret(made.nonce)


@transaction.atomic
def change(webhook: Webhook, *, url: str | None = None, events: Sequence[str] | None = None, active: bool | None = None, by: Actor) -> Webhook:
    """Another address, other events, stopped or going on. Going on, it is told of what happens from now on and of what still waits."""
    require(may_manage(by, webhook.project))
    found = Webhook.objects.select_for_update().get(pk=webhook.pk)
    found.url = found.url if url is None else _url(url)
    found.events = found.events if events is None else _events(events)
    if active is not None:
        found.active, found.stopped_why, found.failing_since = active, "", None
    found.save()
    project = webhook.project
    record(by, "webhook.change", found, organisation=project.organisation_id, project=project, data={"events": found.events, "active": found.active})
    return found


@transaction.atomic
def delete(webhook: Webhook, *, by: Actor) -> None:
    """It is told of nothing any more; what it was told goes with it."""
    require(may_manage(by, webhook.project))
    project = webhook.project
    record(by, "webhook.delete", webhook, organisation=project.organisation_id, project=project)
    Webhook.objects.filter(pk=webhook.pk).delete()


@transaction.atomic
def test(webhook: Webhook, *, by: Actor) -> Delivery:
    """A `webhook.test` on its way, so that somebody can see it arrive."""
    require(may_manage(by, webhook.project))
    if not webhook.active:
        raise Conflict(_("This webhook is stopped: let it go on first."), code="stopped")
    now = timezone.now()
    payload = document(TEST, at=now.isoformat().replace("+00:00", "Z"), project=webhook.project_id, data={"webhook": webhook.pk})
    made = Delivery.objects.create(webhook=webhook, event=TEST, payload=payload, next_at=now)
    wake(webhook.project.organisation_id)
    return made


@transaction.atomic
def again(delivery: Delivery, *, by: Actor) -> Delivery:
    """Send once more what was given up or has arrived; `Stale` when it is on its way."""
    require(may_manage(by, delivery.webhook.project))
    if not delivery.webhook.active:
        raise Conflict(_("This webhook is stopped: let it go on first."), code="stopped")
    moved = Delivery.objects.filter(pk=delivery.pk, state__in=DELIVERY.origins("again")).update(
        state="waiting", attempts=0, next_at=timezone.now(), ended_at=None
    )
    if not moved:
        raise Stale()
    wake(delivery.webhook.project.organisation_id)
    delivery.refresh_from_db()
    return delivery
