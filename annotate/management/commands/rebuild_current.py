"""`manage.py rebuild_current [--project ID]`: make what items show now, and their label counts, anew."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from annotate.annotations.projection import refresh
from annotate.items.models import Item

STEP = 2000


class Command(BaseCommand):
    help = "Make the current annotation of items and the label counts anew from annotations and approvals."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--project", type=int, help="only this project's items")

    def handle(self, *args: Any, **options: Any) -> None:
        items = Item.objects.order_by("id")
        if options["project"]:
            items = items.filter(project_id=options["project"])
        done, shown, last = 0, 0, 0
        while ids := list(items.filter(pk__gt=last).values_list("pk", flat=True)[:STEP]):
            shown += refresh(ids)
            done, last = done + len(ids), ids[-1]
        self.stdout.write(f"{done} items, {shown} with an annotation")
