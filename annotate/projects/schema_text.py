"""A schema document as people read and edit it: names first, what is short on one line. `schema_text.ts` writes the same."""

from __future__ import annotations

import json
from typing import Any

ORDER = ("labels", "item", "relations", "name", "title", "description", "kinds", "type", "options", "required", "multiple")
WIDTH = 90


def _rank(key: str) -> tuple[int, str]:
    return (ORDER.index(key) if key in ORDER else len(ORDER), key)


def _ordered(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _ordered(value[key]) for key in sorted(value, key=_rank)}
    return [_ordered(inner) for inner in value] if isinstance(value, list) else value


def _write(value: Any, indent: int) -> str:
    flat = json.dumps(value, ensure_ascii=False)
    if not isinstance(value, dict | list) or not value or (indent and len(flat) + indent <= WIDTH):
        return flat
    blank = " " * (indent + 2)
    if isinstance(value, dict):
        parts = [f"{json.dumps(key, ensure_ascii=False)}: {_write(inner, indent + 2)}" for key, inner in value.items()]
        ends = "{}"
    else:
        parts = [_write(inner, indent + 2) for inner in value]
        ends = "[]"
    return f"{ends[0]}\n" + ",\n".join(blank + part for part in parts) + f"\n{' ' * indent}{ends[1]}"


def readable(document: dict[str, Any]) -> str:
    """
    >>> print(readable({"labels": [{"kinds": ["box"], "name": "car"}]}))
    {
      "labels": [
        {"name": "car", "kinds": ["box"]}
      ]
    }
    """
    parts = []
    for key, value in _ordered(document).items():
        rows = ",\n".join(f"    {_write(inner, 4)}" for inner in value) if isinstance(value, list) else ""
        parts.append(f"  {_write(key, 2)}: " + (f"[\n{rows}\n  ]" if rows else _write(value, 2)))
    return "{\n" + ",\n".join(parts) + "\n}" if parts else "{}"
