"""States of gold."""

from __future__ import annotations

from annotate.kernel.machine import Machine

GOLD = Machine("gold", ("active", "retired"), {"retire": ({"active"}, "retired")})
