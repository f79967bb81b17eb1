"""Django's `migrate`, with less waiting: an index or a constraint does not make it render half of all models anew."""

from __future__ import annotations

from typing import Any

from django.core.management.commands import migrate

from workflows.server.migrating import lighter_states


class Command(migrate.Command):
    def handle(self, *args: Any, **options: Any) -> Any:
        with lighter_states():
            return super().handle(*args, **options)
