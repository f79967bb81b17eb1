"""What every page's frame needs: who is signed in."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest


def shell(request: HttpRequest) -> dict[str, Any]:
    return {"person": getattr(request, "user", None)}
