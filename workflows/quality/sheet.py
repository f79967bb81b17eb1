"""Rows of figures as CSV: a column each for a figure's value, its interval and its count."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import Any

from django.http import HttpResponse

CSV = "text/csv"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet would carry out


def as_file(rows: Iterable[dict[str, Any]], name: str) -> HttpResponse:
    """The CSV as a download, in UTF-8; without rows it is empty."""
    flat = [_flat(row) for row in rows]
    columns = list(dict.fromkeys(column for row in flat for column in row))
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, restval="")
    if columns:
        writer.writeheader()
        writer.writerows(flat)
    response = HttpResponse(text.getvalue(), content_type=f"{CSV}; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    return response


def _flat(row: dict[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for name, value in row.items():
        if isinstance(value, dict):
            made |= {f"{name}_{part}": inner for part, inner in value.items() if not isinstance(inner, list | dict)}
        else:
            made[name] = f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
    return made
