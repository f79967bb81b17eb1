"""Time is the database's: leases and expiry compare with `clock_timestamp()`, never with a web node's clock."""

from __future__ import annotations

from django.db.models import DateTimeField, Func


class DatabaseNow(Func):
    """`clock_timestamp()`: the instant itself, also in the middle of a transaction (`now()` is its start)."""

    template = "clock_timestamp()"
    output_field = DateTimeField()
