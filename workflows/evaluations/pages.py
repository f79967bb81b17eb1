"""An evaluation's address for people: it is shown with its version."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import path

from annotate.kernel.pages import PageRequest, page
from workflows.evaluations import queries


@page
def one_evaluation(request: PageRequest, evaluation: int) -> HttpResponse:
    return HttpResponseRedirect(f"/versions/{queries.get(request.actor, evaluation).version_id}#uses")


page_routes = [path("evaluations/<id:evaluation>", one_evaluation)]
