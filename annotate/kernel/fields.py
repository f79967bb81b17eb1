"""Column types used across rooms: text that sorts by code point, digests as 32 raw bytes, JSON that is only ever read whole."""

from __future__ import annotations

import json
from typing import Any

from django.db import models


class KeyField(models.CharField):  # type: ignore[type-arg]
    """Text that identifies: compared and sorted by code point on every server (collation "C")."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("db_collation", "C")
        kwargs.setdefault("max_length", 200)
        super().__init__(*args, **kwargs)


class DigestField(models.BinaryField):  # type: ignore[type-arg]
    """A sha256 as 32 raw bytes; `bytes(value).hex()` is its printed form."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 32)
        super().__init__(*args, **kwargs)

    def from_db_value(self, value: Any, *_: Any) -> bytes | None:
        return None if value is None else bytes(value)


class RealField(models.FloatField):  # type: ignore[type-arg]
    """A number of four bytes: for measures of which there are many, and whose seventh digit says nothing."""

    def db_type(self, connection: Any) -> str:
        return "real"


class JSONTextField(models.TextField):  # type: ignore[type-arg]
    """JSON that no query looks into: its text takes less room than `jsonb`, and the database need not parse it."""

    def get_prep_value(self, value: Any) -> str | None:
        return None if value is None else json.dumps(value, separators=(",", ":"), ensure_ascii=False)

    def from_db_value(self, value: str | None, *_: Any) -> Any:
        return None if value is None else json.loads(value)


class Bits(models.Func):
    """The first 64 bits of a text of hexadecimal digits, read as a signed number; null of none."""

    template = "('x' || rpad(nullif(%(expressions)s, ''), 16, '0'))::bit(64)::bigint"
    output_field = models.BigIntegerField()
