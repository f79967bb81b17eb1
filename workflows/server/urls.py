"""All addresses: the API under /api/v1, pages everywhere else."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import include, path, re_path
from django.views.decorators.csrf import csrf_exempt

from annotate.kernel.errors import Missing
from annotate.kernel.http import translate
from annotate.kernel.middleware import error_page
from annotate.urls import api_routes as annotate_api
from annotate.urls import page_routes as annotate_pages
from workflows.server.document import Document
from workflows.server.health import routes as health_routes
from workflows.urls import api_routes as workflows_api
from workflows.urls import page_routes as workflows_pages


@csrf_exempt  # nothing is changed by an address that is not there
def nothing_here(request: HttpRequest, *_: object, **__: object) -> HttpResponse:
    return error_page(request, Missing())


def refused(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return error_page(request, (translate(exception) if exception else None) or Missing())


urlpatterns = [
    path(
        "api/v1/",
        include(
            [*annotate_api, *workflows_api, path("schema", Document.as_view()), re_path(".*", nothing_here)]
        ),
    ),
    path("", include([*health_routes, *annotate_pages, *workflows_pages])),
]
handler400 = handler403 = handler404 = refused
