"""/client/sluice.py: the one file that pulls, for anybody who can reach the server."""

from __future__ import annotations

import hashlib

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.http import require_safe

FILE = settings.BASE_DIR / "static" / "client" / "sluice.py"


@require_safe
def client(request: HttpRequest) -> HttpResponse:
    """The file as text; ETag is its sha256."""
    content = FILE.read_bytes()
    etag = f'"{hashlib.sha256(content).hexdigest()}"'
    held = [mark.strip().removeprefix("W/") for mark in request.headers.get("If-None-Match", "").split(",")]
    response = HttpResponse(status=304) if etag in held else HttpResponse(content, content_type="text/x-python; charset=utf-8")
    response["ETag"] = etag
    response["Cache-Control"] = "public, max-age=300"
    response["X-Content-Type-Options"] = "nosniff"
    return response


page_routes = [path("client/sluice.py", client)]
