"""The engine's wrapper, where Django looks for it."""

from __future__ import annotations

from typing import Any

from django.db.backends.postgresql import base

from annotate.kernel.driver import alive


class DatabaseWrapper(base.DatabaseWrapper):  # type: ignore[misc]
    """A pooled connection is looked at when it is taken; Django's own check would ask the server each time."""

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        while True:
            raw = super().get_new_connection(conn_params)
            pool: Any = self.pool  # type: ignore[attr-defined]
            if not pool or alive(raw):
                return raw
            pool.putconn(raw)  # which throws it away, and has a new one made
