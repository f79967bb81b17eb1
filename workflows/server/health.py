"""/healthz (the process answers), /readyz (the database does too, and is migrated), /metrics (Prometheus text)."""

from __future__ import annotations

from django.db import connection
from django.db.utils import Error
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path

_FIGURES = """
SELECT 'sluice_jobs{state="' || state || '"}', count(*) FROM annotate_job GROUP BY state
UNION ALL SELECT 'sluice_leases_live', count(*) FROM annotate_lease WHERE ended_at IS NULL AND expires_at > clock_timestamp()
UNION ALL SELECT 'sluice_activity_unsealed', count(*) FROM annotate_activity WHERE hash IS NULL
UNION ALL SELECT 'sluice_database_bytes', pg_database_size(current_database())
ORDER BY 1
"""


def healthz(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok\n", content_type="text/plain")


def readyz(request: HttpRequest) -> HttpResponse:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM django_migrations")
            ready = bool(cursor.fetchone()[0])
    except Error:
        ready = False
    return JsonResponse({"database": ready}, status=200 if ready else 503)


def metrics(request: HttpRequest) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute(_FIGURES)
        lines = [f"{name} {value}" for name, value in cursor.fetchall()]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; version=0.0.4")


routes = [path("healthz", healthz), path("readyz", readyz), path("metrics", metrics)]
