"""`/api/v1/schema`: the OpenAPI document, made once in a process for each form and language.

To make it takes the better part of a second, and anybody may ask for it; routes do not change while a process runs.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.utils.translation import get_language
from drf_spectacular.views import SpectacularAPIView
from rest_framework.request import Request

_made: dict[tuple[str, str], bytes] = {}


class Document(SpectacularAPIView):
    def _get_schema_response(self, request: Request) -> HttpResponse:
        form, language = request.accepted_renderer, get_language() or ""
        own_words = request.GET.get("version") or "indent" in request.accepted_media_type  # as many as one may think of
        if own_words or language not in dict(settings.LANGUAGES):
            whole: HttpResponse = super()._get_schema_response(request)  # type: ignore[no-untyped-call]
            return whole
        key = (form.media_type, language)
        if key not in _made:
            answer: Any = super()._get_schema_response(request)  # type: ignore[no-untyped-call]
            _made[key] = form.render(answer.data)
        name = self._get_filename(request, None)  # type: ignore[no-untyped-call]
        kind = f"{form.media_type}; charset={form.charset}" if form.charset else form.media_type
        return HttpResponse(_made[key], kind, headers={"Content-Disposition": f'inline; filename="{name}"'})
