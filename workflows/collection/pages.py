"""The plain forms of a batch's page: files, a manifest, labels; without script they do what the API does, and come back."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import path
from django.utils.translation import gettext as _

from annotate.items.models import Batch
from annotate.items.queries import get_batch
from annotate.jobs.models import Job
from annotate.kernel.errors import Invalid, Missing, SluiceError
from annotate.kernel.pages import PageRequest, page, posted
from workflows.collection import services, waiting
from workflows.collection.receiving import uploaded_files
from workflows.collection.waiting import Waiting

_OPTIONS = ("format", "as", "unknown_labels", "model", "frames")
Start = Callable[[Batch, list[Waiting]], Job]


def _receive(request: PageRequest, batch_id: int, start: Start) -> HttpResponse:
    """Keep the bytes, start the job, go back to the batch; a refusal is told there, and then nothing is kept."""
    batch = get_batch(request.actor, batch_id)
    try:
        services.require_may_add(batch, request.actor)
        kept = waiting.keep(uploaded_files(request, also=_OPTIONS))
        try:
            start(batch, kept)
        except BaseException:
            waiting.drop(one.stored for one in kept)
            raise
    except Missing:
        raise
    except SluiceError as error:
        messages.error(request, error.detail)
    else:
        messages.success(request, _("It is coming in; the report stands under Imports."))
    return HttpResponseRedirect(f"/batches/{batch_id}")


@posted("/batches/{batch}")
@page
def files(request: PageRequest, batch: int) -> HttpResponse:
    frames = request.POST.get("frames", "")
    return _receive(request, batch, lambda found, kept: services.import_files(found, kept, frames=frames, by=request.actor))


def _manifest_kind(name: str) -> str:
    end = name.lower().rpartition(".")[2]
    if end == "csv":
        return "csv"
    if end in ("ndjson", "jsonl", "json"):
        return "ndjson"
    raise Invalid(_("A manifest is a file that ends with .ndjson, .jsonl or .csv."), fields={"files": ".ndjson, .csv"})


@posted("/batches/{batch}")
@page
def manifest(request: PageRequest, batch: int) -> HttpResponse:
    def start(found: Batch, kept: list[Waiting]) -> Job:
        if len(kept) > 1:
            raise Invalid(_("One manifest at a time."), fields={"files": "one file"})
        kind = _manifest_kind(kept[0].path)
        return services.import_manifest(found, kept[0], kind=kind, by=request.actor)

    return _receive(request, batch, start)


@posted("/batches/{batch}")
@page
def labels(request: PageRequest, batch: int) -> HttpResponse:
    def start(found: Batch, kept: list[Waiting]) -> Job:
        asked = {name: request.POST.get(name, "").strip() for name in _OPTIONS}
        return services.import_labels(
            found,
            kept,
            format=asked["format"],
            role=asked["as"] or "annotation",
            unknown_labels=asked["unknown_labels"] or "reject",
            model=asked["model"],
            by=request.actor,
        )

    return _receive(request, batch, start)


page_routes = [
    path("batches/<id:batch>/files", files),
    path("batches/<id:batch>/manifest", manifest),
    path("batches/<id:batch>/labels", labels),
]
