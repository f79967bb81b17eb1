"""`verify_activity`: walks the sealed record and names the first broken row; status 1 when one is."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotate.activity.verifying import verify
from annotate.people.models import Organisation


class Command(BaseCommand):
    help = "Checks that the record of activity was not changed: every organisation's hash chain from its first row to its head."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--organisation", metavar="N", help="only this one, by id or name")
        parser.add_argument(
            "--head", metavar="HASH", default="", help="a head that was noted earlier: it must be in the chain"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        rows = Organisation.objects.order_by("id")
        if wanted := options["organisation"]:
            rows = rows.filter(pk=int(wanted)) if wanted.isascii() and wanted.isdigit() else rows.filter(name=wanted)
            if not rows.exists():
                raise CommandError(f"there is no organisation {wanted!r}")
        if options["head"] and rows.count() != 1:
            raise CommandError("a head belongs to one organisation: name it with --organisation")
        broken = 0
        for organisation in rows:
            verdict = verify(organisation.pk, head=options["head"])
            name = f"organisation {organisation.pk} ({organisation.name})"
            if verdict.broken is None:
                self.stdout.write(
                    f"{name}: {verdict.sealed} rows sealed and whole, {verdict.unsealed} not sealed yet; head {verdict.head}"
                )
                continue
            broken += 1
            row = f" (row {verdict.broken.row_id})" if verdict.broken.row_id is not None else ""
            self.stdout.write(
                f"{name}: BROKEN at number {verdict.broken.number}{row}: {verdict.broken.why}; {verdict.unsealed} not sealed yet"
            )
        if broken:
            sys.exit(1)
