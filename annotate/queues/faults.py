"""Where a query goes wrong, as pages show it under what was typed."""

from __future__ import annotations

from typing import Any

from annotate.kernel.errors import SluiceError


def fault_of(error: SluiceError, q: str) -> dict[str, Any] | None:
    """Its text before, at and after the fault; None for another error."""
    column = error.extra.get("column")
    if not isinstance(column, int):
        return None
    place = max(0, column - 1)
    at = q[place:].split(" ")[0] or " "
    return {"before": q[:place], "at": at, "after": q[place + len(at) :], "mark": "^" + "~" * (len(at) - 1), "detail": error.detail}
