"""JSON from outside: read so that one bad number costs one object, and refused where a database could not hold its words."""

from __future__ import annotations

import json
from typing import Any

import orjson

from workflows.collection.importers.found import Problem


def load(raw: bytes, place: str) -> Any:
    """The document, or a `Problem`. NaN and infinity come as floats."""
    raw = raw.removeprefix(b"\xef\xbb\xbf")
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError:
        try:
            return json.loads(raw)
        except (ValueError, RecursionError) as error:
            return Problem(place, "not_json", f"not JSON: {str(error)[:150].encode('utf-8', 'replace').decode()}")


def fault(value: Any) -> str:
    """Why no database could hold the texts in the value; "" when all is well."""
    try:
        text = json.dumps(value, ensure_ascii=False)
        text.encode()
    except UnicodeEncodeError:
        return "a text holds half of a surrogate pair"
    except (ValueError, RecursionError):
        return "it is nested too deeply"
    return "a text holds NUL (U+0000)" if "\\u0000" in text else ""
