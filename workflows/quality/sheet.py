"""Rows of figures as CSV: a column each for a figure's value, its interval and its count."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import Any

from django.http import HttpResponse
from rest_framework.negotiation import DefaultContentNegotiation

from annotate.kernel.errors import Invalid

CSV = "text/csv"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet would carry out


class AlsoCsv(DefaultContentNegotiation):
    """Whatever Accept says, errors are JSON; the view looks itself whether CSV is wanted."""

    def select_renderer(self, request: Any, renderers: Any, format_suffix: Any = None) -> Any:
        return renderers[0], renderers[0].media_type


def wanted(request: Any) -> bool:
    """Whether a request asks for CSV, by `format` or else by Accept; `Invalid` for another format."""
    form = request.query_params.get("format", "")
    if form not in ("", "json", "csv"):
        raise Invalid("json or csv", fields={"format": "json or csv"})
    return form == "csv" or (not form and CSV in request.headers.get("Accept", ""))


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
        if isinstance(value, list):  # two people
            made |= {f"{name}_{place}_{part}": _safe(inner) for place, one in enumerate(value, 1) if isinstance(one, dict) for part, inner in one.items()}
        elif isinstance(value, dict):
            made |= {f"{name}_{part}": inner for part, inner in value.items() if not isinstance(inner, list | dict)}
        else:
            made[name] = _safe(value)
    return made


def _safe(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
