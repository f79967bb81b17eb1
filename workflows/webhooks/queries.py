"""Webhooks of a project and what became of their news, for its managers; to everybody else they are not there."""

from __future__ import annotations

from django.db.models import QuerySet

from annotate.kernel.errors import Missing
from annotate.people.actor import Actor
from annotate.projects import queries as projects
from annotate.projects.models import Project
from workflows.webhooks.models import Delivery, Webhook


def _manages(actor: Actor, project: Project) -> bool:
    return actor.dataset_id is None and projects.role(actor, project) == "manager"


def webhooks(actor: Actor, project: Project) -> QuerySet[Webhook]:
    rows = Webhook.objects.filter(project=project).select_related("created_by")
    return rows if _manages(actor, project) else rows.none()


def get(actor: Actor, webhook_id: int) -> Webhook:
    """The webhook with its project, or `Missing`."""
    found = Webhook.objects.filter(pk=webhook_id, project__organisation_id__in=list(actor.organisations)).select_related("project", "created_by").first()
    if found is None or not _manages(actor, found.project):
        raise Missing()
    return found


def deliveries(webhook: Webhook) -> QuerySet[Delivery]:
    return Delivery.objects.filter(webhook=webhook)


def get_delivery(actor: Actor, delivery_id: int) -> Delivery:
    """The delivery with its webhook and project, or `Missing`."""
    found = Delivery.objects.filter(pk=delivery_id).select_related("webhook__project").first()
    if found is None:
        raise Missing()
    get(actor, found.webhook_id)
    return found
